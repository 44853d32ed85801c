"""The shape of a reading: items whose words are final, and what lists, pages and programs get.

They hold what a child said, so none shows its words where a program shows itself (`repr`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from portal.common.moments import london, until
from portal.documents.vocabulary import FileKind
from referrals.reading.progress import Step
from referrals.vocabulary import (
    LINKS,
    QUESTIONS,
    STEPS,
    Mark,
    ParentsTold,
    Priority,
    State,
    YesNo,
)
from referrals.workflow import WAITING, Status
from sharing.rules.decision import Rule
from sharing.rules.vocabulary import Category, Purpose

_HELD_BACK = frozenset({State.WITHHELD, State.PARTLY_WITHHELD, State.NOT_SHARED})


@dataclass(frozen=True, repr=False)
class File:
    """What a reader may know of a file that is shown to them: enough to open it."""

    upload: UUID
    kind: FileKind
    bytes: int
    pages: int | None

    @property
    def size(self) -> str:
        """How large it is, in words."""
        size = f"{max(1, round(self.bytes / 1024))} KB"
        if self.bytes >= 1024 * 1024:
            size = f"{self.bytes / 1024 / 1024:.1f} MB"
        if self.pages is None:
            return size
        return f"{size}, {self.pages} page{'' if self.pages == 1 else 's'}"


@dataclass(frozen=True, repr=False)
class Item:
    """One resolved item: its words are what every renderer shows.

    `text` is the words on screen, in print and in the API alike; `value` is the information
    itself, and is None unless it is shown, wholly or in part. `holder` is the agency that holds it
    and `statement` the piece of information, where it is one. `in_part`: its author protects parts
    of it from others. `is_answerable`: this reader answers for it, and may protect, correct or
    remove it. One of a list has a `key` of its own and may have
    `marks`: what must be noticed about a person of concern. `happened`: the day on which it did,
    where one is known. `file` is there where it is a file that
    this reader may open. `own`: the rule by which it is the reader's own, where no
    grant opens it to them.
    """

    key: str
    label: str
    category: Category
    state: State
    text: str
    value: str | None = None
    reason: str = ""
    source: str = ""
    owner: str = ""
    by: str = ""
    at: datetime | None = None
    concealed: bool = False
    holder: UUID | None = None
    statement: UUID | None = None
    in_part: bool = False
    is_answerable: bool = False
    marks: tuple[Mark, ...] = ()
    happened: date | None = None
    file: File | None = None
    own: Rule | None = None

    @property
    def question(self) -> str:
        """The question that it answers: its key, but for one of a list."""
        return self.key.partition("-")[0]

    @property
    def is_listed(self) -> bool:
        """Whether it is one of a list: a person, a place, a time, ..."""
        return self.question != self.key

    @property
    def has_why(self) -> bool:
        """Whether there is something to explain: it is not shown, or not all of it."""
        return self.state not in (State.SHOWN, State.NOT_PROVIDED, State.NOT_KNOWN)

    @property
    def is_step(self) -> bool:
        """Whether it says why a step was taken. Those who oversee the case read it, whatever is
        shared, so nobody offers it to a team.
        """
        return QUESTIONS[self.question].section == STEPS


@dataclass(frozen=True, repr=False)
class Section:
    """Items that belong together, under one heading."""

    title: str
    items: tuple[Item, ...]

    @property
    def is_cards(self) -> bool:
        """Whether each item is a card: people, places and what else is named one by one."""
        return self.title == LINKS

    @property
    def answered(self) -> tuple[Item, ...]:
        """What is read first: all but the questions that nobody answered."""
        return tuple(item for item in self.items if item.state is not State.NOT_PROVIDED)

    @property
    def open(self) -> tuple[Item, ...]:
        """The questions that nobody answered; they stand last."""
        return tuple(item for item in self.items if item.state is State.NOT_PROVIDED)

    @property
    def printed(self) -> tuple[Item, ...]:
        """What has a row of its own on paper: all but what is only a label and a state."""
        return tuple(item for item in self.answered if item.state is not State.NOT_SHARED)

    @property
    def open_words(self) -> str:
        """How many those are."""
        count = len(self.open)
        return f"{count} question{'' if count == 1 else 's'} not answered: {self.title.lower()}"


@dataclass(frozen=True, repr=False)
class Trace:
    """One answer to "Why can I see this?": the chain from the rule to the end date."""

    says: str
    code: str
    rule: str
    gateway: str
    decided_by: str
    decided_at: datetime
    until: datetime | None
    categories: tuple[str, ...]
    obligations: tuple[str, ...] = ()
    grant: UUID | None = None

    @property
    def rows(self) -> tuple[tuple[str, str], ...]:
        """The chain as rows of a summary, leaving out what does not apply."""
        no_end = "No end date: until somebody stops it" if self.grant else "No end date"
        rows = (
            ("The rule", self.rule),
            ("The reason in law", self.gateway),
            ("Who decided, and when", f"{self.decided_by}, on {london(self.decided_at)}"),
            ("Until", until(self.until) or no_end),
            ("What it opens", "; ".join(self.categories)),
            ("What goes with it", " ".join(self.obligations)),
        )
        return tuple(row for row in rows if row[1])


@dataclass(frozen=True, repr=False)
class Reading:
    """A case, resolved for one principal at one moment."""

    case_id: UUID
    reference: str
    title: str
    initials: str
    age: str
    status: Status
    status_words: str
    step: int
    priority: Priority
    received_at: datetime
    due_at: datetime
    decided_at: datetime | None
    sections: tuple[Section, ...]
    traces: tuple[Trace, ...]
    purpose: Purpose
    is_mine: bool
    emergency_until: datetime | None = None
    # For those who sent it: where it has got to, and what a coordinator first told them.
    progress: tuple[Step, ...] = ()
    acknowledged: str = ""

    @property
    def told_referrer(self) -> str:
        """What those who sent it are told last, where this reader may read it.

        Of the decision; once the case is closed, of that.
        """
        told = {item.key: item.value for item in self.items}
        return told.get("told_closed") or told.get("told_referrer") or ""

    @property
    def items(self) -> tuple[Item, ...]:
        """All items in page order."""
        return tuple(item for section in self.sections for item in section.items)

    @property
    def without_words(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """What is only a label and a state, for paper: each state in its words, and the labels.

        In one place it is read at a glance, and a child's papers are a third shorter.
        """
        found: dict[str, list[str]] = {}
        for item in self.items:
            if item.state in (State.NOT_SHARED, State.NOT_PROVIDED):
                found.setdefault(item.text, []).append(item.label)
        return tuple((text, tuple(labels)) for text, labels in found.items())

    @property
    def withheld(self) -> int:
        """How many items are held back from this principal. Concealed ones are not counted."""
        return len(self.held_back)

    @property
    def held_back(self) -> tuple[Item, ...]:
        """The items that are held back, for the page that says why."""
        return tuple(item for item in self.items if item.state in _HELD_BACK)

    @property
    def answered_for(self) -> tuple[Item, ...]:
        """The answers that this reader answers for, and may protect, correct or remove."""
        return tuple(item for item in self.items if item.is_answerable)

    @property
    def still_due(self) -> datetime | None:
        """When the decision is due, while it is still owed."""
        return self.due_at if self.status in WAITING else None

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """What the bar at the top of a case page says beside the name."""
        age = (("Age", self.age),) if self.age else ()
        level = tuple(
            ("Level of concern", item.text)
            for item in self.items
            if item.key == "level" and item.state is State.SHOWN
        )
        return (*age, ("Priority", self.priority.label), *level)

    @property
    def flags(self) -> tuple[str, ...]:
        """What must not be missed, of what this principal may read."""
        said = {(item.key, item.value) for item in self.items if item.state is State.SHOWN}
        quiet = any(key == "keep_quiet" for key, _ in said)
        risk = ("parents_told", ParentsTold.RISK.label), ("contact_parents", YesNo.NO.label)
        home = quiet or bool(said.intersection(risk))
        interpreter = ("interpreter", YesNo.YES.label) in said
        flags = ((home, "Do not contact home"), (interpreter, "Needs an interpreter"))
        return tuple(words for is_so, words in flags if is_so)

    @property
    def files(self) -> tuple[Item, ...]:
        """The files among the items, those that are held back too."""
        return tuple(item for item in self.items if item.key.startswith("file_"))

    @property
    def shown(self) -> tuple[str, ...]:
        """The codes of the categories of which something was shown, for the ledger."""
        seen = {State.SHOWN, State.PARTLY_WITHHELD}
        # The ledger's trail is read by people who may not know of a concealed answer.
        told = (item for item in self.items if item.state in seen and not item.concealed)
        return tuple(sorted({str(item.category) for item in told}))

    @property
    def withheld_words(self) -> str:
        """The line at the top of a page that counts and names what is held back, or ""."""
        return self._withheld(" on this page")

    @property
    def withheld_on_paper(self) -> str:
        """The same for paper, where a case has more pages than one."""
        return self._withheld("")

    def _withheld(self, where: str) -> str:
        kept = [item for item in self.held_back if item.state == State.WITHHELD]
        partly = [item for item in self.held_back if item.state == State.PARTLY_WITHHELD]
        never = [item for item in self.held_back if item.state == State.NOT_SHARED]
        lines = [
            _counted(kept, where, "withheld from your role"),
            _counted(partly, where, "partly withheld"),
        ]
        if never:
            # The boxes' own words, so that the line and the boxes can never differ.
            lines.append(_counted(never, where, f"{never[0].text[:1].lower()}{never[0].text[1:]}"))
        return " ".join(filter(None, lines))


def _counted(items: Sequence[Item], where: str, state: str) -> str:
    if len(items) == 1:
        return f"1 answer{where} is {state}."
    return f"{len(items)} answers{where} are {state}." if items else ""


@dataclass(frozen=True, repr=False)
class Summary:
    """A case as one row of a list: never a narrative, never a full name."""

    case_id: UUID
    reference: str
    initials: str
    age: str
    status: Status
    priority: Priority
    step: int
    status_words: str
    agency: str
    received_at: datetime
    due_at: datetime
    assigned_to: str
    shown: tuple[str, ...]
    band: str = ""

    @property
    def selects(self) -> str:
        """What the box that selects this row is called."""
        return f"Select {self.reference}"

    @property
    def still_due(self) -> datetime | None:
        """When the decision is due, while it is still owed."""
        return self.due_at if self.status in WAITING else None
