"""Fictional children for the measure of matching: a district, second reports, and strangers.

Nobody of these exists. First names are common ones, as lists of baby names have them; of the last
names half are common and half are put together from syllables; places, schools, numbers are made
up. What is hard in a real register is made on purpose: names follow Zipf's law, so many children
share both; brothers, sisters and twins share last name, address, phone and school; a part of the
first reports lacks the birth date, the address, the school.

The ways of erring below are written without the engine's own lists at hand: short names and
spellings of which the engine has no line are among them.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import accumulate
from pathlib import Path

from referrals.vocabulary.likeness import Likeness, likeness

TODAY = date(2026, 11, 1)


def _sections() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in Path(__file__).with_name("names.txt").read_text().splitlines():
        if line.startswith("["):
            section = found.setdefault(line.strip("[]"), [])
        elif not line.startswith("#"):
            section.append(line)
    return found


def _names(section: str) -> list[str]:
    return " ".join(_SECTIONS[section]).split()


def _ways(section: str) -> dict[str, list[str]]:
    lines = (line.split(": ") for line in _SECTIONS[section])
    return {name: ways.split() for name, ways in lines}


_SECTIONS = _sections()
_BRITISH, _SOUTH, _EAST = (_names(f"first {where}") for where in ("british", "south", "east"))
_BRITISH_FAMILY, _SOUTH_FAMILY, _EAST_FAMILY = (
    _names(f"last {where}") for where in ("british", "south", "east")
)
_FRONT, _BACK = _names("front"), _names("back")
_SHORT, _SPELT, _NEAR = _ways("short"), _ways("spelt"), _ways("near")


@dataclass(frozen=True)
class Report:
    """One report of a child, in the words that somebody typed. `child` says of whom it is."""

    child: int
    given: str
    family: str
    known_as: str
    born: date | None
    age: int | None
    door: str
    postcode: str
    school: str
    phone: str
    nhs_number: str = ""
    upn: str = ""
    errs: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        return ", ".join(
            filter(None, (self.door, "Exampleton" if self.door else "", self.postcode))
        )

    def answers(self) -> dict[str, list[str]]:
        """The answers as a referral has them."""
        contact = f"Ring the mobile {self.phone}, not after six." if self.phone else ""
        said = {
            "nhs_number": self.nhs_number,
            "upn": self.upn,
            "address": self.address,
            "school": self.school,
            "safe_contact": contact,
        }
        return {key: [words] for key, words in said.items() if words}

    def likeness(self) -> Likeness:
        return likeness(
            given_name=self.given,
            family_name=self.family,
            known_as=self.known_as,
            born=self.born,
            born_about=TODAY.year - self.age if self.age else None,
            answers=self.answers(),
        )

    def line(self) -> str:
        """The line that brute force compares: name, birth date, postcode."""
        born = f"{self.born:%Y-%m-%d}" if self.born else ""
        return " ".join(filter(None, (self.given, self.family, born, self.postcode))).lower()


class District:
    """A district of fictional children, always the same for a seed."""

    def __init__(self, seed: int, children: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - fiction, not secrets
        self._number = 0
        self._invented = [front + back for front in _FRONT for back in _BACK]
        self.chance.shuffle(self._invented)
        self._streets = [f"{front}{back}" for front in _FRONT for back in _BACK]
        self._schools = [
            f"{front}{self.chance.choice(_BACK)} {kind}"
            for front in _FRONT
            for kind in ("Primary School", "Academy")
        ][: max(4, children // 500)]
        self._households = 0
        self._twin: Report | None = None
        self.reports = self._people(children)

    def _people(self, children: int) -> list[Report]:
        found: list[Report] = []
        while len(found) < children:
            found.extend(self._household()[: children - len(found)])
        return found

    def _household(self) -> list[Report]:
        """One to four children at one address, now and then twins."""
        chance, people = (
            self.chance,
            chance_of(
                self.chance,
                (0.68, _BRITISH, _BRITISH_FAMILY),
                (0.24, _SOUTH, _SOUTH_FAMILY),
                (0.08, _EAST, _EAST_FAMILY),
            ),
        )
        given_names, families = people
        invented = given_names is _BRITISH and chance.random() < 0.55
        family = chance.choice(self._invented) if invented else zipf(chance, families)
        if given_names is _BRITISH and chance.random() < 0.12:
            family = f"{family}-{zipf(chance, families)}"
        self._households += 1
        where = self._where()
        phone = f"07700 {900_000 + self._households % 100_000:06}" if chance.random() < 0.5 else ""
        born: date | None = None
        found: list[Report] = []
        for _ in range(chance.choices((1, 2, 3, 4), (45, 35, 15, 5))[0]):
            twin = born is not None and chance.random() < 0.03
            born = born if twin else date(2008, 11, 1) + timedelta(days=chance.randrange(16 * 365))
            given = zipf(chance, given_names)
            while given in {each.given.split()[0] for each in found}:
                given = chance.choice(given_names)
            found.append(self._first_report(given, family, born, where, phone))
        return found

    def _where(self) -> tuple[str, str, str]:
        """House and street, postcode, and the school that is near."""
        chance = self.chance
        unit = chance.randrange(4_000)
        street = self._streets[unit % len(self._streets)]
        letters = "ABDEFGHJLNPQRSTUWXYZ"
        code = f"{letters[unit // 20 % 20]}{letters[unit % 20]}"
        kind = ("Road", "Street", "Lane", "Close")[unit % 4]
        postcode = f"EX{20 + unit // 400} {unit % 9 + 1}{code}"
        return f"{chance.randrange(1, 80)} {street} {kind}", postcode, chance.choice(self._schools)

    def _first_report(
        self, given: str, family: str, born: date, where: tuple[str, str, str], phone: str
    ) -> Report:
        chance = self.chance
        self._number += 1
        if chance.random() < 0.12:
            given = f"{given} {zipf(chance, _BRITISH)}"
        known_as = ""
        if chance.random() < 0.08 and given in _SHORT:
            known_as = chance.choice(_SHORT[given])
        dated = chance.random() < 0.96
        return Report(
            child=self._number,
            given=given,
            family=family,
            known_as=known_as,
            born=born if dated else None,
            age=None if dated else (TODAY - born).days // 365,
            door=where[0] if chance.random() < 0.92 else "",
            postcode=where[1] if chance.random() < 0.92 else "",
            school=where[2] if chance.random() < 0.85 else "",
            phone=phone,
            nhs_number=_nhs(chance) if chance.random() < 0.2 else "",
            upn=_upn(chance) if chance.random() < 0.2 else "",
        )

    def again(self, count: int) -> list[Report]:
        """Second reports of `count` children, each with one to three things wrong or missing."""
        return [self._err(each) for each in self.chance.sample(self.reports, count)]

    def strangers(self, count: int) -> list[Report]:
        """Children who were never reported. One in ten has a brother or a sister who was."""
        chance, found = self.chance, []
        while len(found) < count:
            stranger = self._household()[0]
            if chance.random() < 0.1:
                known = chance.choice(self.reports)
                stranger = replace(
                    stranger,
                    family=known.family,
                    door=known.door,
                    postcode=known.postcode,
                    phone=known.phone,
                )
                if stranger.given.split()[0] == known.given.split()[0]:
                    continue
            found.append(stranger)
        return found

    def _err(self, first: Report) -> Report:
        """Another agency reports the same child: it has other numbers at hand, and it errs."""
        chance = self.chance
        second = replace(
            first,
            known_as=first.known_as if chance.random() < 0.3 else "",
            phone=first.phone if chance.random() < 0.6 else "",
            nhs_number=first.nhs_number if chance.random() < 0.5 else "",
            upn=first.upn if chance.random() < 0.5 else "",
            school=first.school if chance.random() < 0.85 else "",
        )
        if chance.random() < 0.08:
            # They have moved house since.
            door, postcode, _ = self._where()
            second = replace(second, door=door, postcode=postcode, errs=(*second.errs, "moved"))
        wanted = chance.choices((1, 2, 3), (60, 30, 10))[0]
        for name in chance.sample(tuple(ERRORS), len(ERRORS)):
            if wanted == 0:
                break
            erring = ERRORS[name](chance, second)
            if erring is not None and erring != second:
                second, wanted = replace(erring, errs=(*second.errs, name)), wanted - 1
        return second


def chance_of(
    chance: random.Random, *kinds: tuple[float, list[str], list[str]]
) -> tuple[list[str], list[str]]:
    _, given, family = chance.choices(kinds, [kind[0] for kind in kinds])[0]
    return given, family


_WEIGHTS: dict[int, list[float]] = {}


def zipf(chance: random.Random, names: list[str]) -> str:
    """One of the names: the first the most often, as in Zipf's law."""
    if len(names) not in _WEIGHTS:
        _WEIGHTS[len(names)] = list(accumulate(1 / (rank + 8) for rank in range(len(names))))
    return chance.choices(names, cum_weights=_WEIGHTS[len(names)])[0]


