"""Everything that changes who people are, what they settle and what is kept for them."""

from portal.accounts.services.acts import (
    acted,
)
from portal.accounts.services.kept import (
    MOST_KEPT,
    forget,
    keep,
    note_locked,
    note_told_of_hiding,
    note_unlocked,
    sweep,
    words_of,
)
from portal.accounts.services.people import (
    choose_role,
    end_membership,
    enrol,
    found_partnership,
    join_agency,
)
from portal.accounts.services.settings import (
    Changed,
    contact_mark,
    keep_contact,
    setting_mark,
    settle,
)

__all__ = [
    "MOST_KEPT",
    "Changed",
    "acted",
    "choose_role",
    "contact_mark",
    "end_membership",
    "enrol",
    "forget",
    "found_partnership",
    "join_agency",
    "keep",
    "keep_contact",
    "note_locked",
    "note_told_of_hiding",
    "note_unlocked",
    "setting_mark",
    "settle",
    "sweep",
    "words_of",
]
