"""Deciding what happens next to a referral: alone, with a second person, or with a receiver's yes.

A case leaves the board by a decision only, with a reason, an owner and the day on which it is
looked at next. A decision that takes another's yes is a proposal until they give it; meanwhile the
case stays on the board, and its clock runs.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from portal.accounts import policies as people
from portal.accounts.models import Agency, Membership, Partnership
from portal.accounts.vocabulary import Principal, Role
from portal.common.clock import LONDON
from portal.common.errors import DomainError
from portal.common.moments import london
from portal.common.workflow import next_status
from portal.notifications.vocabulary import Kind
from referrals import policies as casework
from referrals.actions.services import insist_none_open
from referrals.assessments import policies as assessments
from referrals.models import Case, Decision, Grant, Proposal
from referrals.services import clocks, end_panel_grants, record_grants, share_by_rule, teams_of
from referrals.triage import policies
from referrals.triage.services.asking import ask, end_what_waits, record_step
from referrals.triage.services.sides import open_sides, tell_owners
from referrals.triage.services.telling import (
    has_acted,
    tell,
    tell_referrers,
)
from referrals.vocabulary import LOOKED_AT_AGAIN, Asks, ClockKind, Outcome, Protect, Side
from referrals.workflow import ON_BOARD, OVER, TRANSITIONS, Action, Status
from sharing.rules.vocabulary import Purpose

_LATE = "This decision is late. Write why, so that we can learn from it."
_ACTS = {
    Action.DECIDE: "referral.decided",
    Action.CHANGE: "decision.changed",
    Action.ROUTE: "referral.routed",
    Action.TRANSFER: "referral.transferred",
}


@dataclass(frozen=True, repr=False)
class Then:
    """What follows a decision.

    `owner` goes on with it (the one who decides, if nobody is named) and `next_on` is the day on
    which somebody looks at it next. `sides` are set going beside the outcome; with the LADO,
    `hidden_from` is the agency that the person of concern works for, or `works_elsewhere` says that
    it is none in here. Whoever takes the child on is the `owner`, another area (`to_area`), or is
    named in `to_words`. `joins` is the case that it is joined to: who gives their yes knows of
    that one too.
    """

    owner: UUID | None = None
    next_on: date | None = None
    sides: tuple[Side, ...] = ()
    hidden_from: UUID | None = None
    works_elsewhere: bool = False
    to_area: UUID | None = None
    to_words: str = ""
    joins: UUID | None = None


NOTHING_MORE = Then()


@transaction.atomic
def decide(
    *,
    actor: Principal,
    case: Case,
    outcome: Outcome,
    reason: str,
    told_referrer: str,
    late_reason: str = "",
    then: Then = NOTHING_MORE,
    instead_of: UUID | None = None,
    withdrawn: bool = False,
) -> Decision | Proposal:
    """Record the decision on a referral, tell the referrer, and share what the rules let through.

    A decision for the panel opens the case to the panel's teams, category by category, by the
    rule that allows it and for as long as the partnership's settings say. What takes another's yes
    (no further action, advice; a worker or an area that takes the child on) is a proposal until it
    is given, and is returned as one. `instead_of` is the decision that the actor changes: it is
    kept, and no longer holds. `withdrawn` says that the actor knows that it was withdrawn. Side
    routes begin at once, whatever the decision waits for.

    Raises NotVisible or Refused; DomainError when somebody else has decided (it says who and
    when), when a reason or the words for the referrer are missing, when the decision is late and
    nothing says why, when nobody is named who takes the child on, when actions of here are not
    finished and the child would be handed on, or when it takes a manager.
    Clock: one working day from receipt, and a late decision says why (Working Together to
    Safeguard Children 2023, chapter 3).
    """
    locked = Case.objects.select_for_update(of=("self",)).select_related("partnership")
    case = locked.get(pk=case.pk)
    # Who may not decide is not told who has decided.
    verb = policies.verb_of(outcome, changes=instead_of is not None)
    casework.require(actor, verb, case)
    insist_first(case, instead_of)
    next_status(TRANSITIONS, verb, Status(case.status))
    if case.status == Status.WITHDRAWN and not withdrawn:
        raise DomainError(
            "The person who sent this has withdrawn it meanwhile. Your decision was not recorded."
            " Read why they did, and decide then."
        )
    _insist_nothing_is_left(actor, case, verb)
    made = _proposed(actor, case, outcome, (reason, told_referrer, late_reason), then)
    now = made.proposed_at
    asks = policies.asks(actor, case, outcome)
    if asks is None:
        clocks.carry_on(actor, case, now)
        made.late_reason = insist_on_time(case, made.late_reason, now)
    end_what_waits(actor, case, now, "Decided in another way.", on_record_as=actor)
    sides = open_sides(
        actor,
        case,
        then.sides,
        now,
        hidden_from=then.hidden_from,
        works_elsewhere=then.works_elsewhere,
    )
    if asks is None:
        decision = settle(actor, case, made, now, confirmed_by=None)
        tell_owners(case, sides, decision.pk)
        return decision
    made.asks = asks
    made.save()
    cause = record_step(actor, "decision.proposed", case, ("proposal", made.pk), outcome)
    ask(actor, case, made, cause, joins=then.joins)
    tell_owners(case, sides, cause)
    return made


def _proposed(
    actor: Principal,
    case: Case,
    outcome: Outcome,
    words: tuple[str, str, str],
    then: Then,
) -> Proposal:
    """The decision as it would be, not saved. Raises DomainError for what is missing in it."""
    reason, told_referrer, late_reason = (each.strip() for each in words)
    if not reason:
        raise DomainError("Write why you decided this. A sentence is enough.")
    if not told_referrer:
        raise DomainError("Write what we can tell the person who referred.")
    if outcome is Outcome.WITHDRAWN and case.status != Status.WITHDRAWN:
        raise DomainError("The person who sent this referral has not withdrawn it.")
    now = timezone.now()
    today = now.astimezone(LONDON).date()
    next_on = then.next_on or today + timedelta(days=LOOKED_AT_AGAIN[outcome])
    if next_on < today:
        raise DomainError("The day on which it is looked at next cannot have passed.")
    made = Proposal(
        case=case,
        asks=Asks.SECOND,
        outcome=outcome,
        reason=reason,
        told_referrer=told_referrer,
        late_reason=late_reason,
        next_on=next_on,
        proposed_by_id=actor.membership_id,
        proposed_at=now,
    )
    return _with_owner(actor, case, made, then)


def _with_owner(actor: Principal, case: Case, made: Proposal, then: Then) -> Proposal:
    made.owner_words = then.to_words.strip()
    if made.outcome == Outcome.TRANSFER:
        others = Partnership.objects.exclude(pk=case.partnership_id)
        area = others.filter(pk=then.to_area).first() if then.to_area else None
        if area is None and not made.owner_words:
            raise DomainError("Name the area that takes the child on.")
        made.to_area = area
        return made
    owner = then.owner
    if made.outcome == Outcome.OPEN_CASE:
        if owner is None and not made.owner_words:
            raise DomainError("Name the allocated worker.")
    else:
        made.owner_words, owner = "", owner or actor.membership_id
    if owner is not None:
        works_here = {"pk": owner, "team__agency__partnerships": case.partnership_id}
        made.owner = Membership.objects.live().filter(**works_here).first()
        if made.owner is None:
            raise DomainError("Whoever goes on with it does not work in this partnership now.")
        if made.outcome == Outcome.OPEN_CASE and made.owner.user_id == actor.user_id:
            raise DomainError(
                "You cannot hand the child to yourself: the allocated worker is another person, who"
                " says yes. Nothing is recorded yet."
            )
    return made


def insist_on_time(case: Case, late_reason: str, now: datetime) -> str:
    """Raise DomainError if the decision is late and nothing says why."""
    late = case.status in ON_BOARD and now > case.decision_due_at
    if late and not late_reason.strip():
        raise DomainError(_LATE)
    return late_reason.strip() if late else ""


def insist_first(case: Case, instead_of: UUID | None = None) -> None:
    """Say by whom, and when, if somebody has decided already. The caller holds the case's lock."""
    earlier = (
        Decision.objects.filter(case=case, superseded_at__isnull=True)
        .select_related("decided_by__user", "decided_by__team")
        .first()
    )
    if earlier is not None and earlier.pk != instead_of:
        who = f"{earlier.decided_by.user.name}, {Role(earlier.decided_by.team.role).label}"
        raise DomainError(
            f"{who}, decided this on {london(earlier.decided_at)}. Your decision was not recorded."
            " Nothing that you wrote is lost."
        )
    if earlier is not None and earlier.outcome == Outcome.JOINED:
        raise DomainError(
            "This referral is joined to another case, where the work goes on. Undo the join first."
            " Your decision was not recorded."
        )


