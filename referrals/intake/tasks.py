"""The door through which the clock comes in."""

from celery import shared_task

from referrals.intake import services


@shared_task(name="intake.expire")
def expire() -> None:
    """Delete the drafts that nobody has touched for as long as was promised."""
    services.expire()


@shared_task(name="intake.remind")
def remind() -> None:
    """Tell of drafts about danger that lie still, and of drafts that will soon be deleted."""
    services.remind()