def _nhs(chance: random.Random) -> str:
    """A number with a right check digit, in the range that is kept for tests (999)."""
    while True:
        body = f"999{chance.randrange(10**6):06}"
        check = (
            11 - sum(int(d) * w for d, w in zip(body, range(10, 1, -1), strict=True)) % 11
        ) % 11
        if check < 10:
            return f"{body[:3]} {body[3:6]} {body[6:]}{check}"


def _upn(chance: random.Random) -> str:
    return f"{chance.choice('ABCDEFGH')}{chance.randrange(10**11):011}{chance.choice('0123456789')}"


# --- The ways of erring: each returns the report with one thing wrong, or None where it cannot ----


def typo(chance: random.Random, name: str) -> str:
    """The name with one slip: a letter left out, doubled, swapped, or its neighbour on the keys."""
    at = chance.randrange(len(name))
    kind = chance.choice(("left out", "twice", "swapped", "neighbour"))
    if kind == "left out" and len(name) > 3:
        return name[:at] + name[at + 1 :]
    if kind == "swapped" and at + 1 < len(name):
        return name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    if kind == "neighbour" and name[at].lower() in _NEAR:
        return name[:at] + chance.choice(_NEAR[name[at].lower()]) + name[at + 1 :]
    return name[:at] + name[at] + name[at:]


