"""What people type on the question pages."""

from referrals.intake.forms.about import ChildForm
from referrals.intake.forms.lists import (
    LISTS,
    ItemForm,
    ListPage,
    MoreForm,
    RemoveForm,
    listed,
    read_items,
    unfinished_lists,
)
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
    "LISTS",
    "ORDER",
    "PAGES",
    "TASKS",
    "ChildForm",
    "ItemForm",
    "ListPage",
    "MoreForm",
    "RemoveForm",
    "SeenBeforeForm",
    "form_of",
    "held",
    "line",
    "listed",
    "lists_of",
    "pages",
    "protected",
    "read_concern",
    "read_items",
    "unfinished",
    "unfinished_lists",
]
