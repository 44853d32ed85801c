"""The audit trail of a case, resolved for its audience."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils.formats import date_format

from portal.accounts.vocabulary import Principal
from portal.audit import reports as ledger
from portal.audit.vocabulary import ACTS
from portal.common.clock import LONDON
from portal.governance.vocabulary import Audience
from referrals import policies as casework
from referrals.models import Case
from referrals.reading import Reading, read
from sharing.rules import policies as law
from sharing.rules.vocabulary import Category, Purpose


@dataclass(frozen=True, repr=False)
class Line:
    """One event of the trail, in words."""

    seq: int
    at: str
    who: str
    what: str
    to: str
    categories: str
    law: str
    withheld: int


@dataclass(frozen=True, repr=False)
class Trail:
    """A whole trail in words, ready for a page or a PDF: the same words in both."""

    title: str
    called: str
    made_for: str
    made_at: str
    facts: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...]
    people: tuple[tuple[str, int], ...]
    integrity: str
    intact: bool

    def as_json(self) -> dict[str, Any]:
        """Plain values, to be kept as they are."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Trail":
        """The trail as it was when it was made."""
        lines = tuple(Line(**line) for line in kept["lines"])
        facts = tuple((key, value) for key, value in kept["facts"])
        people = tuple((who, times) for who, times in kept["people"])
        return cls(**{**kept, "lines": lines, "facts": facts, "people": people})


def read_trail(
    principal: Principal, case: Case, audience: Audience, number: int, at: datetime
) -> Trail:
    """Resolve the case's trail for an audience, from the ledger and a reading of the case.

    For the board nothing names a child, a person, an agency or the case: roles, kinds of agency,
    times, categories and the law. The case is read for the purpose of a report to the board, for
    which no grant opens anything.
    """
    board = audience is Audience.BOARD
    reading = read(principal, case, Purpose.REPORT if board else Purpose.SCREEN, at)
    entries = _of_known_cases(principal, ledger.trail(case.pk))
    check = ledger.check(f"case:{case.pk}")
    lines = tuple(_line(entry, audience) for entry in entries)
    lookers = [
        line.who for line, entry in zip(lines, entries, strict=True) if entry.act == "case.read"
    ]
    return Trail(
        title="Audit trail",
        called=f"Case {number}" if board else reading.reference,
        made_for=audience.label,
        made_at=moment(at),
        facts=tuple(_facts(reading, entries, at)),
        lines=lines,
        people=tuple(sorted(_counted(lookers).items())),
        # Whoever reads the trail knows which one it is; the board may not know more.
        integrity=check.sentence.replace(f" of case:{case.pk}", ""),
        intact=check.ok,
    )


_LOOKED: Final = "match.shown"
_OF_TWO: Final = frozenset(act for act in ACTS if act.startswith("match.")) - {_LOOKED}


def _of_known_cases(principal: Principal, entries: list[ledger.Entry]) -> list[ledger.Entry]:
    """Say less of two cases where the reader may not know of the other one.

    That somebody looked for matches is so, and is said of any case. To leave the line out would
    leave a gap in the numbers, and the gap would tell.
    """
    others = {pk for entry in entries if entry.act in _OF_TWO for pk in entry.ids}
    if not others:
        return entries
    known = set(casework.visible(principal).filter(pk__in=others).values_list("pk", flat=True))
    return [
        replace(entry, act=_LOOKED, sentence=ACTS[_LOOKED].sentence, fields=())
        if entry.act in _OF_TWO and not known.issuperset(entry.ids)
        else entry
        for entry in entries
    ]


def moment(at: datetime) -> str:
    """A time as people in England write it: 4 December 2026, 4:30pm."""
    local = at.astimezone(LONDON)
    return f"{date_format(local, 'j F Y')}, {local:%-I:%M}{local:%p}".replace("AM", "am").replace(
        "PM", "pm"
    )


def _line(entry: ledger.Entry, audience: Audience) -> Line:
    board = audience is Audience.BOARD
    role = f"{entry.role}, {entry.agency_kind if board else entry.agency_name}".strip(", ")
    who = role or "The portal"
    if not board and role:
        who = f"{entry.person} ({role})"
    known = set(Category.values)
    return Line(
        seq=entry.seq,
        at=moment(entry.at),
        who=who,
        what=entry.sentence,
        to=entry.recipient_kind if board else entry.recipient,
        categories="; ".join(Category(c).label for c in entry.fields if c in known),
        law=law.gateway_words(entry.basis) if entry.basis else "",
        withheld=entry.withheld,
    )


def _facts(found: Reading, entries: list[ledger.Entry], at: datetime) -> Iterable[tuple[str, str]]:
    """What the board can check against the clock, without knowing who the child is."""
    yield "Where it has got to", found.status.label
    yield "Priority", found.priority.label
    yield "Received", moment(found.received_at)
    yield "Decision due", moment(found.due_at)
    if found.decided_at:
        yield "Decided", moment(found.decided_at)
        yield "Against the clock", _against(found.decided_at - found.due_at, "Decided")
    else:
        yield "Against the clock", _against(at - found.due_at, "Undecided,")
    agencies = sorted({entry.agency_kind for entry in entries if entry.agency_kind})
    yield "Kinds of agency", ", ".join(agencies)
    given = [entry for entry in entries if entry.act == "grant.given"]
    yield "Times that it was shared", str(len(given))
    opened = sum(entry.act == "case.read" for entry in entries)
    yield "Times that it was opened", str(opened)


def _against(late: timedelta, did: str) -> str:
    minutes = int(abs(late).total_seconds() // 60)
    hours, minutes = divmod(minutes, 60)
    words = f"{hours} hours {minutes} minutes" if hours else f"{minutes} minutes"
    return f"{did} {words} {'late' if late > timedelta(0) else 'before the time it was due'}"


def _counted(names: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for name in names:
        counts[name] = counts.get(name, 0) + 1
    return counts
