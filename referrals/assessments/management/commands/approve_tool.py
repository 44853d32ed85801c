"""`manage.py approve_tool CODE VERSION --by BODY --minute WHERE --on DAY`."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.common.errors import DomainError
from referrals.assessments import services


class Command(BaseCommand):
    help = "Record that a body approved a risk tool; only then may an assessment use it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("code")
        parser.add_argument("version")
        parser.add_argument("--by", required=True, help="the body that approved it")
        parser.add_argument("--minute", required=True, help="where that is minuted")
        parser.add_argument("--on", required=True, type=date.fromisoformat, help="YYYY-MM-DD")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            tool = services.approve_tool(
                code=options["code"],
                version=options["version"],
                body=options["by"],
                minute=options["minute"],
                on=options["on"],
            )
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{tool.code} {tool.version} is approved by {tool.approved_by}.")
