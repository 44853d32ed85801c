"""The doors through which the clock comes in."""

from celery import shared_task

from referrals.actions import services


@shared_task(name="actions.climb")
def climb() -> None:
    """Tell whoever is next of every action that is late."""
    services.climb()


@shared_task(name="actions.plan")
def plan() -> None:
    """Plan the reviews that are missing, and tell of those that are close or late."""
    services.plan()