def settle(
    actor: Principal, case: Case, made: Proposal, now: datetime, *, confirmed_by: UUID | None
) -> Decision:
    """Make it the decision. The caller holds the case, and has asked who may."""
    outcome = Outcome(made.outcome)
    earlier = Decision.objects.filter(case=case, superseded_at__isnull=True).first()
    verb = policies.verb_of(outcome, changes=earlier is not None)
    case.status = next_status(TRANSITIONS, verb, Status(case.status))
    _insist_nothing_is_left(actor, case, verb)
    if earlier is not None:
        earlier.superseded_at = now
        earlier.save(update_fields=["superseded_at"])
    has_acted(case)
    case.decided_at = case.decided_at or now
    case.acknowledged_at = case.acknowledged_at or now
    case.coordinator_id = case.coordinator_id or made.proposed_by_id
    case.save(update_fields=["status", "decided_at", "acknowledged_at", "coordinator"])
    clocks.stop(case, ClockKind, now)
    decision = Decision.objects.create(
        case=case,
        outcome=outcome,
        reason=made.reason,
        told_referrer=made.told_referrer,
        late_reason=made.late_reason,
        decided_by_id=made.proposed_by_id,
        confirmed_by_id=confirmed_by,
        decided_at=now,
        owner=made.owner,
        owner_words=made.to_area.name if made.to_area else made.owner_words,
        next_on=made.next_on,
    )
    _share(actor, case, decision, earlier)
    return decision


