"""Whose yes a decision takes, who may give it, and who may see to what it sets going."""

from django.db.models import Q, QuerySet

from portal.accounts.models import Membership
from portal.accounts.vocabulary import FIRST_RESPONDERS, AgencyKind, Principal, Role
from portal.common.errors import DomainError, NotVisible, Refused
from referrals import policies
from referrals.models import Case, Decision, Move, Proposal, SideRoute
from referrals.vocabulary import Asks, Outcome
from referrals.workflow import Action, Status

_VERB = {Outcome.OPEN_CASE: Action.ROUTE, Outcome.TRANSFER: Action.TRANSFER}
_ALWAYS_TWO = frozenset({Outcome.ADVICE, Outcome.NFA})

TAKES_ANOTHER = (
    "One person alone does not end the work on a child. Let another person close the case after you"
    " stepped it down, or change the decision to one that a second person confirms. Nothing has"
    " changed."
)
TAKES_A_MANAGER = (
    "This child may be in danger, so one person alone does not end the partnership's work. Ask a"
    " front door manager to decide. What you wrote is not recorded yet."
)


def verb_of(outcome: Outcome, *, changes: bool) -> Action:
    """The verb of the table that this outcome is; `changes`: it takes the place of a decision."""
    return _VERB.get(outcome, Action.CHANGE if changes else Action.DECIDE)


def asks(actor: Principal, case: Case, outcome: Outcome) -> Asks | None:
    """Whose yes this outcome takes, if this actor decides it; None if nobody else's.

    Raises DomainError where the actor may not even propose it: handing a child who may be in
    danger to an allocated worker takes a manager.
    """
    if outcome is Outcome.TRANSFER:
        return Asks.AREA
    if outcome is Outcome.OPEN_CASE:
        if policies.takes_a_manager(actor, case, outcome):
            raise DomainError(TAKES_A_MANAGER)
        return Asks.WORKER
    two = outcome in _ALWAYS_TWO or policies.takes_another(case, outcome)
    return Asks.SECOND if two else None


def seconds(case: Case, proposer: Membership, member: Membership) -> bool:
    """Tell whether this member of the front door may be the second person.

    Another person than who proposed it; where the child may be harmed one of both manages.
    """
    if member.user_id == proposer.user_id:
        return False
    roles = {member.team.role, proposer.team.role}
    return not policies.may_be_harmed(case) or Role.MANAGER in roles


def who_answers(proposal: Proposal, me: Membership) -> str:
    """Who else answers this for the front door; "" where this member of it may.

    It is never who proposed it, whatever the decision takes. Whoever takes the child on says so
    themselves, where they work in here; the yes of one who does not is written down by hand.
    """
    if me.user_id == proposal.proposed_by.user_id:
        return "another person"
    if proposal.asks == Asks.SECOND:
        return "" if seconds(proposal.case, proposal.proposed_by, me) else "a front door manager"
    asked_another = works_in_here(proposal) and proposal.owner_id != me.pk
    return "whoever is asked to take the child on" if asked_another else ""


def works_in_here(proposal: Proposal) -> bool:
    """Tell whether the worker or the area that is asked answers in the portal."""
    return proposal.owner_id is not None or proposal.to_area_id is not None


def require_answers(actor: Principal, proposal: Proposal) -> None:
    """Insist that the actor may say yes or no to a decision that somebody else proposed.

    Raises NotVisible to whoever may not know of it; Refused to whoever may, and is not the one.
    """
    if handed_to(actor).filter(pk=proposal.pk).exists():
        return
    policies.require_oversees(actor, proposal.case)
    me = Membership.objects.select_related("team").get(pk=actor.membership_id)
    who = who_answers(proposal, me)
    if who:
        raise Refused(
            f"This decision takes {who}: nobody ends this work alone",
            kind="proposal",
            pk=str(proposal.pk),
            action="confirm",
        )


def closes_alone(actor: Principal, case: Case) -> bool:
    """Tell whether this person may close the case without a yes that is asked for now.

    So it is where another person said yes to the end of the work before: they confirmed the
    decision that holds, or they are who stepped the case down.
    """
    if case.status == Status.STEPPING_DOWN:
        steps = Move.objects.filter(case=case, action=Action.STEP_DOWN).select_related("moved_by")
        last = steps.order_by("created_at").last()
        return last is not None and last.moved_by.user_id != actor.user_id
    holds = Decision.objects.filter(case=case, superseded_at__isnull=True)
    return holds.filter(confirmed_by__isnull=False).exists()


def handed_to(principal: Principal) -> QuerySet[Proposal]:
    """The cases that this person, or the front door of their area, is asked to take on.

    Never what they proposed themselves, for which area or agency they did it.
    """
    waiting = Proposal.objects.filter(answered_at__isnull=True)
    waiting = waiting.exclude(proposed_by__user=principal.user_id)
    mine = Q(asks=Asks.WORKER, owner_id=principal.membership_id)
    if policies.triages(principal):
        mine |= Q(asks=Asks.AREA, to_area__in=principal.partnership_ids)
    walled = policies.walls(principal).values("case_id")
    return waiting.filter(mine).exclude(case__in=walled)


def tasks(principal: Principal) -> QuerySet[SideRoute]:
    """What is this person's to see to beside decisions, and not done."""
    walled = policies.walls(principal).values("case_id")
    return SideRoute.objects.filter(owner_id=principal.membership_id, done_at__isnull=True).exclude(
        case__in=walled
    )


def task_for(principal: Principal, side: SideRoute) -> None:
    """Insist that the principal may say that it is done: its owner, or who oversees the case.

    What hides a case from an agency is ended by its owner alone. Raises NotVisible, Refused.
    """
    if tasks(principal).filter(pk=side.pk).exists():
        return
    if not policies.relations(principal, side.case):
        raise NotVisible("side_route", str(side.pk))
    policies.require_oversees(principal, side.case)
    if side.wall_id is not None:
        raise Refused(
            "Only the LADO ends this: it hides the case from the agency of a person of concern",
            kind="side_route",
            pk=str(side.pk),
            action="done",
        )


def may_refer_to_nrm(kind: AgencyKind) -> bool:
    """Tell whether agencies of this kind refer to the National Referral Mechanism themselves."""
    return kind in FIRST_RESPONDERS
