"""What the portal sees to by itself: no open case without a review, and the 18th birthday."""

from datetime import date, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from portal.accounts.models import Partnership
from portal.notifications.vocabulary import Kind
from referrals import policies as casework
from referrals.actions import policies
from referrals.actions.models import Review
from referrals.actions.services.lines import tell, today
from referrals.actions.services.reviews import on_record, planned
from referrals.actions.vocabulary import About
from referrals.matching.models import Join
from referrals.models import Case
from referrals.services import clocks
from referrals.workflow import Status

NEAR: Final = timedelta(days=7)
NOBODY_PLANNED: Final = "The case is open, and nobody had planned a review."
TURNS_18: Final = "The child will soon be 18. Bring adult services in. Turning 18 closes nothing."


def plan() -> int:
    """Do everything that is due, each once, however many sweeps run at once.

    Every open case has a review to come; before the 18th birthday there is one about what follows,
    which closes nothing; and whoever looks after a case hears of a review that is close or late.
    Returns how many reviews were planned or told of.
    """
    done = sum(_plan(pk) for pk in _without_review().values_list("pk", flat=True))
    for area in Partnership.objects.all():
        for pk in _soon_18(area).values_list("pk", flat=True):
            done += _prepare(pk)
    now = today()
    waits = Review.objects.planned().filter(case__status__in=policies.IN_WORK)
    close = waits.filter(on__lte=now + NEAR, near_told_at__isnull=True)
    late = waits.filter(on__lt=now, late_told_at__isnull=True)
    return done + sum(_tell(pk) for pk in close.union(late).values_list("pk", flat=True))


def _without_review() -> QuerySet[Case]:
    to_come = Review.objects.planned().filter(case=OuterRef("pk"), about=About.PLANNED)
    joined = Join.objects.current().filter(joined=OuterRef("pk"))
    return Case.objects.filter(
        ~Exists(to_come), ~Exists(joined), status__in=(Status.OPEN, Status.STEPPING_DOWN)
    )


@transaction.atomic
def _plan(pk: UUID) -> int:
    case = _held(pk)
    if case is None or not _without_review().filter(pk=pk).exists():
        return 0
    said = case.decisions.filter(superseded_at__isnull=True, next_on__gte=today()).first()
    by_level = today() + timedelta(days=case.partnership.review_days_high)
    on = min(said.next_on or by_level, by_level) if said else by_level
    planned(None, case, on, NOBODY_PLANNED)
    return 1


def _held(pk: UUID) -> Case | None:
    """The case, locked; one that somebody holds is left to the next sweep."""
    found = Case.objects.select_for_update(of=("self",), skip_locked=True)
    return found.select_related("partnership", "child").filter(pk=pk).first()


def _soon_18(area: Partnership) -> QuerySet[Case]:
    """The cases of an area whose child turns 18 within its months, and of which nobody prepares."""
    born_by = years_before(months_after(today(), area.transition_months), 18)
    prepared = Review.objects.filter(case=OuterRef("pk"), about=About.TRANSITION)
    joined = Join.objects.current().filter(joined=OuterRef("pk"))
    return Case.objects.filter(
        ~Exists(prepared),
        ~Exists(joined),
        partnership=area,
        status__in=policies.IN_WORK,
        child__date_of_birth__lte=born_by,
    )


@transaction.atomic
def _prepare(pk: UUID) -> int:
    case = _held(pk)
    if case is None or case.child.date_of_birth is None:
        return 0
    if not _soon_18(case.partnership).filter(pk=pk).exists():
        return 0
    born = case.child.date_of_birth
    before = years_before(born, -18) - timedelta(days=1)
    soon = today() + timedelta(days=case.partnership.review_days_high)
    planned(None, case, max(today(), min(soon, before)), TURNS_18, about=About.TRANSITION)
    return 1


def months_after(day: date, months: int) -> date:
    """The same day so many months later; the last of the month where there is none."""
    month = day.month - 1 + months
    first = date(day.year + month // 12, month % 12 + 1, 1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return min(first + timedelta(days=day.day - 1), last)


def years_before(day: date, years: int) -> date:
    """The same day so many years before; born on 29 February is 18 on 1 March."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return date(day.year - years, 3, 1)


@transaction.atomic
def _tell(pk: UUID) -> int:
    known = Review.objects.get(pk=pk)
    case = _held(known.case_id)
    review = Review.objects.planned().filter(pk=pk).first()
    if case is None or review is None or case.status not in policies.IN_WORK:
        return 0
    review.case = case
    is_late = review.on < today()
    if review.late_told_at or (review.near_told_at and not is_late):
        return 0
    now = timezone.now()
    review.near_told_at = review.near_told_at or now
    review.late_told_at = now if is_late else None
    review.save(update_fields=["near_told_at", "late_told_at"])
    cause = on_record(None, "review.told", review, why="late" if is_late else "near")
    who = clocks.to_tell(case, managers=True) if is_late else casework.on_duty(case)
    tell(who, Kind.REVIEW_LATE if is_late else Kind.REVIEW_NEAR, case, cause)
    return 1
