"""Print the life of a case, and of what belongs to it, as tables for docs/workflow.md.

A test holds the two together.
"""

from collections.abc import Mapping
from typing import Any

from django.core.management.base import BaseCommand
from django.db.models import TextChoices

from portal.common.workflow import Transition
from referrals.assessments import workflow as assessments
from referrals.workflow import SAYS_TO_REFERRER, TRANSITIONS, Status


def table() -> str:
    """Return docs/workflow.md, made from the transition tables."""
    lines = [
        "# The life of a case",
        "",
        "Made by `manage.py workflow_table` from `referrals.workflow`; do not edit it by hand.",
        "",
        "## Verbs",
        "",
        *_verbs(TRANSITIONS, Status),
    ]
    lines += ["", "## Statuses, as a referrer reads them", "", "| Status | Words |", "|---|---|"]
    lines += [f"| {s.label} | {SAYS_TO_REFERRER[s][1]} |" for s in Status]
    lines += ["", "# The life of a joint risk assessment", ""]
    lines += ["Made from `referrals.assessments.workflow`.", ""]
    lines += _verbs(assessments.TRANSITIONS, assessments.Status)
    return "\n".join([*lines, ""])


def _verbs(transitions: Mapping[Any, Transition], statuses: type[TextChoices]) -> list[str]:
    """The verbs of one table, each as a row."""
    lines = ["| Verb | From | To | Who may |", "|---|---|---|---|"]
    for verb, step in transitions.items():
        sources = ", ".join(str(s.label) for s in statuses if s in step.sources)
        who = ", ".join(sorted(step.by))
        lines.append(f"| {verb.label} | {sources} | {statuses(step.target).label} | {who} |")
    return lines


class Command(BaseCommand):
    help = "Print docs/workflow.md, made from the transition table."

    def handle(self, *_args: Any, **_options: Any) -> None:
        self.stdout.write(table(), ending="")
