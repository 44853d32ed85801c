"""Nominations, agendas and guests as lines, in a constant number of queries."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from uuid import UUID

from django.utils import timezone

from portal.accounts.models import Agency
from portal.accounts.vocabulary import AgencyKind, Principal, Role
from referrals import policies as casework
from referrals.meetings.models import (
    AgendaItem,
    AgendaItemQuerySet,
    Invitation,
    Nomination,
    NotInvited,
    Sift,
)
from referrals.meetings.vocabulary import Came, ItemKind, Origin
from referrals.meetings.workflow import ItemStatus, NominationStatus, Sifting
from referrals.models import Case, Statement, Wall
from referrals.reading import Summary, summaries
from referrals.vocabulary import Answer, Protect
from sharing.rules import policies as law
from sharing.rules.decision import Facts, Rule, decide
from sharing.rules.vocabulary import Category


class Wordings:
    """Whether somebody reads the words of a person, place or theme: the law about the concern.

    They are held by the agency of whoever wrote them. Two queries, whatever is asked; none where
    nothing is.
    """

    def __init__(self, principal: Principal) -> None:
        self.principal = principal
        self.at = timezone.now()
        self.purpose = casework.purpose_of(principal)

    @cached_property
    def law(self) -> tuple[Rule, ...]:
        """The rules in force."""
        return law.in_force(self.at)

    @cached_property
    def agreed(self) -> dict[Category, datetime]:
        """What the principal's agency has agreements about."""
        return law.agreed(self.principal.agency_id, self.purpose, self.at)

    def may_read(self, holder: Agency, *, author: UUID) -> bool:
        """Tell whether the principal reads what this agency, and this author, wrote."""
        facts = Facts(
            rules=self.law,
            holder_kind=AgencyKind(holder.kind),
            holder_agency=holder.pk,
            agreement=Category.IC4 in self.agreed,
            recipient_is_author=author == self.principal.membership_id,
        )
        ruling = decide(self.principal, facts, Category.IC4, self.purpose, self.at)
        return casework.says_yes(ruling, Category.IC4, self.agreed)

    def of(self, nomination: Nomination, text: str) -> str:
        """The text, or the words in its place."""
        by = nomination.by
        if self.may_read(by.team.agency, author=by.pk):
            return text
        return f"Not shared with {self.principal.agency_kind.label}"


class Known:
    """The cases of these nominations as rows of a list for this reader. One page needs one."""

    def __init__(self, principal: Principal, rows: Iterable[Nomination]) -> None:
        wanted = [row.case_id for row in rows if row.case_id]
        self.cases = list(Case.objects.for_rows().filter(pk__in=wanted).order_by("pk"))
        self.named: dict[UUID, Summary] = {
            row.case_id: row for row in summaries(principal, self.cases)
        }
        self.wordings = Wordings(principal)

    def title(self, row: Nomination) -> str:
        """What the nomination is about, in the reader's words."""
        if row.case_id is None:
            return self.wordings.of(row, row.title)
        summary = self.named[row.case_id]
        who = ", ".join(filter(None, (summary.initials, summary.age)))
        return f"{summary.reference}: {who}" if who else summary.reference

    def reference(self, row: Nomination) -> str:
        """The reference of its case, if it is about a child."""
        return self.named[row.case_id].reference if row.case_id else ""

    def words(self, row: Nomination) -> str:
        """What is said of it, where it is about no child."""
        return "" if row.case_id else self.wordings.of(row, row.words)

    def why(self, row: Nomination) -> str:
        """Why it was nominated."""
        return row.why if row.case_id else self.wordings.of(row, row.why)


@dataclass(frozen=True, repr=False)
class NominationLine:
    """One nomination as a line: what it is about in the reader's words, why, and where it is."""

    pk: UUID
    kind: ItemKind
    reference: str
    title: str
    words: str
    why: str
    minutes: int
    origin: str
    by: str
    made_at: datetime
    status: NominationStatus
    said: tuple[tuple[str, str], ...] = ()
    deferrals: int = 0
    is_mine: bool = False

    @property
    def selects(self) -> str:
        """What the box that selects this line is called."""
        return f"Select {self.title}"


def nomination_lines(
    principal: Principal, rows: Sequence[Nomination], known: Known, *, whole: bool = False
) -> list[NominationLine]:
    """Nominations as lines for this reader; `whole` with what was answered so far.

    `rows` come from `policies.nominations`, with `by__user`, `by__team__agency`.
    """
    said: dict[UUID, list[Sift]] = {}
    steps = Sift.objects.filter(nomination__in=rows).order_by("at", "pk") if whole else ()
    for sift in steps:
        said.setdefault(sift.nomination_id, []).append(sift)
    put_off = dict(
        AgendaItem.objects.filter(nomination__in=rows, status=ItemStatus.DEFERRED)
        .order_by("deferrals")
        .values_list("nomination_id", "deferrals")
    )
    return [
        NominationLine(
            pk=row.pk,
            kind=ItemKind(row.kind),
            reference=known.reference(row),
            title=known.title(row),
            words=known.words(row),
            why=known.why(row),
            minutes=row.minutes,
            origin=Origin(row.origin).label,
            by=f"{row.by.user.name}, {row.by.team.agency.name}",
            made_at=row.made_at,
            status=NominationStatus(row.status),
            said=tuple(_said(each) for each in said.get(row.pk, ())),
            deferrals=put_off.get(row.pk, 0),
            is_mine=row.by.user_id == principal.user_id,
        )
        for row in rows
    ]


def _said(sift: Sift) -> tuple[str, str]:
    instead = f" Instead: {sift.alternative}" if sift.alternative else ""
    return Sifting(sift.step).label, f"{sift.reason}{instead}"


