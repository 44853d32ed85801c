"""The core of the casework. Rows that carry a child's story never change once written."""

from referrals.models.access import (
    EmergencyAccess,
    Grant,
    GrantQuerySet,
    Wall,
)
from referrals.models.case import (
    Case,
    CaseQuerySet,
    Child,
    Decision,
    Move,
    new_reference,
    tidy_reference,
)
from referrals.models.clock import (
    Clock,
    Pause,
)
from referrals.models.closure import (
    Assignment,
    Closure,
    LookBack,
)
from referrals.models.handover import Handover
from referrals.models.particulars import Particulars
from referrals.models.referral import (
    Referral,
    Statement,
)
from referrals.models.sight import (
    Sight,
    SightQuerySet,
)
from referrals.models.triage import (
    KeptView,
    PriorityChange,
    Proposal,
    SideRoute,
)

__all__ = [
    "Assignment",
    "Case",
    "CaseQuerySet",
    "Child",
    "Clock",
    "Closure",
    "Decision",
    "EmergencyAccess",
    "Grant",
    "GrantQuerySet",
    "Handover",
    "KeptView",
    "LookBack",
    "Move",
    "Particulars",
    "Pause",
    "PriorityChange",
    "Proposal",
    "Referral",
    "SideRoute",
    "Sight",
    "SightQuerySet",
    "Statement",
    "Wall",
    "new_reference",
    "tidy_reference",
]
