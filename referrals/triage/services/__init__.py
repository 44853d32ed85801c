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
    replied,
    take_next,
)
from referrals.triage.services.checking import Check, agency_by, area_by, check, worker_by
from referrals.triage.services.decisions import Then, decide
from referrals.triage.services.joining import Joining, join, look_before_joining, undo
from referrals.triage.services.sides import finish_side, show_again
from referrals.triage.services.steps import MOVES, acknowledge, move
from referrals.triage.services.waiting import (
    Asked,
    Handover,
    Hidden,
    Own,
    Task,
    Waits,
    handovers,
    read_handover,
    read_hidden,
    read_task,
    tasks,
    waits_for,
)
from referrals.triage.services.workspace import Beside, Workspace, open_workspace

__all__ = [
    "MOST_AT_ONCE",
    "MOVES",
    "Asked",
    "Beside",
    "Check",
    "Given",
    "Handover",
    "Hidden",
    "Joining",
    "Opened",
    "Own",
    "Task",
    "Then",
    "Waits",
    "Workspace",
    "acknowledge",
    "agency_by",
    "answer",
    "area_by",
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
    "read_hidden",
    "read_task",
    "replied",
    "show_again",
    "take_next",
    "tasks",
    "undo",
    "waits_for",
    "worker_by",
]
