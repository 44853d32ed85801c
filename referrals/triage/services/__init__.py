"""Everything that the front door does to a referral."""

from referrals.triage.services.board import (
    MOST_AT_ONCE,
    Given,
    Opened,
    assign,
    candidates,
    opened_by,
    take_next,
)
from referrals.triage.services.checking import Check, agency_by, area_by, check, worker_by
from referrals.triage.services.decisions import Then, answer, decide
from referrals.triage.services.sides import finish_side, show_again
from referrals.triage.services.steps import MOVES, acknowledge, move
from referrals.triage.services.waiting import (
    Asked,
    Beside,
    Handover,
    Hidden,
    Own,
    Task,
    Waits,
    beside,
    handovers,
    read_handover,
    read_hidden,
    read_task,
    tasks,
    waits_for,
)

__all__ = [
    "MOST_AT_ONCE",
    "MOVES",
    "Asked",
    "Beside",
    "Check",
    "Given",
    "Handover",
    "Hidden",
    "Opened",
    "Own",
    "Task",
    "Then",
    "Waits",
    "acknowledge",
    "agency_by",
    "answer",
    "area_by",
    "assign",
    "beside",
    "candidates",
    "check",
    "decide",
    "finish_side",
    "handovers",
    "move",
    "opened_by",
    "read_handover",
    "read_hidden",
    "read_task",
    "show_again",
    "take_next",
    "tasks",
    "waits_for",
    "worker_by",
]
