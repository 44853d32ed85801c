"""The doors through which the clock and the doorbell come in."""

from uuid import UUID

from celery import shared_task

from sharing.disclosures.services import chasing, emergency, review


@shared_task(name="emergency.remind")
def remind_reviewers() -> None:
    """Tell those who review of each emergency access whose review is overdue."""
    emergency.remind()


@shared_task(name="disclosures.count_impact")
def count_impact(pk: str) -> None:
    """Count who gains and loses sight of what by one change of the law."""
    review.count_impact(pk=UUID(pk))


@shared_task(name="disclosures.examine")
def examine(pk: str) -> None:
    """Hold the live grants against the law again, because of one change."""
    review.examine(pk=UUID(pk))


@shared_task(name="disclosures.chase")
def chase() -> None:
    """Chase every answer that is nearly due or late, and find who answers where nobody can."""
    chasing.sweep()


@shared_task(name="disclosures.review")
def sweep() -> None:
    """Go on with every count and examination that nobody does."""
    review.sweep()
