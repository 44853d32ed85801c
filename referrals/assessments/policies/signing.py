"""Who must sign a level that was put up, who says what of it, and who withdraws it."""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from django.db.models import Q

from portal.accounts.models import Membership, MembershipQuerySet
from portal.accounts.vocabulary import Principal, Role
from portal.common.errors import DomainError, NotVisible, Refused
from portal.common.moments import london
from portal.common.workflow import next_status
from referrals import policies as casework
from referrals.assessments.models import Agreement
from referrals.assessments.policies.taking_part import (
    ANSWERS,
    is_asked,
    require_takes_part,
    takes_part,
)
from referrals.assessments.vocabulary import SIGNATURES, Capacity, Takes
from referrals.assessments.workflow import TRANSITIONS, Status, Step
from referrals.policies import Standing

MOST: Final = 5
"""How many levels that wait are looked at for one person: each is a question to the law."""


def agreement_for(principal: Principal, reference: str, pk: UUID) -> Agreement:
    """Return a level that is put up or in force, to which somebody has said no or that was
    withdrawn, where the principal takes part. Raises NotVisible or Refused.
    """
    case = casework.case_for(principal, reference)
    found = (
        Agreement.objects.filter(assessment__case=case, pk=pk)
        .select_related("assessment__case__partnership", "assessment__tool", "by__team__agency")
        .select_related("judgement", "withdrawn_by__user", "withdrawn_why")
        .first()
    )
    if found is None:
        raise NotVisible("agreement", str(pk))
    require_takes_part(principal, found.assessment)
    return found


def insist_stands(agreement: Agreement) -> None:
    """Raise DomainError where somebody has said no to this level, or withdrew it: who and when."""
    if agreement.withdrawn_at is not None and agreement.withdrawn_by is not None:
        raise DomainError(
            f"{agreement.withdrawn_by.user.name} withdrew this level, on"
            f" {london(agreement.withdrawn_at)}. It is no longer put up, and the level before"
            " stays. Your answer was not recorded."
        )
    if agreement.declined_at is None:
        return
    said_no = agreement.signatures.filter(signs=False).first()
    who = Capacity(said_no.capacity).label if said_no else "Somebody"
    raise DomainError(
        f"{who} did not sign this level, on {london(agreement.declined_at)}. It is no longer put"
        " up, and the level before stays. Your answer was not recorded."
    )


def insist_waits(agreement: Agreement) -> None:
    """Raise DomainError unless this level waits for a signature, so that it can be withdrawn."""
    insist_stands(agreement)
    next_status(TRANSITIONS, Step.WITHDRAW, agreement.assessment.status)


def still_to_sign(agreement: Agreement) -> list[Capacity]:
    """Whose signatures an agreement still takes."""
    there = {each.capacity for each in agreement.signatures.all() if each.signs}
    return [each for each in SIGNATURES[Takes(agreement.takes)] if each not in there]


def signs_as(
    principal: Principal, agreement: Agreement, stands: Standing | None = None
) -> Capacity | None:
    """In which capacity the principal may sign a level now; None where they may not.

    Never who put it up, nobody twice, and for a second agency nobody of the agency that put it up.
    """
    signed = {each.by.user_id for each in agreement.signatures.select_related("by")}
    if principal.user_id in {*signed, agreement.by.user_id}:
        return None
    stands = stands or casework.standing(principal, agreement.assessment.case)
    if stands.only_reads or not stands.relations:
        return None
    may = {
        Capacity.SECOND: stands.oversees or principal.role is Role.PANEL_CHAIR,
        Capacity.CHAIR: principal.role is Role.PANEL_CHAIR,
        Capacity.AGENCY: _of_another_agency(principal, agreement),
    }
    return next((each for each in still_to_sign(agreement) if may[each]), None)


def _of_another_agency(principal: Principal, agreement: Agreement) -> bool:
    if principal.agency_id == agreement.by.team.agency_id:
        return False
    return is_asked(principal, agreement.assessment)


