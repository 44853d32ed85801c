"""Working time in England: office hours, weekends, bank holidays.

Times in and out are timezone-aware; the arithmetic is done in Europe/London, so a working day is
a working day across a change of the clocks.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from govuk_bank_holidays.bank_holidays import BankHolidays

LONDON = ZoneInfo("Europe/London")


@cache
def _holidays() -> frozenset[date]:
    """England's bank holidays as the package ships them; never fetched at run time."""
    shipped = BankHolidays(use_cached_holidays=True)
    found = shipped.get_holidays(division=BankHolidays.ENGLAND_AND_WALES)
    return frozenset(holiday["date"] for holiday in found)


def is_working_day(day: date) -> bool:
    """Tell whether `day` is a working day in England: not a weekend, not a bank holiday."""
    return day.weekday() < 5 and day not in _holidays()


def _working_days_from(day: date) -> Iterator[date]:
    while True:
        if is_working_day(day):
            yield day
        day += timedelta(days=1)


def start_of_clock(at: datetime, opens: time, closes: time) -> datetime:
    """Return the moment in London time at which a clock for something received `at` starts.

    Inside office hours that is `at`; otherwise it is the next opening.
    """
    local = at.astimezone(LONDON)
    for day in _working_days_from(local.date()):
        opening = datetime.combine(day, opens, LONDON)
        if local <= opening:
            return opening
        if local < datetime.combine(day, closes, LONDON):
            return local
    raise AssertionError("unreachable: there is always a next working day")


def add_working_days(at: datetime, days: int, opens: time, closes: time) -> datetime:
    """Return when `days` working days after `at` have passed, as an aware UTC datetime.

    Received at 11am on a Tuesday, one working day ends at 11am on Wednesday; received on a
    Saturday, it ends when the office has been open for one whole working day, at opening on
    Tuesday.
    """
    start = start_of_clock(at, opens, closes)
    remaining = days
    for day in _working_days_from(start.date() + timedelta(days=1)):
        remaining -= 1
        if remaining <= 0:
            return datetime.combine(day, start.timetz().replace(tzinfo=None), LONDON).astimezone(
                UTC
            )
    raise AssertionError("unreachable: there is always a next working day")


def add_working_time(at: datetime, lasting: timedelta, opens: time, closes: time) -> datetime:
    """Return when the office has been open for `lasting` after `at`, as an aware UTC datetime.

    At 4:30pm on a Friday, an hour ends at 9:30am on Monday where the office closes at 5pm.
    """
    start = start_of_clock(at, opens, closes)
    for day in _working_days_from(start.date()):
        # In UTC: on the day of a change, an hour is an hour.
        begins = max(start, datetime.combine(day, opens, LONDON)).astimezone(UTC)
        open_for = datetime.combine(day, closes, LONDON).astimezone(UTC) - begins
        if lasting <= open_for:
            return begins + lasting
        lasting -= open_for
    raise AssertionError("unreachable: there is always a next working day")


def working_time(since: datetime, until: datetime, opens: time, closes: time) -> timedelta:
    """Return for how long the office was open between two moments; nothing if they are reversed."""
    total = timedelta(0)
    start, end = since.astimezone(UTC), until.astimezone(UTC)
    for day in _working_days_from(since.astimezone(LONDON).date()):
        opening = datetime.combine(day, opens, LONDON).astimezone(UTC)
        if opening >= end:
            return total
        closing = datetime.combine(day, closes, LONDON).astimezone(UTC)
        total += max(min(closing, end) - max(opening, start), timedelta(0))
    raise AssertionError("unreachable: there is always a next working day")


def is_open(at: datetime, opens: time, closes: time) -> bool:
    """Tell whether somebody is watching at `at`."""
    local = at.astimezone(LONDON)
    return is_working_day(local.date()) and opens <= local.time() < closes


def end_of(day: date) -> datetime:
    """The moment at which a day ends in England."""
    return datetime.combine(day + timedelta(days=1), time(), LONDON)
