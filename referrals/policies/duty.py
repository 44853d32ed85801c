"""Who looks after a case at this moment: the teams and the people to whom it is open."""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from portal.accounts.models import Membership, MembershipQuerySet, Team
from portal.accounts.vocabulary import Role
from referrals.models import Case, Grant, Wall
from referrals.policies.visibility import who_may_know
from referrals.vocabulary import Extent

FRONT_DOOR: Final = frozenset({Role.COORDINATOR, Role.MANAGER})


def opened_teams(case: Case) -> list[Team]:
    """The teams to which a live share opens the case, by agency and role."""
    live = Grant.objects.live().of_teams().filter(content_object=case)
    live = live.exclude(extent=Extent.ANSWER)
    found = Team.objects.filter(pk__in=live.values("group_id")).select_related("agency")
    return list(found.order_by("agency__name", "role"))


def front_teams(case: Case) -> list[Team]:
    """Of these, the teams of the front door."""
    return [team for team in opened_teams(case) if Role(team.role) in FRONT_DOOR]


def people_of(case: Case, teams: list[Team]) -> MembershipQuerySet:
    """The people of these teams who may know of the case at this moment."""
    members = Membership.objects.live().filter(team__in=[team.pk for team in teams])
    return who_may_know(case.pk, members).order_by("user__name", "pk")


def at_front_door(case: Case) -> list[Membership]:
    """The people of the front door who may know of the case at this moment."""
    return list(people_of(case, front_teams(case)).select_related("user", "team__agency"))


def at_any_front_door(cases: Iterable[UUID]) -> list[Membership]:
    """The people of the front door who may know of one of these cases at least. One query.

    A conflict of interest keeps somebody from the case about which it is, and from no other.
    """
    member = OuterRef(OuterRef("user")), OuterRef(OuterRef("team__agency"))
    standing = Wall.objects.filter(
        Q(user=member[0]) | Q(agency=member[1]),
        case=OuterRef("content_object"),
        lifted_at__isnull=True,
    )
    opened = (
        Grant.objects.live()
        .of_teams()
        .filter(~Exists(standing), content_object__in=list(cases), group=OuterRef("team"))
    )
    found = Membership.objects.live().filter(
        Exists(opened.exclude(extent=Extent.ANSWER)), team__role__in=FRONT_DOOR
    )
    return list(found.select_related("user", "team__agency").order_by("user__name", "pk"))


def on_duty(case: Case) -> list[Membership]:
    """Who looks after the case: its coordinator, if they still may; else all of the front door."""
    front = at_front_door(case)
    return [each for each in front if each.pk == case.coordinator_id] or front
