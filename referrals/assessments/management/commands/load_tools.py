"""`manage.py load_tools [file …]`: load the tools that come with the portal, or those named."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from referrals.assessments import services
from referrals.assessments.decision import ToolError


class Command(BaseCommand):
    help = "Load risk tools as drafts; a version that is loaded already changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="*", type=Path, help="other files of tools")

    def handle(self, *_args: Any, **options: Any) -> None:
        for path in options["files"] or sorted(services.DATA.glob("*.yaml")):
            try:
                tool = services.load_tool(path)
            except (ToolError, OSError) as error:
                raise CommandError(f"{path.name} was not loaded: {error}") from error
            state = "a draft" if tool.is_draft else f"approved by {tool.approved_by}"
            self.stdout.write(f"{path.name}: {tool.code} {tool.version} is loaded, {state}.")
