"""The doors through which the clock and the doorbell come in."""

from uuid import UUID

from celery import shared_task

from referrals import services
from referrals.services import clocks, due, files, particulars


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


@shared_task(name="referrals.check_file")
def check_file(pk: str) -> None:
    """Have one file that was added checked for viruses."""
    files.check(pk=UUID(pk))


@shared_task(name="referrals.sweep_files")
def sweep_files() -> None:
    """Have every file checked that has not been."""
    files.sweep()


@shared_task(name="referrals.sweep_particulars")
def sweep_particulars() -> None:
    """Make the particulars that a case lacks, or that an older version of the portal made."""
    particulars.sweep()


@shared_task(name="referrals.sweep_clocks")
def sweep_clocks() -> None:
    """Tell of every clock that is close or has run out."""
    clocks.sweep()


@shared_task(name="referrals.sweep_due")
def sweep_due() -> None:
    """Tell of every step that is late, and of every decision whose day has come."""
    due.sweep()
