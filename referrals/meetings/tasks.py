"""The doors through which the clock and the doorbell come in."""

from uuid import UUID

from celery import shared_task

from referrals.meetings import services
from referrals.meetings.services import printing, reminding


@shared_task(name="meetings.make_pack")
def make_pack(pk: str) -> None:
    """Make one person's papers of a meeting."""
    services.make_pack(pk=UUID(pk))


@shared_task(name="meetings.sweep")
def sweep() -> None:
    """Make all papers that are still owed."""
    services.sweep()


@shared_task(name="meetings.make_minutes")
def make_minutes(pk: str) -> None:
    """Make one PDF of minutes that was asked for."""
    printing.make(pk=UUID(pk))


@shared_task(name="meetings.sweep_minutes")
def sweep_minutes() -> None:
    """Make every PDF of minutes that is still owed."""
    printing.sweep()


@shared_task(name="meetings.remind")
def remind() -> None:
    """Remind agencies that have brought nothing to papers whose time is nearly over."""
    reminding.sweep()
