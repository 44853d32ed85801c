"""Teams and people as pages name them, and a team as a reader of a case."""

from uuid import UUID

from portal.accounts.models import Membership, Team
from portal.accounts.vocabulary import AgencyKind, Principal, Role

_NOBODY = UUID(int=0)


def team_words(team: Team) -> str:
    """A team as people say it: "Agency lead, Example High School"."""
    return f"{Role(team.role).label}, {team.agency.name}"


def person_words(member: Membership) -> str:
    """Who did it: name, role, agency."""
    return f"{member.user.name}, {team_words(member.team)}"


def people_words(count: int) -> str:
    """How many people would see what is shared with a team."""
    return "1 person has this role" if count == 1 else f"{count} people have this role"


def member_of(team: Team) -> Principal:
    """Somebody who works in this team and has written nothing in any case."""
    return Principal(
        user_id=_NOBODY,
        membership_id=_NOBODY,
        team_id=team.pk,
        agency_id=team.agency_id,
        agency_kind=AgencyKind(team.agency.kind),
        role=Role(team.role),
        partnership_ids=tuple(team.agency.partnerships.values_list("pk", flat=True)),
        name="",
        agency_name=team.agency.name,
    )
