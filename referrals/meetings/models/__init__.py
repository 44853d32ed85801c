"""The panel's rows: what was nominated, who was invited and who was in the room. Kept as it was."""

from referrals.meetings.models.meeting import (
    AgendaItem,
    AgendaItemQuerySet,
    Attendance,
    AttendanceQuerySet,
    Contribution,
    Invitation,
    InvitedQuerySet,
    Meeting,
    MeetingQuerySet,
    NotInvited,
)
from referrals.meetings.models.minutes import (
    AgreedAction,
    Comment,
    Conclusion,
    ItemApproval,
    Line,
    Minutes,
    OnScreen,
    Pen,
)
from referrals.meetings.models.series import Nomination, NominationQuerySet, Series, Sift

__all__ = [
    "AgendaItem",
    "AgendaItemQuerySet",
    "AgreedAction",
    "Attendance",
    "AttendanceQuerySet",
    "Comment",
    "Conclusion",
    "Contribution",
    "Invitation",
    "InvitedQuerySet",
    "ItemApproval",
    "Line",
    "Meeting",
    "MeetingQuerySet",
    "Minutes",
    "Nomination",
    "NominationQuerySet",
    "NotInvited",
    "OnScreen",
    "Pen",
    "Series",
    "Sift",
]
