"""The clock's door to the practice."""

from celery import shared_task

from sharing.disclosures.services import emergency


@shared_task(name="emergency.remind")
def remind_reviewers() -> None:
    """Tell those who review of each emergency access whose review is overdue."""
    emergency.remind()
