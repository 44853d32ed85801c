"""Everything that the front door does to a referral."""

from referrals.triage.services.checking import Check, check, worker_by
from referrals.triage.services.decisions import Then, answer, decide
from referrals.triage.services.sides import finish_side
from referrals.triage.services.steps import MOVES, Step, acknowledge, move, steps_taken
from referrals.triage.services.waiting import (
    Handover,
    Task,
    Waits,
    handovers,
    read_handover,
    read_task,
    sides_of,
    tasks,
    waits_for,
)

__all__ = [
    "MOVES",
    "Check",
    "Handover",
    "Step",
    "Task",
    "Then",
    "Waits",
    "acknowledge",
    "answer",
    "check",
    "decide",
    "finish_side",
    "handovers",
    "move",
    "read_handover",
    "read_task",
    "sides_of",
    "steps_taken",
    "tasks",
    "waits_for",
    "worker_by",
]
