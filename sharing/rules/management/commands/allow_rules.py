"""`manage.py allow_rules [file]`: allow the newest file of the law, or the one that is named.

Run as the role that owns the tables. The site's role may load what was allowed, and nothing else.
"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import ProgrammingError

from sharing.rules import services


class Command(BaseCommand):
    help = "Allow the newest file of the law to be loaded; run it as the owner of the tables."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, help="another file of the law")

    def handle(self, *_args: Any, **options: Any) -> None:
        path: Path = options["file"] or services.newest()
        try:
            services.allow(path)
        except (services.FileRefused, OSError) as error:
            raise CommandError(f"{path.name} was not allowed.\n{error}") from error
        except ProgrammingError as error:
            raise CommandError("Only the role that owns the tables allows a file.") from error
        self.stdout.write(f"{path.name} may be loaded.")
