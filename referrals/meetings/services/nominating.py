"""Nominating for a panel, and the sift before it: every answer by another person, with why."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from portal.accounts import policies as people
from portal.accounts.models import Membership
from portal.accounts.vocabulary import Principal, Role
from portal.audit.services import record
from portal.common.errors import DomainError, NotVisible
from portal.common.workflow import next_status
from portal.notifications.services import owe
from portal.notifications.vocabulary import Kind
from referrals import policies as casework
from referrals.meetings import policies, reading
from referrals.meetings.models import Nomination, Series, Sift
from referrals.meetings.vocabulary import LONGEST_WHY, ItemKind, Origin
from referrals.meetings.workflow import NOMINATION, OPEN_NOMINATION, NominationStatus, Sifting
from referrals.models import Case
from referrals.workflow import Status

_REFERENCE: Final = re.compile(r"\bR-?[0-9A-HJKMNP-TV-Z]{4}-?[0-9A-HJKMNP-TV-Z]{3}\b", re.I)


@dataclass(frozen=True, repr=False)
class Put:
    """What is put to a panel and why; `title` and `words` of what is no child."""

    series: UUID
    why: str
    minutes: int = 10
    kind: ItemKind = ItemKind.CHILD
    title: str = ""
    words: str = ""


def panels_for(*, actor: Principal, reference: str) -> tuple[str, list[tuple[str, str]]]:
    """The reference of a case that the actor may nominate, and the panels: (id, name).

    Raises NotVisible, Refused.
    """
    case = casework.case_for(actor, reference)
    policies.require_may_nominate(actor, case)
    found = Series.objects.filter(partnership=case.partnership_id).order_by("name")
    return case.reference, [(str(each.pk), each.name) for each in found]


@transaction.atomic
def nominate(*, actor: Principal, reference: str, put: Put, key: UUID) -> Nomination:
    """Put a child's case to a panel, with why; another person answers it.

    `key` names the form, so that a double press nominates once. Raises NotVisible; Refused to
    whoever may not; DomainError without why, or when the case is nominated already.
    """
    known = casework.case_for(actor, reference)
    case = Case.objects.select_for_update(of=("self",)).get(pk=known.pk)
    policies.require_may_nominate(actor, case)
    before = _before(actor, key)
    if before is not None:
        return before
    series = Series.objects.filter(partnership=case.partnership_id, pk=put.series).first()
    if series is None:
        raise NotVisible("series", str(put.series))
    if Nomination.objects.filter(series=series, case=case, status__in=OPEN_NOMINATION).exists():
        raise DomainError("This case is nominated already. What you wrote was not sent.")
    front = policies.runs(actor)
    origin = Origin.PARTNER
    if front:
        origin = Origin.TRIAGE if case.status == Status.DECIDED else Origin.REVIEW
    made = _made(actor, series, put, key=key, origin=origin, case=case)
    cause = record(
        actor,
        "nomination.made",
        case=case.pk,
        obj=("nomination", made.pk),
        subjects=[case.child_id],
        why=origin,
    )
    for member in casework.at_front_door(case):
        if member.user_id != actor.user_id and member.team.role == Role.COORDINATOR:
            _tell(member, Kind.NOMINATED, case, cause)
    return made


@transaction.atomic
def nominate_other(*, actor: Principal, put: Put, key: UUID) -> Nomination:
    """Put a person who may pose a risk, a place or a theme to a panel, in words of its own.

    The words name no child: a case's reference in them is refused. Raises Refused, NotVisible;
    DomainError.
    """
    policies.require_nominates(actor)
    before = _before(actor, key)
    if before is not None:
        return before
    series = Series.objects.filter(partnership__in=actor.partnership_ids, pk=put.series).first()
    if series is None:
        raise NotVisible("series", str(put.series))
    _insist_own_words(put)
    origin = Origin.TRIAGE if policies.runs(actor) else Origin.PARTNER
    made = _made(actor, series, put, key=key, origin=origin)
    cause = record(actor, "nomination.made", obj=("nomination", made.pk), why=made.origin)
    teams = people.teams_in(series.partnership_id, Role.COORDINATOR)
    for member in people.live_memberships(teams):
        if member.user_id != actor.user_id:
            _tell(member, Kind.NOMINATED, None, cause)
    return made


def _insist_own_words(put: Put) -> None:
    if put.kind is ItemKind.CHILD:
        raise DomainError("A child is nominated on the page of the case.")
    if not put.title.strip() or not put.words.strip():
        raise DomainError("Write what it is called, and what the panel needs to know of it.")
    insist_no_reference(put.title, put.words, put.why)


def insist_no_reference(*words: str) -> None:
    """Insist that these words, about what is no child, name no case. Raises DomainError."""
    if any(_REFERENCE.search(each) for each in words):
        raise DomainError(
            "There is the reference of a case in this. Leave it out: whoever reads of a person, a"
            " place or a theme must not learn which children it is about."
        )


def _before(actor: Principal, key: UUID) -> Nomination | None:
    return Nomination.objects.filter(pk=key, by_id=actor.membership_id).first()


def _made(
    actor: Principal,
    series: Series,
    put: Put,
    *,
    key: UUID,
    origin: Origin,
    case: Case | None = None,
) -> Nomination:
    why = put.why.strip()
    if not 0 < len(why) <= LONGEST_WHY:
        raise DomainError("Write why the panel should look at this. A sentence is enough.")
    return Nomination.objects.create(
        pk=key,
        series=series,
        kind=ItemKind.CHILD if case else put.kind,
        case=case,
        title="" if case else put.title.strip(),
        words="" if case else put.words.strip(),
        why=why,
        minutes=put.minutes,
        origin=origin,
        by_id=actor.membership_id,
    )


def _tell(member: Membership, kind: Kind, case: Case | None, cause: UUID) -> None:
    owe(
        recipient=member,
        kind=kind,
        reference=case.reference if case else "",
        case=case.pk if case else None,
        cause=cause,
    )


@dataclass(frozen=True, repr=False)
class SiftPage:
    """The nominations that somebody may know of: those that wait, and those that are ready."""

    waiting: list[reading.NominationLine]
    ready: list[reading.NominationLine]
    may_sift: bool
    series: list[tuple[str, str]]


@transaction.atomic
def read_sift(*, actor: Principal) -> SiftPage:
    """Read the nominations of the partnership's panels, or one's own, on the record.

    Raises Refused to a role that is not invited to meetings.
    """
    policies.require_works_with_meetings(actor)
    found = policies.nominations(actor).select_related("by__user", "by__team__agency")
    wanted = list(found.waiting().order_by("made_at", "pk")[:100])
    ready = list(found.ready().order_by("made_at", "pk")[:100])
    rows = [*wanted, *ready]
    known = reading.Known(actor, rows)
    lines = reading.nomination_lines(actor, rows, known)
    _record_listed(actor, known.cases)
    waits = len(wanted)
    return SiftPage(
        waiting=lines[:waits],
        ready=lines[waits:],
        may_sift=policies.sifts(actor),
        series=[(str(each.pk), each.name) for each in policies.series_of(actor)],
    )


@transaction.atomic
def read_nomination(*, actor: Principal, pk: UUID) -> tuple[reading.NominationLine, bool]:
    """Read one nomination on the record, and whether the actor may answer it.

    Raises NotVisible, Refused.
    """
    policies.require_works_with_meetings(actor)
    found = policies.nomination_for(actor, pk)
    known = reading.Known(actor, [found])
    [line] = reading.nomination_lines(actor, [found], known, whole=True)
    _record_listed(actor, known.cases)
    return line, policies.sifts(actor) and not line.is_mine


def _record_listed(actor: Principal, cases: list[Case]) -> None:
    record(
        actor,
        "case.listed",
        purpose=casework.purpose_of(actor),
        ids=[case.pk for case in cases],
        fields=["IC1"] if cases else [],
    )


@transaction.atomic
def sift(
    *, actor: Principal, pk: UUID, step: Sifting, reason: str = "", alternative: str = ""
) -> Nomination:
    """Accept a nomination, decline it with what happens instead, or ask for more; on the record.

    The nominator answers what is asked, or withdraws it; they never answer their own. They are
    told. Raises NotVisible; Refused; DomainError without the reason that a step needs, or when
    somebody has answered it meanwhile.
    """
    known = policies.nomination_for(actor, pk)
    held = (
        Nomination.objects.select_for_update(of=("self",))
        .select_related("case", "by__user", "by__team")
        .get(pk=known.pk)
    )
    own = step in (Sifting.ANSWER, Sifting.WITHDRAW)
    if own and held.by_id != actor.membership_id:
        raise NotVisible("nomination", str(pk))
    if not own:
        policies.require_sifts(actor, held)
    if step is Sifting.CONSIDER:
        raise DomainError("The panel considers it in a meeting.")
    reason, alternative = reason.strip(), alternative.strip()
    if step is not Sifting.ACCEPT and not reason:
        raise DomainError("Write why. A sentence is enough.")
    if step is Sifting.DECLINE and not alternative:
        raise DomainError("Write what happens for the child instead of the panel.")
    if held.case_id is None:
        insist_no_reference(reason, alternative)
    settle(held, step)
    made = Sift.objects.create(
        nomination=held,
        step=step,
        reason=reason,
        alternative=alternative if step is Sifting.DECLINE else "",
        by_id=actor.membership_id,
        at=timezone.now(),
    )
    cause = _record_sift(actor, held, made)
    if not own:
        _tell(held.by, Kind.SIFTED, held.case, cause)
    return held


def settle(held: Nomination, step: Sifting) -> None:
    """Take a step in the life of a nomination that the caller holds. Raises DomainError."""
    held.status = next_status(NOMINATION, step, NominationStatus(held.status))
    held.save(update_fields=["status"])


def considered(actor: Principal, held: Nomination, at: datetime) -> None:
    """Say that the panel has considered it. The caller holds it."""
    settle(held, Sifting.CONSIDER)
    made = Sift.objects.create(
        nomination=held, step=Sifting.CONSIDER, by_id=actor.membership_id, at=at
    )
    _record_sift(actor, held, made)


def _record_sift(actor: Principal, held: Nomination, made: Sift) -> UUID:
    return record(
        actor,
        "nomination.sifted",
        case=held.case_id,
        obj=("nomination", held.pk),
        subjects=[held.case.child_id] if held.case else [],
        why=str(made.step),
    )
