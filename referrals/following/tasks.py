"""The door through which the clock comes in."""

from celery import shared_task

from referrals.following import services


@shared_task(name="following.climb")
def climb() -> None:
    """Take each disagreement whose time to answer has passed to the next step."""
    services.climb()
