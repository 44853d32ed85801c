"""What a reading tells in order of time: what happened, what was said, what was done."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final

from portal.common.clock import LONDON
from referrals.reading.shape import Item, Reading
from referrals.vocabulary import (
    ADDED,
    ANSWERS,
    CONCERN,
    DECISION,
    FILES,
    NOTES,
    STEPS,
    VIEW,
    State,
    Strand,
)

_STRANDS: Final[Mapping[str, Strand]] = {
    VIEW: Strand.HAPPENED,
    CONCERN: Strand.HAPPENED,
    ADDED: Strand.HAPPENED,
    ANSWERS: Strand.HAPPENED,
    NOTES: Strand.NOTES,
    FILES: Strand.DOCUMENTS,
    DECISION: Strand.WORK,
    STEPS: Strand.WORK,
}
# Of the lists, only this one is of times.
_TIMES: Final = "missing"
_NOT_ANSWERED: Final = frozenset({State.NOT_PROVIDED, State.NOT_KNOWN})


@dataclass(frozen=True, repr=False)
class Entry:
    """What belongs to one moment: the items of a reading, or lines of (what, words).

    `day` is the day on which it happened, where that is known; `at` is when it was written down,
    or done.
    """

    strand: Strand
    title: str
    at: datetime
    items: tuple[Item, ...] = ()
    lines: tuple[tuple[str, str], ...] = ()
    day: date | None = None

    @property
    def moment(self) -> datetime:
        """Where it stands in the order of time."""
        return datetime.combine(self.day, time(), LONDON) if self.day else self.at


def events(reading: Reading) -> tuple[list[Entry], tuple[Item, ...]]:
    """The entries of a reading in its own order, and the items that have no date to be told.

    It resolves nothing: what the reading does not show stands here in the words it has there. A
    question that nobody answered is nothing that happened.
    """
    received = ("Priority", reading.priority.label)
    entries = [Entry(Strand.WORK, "Referral received", reading.received_at, lines=(received,))]
    undated: list[Item] = []
    for section in reading.sections:
        at_once: dict[datetime, list[Item]] = {}
        for item in section.items:
            is_time = item.question == _TIMES
            if item.state in _NOT_ANSWERED or not (section.title in _STRANDS or is_time):
                continue
            if item.at is None:
                undated.append(item)
            elif is_time:
                when = Entry(Strand.HAPPENED, item.label, item.at, (item,), day=item.happened)
                entries.append(when)
            else:
                at_once.setdefault(item.at, []).append(item)
        for at, items in at_once.items():
            entries.append(Entry(_STRANDS[section.title], section.title, at, tuple(items)))
    return entries, tuple(undated)
