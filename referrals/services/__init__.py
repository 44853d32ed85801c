"""Everything that changes a case at its core: send, grant, end a grant, read on the record."""

from referrals.services.casework import begin, remove
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
    end_grant,
    end_panel_grants,
    front_door,
    record_grants,
    share_by_rule,
    teams_of,
)
from referrals.services.readings import Receipt, list_cases, read_case, read_receipt
from referrals.services.search import MOST_FOUND, search_cases
from referrals.services.submit import FREE_ANSWERS, Concern, Told, submit

__all__ = [
    "FREE_ANSWERS",
    "MOST_FOUND",
    "Concern",
    "Copy",
    "Receipt",
    "Told",
    "begin",
    "download_copy",
    "end_grant",
    "end_panel_grants",
    "export_csv",
    "front_door",
    "list_cases",
    "look_at_copy",
    "make_copy",
    "read_case",
    "read_receipt",
    "record_grants",
    "remove",
    "request_copy",
    "search_cases",
    "share_by_rule",
    "submit",
    "sweep",
    "teams_of",
]
