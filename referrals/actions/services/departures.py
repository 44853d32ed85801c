"""Everyone who left the list, and why: nobody drops off unseen."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from portal.accounts.models import Membership
from portal.accounts.vocabulary import Principal
from portal.audit.services import MOST_IDS, record
from portal.common.moments import day
from referrals import policies as casework
from referrals.actions import policies
from referrals.actions.services.planning import months_after
from referrals.actions.vocabulary import Leaving
from referrals.matching.models import Judgement
from referrals.matching.vocabulary import Verdict
from referrals.models import Case, Closure, Decision, LookBack, Move
from referrals.reading import Summary, summaries
from referrals.vocabulary import Closing, Found, Outcome
from referrals.workflow import Action

PERIODS: Final = (3, 12, 24)
A_PAGE: Final = 50
MOST: Final = 2000
COMES_BACK_WITHIN: Final = 12
_OUTCOMES: Final = {
    Outcome.TRANSFER: Leaving.TRANSFERRED,
    Outcome.NFA: Leaving.NFA,
    Outcome.ADVICE: Leaving.NFA,
}
HEAD: Final = (
    "Reference",
    "Child",
    "How",
    "When",
    "Why",
    "Who agreed",
    "Look back",
    "Came back within 12 months",
)


@dataclass(frozen=True, repr=False)
class Departure:
    """One child's work ended or became less: how, why, who agreed, and what came of it.

    What somebody wrote is "" to a reader who does not oversee the case.
    """

    reference: str
    child: str
    how: str
    at: datetime
    why: str
    agreed: str
    looked: str
    again: str

    @property
    def cells(self) -> tuple[str, ...]:
        """The same as the cells of a table, in the order of `HEAD`."""
        return (
            self.reference,
            self.child,
            self.how,
            day(self.at),
            self.why,
            self.agreed,
            self.looked,
            self.again,
        )


@dataclass(frozen=True, repr=False)
class _Left:
    """That a case left, before its words are looked up."""

    how: Leaving
    at: datetime
    pk: UUID
    case: UUID


@dataclass(frozen=True, repr=False)
class Departures:
    """One page of them, and the totals of the whole time: (how, how many)."""

    months: int
    rows: tuple[Departure, ...]
    page: Page[_Left]
    totals: tuple[tuple[str, int], ...]
    came_back: int

    @property
    def cells(self) -> list[tuple[str, ...]]:
        """The rows as the cells of a table."""
        return [row.cells for row in self.rows]


@transaction.atomic
def departures(*, actor: Principal, months: str = "", page: str = "") -> Departures:
    """Everyone who left the list in the last months, of the cases that the actor oversees.

    On the record. Raises Refused unless the actor's role coordinates, manages or chairs the panel.
    """
    policies.require_reviews(actor)
    asked = int(months) if months.isdecimal() else 0
    span = asked if asked in PERIODS else PERIODS[1]
    found = _found(actor, _since(span))
    again = _came_back(actor, found)
    cut = Paginator(found, A_PAGE).get_page(page)
    rows = _rows(actor, list(cut), again)
    record(
        actor,
        "departures.listed",
        purpose=casework.purpose_of(actor),
        ids={each.case for each in cut},
    )
    counted = Counter(each.how for each in found)
    return Departures(
        months=span,
        rows=rows,
        page=cut,
        totals=tuple((how.label, counted[how]) for how in Leaving),
        came_back=len({each.case for each in found if each.pk in again}),
    )


@transaction.atomic
def export_departures(*, actor: Principal, months: str = "") -> tuple[Departure, ...]:
    """The same as rows of a file, at most the newest 2,000, on the record. Raises Refused."""
    policies.require_reviews(actor)
    asked = int(months) if months.isdecimal() else 0
    found = _found(actor, _since(asked if asked in PERIODS else PERIODS[1]))
    rows = _rows(actor, found, _came_back(actor, found))
    record(
        actor,
        "departures.exported",
        recipient=("user", actor.user_id),
        ids=sorted({each.case for each in found})[:MOST_IDS],
    )
    return rows


def _since(months: int) -> date:
    return months_after(timezone.localdate(), -months)


def _found(actor: Principal, since: date) -> list[_Left]:
    """What left since then, the newest first."""
    cases = policies.overseen(actor)
    closed = Closure.objects.filter(case__in=cases, closed_at__date__gte=since)
    down = Move.objects.filter(case__in=cases, action=Action.STEP_DOWN, created_at__date__gte=since)
    decided = Decision.objects.filter(
        case__in=cases, outcome__in=list(_OUTCOMES), decided_at__date__gte=since
    )
    found = [
        _Left(Leaving.CLOSED, at, pk, case)
        for at, pk, case in closed.order_by("-closed_at").values_list("closed_at", "pk", "case_id")[
            :MOST
        ]
    ]
    found += [
        _Left(Leaving.STEPPED_DOWN, at, pk, case)
        for at, pk, case in down.order_by("-created_at").values_list("created_at", "pk", "case_id")[
            :MOST
        ]
    ]
    found += [
        _Left(_OUTCOMES[Outcome(outcome)], at, pk, case)
        for at, pk, case, outcome in decided.order_by("-decided_at").values_list(
            "decided_at", "pk", "case_id", "outcome"
        )[:MOST]
    ]
    return sorted(found, key=lambda each: (each.at, each.pk), reverse=True)[:MOST]


def _came_back(actor: Principal, found: Iterable[_Left]) -> dict[UUID, date]:
    """Of these, which came back within twelve months and when: reopened, or referred again.

    Another referral counts where somebody said that it is the same child, and the actor may know
    of it: else there is no trace of it here.
    """
    cases = {each.case for each in found}
    returns: dict[UUID, list[datetime]] = {}
    reopened = Closure.objects.filter(case__in=cases, reopened_at__isnull=False)
    for case, at in reopened.values_list("case_id", "reopened_at"):
        if at:
            returns.setdefault(case, []).append(at)
    same = Judgement.objects.current().filter(verdict=Verdict.SAME)
    pairs = list(
        same.filter(Q(first__in=cases) | Q(second__in=cases)).values_list("first", "second")
    )
    others = {pk for pair in pairs for pk in pair}
    received = dict(casework.visible(actor).filter(pk__in=others).values_list("pk", "received_at"))
    for first, second in pairs:
        for one, other in ((first, second), (second, first)):
            if one in cases and other in received:
                returns.setdefault(one, []).append(received[other])
    back = {}
    for each in found:
        until = months_after(each.at.date(), COMES_BACK_WITHIN)
        days = [at.date() for at in returns.get(each.case, []) if at > each.at]
        if days and min(days) <= until:
            back[each.pk] = min(days)
    return back


def _rows(actor: Principal, left: list[_Left], again: dict[UUID, date]) -> tuple[Departure, ...]:
    loaded = Case.objects.filter(pk__in={each.case for each in left}).for_rows()
    children = {row.case_id: row for row in summaries(actor, list(loaded))}
    pks = [each.pk for each in left]
    people = ("user", "team")
    closures = Closure.objects.filter(pk__in=pks).select_related(
        "move", *(f"closed_by__{each}" for each in people)
    )
    moves = Move.objects.filter(pk__in=pks).select_related(
        *(f"moved_by__{each}" for each in people)
    )
    decisions = Decision.objects.filter(pk__in=pks).select_related(
        *(f"{who}__{each}" for who in ("decided_by", "confirmed_by") for each in people)
    )
    said: dict[UUID, tuple[str, str, str]] = {
        **{each.pk: _of_closure(each) for each in closures},
        **{each.pk: (each.reason, "", _names(each.moved_by)) for each in moves},
        **{each.pk: _of_decision(each) for each in decisions},
    }
    looks = _looks(pks)
    words = policies.oversees(actor)
    return tuple(
        Departure(
            reference=children[each.case].reference,
            child=_child(children[each.case]),
            how=each.how.label,
            at=each.at,
            why=": ".join(filter(None, (said[each.pk][1], said[each.pk][0] if words else ""))),
            agreed=said[each.pk][2] if words else "",
            looked=looks.get(each.pk, ""),
            again=day(again.get(each.pk)),
        )
        for each in left
    )


def _of_closure(made: Closure) -> tuple[str, str, str]:
    agreed = f"{_names(made.closed_by)}. {made.agreed_by}"
    return made.move.reason, Closing(made.reason).label, agreed


def _of_decision(made: Decision) -> tuple[str, str, str]:
    return made.reason, Outcome(made.outcome).label, _names(made.decided_by, made.confirmed_by)


def _names(*members: Membership | None) -> str:
    return ", ".join(each.user.name for each in members if each)


def _child(row: Summary) -> str:
    return ", ".join(filter(None, (row.initials or "Not shared", row.age)))


def _looks(closures: list[UUID]) -> dict[UUID, str]:
    """What the last look after each of these closures found, or when one is due."""
    found: dict[UUID, str] = {}
    due = Closure.objects.filter(pk__in=closures, reopened_at__isnull=True)
    for pk, on in due.values_list("pk", "look_back_on"):
        found[pk] = f"To be looked at on {day(on)}" if on else ""
    looked = LookBack.objects.filter(closure__in=closures).order_by("looked_at")
    for look in looked:
        safe = Found(look.safe).label.lower()
        opens = ", to be reopened" if look.reopens else ""
        found[look.closure_id] = f"{day(look.looked_at)}: safe, {safe}{opens}"
    return found
