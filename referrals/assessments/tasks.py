"""The door through which the clock comes in."""

from celery import shared_task

from referrals.assessments import services


@shared_task(name="assessments.sweep")
def sweep() -> None:
    """Chase agencies that have not answered, and tell of what is late or to be looked at again."""
    services.sweep()
