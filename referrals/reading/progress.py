"""Where a referral has got to, in sentences, for those who sent it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from portal.common.clock import add_working_days
from portal.common.moments import london
from referrals.models import Case
from referrals.workflow import SAYS_TO_REFERRER, STEPS, WAITING, Status

DONE, NOW, NEXT = "Done", "Now", "Next"


@dataclass(frozen=True, repr=False)
class Step:
    """One of the five steps: its name, how it stands, a sentence, and when it is due."""

    label: str
    word: str
    sentence: str
    due: datetime | None = None


# What each step comes to say when it is behind us, and what it says while it lies ahead.
_BEHIND: Final = (
    "It has reached the coordinators.",
    "A coordinator has read it.",
    "A coordinator has checked what is known.",
    "A decision has been made.",
    "",
)
_AHEAD: Final = (
    "",
    "A coordinator tells you that they are reading it.",
    "A coordinator checks what is known.",
    "You are told what has been decided.",
    "Support is in place, or you are told that the work has ended.",
)
_NO_FURTHER: Final = frozenset({Status.WITHDRAWN, Status.ROUTED, Status.TRANSFERRED})


def acknowledge_due_at(case: Case) -> datetime:
    """When somebody should have acknowledged the referral: never later than its decision."""
    area = case.partnership
    clock = (area.acknowledge_working_days, area.office_opens, area.office_closes)
    return min(add_working_days(case.received_at, *clock), case.decision_due_at)


def next_due(case: Case) -> datetime | None:
    """When the next thing is due that those who sent it were promised, or None."""
    if case.status == Status.RECEIVED and case.acknowledged_at is None:
        return acknowledge_due_at(case)
    return case.decision_due_at if case.status in WAITING else None


def progress(case: Case) -> tuple[Step, ...]:
    """The five steps of a referral as sentences; fewer when it goes no further here."""
    status = Status(case.status)
    at, words = SAYS_TO_REFERRER[status]
    if status is Status.RECEIVED:
        # Sent is done; what happens now is that somebody reads it.
        at, words = 2, _AHEAD[1]
    found = []
    for number, label in enumerate(STEPS, start=1):
        if number < at:
            found.append(Step(label, DONE, _behind(case, number)))
        elif number == at:
            found.append(Step(label, NOW, words, next_due(case)))
        elif status not in _NO_FURTHER:
            due = case.decision_due_at if number == 4 and status in WAITING else None
            found.append(Step(label, NEXT, _AHEAD[number - 1], due))
    return tuple(found)


def _behind(case: Case, number: int) -> str:
    moments = {1: case.received_at, 2: case.acknowledged_at, 4: case.decided_at}
    moment = moments.get(number)
    return f"{_BEHIND[number - 1]} {london(moment)}." if moment else _BEHIND[number - 1]
