"""Everything that the front door does to a referral."""

from referrals.triage.services.board import (
    MOST_AT_ONCE,
    Given,
    Opened,
    assign,
    candidates,
    opened_by,
    replied,
    take_next,
)
from referrals.triage.services.checking import Check, check, worker_by
from referrals.triage.services.decisions import Then, answer, decide
from referrals.triage.services.sides import finish_side
from referrals.triage.services.steps import MOVES, acknowledge, move
from referrals.triage.services.waiting import (
    Beside,
    Handover,
    Task,
    Waits,
    beside,
    handovers,
    read_handover,
    read_task,
    tasks,
    waits_for,
)

__all__ = [
    "MOST_AT_ONCE",
    "MOVES",
    "Beside",
    "Check",
    "Given",
    "Handover",
    "Opened",
    "Task",
    "Then",
    "Waits",
    "acknowledge",
    "answer",
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
    "read_task",
    "replied",
    "take_next",
    "tasks",
    "waits_for",
    "worker_by",
]