def _typo_given(chance: random.Random, report: Report) -> Report | None:
    return replace(report, given=typo(chance, report.given)) if report.given else None


def _typo_family(chance: random.Random, report: Report) -> Report | None:
    return replace(report, family=typo(chance, report.family)) if report.family else None


def _day_and_month(chance: random.Random, report: Report) -> Report | None:
    born = report.born
    if born is None or born.day > 12 or born.day == born.month:
        return None
    return replace(report, born=born.replace(day=born.month, month=born.day))


def _year(chance: random.Random, report: Report) -> Report | None:
    if report.born is None or (report.born.month, report.born.day) == (2, 29):
        return None
    return replace(report, born=report.born.replace(year=report.born.year + chance.choice((-1, 1))))


def _short(chance: random.Random, report: Report) -> Report | None:
    first, *more = report.given.split() or [""]
    if first not in _SHORT:
        return None
    return replace(report, given=" ".join((chance.choice(_SHORT[first]), *more)))


def _half(chance: random.Random, report: Report) -> Report | None:
    if "-" not in report.family:
        return None
    return replace(report, family=chance.choice(report.family.split("-")))


def _doubled(chance: random.Random, report: Report) -> Report | None:
    if "-" in report.family or not report.family or chance.random() < 0.7:
        return None
    both = [report.family, zipf(chance, _BRITISH_FAMILY)]
    chance.shuffle(both)
    return replace(report, family=chance.choice("- ").join(both))


def _swapped(chance: random.Random, report: Report) -> Report | None:
    return replace(report, given=report.family, family=report.given)


def _spelt(chance: random.Random, report: Report) -> Report | None:
    first, *more = report.given.split() or [""]
    ways = [
        each
        for each in ("given", "family")
        if (first if each == "given" else report.family) in _SPELT
    ]
    if not ways:
        return None
    if chance.choice(ways) == "given":
        return replace(report, given=" ".join((chance.choice(_SPELT[first]), *more)))
    return replace(report, family=chance.choice(_SPELT[report.family]))


def _missing(chance: random.Random, report: Report) -> Report | None:
    kind = chance.choice(("born", "born", "address", "postcode", "school", "family"))
    if kind == "born" and report.born:
        age = (TODAY - report.born).days // 365 + chance.choice((-1, 0, 0, 0, 1))
        return replace(report, born=None, age=age if chance.random() < 0.8 else None)
    if kind == "address":
        return replace(report, door="", postcode="")
    if kind == "family" and report.born:
        return replace(report, family="")
    return replace(report, postcode="") if kind == "postcode" else replace(report, school="")


ERRORS: dict[str, Callable[[random.Random, Report], Report | None]] = {
    "typo in the first name": _typo_given,
    "typo in the last name": _typo_family,
    "day and month swapped": _day_and_month,
    "year off by one": _year,
    "nickname": _short,
    "half of a double last name": _half,
    "a second last name": _doubled,
    "names swapped": _swapped,
    "other spelling": _spelt,
    "something missing": _missing,
}
