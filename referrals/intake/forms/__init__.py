"""What people type on the question pages."""

from referrals.intake.forms.about import ChildForm
from referrals.intake.forms.pages import (
    ORDER,
    PAGES,
    TASKS,
    form_of,
    held,
    line,
    lists_of,
    pages,
    protected,
    read_concern,
    unfinished,
)
from referrals.intake.forms.sending import SeenBeforeForm

__all__ = [
    "ORDER",
    "PAGES",
    "TASKS",
    "ChildForm",
    "SeenBeforeForm",
    "form_of",
    "held",
    "line",
    "lists_of",
    "pages",
    "protected",
    "read_concern",
    "unfinished",
]
