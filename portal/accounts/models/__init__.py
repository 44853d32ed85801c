"""Partnerships, agencies, people, teams and memberships."""

from portal.accounts.models.kept import KEPT_FOR, Kept, KeptQuerySet
from portal.accounts.models.partnership import PHONE_PATTERN, Agency, Contact, Partnership
from portal.accounts.models.people import (
    Membership,
    MembershipQuerySet,
    Team,
    User,
    UserManager,
)

__all__ = [
    "KEPT_FOR",
    "PHONE_PATTERN",
    "Agency",
    "Contact",
    "Kept",
    "KeptQuerySet",
    "Membership",
    "MembershipQuerySet",
    "Partnership",
    "Team",
    "User",
    "UserManager",
]
