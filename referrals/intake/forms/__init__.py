"""What people type on the question pages."""

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
    CheckForm,
    ChildForm,
    ChildViewForm,
    ConcernForm,
    DangerForm,
    ParentsForm,
    pages,
    read_concern,
    unfinished,
)

__all__ = [
    "LISTS",
    "ORDER",
    "PAGES",
    "CheckForm",
    "ChildForm",
    "ChildViewForm",
    "ConcernForm",
    "DangerForm",
    "ItemForm",
    "ListPage",
    "MoreForm",
    "ParentsForm",
    "RemoveForm",
    "listed",
    "pages",
    "read_concern",
    "read_items",
    "unfinished",
    "unfinished_lists",
]
