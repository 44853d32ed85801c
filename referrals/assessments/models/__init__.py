"""Risk tools, what agencies answered with them, and the levels that people agreed."""

from referrals.assessments.models.agreement import (
    Agreement,
    Confirmation,
    Judgement,
    Signature,
)
from referrals.assessments.models.assessment import (
    Answer,
    Assessment,
    AssessmentQuerySet,
    Brought,
    Invitation,
)
from referrals.assessments.models.tool import ToolVersion

__all__ = [
    "Agreement",
    "Answer",
    "Assessment",
    "AssessmentQuerySet",
    "Brought",
    "Confirmation",
    "Invitation",
    "Judgement",
    "Signature",
    "ToolVersion",
]
