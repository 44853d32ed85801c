"""The clocks of a case: started, stood still with a reason, stopped; and told of when they near.

Whoever changes a clock holds the lock of its case.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from portal.accounts.models import Membership, Partnership
from portal.accounts.vocabulary import Principal, Role
from portal.audit.services import record
from portal.common.clock import (
    LONDON,
    add_working_days,
    add_working_time,
    is_open,
    working_time,
)
from portal.common.errors import DomainError
from portal.common.moments import london
from portal.common.workflow import next_status
from portal.notifications.services import owe
from portal.notifications.vocabulary import Kind
from referrals import policies
from referrals.models import Case, Clock, Pause
from referrals.vocabulary import LOOK_BACK_DAYS, ClockKind, Priority
from referrals.workflow import TRANSITIONS, Action, Status
from sharing.rules.vocabulary import Purpose

STILL: Final = frozenset({ClockKind.DECISION})
"""The clocks that somebody may let stand still. Asking an agency, or the sender, never does."""


def start(case: Case, kind: ClockKind, at: datetime) -> Clock:
    """Start one of a case's clocks at `at`, by the partnership's settings as they are now."""
    area = case.partnership
    due_at, used = _worked_out(case, kind, at)
    near_at = due_at - timedelta(minutes=area.near_minutes)
    if kind is ClockKind.LOOK_BACK:
        # Nobody has to hurry: on its day they are told, and not before.
        near_at = due_at
    office = {"opens": f"{area.office_opens:%H:%M}", "closes": f"{area.office_closes:%H:%M}"}
    return Clock.objects.create(
        case=case,
        kind=kind,
        started_at=at,
        due_at=due_at,
        near_at=max(near_at, min(at, due_at)),
        settings={**office, **used},
    )


def _worked_out(case: Case, kind: ClockKind, at: datetime) -> tuple[datetime, dict[str, object]]:
    area = case.partnership
    office = (area.office_opens, area.office_closes)
    if kind is ClockKind.DECISION:
        # Worked out when it was sent: a time that matters may have brought it forward.
        days = area.decision_working_days
        usual = add_working_days(case.received_at, days, *office)
        used: dict[str, object] = {"working_days": days}
        if case.decision_due_at < usual:
            used["brought_forward"] = True
        return case.decision_due_at, used
    if kind is ClockKind.LOOK_BACK:
        day = at.astimezone(LONDON).date() + timedelta(days=LOOK_BACK_DAYS)
        due_at = datetime.combine(day, area.office_opens, LONDON)
        return due_at, {"days": LOOK_BACK_DAYS}
    if kind is ClockKind.CURE:
        due_at = add_working_time(at, timedelta(hours=area.cure_hours), *office)
        return due_at, {"working_hours": area.cure_hours}
    due_at, used = _first_look(area, Priority(case.priority), at)
    return min(due_at, case.decision_due_at), used


def _first_look(
    area: Partnership, priority: Priority, at: datetime
) -> tuple[datetime, dict[str, object]]:
    """By when somebody has read it: the band's hours, or the days in which senders are answered."""
    if priority is Priority.IMMEDIATE:
        return at + timedelta(hours=area.immediate_hours), {"hours": area.immediate_hours}
    office = (area.office_opens, area.office_closes)
    if priority is Priority.URGENT:
        hours = timedelta(hours=area.urgent_hours)
        return add_working_time(at, hours, *office), {"working_hours": area.urgent_hours}
    days = area.acknowledge_working_days
    return add_working_days(at, days, *office), {"working_days": days}


def read_sooner(case: Case, at: datetime) -> None:
    """Start the clock of the first look anew where the case's band brings it forward from `at`.

    A time that was promised is never put off: where it would be later, the clock runs on.
    """
    running = Clock.objects.filter(
        case=case, kind=ClockKind.FIRST_LOOK, stopped_at__isnull=True
    ).first()
    if running is not None and _worked_out(case, ClockKind.FIRST_LOOK, at)[0] < running.due_at:
        stop(case, [ClockKind.FIRST_LOOK], at, replaced=True)
        start(case, ClockKind.FIRST_LOOK, at)


def stop(case: Case, kinds: Iterable[ClockKind], at: datetime, *, replaced: bool = False) -> None:
    """Stop those of these clocks that run, and store how long each took.

    `replaced`: nobody did what was promised; another clock of the kind promises it for sooner.
    """
    running = Clock.objects.filter(case=case, kind__in=list(kinds), stopped_at__isnull=True)
    for clock in running.prefetch_related("pauses"):
        clock.stopped_at = at
        clock.elapsed, clock.replaced = elapsed(clock, at), replaced
        clock.save(update_fields=["stopped_at", "elapsed", "replaced"])
        clock.pauses.filter(until_at__isnull=True).update(until_at=at)


