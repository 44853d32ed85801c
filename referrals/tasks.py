"""The doors through which the clock and the doorbell come in."""

from uuid import UUID

from celery import shared_task

from referrals import services


@shared_task(name="referrals.make_copy")
def make_copy(pk: str) -> None:
    """Make one PDF of a case that was asked for."""
    services.make_copy(pk=UUID(pk))


@shared_task(name="referrals.sweep")
def sweep() -> None:
    """Make every PDF of a case that is still owed."""
    services.sweep()


@shared_task(name="referrals.sweep_sights")
def sweep_sights() -> None:
    """Clear away what opened a case to somebody and ended long ago."""
    services.sweep_sights()
