"""Drafts belong to the membership that writes them."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F, OuterRef, Subquery, Value
from django.utils import timezone

from portal.accounts.models import Partnership
from portal.accounts.vocabulary import Principal, Role
from portal.common.errors import NotVisible
from referrals import policies as casework
from referrals.intake.models import Draft, DraftQuerySet


def visible(principal: Principal) -> DraftQuerySet:
    """The drafts that the principal writes, in this membership, and no one else's."""
    return Draft.objects.filter(author_id=principal.membership_id)


def draft_for(principal: Principal, pk: UUID) -> Draft:
    """Return the principal's draft, sent or not. Raises NotVisible."""
    found = visible(principal).filter(pk=pk).first()
    if found is None:
        raise NotVisible("draft", str(pk))
    return found


def left_in_danger(principal: Principal) -> list[tuple[str, datetime]]:
    """The drafts about danger that lie still at the agency that the principal leads.

    Who writes each, and since when it lies; never a word of it. Its author was told beforehand.
    """
    if principal.role is not Role.AGENCY_LEAD:
        return []
    found = lying_still().filter(author__team__agency=principal.agency_id)
    return [(draft.author.user.name, draft.saved_at) for draft in found]


def lying_still() -> DraftQuerySet:
    """Unsent drafts about danger that have lain for as long as their partnership lets them."""
    served = Partnership.objects.filter(agencies=OuterRef("author__team__agency"))
    minutes = served.order_by("danger_draft_minutes").values("danger_draft_minutes")[:1]
    return (
        Draft.objects.unsent()
        .about_danger()
        .select_related("author__user", "author__team__agency")
        .alias(still=Subquery(minutes) * Value(timedelta(minutes=1)))
        .filter(saved_at__lte=timezone.now() - F("still"))
    )


def area_of(principal: Principal) -> Partnership:
    """The partnership that the principal refers to: its hours and its phone numbers.

    Raises Refused for somebody who does not refer.
    """
    casework.require_may_refer(principal)
    return Partnership.objects.get(pk=principal.partnership_ids[0])
