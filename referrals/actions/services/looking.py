"""Reading actions and reviews, each on the record: lists, one action, one review, a month."""

import calendar
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db import transaction
from django.db.models import Count, QuerySet

from portal.accounts.vocabulary import Principal, Role
from portal.audit.services import record
from portal.common.clock import LONDON
from referrals import policies as casework
from referrals.actions import policies, reading
from referrals.actions.models import Action, ActionQuerySet, Review
from referrals.actions.services.lines import on_record, today
from referrals.actions.services.reviews import on_record as review_on_record
from referrals.actions.vocabulary import HELD
from referrals.actions.workflow import UNFINISHED, State
from referrals.assessments.reading.reach import CONCERN
from referrals.models import Case

A_PAGE: Final = 50
MINE, AGENCY, ALL, CHECK = "mine", "agency", "all", "check"
FINISHED, NO_EFFECT = "finished", "no-effect"


@dataclass(frozen=True, repr=False)
class Listed:
    """One page of actions: the rows, the page, and which lists this reader has."""

    rows: tuple[reading.Row, ...]
    page: Page[Action]
    shows: str
    views: tuple[tuple[str, str], ...]


def views(principal: Principal) -> tuple[tuple[str, str], ...]:
    """The lists of actions that this role has, as (code, label)."""
    found = [(MINE, "For you")]
    if principal.role is Role.AGENCY_LEAD or policies.oversees(principal):
        found.append((AGENCY, "Your agency's"))
    if policies.oversees(principal):
        found.append((CHECK, "Waiting for you to look at"))
    if policies.oversees(principal) or principal.role is Role.PANEL_CHAIR:
        found += [(ALL, "All"), (NO_EFFECT, "Done, and it did not help")]
    return (*found, (FINISHED, "Finished"))


def of_view(principal: Principal, shows: str) -> ActionQuerySet:
    """The actions of one of these lists, what is late first."""
    found = policies.visible(principal).order_by("due_at", "pk")
    if shows == FINISHED:
        return found.exclude(status__in=UNFINISHED).order_by("-due_at", "pk")
    if shows == NO_EFFECT:
        return found.filter(policies.without_effect(), status=State.VERIFIED)
    if shows == CHECK:
        return policies.waits_for(principal)
    if shows == ALL:
        return found.unfinished()
    if shows == AGENCY:
        return found.unfinished().filter(agency_id=principal.agency_id)
    return policies.for_me(principal)


@transaction.atomic
def list_actions(*, actor: Principal, shows: str = "", page: str = "") -> Listed:
    """One page of a list of actions, on the record: which were on it.

    An unknown list is the first. Raises Refused to a board chair.
    """
    policies.require_people(actor)
    lists = views(actor)
    if shows not in dict(lists):
        shows = MINE
    found = of_view(actor, shows).select_related(
        "case", "owner__user", "owner__team__agency", "agency"
    )
    cut = Paginator(found, A_PAGE).get_page(page)
    rows = tuple(reading.rows(actor, list(cut)))
    record(
        actor,
        "action.listed",
        purpose=casework.purpose_of(actor),
        ids=[row.pk for row in rows],
        why=shows,
    )
    return Listed(rows, cut, shows, lists)


@transaction.atomic
def read_action(*, actor: Principal, pk: UUID) -> reading.Shown:
    """One action, on the record. Raises NotVisible, Refused."""
    action = policies.action_for(actor, pk)
    found = reading.shown(actor, action)
    on_record(actor, "action.read", action)
    return found


def people(actor: Principal, case: Case, *, but: UUID | None = None) -> list[tuple[str, str]]:
    """Who can be asked to have an action on this case, as choices; nobody of the agency `but`."""
    found = policies.candidates(actor, case)
    if but is not None:
        found = found.exclude(team__agency=but)
    return [(str(member.pk), reading.who(member)) for member in found]


@dataclass(frozen=True, repr=False)
class OfCase:
    """The actions and reviews of one case, for those who oversee it or chair its panel."""

    rows: tuple[reading.Row, ...]
    reviews: tuple[reading.Planned, ...]
    may_give: bool