def _insist_nothing_is_left(actor: Principal, case: Case, verb: Action) -> None:
    """Raise DomainError if the child would be handed on while actions of here are not finished, or
    agencies assess the risk together.
    """
    if verb in (Action.ROUTE, Action.TRANSFER):
        names = casework.oversees(actor, case)
        insist_none_open(case, names=names)
        assessments.insist_none_under_way(case, names=names)


def _share(actor: Principal, case: Case, decision: Decision, earlier: Decision | None) -> None:
    """Record it, and give, take and tell what follows from it."""
    outcome = Outcome(decision.outcome)
    was_panel = earlier is not None and earlier.outcome == Outcome.PANEL
    grants: list[Grant] = []
    if outcome is Outcome.PANEL and not was_panel:
        grants = _share_with_panel(case, decision)
    act = _ACTS[policies.verb_of(outcome, changes=earlier is not None)]
    cause = record_step(actor, act, case, ("decision", decision.pk), outcome)
    record_grants(actor, case, grants)
    if case.status in OVER or (was_panel and outcome is not Outcome.PANEL):
        end_panel_grants(actor, case, "The decision was changed, or the case was handed on.")
    tell_referrers(case, Kind.DECIDED, cause)
    tell(people.live_memberships(teams_of(grants)), Kind.SHARED, case, cause)


def _share_with_panel(case: Case, decision: Decision) -> list[Grant]:
    """Ask the law, agency by agency, what the panel's teams may see of what is held on the case."""
    until = decision.decided_at + timedelta(days=case.partnership.panel_access_days)
    return [
        grant
        for team in people.teams_in(case.partnership_id, Role.PANEL_CHAIR, Role.PANEL_MEMBER)
        for holder in holders(case, decision.decided_by.team.agency)
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


def holders(case: Case, own: Agency) -> list[Agency]:
    """The agencies that hold something of the case, as far as anybody may be told, and `own`."""
    # A grant for an agency whose only word is concealed would tell that there is such a word.
    told = case.statements.exclude(protect=Protect.EXISTENCE)
    held = Agency.objects.filter(pk__in=told.values("agency"))
    return sorted({*held, own}, key=lambda agency: agency.pk)
