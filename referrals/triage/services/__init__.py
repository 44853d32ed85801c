"""Everything that the front door does to a referral."""

from referrals.triage.services.answering import answer
from referrals.triage.services.board import (
    MOST_AT_ONCE,
    Given,
    Opened,
    assign,
    candidates,
    opened_by,
    possible_matches,
    take_next,
)
from referrals.triage.services.checking import Check, check, worker_by
from referrals.triage.services.decisions import Then, decide
from referrals.triage.services.joining import Joining, join, look_before_joining, undo
from referrals.triage.services.sides import finish_side
from referrals.triage.services.steps import MOVES, acknowledge, move
from referrals.triage.services.waiting import (
    Handover,
    Task,
    Waits,
    handovers,
    read_handover,
    read_task,
    tasks,
    waits_for,
)
from referrals.triage.services.workspace import Beside, Workspace, open_workspace

__all__ = [
    "MOST_AT_ONCE",
    "MOVES",
    "Beside",
    "Check",
    "Given",
    "Handover",
    "Joining",
    "Opened",
    "Task",
    "Then",
    "Waits",
    "Workspace",
    "acknowledge",
    "answer",
    "assign",
    "candidates",
    "check",
    "decide",
    "finish_side",
    "handovers",
    "join",
    "look_before_joining",
    "move",
    "open_workspace",
    "opened_by",
    "possible_matches",
    "read_handover",
    "read_task",
    "take_next",
    "tasks",
    "undo",
    "waits_for",
    "worker_by",
]
