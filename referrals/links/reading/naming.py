"""What may be recorded from: a piece of the case in which somebody or something may be named."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from portal.accounts.vocabulary import Principal
from portal.common.errors import NotVisible
from referrals.links.reading.cards import Words
from referrals.links.vocabulary import Kind
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
)


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
