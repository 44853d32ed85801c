"""Print the life of a case as a table, for docs/workflow.md; a test holds the two together."""

from typing import Any

from django.core.management.base import BaseCommand

from referrals.workflow import SAYS_TO_REFERRER, TRANSITIONS, Status


def table() -> str:
    """Return docs/workflow.md, made from the transition table."""
    lines = [
        "# The life of a case",
        "",
        "Made by `manage.py workflow_table` from `referrals.workflow`; do not edit it by hand.",
        "",
        "## Verbs",
        "",
        "| Verb | From | To | Who may |",
        "|---|---|---|---|",
    ]
    for action, step in TRANSITIONS.items():
        sources = ", ".join(s.label for s in Status if s in step.sources)
        who = ", ".join(sorted(step.by))
        lines.append(f"| {action.label} | {sources} | {Status(step.target).label} | {who} |")
    lines += ["", "## Statuses, as a referrer reads them", "", "| Status | Words |", "|---|---|"]
    lines += [f"| {s.label} | {SAYS_TO_REFERRER[s][1]} |" for s in Status]
    return "\n".join([*lines, ""])


class Command(BaseCommand):
    help = "Print docs/workflow.md, made from the transition table."

    def handle(self, *_args: Any, **_options: Any) -> None:
        self.stdout.write(table(), ending="")
