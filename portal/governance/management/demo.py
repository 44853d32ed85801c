"""Reading the demo's reviewed file: its words go in, what the services take comes out."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import NAMESPACE_DNS, UUID, uuid5

import yaml

from portal.accounts.vocabulary import AgencyKind, PartnerUnder, Role
from portal.common.clock import LONDON, is_working_day
from referrals.services import FREE_ANSWERS, Concern, Told
from referrals.vocabulary import (
    Answer,
    Certainty,
    ChildTold,
    Conflict,
    Danger,
    Emergency,
    KnownHow,
    Outcome,
    ParentsTold,
    Protect,
    Reviewed,
)
from sharing.rules.vocabulary import Category, Purpose

FILE: Final = Path(__file__).with_name("demo.yaml")
_PROTECTED: Final = re.compile(r"\[\[(.*?)\]\]")
_NAMESPACE: Final = uuid5(NAMESPACE_DNS, "demo.example.org")


@dataclass(frozen=True)
class Agency:
    """An agency, and the telephone on its desk."""

    name: str
    kind: AgencyKind
    partner_under: tuple[PartnerUnder, ...]
    phone: str


@dataclass(frozen=True)
class Person:
    """Somebody who signs in. `agency` is the agency's key in the file."""

    name: str
    email: str
    agency: str
    roles: tuple[Role, ...]

    @property
    def key(self) -> str:
        """What the file calls them: the part of their address before the @."""
        return self.email.partition("@")[0]


@dataclass(frozen=True)
class Decision:
    """What was decided, why, and what the person who referred is told."""

    outcome: Outcome
    reason: str
    told: str


@dataclass(frozen=True)
class Step:
    """One thing that happened to a case.

    `value` is what the verb needs: who reads or acknowledges it, the decision, which answers are
    removed and why, what is added, asked or answered, or the reason. `late` is why a decision is
    late.
    """

    verb: str
    value: Any
    late: str = ""


@dataclass(frozen=True)
class Story:
    """One concern: who wrote it, when it reached us, what it says, what happened then.

    `key` is the same at every seeding.
    """

    by: str
    key: UUID
    received_at: datetime
    concern: Concern
    steps: tuple[Step, ...]

    @property
    def child(self) -> str:
        """The child's name, as the file's reports call them."""
        return f"{self.concern.given_name} {self.concern.family_name}".strip()


@dataclass(frozen=True)
class Shared:
    """Something that one person shared, or did not, with the team of another.

    `why` holds the answers of the page that asks why it is right.
    """

    child: str
    by: str
    to: str
    purpose: Purpose
    kinds: tuple[Category, ...]
    why: dict[str, str]
    acknowledged: bool


@dataclass(frozen=True)
class Asked:
    """What one person asked of the agency that another leads. Without an answer, it waits."""

    child: str
    by: str
    to: str
    purpose: Purpose
    kinds: tuple[Category, ...]
    question: str
    why: str
    proportionality: str
    answer: str
    answer_proportionality: str


@dataclass(frozen=True)
class Reported:
    """What somebody told the police without a child, about a vehicle; read by somebody, or not."""

    by: str
    what: str
    known_how: KnownHow
    sure: Certainty
    name_withheld: bool
    vehicle: str
    read_by: str


@dataclass(frozen=True)
class Opened:
    """An emergency access that is over; without a reviewer, it waits for review."""

    child: str
    by: str
    why: Emergency
    next_step: str
    reviewer: str
    found: Reviewed | None
    found_words: str


@dataclass(frozen=True)
class Demo:
    """The whole file."""

    password: str
    partnership: dict[str, str]
    agencies: dict[str, Agency]
    people: tuple[Person, ...]
    stories: tuple[Story, ...]
    drafts: tuple[tuple[str, dict[str, dict[str, str]]], ...]
    shares: tuple[Shared, ...]
    requests: tuple[Asked, ...]
    information: tuple[Reported, ...]
    conflicts: tuple[tuple[str, str, Conflict], ...]
    emergencies: tuple[Opened, ...]
    reports: tuple[tuple[str, bool], ...]


