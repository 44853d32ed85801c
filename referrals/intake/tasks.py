"""The door through which the clock comes in."""

from celery import shared_task

from referrals.intake import services


@shared_task(name="intake.expire")
def expire() -> None:
    """Delete the drafts that nobody has touched for 30 days."""
    services.expire()
