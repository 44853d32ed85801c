"""A case as a team reads it, or would read it: their own reading, by the same renderer."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.template.loader import render_to_string

from portal.accounts.models import Team
from portal.accounts.vocabulary import AgencyKind, Principal, Role
from referrals import policies as casework
from referrals.models import Case, Grant
from referrals.reading import Reading, read
from sharing.rules.vocabulary import Category

BODY = "referrals/_case.html"
_NOBODY = UUID(int=0)


@dataclass(frozen=True)
class Preview:
    """What a team would read, the fingerprint of its bytes, and how it differs from now."""

    reading: Reading
    sha256: str
    changes: tuple[tuple[str, str, str], ...]


def member_of(team: Team) -> Principal:
    """Somebody who works in this team and has written nothing in the case."""
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


def as_team(team: Team, case: Case, also: Iterable[Grant] = ()) -> Reading:
    """The case as this team reads it now, and with these grants as well."""
    reader = member_of(team)
    return read(reader, case, casework.purpose_of(reader), also=also)


def preview(team: Team, case: Case, also: list[Grant]) -> Preview:
    """What the team would read with these grants, its fingerprint, and what changes."""
    now, after = as_team(team, case), as_team(team, case, also)
    body = render_to_string(BODY, {"reading": after})
    return Preview(
        reading=after,
        sha256=hashlib.sha256(body.strip().encode()).hexdigest(),
        changes=tuple(_changes(now, after)),
    )


def _changes(now: Reading, after: Reading) -> Iterable[tuple[str, str, str]]:
    before, then = _open(now), _open(after)
    for category in then:
        had, has, of = before.get(category, (0, 0))[0], *then[category]
        says = "No change" if had == has else f"{has} of {of} answers"
        yield category.label, _count(had, of), says


def _count(number: int, of: int) -> str:
    return "Nothing" if number == 0 else f"{number} of {of} answers"


def _open(reading: Reading) -> dict[Category, tuple[int, int]]:
    """By kind of information: how many answers are open to the reader, of those on their page."""
    found: dict[Category, tuple[int, int]] = {}
    held_back = set(map(id, reading.held_back))
    for item in reading.items:
        opened, count = found.get(item.category, (0, 0))
        seen = id(item) not in held_back or item.value is not None
        found[item.category] = (opened + seen, count + 1)
    return found
