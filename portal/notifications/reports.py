"""How notices come to somebody, and how outgoing mail does. Nothing here says what one is about."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Min

from portal.notifications.models import Digest, MailStop, Notice, Preference, Pulse
from portal.notifications.vocabulary import Status, When

MOST_SHOWN = 100
DIGEST = "The daily email"


@dataclass(frozen=True, repr=False)
class Dead:
    """One email that was given up: of what kind, since when, how often tried, on what error."""

    pk: UUID
    kind: str
    owed_at: datetime
    attempts: int
    error: str


@dataclass(frozen=True, repr=False)
class Stopped:
    """Who stopped outgoing mail, when and why."""

    by: str
    at: datetime
    why: str


@dataclass(frozen=True, repr=False)
class Outbox:
    """How outgoing mail is: how many wait and since when, how many were given up, the newest."""

    waiting: int
    oldest: datetime | None
    dead: int
    shown: tuple[Dead, ...]
    stopped: Stopped | None


def preferences(membership: UUID) -> dict[str, Any]:
    """What somebody has chosen, or what holds for whoever has chosen nothing."""
    names = ("to_do", "for_information", "digest_hour")
    chosen = Preference.objects.filter(membership=membership).values(*names).first()
    return chosen or {
        "to_do": When.AT_ONCE,
        "for_information": When.DIGEST,
        "digest_hour": None,
    }


def waiting() -> tuple[int, datetime | None]:
    """How many emails are owed and not sent, tried or not, and since when the oldest is."""
    count, oldest = 0, []
    for model in (Notice, Digest):
        owed = model.objects.filter(status__in=[Status.PENDING, Status.LEASED])
        found = owed.aggregate(count=Count("pk"), oldest=Min("created_at"))
        count += found["count"]
        oldest += [found["oldest"]] if found["oldest"] else []
    return count, min(oldest, default=None)


def stopped_at() -> datetime | None:
    """Since when outgoing mail has been stopped, if it is."""
    return MailStop.objects.standing().values_list("stopped_at", flat=True).first()


def dead() -> int:
    """How many emails were given up and have not been tried again."""
    return sum(model.objects.filter(status=Status.DEAD).count() for model in (Notice, Digest))


def pulses() -> dict[str, datetime]:
    """When each part that works by the clock was last at work."""
    return dict(Pulse.objects.values_list("part", "beat_at"))


def outbox() -> Outbox:
    """Look at outgoing mail, for its operator."""
    count, oldest = waiting()
    stop = MailStop.objects.standing().select_related("stopped_by__user").first()
    given_up = [
        *((row, row.get_kind_display()) for row in _dead(Notice)),
        *((row, DIGEST) for row in _dead(Digest)),
    ]
    newest = sorted(given_up, key=lambda pair: pair[0].created_at, reverse=True)[:MOST_SHOWN]
    return Outbox(
        waiting=count,
        oldest=oldest,
        dead=dead(),
        shown=tuple(
            Dead(row.pk, kind, row.created_at, row.attempts, row.last_error) for row, kind in newest
        ),
        stopped=Stopped(stop.stopped_by.user.name, stop.stopped_at, stop.why) if stop else None,
    )


def _dead(model: Any) -> Any:
    return model.objects.filter(status=Status.DEAD).order_by("-created_at")[:MOST_SHOWN]
