"""Of the cases that a principal may know of: which they work on, and which their agency does."""

from uuid import UUID

from django.db.models import QuerySet

from portal.accounts.vocabulary import Principal, Role
from referrals.models import Case, Decision, Referral, SightQuerySet
from referrals.policies.visibility import sights

_FRONT_DOOR = (Role.COORDINATOR, Role.MANAGER)


def works_on(principal: Principal) -> QuerySet[Case, UUID]:
    """The keys of the cases that are the principal's own work, seen or not.

    They coordinate it, a decision that holds says that they go on with it, or they sent a referral
    of it in this membership. It opens nothing: hold it against what is visible.
    """
    me = principal.membership_id
    goes_on = Decision.objects.filter(owner_id=me, superseded_at__isnull=True)
    sent = Referral.objects.filter(author_id=me)
    # One set and no "or": three short looks into three indexes, whatever the number of cases.
    return (
        Case.objects.filter(coordinator_id=me)
        .values_list("pk", flat=True)
        .union(goes_on.values_list("case_id", flat=True), sent.values_list("case_id", flat=True))
    )


def own_work(principal: Principal) -> SightQuerySet:
    """Of what the principal may know of, what is their own work."""
    return sights(principal).filter(case_id__in=works_on(principal))


def agencys_work(principal: Principal) -> SightQuerySet:
    """Of what the principal may know of, what is the work of their agency, whoever does it there.

    At the front door that is what somebody of the agency coordinates; elsewhere what somebody of
    it sent, or goes on with.
    """
    mine = sights(principal)
    agency = principal.agency_id
    if principal.role in _FRONT_DOOR:
        return mine.filter(case__coordinator__team__agency=agency)
    sent = Referral.objects.filter(agency_id=agency)
    goes_on = Decision.objects.filter(owner__team__agency=agency, superseded_at__isnull=True)
    return mine.filter(
        case_id__in=sent.values_list("case_id", flat=True).union(
            goes_on.values_list("case_id", flat=True)
        )
    )