def load(now: datetime) -> Demo:
    """Read the file as seen from `now` (aware), from which its days and ages are counted.

    Raises KeyError, ValueError or TypeError when the file holds what the vocabularies do not.
    """
    raw = yaml.safe_load(FILE.read_text())
    agencies = {
        key: Agency(
            each["name"],
            AgencyKind(each["kind"]),
            tuple(PartnerUnder(section) for section in each["partner_under"]),
            each["phone"],
        )
        for key, each in raw["agencies"].items()
    }
    people = tuple(
        Person(each["name"], each["email"], each["agency"], tuple(map(Role, each["roles"])))
        for each in raw["people"]
    )
    phones = {person.key: agencies[person.agency].phone for person in people}
    decisions = {
        name: Decision(Outcome(each["outcome"]), each["reason"], each["told"])
        for name, each in raw["decisions"].items()
    }
    return Demo(
        password=raw["password"],
        partnership=raw["partnership"],
        agencies=agencies,
        people=people,
        stories=tuple(
            Story(
                by=each["by"],
                key=uuid5(_NAMESPACE, str(number)),
                received_at=_received_at(each["received"], now),
                concern=_concern(
                    {"phone": phones[each["by"]], **each}, now.astimezone(LONDON).date()
                ),
                steps=tuple(_step(step, decisions) for step in each.get("steps", [])),
            )
            for number, each in enumerate(raw["cases"])
        ),
        drafts=tuple((each["by"], each["pages"]) for each in raw["drafts"]),
        shares=tuple(_shared(each) for each in raw["shares"]),
        requests=tuple(_asked(each) for each in raw["requests"]),
        information=tuple(_reported(each) for each in raw["information"]),
        conflicts=tuple(
            (each["child"], each["by"], Conflict(each["why"])) for each in raw["conflicts"]
        ),
        emergencies=tuple(_opened(each) for each in raw["emergencies"]),
        reports=tuple((each["child"], each["publish"]) for each in raw["reports"]),
    )


def _shared(raw: dict[str, Any]) -> Shared:
    return Shared(
        child=raw["child"],
        by=raw["by"],
        to=raw["to"],
        purpose=Purpose(raw["purpose"]),
        kinds=tuple(map(Category, raw["kinds"])),
        why=raw["why"],
        acknowledged=raw.get("acknowledged", False),
    )


def _asked(raw: dict[str, Any]) -> Asked:
    return Asked(
        child=raw["child"],
        by=raw["by"],
        to=raw["to"],
        purpose=Purpose(raw["purpose"]),
        kinds=tuple(map(Category, raw["kinds"])),
        question=raw["question"],
        why=raw["why"],
        proportionality=raw["proportionality"],
        answer=raw.get("answer", ""),
        answer_proportionality=raw.get("answer_proportionality", ""),
    )


def _reported(raw: dict[str, Any]) -> Reported:
    return Reported(
        by=raw["by"],
        what=raw["what"],
        known_how=KnownHow(raw["known_how"]),
        sure=Certainty(raw["sure"]),
        name_withheld=raw["name_withheld"],
        vehicle=raw["vehicle"],
        read_by=raw.get("read_by", ""),
    )


def _opened(raw: dict[str, Any]) -> Opened:
    return Opened(
        child=raw["child"],
        by=raw["by"],
        why=Emergency(raw["why"]),
        next_step=raw["next_step"],
        reviewer=raw.get("reviewer", ""),
        found=Reviewed(raw["found"]) if "found" in raw else None,
        found_words=raw.get("found_words", ""),
    )


def _received_at(raw: dict[str, Any], now: datetime) -> datetime:
    if "minutes" in raw:
        return now - timedelta(minutes=raw["minutes"])
    day = now.astimezone(LONDON).date()
    for _ in range(raw["working_days"]):
        day -= timedelta(days=1)
        while not is_working_day(day):
            day -= timedelta(days=1)
    return datetime.combine(day, time.fromisoformat(raw["at"]), LONDON)


def _concern(raw: dict[str, Any], today: date) -> Concern:
    child, protect = raw["child"], raw.get("protect", {})
    answers = {
        name: _told(raw[name], Protect(protect.get(name, "")))
        for name in FREE_ANSWERS
        if name in raw
    }
    if unused := set(protect) - set(answers):
        raise ValueError(f"There is no answer to protect: {', '.join(sorted(unused))}")
    return Concern(
        danger=Danger(raw.get("danger", "no")),
        given_name=child.get("given", ""),
        family_name=child.get("family", ""),
        known_as=child.get("known_as", ""),
        date_of_birth=_born(child, today) if "birthday" in child else None,
        age_estimate=child.get("age"),
        description=child.get("description", ""),
        child_told=ChildTold(raw["child_told"]),
        parents_told=ParentsTold(raw["parents_told"]),
        answers=answers,
    )


def _born(child: dict[str, Any], today: date) -> date:
    """The date of birth of somebody who is so many years old today, with that birthday."""
    month, day = (int(part) for part in child["birthday"].split("-"))
    to_come = (today.month, today.day) < (month, day)
    return date(today.year - child["years"] - to_come, month, day)


def _told(raw: str | dict[str, str], protect: Protect) -> Told:
    if isinstance(raw, dict):
        return Told(answer=Answer(raw["answer"]))
    text, spans = "", []
    for place, part in enumerate(_PROTECTED.split(raw.strip())):
        if place % 2:
            spans.append((len(text), len(text) + len(part)))
        text += part
    return Told(text, protect=protect, spans=tuple(spans))


def _step(raw: dict[str, Any], decisions: dict[str, Decision]) -> Step:
    (verb, value), *rest = raw.items()
    return Step(verb, decisions[value] if verb == "decide" else value, **dict(rest))
