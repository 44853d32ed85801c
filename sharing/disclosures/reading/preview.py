"""A case as a team reads it, or would read it: their own reading, by the same renderer."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.template.loader import render_to_string

from portal.accounts.models import Team
from portal.accounts.vocabulary import Principal
from referrals import policies as casework
from referrals.models import Case, Grant
from referrals.reading import Item, Reading, read
from referrals.vocabulary import Extent, State
from sharing.disclosures.reading.teams import member_of
from sharing.rules.vocabulary import Category

BODY = "referrals/_case.html"
UNSEEN = "Something that you do not see"
_TOLD = {
    State.SHOWN: "Shown to them. You do not see it.",
    State.PARTLY_WITHHELD: "Shown to them in part. You do not see it.",
    State.WITHHELD: "Withheld from them",
    State.REMOVED: "Removed",
}


@dataclass(frozen=True, repr=False)
class Preview:
    """What a team would read, as far as its sharer may read it, and how it differs from now.

    `sha256` is the fingerprint of the team's own bytes, with everything that they read.
    """

    reading: Reading
    sha256: str
    changes: tuple[tuple[str, str, str], ...]


def as_team(team: Team, case: Case, also: Iterable[Grant] = ()) -> Reading:
    """The case as this team reads it now, and with these grants as well."""
    reader = member_of(team)
    return read(reader, case, casework.purpose_of(reader), also=also)


def preview(actor: Principal, team: Team, case: Case, also: list[Grant]) -> Preview:
    """What the team would read with these grants, its fingerprint, and what changes.

    The actor reads what their own reading or these grants open. What else the team reads, and
    whether it reads it, they are not told: it is in the fingerprint only.
    """
    own = read(actor, case, casework.purpose_of(actor))
    now, after = as_team(team, case), as_team(team, case, also)
    body = render_to_string(BODY, {"reading": after})
    return Preview(
        reading=_shown_to(own, after, also),
        sha256=hashlib.sha256(body.strip().encode()).hexdigest(),
        changes=tuple(_changes(_shown_to(own, now, also), _shown_to(own, after, also))),
    )


def viewed_by(actor: Principal, case: Case, theirs: Reading) -> Reading:
    """A team's reading for somebody who may know what it reads, but not every word of it."""
    return _shown_to(read(actor, case, casework.purpose_of(actor)), theirs, told=True)


def _shown_to(
    own: Reading, theirs: Reading, also: Iterable[Grant] = (), *, told: bool = False
) -> Reading:
    """A team's reading without what neither the actor's `own` nor the grants of `also` open.

    `told`: whether the actor may know what becomes of it for the team.
    """
    mine = {(item.key, item.statement): item for item in own.items}
    # Whoever wrote a concealed answer does not see the line that stands in its place.
    # Nor does whoever sees one of a list see the line that the list has for others.
    behind = {
        (item.question, item.holder) for item in own.items if item.concealed or item.is_listed
    }
    grants = tuple(also)

    def shown(item: Item) -> Item:
        found = mine.get((item.key, item.statement))
        if found is None:
            is_open = item.value is None and (item.key, item.holder) in behind
        else:
            is_open = _is_open(found) and (item.value is None or found.value is not None)
        if is_open or any(_opens(grant, item) for grant in grants):
            return item
        text = _TOLD.get(item.state, item.text) if told else UNSEEN
        return replace(
            item,
            # It is in no count: not of what they read, nor of what is withheld from them.
            state=item.state if told else State.NOT_KNOWN,
            text=text,
            value=None,
            reason="",
            source="",
            by="",
            at=None,
        )

    def is_there(item: Item) -> bool:
        # One of a list that the actor does not see is not there: a row of it would be a count.
        return told or not item.is_listed or item.text != UNSEEN

    sections = tuple(
        replace(section, items=tuple(filter(is_there, map(shown, section.items))))
        for section in theirs.sections
    )
    made = replace(theirs, sections=sections)
    if own.initials:
        return made
    return replace(made, title="Child", initials="", age="")


def _is_open(item: Item) -> bool:
    """Whether the item is open to its reader at all, be it in part or protected."""
    in_part = item.state is State.PARTLY_WITHHELD and item.value is None
    return item.state is not State.NOT_SHARED and not in_part


def _opens(grant: Grant, item: Item) -> bool:
    if grant.holder_id != item.holder:
        return False
    return item.statement in grant.statements or (
        grant.extent == Extent.WHOLE and item.category in grant.categories
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
        if item.text == UNSEEN and item.state is State.NOT_KNOWN:
            continue
        opened, count = found.get(item.category, (0, 0))
        seen = id(item) not in held_back or item.value is not None
        found[item.category] = (opened + seen, count + 1)
    return found
