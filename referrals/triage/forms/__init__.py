"""What the front door types."""

from referrals.triage.forms.board import AssignForm, FilterForm, PriorityForm
from referrals.triage.forms.closing import CloseForm, HandOverForm, LookBackForm, ReopenForm
from referrals.triage.forms.deciding import (
    AcknowledgeForm,
    AgainForm,
    AnswerForm,
    DecisionForm,
    DoneForm,
    JoinForm,
    MoveForm,
    ThenForm,
)

__all__ = [
    "AcknowledgeForm",
    "AgainForm",
    "AnswerForm",
    "AssignForm",
    "CloseForm",
    "DecisionForm",
    "DoneForm",
    "FilterForm",
    "HandOverForm",
    "JoinForm",
    "LookBackForm",
    "MoveForm",
    "PriorityForm",
    "ReopenForm",
    "ThenForm",
]
