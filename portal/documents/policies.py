"""Who may see which document, and which uploaded file before it is anybody else's."""

from django.db.models import Q, QuerySet
from django.utils import timezone

from portal.accounts.vocabulary import Principal
from portal.documents.models import Document, Upload, UploadQuerySet


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


def uploads(principal: Principal) -> UploadQuerySet:
    """The files that the principal added in this membership, whatever has become of them.

    Nobody else knows of one from here. What a clean file becomes part of, an app above shows by
    its own policy.
    """
    return Upload.objects.filter(owner_id=principal.membership_id).listed()
