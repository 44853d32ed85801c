"""The doors through which the clock and the doorbell come in."""

from uuid import UUID

from celery import shared_task

from portal.governance import services


@shared_task(name="governance.make_trail")
def make_trail(pk: str) -> None:
    """Make one audit trail that was asked for."""
    services.make_trail(pk=UUID(pk))


@shared_task(name="governance.sweep")
def sweep() -> None:
    """Make every audit trail that is still owed."""
    services.sweep()
