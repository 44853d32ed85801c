"""What a decision sets going beside its outcome: whose it is, by when, what came of it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from portal.accounts.models import Agency, Membership
from portal.accounts.vocabulary import Principal
from portal.audit.services import record
from portal.common.clock import add_working_days
from portal.common.errors import DomainError, NotVisible
from portal.notifications.services import owe
from portal.notifications.vocabulary import Kind
from referrals import policies as casework
from referrals.models import Case, SideRoute, Wall
from referrals.triage import policies
from referrals.vocabulary import SIDE_DAYS, Conflict, Side
from sharing.rules.vocabulary import Purpose

NO_AGENCY = (
    "Say for which agency the person of concern works, or that it is none of these. The case is"
    " kept from that agency. Nothing is recorded yet."
)


def open_sides(
    actor: Principal,
    case: Case,
    sides: Sequence[Side],
    now: datetime,
    *,
    hidden_from: UUID | None = None,
    works_elsewhere: bool = False,
) -> list[Membership]:
    """Set these going, and return those whose they are, but for the actor. One that runs runs on.

    With the LADO either `hidden_from` names the agency of the person of concern, from which the
    case is kept at once, or `works_elsewhere` says that it is none in here. Another person, at
    another agency, is another step. The caller holds the case. Raises DomainError when neither or
    both are said, when an agency is to be kept from the case without the LADO or is the front
    door's own, or when the actor's agency may not refer to the National Referral Mechanism.
    """
    if Side.LADO not in sides and (hidden_from or works_elsewhere):
        raise DomainError("Only with the LADO is a case kept from the agency of a person.")
    if Side.LADO in sides and (hidden_from is not None) is works_elsewhere:
        raise DomainError(NO_AGENCY)
    if Side.NRM in sides and not policies.may_refer_to_nrm(actor.agency_id):
        raise DomainError(
            "Your agency cannot refer to the National Referral Mechanism. Ask the local authority"
            " or the police to. Nothing is recorded yet."
        )
    running = set(case.sides.filter(done_at__isnull=True).values_list("side", "wall"))
    area = case.partnership
    asked = []
    for side in dict.fromkeys(sides):
        wall = _hide(actor, case, hidden_from, now) if side is Side.LADO else None
        if (side, wall.pk if wall else None) in running:
            continue
        owner = owner_of(actor, case, side)
        made = SideRoute.objects.create(
            case=case,
            side=side,
            owner_id=owner.pk if owner else actor.membership_id,
            due_at=add_working_days(now, SIDE_DAYS[side], area.office_opens, area.office_closes),
            raised_by_id=actor.membership_id,
            raised_at=now,
            wall=wall,
        )
        _record(actor, "side_route.opened", made)
        if owner is not None:
            asked.append(owner)
    return asked


def tell_owners(case: Case, sides: Iterable[Membership], cause: UUID) -> None:
    """Tell those who have something to see to: with the reference, where the case is theirs."""
    for member in sides:
        seen = casework.visible(member.principal()).filter(pk=case.pk).exists()
        reference = case.reference if seen else ""
        owe(recipient=member, kind=Kind.SIDE_ROUTE, reference=reference, case=case.pk, cause=cause)


def owner_of(actor: Principal, case: Case, side: Side) -> Membership | None:
    """Whose it is: the LADO's, where the partnership has one in here; else whoever decides."""
    if side is not Side.LADO:
        return None
    return policies.lados(case).exclude(user=actor.user_id).first()


def _record(actor: Principal, act: str, side: SideRoute) -> None:
    record(
        actor,
        act,
        # The agency of a person of concern may read the case's own stream one day.
        case=None if side.side == Side.LADO else side.case_id,
        obj=("side_route", side.pk),
        subjects=[side.case.child_id],
        purpose=Purpose.SCREEN,
        why=str(side.side),
    )


def _hide(actor: Principal, case: Case, agency: UUID | None, now: datetime) -> Wall | None:
    """Keep the case from everybody who acts for the agency, until the LADO ends that."""
    if agency is None:
        return None
    found = Agency.objects.filter(pk=agency, partnerships=case.partnership_id).first()
    if found is None:
        raise DomainError("Select an agency of this partnership.")
    if any(team.agency_id == found.pk for team in casework.front_teams(case)):
        raise DomainError(
            "The front door itself works for this agency. Record a conflict of interest for each"
            " person who must not see the case. Nothing is recorded yet."
        )
    wall = Wall.objects.filter(case=case, agency=found, lifted_at__isnull=True).first()
    if wall is None:
        wall = Wall.objects.create(
            case=case,
            agency=found,
            why=Conflict.ALLEGATION,
            raised_by_id=actor.membership_id,
            raised_at=now,
        )
        # Not in the case's own stream: the agency may read that one day.
        record(
            actor, "wall.raised", obj=("wall", wall.pk), subjects=[case.child_id], why=str(wall.why)
        )
    return wall


@transaction.atomic
def finish_side(*, actor: Principal, pk: UUID, words: str) -> SideRoute:
    """Say that it is done, and what came of it. An agency that is kept from the case stays so.

    Raises NotVisible; Refused; DomainError without words, or when it is done already.
    """
    known = SideRoute.objects.filter(pk=pk).first()
    if known is None:
        raise NotVisible("side_route", str(pk))
    case = Case.objects.select_for_update().get(pk=known.case_id)
    side = SideRoute.objects.get(pk=pk)
    side.case = case
    if side.done_at is None or actor.membership_id not in (side.owner_id, side.done_by_id):
        policies.task_for(actor, side)
    if side.done_at is not None:
        raise DomainError("This is done already. Nothing has changed.")
    if not words.strip():
        raise DomainError("Write what came of it. A sentence is enough.")
    side.done_at, side.done_by_id = timezone.now(), actor.membership_id
    side.done_words = words.strip()
    side.save(update_fields=["done_at", "done_by", "done_words"])
    _record(actor, "side_route.done", side)
    return side


@transaction.atomic
def show_again(*, actor: Principal, pk: UUID, why: str) -> Wall:
    """Let an agency see a case again that was kept from it for a person who works there.

    A LADO of the partnership does so; where there is none, a second person at the front door.
    Raises NotVisible; Refused; DomainError without a reason, or when it has ended already.
    """
    known = Wall.objects.filter(pk=pk, agency__isnull=False).first()
    if known is None:
        raise NotVisible("wall", str(pk))
    case = Case.objects.select_for_update().get(pk=known.case_id)
    wall = Wall.objects.select_related("raised_by").get(pk=pk)
    wall.case = case
    if wall.lifted_at is None or wall.lifted_by_id != actor.membership_id:
        policies.require_may_show_again(actor, wall)
    if wall.lifted_at is not None:
        raise DomainError("The agency may see the case already. Nothing has changed.")
    if not why.strip():
        raise DomainError("Write why the agency may see the case again. A sentence is enough.")
    wall.lifted_at, wall.lifted_by_id = timezone.now(), actor.membership_id
    wall.lifted_why = why.strip()
    wall.save(update_fields=["lifted_at", "lifted_by", "lifted_why"])
    record(actor, "wall.lifted", obj=("wall", wall.pk), subjects=[case.child_id])
    return wall
