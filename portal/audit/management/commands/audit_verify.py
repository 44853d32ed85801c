"""Check the ledger from its stored bytes and say, in one sentence, whether it is whole."""

import sys
from argparse import ArgumentParser
from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from portal.audit import reports

NOT_PROVED = (
    "This does not prove that the person named was the person at the keyboard, that nobody read\n"
    "the database past the portal, or that whoever controls the database did not remove a whole\n"
    "stream or write one anew from its first event: compare with a copy kept elsewhere for that."
)


class Command(BaseCommand):
    """Recomputes every hash. Exit status 0 when the ledger is whole, 1 when it is not."""

    help = "Check that the ledger is complete and unaltered."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Let one stream be named; without it all are checked."""
        parser.add_argument("--stream", help="one stream only, for example case:<uuid> or auth")

    def handle(self, *_args: str, **options: Any) -> None:
        """Check, print the sentence, and leave with 1 when something is broken."""
        stream = options["stream"]
        checks = [reports.check(stream)] if stream else reports.check_all()
        whole = self._report(checks)
        self.stdout.write(NOT_PROVED)
        if not whole:
            sys.exit(1)

    def _report(self, checks: Iterable[reports.Check]) -> bool:
        whole, events, streams = True, 0, 0
        for check in checks:
            events += check.count
            streams += 1
            if not check.ok:
                whole = False
                self.stdout.write(check.sentence)
        if whole:
            now = timezone.now().strftime("%Y-%m-%d %H:%M:%S UTC")
            found = f"{_many(events, 'event')} in {_many(streams, 'stream')}"
            self.stdout.write(f"Complete and unaltered: {found}, checked at {now}.")
        return whole


def _many(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
