"""Days, times and deadlines in words, as people in London say them."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone

from portal.common.clock import LONDON


def time_of_day(moment: datetime | time) -> str:
    """Say the time in London as people do: "4:30pm", "11am", "midday", "midnight"."""
    local = moment.astimezone(LONDON) if isinstance(moment, datetime) else moment
    if local.minute == 0 and local.hour in {0, 12}:
        return "midday" if local.hour else "midnight"
    minutes = f":{local:%M}" if local.minute else ""
    return f"{local.hour % 12 or 12}{minutes}{'pm' if local.hour >= 12 else 'am'}"


def day(moment: date | None) -> str:
    """Say the day, in London when it is a moment: "4 December 2026". Nothing says nothing."""
    if not moment:
        return ""
    local = moment.astimezone(LONDON) if isinstance(moment, datetime) else moment
    return f"{local.day} {local:%B %Y}"


def london(moment: datetime | None) -> str:
    """Say the day and the time in London: "4 December 2026 at 4:30pm". Nothing says nothing."""
    return f"{day(moment)} at {time_of_day(moment)}" if moment else ""


def until(moment: datetime | None) -> str:
    """Say an end as people mean it: what ends at midnight ends with the day before."""
    if moment and moment.astimezone(LONDON).time() == time.min:
        return f"the end of {day(moment - timedelta(seconds=1))}"
    return london(moment)


def minutes_left(until: datetime, now: datetime | None = None) -> str:
    """How long it is until then, in words: 42 minutes left."""
    seconds = (until - (now or timezone.now())).total_seconds()
    minutes = max(-(-seconds // 60), 0)
    return f"{_count(int(minutes), 'minute')} left"


def lasting(minutes: int) -> str:
    """How long that is, in words: an hour, 2 hours, 90 minutes."""
    if minutes == 60:
        return "an hour"
    return _count(minutes // 60, "hour") if minutes % 60 == 0 else _count(minutes, "minute")


def deadline_words(due: datetime, now: datetime) -> tuple[str, str]:
    """Say how a deadline stands, as (words, tone); both moments aware, days as in London.

    The tone is that of the tag: "red", "orange", "blue", or empty for no tag.
    """
    if due < now:
        late = now - due
        for unit, size in (("day", timedelta(days=1)), ("hour", timedelta(hours=1))):
            if late >= size:
                return f"Overdue by {_count(late // size, unit)}", "red"
        return f"Overdue by {_count(max(late // timedelta(minutes=1), 1), 'minute')}", "red"
    local, today = due.astimezone(LONDON), now.astimezone(LONDON).date()
    days = (local.date() - today).days
    if days == 0:
        return f"Due today at {time_of_day(due)}", "orange"
    if days == 1:
        return f"Due tomorrow at {time_of_day(due)}", "blue"
    year = f" {local.year}" if local.year != today.year else ""
    return f"Due {local:%A} {local.day} {local:%B}{year}", ""


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}{'' if number == 1 else 's'}"
