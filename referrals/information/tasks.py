"""The door through which the clock comes in."""

from celery import shared_task

from referrals.information import services


@shared_task(name="information.expire")
def expire() -> None:
    """Delete the drafts of information reports that nobody has touched for 30 days."""
    services.expire()