def elapsed(clock: Clock, at: datetime) -> timedelta:
    """How long a clock has run until `at`: by its own settings, without its pauses."""
    paused = sum(
        (_lasts(clock, each.from_at, each.until_at or at) for each in clock.pauses.all()),
        timedelta(0),
    )
    return max(_lasts(clock, clock.started_at, at) - paused, timedelta(0))


def _lasts(clock: Clock, since: datetime, until: datetime) -> timedelta:
    if "hours" in clock.settings:
        return max(until - since, timedelta(0))
    return working_time(since, until, *_office(clock))


def _office(clock: Clock) -> tuple[time, time]:
    return (
        time.fromisoformat(clock.settings["opens"]),
        time.fromisoformat(clock.settings["closes"]),
    )


@transaction.atomic
def pause(*, actor: Principal, case: Case, reason: str) -> Pause:
    """Let the clock of the decision stand still, with the reason. Only a manager may.

    Nothing else lets it stand still: neither a question to an agency nor one to the sender; and
    where a time that matters brought the decision forward, nothing does.
    Raises NotVisible; Refused to anybody but a manager of the case; DomainError without a reason,
    when it stands still already, when the decision is made, or when it was brought forward.
    """
    locked = _held(actor, case)
    if not reason.strip():
        raise DomainError("Write why the clock stands still. A sentence is enough.")
    clock = Clock.objects.filter(case=locked, kind__in=STILL).running().first()
    if clock is None:
        raise DomainError("This clock does not run now. Nothing has changed.")
    if "brought_forward" in clock.settings:
        raise DomainError(
            "This decision is due before a time that matters to the child, so its clock does not"
            " stand still. Nothing has changed."
        )
    made = Pause.objects.create(
        clock=clock,
        reason=reason.strip(),
        paused_by_id=actor.membership_id,
        from_at=timezone.now(),
    )
    _record(actor, "clock.paused", locked, clock)
    return made


@transaction.atomic
def resume(*, actor: Principal, case: Case) -> datetime:
    """Let the clock of the decision run on, and return when the decision is now due.

    It is due later by the working time for which the clock stood still, and by no more.
    Raises NotVisible; Refused to anybody but a manager of the case; DomainError when it runs.
    """
    locked = _held(actor, case)
    if not carry_on(actor, locked, timezone.now()):
        raise DomainError("This clock does not stand still. Nothing has changed.")
    return locked.decision_due_at


def carry_on(actor: Principal, case: Case, at: datetime) -> bool:
    """Let the clock of the decision run on if it stands still; tell whether it stood.

    The caller holds the case, and has asked who may.
    """
    found = _standing([case.pk]).select_related("clock")
    standing = found.first()
    if standing is None:
        return False
    clock = standing.clock
    lasted = _lasts(clock, standing.from_at, at)
    due = _later(case.decision_due_at, lasted, *_office(clock))
    standing.until_at, standing.ended_by_id, standing.due_after = at, actor.membership_id, due
    standing.save(update_fields=["until_at", "ended_by", "due_after"])
    # The database puts it off to no other time than the pause says.
    case.decision_due_at = due
    case.save(update_fields=["decision_due_at"])
    _record(actor, "clock.resumed", case, clock)
    return True


def _later(due: datetime, lasted: timedelta, opens: time, closes: time) -> datetime:
    """What was due at `due`, later by `lasted`; what is due while nobody works moves no further."""
    at_work = any(is_open(at, opens, closes) for at in (due, due - timedelta(microseconds=1)))
    return add_working_time(due, lasted, opens, closes) if lasted and at_work else due + lasted


def _standing(cases: Iterable[UUID]) -> QuerySet[Pause]:
    return Pause.objects.filter(
        clock__case__in=cases, clock__stopped_at__isnull=True, until_at__isnull=True
    )


def standing_still(cases: Iterable[UUID]) -> set[UUID]:
    """Of these cases, those whose clock of the decision stands still."""
    return set(_standing(list(cases)).values_list("clock__case_id", flat=True))


@dataclass(frozen=True, repr=False)
class Still:
    """The clock of a decision stands still: since when, who said so, and why."""

    since: datetime
    by: str
    why: str


def still(*, actor: Principal, case: Case) -> Still | None:
    """Whether the clock of the decision stands still, for those who oversee the case."""
    if not policies.oversees(actor, case):
        return None
    pause = _standing([case.pk]).select_related("paused_by__user").first()
    return Still(pause.from_at, pause.paused_by.user.name, pause.reason) if pause else None


@dataclass(frozen=True, repr=False)
class Past:
    """What became of one promise about a case, as it was worked out then.

    `became` says it in words; of a clock that stood still, `pauses` say since when, until when,
    by whom and why.
    """

    kind: str
    started_at: datetime
    due_at: datetime
    became: str
    pauses: tuple[tuple[datetime, datetime | None, str, str], ...]


