"""Everything that changes a case at its core: send, grant, end a grant, read on the record."""

from referrals.services.before import (
    Alike,
    Likeness,
    is_told_of,
    sent_before,
)
from referrals.services.casework import (
    CORRECTION_LENGTH,
    REASON_LENGTH,
    begin,
    correct,
    protect,
    remove,
)
from referrals.services.copies import (
    Copy,
    download_copy,
    export_csv,
    look_at_copy,
    make_copy,
    request_copy,
    sweep,
)
from referrals.services.grants import (
    end_grants,
    end_panel_grants,
    examine,
    record_grants,
    share_by_rule,
    sweep_sights,
    teams_of,
    view_case,
)
from referrals.services.items import Item, ItemKind
from referrals.services.notes import (
    NOTE_LENGTH,
    NOTED_HOW,
    Noting,
    look_before_noting,
    note,
)
from referrals.services.readings import (
    OwnAnswer,
    Receipt,
    list_cases,
    open_case,
    read_answer,
    read_case,
    read_opened,
    read_receipt,
)
from referrals.services.submit import Concern, Told, chosen, lacks_language, submit
from referrals.vocabulary import FREE_ANSWERS

__all__ = [
    "CORRECTION_LENGTH",
    "FREE_ANSWERS",
    "NOTED_HOW",
    "NOTE_LENGTH",
    "REASON_LENGTH",
    "Alike",
    "Concern",
    "Copy",
    "Item",
    "ItemKind",
    "Likeness",
    "Noting",
    "OwnAnswer",
    "Receipt",
    "Told",
    "begin",
    "chosen",
    "correct",
    "download_copy",
    "end_grants",
    "end_panel_grants",
    "examine",
    "export_csv",
    "is_told_of",
    "lacks_language",
    "list_cases",
    "look_at_copy",
    "look_before_noting",
    "make_copy",
    "note",
    "open_case",
    "protect",
    "read_answer",
    "read_case",
    "read_opened",
    "read_receipt",
    "record_grants",
    "remove",
    "request_copy",
    "sent_before",
    "share_by_rule",
    "submit",
    "sweep",
    "sweep_sights",
    "teams_of",
    "view_case",
]
