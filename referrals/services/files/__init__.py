"""Files that come with a referral: added to a draft, checked, part of the case, opened.

Until a file is clean nobody but those who wrote the draft know of it. A clean file is a statement
of the case like an answer: with a category, an agency that holds it, an author and a protection; so
grants, walls and withholding hold for it, and it opens for whoever the reading shows it to.
"""

from referrals.services.files.adding import Added, add, added_to, forget, remove, rules_for
from referrals.services.files.checking import add_clean_files, check, sweep
from referrals.services.files.opening import (
    CaseFiles,
    Opened,
    collect,
    hand_over,
    look_at_file,
    open_file,
    read_files,
)

__all__ = [
    "Added",
    "CaseFiles",
    "Opened",
    "add",
    "add_clean_files",
    "added_to",
    "check",
    "collect",
    "forget",
    "hand_over",
    "look_at_file",
    "open_file",
    "read_files",
    "remove",
    "rules_for",
    "sweep",
]
