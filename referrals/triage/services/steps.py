"""The steps of a case's life but for its decision: acknowledged, returned, withdrawn, closed."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from portal.accounts.vocabulary import Principal
from portal.audit.services import record
from portal.common.errors import DomainError
from portal.notifications.vocabulary import Kind
from referrals import policies
from referrals.models import Case, Grant, Move
from referrals.services import begin, clocks, end_panel_grants, front_door
from referrals.triage.policies import TAKES_A_MANAGER
from referrals.triage.services.telling import has_acted, tell, tell_referrers
from referrals.vocabulary import ClockKind, Priority
from referrals.workflow import OVER, WAITING, Action
from sharing.rules.vocabulary import Purpose

# What each verb of a case's life is called in the ledger.
_ACTS = {
    Action.RETURN: "referral.returned",
    Action.RESUME: "referral.resumed",
    Action.WITHDRAW: "referral.withdrawn",
    Action.OPEN: "case.opened",
    Action.STEP_DOWN: "case.stepped_down",
    Action.CLOSE: "case.closed",
}


MOVES = tuple(_ACTS)
"""Verbs that need nothing but a reason."""


@transaction.atomic
def acknowledge(*, actor: Principal, case: Case, words: str = "") -> Case:
    """Tell the person who referred that a coordinator is reading it; take the case on.

    `words` are what the coordinator says to them, kept with the step; there need be none.
    Raises NotVisible, Refused, or DomainError if somebody has acknowledged it already.
    """
    case = begin(actor, Action.ACKNOWLEDGE, case)
    case.acknowledged_at = timezone.now()
    case.coordinator_id = actor.membership_id
    case.save(update_fields=["status", "acknowledged_at", "coordinator"])
    clocks.stop(case, [ClockKind.FIRST_LOOK], case.acknowledged_at)
    if words.strip():
        Move.objects.create(
            case=case,
            action=Action.ACKNOWLEDGE,
            reason=words.strip(),
            moved_by_id=actor.membership_id,
        )
    cause = record(
        actor,
        "referral.acknowledged",
        case=case.pk,
        obj=("case", case.pk),
        subjects=[case.child_id],
        purpose=Purpose.SCREEN,
    )
    tell_referrers(case, Kind.ACKNOWLEDGED, cause)
    has_acted(case)
    return case


@transaction.atomic
def move(*, actor: Principal, case: Case, action: Action, reason: str) -> Case:
    """Take one of the steps that need nothing but a reason: return, resume, withdraw, open,
    step-down, close.

    Raises NotVisible, Refused, or DomainError: no reason; the table has no such step from here;
    or a child in danger would be returned to the person who referred (a referral is returned only
    for a missing identity, never when there is danger).
    """
    case = begin(actor, action, case)
    if not reason.strip():
        raise DomainError("Write why. A sentence is enough.")
    if policies.takes_a_manager(actor, case, action):
        raise DomainError(TAKES_A_MANAGER)
    if action is Action.RETURN and case.priority != Priority.STANDARD:
        raise DomainError(
            "This child may be in danger, so the referral is not returned. Carry on, and ring the"
            " person who sent it."
        )
    if case.decided_at and case.coordinator_id is None and policies.oversees(actor, case):
        # A conflict of interest took its coordinator off: who goes on with it takes it on.
        case.coordinator_id = actor.membership_id
    case.save(update_fields=["status", "coordinator"])
    _turn_clocks(case, action)
    Move.objects.create(
        case=case, action=action, reason=reason.strip(), moved_by_id=actor.membership_id
    )
    if case.status in OVER:
        end_panel_grants(actor, case, f"The case was moved on: {action.label.lower()}.")
    cause = record(
        actor,
        _ACTS[action],
        case=case.pk,
        obj=("case", case.pk),
        subjects=[case.child_id],
        purpose=Purpose.SCREEN,
    )
    if action is Action.WITHDRAW:
        _tell_front_door(case, cause)
    else:
        tell_referrers(case, Kind.MOVED, cause)
    has_acted(case)
    return case


def _turn_clocks(case: Case, action: Action) -> None:
    now = timezone.now()
    if action is Action.RETURN:
        # Whoever returns it has read it.
        clocks.stop(case, [ClockKind.FIRST_LOOK], now)
        clocks.start(case, ClockKind.CURE, now)
    elif action is Action.WITHDRAW:
        # That it was withdrawn may be somebody's pressure: a decision is owed as before.
        clocks.stop(case, [ClockKind.FIRST_LOOK], now)
    elif action is Action.RESUME:
        clocks.stop(case, [ClockKind.CURE], now)
    elif case.status not in WAITING:
        clocks.stop(case, ClockKind, now)


def _tell_front_door(case: Case, cause: UUID) -> None:
    tell(front_door(Grant.objects.live().filter(content_object=case)), Kind.WITHDRAWN, case, cause)
