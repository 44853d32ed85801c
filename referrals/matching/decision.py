"""How alike two children are, in words. Pure: it reads nothing and writes nothing.

Each thing that is known of both adds weight for or against their being one child, as in the
method of Fellegi and Sunter (1969): about the binary logarithm of how much more often it is so
for one child reported twice than for two children. The weights order the list and choose the
word, and nobody is shown them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from math import log2
from typing import Final
from uuid import UUID

from referrals.matching.vocabulary import Strength
from referrals.vocabulary.likeness import Likeness, turned
from referrals.vocabulary.names import circles, sound

# What is said of a name, from the most to the least alike.
_SAME, _SHORT, _SOUNDS, _LOOKS, _PART, _INITIAL = "same", "short", "sounds", "looks", "part", "j"

_GIVEN: Final = {_SAME: 7.0, _SHORT: 6.0, _SOUNDS: 6.0, _LOOKS: 5.0, _PART: 5.5, _INITIAL: 2.0}
_FAMILY: Final = {_SAME: 8.0, _SHORT: 4.0, _SOUNDS: 7.0, _LOOKS: 6.0, _PART: 6.0, _INITIAL: 1.5}
_OTHER_GIVEN: Final = -7.0
_OTHER_FAMILY: Final = -4.0
_NEAREST: Final = 4.0
_TURNED_NAMES: Final = -1.0

_LIKELY: Final = 20.0
_POSSIBLE: Final = 13.0
_WEAK: Final = 9.0
_NAMESAKES: Final = 1.0


@dataclass(frozen=True, repr=False)
class Alike:
    """What two have in common: how strong it is, and why, in words."""

    strength: Strength
    reasons: tuple[str, ...]
    weight: float


@dataclass(frozen=True, repr=False)
class _Evidence:
    """One thing that is known of both: its weight, and the words for it, if it speaks for them."""

    weight: float = 0.0
    words: str = ""


_NOTHING: Final = _Evidence()


def ranked(asked: Likeness, others: Mapping[UUID, Likeness]) -> list[tuple[UUID, Alike]]:
    """Those of the others that may be the child who is asked for, the most alike first."""
    named = {key: _names(asked, other) for key, other in others.items()}
    namesakes = sum(_are_alike(*each) for each in named.values())
    found = [(key, _compared(asked, other, named[key], namesakes)) for key, other in others.items()]
    kept = [(key, alike) for key, alike in found if alike is not None]
    return sorted(kept, key=lambda each: (-each[1].weight, each[0]))


def compare(one: Likeness, other: Likeness, namesakes: int = 1) -> Alike | None:
    """How alike these two are, or None where they are not, or cannot be, one child.

    `namesakes` is how many children here have names like these: the more, the less a name tells.
    Two different NHS numbers are two children, whatever else is the same.
    """
    return _compared(one, other, _names(one, other), namesakes)


def _compared(
    one: Likeness, other: Likeness, names: tuple[list[_Evidence], bool], namesakes: int
) -> Alike | None:
    if one.nhs_number and other.nhs_number and one.nhs_number != other.nhs_number:
        return None
    named, is_other = names
    found = [
        *_numbers(one, other),
        *named,
        _birth(one, other),
        *_places(one, other),
    ]
    weight = sum(each.weight for each in found)
    if not is_other:
        weight -= _NAMESAKES * log2(max(1, namesakes))
    strength = _strength(weight, is_other=is_other, is_number=bool(found[0].words))
    if strength is None:
        return None
    return Alike(strength, tuple(each.words for each in found if each.words), weight)


def fits(sought: Likeness, child: Likeness) -> tuple[float, tuple[str, ...]] | None:
    """What of what somebody looks for fits this child: its weight, and the words; None if it
    cannot be.

    The parts of a name that are typed (`sought.also`) may be of any name, and each must fit one of
    the child's. So must the birth date, where the child's is known. A phone or an address that is
    another one says nothing: people move.
    """
    named = [_called(part, child) for part in sought.also]
    birth = _birth(sought, child)
    if birth.weight < 0 or any(each is _NOTHING for each in named):
        return None
    found = [*named, birth, *_places(sought, child)]
    words = tuple(dict.fromkeys(each.words for each in found if each.words))
    return (sum(each.weight for each in found), words) if words else None


def _called(part: str, child: Likeness) -> _Evidence:
    """The best that one part of a name has in common with the names of a child."""
    best = _NOTHING
    for weights, words, names in (
        (_GIVEN, _GIVEN_WORDS, child.given),
        (_FAMILY, _FAMILY_WORDS, child.family),
        (_GIVEN, _ALSO_WORDS, child.also),
    ):
        how = _alike((part,), names)
        if how and weights[how] > best.weight:
            best = _Evidence(weights[how], words[how])
    return best


def _are_alike(named: list[_Evidence], is_other: bool) -> bool:  # noqa: FBT001 - as _names says it
    """Whether both the first and the last name may be the same: such a child is a namesake."""
    return not is_other and len(named) == 2 and all(each.weight > 0 for each in named)


def _strength(weight: float, *, is_other: bool, is_number: bool) -> Strength | None:
    if weight < _WEAK:
        return None
    if weight < _POSSIBLE:
        return Strength.WEAK
    # Brothers, sisters and twins share everything else.
    if weight < _LIKELY or (is_other and not is_number):
        return Strength.POSSIBLE
    return Strength.LIKELY


def _numbers(one: Likeness, other: Likeness) -> list[_Evidence]:
    if one.nhs_number and one.nhs_number == other.nhs_number:
        return [_Evidence(40.0, "same NHS number")]
    if one.upn and other.upn:
        if one.upn == other.upn:
            return [_Evidence(24.0, "same unique pupil number")]
        # A child may have had a temporary one.
        return [_Evidence(-3.0)]
    return [_NOTHING]


def _names(one: Likeness, other: Likeness) -> tuple[list[_Evidence], bool]:
    """What the names say, and whether the first names are different ones."""
    mine = (*one.given, *one.also)
    theirs = (*other.given, *other.also)
    if not (one.family or one.given) or not (other.family or other.given):
        mine, theirs = (*mine, *one.family), (*theirs, *other.family)
    straight = [_given(mine, theirs), _family(one.family, other.family)]
    crossed = _crossed(one, other)
    if sum(each.weight for each in crossed) > sum(each.weight for each in straight):
        return crossed, False
    return straight, straight[0].weight < 0


def _crossed(one: Likeness, other: Likeness) -> list[_Evidence]:
    """The first name of one held against the last name of the other."""
    there = _alike(one.given, other.family)
    back = _alike(one.family, other.given)
    whole = (one.given, one.family, other.given, other.family)
    if all(whole) and there and back:
        weight = _GIVEN[there] + _FAMILY[back] + _TURNED_NAMES
        return [_Evidence(weight, "first and last name the other way round")]
    one_only = there if not (one.family and other.given) else ""
    one_only = one_only or (back if not (one.given and other.family) else "")
    if one_only:
        return [
            _Evidence(
                _GIVEN[one_only] + _TURNED_NAMES, "the last name of one is the first of the other"
            )
        ]
    return [_Evidence(-99.0)]


_GIVEN_WORDS: Final = {
    _SAME: "same first name",
    _SHORT: "one first name may be short for the other",
    _SOUNDS: "first names sound alike",
    _LOOKS: "first names look alike",
    _PART: "part of the first name is the same",
    _INITIAL: "first names begin with the same letter",
}
_FAMILY_WORDS: Final = {
    _SAME: "same last name",
    _SHORT: "similar last name",
    _SOUNDS: "last names sound alike",
    _LOOKS: "last names look alike",
    _PART: "part of the last name is the same",
    _INITIAL: "last names begin with the same letter",
}


_ALSO_WORDS: Final = {
    how: words.replace("first name", "other name") for how, words in _GIVEN_WORDS.items()
}


def _given(mine: tuple[str, ...], theirs: tuple[str, ...]) -> _Evidence:
    if not mine or not theirs:
        return _NOTHING
    how = _alike(mine, theirs)
    if how:
        return _Evidence(_GIVEN[how], _GIVEN_WORDS[how])
    nearest = max(_letters_shared(a, b) for a in mine for b in theirs)
    return _Evidence(_OTHER_GIVEN + _NEAREST * nearest)


def _family(mine: tuple[str, ...], theirs: tuple[str, ...]) -> _Evidence:
    if not mine or not theirs:
        return _NOTHING
    how = _alike(mine, theirs)
    return _Evidence(_FAMILY[how], _FAMILY_WORDS[how]) if how else _Evidence(_OTHER_FAMILY)


def _alike(mine: tuple[str, ...], theirs: tuple[str, ...]) -> str:
    """The best that two names have in common, part by part; "" where there is nothing."""
    if mine == theirs:
        return _SAME if mine else ""
    best = ""
    for a in mine:
        for b in theirs:
            how = _parts_alike(a, b) if a <= b else _parts_alike(b, a)
            if how and (not best or _GIVEN[how] > _GIVEN[best]):
                best = how
    if best == _SAME:
        return _PART
    if not best and len(mine) + len(theirs) > 2 and "".join(mine) == "".join(theirs):
        return _SAME
    return best


@lru_cache(maxsize=100_000)
def _parts_alike(a: str, b: str) -> str:
    if a == b:
        return _SAME
    if 1 in (len(a), len(b)):
        return _INITIAL if a[0] == b[0] else ""
    if circles(a) & circles(b):
        return _SHORT
    said = sound(a)
    if said == sound(b) and (len(said) > 2 or (len(said) == 2 and _letters_shared(a, b))):
        # Of a name as short as Ava and Eve hardly more than a letter is left.
        return _SOUNDS
    shorter = min(len(a), len(b))
    if shorter >= 3 and (a.startswith(b) or b.startswith(a)):
        return _SHORT
    allowed = 0 if shorter < 4 else 1 if shorter < 6 else 2
    return _LOOKS if allowed and _slips(a, b, allowed) <= allowed else ""


@lru_cache(maxsize=100_000)
def _letters_shared(a: str, b: str) -> float:
    """Which part of the pairs of letters two names share, from 0 to 1: it tells between twins."""
    one, other = ({name[at : at + 2] for at in range(len(name) - 1)} for name in (a, b))
    return len(one & other) / max(1, min(len(one), len(other)))


def _slips(a: str, b: str, most: int) -> int:
    """How many letters are wrong, missing, added or swapped. More than `most` ends the count."""
    if abs(len(a) - len(b)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, start=1):
        earlier, before, row = before, row, [i]
        for j, y in enumerate(b, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and y == a[i - 2]:
                cost = min(cost, earlier[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return row[-1]


def _birth(one: Likeness, other: Likeness) -> _Evidence:
    if one.born and other.born:
        return _dates(one.born, other.born)
    if one.born_about and other.born_about:
        apart = abs(one.born_about - other.born_about)
        if apart <= 1:
            return _Evidence(2.5, "about the same age")
        return _NOTHING if apart == 2 else _Evidence(-5.0)
    return _NOTHING


_SAME_BIRTH: Final = _Evidence(12.0, "same birth date")
_TURNED_BIRTH: Final = _Evidence(10.0, "birth dates with day and month the other way round")
_TURNED_BIRTH_OTHER_YEAR: Final = _Evidence(
    6.0, "birth dates with day and month the other way round, and another year"
)
_OTHER_BIRTH: Final = _Evidence(-7.0)


def _dates(mine: date, theirs: date) -> _Evidence:
    if mine == theirs:
        return _SAME_BIRTH
    years = abs(mine.year - theirs.year)
    swapped = turned(mine)
    if swapped and years <= 1 and (swapped.month, swapped.day) == (theirs.month, theirs.day):
        return _TURNED_BIRTH_OTHER_YEAR if years else _TURNED_BIRTH
    both = {part: (getattr(mine, part), getattr(theirs, part)) for part in _SLIPS}
    differ = [part for part, (one, other) in both.items() if one != other]
    if len(differ) > 1:
        return _OTHER_BIRTH
    (part,) = differ
    one, other = both[part]
    is_slip = abs(one - other) == 1 or _one_digit(one, other)
    slip, otherwise = _SLIPS[part]
    weight = slip if is_slip else otherwise
    return _Evidence(weight, f"birth dates differ in the {part} only") if weight else _OTHER_BIRTH


# What it weighs that one part of two dates differs: by a slip of the hand, or by more.
_SLIPS: Final = {"year": (8.0, 0.0), "month": (7.0, 4.0), "day": (7.0, 4.0)}


def _one_digit(a: int, b: int) -> bool:
    return sum(x != y for x, y in zip(f"{a:04}", f"{b:04}", strict=True)) == 1


def _places(one: Likeness, other: Likeness) -> Iterable[_Evidence]:
    yield _address(one, other)
    if one.phones and other.phones and set(one.phones) & set(other.phones):
        yield _Evidence(9.0, "same phone number")
    if one.school and other.school:
        yield _schools(one.school, other.school)


def _address(one: Likeness, other: Likeness) -> _Evidence:
    same_door = bool(one.door) and one.door == other.door
    if one.postcode and other.postcode:
        if one.postcode == other.postcode:
            return _Evidence(
                11.0 if same_door else 9.0, "same address" if same_door else "same postcode"
            )
        if same_door:
            return _Evidence(8.0, "same house number and street")
        if _one_slip(one.postcode, other.postcode):
            return _Evidence(6.0, "postcodes look alike")
        return _Evidence(0.5 if one.postcode[:-3] == other.postcode[:-3] else -2.0)
    return _Evidence(7.0, "same house number and street") if same_door else _NOTHING


@lru_cache(maxsize=100_000)
def _one_slip(a: str, b: str) -> bool:
    return _slips(a, b, 1) == 1


def _schools(mine: str, theirs: str) -> _Evidence:
    a, b = set(mine.split()), set(theirs.split())
    if a & b and (a <= b or b <= a):
        return _Evidence(5.0, "same school")
    return _Evidence(-1.5)
