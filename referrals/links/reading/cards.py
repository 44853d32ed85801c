"""The shapes of what is shown of a person or place: its words, its card, the page, a pair."""

from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from referrals.links.vocabulary import Kind, Verdict
from referrals.reading import Item
from referrals.vocabulary import QUESTIONS, Answer

MOST: Final = 10
"""How many are proposed for one: whoever reads the list reads all of it."""

MOST_BESIDE: Final = 5
"""Of how many the workspace says that they are elsewhere too; the page of them says all."""


@dataclass(frozen=True, repr=False)
class Words:
    """What was recorded of one, as it stands in a form and on a page."""

    kind: Kind | None
    called: str = ""
    also: str = ""
    where: str = ""
    description: str = ""

    @property
    def rows(self) -> tuple[tuple[str, str], ...]:
        """What is said of it, as rows."""
        said = (
            ("Name or number", self.called),
            ("Other names", self.also),
            ("Where it is", self.where),
            ("How to know it again", self.description),
        )
        return tuple(row for row in said if row[1])

    @property
    def title(self) -> str:
        """What it is called in a heading of a page: no more than its first words."""
        said = self.called or self.description
        return said if len(said) <= 60 else f"{said[:57]}…"


@dataclass(frozen=True, repr=False)
class Named:
    """One that a case names: what was recorded of it, and the piece of the case it rests on."""

    pk: UUID
    case_id: UUID
    child_id: UUID
    reference: str
    words: Words
    item: Item
    by: str
    at: datetime
    keys: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """What it is. Of a person who may be a child themselves it says so."""
        if self.words.kind is Kind.PERSON and self.item.question == "young_person":
            return QUESTIONS["young_person"].label
        return str(self.words.kind.label) if self.words.kind else ""


@dataclass(frozen=True, repr=False)
class Decided:
    """What somebody decided of two, and when."""

    verdict: Verdict
    by: str
    at: datetime
    reason: str

    @property
    def label(self) -> str:
        """What was decided, in words."""
        return str(self.verdict.label)


@dataclass(frozen=True, repr=False)
class Elsewhere:
    """One on another case: the same one (`decided`), or one that may be (`why`)."""

    named: Named
    why: str = ""
    decided: Decided | None = None


@dataclass(frozen=True, repr=False)
class Card:
    """One that this case names, with where else it is named and where it may be."""

    named: Named
    also_in: tuple[Elsewhere, ...]
    proposed: tuple[Elsewhere, ...]

    @property
    def cases(self) -> tuple[str, ...]:
        """The other cases on which it is, each once."""
        return tuple(sorted({each.named.reference for each in self.also_in}))

    @property
    def count_words(self) -> str:
        """On how many other cases it is, as far as this reader may know."""
        count = len(self.cases)
        return f"Also in {count} other case{'' if count == 1 else 's'}"


@dataclass(frozen=True, repr=False)
class Beside:
    """What the workspace says of one: what it is, on which other cases it is and where it may be.

    At most ten references of each.
    """

    title: str
    count_words: str
    also_in: tuple[str, ...]
    may_be_in: tuple[str, ...]


@dataclass(frozen=True, repr=False)
class Lost:
    """Something was recorded from an answer, and went with it: none of its words, nor what it is.

    `label` and `category` are of the answer, which was corrected or removed. `right` is the answer
    that stands in its place; None where it was removed.
    """

    pk: UUID
    label: str
    category: str
    by: str
    at: datetime
    right: Item | None


@dataclass(frozen=True, repr=False)
class Page:
    """The people and places of a case: those recorded, and what its senders named of them.

    `lost` went with words that were corrected or removed, and nobody has looked at them since.
    """

    reference: str
    cards: tuple[Card, ...]
    open: tuple[Item, ...]
    lost: tuple[Lost, ...] = ()

    @property
    def case_ids(self) -> list[UUID]:
        """The other cases of which something is shown."""
        return _case_ids(self.cards)

    @property
    def beside(self) -> tuple[Beside, ...]:
        """The first of those that are, or may be, on other cases, for the workspace."""
        return tuple(
            Beside(
                title=f"{card.named.kind}: {card.named.words.title}",
                count_words=card.count_words if card.also_in else "",
                also_in=card.cases[:MOST],
                may_be_in=tuple(dict.fromkeys(each.named.reference for each in card.proposed)),
            )
            for card in self._elsewhere
        )

    @property
    def beside_ids(self) -> list[UUID]:
        """The other cases that the workspace names by it."""
        named = {each for one in self.beside for each in (*one.also_in, *one.may_be_in)}
        return _case_ids(self._elsewhere, named)

    @property
    def _elsewhere(self) -> tuple[Card, ...]:
        return tuple(c for c in self.cards if c.also_in or c.proposed)[:MOST_BESIDE]

    @property
    def shown(self) -> tuple[str, ...]:
        """The codes of the categories of which something is shown, for the ledger. Those of this
        case alone: its trail is read by people who may not know of the others.
        """
        items = (*self.open, *(card.named.item for card in self.cards))
        right = (each.right.category for each in self.lost if each.right)
        codes = {str(item.category) for item in items} | {str(code) for code in right}
        return tuple(sorted(codes | {each.category for each in self.lost}))


def _case_ids(cards: Iterable[Card], named: Container[str] | None = None) -> list[UUID]:
    """The other cases on these cards; of them those with these references, where any are given."""
    return sorted(
        {
            each.named.case_id
            for card in cards
            for each in (*card.also_in, *card.proposed)
            if named is None or each.named.reference in named
        }
    )


@dataclass(frozen=True, repr=False)
class Comparison:
    """Two that two cases name, side by side: why they may be one, and what was decided."""

    mine: Named
    theirs: Named
    why: str
    decided: Decided | None

    @property
    def rows(self) -> tuple[tuple[str, str, str], ...]:
        """What is said of each of them, row by row."""
        mine, theirs = dict(self.mine.words.rows), dict(self.theirs.words.rows)
        nothing = Answer.NOT_PROVIDED.label
        return (
            ("What it is", self.mine.kind, self.theirs.kind),
            *(
                (label, mine.get(label, nothing), theirs.get(label, nothing))
                for label in dict.fromkeys((*mine, *theirs))
            ),
        )
