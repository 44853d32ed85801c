"""The steps of a case's life that need no more than a reason: acknowledge, return, step down."""

from django.db import transaction
from django.utils import timezone

from portal.accounts.vocabulary import Principal
from portal.audit.services import record
from portal.common.errors import DomainError
from portal.notifications.vocabulary import Kind
from referrals import policies
from referrals.actions.services import insist_none_open
from referrals.models import Case, Move
from referrals.services import begin, clocks, end_panel_grants
from referrals.triage.policies import TAKES_A_MANAGER
from referrals.triage.services.asking import end_what_waits
from referrals.triage.services.telling import has_acted, tell, tell_referrers
from referrals.vocabulary import ClockKind
from referrals.workflow import BY_REASON, OVER, WAITING, Action
from sharing.rules.vocabulary import Purpose

# What each verb of a case's life is called in the ledger.
_ACTS = {
    Action.RETURN: "referral.returned",
    Action.RESUME: "referral.resumed",
    Action.WITHDRAW: "referral.withdrawn",
    Action.OPEN: "case.opened",
    Action.STEP_DOWN: "case.stepped_down",
}


MOVES = BY_REASON
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
    step-down.

    Raises NotVisible, Refused, or DomainError: no reason; the table has no such step from here;
    the verb takes more than a reason, as closing does; or a child who may be harmed would be
    returned to the person who referred (a referral is returned only for a missing identity).
    """
    case = begin(actor, action, case)
    if action not in MOVES:
        raise DomainError(f"{action.label}: this takes more than a reason. Nothing has changed.")
    if not reason.strip():
        raise DomainError("Write why. A sentence is enough.")
    _insist_may_end(actor, case, action)
    if case.decided_at and case.coordinator_id is None and policies.oversees(actor, case):
        # A conflict of interest took its coordinator off: who goes on with it takes it on.
        case.coordinator_id = actor.membership_id
    case.save(update_fields=["status", "coordinator"])
    _turn_clocks(case, action)
    if action is Action.WITHDRAW:
        why = "The referral was withdrawn."
        # The portal says so: who sent it need not learn that a decision was proposed.
        end_what_waits(actor, case, timezone.now(), why, on_record_as=None)
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
        tell(policies.at_front_door(case), Kind.WITHDRAWN, case, cause)
    else:
        tell_referrers(case, Kind.MOVED, cause)
    has_acted(case)
    return case


def _insist_may_end(actor: Principal, case: Case, action: Action) -> None:
    """Raise DomainError where this step takes more than this one person, or is never taken."""
    if policies.takes_a_manager(actor, case, action):
        raise DomainError(TAKES_A_MANAGER)
    if action is Action.STEP_DOWN:
        insist_none_open(case)
    if action is Action.RETURN and policies.may_be_harmed(case):
        raise DomainError(
            "This child may be in danger, so the referral is not returned. Carry on, and ring the"
            " person who sent it."
        )


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
