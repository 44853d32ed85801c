"""The doors of the law through which the clock and the doorbell come in."""

from uuid import UUID

from celery import shared_task

from sharing.rules.services import changes


@shared_task(name="rules.go_live")
def go_live(pk: str) -> None:
    """Make one approved change law, if its day has come."""
    changes.go_live(pk=UUID(pk))


@shared_task(name="rules.sweep")
def sweep() -> None:
    """Make every approved change law whose day has come."""
    changes.sweep()
