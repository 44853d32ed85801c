"""The clock's and the queue's door to notices."""

from uuid import UUID

from celery import shared_task

from portal.notifications import services


@shared_task(name="notifications.deliver")
def deliver(pk: str) -> None:
    """Send one notice's e-mail if it is due."""
    services.deliver(pk=UUID(pk))


@shared_task(name="notifications.sweep")
def sweep() -> None:
    """Send every e-mail that is due."""
    services.sweep()


@shared_task(name="notifications.escalate")
def escalate() -> None:
    """Tell the next people of what nobody acknowledged in time."""
    services.escalate()


@shared_task(name="notifications.beat")
def beat() -> None:
    """Write that a worker is at work."""
    services.beat()
