"""What this reader may know of the people and places of a case, and of the same ones elsewhere.

A link is shown where both of its ends are, by the readings of the two cases as they are now: what
is withheld at either end leaves no link, no count and no word.
"""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Final
from uuid import UUID

from django.db.models import Q

from portal.accounts.vocabulary import Principal
from portal.common.errors import NotVisible
from referrals.links import policies
from referrals.links.models import Link, Mention, MentionQuerySet
from referrals.links.vocabulary import Kind, Verdict, alike
from referrals.models import Case, Statement
from referrals.reading import Item, is_whole, pieces
from referrals.services.items import Means
from referrals.vocabulary import (
    ADDED,
    ANSWERS,
    CHOSEN,
    CONCERN,
    FAMILY,
    LINKS,
    NOTES,
    QUESTIONS,
    REACH,
    VIEW,
    Answer,
)

MOST: Final = 10
"""How many are proposed for one: whoever reads the list reads all of it."""

MOST_NEAR: Final = 200
"""How many that share a key are looked at, the latest first; whatever people linked is there."""

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
class Page:
    """The people and places of a case: those recorded, and what its senders named of them."""

    reference: str
    cards: tuple[Card, ...]
    open: tuple[Item, ...]

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
        return tuple(sorted({str(item.category) for item in items}))


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


def people_and_places(principal: Principal, case: Case) -> Page:
    """What this case names, for the principal, who oversees it. The caller records the reading."""
    mine = list(_rows(Mention.objects.standing().filter(statement__case=case)))
    theirs = _candidates(principal, case, mine)
    listed = Statement.objects.filter(
        case=case, question__in=LISTED_HERE, item__isnull=False, removed_at__isnull=True
    ).order_by("created_at", "pk")
    open_to_record = list(listed.values_list("pk", flat=True))
    wanted = {row.statement_id for row in (*mine, *theirs)}
    shown = pieces(principal, {*wanted, *open_to_record})
    here = [_named(row, shown[row.statement_id]) for row in mine if row.statement_id in shown]
    there = [_named(row, shown[row.statement_id]) for row in theirs if row.statement_id in shown]
    decided = _decided(here, there)
    return Page(
        reference=case.reference,
        cards=tuple(_card(each, there, decided) for each in here),
        open=tuple(
            shown[pk]
            for pk in open_to_record
            if pk in shown and pk not in {row.statement_id for row in mine}
        ),
    )


LISTED_HERE: Final = frozenset({"person", "young_person", "place", "online"})
"""The lists of a referral that name what may be linked. Another child is matched as a child."""


def _rows(found: MentionQuerySet) -> MentionQuerySet:
    return found.select_related("statement__case", "by__user").order_by("-recorded_at", "pk")


def _candidates(principal: Principal, case: Case, mine: Iterable[Mention]) -> list[Mention]:
    """What is recorded on other cases and was linked with one of these, or shares a key with one.

    Of those that share a key alone, only the latest: a common name would bring whole areas.
    """
    pks = [row.pk for row in mine]
    if not pks:
        return []
    held = Link.objects.current().filter(Q(first__in=pks) | Q(second__in=pks))
    near = Q(keys__overlap=sorted({key for row in mine for key in row.keys}))
    linked = Q(pk__in=held.values("first")) | Q(pk__in=held.values("second"))
    others = _rows(policies.elsewhere(principal, case))
    found = [*others.filter(linked), *others.filter(near).exclude(linked)[:MOST_NEAR]]
    return sorted(found, key=lambda row: row.recorded_at, reverse=True)


def _named(row: Mention, item: Item) -> Named:
    case = row.statement.case
    return Named(
        pk=row.pk,
        case_id=case.pk,
        child_id=case.child_id,
        reference=case.reference,
        words=Words(Kind(row.kind), row.called, row.also, row.where, row.description),
        item=item,
        by=row.by.user.name,
        at=row.recorded_at,
        keys=tuple(row.keys),
    )


def _pair(one: UUID, other: UUID) -> tuple[UUID, UUID]:
    return (one, other) if one < other else (other, one)


