"""How the service is, in numbers: for whoever watches over it, and never about a person."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

from celery import current_app
from django.conf import settings
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from kombu.exceptions import OperationalError

from portal.notifications import reports as mail

NEVER: Final = 10**9
"""Seconds since what has never happened."""


@dataclass(frozen=True, repr=False)
class Health:
    """What was found, and what of it is past its limit. None is what nobody could ask.

    `seal_seconds` is the age of the ledger's last signed seal: None while nothing seals it.
    """

    failing: tuple[str, ...]
    release: str
    database: bool
    broker: bool
    migrations_missing: int | None = None
    outbox_waiting: int | None = None
    outbox_seconds: int | None = None
    dead: int | None = None
    mail_stopped_seconds: int | None = None
    worker_seconds: int | None = None
    sweep_seconds: int | None = None
    seal_seconds: int | None = None

    @property
    def is_well(self) -> bool:
        """Whether everything is within its limits."""
        return not self.failing

    def numbers(self) -> dict[str, object]:
        """The same as plain values."""
        return {"ok": self.is_well, **asdict(self)}


def health() -> Health:
    """Look at everything that the service stands on. Takes a second or two when a part is gone."""
    broker = _broker_answers()
    try:
        found = _asked_of_the_database()
    except Error:
        failing = ("database",) if broker else ("database", "broker")
        return Health(failing, settings.RELEASE, database=False, broker=broker)
    limits = settings.HEALTH_LIMITS
    over = [name for name, most in limits.items() if (found[name] or 0) > most]
    failing = (*(() if broker else ("broker",)), *over)
    return Health(failing, settings.RELEASE, database=True, broker=broker, **found)


def _broker_answers() -> bool:
    try:
        with current_app.connection_for_write() as line:
            line.ensure_connection(max_retries=1, timeout=1)
    except (OperationalError, OSError):
        return False
    return True


def _asked_of_the_database() -> dict[str, int | None]:
    now = timezone.now()
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    waiting, oldest = mail.waiting()
    pulses = mail.pulses()
    return {
        "migrations_missing": len(plan),
        "outbox_waiting": waiting,
        "outbox_seconds": _since(oldest, now) or 0,
        "dead": mail.dead(),
        "mail_stopped_seconds": _since(mail.stopped_at(), now),
        "worker_seconds": _since(pulses.get("worker"), now, NEVER),
        "sweep_seconds": _since(pulses.get("sweep"), now, NEVER),
    }


def _since(moment: datetime | None, now: datetime, never: int | None = None) -> int | None:
    return never if moment is None else max(0, int((now - moment).total_seconds()))
