"""Working time in England: what a deadline is, whatever the day, the hour and the season."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.common.clock import (
    LONDON,
    add_working_days,
    add_working_time,
    is_open,
    is_working_day,
    start_of_clock,
    working_time,
)

OPENS, CLOSES = time(9), time(17)


def london(words: str) -> datetime:
    """A moment as the clock on the wall in England shows it."""
    return datetime.strptime(words, "%a %d %b %Y %H:%M").replace(tzinfo=LONDON)


def due(received: datetime, days: int = 1) -> datetime:
    return add_working_days(received, days, OPENS, CLOSES).astimezone(LONDON)


MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2028, 11, 30), timezones=st.just(UTC))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        # In office hours: the same hour of the next working day.
        ("Tue 24 Nov 2026 11:00", "Wed 25 Nov 2026 11:00"),
        ("Tue 24 Nov 2026 09:00", "Wed 25 Nov 2026 09:00"),
        ("Tue 24 Nov 2026 16:59", "Wed 25 Nov 2026 16:59"),
        # Outside them the clock starts at the next opening.
        ("Tue 24 Nov 2026 08:59", "Wed 25 Nov 2026 09:00"),
        ("Tue 24 Nov 2026 17:00", "Thu 26 Nov 2026 09:00"),
        ("Tue 24 Nov 2026 23:59", "Thu 26 Nov 2026 09:00"),
        ("Wed 25 Nov 2026 00:01", "Thu 26 Nov 2026 09:00"),
        # Weekend.
        ("Fri 27 Nov 2026 16:30", "Mon 30 Nov 2026 16:30"),
        ("Fri 27 Nov 2026 17:30", "Tue 01 Dec 2026 09:00"),
        ("Sat 28 Nov 2026 10:00", "Tue 01 Dec 2026 09:00"),
        ("Sun 29 Nov 2026 23:00", "Tue 01 Dec 2026 09:00"),
        # Easter 2027: Good Friday is 26 March, Easter Monday is 29 March; the clocks change
        # on the Sunday between them.
        ("Thu 25 Mar 2027 15:00", "Tue 30 Mar 2027 15:00"),
        ("Fri 26 Mar 2027 10:00", "Wed 31 Mar 2027 09:00"),
        ("Mon 29 Mar 2027 10:00", "Wed 31 Mar 2027 09:00"),
        # Christmas and New Year: Boxing Day 2026 is a Saturday, so Monday 28 is the holiday.
        ("Thu 24 Dec 2026 12:00", "Tue 29 Dec 2026 12:00"),
        ("Fri 25 Dec 2026 12:00", "Wed 30 Dec 2026 09:00"),
        ("Thu 31 Dec 2026 16:00", "Mon 04 Jan 2027 16:00"),
        ("Fri 01 Jan 2027 00:00", "Tue 05 Jan 2027 09:00"),
        # May and August bank holidays.
        ("Fri 30 Apr 2027 10:00", "Tue 04 May 2027 10:00"),
        ("Fri 27 Aug 2027 17:00", "Wed 01 Sep 2027 09:00"),
        # The clocks go forward on Sunday 28 March 2027, and back on Sunday 31 October 2027.
        ("Fri 29 Oct 2027 11:00", "Mon 01 Nov 2027 11:00"),
        ("Sun 31 Oct 2027 01:30", "Tue 02 Nov 2027 09:00"),
    ],
)
def test_one_working_day_from(received, expected):
    assert due(london(received)) == london(expected)


@pytest.mark.parametrize(
    ("received", "hours"),
    [
        ("Fri 20 Mar 2026 11:00", 72),  # no change of the clocks between
        ("Fri 27 Mar 2026 11:00", 71),  # forward: an hour of the weekend is missing
        ("Fri 23 Oct 2026 11:00", 73),  # back: an hour of it comes twice
    ],
)
def test_a_working_day_is_a_working_day_across_a_change_of_the_clocks(received, hours):
    moment = london(received).astimezone(UTC)

    assert add_working_days(moment, 1, OPENS, CLOSES) - moment == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (1, "Wed 25 Nov 2026 11:00"),
        (4, "Mon 30 Nov 2026 11:00"),
        (10, "Tue 08 Dec 2026 11:00"),
        (24, "Wed 30 Dec 2026 11:00"),
    ],
)
def test_several_working_days(days, expected):
    assert due(london("Tue 24 Nov 2026 11:00"), days) == london(expected)


def test_the_hours_of_an_office_are_its_own():
    received = london("Tue 24 Nov 2026 18:30")

    assert add_working_days(received, 1, time(8), time(20)) == london("Wed 25 Nov 2026 18:30")


def test_the_bank_holidays_that_are_shipped_reach_a_year_ahead():
    """When this fails, take the new release of the package that ships them."""
    next_year = datetime.now(LONDON).year + 1

    weekdays = [date(next_year, 12, day) for day in range(25, 32)]
    assert any(not is_working_day(day) for day in weekdays if day.weekday() < 5)


@given(MOMENTS, st.integers(1, 15))
def test_a_deadline_is_in_office_hours_on_a_working_day_and_in_utc(received, days):
    found = add_working_days(received, days, OPENS, CLOSES)

    local = found.astimezone(LONDON)
    assert found.tzinfo is UTC
    assert found > received
    assert is_working_day(local.date())
    assert OPENS <= local.time() < CLOSES
    assert is_open(found, OPENS, CLOSES)


@given(MOMENTS, st.integers(1, 10))
def test_between_the_start_and_the_deadline_lie_just_so_many_working_days(received, days):
    start = start_of_clock(received, OPENS, CLOSES)
    found = add_working_days(received, days, OPENS, CLOSES).astimezone(LONDON)

    between = (found.date() - start.date()).days
    counted = [start.date() + timedelta(days=after) for after in range(1, between + 1)]
    assert sum(is_working_day(day) for day in counted) == days
    assert found.time() == start.time()


@given(MOMENTS, st.timedeltas(timedelta(0), timedelta(days=5)))
def test_who_sends_later_is_never_due_earlier(received, later):
    assert due(received) <= due(received + later)


@given(MOMENTS)
def test_one_day_more_is_later(received):
    assert due(received, 1) < due(received, 2)


@given(MOMENTS)
def test_the_clock_starts_at_once_when_somebody_watches_and_at_an_opening_otherwise(received):
    start = start_of_clock(received, OPENS, CLOSES)

    assert start >= received
    assert is_open(start, OPENS, CLOSES)
    if is_open(received, OPENS, CLOSES):
        assert start == received
    else:
        assert start.time() == OPENS


@given(MOMENTS)
def test_the_zone_in_which_a_moment_is_told_does_not_matter(received):
    assert due(received) == due(received.astimezone(LONDON))


def hours(since: datetime, until: datetime) -> timedelta:
    return working_time(since, until, OPENS, CLOSES)


AMOUNTS = st.timedeltas(timedelta(minutes=1), timedelta(hours=60))


@pytest.mark.parametrize(
    ("received", "amount", "expected"),
    [
        ("Tue 24 Nov 2026 11:00", 4, "Tue 24 Nov 2026 15:00"),
        ("Tue 24 Nov 2026 13:00", 4, "Tue 24 Nov 2026 17:00"),
        ("Tue 24 Nov 2026 14:00", 4, "Wed 25 Nov 2026 10:00"),
        ("Fri 27 Nov 2026 16:00", 4, "Mon 30 Nov 2026 12:00"),
        ("Sat 28 Nov 2026 03:00", 4, "Mon 30 Nov 2026 13:00"),
        # Over Easter and the change of the clocks, over Christmas, over the turn of the year.
        ("Thu 25 Mar 2027 16:00", 4, "Tue 30 Mar 2027 12:00"),
        ("Thu 24 Dec 2026 16:00", 4, "Tue 29 Dec 2026 12:00"),
        ("Thu 31 Dec 2026 16:00", 4, "Mon 04 Jan 2027 12:00"),
        ("Fri 29 Oct 2027 16:00", 9, "Tue 02 Nov 2027 09:00"),
    ],
)
def test_working_hours_from(received, amount, expected):
    found = add_working_time(london(received), timedelta(hours=amount), OPENS, CLOSES)

    # The end of one day is the beginning of the next: both are the same working time.
    wanted = london(expected)
    assert hours(found, wanted) == hours(wanted, found) == timedelta(0)


@given(MOMENTS, AMOUNTS)
def test_working_time_that_is_added_is_the_working_time_that_has_passed(received, amount):
    found = add_working_time(received, amount, OPENS, CLOSES)

    assert found.tzinfo is UTC
    assert hours(received, found) == amount
    assert hours(received, found - timedelta(seconds=1)) < amount


@given(MOMENTS, AMOUNTS, AMOUNTS)
def test_working_time_adds_up_whatever_lies_between(received, first, second):
    between = received + first
    end = between + second

    assert hours(received, end) == hours(received, between) + hours(between, end)
    assert hours(end, received) == timedelta(0)


@given(MOMENTS, AMOUNTS, st.lists(st.tuples(AMOUNTS, AMOUNTS), max_size=4))
def test_a_clock_that_was_paused_gives_the_whole_time_all_the_same(received, amount, stretches):
    """Each pause moves the end by the working time that it lasted, and by nothing else."""
    due = add_working_time(received, amount, OPENS, CLOSES)
    now, paused = received, timedelta(0)
    for runs, lasts in stretches:
        begins = now + runs
        ends = begins + lasts
        if begins >= due:
            break
        paused += hours(begins, ends)
        due = add_working_time(due, hours(begins, ends), OPENS, CLOSES)
        now = ends

    assert hours(received, due) - paused == amount
