"""Whose yes a decision takes, who may give it, and who may see to what it sets going."""

import logging
from typing import Final
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from portal.accounts import policies as people
from portal.accounts.models import Agency, Membership, MembershipQuerySet
from portal.accounts.vocabulary import Principal, Role, read_decided
from portal.common.errors import DomainError, NotVisible, Refused
from referrals import policies
from referrals.matching.models import ProposedJoin
from referrals.models import (
    Case,
    CaseQuerySet,
    Clock,
    Decision,
    LookBack,
    Move,
    Proposal,
    SideRoute,
    Wall,
)
from referrals.vocabulary import Asks, ClockKind, Extent, Found, Outcome, Priority, Side
from referrals.workflow import Action, Status

log = logging.getLogger(__name__)

_VERB = {Outcome.OPEN_CASE: Action.ROUTE, Outcome.TRANSFER: Action.TRANSFER}
_ALWAYS_TWO = frozenset({Outcome.ADVICE, Outcome.NFA})
_ENDS = _ALWAYS_TWO | {Outcome.WITHDRAWN, Outcome.TRANSFER}

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
    if outcome is Outcome.JOINED:
        two = case.partnership.join_takes_two
    return Asks.SECOND if two else None


def usual_words(case: Case, outcome: Outcome) -> str:
    """What the partnership tells whoever referred of this decision, if nobody writes other words.

    "" where it has none, and wherever the decision ends the work: what they are told of that is
    always written for them.
    """
    if outcome in _ENDS:
        return ""
    try:
        found = read_decided(case.partnership.decided_words)
    except ValueError:
        # Whoever decides still has their own words.
        log.error("The words of partnership %s cannot be read", case.partnership_id)  # noqa: TRY400
        return ""
    return found.get(outcome.label.casefold(), "")


def seconds(case: Case, proposer: Membership, member: Membership) -> bool:
    """Tell whether this member of the front door may be the second person.

    Another person than who proposed it; where the child may be harmed one of both manages.
    """
    if member.user_id == proposer.user_id:
        return False
    roles = {member.team.role, proposer.team.role}
    return Role.MANAGER in roles or not policies.may_be_harmed(case)


def overseen(principal: Principal) -> CaseQuerySet:
    """The cases that the principal coordinates or manages: as `referrals.policies.oversees` says.

    Not those that they see in another way only, as who sent it or in an emergency.
    """
    if not policies.triages(principal):
        return policies.visible(principal).none()
    opened = policies.grants(principal).filter(content_object=OuterRef("pk"))
    return policies.visible(principal).filter(Exists(opened.exclude(extent=Extent.ANSWER)))


def joinable(principal: Principal) -> CaseQuerySet:
    """The cases of which the principal may say that two be joined: they coordinate or manage it,
    and know who its child is.
    """
    opened = policies.grants(principal).filter(content_object=OuterRef("pk"))
    known = policies.whose_child_is_known(principal)
    if not policies.triages(principal):
        return known.none()
    return known.filter(Exists(opened.exclude(extent=Extent.ANSWER)))


def may_join(principal: Principal, case: UUID, leading: UUID) -> bool:
    """Tell whether the principal may propose, read and confirm that these two be joined."""
    return joinable(principal).filter(pk__in=(case, leading)).count() == len({case, leading})


def who_answers(proposal: Proposal, me: Membership) -> str:
    """Who else answers this for the front door; "" where this member of it may.

    It is never who proposed it, whatever the decision takes. Whoever takes the child on says so
    themselves, where they work in here; the yes of one who does not is written down by hand.
    Nobody is told why a join is not theirs to answer: that there is another case may be hidden.
    """
    if me.user_id == proposal.proposed_by.user_id:
        return "another person"
    joining: ProposedJoin | None = getattr(proposal, "joining", None)
    if joining and not may_join(me.principal(), proposal.case_id, joining.leading_id):
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
    # A yes to a join is one to go on with the work, in the other case.
    return holds.exclude(outcome=Outcome.JOINED).filter(confirmed_by__isnull=False).exists()


def require_closes(actor: Principal, case: Case) -> None:
    """Insist that this person may close the case as it stands now, before the step is written.

    Raises DomainError: it takes another person, or a manager.
    """
    if not closes_alone(actor, case):
        raise DomainError(TAKES_ANOTHER)
    if policies.takes_a_manager(actor, case, Action.CLOSE):
        raise DomainError(TAKES_A_MANAGER)


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
    """What is this person's to see to beside decisions, and not done.

    What is the LADO's is any LADO's of the partnership: one may be away, or have left.
    """
    mine = Q(owner_id=principal.membership_id)
    if principal.role is Role.LADO:
        mine |= Q(side=Side.LADO, case__partnership__in=principal.partnership_ids)
    waiting = SideRoute.objects.filter(mine, done_at__isnull=True)
    return waiting.exclude(case__in=kept_from(principal).values("case_id"))


def kept_from(principal: Principal) -> QuerySet[Wall]:
    """What keeps a case from this person, or from an agency for which they act in any role."""
    hats = Membership.objects.live().filter(user=principal.user_id)
    whole = Wall.objects.filter(agency__in=hats.values("team__agency"), lifted_at__isnull=True)
    return whole | policies.walls(principal)


def lados(case: Case) -> MembershipQuerySet:
    """The live LADOs of the case's partnership whom nothing keeps from it, in any role."""
    found = people.live_memberships(people.teams_in(case.partnership_id, Role.LADO))
    walled = Membership.objects.live().filter(policies.walled(case))
    return found.exclude(user__in=walled.values("user"))


