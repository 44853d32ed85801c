"""`manage.py export_rules`: the whole law, with the portal's changes, as the next file."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.common.errors import DomainError
from sharing.rules import services


class Command(BaseCommand):
    help = "Write the law as it is kept as a YAML file with the next number, to standard output."

    def handle(self, *_args: Any, **_options: Any) -> None:
        try:
            self.stdout.write(services.export(), ending="")
        except DomainError as error:
            raise CommandError(str(error)) from error
