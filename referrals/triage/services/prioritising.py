"""Giving referrals of the board another priority, several at once, with a reason."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils import timezone

from portal.accounts.vocabulary import Principal
from portal.audit.services import record
from portal.common.errors import DomainError
from portal.notifications.vocabulary import Kind
from referrals import policies
from referrals.models import Case, PriorityChange
from referrals.services import clocks
from referrals.triage.policies import may_prioritise
from referrals.triage.services.board import MOST_AT_ONCE, held
from referrals.triage.services.telling import tell
from referrals.vocabulary import Priority
from referrals.workflow import ON_BOARD
from sharing.rules.vocabulary import Purpose

REASON_LENGTH: Final = 2000


@transaction.atomic
def prioritise(
    *, actor: Principal, seen: Mapping[str, str], to: Priority, reason: str
) -> tuple[str, ...]:
    """Give these referrals another priority, all of them or none; return those that had another.

    `seen` maps each reference to the priority that it had when the actor chose. Each is recorded
    with the reason, and whoever looks after it is told. What is more pressing now is to be read
    sooner; what is less pressing keeps the time that was promised. At most 25.
    Raises Refused to whoever does not work at the front door; DomainError when none is chosen, or
    too many, without a reason, when all have it already, when one of them has changed meanwhile or
    is not theirs to coordinate or manage, or when somebody but a manager would make one less
    pressing.
    """
    policies.require_triage(actor)
    if not seen:
        raise DomainError("Select at least one referral.")
    if len(seen) > MOST_AT_ONCE:
        raise DomainError(f"Select at most {MOST_AT_ONCE} referrals. Nothing has been changed.")
    if not reason.strip():
        raise DomainError("Write why the priority changes. A sentence is enough.")
    cases = held(actor, seen)
    prefetch_related_objects(cases, "partnership")
    _insist_as_seen(cases, seen)
    others = [case for case in cases if case.priority != to]
    if not others:
        raise DomainError("All of them have this priority already. Nothing has been changed.")
    lower = [case.reference for case in others if not may_prioritise(actor, case, to)]
    if lower:
        raise DomainError(
            f"A front door manager makes a referral less pressing: {', '.join(sorted(lower))}."
            " Nothing has been changed."
        )
    for case in others:
        cause = give(actor, case, to, reason.strip(), by=actor.membership_id)
        told = [each for each in policies.on_duty(case) if each.pk != actor.membership_id]
        tell(told, Kind.CHANGED, case, cause)
    return tuple(sorted(case.reference for case in others))


def _insist_as_seen(cases: list[Case], seen: Mapping[str, str]) -> None:
    """Raise DomainError where something is not as the actor saw it: then nothing changes."""
    said = [
        f"{case.reference} has been decided"
        if case.status not in ON_BOARD
        else f"{case.reference} has another priority now"
        for case in sorted(cases, key=lambda each: each.reference)
        if case.status not in ON_BOARD or case.priority != seen[case.reference]
    ]
    not_found = len(seen) - len(cases)
    if not_found:
        said.append(f"{not_found} could not be found")
    if said:
        raise DomainError(
            f"While you were choosing, something changed: {'; '.join(said)}. Nothing has been"
            " changed by you. The list shows what is so now. Press again if you still want it."
        )


def give(actor: Principal, case: Case, to: Priority, reason: str, *, by: UUID) -> UUID:
    """Give a case that the caller holds another priority, on the record; return the event.

    `by` is whose judgement it is. Whoever looks after the case is told by the caller.
    """
    now, was = timezone.now(), case.priority
    PriorityChange.objects.create(
        case=case,
        was=was,
        now=to,
        reason=reason,
        changed_by_id=by,
        changed_at=now,
    )
    case.priority = to
    case.save(update_fields=["priority"])
    clocks.read_sooner(case, now)
    return record(
        actor,
        "referral.prioritised",
        case=case.pk,
        obj=("case", case.pk),
        subjects=[case.child_id],
        purpose=Purpose.SCREEN,
        why=f"{was}, {to}",
    )
