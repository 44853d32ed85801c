"""What the front door types."""

from referrals.triage.forms.closing import CloseForm, HandOverForm, LookBackForm, ReopenForm
from referrals.triage.forms.deciding import (
    AcknowledgeForm,
    AnswerForm,
    AssignForm,
    DecisionForm,
    DoneForm,
    FilterForm,
    MoveForm,
    ThenForm,
)

__all__ = [
    "AcknowledgeForm",
    "AnswerForm",
    "AssignForm",
    "CloseForm",
    "DecisionForm",
    "DoneForm",
    "FilterForm",
    "HandOverForm",
    "LookBackForm",
    "MoveForm",
    "ReopenForm",
    "ThenForm",
]
