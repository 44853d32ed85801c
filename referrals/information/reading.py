"""What this principal may be shown of an information report, and which cases it may belong to."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Final
from uuid import UUID

from django.db.models import TextField, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Replace, Upper

from portal.accounts.vocabulary import AgencyKind, Principal, Role
from portal.common.moments import day
from referrals import policies as casework
from referrals.information import policies
from referrals.information.models import Link, Report, Thing
from referrals.information.vocabulary import ASKED, ONE, SOURCE, Verdict
from referrals.models import Case, Statement
from referrals.reading import read
from referrals.services.items import ItemKind
from referrals.vocabulary import Answer, Certainty, KnownHow, State

MOST_PROPOSED: Final = 25
NOT_FOR_YOU: Final = "Withheld: whoever told us asked for this"


@dataclass(frozen=True, repr=False)
class Named:
    """One that a report names: its heading, a row for each field that says something, and the
    labels of those that do not.
    """

    pk: UUID
    title: str
    rows: tuple[tuple[str, str], ...]
    empty: tuple[str, ...]

    @property
    def empty_words(self) -> str:
        """How many questions about it nobody answered."""
        count = len(self.empty)
        return f"{count} question{'' if count == 1 else 's'} not answered: {self.title.lower()}"


@dataclass(frozen=True, repr=False)
class Proposal:
    """The same account, number or registration on a case whose words the reader may read."""

    report: str
    thing: UUID
    statement: UUID
    case: UUID
    reference: str
    spelled: str
    heading: str


@dataclass(frozen=True, repr=False)
class Found:
    """What a person found about a link, for somebody who may know of its case."""

    heading: str
    reference: str
    verdict: str
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, repr=False)
class Reading:
    """A report, resolved for one principal at one moment."""

    pk: UUID
    reference: str
    sent_at: datetime
    read_at: datetime | None
    is_mine: bool
    told: tuple[tuple[str, str], ...]
    things: tuple[Named, ...]
    withheld: int
    proposals: tuple[Proposal, ...]
    found: tuple[Found, ...]
    fields: tuple[str, ...]
    why: str
    basis: str


@dataclass(frozen=True, repr=False)
class Row:
    """A report as one row of a list: never a narrative."""

    pk: UUID
    reference: str
    sent_at: datetime
    agency: str
    read_at: datetime | None


def resolve(principal: Principal, report: Report) -> Reading:
    """Resolve a visible report for this principal. Writes nothing: the caller records it."""
    answers = policies.opens(principal, report)
    knows_who = not report.name_withheld or SOURCE in answers
    things = list(report.things.select_related("report").order_by("place"))
    shown = [thing for thing in things if thing.category in answers]
    return Reading(
        pk=report.pk,
        reference=report.reference,
        sent_at=report.sent_at,
        read_at=_read_at(report),
        is_mine=report.author.user_id == principal.user_id,
        told=tuple(_told(report, knows_who=knows_who, knows_source=SOURCE in answers)),
        things=tuple(named(thing) for thing in shown),
        withheld=len(things) - len(shown) + (not knows_who),
        proposals=tuple(proposals(principal, shown)),
        found=tuple(_found(principal, shown)),
        fields=tuple(sorted(str(each) for each in answers)),
        why=", ".join(sorted({f"rule:{each.rule}/{each.version}" for each in answers.values()})),
        basis=", ".join(sorted({each.gateway for each in answers.values()})),
    )


def rows(page: Iterable[Report]) -> list[Row]:
    """Resolve reports to rows of a list. `page` comes from `policies.visible(...).for_rows()`."""
    return [
        Row(
            pk=report.pk,
            reference=report.reference,
            sent_at=report.sent_at,
            agency="" if report.name_withheld else AgencyKind(report.agency.kind).label,
            read_at=_read_at(report),
        )
        for report in page
    ]


def _read_at(report: Report) -> datetime | None:
    receipt = getattr(report, "receipt", None)
    return receipt.at if receipt else None


def _told(report: Report, *, knows_who: bool, knows_source: bool) -> Iterator[tuple[str, str]]:
    yield "What we were told", report.what
    yield "How it is known", KnownHow(report.known_how).label
    if report.told_by:
        yield "Told to the person by", report.told_by if knows_source else NOT_FOR_YOU
    yield "How sure", Certainty(report.sure).label
    if report.from_day:
        yield "When", days(report.from_day, report.to_day)
    author = report.author
    who = f"{author.user.name}, {Role(author.team.role).label}, {report.agency.name}"
    yield "Who told us", who if knows_who else NOT_FOR_YOU


def days(first: date | None, last: date | None) -> str:
    """When it happened, in words."""
    if first is None:
        return Answer.NOT_PROVIDED.label
    if last is None or last == first:
        return day(first)
    return f"{day(first)} to {day(last)}"


def named(thing: Thing) -> Named:
    """One that is named, as far as something was said of it."""
    asked = ASKED[ItemKind(thing.kind)]
    said = {
        one.label: one.words(thing.details[name]) if name in thing.details else ""
        for name, one in asked.items()
    }
    return Named(
        pk=thing.pk,
        title=heading(thing),
        rows=(
            *((label, words) for label, words in said.items() if words),
            ("How it is known", KnownHow(thing.known_how).label),
        ),
        empty=tuple(label for label, words in said.items() if not words),
    )


def heading(thing: Thing) -> str:
    """What one is called where it stands in a list: its kind and its place."""
    return numbered(ItemKind(thing.kind), thing.place)


def numbered(kind: ItemKind, place: int) -> str:
    """What the one in this place is called: "Person 1"."""
    return f"{ONE[kind].capitalize()} {place}"


def spelling(words: str) -> str:
    """An account, a number or a registration as it is compared: no spaces, capital letters."""
    return "".join(words.split()).upper()


def proposals(principal: Principal, things: Sequence[Thing]) -> Iterator[Proposal]:
    """The cases on which the principal may read the very same account, number or registration.

    Only what their own reading of a case shows them is compared, so that a proposal never tells
    what is withheld. A link that a person has decided on is not proposed again, and takes nobody's
    place among the first that are.
    """
    return islice(_proposals(principal, things), MOST_PROPOSED)


def _proposals(principal: Principal, things: Sequence[Thing]) -> Iterator[Proposal]:
    wanted: dict[str, list[Thing]] = {}
    for thing in things:
        if thing.kind == ItemKind.ONLINE and spelling(thing.details.get("name", "")):
            wanted.setdefault(spelling(thing.details["name"]), []).append(thing)
    if not wanted:
        return
    decided = set(Link.objects.filter(thing__in=things).values_list("thing_id", "statement_id"))
    over = {
        statement
        for each in wanted.values()
        for statement in {statement for _, statement in decided}
        if all((thing.pk, statement) in decided for thing in each)
    }
    same = (
        Statement.objects.filter(
            question="online",
            item__isnull=False,
            removed_at__isnull=True,
            case__in=casework.visible(principal),
        )
        .annotate(name=KeyTextTransform("name", "details"))
        .annotate(
            spelled=Upper(
                Replace("name", Value(" "), Value(""), output_field=TextField()),
                output_field=TextField(),
            )
        )
        .filter(spelled__in=wanted)
        .select_related("case__child")
        .exclude(pk__in=over)
        .order_by("-stated_at", "pk")
    )
    shown: dict[UUID, set[UUID | None]] = {}
    for statement in same.iterator(chunk_size=MOST_PROPOSED):
        case = statement.case
        if case.pk not in shown:
            shown[case.pk] = _words_shown(principal, case)
        pairs = [
            each for each in wanted[statement.spelled] if (each.pk, statement.pk) not in decided
        ]
        for thing in pairs if statement.pk in shown[case.pk] else ():
            yield Proposal(
                report=thing.report.reference,
                thing=thing.pk,
                statement=statement.pk,
                case=case.pk,
                reference=case.reference,
                spelled=thing.details["name"],
                heading=heading(thing),
            )


def _words_shown(principal: Principal, case: Case) -> set[UUID | None]:
    """The pieces of a case of which the principal's own reading shows all the words."""
    items = read(principal, case, casework.purpose_of(principal)).items
    return {item.statement for item in items if item.state is State.SHOWN}


def _found(principal: Principal, things: Sequence[Thing]) -> Iterator[Found]:
    links = policies.links(principal).filter(thing__in=things)
    for link in links.select_related("thing", "case", "by__user").order_by("at", "pk"):
        yield Found(
            heading=heading(link.thing),
            reference=link.case.reference,
            verdict=Verdict(link.verdict).label,
            reason=link.reason,
            by=link.by.user.name,
            at=link.at,
        )