def task_for(principal: Principal, side: SideRoute) -> None:
    """Insist that the principal may say that it is done: its owner, or who oversees the case.

    What the LADO looks into while an agency is kept from the case is theirs alone, as long as
    there is one. Raises NotVisible, Refused.
    """
    if tasks(principal).filter(pk=side.pk).exists():
        return
    if not policies.relations(principal, side.case):
        raise NotVisible("side_route", str(side.pk))
    policies.require_oversees(principal, side.case)
    if side.wall_id is not None and lados(side.case).exists():
        raise Refused(
            "Only the LADO says that this is done: it is about a person who works with children",
            kind="side_route",
            pk=str(side.pk),
            action="done",
        )


def hidden(principal: Principal) -> QuerySet[Wall]:
    """What keeps agencies from cases of the principal's partnerships, for a LADO; else nothing.

    Nothing that the principal raised in another role, or that keeps them from the case.
    """
    if principal.role is not Role.LADO:
        return Wall.objects.none()
    standing = Wall.objects.filter(
        agency__isnull=False,
        lifted_at__isnull=True,
        case__partnership__in=principal.partnership_ids,
    )
    return standing.exclude(raised_by__user=principal.user_id).exclude(
        case__in=kept_from(principal).values("case_id")
    )


def may_show_again(principal: Principal, wall: Wall) -> bool:
    """Tell whether the principal may let an agency see a case again.

    Always another person than who kept it from the agency, and nobody of the agency. Any LADO of
    the partnership may; where there is none who could, whoever oversees the case.
    """
    if hidden(principal).filter(pk=wall.pk).exists():
        return True
    if lados(wall.case).exclude(user=wall.raised_by.user_id).exists():
        return False
    if wall.raised_by.user_id == principal.user_id:
        return False
    if kept_from(principal).filter(case=wall.case_id).exists():
        return False
    return policies.oversees(principal, wall.case)


def require_may_show_again(principal: Principal, wall: Wall) -> None:
    """Insist on it. Raises NotVisible to whoever may not know of it, Refused to whoever may."""
    if may_show_again(principal, wall):
        return
    if not policies.oversees(principal, wall.case):
        raise NotVisible("wall", str(wall.pk))
    raise Refused(
        "The LADO ends this. Where there is none, a second person does who did not begin it",
        kind="wall",
        pk=str(wall.pk),
        action="lift",
    )


def asked_for_yes(principal: Principal) -> list[Proposal]:
    """The decisions of the front door that wait for this person's yes, the longest asked first."""
    if not policies.triages(principal):
        return []
    seen = policies.sights(principal).filter(case=OuterRef("case"))
    waiting = Proposal.objects.filter(Exists(seen), asks=Asks.SECOND, answered_at__isnull=True)
    found = list(
        waiting.select_related("case", "joining", "proposed_by__user", "proposed_by__team")
        .prefetch_related("case__priority_changes")
        .order_by("proposed_at")
    )
    if not found:
        return []
    # Most days nobody proposes a join: only then it is asked who knows both of its children.
    sides = {made.pk: {made.case_id, made.joining.leading_id} for made in found if _joins(made)}
    known: set[UUID] = set()
    if sides:
        both = joinable(principal).filter(pk__in=set().union(*sides.values()))
        known = set(both.values_list("pk", flat=True))
    me = Membership.objects.select_related("team").get(pk=principal.membership_id)
    return [
        made
        for made in found
        if sides.get(made.pk, set()) <= known and seconds(made.case, made.proposed_by, me)
    ]


def _joins(proposal: Proposal) -> bool:
    return hasattr(proposal, "joining")


def may_refer_to_nrm(agency: UUID) -> bool:
    """Tell whether this agency refers to the National Referral Mechanism itself.

    So does a first responder: a public authority with a duty to notify (Modern Slavery Act 2015
    s.52), or an organisation that was appointed as one. The agency's own row says whether it is.
    """
    return Agency.objects.filter(pk=agency, refers_to_nrm=True).exists()


_PRESSING: Final = (Priority.STANDARD, Priority.URGENT, Priority.IMMEDIATE)


def may_prioritise(principal: Principal, case: Case, to: Priority) -> bool:
    """Tell whether somebody at the front door may give a case this priority.

    Anybody there makes it more pressing. Less pressing takes a manager: a child who may be in
    danger is one for whom one person alone does not end the work.
    """
    lower = _PRESSING.index(to) < _PRESSING.index(Priority(case.priority))
    return principal.role is Role.MANAGER or not lower


def gives_out(principal: Principal) -> bool:
    """Tell whether the principal gives the work of people who have left to others."""
    return principal.role in (Role.MANAGER, Role.AGENCY_LEAD)


def require_gives_out(principal: Principal) -> None:
    """Insist on it. Raises Refused."""
    if not gives_out(principal):
        raise Refused(
            "The work of people who have left is for front door managers and agency leads",
            kind="left",
            action="left",
        )


def look_backs(principal: Principal) -> CaseQuerySet:
    """The closed cases that the principal oversees and at which somebody is to look again now.

    The day has come; or somebody looked and did not find the child safe, or said that the case
    should be reopened, and nobody has since found that all is well.
    """
    if not policies.triages(principal):
        return policies.visible(principal).none()
    due = Clock.objects.filter(kind=ClockKind.LOOK_BACK, stopped_at__isnull=True, due_at__lte=Now())
    # From the few that are due to those that the principal sees, and not the other way.
    found = due.values("case_id").union(worries().values("closure__case_id"))
    # Who sees a case in another way may not open its closure.
    return overseen(principal).filter(pk__in=found)


def worries() -> QuerySet[LookBack]:
    """What was found at closed cases that is no end of looking."""
    well = Q(safe=Found.YES, reopens=False)
    settled = LookBack.objects.filter(well, closure=OuterRef("closure"))
    return LookBack.objects.filter(~well, ~Exists(settled), closure__reopened_at__isnull=True)
