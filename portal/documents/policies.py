"""Who may see which document."""

from django.db.models import Q, QuerySet
from django.utils import timezone

from portal.accounts.vocabulary import Principal
from portal.documents.models import Document


def visible(principal: Principal) -> QuerySet[Document]:
    """Return the principal's own documents that have not expired, without their bytes.

    A document belongs to a membership: a person in another role does not see it. What an app
    above publishes to others, it shows by its own policy.
    """
    now = timezone.now()
    return (
        Document.objects.filter(owner_id=principal.membership_id)
        .filter(Q(expires_at__isnull=True) | Q(expires_at__gt=now))
        .defer("content")
    )
