"""Deciding what happens next to a referral, and moving a case through its life."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format

from portal.accounts import policies as people
from portal.accounts.models import Agency
from portal.accounts.vocabulary import Principal, Role
from portal.audit.services import record
from portal.common.clock import LONDON
from portal.common.errors import DomainError
from portal.notifications.services import owe
from portal.notifications.vocabulary import Kind
from referrals import policies
from referrals.models import Case, Decision, Grant, Move, Referral
from referrals.services import (
    begin,
    clocks,
    end_panel_grants,
    front_door,
    record_grants,
    share_by_rule,
    teams_of,
)
from referrals.vocabulary import ClockKind, Outcome, Priority, Protect
from referrals.workflow import OVER, WAITING, Action
from sharing.rules.vocabulary import Purpose

# What each verb of a case's life is called in the ledger.
_ACTS = {
    Action.RETURN: "referral.returned",
    Action.RESUME: "referral.resumed",
    Action.ROUTE: "referral.routed",
    Action.TRANSFER: "referral.transferred",
    Action.WITHDRAW: "referral.withdrawn",
    Action.OPEN: "case.opened",
    Action.STEP_DOWN: "case.stepped_down",
    Action.CLOSE: "case.closed",
}


@dataclass(frozen=True, repr=False)
class Step:
    """A step of a case's life that needed a reason: what was done, when (aware), by whom, why."""

    what: str
    at: datetime
    by: str
    why: str


MOVES = tuple(_ACTS)
"""Verbs that need nothing but a reason."""
ENDS = frozenset({Outcome.ADVICE, Outcome.EARLY_HELP, Action.ROUTE, Action.CLOSE, Action.WITHDRAW})
"""Outcomes and verbs that end the partnership's own work on the child."""
TAKES_A_MANAGER = (
    "This child may be in danger, so one person alone does not end the partnership's work. Ask a"
    " front door manager to decide. What you wrote is not recorded yet."
)


def steps_taken(*, actor: Principal, case: Case) -> list[Step]:
    """The steps of a case so far that needed a reason, the first one first.

    For whoever coordinates or manages it; nothing for anybody else. Two queries more for them.
    """
    if not policies.oversees(actor, case):
        return []
    moves = case.moves.select_related("moved_by__user")
    late = case.decisions.exclude(late_reason="").select_related("decided_by__user")
    found = [
        *(
            Step(Action(m.action).label, m.created_at, m.moved_by.user.name, m.reason)
            for m in moves
        ),
        *(Step("Decided late", d.decided_at, d.decided_by.user.name, d.late_reason) for d in late),
    ]
    return sorted(found, key=lambda step: step.at)


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
    _tell_referrers(case, Kind.ACKNOWLEDGED, cause)
    return case


@transaction.atomic
def decide(
    *,
    actor: Principal,
    case: Case,
    outcome: Outcome,
    reason: str,
    told_referrer: str,
    late_reason: str = "",
) -> Decision:
    """Record the decision on a referral, tell the referrer, and share what the rules let through.

    A decision for the panel opens the case to the panel's teams, category by category, by the
    rule that allows it and for as long as the partnership's settings say.

    Raises NotVisible or Refused; DomainError when somebody else has decided (it says who and
    when), when a reason or the words for the referrer are missing, when the decision is late and
    nothing says why, or when somebody other than a manager would end the partnership's work on a
    child who may be in danger.
    Clock: one working day from receipt, and a late decision says why (Working Together to
    Safeguard Children 2023, chapter 3).
    """
    # Who may not decide is not told who has decided.
    policies.require(actor, Action.DECIDE, Case.objects.select_for_update().get(pk=case.pk))
    _insist_first(case)
    case = begin(actor, Action.DECIDE, case)
    now = timezone.now()
    reason, told_referrer, late_reason = reason.strip(), told_referrer.strip(), late_reason.strip()
    if not reason:
        raise DomainError("Write why you decided this. A sentence is enough.")
    if not told_referrer:
        raise DomainError("Write what we can tell the person who referred.")
    if now > case.decision_due_at and not late_reason:
        raise DomainError("This decision is late. Write why, so that we can learn from it.")
    if outcome in ENDS and policies.needs_second_person(actor, case):
        raise DomainError(TAKES_A_MANAGER)
    case.decided_at = now
    case.acknowledged_at = case.acknowledged_at or now
    case.coordinator_id = case.coordinator_id or actor.membership_id
    case.save(update_fields=["status", "decided_at", "acknowledged_at", "coordinator"])
    clocks.stop(case, ClockKind, now)
    decision = Decision.objects.create(
        case=case,
        outcome=outcome,
        reason=reason,
        told_referrer=told_referrer,
        late_reason=late_reason,
        decided_by_id=actor.membership_id,
        decided_at=now,
    )
    grants = _share_with_panel(case, decision) if outcome == Outcome.PANEL else []
    cause = record(
        actor,
        "referral.decided",
        case=case.pk,
        obj=("decision", decision.pk),
        subjects=[case.child_id],
        purpose=Purpose.SCREEN,
        why=str(outcome),
    )
    record_grants(actor, case, grants)
    _tell_referrers(case, Kind.DECIDED, cause)
    for member in people.live_memberships(teams_of(grants)):
        owe(
            recipient=member,
            kind=Kind.SHARED,
            reference=case.reference,
            case=case.pk,
            cause=cause,
        )
    return decision


