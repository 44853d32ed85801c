"""Everything that changes a case at its core: send, grant, end a grant, read on the record."""

from referrals.services.casework import begin, remove
from referrals.services.grants import (
    end_grant,
    end_panel_grants,
    front_door,
    record_grants,
    share_by_rule,
    sweep_sights,
    teams_of,
)
from referrals.services.readings import Receipt, list_cases, read_case, read_receipt
from referrals.services.submit import FREE_ANSWERS, Concern, Told, submit

__all__ = [
    "FREE_ANSWERS",
    "Concern",
    "Receipt",
    "Told",
    "begin",
    "end_grant",
    "end_panel_grants",
    "front_door",
    "list_cases",
    "read_case",
    "read_receipt",
    "record_grants",
    "remove",
    "share_by_rule",
    "submit",
    "sweep_sights",
    "teams_of",
]
