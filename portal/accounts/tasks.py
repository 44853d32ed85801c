"""The door through which the clock comes in."""

from celery import shared_task

from portal.accounts import services


@shared_task(name="accounts.sweep")
def sweep() -> None:
    """Forget what was kept for longer than half an hour."""
    services.sweep()
