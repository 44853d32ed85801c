"""A case in order of time: its reading, with what was shared with whom."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from portal.accounts.vocabulary import Principal
from referrals.models import Case
from referrals.reading import Entry, Item, Reading, Section, events
from referrals.vocabulary import Strand
from sharing.disclosures.reading.records import Row, sharing


@dataclass(frozen=True, repr=False)
class Chronology:
    """The entries that were asked for, in the order asked for; `undated` stand after them."""

    reading: Reading
    entries: tuple[Entry, ...]
    undated: tuple[Item, ...]

    @property
    def withheld_words(self) -> str:
        """The line at the top that counts what is held back, of what stands on this page."""
        here = (*(item for entry in self.entries for item in entry.items), *self.undated)
        return replace(self.reading, sections=(Section("", here),)).withheld_words


def chronology(
    principal: Principal,
    case: Case,
    reading: Reading,
    *,
    may_share: bool,
    strand: str,
    oldest_first: bool,
) -> Chronology:
    """Put a principal's own reading of a case in order of time. The caller records the reading.

    Nothing is resolved here: it is that reading, and the sharing that its page tells the same
    principal. `strand` is one of `Strand`, or "" for all of it.
    """
    found, undated = events(reading)
    for team in sharing(principal, case, may_share=may_share):
        found.extend(_shared(team.team, team.rows))
    kept = [entry for entry in found if strand in ("", entry.strand)]
    kept.sort(key=lambda entry: entry.moment, reverse=not oldest_first)
    return Chronology(reading, tuple(kept), undated if strand in ("", Strand.HAPPENED) else ())


def _shared(team: str, rows: Iterable[Row]) -> Iterable[Entry]:
    """What was given to a team, or kept from it, and what ended: an entry for each moment."""
    given: dict[tuple[datetime, str], list[tuple[str, str]]] = {}
    for row in rows:
        what = "; ".join(row.categories)
        said = f"Shared with {team}" if row.is_given else f"Not shared with {team}: {row.much}"
        words = f"{what}. Held by {row.held_by}. {row.why} By {row.by}."
        given.setdefault((row.at, said), []).append(("What", words))
        if row.ended:
            ends = given.setdefault((row.ended, f"No longer shared with {team}"), [])
            ends.append(("What", f"{what}. Held by {row.held_by}."))
    for (at, title), lines in given.items():
        yield Entry(Strand.SHARING, title, at, lines=tuple(lines))
