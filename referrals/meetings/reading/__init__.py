"""What somebody may know of a panel: meetings, nominations, agendas, papers, who is in the room.

Everything of a child comes through the case: what the reader may not know of is in no line, no
count, no number and no total.
"""

from referrals.meetings.reading.lines import (
    AgendaLine,
    Guest,
    Known,
    NominationLine,
    Wordings,
    agenda_lines,
    guests,
    nomination_lines,
)
from referrals.meetings.reading.months import Day, month_of
from referrals.meetings.reading.previous import Previous, PreviousAction, previous_actions

__all__ = [
    "AgendaLine",
    "Day",
    "Guest",
    "Known",
    "NominationLine",
    "Previous",
    "PreviousAction",
    "Wordings",
    "agenda_lines",
    "guests",
    "month_of",
    "nomination_lines",
    "previous_actions",
]
