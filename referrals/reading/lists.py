"""What becomes of a list in a reading: its items, each by itself, or the one line that it has."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from typing import Final

from portal.accounts.models import Agency
from referrals.models import Statement
from referrals.reading.shape import Item
from referrals.vocabulary import Known, Mark, State

_MARKED_BY: Final = {
    Mark.MAY_BE_A_CHILD: "may_be_child",
    Mark.WORKS_WITH_CHILDREN: "works",
}


def marks(row: Statement) -> tuple[Mark, ...]:
    """What must be noticed about this one, for a reader who sees all of it."""
    return tuple(mark for mark in Mark if row.details.get(_MARKED_BY[mark]) == Known.YES)


def happened(row: Statement) -> date | None:
    """The day on which it happened, where one is known for sure."""
    said = row.details.get("day")
    return date.fromisoformat(said) if said else None


def listed(
    found: Iterable[tuple[Statement, Item | None]], withheld: Callable[[str, Agency], Item]
) -> Iterable[Item]:
    """The items of a list that the reader may know of, as they were named, or the list's own line.

    What is not shared is not counted: whether there is one or there are ten, the line says once
    that the list is not shared. It says so too beside what was shared of a list by itself. It says
    that nobody was named where nobody was, or nobody that this reader may know of.
    """
    rows = sorted(found, key=lambda each: each[0].created_at)
    seen, closed = set(), set()
    for row, item in rows:
        if item is None or row.item is None:
            continue
        if item.state is State.NOT_SHARED or _is_only_what_remains(item):
            closed.add(row.referral_id)
        else:
            seen.add(row.referral_id)
            yield replace(item, key=_key(row))
    for row, item in rows:
        if item is None or row.item is not None:
            continue
        says_nobody = item.state in (State.NOT_PROVIDED, State.NOT_KNOWN)
        if says_nobody and row.referral_id in closed:
            yield withheld(row.question, row.agency)
        elif not (says_nobody and row.referral_id in seen):
            yield item


def _key(row: Statement) -> str:
    """What a page calls one of a list: it tells no place and no count; a correction keeps it."""
    return f"{row.question}-{row.item.hex[:12]}" if row.item else row.question


def _is_only_what_remains(item: Item) -> bool:
    return item.state is State.PARTLY_WITHHELD and item.value is None
