"""What is named one by one: people, places, accounts and vehicles, other children, times missing.

Each is a statement of its own, so that it is protected, shared, corrected and removed by itself.
Its words say all that is known of it, a line for each field, and its details are read back from
those words. So the two never disagree, after a correction either.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final
from uuid import uuid4

from django.db.models import TextChoices
from django.utils import timezone

from portal.accounts.models import Membership
from portal.common.errors import DomainError
from portal.common.moments import day
from referrals.models import Referral, Statement
from referrals.vocabulary import LISTED, QUESTIONS, Answer, Certainty, Known, KnownHow, Protect

MOST: Final = 50
"""How many of a kind one referral may name."""

LINE: Final = 200
STORY: Final = 1000
"""How many characters a field of one line may have, and one of several."""

EARLIEST: Final = "1990-01-01"
"""The first day on which a child of today could have been missing."""


class ItemKind(TextChoices):
    """What is named. The value is the list's name in a draft and in an address."""

    PEOPLE = "people", "People who may pose a risk"
    PLACES = "places", "Places"
    ONLINE = "online", "Online accounts, phones and vehicles"
    CHILDREN = "children", "Other children who may be at risk"
    MISSING = "missing", "Times the child has been missing"


class Doing(TextChoices):
    """What a person of concern may be doing."""

    HARMS = "harms", "May cause harm"
    USED = "used", "May be used by others, to make harm possible"
    NOT_KNOWN = "not_known", "Not known"


class Means(TextChoices):
    """By what a person reaches or moves a child."""

    ACCOUNT = "account", "Online account"
    PHONE = "phone", "Phone"
    VEHICLE = "vehicle", "Vehicle"


class Interview(TextChoices):
    """What became of the talk that a child is offered after being missing."""

    DONE = "done", "Yes, and it took place"
    DECLINED = "declined", "Yes, and the child did not want it"
    OFFERED = "offered", "Yes, and it has not taken place"
    NO = "no", "No"
    NOT_KNOWN = "not_known", "Not known"


@dataclass(frozen=True, repr=False)
class Field:
    """One field: what its line is called, and the words of its codes where it has codes."""

    label: str
    codes: type[TextChoices] | None = None
    is_day: bool = False
    limit: int = LINE

    def words(self, value: str) -> str:
        """The value as it is read. Raises ValueError for what is no code or no day."""
        if self.codes:
            return str(self.codes(value).label)
        return day(date.fromisoformat(value)) if self.is_day else value

    def value(self, words: str) -> str:
        """The value that was meant by these words, or "" where a code or a day is not known."""
        if self.codes:
            return next((code.value for code in self.codes if code.label == words), "")
        if not self.is_day:
            return words
        try:
            return datetime.strptime(words, "%d %B %Y").date().isoformat()  # noqa: DTZ007 - a day
        except ValueError:
            return ""


_SURE: Final = {"sure": Field("How sure", Certainty)}

FIELDS: Final[dict[ItemKind, dict[str, Field]]] = {
    ItemKind.PEOPLE: {
        "name": Field("Name"),
        "nicknames": Field("Other names"),
        "age": Field("About how old"),
        "description": Field("Description", limit=STORY),
        "relation": Field("How they know the child"),
        "contact": Field("Where or how they can be reached"),
        "role": Field("What they may be doing", Doing),
        "may_be_child": Field("May be a child", Known),
        "works": Field("Works or volunteers with children", Known),
        "works_where": Field("Where they do so"),
        **_SURE,
    },
    ItemKind.PLACES: {
        "name": Field("What it is"),
        "address": Field("Where it is"),
        "times": Field("When the child is there"),
        "happens": Field("What happens there", limit=STORY),
        "licence": Field("Needs a licence to do business", Known),
        **_SURE,
    },
    ItemKind.ONLINE: {
        "means": Field("What it is", Means),
        "name": Field("Account name, number or registration"),
        "description": Field("App or site, or make, model and colour"),
        "who": Field("Who uses it"),
        "taxi": Field("Taxi or private hire", Known),
        "used_for": Field("How it is used", limit=STORY),
        **_SURE,
    },
    ItemKind.CHILDREN: {
        "name": Field("Name"),
        "nicknames": Field("Other names"),
        "age": Field("About how old"),
        "description": Field("Description", limit=STORY),
        "relation": Field("How they know the child"),
        "worry": Field("Why we worry about them", limit=STORY),
        "reported": Field("Social care have been told", Known),
        **_SURE,
    },
    ItemKind.MISSING: {
        "day": Field("Day", is_day=True),
        "about": Field("About when"),
        "how_long": Field("For how long"),
        "found": Field("Where and with whom the child was", limit=STORY),
        "reported": Field("The police were told", Known),
        "interview": Field("A talk on return was offered", Interview),
        **_SURE,
    },
}
"""What is asked of each kind, in the order in which it is asked and read."""

ESSENTIAL: Final[dict[ItemKind, tuple[tuple[str, ...], str]]] = {
    ItemKind.PEOPLE: (("name", "nicknames", "description"), "Enter a name or a description"),
    ItemKind.PLACES: (("name", "address"), "Enter what the place is, or where it is"),
    ItemKind.ONLINE: (
        ("name", "description"),
        "Enter a name, a number or a description. A part of it is enough",
    ),
    ItemKind.CHILDREN: (("name", "nicknames", "description"), "Enter a name or a description"),
    ItemKind.MISSING: (("day", "about"), "Enter a day, or about when it was"),
}
"""Of which fields one must be given, and what to say when none is."""