@transaction.atomic
def history(*, actor: Principal, case: Case) -> list[Past]:
    """Every clock of the case, the last first, for those who oversee it: on the record, for the
    reasons of its pauses may be about the child. Raises Refused.
    """
    policies.require_oversees(actor, case)
    purpose = policies.purpose_of(actor)
    record(actor, "clock.read", case=case.pk, subjects=[case.child_id], purpose=purpose)
    pauses = Prefetch("pauses", Pause.objects.select_related("paused_by__user").order_by("from_at"))
    return [
        Past(
            kind=ClockKind(clock.kind).label,
            started_at=clock.started_at,
            due_at=clock.due_at,
            became=_became(clock),
            pauses=tuple(
                (each.from_at, each.until_at, each.paused_by.user.name, each.reason)
                for each in clock.pauses.all()
            ),
        )
        for clock in case.clocks.prefetch_related(pauses).order_by("-started_at", "kind")
    ]


def _became(clock: Clock) -> str:
    if any(each.until_at is None for each in clock.pauses.all()):
        return "Stands still"
    if clock.stopped_at is None:
        return "Runs" if timezone.now() <= clock.due_at else "Has run out"
    at, in_time = london(clock.stopped_at), clock.stopped_at <= clock.due_at
    if clock.replaced:
        return f"Not kept: started anew on {at}, to end sooner"
    return f"Stopped in time, on {at}" if in_time else f"Stopped after its time, on {at}"


def _held(actor: Principal, case: Case) -> Case:
    locked = Case.objects.select_for_update().get(pk=case.pk)
    policies.require_manages(actor, locked)
    return locked


def _record(actor: Principal | None, act: str, case: Case, clock: Clock) -> UUID:
    return record(
        actor,
        act,
        case=case.pk,
        obj=("clock", clock.pk),
        subjects=[case.child_id],
        purpose=Purpose.SCREEN,
        why=str(clock.kind),
    )


def sweep() -> int:
    """Tell of every clock that is close or has run out, and return how many were told of.

    Each step is told of once, however many sweeps run at once. When a clock is close, whoever
    coordinates the case is told, or every coordinator while nobody does; when it has run out, the
    managers are told too. Time to say what was missing that has run out ends by itself: checking
    carries on with what is known.
    """
    told = 0
    while _tell_next("passed_told_at", "due_at") or _tell_next("near_told_at", "near_at"):
        told += 1
    return told


@transaction.atomic
def _tell_next(step: str, due: str) -> bool:
    """Take one clock for which a step is due and not told of; False when there is none."""
    now = timezone.now()
    wanted = {f"{step}__isnull": True, f"{due}__lte": now}
    found = Clock.objects.running().filter(**wanted).order_by(due).values("pk", "case_id").first()
    if found is None:
        return False
    case = Case.objects.select_for_update().get(pk=found["case_id"])
    # Whoever held the case may have stopped it, or told of it.
    clock = Clock.objects.running().filter(**wanted, pk=found["pk"]).first()
    if clock is None:
        return True
    has_passed = clock.due_at <= now
    clock.near_told_at = clock.near_told_at or now
    clock.passed_told_at = now if has_passed else None
    clock.save(update_fields=["near_told_at", "passed_told_at"])
    cause = _record(None, "clock.passed" if has_passed else "clock.near", case, clock)
    if has_passed and case.status == Status.RETURNED and clock.kind == ClockKind.CURE:
        _carry_on(case, now)
    kind = Kind.CLOCK_PASSED if has_passed else Kind.CLOCK_NEAR
    if clock.kind == ClockKind.LOOK_BACK:
        kind = Kind.LOOK_BACK
    for member in to_tell(case, managers=has_passed):
        owe(recipient=member, kind=kind, reference=case.reference, case=case.pk, cause=cause)
    return True


def _carry_on(case: Case, now: datetime) -> None:
    case.status = next_status(TRANSITIONS, Action.RESUME, Status(case.status))
    case.save(update_fields=["status"])
    stop(case, [ClockKind.CURE], now)
    record(
        None,
        "referral.resumed",
        case=case.pk,
        obj=("case", case.pk),
        subjects=[case.child_id],
        purpose=Purpose.SCREEN,
    )


def to_tell(case: Case, *, managers: bool) -> list[Membership]:
    """Who answers for a case now: who coordinates it, or every coordinator; and its managers."""
    everyone = policies.at_front_door(case)
    named = [member for member in everyone if member.pk == case.coordinator_id]
    coordinators = [member for member in everyone if member.team.role == Role.COORDINATOR]
    above = [member for member in everyone if member.team.role == Role.MANAGER]
    found = named or coordinators or above
    return list({member.pk: member for member in [*found, *(above if managers else [])]}.values())
