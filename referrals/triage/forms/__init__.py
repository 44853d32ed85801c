"""What the front door types."""

from referrals.triage.forms.closing import CloseForm, HandOverForm, LookBackForm, ReopenForm
from referrals.triage.forms.deciding import (
    AcknowledgeForm,
    AgainForm,
    AnswerForm,
    AssignForm,
    DecisionForm,
    DoneForm,
    FilterForm,
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
    "ReopenForm",
    "ThenForm",
]