@transaction.atomic
def list_of_case(*, actor: Principal, reference: str) -> OfCase:
    """The actions and reviews of a case, on the record: at most the newest 200 of each.

    Raises NotVisible; Refused unless the actor coordinates or manages it or chairs its panel.
    """
    case = casework.case_for(actor, reference)
    policies.require_gives(actor, case)
    actions = policies.visible(actor).filter(case=case).order_by("-given_at")
    loaded = actions.select_related("case", "owner__user", "owner__team__agency", "agency")[:200]
    rows = tuple(reading.rows(actor, list(loaded)))
    reviews = policies.reviews(actor).filter(case=case).order_by("-on")
    loaded_reviews = list(reviews.select_related("case", "planned_by__user")[:200])
    record(
        actor,
        "action.listed",
        case=case.pk,
        subjects=[case.child_id],
        purpose=casework.purpose_of(actor),
        ids=[row.pk for row in rows],
    )
    return OfCase(
        rows=rows,
        reviews=tuple(reading.planned(each, today()) for each in loaded_reviews),
        may_give=case.status in policies.IN_WORK,
    )


@dataclass(frozen=True, repr=False)
class Day:
    """One day of the calendar: how many reviews are to come, and how many were held."""

    on: date
    is_of_month: bool
    is_today: bool
    to_come: int
    held: int


@dataclass(frozen=True, repr=False)
class Month:
    """The reviews of one month: its weeks, the workload of each, what is late, and the list."""

    first: date
    weeks: tuple[tuple[tuple[Day, ...], int], ...]
    late: tuple[reading.Planned, ...]
    rows: tuple[reading.Planned, ...]
    page: Page[Review]
    done: int

    @property
    def names(self) -> list[str]:
        """The days of the week, from Monday on."""
        return list(calendar.day_name)

    @property
    def before(self) -> str:
        """The month before, as it stands in an address."""
        return f"{self.first - timedelta(days=1):%Y-%m}"

    @property
    def after(self) -> str:
        """The month after, as it stands in an address."""
        return f"{(self.first + timedelta(days=31)):%Y-%m}"


@transaction.atomic
def list_reviews(*, actor: Principal, month: str = "", page: str = "") -> Month:
    """The reviews of one month, on the record; without a month that is read, this one.

    What is late stands above whatever the month is. Raises Refused.
    """
    policies.require_reviews(actor)
    first = _month(month)
    last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
    to_come = policies.to_come(actor)
    held = policies.reviews(actor).filter(outcome__in=HELD)
    weeks = calendar.Calendar().monthdatescalendar(first.year, first.month)
    span = (weeks[0][0], weeks[-1][-1])
    by_day = Counter(
        dict(
            to_come.filter(on__range=span).values_list("on").annotate(n=Count("pk")).order_by("on")
        )
    )
    done_on = Counter(
        at.astimezone(LONDON).date()
        for at in held.filter(
            ended_at__date__range=(span[0] - timedelta(days=1), span[1] + timedelta(days=1))
        ).values_list("ended_at", flat=True)
        if at
    )
    late = list(_loaded(to_come.late(today()))[:A_PAGE])
    cut = Paginator(_loaded(to_come.filter(on__range=(first, last))), A_PAGE).get_page(page)
    now = today()
    rows = tuple(reading.planned(each, now) for each in cut)
    late_rows = tuple(reading.planned(each, now) for each in late)
    record(
        actor,
        "review.listed",
        purpose=casework.purpose_of(actor),
        ids={row.pk for row in (*rows, *late_rows)},
    )
    return Month(
        first=first,
        weeks=tuple(
            (
                tuple(
                    Day(
                        on=day,
                        is_of_month=day.month == first.month,
                        is_today=day == now,
                        to_come=by_day[day],
                        held=done_on[day],
                    )
                    for day in week
                ),
                sum(by_day[day] for day in week),
            )
            for week in weeks
        ),
        late=late_rows,
        rows=rows,
        page=cut,
        done=sum(count for day, count in done_on.items() if first <= day <= last),
    )


def _loaded(found: QuerySet[Review]) -> QuerySet[Review]:
    return found.select_related("case", "planned_by__user").order_by("on", "pk")


def _month(typed: str) -> date:
    year, _, month = typed.partition("-")
    if year.isdecimal() and month.isdecimal() and 1 <= int(month) <= 12 and 2000 < int(year) < 2200:
        return date(int(year), int(month), 1)
    return today().replace(day=1)


@transaction.atomic
def read_review(*, actor: Principal, pk: UUID) -> reading.ReviewShown:
    """One review, on the record. Raises NotVisible, Refused."""
    review = policies.review_for(actor, pk)
    found = reading.review_shown(actor, review, today())
    fields = [str(CONCERN)] if found.agreed else []
    review_on_record(actor, "review.read", review, fields=fields)
    return found