def _insist_first(case: Case) -> None:
    """Say by whom, and when, if somebody has decided already. The caller holds the case's lock."""
    earlier = (
        Decision.objects.filter(case=case, superseded_at__isnull=True)
        .select_related("decided_by__user", "decided_by__team")
        .first()
    )
    if earlier is not None:
        at = date_format(earlier.decided_at.astimezone(LONDON), "j F Y, g:ia")
        who = f"{earlier.decided_by.user.name}, {Role(earlier.decided_by.team.role).label}"
        raise DomainError(f"{who}, decided this at {at}. Your decision was not recorded.")


def _share_with_panel(case: Case, decision: Decision) -> list[Grant]:
    """Ask the law, agency by agency, what the panel's teams may see of what is held on the case."""
    until = decision.decided_at + timedelta(days=case.partnership.panel_access_days)
    # A grant for an agency whose only word is concealed would tell that there is such a word.
    told = case.statements.exclude(protect=Protect.EXISTENCE)
    held = Agency.objects.filter(pk__in=told.values("agency"))
    holders = {*held, decision.decided_by.team.agency}
    return [
        grant
        for team in people.teams_in(case.partnership_id, Role.PANEL_CHAIR, Role.PANEL_MEMBER)
        for holder in sorted(holders, key=lambda agency: agency.pk)
        for grant in share_by_rule(
            case=case,
            team=team,
            holder=holder,
            purpose=Purpose.PANEL,
            at=decision.decided_at,
            service="put to the panel",
            by=decision.decided_by_id,
            until=until,
        )
    ]


def _tell_referrers(case: Case, kind: Kind, cause: UUID) -> None:
    for referral in Referral.objects.filter(case=case).select_related("author"):
        owe(
            recipient=referral.author,
            kind=kind,
            reference=case.reference,
            case=case.pk,
            cause=cause,
        )


@transaction.atomic
def move(*, actor: Principal, case: Case, action: Action, reason: str) -> Case:
    """Take one of the steps that need nothing but a reason: return, resume, route, transfer,
    withdraw, open, step-down, close.

    Raises NotVisible, Refused, or DomainError: no reason; the table has no such step from here;
    or a child in danger would be returned to the person who referred (a referral is returned only
    for a missing identity, never when there is danger).
    """
    case = begin(actor, action, case)
    if not reason.strip():
        raise DomainError("Write why. A sentence is enough.")
    if action in ENDS and policies.needs_second_person(actor, case):
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
        _tell_referrers(case, Kind.MOVED, cause)
    return case


def _turn_clocks(case: Case, action: Action) -> None:
    now = timezone.now()
    if action is Action.RETURN:
        clocks.start(case, ClockKind.CURE, now)
    elif action is Action.RESUME:
        clocks.stop(case, [ClockKind.CURE], now)
    elif case.status not in WAITING:
        clocks.stop(case, ClockKind, now)


def _tell_front_door(case: Case, cause: UUID) -> None:
    for member in front_door(Grant.objects.live().filter(content_object=case)):
        owe(
            recipient=member,
            kind=Kind.WITHDRAWN,
            reference=case.reference,
            case=case.pk,
            cause=cause,
        )
