"""A month as a table of days, with what is on them."""

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from portal.common.clock import LONDON
from referrals.meetings.models import Meeting


@dataclass(frozen=True, repr=False)
class Day:
    """One day of a month's table; one of another month has no number."""

    number: int
    meetings: tuple[Meeting, ...] = ()


def month_of(month: date, meetings: Iterable[Meeting]) -> list[list[Day]]:
    """The weeks of a month, from Monday, with the meetings of each day in London."""
    found: dict[date, list[Meeting]] = {}
    for meeting in meetings:
        found.setdefault(meeting.starts_at.astimezone(LONDON).date(), []).append(meeting)
    weeks = calendar.Calendar().monthdatescalendar(month.year, month.month)
    return [
        [
            Day(day.day, tuple(found.get(day, ()))) if day.month == month.month else Day(0)
            for day in week
        ]
        for week in weeks
    ]
