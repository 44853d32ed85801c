"""What people type about a panel: its settings, meetings, nominations, and what agencies bring."""

from referrals.meetings.forms.items import (
    AddForm,
    AnswerForm,
    ContributeForm,
    MinutesForm,
    MoveForm,
    NominateForm,
    NominateOtherForm,
    SiftForm,
    WithdrawForm,
)
from referrals.meetings.forms.meetings import (
    CameForm,
    InviteForm,
    LeaveOutForm,
    PlanForm,
    SeriesForm,
)
from referrals.meetings.forms.minutes import CommentForm, ConcludeForm, HandForm, SaidForm

__all__ = [
    "AddForm",
    "AnswerForm",
    "CameForm",
    "CommentForm",
    "ConcludeForm",
    "ContributeForm",
    "HandForm",
    "InviteForm",
    "LeaveOutForm",
    "MinutesForm",
    "MoveForm",
    "NominateForm",
    "NominateOtherForm",
    "PlanForm",
    "SaidForm",
    "SeriesForm",
    "SiftForm",
    "WithdrawForm",
]
