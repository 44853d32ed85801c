"""Drafts belong to the membership that writes them."""

from uuid import UUID

from portal.accounts.vocabulary import Principal
from portal.common.errors import NotVisible
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