_QUESTION: Final = {
    ItemKind.PEOPLE: "person",
    ItemKind.PLACES: "place",
    ItemKind.ONLINE: "online",
    ItemKind.CHILDREN: "other_child",
    ItemKind.MISSING: "missing",
}
_KIND: Final = {question: kind for kind, question in _QUESTION.items()} | {
    "young_person": ItemKind.PEOPLE
}


@dataclass(frozen=True, repr=False)
class Item:
    """One that is named, or (`answer`) that there is none to name of this kind.

    `fields` holds what is given, by the names of `FIELDS`: words, codes, days as in ISO 8601.
    """

    kind: ItemKind
    fields: Mapping[str, str] = field(default_factory=dict, repr=False)
    known_how: KnownHow = KnownHow.TOLD
    answer: Answer = Answer.GIVEN
    protect: Protect = Protect.NONE


def insist(items: Iterable[Item]) -> None:
    """Raise DomainError for what is no item: unknown, too long, too many, or without a name."""
    named = [item for item in items if item.answer is Answer.GIVEN]
    for item in named:
        _insist(item)
    for kind in ItemKind:
        if sum(item.kind is kind for item in named) > MOST:
            raise DomainError(f"{kind.label}: {MOST} is the most that one referral can name.")


def _insist(item: Item) -> None:
    asked = FIELDS[item.kind]
    for name, value in item.fields.items():
        if name not in asked:
            raise DomainError(f"This is not asked here: {name}.")
        label, limit = asked[name].label, asked[name].limit
        if len(value) > limit:
            raise DomainError(f"“{label}” must be {limit:,} characters or less.")
        try:
            asked[name].words(value)
        except ValueError:
            raise DomainError(f"“{label}” has an answer that is none of its answers.") from None
        if asked[name].is_day and not EARLIEST <= value <= timezone.localdate().isoformat():
            raise DomainError(f"“{label}” must be today or in the past.")
    names, says = ESSENTIAL[item.kind]
    if not any(item.fields.get(name, "").strip() for name in names):
        raise DomainError(f"{says}.")


def words(kind: ItemKind, fields: Mapping[str, str]) -> str:
    """All that is known of one, a line for each field; what is not given stands in the last line.

    A line that a person broke goes on under two spaces, so that no answer can pass for another.
    """
    given = {name: _tidy(value) for name, value in fields.items() if value.strip()}
    asked = FIELDS[kind]
    lines = [
        f"{one.label}: " + one.words(given[name]).replace("\n", "\n  ")
        for name, one in asked.items()
        if name in given
    ]
    missing = [one.label for name, one in asked.items() if name not in given]
    if missing:
        lines.append(f"{Answer.NOT_PROVIDED.label}: {'; '.join(missing)}")
    return "\n".join(lines)


def _tidy(value: str) -> str:
    lines = value.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(" ".join(line.split()) for line in lines).strip()


def details(kind: ItemKind, text: str) -> dict[str, str]:
    """Read the fields back from the words. A line that names no field goes with the one before."""
    by_label = {one.label: name for name, one in FIELDS[kind].items()}
    found: dict[str, str] = {}
    name = ""
    for line in text.replace("\r\n", "\n").split("\n"):
        label, colon, rest = line.partition(": ")
        if colon and label in by_label:
            name = by_label[label]
            found[name] = rest
        elif colon and label == Answer.NOT_PROVIDED.label:
            name = ""
        elif name:
            found[name] += "\n" + line.removeprefix("  ")
    read = {name: FIELDS[kind][name].value(value.strip()) for name, value in found.items()}
    return {name: value for name, value in read.items() if value}


def reads(question: str, text: str) -> tuple[str, dict[str, str]]:
    """Of which question the words of an item are, and their details.

    Whoever may be a child is kept apart as a child, until the words say that they are not.
    """
    kind = _KIND[question]
    found = details(kind, text)
    if kind is ItemKind.PEOPLE:
        young = found.get("may_be_child", Known.YES if question == "young_person" else "")
        question = "young_person" if young == Known.YES else "person"
    return question, found


def rows(items: Iterable[Item], referral: Referral, author: Membership) -> Iterator[Statement]:
    """The items as statements, not saved, with the line that each list has.

    The line says that nobody was named. It is there for every list, and the reading shows it to
    whoever sees none of the list: so what is concealed or not shared leaves no gap and no count.
    """
    items = tuple(items)
    said = {item.kind: item.answer for item in items if item.answer is not Answer.GIVEN}
    named = {item.kind for item in items if item.answer is Answer.GIVEN}
    for question in QUESTIONS:
        if question in LISTED:
            kind = _KIND[question]
            none = Answer.NOT_PROVIDED if kind in named else said.get(kind, Answer.NOT_PROVIDED)
            yield _row(referral, author, question, answer=none)
    for item in items:
        if item.answer is Answer.GIVEN:
            text = words(item.kind, item.fields)
            question, found = reads(_QUESTION[item.kind], text)
            yield _row(
                referral,
                author,
                question,
                answer=Answer.GIVEN,
                known_how=item.known_how,
                text=text,
                item=uuid4(),
                details=found,
                protect=item.protect,
            )


def _row(referral: Referral, author: Membership, question: str, **values: object) -> Statement:
    asked = QUESTIONS[question]
    return Statement(
        case=referral.case,
        referral=referral,
        question=question,
        category=asked.category,
        agency=author.team.agency,
        author=author,
        stated_at=referral.sent_at,
        **{"known_how": asked.known_how, **values},
    )
