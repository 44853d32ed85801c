"""What people type on the question pages."""

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
    "ORDER",
    "PAGES",
    "CheckForm",
    "ChildForm",
    "ChildViewForm",
    "ConcernForm",
    "DangerForm",
    "ParentsForm",
    "pages",
    "read_concern",
    "unfinished",
]
