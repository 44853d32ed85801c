"""The words of links: what is named, what is decided of two, and by what two are found alike."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import combinations, product
from typing import Final

from django.db.models import TextChoices

from referrals.vocabulary.likeness import likeness
from referrals.vocabulary.names import circles, fold, parts, sound


class Kind(TextChoices):
    """What a case names that another one may name too."""

    PERSON = "person", "Person who may pose a risk"
    PLACE = "place", "Place"
    VEHICLE = "vehicle", "Vehicle"
    PHONE = "phone", "Phone"
    ACCOUNT = "account", "Online account"


OF_CHILDREN: Final = frozenset({"other_child", "siblings"})
"""The answers that name other children, of whom none is a person who may pose a risk."""


class Verdict(TextChoices):
    """What somebody decided of two that two cases name."""

    SAME = "same", "The same one"
    NOT_SAME = "not_same", "Not the same one"


_ALIKE: Final = {
    "mark": "the same registration mark",
    "phone": "the same number",
    "account": "the same account name",
    "names": "names that sound alike",
    "called": "the same single name",
    "postcode": "the same postcode",
    "door": "the same house number and street",
    "place": "the same name of the place",
}
"""What two have in common, by the kind of key that both have."""

SHORTEST_PHONE: Final = 7
LONGEST_MARK: Final = 12
_MOST_NAMES: Final = 5
_MOST_PARTS: Final = 4

_SMALL: Final = frozenset({"a", "an", "the", "of", "at", "in", "on", "by", "near"})
"""Words that tell no place from another."""

# Letters that are read as digits on a plate, and the other way round.
_READ_AS: Final = str.maketrans("OI", "01")


def mark(words: str) -> str:
    """A registration mark as it is compared: letters and digits, O as nought and I as one."""
    plain = unicodedata.normalize("NFKC", words).upper()
    return re.sub(r"[^0-9A-Z]", "", plain).translate(_READ_AS)


def number(words: str) -> str:
    """A phone number as it is compared: its last ten digits, so with or without a country."""
    return re.sub(r"[^0-9]", "", unicodedata.normalize("NFKC", words))[-10:]


def account(words: str) -> str:
    """The name of an account as it is compared: small letters, no spaces, no sign before it."""
    return "".join(unicodedata.normalize("NFKC", words).casefold().split()).lstrip("@")


def lacks(kind: Kind, called: str, description: str) -> str:
    """What to say where this does not tell one of a kind from another; "" where it does."""
    if kind is Kind.VEHICLE and called.strip() and not 2 <= len(mark(called)) <= LONGEST_MARK:
        return "Enter a registration mark of 2 to 12 letters and numbers, or leave it empty"
    if kind is Kind.PHONE and len(number(called)) < SHORTEST_PHONE:
        return "Enter a whole phone number, like 01632 960 001"
    if kind is Kind.ACCOUNT and not account(called):
        return "Enter the name of the account"
    if not (called.strip() or description.strip()):
        return "Enter a name, a number or a description"
    return ""


def keys(kind: Kind, called: str, also: str, where: str) -> list[str]:
    """The keys under which one is found again: two with a key in common may be the same.

    None for one who is only described. Raises nothing, whatever was typed.
    """
    found: Iterable[str]
    match kind:
        case Kind.PERSON:
            found = _person(called, also)
        case Kind.PLACE:
            found = _place(called, where)
        case Kind.VEHICLE:
            found = _one("mark", mark(called))
        case Kind.PHONE:
            found = _one("phone", number(called))
        case Kind.ACCOUNT:
            found = _one("account", account(called))
    return sorted(set(found))


def alike(one: Iterable[str], other: Iterable[str]) -> str:
    """What two have in common, as a sentence; "" where they have no key in common."""
    kinds = {key.partition(" ")[0] for key in {*one} & {*other}}
    said = ", ".join(words for kind, words in _ALIKE.items() if kind in kinds)
    return f"{said[:1].upper()}{said[1:]}." if said else ""


def _one(kind: str, value: str) -> list[str]:
    return [f"{kind} {value}"] if value else []


def _person(called: str, also: str) -> Iterator[str]:
    """Each two parts of a name by their sound or their circle of short forms, in any order.

    A name of one part leads only to the very same one: many a name is part of another.
    """
    names = [called, *re.split(r"[,;/\n]", also)][:_MOST_NAMES]
    for said in map(parts, names):
        if len(said) == 1:
            yield f"called {said[0]}"
        for one, other in combinations(said[:_MOST_PARTS], 2):
            for pair in product(_codes(one), _codes(other)):
                yield "names {} {}".format(*sorted(pair))


def _codes(part: str) -> set[str]:
    return {sound(part), *map(str, circles(part))}


def _place(called: str, where: str) -> Iterator[str]:
    found = likeness(
        given_name="",
        family_name="",
        known_as="",
        born=None,
        born_about=None,
        answers={"address": [f"{where} \n {called}"]},
    )
    yield from _one("postcode", found.postcode)
    yield from _one("door", found.door)
    told = sorted(set(fold(called).split()) - _SMALL)
    yield from _one("place", " ".join(told[:_MOST_PARTS]))