def _decided(here: Iterable[Named], there: Iterable[Named]) -> Mapping[tuple[UUID, UUID], Decided]:
    """What holds of one of these and one of those, both of which are shown, by the pair."""
    mine, theirs = [each.pk for each in here], [each.pk for each in there]
    if not (mine and theirs):
        return {}
    held = Link.objects.current().filter(
        Q(first__in=mine, second__in=theirs) | Q(first__in=theirs, second__in=mine)
    )
    return {
        (each.first_id, each.second_id): _said(each) for each in held.select_related("by__user")
    }


def _said(link: Link) -> Decided:
    return Decided(Verdict(link.verdict), link.by.user.name, link.judged_at, link.reason)


def _card(
    named: Named, there: Iterable[Named], decided: Mapping[tuple[UUID, UUID], Decided]
) -> Card:
    also_in, proposed = [], []
    for other in there:
        if other.words.kind is not named.words.kind:
            continue
        held = decided.get(_pair(named.pk, other.pk))
        why = alike(named.keys, other.keys)
        if held and held.verdict is Verdict.SAME:
            also_in.append(Elsewhere(other, why, held))
        elif held is None and why:
            proposed.append(Elsewhere(other, why))
    return Card(named, tuple(also_in), tuple(islice(proposed, MOST)))


def comparison(principal: Principal, case: Case, mine: UUID, other: UUID) -> Comparison:
    """Two side by side, of which each is shown to the principal on its own case.

    Raises NotVisible where one of them is not, or they are of two kinds. The caller records it.
    """
    here = Mention.objects.standing().filter(statement__case=case, pk=mine)
    there = policies.elsewhere(principal, case).filter(pk=other)
    found = [*_rows(here), *_rows(there)]
    shown = pieces(principal, [row.statement_id for row in found])
    if len(found) != 2 or len(shown) != 2 or found[0].kind != found[1].kind:
        raise NotVisible("mention", str(other))
    one, two = (_named(row, shown[row.statement_id]) for row in found)
    held = Link.objects.current().between(mine, other).select_related("by__user").first()
    return Comparison(one, two, alike(one.keys, two.keys), _said(held) if held else None)


def one(principal: Principal, case: Case, pk: UUID) -> Named:
    """One that this case names, if its statement is shown to the principal. Raises NotVisible."""
    row = _rows(Mention.objects.standing().filter(statement__case=case, pk=pk)).first()
    shown = pieces(principal, [row.statement_id]) if row else {}
    if row is None or row.statement_id not in shown:
        raise NotVisible("mention", str(pk))
    return _named(row, shown[row.statement_id])


def piece(principal: Principal, case: Case, pk: UUID) -> Item:
    """A statement of this case to record from, shown whole to the principal. Raises NotVisible."""
    asked = Statement.objects.filter(case=case, pk=pk).values_list("pk", flat=True)
    shown = pieces(principal, asked)
    if pk not in shown or not may_name(shown[pk]):
        raise NotVisible("statement", str(pk))
    return shown[pk]


def may_name(item: Item) -> bool:
    """Tell whether this is words in which somebody or something may be named, all of them shown.

    Neither a choice, nor who the child is, how they are reached or who sent it: their phone is no
    phone of concern, and where they live no place. Nor who their brothers and sisters are.
    """
    is_chosen = item.question in CHOSEN or item.question in _CODED
    is_theirs = item.question in _THEIR_OWN
    names = is_whole(item) and QUESTIONS[item.question].section in _NAMES
    return names and not is_chosen and not is_theirs


_NAMES: Final = frozenset({VIEW, CONCERN, LINKS, REACH, FAMILY, ADDED, ANSWERS, NOTES})
_THEIR_OWN: Final = frozenset({"safe_contact", "address", "protected_address", "siblings"})
_CODED: Final = frozenset({"danger", "child_told", "parents_told"})


_MEANS: Final = {
    Means.ACCOUNT: Kind.ACCOUNT,
    Means.PHONE: Kind.PHONE,
    Means.VEHICLE: Kind.VEHICLE,
}


def words_of(question: str, details: Mapping[str, str]) -> Words:
    """What a sender named in fields, as it stands in the form to begin with."""
    called, more = details.get("name", ""), details.get("description", "")
    if question in ("person", "young_person"):
        return Words(Kind.PERSON, called, details.get("nicknames", ""), description=more)
    if question == "place":
        return Words(Kind.PLACE, called, where=details.get("address", ""))
    if question == "online":
        means = details.get("means", "")
        return Words(_MEANS[Means(means)] if means else None, called, description=more)
    return Words(None)
