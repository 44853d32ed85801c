"""Who may see which document, and which uploaded file before it is anybody else's."""

from collections.abc import Iterable
from uuid import UUID

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


def added_to(keys: Iterable[UUID]) -> UploadQuerySet:
    """The files that were added to what these keys name, whatever has become of them.

    A key is told by nobody: the caller asks its own policy first who may know of what was added.
    What a clean file becomes part of, an app above shows by its own policy.
    """
    return Upload.objects.filter(key__in=list(keys)).listed()
