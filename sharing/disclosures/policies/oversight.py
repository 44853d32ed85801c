"""Who may know of conflicts of interest and emergency access, and who looks after them."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from portal.accounts.models import Membership
from portal.accounts.vocabulary import Principal, Role
from portal.common.errors import Refused
from referrals import policies as casework
from referrals.models import Case, EmergencyAccess, Statement, Wall
from referrals.vocabulary import Protect

Walls = QuerySet[Wall]
Emergencies = QuerySet[EmergencyAccess]

_GOVERNS: Final = frozenset({Role.MANAGER, Role.IG_LEAD})
EMERGENCY: Final = frozenset({Role.PRACTITIONER, Role.AGENCY_LEAD, Role.COORDINATOR, Role.MANAGER})
"""The roles that may open a case in an emergency, at an agency of its partnership."""


def known_cases(principal: Principal) -> QuerySet[Case]:
    """The cases of the principal's partnerships, but for those that a conflict keeps from them.

    For what is done to a case without reading it. What is read starts at `casework.visible`.
    """
    walled = Exists(casework.walls(principal).filter(case=OuterRef("pk")))
    return Case.objects.filter(~walled, partnership_id__in=principal.partnership_ids)


def reference_for(principal: Principal, case: Case) -> str:
    """The case's reference for somebody to whom it is open; for anybody else, nothing."""
    return case.reference if casework.visible(principal).filter(pk=case.pk).exists() else ""


def sees_walls(principal: Principal) -> bool:
    """Tell whether the principal looks after the partnership's conflicts of interest."""
    return principal.role in _GOVERNS


def require_sees_walls(principal: Principal) -> None:
    """Insist on it. Raises Refused."""
    if not sees_walls(principal):
        raise Refused(
            "Conflicts of interest are for front door managers and information-governance leads",
            kind="wall",
            action="list",
        )


def walls(principal: Principal) -> Walls:
    """The conflicts of interest that the principal may know of, standing ones first.

    None against the principal, not even one that has ended; none of a case with which they have
    a conflict themselves; none against an agency for which they act, in any role.
    """
    hats = Membership.objects.filter(user=principal.user_id).values("team__agency")
    return (
        Wall.objects.filter(case__in=known_cases(principal))
        .exclude(user_id=principal.user_id)
        .exclude(agency__in=hats)
        .order_by(F("lifted_at").desc(nulls_first=True), "-raised_at", "pk")
    )


def require_ends_wall(wall: Wall) -> None:
    """Insist that it is against a person: who ends one against an agency, `referrals.triage` says.

    Raises Refused.
    """
    if wall.user_id is None:
        raise Refused(
            "The LADO ends this, or a second person at the front door where there is none",
            kind="wall",
            pk=str(wall.pk),
            action="lift",
        )


def may_use_emergency(principal: Principal) -> bool:
    """Tell whether this role opens cases in an emergency at all, whatever the case."""
    opens = principal.role in EMERGENCY and not principal.sends_only
    return opens and bool(principal.partnership_ids)


def require_may_use_emergency(principal: Principal, reference: str) -> None:
    """Insist on it, before anything is looked up. Raises Refused."""
    if not may_use_emergency(principal):
        raise Refused(
            "This role does not use emergency access. If somebody is in danger now, call 999",
            kind="case",
            pk=reference,
            action="emergency",
        )


def review_is_overdue(principal: Principal) -> bool:
    """Tell whether an emergency access of this person, in any role, waits too long for review."""
    return EmergencyAccess.objects.filter(
        membership__user=principal.user_id,
        reviewed_at__isnull=True,
        review_due_at__lt=timezone.now(),
    ).exists()


def open_by_person(principal: Principal, case: Case) -> EmergencyAccess | None:
    """The emergency access that this person has to the case now, in whichever of their roles."""
    now = timezone.now()
    return (
        EmergencyAccess.objects.filter(
            case=case,
            membership__user=principal.user_id,
            ended_at__isnull=True,
            from_at__lte=now,
            until_at__gt=now,
        )
        .select_related("membership__team__agency")
        .first()
    )


def in_a_day(accesses: Iterable[EmergencyAccess], day: timedelta) -> dict[UUID, int]:
    """How many its person had begun within a day of each of these, itself among them, whatever
    the role. One query.
    """
    of_person = EmergencyAccess.objects.filter(
        membership__user=OuterRef("membership__user"),
        from_at__gt=OuterRef("from_at") - day,
        from_at__lte=OuterRef("from_at"),
    )
    number = of_person.order_by().values("membership__user").annotate(n=Count("pk")).values("n")
    found = EmergencyAccess.objects.filter(pk__in=[access.pk for access in accesses])
    return dict(found.annotate(number=Subquery(number)).values_list("pk", "number"))


def reviews_emergencies(principal: Principal) -> bool:
    """Tell whether the principal reviews how emergency access was used."""
    return principal.role in _GOVERNS


def to_review(principal: Principal) -> Emergencies:
    """The emergency accesses that the principal may review: never one of their own."""
    if not reviews_emergencies(principal):
        return EmergencyAccess.objects.none()
    return EmergencyAccess.objects.filter(case__in=known_cases(principal)).exclude(
        membership__user=principal.user_id
    )


def told_of(principal: Principal) -> Emergencies:
    """Emergency accesses that the principal is told of: their own in this role, those that they
    may review, and, for an agency's lead, those to a case for which the agency holds something.
    """
    own = Q(membership=principal.membership_id)
    found = own | Q(pk__in=to_review(principal).values("pk"))
    if principal.role is Role.AGENCY_LEAD:
        found |= Q(case__in=told_statements().filter(agency=principal.agency_id).values("case"))
    return EmergencyAccess.objects.filter(found, case__in=known_cases(principal))


def told_statements() -> QuerySet[Statement]:
    """Statements that may tell whose they are: somebody else's concealed word is not there."""
    return Statement.objects.exclude(protect=Protect.EXISTENCE)
