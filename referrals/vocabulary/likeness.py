"""What a child is told apart by, as words to compare and as keys to find a likely one with."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from typing import Final

from referrals.vocabulary.names import circles, fold, parts, sound

VERSION: Final = 2
"""Which way of making keys this is. When it changes, the keys of every child are made again."""

TOLD_APART_BY: Final = frozenset({"nhs_number", "upn", "address", "school", "safe_contact"})
"""The questions of a referral whose answers tell one child from another."""

_MOST_PARTS: Final = 4
_LONGEST_SCHOOL: Final = 300
_POSTCODE: Final = re.compile(r"\b([a-z]{1,2}\d[a-z\d]?)\s*(\d[a-z]{2})\b", re.ASCII)
_DOOR: Final = re.compile(r"\b(\d{1,4}[a-z]?)[\s,]+([a-z]{3,40})", re.ASCII)
_PHONE: Final = re.compile(r"(?:\+44\s?|\(?0)[\d\s()-]{8,13}\d", re.ASCII)
_UPN: Final = re.compile(r"\b[a-z]\d{11}[\da-z]\b", re.ASCII)
_NHS: Final = re.compile(r"(?<!\d)\d{3}[\s-]?\d{3}[\s-]?\d{4}(?!\d)", re.ASCII)
_EVERY_SCHOOL: Final = frozenset(
    {"school", "schools", "college", "academy", "high", "primary", "secondary", "junior", "infant"}
    | {"infants", "nursery", "upper", "lower", "community", "church", "england", "catholic"}
    | {"the", "of", "and", "rc", "ce", "st", "saint"}
)


@dataclass(frozen=True, repr=False)
class Likeness:
    """Who a child is, folded so that two can be compared. What is not known is empty.

    `also` are the parts of other names; `born_about` is the year that an estimated age leads to.
    """

    given: tuple[str, ...] = ()
    family: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    born: date | None = None
    born_about: int | None = None
    nhs_number: str = ""
    upn: str = ""
    postcode: str = ""
    door: str = ""
    school: str = ""
    phones: tuple[str, ...] = ()


def likeness(
    *,
    given_name: str,
    family_name: str,
    known_as: str,
    born: date | None,
    born_about: int | None,
    answers: Mapping[str, Iterable[str]],
) -> Likeness:
    """Fold what is known of a child. `answers` holds words by the keys of `TOLD_APART_BY`."""
    said = {key: " \n ".join(texts).casefold() for key, texts in answers.items()}
    where = said.get("address", "")
    postcode, door = _POSTCODE.search(where), _DOOR.search(where)
    reached = where + " \n " + said.get("safe_contact", "")
    return Likeness(
        given=parts(given_name)[:_MOST_PARTS],
        family=parts(family_name)[:_MOST_PARTS],
        also=parts(known_as)[:_MOST_PARTS],
        born=born,
        born_about=born.year if born else born_about,
        nhs_number=_nhs_number(said.get("nhs_number", "")),
        upn=_first(_UPN, said.get("upn", "")),
        postcode="".join(postcode.groups()) if postcode else "",
        door=" ".join(door.groups()) if door else "",
        school=school(said.get("school", "")),
        phones=tuple(sorted({_digits(each)[-10:] for each in _PHONE.findall(reached)}))[
            :_MOST_PARTS
        ],
    )


def school(words: str) -> str:
    """The words that tell one school from another, in alphabetical order."""
    told = [word for word in fold(words).split() if len(word) > 1]
    kept = [word for word in told if word not in _EVERY_SCHOOL] or told
    return " ".join(sorted(set(kept))[:_MOST_PARTS])[:_LONGEST_SCHOOL]


def _digits(words: str) -> str:
    return re.sub(r"[^0-9]", "", words)


def _first(pattern: re.Pattern[str], words: str) -> str:
    found = pattern.search(words)
    return found.group() if found else ""


def _nhs_number(words: str) -> str:
    """The NHS number in these words, or "" where its check digit says that one is wrong."""
    for found in _NHS.findall(words):
        number = _digits(found)
        weighed = sum(
            int(digit) * weight for digit, weight in zip(number[:9], range(10, 1, -1), strict=True)
        )
        if (11 - weighed % 11) % 11 == int(number[9]):
            return number
    return ""


def turned(day: date) -> date | None:
    """The date with its day and month the other way round, where that is another date."""
    if day.day > 12 or day.day == day.month:
        return None
    return day.replace(month=day.day, day=day.month)


def keys(child: Likeness) -> list[int]:
    """The keys under which a child is kept to be found. They are as personal as what they hide:
    a hash of a date or a number is soon guessed.
    """
    return _hashed({*_always(child), *_dated(child, child.born), *_each_name(child)})


def number_keys(child: Likeness) -> list[int]:
    """The keys of numbers that one child has and no other."""
    return _hashed(_numbered(child))


def asked_keys(child: Likeness) -> list[int]:
    """The keys under which somebody like this child may have been kept."""
    other = turned(child.born) if child.born else None
    return _hashed({*_always(child), *_dated(child, child.born), *_dated(child, other)})


def sought_keys(sought: Likeness) -> tuple[list[list[int]], list[int]]:
    """The keys to find somebody by who is looked for: those of each part of a name, and the rest.

    What is known of a name stands in `also`, whatever name it is. Each part leads to many by
    itself, so a child is looked at who has a key of every part, or one of the rest.
    """
    names = [_hashed(_by_itself(part)) for part in sought.also]
    other = turned(sought.born) if sought.born else None
    born = {f"born {day:%Y-%m-%d}" for day in (sought.born, other) if day}
    return names, _hashed({*born, *_reached(sought)})


def _each_name(child: Likeness) -> Iterator[str]:
    for part in (*child.given, *child.also, *child.family):
        yield from _by_itself(part)


def _by_itself(part: str) -> set[str]:
    """A part of a name alone: by its sound, its circles, and how it begins."""
    begins = {f"begins {part[:3]}"} if len(part) >= 3 else set()
    return begins | {f"name {code}" for code in _codes([part])}


def _hashed(plain: Iterable[str]) -> list[int]:
    def number(key: str) -> int:
        return int.from_bytes(blake2b(key.encode(), digest_size=8).digest(), signed=True)

    return sorted(map(number, plain))


def _codes(names: Iterable[str]) -> frozenset[str]:
    """A part of a name by its sound, and by the circles of names to which it belongs."""
    names = tuple(names)
    sounds = {sound(name) for name in names}
    return frozenset(sounds | {f"{circle}" for name in names for circle in circles(name)})


def _always(child: Likeness) -> Iterator[str]:
    given, family = _codes((*child.given, *child.also)), _codes(child.family)
    for one in given:
        for other in family:
            first, second = sorted((one, other))
            yield f"names {first} {second}"
    if child.school:
        yield from (f"school {child.school} {code}" for code in given | family)
    yield from _reached(child)
    yield from _numbered(child)


def _numbered(child: Likeness) -> Iterator[str]:
    for kind, value in (("nhs", child.nhs_number), ("upn", child.upn)):
        if value:
            yield f"{kind} {value}"


def _reached(child: Likeness) -> Iterator[str]:
    for kind, values in (
        ("phone", child.phones),
        ("where", [child.postcode, child.door]),
    ):
        yield from (f"{kind} {value}" for value in values if value)


def _dated(child: Likeness, born: date | None) -> Iterator[str]:
    """A birth date by itself, and each two of its parts with each part of a name."""
    if born is None:
        return
    yield f"born {born:%Y-%m-%d}"
    for code in _codes((*child.given, *child.also, *child.family)):
        yield f"born {born:%m-%d} {code}"
        yield f"born {born:%Y-%m}- {code}"
        yield f"born {born:%Y--%d} {code}"
