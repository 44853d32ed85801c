"""Who hears of what the front door did."""

from collections.abc import Iterable
from uuid import UUID

from portal.accounts.models import Membership
from portal.notifications.services import owe
from portal.notifications.vocabulary import Kind
from referrals.models import Case, Referral


def tell(people: Iterable[Membership], kind: Kind, case: Case, cause: UUID) -> None:
    """Owe each of these people a notice about the case."""
    for member in people:
        owe(recipient=member, kind=kind, reference=case.reference, case=case.pk, cause=cause)


def tell_referrers(case: Case, kind: Kind, cause: UUID) -> None:
    """Owe a notice to everybody who sent a referral of the case."""
    sent = Referral.objects.filter(case=case).select_related("author")
    tell((referral.author for referral in sent), kind, case, cause)
