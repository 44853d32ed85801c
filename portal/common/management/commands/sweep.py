"""Do everything that is due, with nothing but PostgreSQL."""

import logging
import signal
import threading
from argparse import ArgumentParser
from types import FrameType

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import close_old_connections
from django.utils.module_loading import import_string

log = logging.getLogger(__name__)


class Command(BaseCommand):
    """Calls each function that settings.SWEEPS names, once or for ever.

    The queue only hurries work; this keeps the promise when the broker or the workers are gone.
    Any number may run, beside the workers too. A signal ends it at once: what was in hand has a
    lease, and the next sweep takes it up.
    """

    help = "Do everything that is due, without the queue."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--forever", action="store_true", help="go on until it is stopped")
        parser.add_argument(
            "--every", type=float, default=5, metavar="SECONDS", help="the pause (default: 5)"
        )

    def handle(self, *_args: object, forever: bool, every: float, **_options: object) -> None:
        if not forever:
            if failed := _sweep():
                raise CommandError(f"These failed: {', '.join(failed)}.")
            return
        signal.signal(signal.SIGTERM, _stop)
        signal.signal(signal.SIGINT, _stop)
        pause = threading.Event()
        while True:
            _sweep()
            pause.wait(every)
            close_old_connections()  # a database that went away is asked anew


def _sweep() -> list[str]:
    """Call each sweep, and return the names of those that failed."""
    failed = []
    for name in settings.SWEEPS:
        try:
            import_string(name)()
        except Exception as error:  # noqa: BLE001 - one that fails must not stop the others
            # The message may repeat what somebody wrote: the name and the class must do.
            log.error("%s failed (%s)", name, type(error).__name__)  # noqa: TRY400
            failed.append(name)
    return failed


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)
