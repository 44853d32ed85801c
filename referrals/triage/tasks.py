"""The door through which the clock comes in."""

from celery import shared_task

from referrals.triage import services


@shared_task(name="triage.sweep_left")
def sweep_left() -> None:
    """Take what people who have left looked after off them, and tell those who give it out."""
    services.sweep()
