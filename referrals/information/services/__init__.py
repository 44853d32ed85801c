"""Writing, sending, reading and linking information reports."""

from referrals.information.services.reports import (
    decide_link,
    follow,
    list_own,
    list_reports,
    mark_read,
    open_proposal,
    read_report,
)
from referrals.information.services.sending import (
    ChangedElsewhere,
    Information,
    send,
)
from referrals.information.services.writing import (
    discard,
    drop_thing,
    expire,
    keep_thing,
    save,
    start,
    things_of,
    version_of_thing,
)

__all__ = [
    "ChangedElsewhere",
    "Information",
    "decide_link",
    "discard",
    "drop_thing",
    "expire",
    "follow",
    "keep_thing",
    "list_own",
    "list_reports",
    "mark_read",
    "open_proposal",
    "read_report",
    "save",
    "send",
    "start",
    "things_of",
    "version_of_thing",
]