@dataclass(frozen=True, repr=False)
class AgendaLine:
    """One item of an agenda as a line. `number` counts among what the reader may know of.

    `missing`: who holds something and is not invited. `conflicts`: who of those invited is kept
    out by a conflict of interest. `left_out`: who was not invited to this item. `away`: the
    invitations of both.
    """

    pk: UUID
    number: int
    kind: ItemKind
    reference: str
    title: str
    words: str
    why: str
    minutes: int
    status: ItemStatus
    deferrals: int
    missing: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    case: UUID | None = None
    nomination: UUID | None = None
    away: frozenset[UUID] = frozenset()

    @property
    def missing_words(self) -> tuple[str, ...]:
        """The same in sentences."""
        return tuple(f"{who} holds information and is not invited." for who in self.missing)


def agenda_lines(
    principal: Principal,
    items: AgendaItemQuerySet,
    invited: Iterable[Invitation] = (),
    also: Sequence[Nomination] = (),
) -> tuple[list[AgendaLine], Known]:
    """An agenda as lines for this reader, with the cases of which they show a row.

    `items` comes from `policies.items` or `policies.pack_items`. `invited` are the meeting's
    standing invitations, for whoever runs it; with none, nothing is said of who is missing. `also`
    are nominations of which the page shows a line too.
    """
    rows = list(items.select_related("nomination__by__user", "nomination__by__team__agency"))
    known = Known(principal, [*(row.nomination for row in rows), *also])
    people = list(invited)
    room = _Room(rows, people)
    lines = []
    for number, row in enumerate(rows, start=1):
        about = row.nomination
        lines.append(
            AgendaLine(
                pk=row.pk,
                number=number,
                kind=ItemKind(about.kind),
                reference=known.reference(about),
                title=known.title(about),
                words=known.words(about),
                why=known.why(about),
                minutes=row.minutes,
                status=ItemStatus(row.status),
                deferrals=row.deferrals,
                missing=room.missing(row),
                conflicts=room.conflicts(row),
                left_out=room.left_out(row),
                case=about.case_id,
                nomination=about.pk,
                away=room.away(row),
            )
        )
    return lines, known


class _Room:
    """Who of those invited is there for which item, in three queries; none without people."""

    def __init__(self, rows: list[AgendaItem], people: list[Invitation]) -> None:
        self.people = people
        self.out: dict[UUID, set[UUID]] = {}
        self.walls: list[Wall] = []
        self.held: dict[UUID, dict[UUID, str]] = {}
        if not people or not rows:
            return
        standing = NotInvited.objects.filter(item__in=rows, ended_at__isnull=True)
        for item, invitation in standing.values_list("item_id", "invitation_id"):
            self.out.setdefault(item, set()).add(invitation)
        cases = [row.nomination.case_id for row in rows if row.nomination.case_id]
        self.walls = list(Wall.objects.filter(case__in=cases, lifted_at__isnull=True))
        told = (
            Statement.objects.filter(case__in=cases, removed_at__isnull=True, answer=Answer.GIVEN)
            .exclude(protect=Protect.EXISTENCE)
            .order_by("agency__name")
            .values_list("case_id", "agency_id", "agency__name")
            .distinct()
        )
        for case, agency, name in told:
            self.held.setdefault(case, {})[agency] = name

    def is_walled(self, row: AgendaItem, each: Invitation) -> bool:
        member = each.membership
        return any(
            wall.case_id == row.nomination.case_id
            and (wall.user_id == member.user_id or wall.agency_id == member.team.agency_id)
            for wall in self.walls
        )

    def away(self, row: AgendaItem) -> frozenset[UUID]:
        walled = {each.pk for each in self.people if self.is_walled(row, each)}
        return frozenset(walled | self.out.get(row.pk, set()))

    def conflicts(self, row: AgendaItem) -> tuple[str, ...]:
        return tuple(_name(each) for each in self.people if self.is_walled(row, each))

    def left_out(self, row: AgendaItem) -> tuple[str, ...]:
        out = self.out.get(row.pk, set())
        return tuple(_name(each) for each in self.people if each.pk in out)

    def missing(self, row: AgendaItem) -> tuple[str, ...]:
        if row.nomination.case_id is None:
            return ()
        out = self.out.get(row.pk, set())
        there = {
            each.membership.team.agency_id
            for each in self.people
            if each.pk not in out and not self.is_walled(row, each)
        }
        held = self.held.get(row.nomination.case_id, {})
        return tuple(name for agency, name in held.items() if agency not in there)


def _name(each: Invitation) -> str:
    return each.membership.user.name


@dataclass(frozen=True, repr=False)
class Guest:
    """One person who is invited, and what is known of their coming."""

    pk: UUID
    membership: UUID
    name: str
    role: str
    agency: str
    came: Came
    has_read: bool
    is_told: bool
    instead_of: str
    user: UUID
    agency_id: UUID


def guests(invitations: Iterable[Invitation]) -> list[Guest]:
    """Invitations as lines; they come with `membership__user`, `membership__team__agency`."""
    rows = list(invitations)
    names = {row.pk: row.membership.user.name for row in rows}
    return [
        Guest(
            pk=row.pk,
            membership=row.membership_id,
            name=row.membership.user.name,
            role=Role(row.membership.team.role).label,
            agency=row.membership.team.agency.name,
            came=Came(row.came),
            has_read=row.read_at is not None,
            is_told=row.told_at is not None,
            instead_of=names.get(row.instead_of_id, "") if row.instead_of_id else "",
            user=row.membership.user_id,
            agency_id=row.membership.team.agency_id,
        )
        for row in rows
    ]
