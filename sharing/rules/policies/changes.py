"""Who may change the law, and which steps are theirs."""

from uuid import UUID

from django.db.models import Count

from portal.accounts import policies as people
from portal.accounts.models import Membership, Partnership, Team
from portal.accounts.vocabulary import Principal, Role
from portal.common.errors import NotVisible, Refused
from sharing.rules import models
from sharing.rules.workflow import TRANSITIONS, Action, Who


def may_change(principal: Principal) -> bool:
    """Tell whether the principal changes the law at all: an information-governance lead."""
    return principal.role is Role.IG_LEAD


def require_ig_lead(principal: Principal | None) -> None:
    """Insist on an information-governance lead; None is the system. Raises Refused."""
    if principal is not None and not may_change(principal):
        raise Refused(
            "The law, and what agencies have agreed, are for information-governance leads",
            kind="rules",
            action="change",
        )


def second_persons(author: Principal) -> list[Membership]:
    """The other information-governance leads of the author's partnerships: they may approve."""
    teams = Team.objects.filter(
        agency__partnerships__in=author.partnership_ids, role=Role.IG_LEAD
    ).distinct()
    return list(people.live_memberships(teams).exclude(user=author.user_id))


def look_after(agreement: models.Agreement) -> list[Membership]:
    """The information-governance leads of the partnerships that two of its parties serve."""
    served = Partnership.objects.filter(agencies__in=agreement.parties.all())
    areas = served.annotate(parties=Count("agencies")).filter(parties__gte=2)
    teams = Team.objects.filter(
        agency__partnerships__in=areas.values("pk"), role=Role.IG_LEAD
    ).distinct()
    return list(people.live_memberships(teams))


def change_for(principal: Principal, pk: UUID) -> models.Change:
    """The change with this id. Raises Refused for anybody else's role, or NotVisible."""
    require_ig_lead(principal)
    rows = models.Change.objects.select_related(
        "author__user", "approver__user", "rolled_back_by__user", "live_in", "rolled_back_in"
    )
    found = rows.filter(pk=pk).first()
    if found is None:
        raise NotVisible("change", str(pk))
    return found


def agreement_for(principal: Principal, pk: UUID) -> models.Agreement:
    """The agreement with this id. Raises Refused for anybody else's role, or NotVisible."""
    require_ig_lead(principal)
    found = models.Agreement.objects.prefetch_related("parties").filter(pk=pk).first()
    if found is None:
        raise NotVisible("agreement", str(pk))
    return found


def stands(principal: Principal, change: models.Change) -> Who:
    """How the principal stands to a change: its author in any of their roles, or another person."""
    return Who.AUTHOR if principal.user_id == change.author.user_id else Who.SECOND


def steps(principal: Principal, change: models.Change) -> list[Action]:
    """What the principal may do with the change now, by who they are and where it has got to."""
    who = stands(principal, change)
    return [
        action
        for action, step in TRANSITIONS.items()
        if change.status in step.sources and who in step.by
    ]


def require_step(principal: Principal, change: models.Change, action: Action) -> None:
    """Insist that the step is the principal's to take. Raises Refused."""
    require_ig_lead(principal)
    if stands(principal, change) not in TRANSITIONS[action].by:
        why = (
            "Nobody approves their own change: ask another information-governance lead"
            if action == Action.APPROVE
            else "Only the person who drafted this change can do this"
        )
        raise Refused(why, kind="change", pk=str(change.pk), action=action.value)