def who_signs(agreement: Agreement) -> list[Membership]:
    """The people who could sign what an agreement still takes, now."""
    signed = agreement.signatures.values("by__user")
    return list(_able(agreement, still_to_sign(agreement)).exclude(user__in=signed))


def who_was_asked_to_sign(agreement: Agreement) -> list[Membership]:
    """The people who could sign any of what an agreement takes, whether somebody has or not."""
    return list(_able(agreement, SIGNATURES[Takes(agreement.takes)]))


def who_confirmed(agreement: Agreement) -> list[Membership]:
    """The people who said for their agency whether it agrees, of those who may know of it now."""
    said = Membership.objects.live().filter(pk__in=agreement.confirmations.values("by"))
    found = casework.who_may_know(agreement.assessment.case_id, said)
    return list(found.select_related("user", "team__agency"))


def _able(agreement: Agreement, capacities: Iterable[Capacity]) -> MembershipQuerySet:
    case = agreement.assessment.case
    asked = agreement.assessment.invitations.exclude(agency=agreement.by.team.agency_id)
    wanted = {
        Capacity.SECOND: Q(team__role__in=[Role.COORDINATOR, Role.MANAGER, Role.PANEL_CHAIR]),
        Capacity.CHAIR: Q(team__role=Role.PANEL_CHAIR),
        Capacity.AGENCY: Q(team__agency__in=asked.values("agency"), team__role__in=ANSWERS),
    }
    able = Q(pk__in=[])
    for capacity in capacities:
        able |= wanted[capacity]
    people = casework.who_may_know(case.pk, Membership.objects.live()).filter(able)
    return people.exclude(user=agreement.by.user_id).select_related("user", "team__agency")


def to_sign(principal: Principal) -> list[Agreement]:
    """The levels that wait for this person's signature."""
    if principal.role not in ANSWERS:
        return []
    waiting = Agreement.objects.filter(
        assessment__status=Status.WAITING,
        declined_at__isnull=True,
        withdrawn_at__isnull=True,
        assessment__case__in=casework.visible(principal),
    ).select_related("assessment__case", "by__team")
    return [
        each
        for each in waiting.order_by("agreed_at")[:MOST]
        if signs_as(principal, each) is not None
    ]


def confirms(principal: Principal, agreement: Agreement, stands: Standing | None = None) -> bool:
    """Tell whether the principal may say for their agency whether it agrees with a level.

    Their agency took part and has not said it yet. That they can read it is asked besides: nobody
    answers for what they cannot read.
    """
    asked = agreement.assessment.invitations.all()
    answered = {each.agency_id for each in asked if each.submitted_at is not None}
    said = {each.agency_id for each in agreement.confirmations.all()}
    if principal.role not in ANSWERS or principal.agency_id not in answered - said:
        return False
    return takes_part(principal, agreement.assessment, stands)


def withdraws(principal: Principal, agreement: Agreement, stands: Standing | None = None) -> bool:
    """Tell whether the principal may withdraw a level that waits for a signature.

    Whoever put it up. Once they cannot, as they have left, have a conflict of interest or may not
    know of the case any more, anybody who oversees it: else the case would wait for ever.
    """
    by, case = TRANSITIONS[Step.WITHDRAW].by, agreement.assessment.case
    stands = stands or casework.standing(principal, case)
    if stands.only_reads or not by & stands.relations:
        return False
    if agreement.by.user_id == principal.user_id:
        return True
    hats = (
        Membership.objects.live()
        .filter(user=agreement.by.user_id)
        .select_related("user", "team__agency")
        .prefetch_related("team__agency__partnerships")
    )
    return not any(by & casework.relations(each.principal(), case) for each in hats)


def require_withdraws(principal: Principal, agreement: Agreement) -> None:
    """Insist on it. Raises Refused."""
    if not withdraws(principal, agreement):
        raise Refused(
            "Whoever put this level up withdraws it",
            kind="agreement",
            pk=str(agreement.pk),
            action="withdraw",
        )
