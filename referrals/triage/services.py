"""Deciding what happens next to a referral, and moving a case through its life."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from portal.accounts import policies as people
from portal.accounts.models import Agency
from portal.accounts.vocabulary import Principal, Role
from portal.audit.services import record
from portal.common.errors import DomainError
from portal.common.moments import london
from portal.notifications.services import owe
from portal.notifications.vocabulary import Kind
from referrals import policies
from referrals.models import Case, Decision, Grant, Move, Referral
from referrals.services import (
    begin,
    end_panel_grants,
    front_door,
    record_grants,
    share_by_rule,
    teams_of,
)
from referrals.vocabulary import Outcome, Priority, Protect
from referrals.workflow import OVER, Action
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


MOVES = tuple(_ACTS)
"""Verbs that need nothing but a reason."""
TAKES_A_MANAGER = (
    "This child may be in danger, so one person alone does not end the partnership's work. Ask a"
    " front door manager to decide. What you wrote is not recorded yet."
)


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
    if policies.takes_a_manager(actor, case, outcome):
        raise DomainError(TAKES_A_MANAGER)
    case.decided_at = now
    case.acknowledged_at = case.acknowledged_at or now
    case.coordinator_id = case.coordinator_id or actor.membership_id
    case.save(update_fields=["status", "decided_at", "acknowledged_at", "coordinator"])
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
        who = f"{earlier.decided_by.user.name}, {Role(earlier.decided_by.team.role).label}"
        raise DomainError(
            f"{who}, decided this on {london(earlier.decided_at)}. Your decision was not recorded."
            " Nothing that you wrote is lost."
        )


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


def _tell_front_door(case: Case, cause: UUID) -> None:
    for member in front_door(Grant.objects.live().filter(content_object=case)):
        owe(
            recipient=member,
            kind=Kind.WITHDRAWN,
            reference=case.reference,
            case=case.pk,
            cause=cause,
        )
