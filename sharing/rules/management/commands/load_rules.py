"""`manage.py load_rules [file]`: load the newest file of the law, or the one that is named."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from sharing.rules import services


class Command(BaseCommand):
    help = "Load the newest file of the law; one that is loaded already changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, help="another file of the law")

    def handle(self, *_args: Any, **options: Any) -> None:
        path: Path = options["file"] or services.newest()
        try:
            rule_set = services.load(path)
        except (services.FileRefused, OSError) as error:
            raise CommandError(f"{path.name} was not loaded.\n{error}") from error
        self.stdout.write(
            f"{path.name}: rule set {rule_set.version}, “{rule_set.title}”, is loaded."
        )
