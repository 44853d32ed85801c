"""Documents that were asked for, files that people added, and the bytes of both."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q

from portal.accounts.models import Membership
from portal.common.models import Record
from portal.documents.vocabulary import Checked, Failure, FileKind, Refusal, Status


class DocumentQuerySet(models.QuerySet["Document"]):
    """Documents in domain words."""

    def due(self, at: datetime) -> Self:
        """Documents that nobody is making: just asked for, or left by a worker that stopped."""
        return self.filter(Q(status=Status.ASKED) | Q(status=Status.MAKING, lease_until__lte=at))


class Document(Record):
    """One document for one person in one role. The row is the promise that it will be made.

    `lease` names the worker's turn: whoever comes back with an older lease changes nothing. The
    bytes are in the database, so that a backup of it is whole and no file lies about on a disk.
    """

    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=120, help_text="Neutral: never a name.")
    owner = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="documents")
    parameters = models.JSONField(default=dict, help_text="Identifiers and codes only.")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.ASKED)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    failure = models.CharField(max_length=10, choices=Failure.choices, blank=True)
    asked_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(
        null=True, blank=True, help_text="Not shown after this; nothing means it is kept."
    )
    content = models.BinaryField(null=True, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    pages = models.PositiveIntegerField(null=True, blank=True)
    bytes = models.PositiveIntegerField(null=True, blank=True)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="document_status_known", condition=Q(status__in=Status.values)
            ),
            models.CheckConstraint(
                name="document_ready_has_content",
                condition=~Q(status=Status.READY)
                | Q(
                    content__isnull=False,
                    sha256__regex=r"^[0-9a-f]{64}$",
                    pages__gte=1,
                    bytes__gte=1,
                    ready_at__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="document_only_ready_has_content",
                condition=Q(status=Status.READY) | Q(content__isnull=True),
            ),
            models.CheckConstraint(
                name="document_making_has_lease",
                condition=Q(status=Status.MAKING, lease__isnull=False, lease_until__isnull=False)
                | (~Q(status=Status.MAKING) & Q(lease__isnull=True, lease_until__isnull=True)),
            ),
            models.CheckConstraint(
                name="document_failed_says_why",
                condition=Q(status=Status.FAILED, failure__in=Failure.values)
                | (~Q(status=Status.FAILED) & Q(failure="")),
            ),
            models.CheckConstraint(
                name="document_expires_after_asked",
                condition=Q(expires_at__isnull=True) | Q(expires_at__gt=F("asked_at")),
            ),
        ]
        indexes = [
            models.Index(
                name="document_due",
                fields=["asked_at"],
                condition=Q(status__in=[Status.ASKED, Status.MAKING]),
            ),
            models.Index(name="document_of_owner", fields=["owner", "-asked_at"]),
        ]


class UploadQuerySet(models.QuerySet["Upload"]):
    """Uploaded files in domain words."""

    def listed(self) -> Self:
        """In the order in which they were added, without their bytes."""
        return self.defer("content").order_by("added_at", "pk")

    def unchecked(self) -> Self:
        """Files that have not been through the virus check yet."""
        return self.filter(state__in=[Checked.CHECKING, Checked.HELD])


class Upload(Record):
    """A file that somebody added: sealed, and nobody's but theirs until it is clean.

    `key` names what it was added to, as a referral is named by its draft. The name that it had on
    the person's device is never kept: `label` says what it is, and the row's own id is its name
    here. What is refused leaves a row that says why, and no bytes. `checked_at` is when the verdict
    came; while there is none, when it was last asked for in vain.
    """

    key = models.UUIDField(help_text="The draft that it was added to, or the case's referral.")
    owner = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="uploads")
    label = models.CharField(max_length=100)
    parameters = models.JSONField(default=dict, help_text="Codes only.")
    state = models.CharField(max_length=10, choices=Checked.choices, default=Checked.CHECKING)
    refusal = models.CharField(max_length=20, choices=Refusal.choices, blank=True)
    kind = models.CharField(max_length=10, choices=FileKind.choices)
    content = models.BinaryField(null=True, blank=True, help_text="Sealed: see services.sealing.")
    sha256 = models.CharField(max_length=64)
    bytes = models.PositiveIntegerField()
    pages = models.PositiveIntegerField(null=True, blank=True)
    added_at = models.DateTimeField()
    checked_at = models.DateTimeField(null=True, blank=True)

    objects = UploadQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="upload_state_known", condition=Q(state__in=Checked.values)
            ),
            models.CheckConstraint(name="upload_kind_known", condition=Q(kind__in=FileKind.values)),
            models.CheckConstraint(
                name="upload_refused_says_why_and_has_no_content",
                condition=Q(state=Checked.REFUSED, refusal__in=Refusal.values, content__isnull=True)
                | (~Q(state=Checked.REFUSED) & Q(refusal="", content__isnull=False)),
            ),
            models.CheckConstraint(
                name="upload_ready_was_checked",
                condition=~Q(state__in=[Checked.READY, Checked.REFUSED])
                | Q(checked_at__isnull=False),
            ),
            models.CheckConstraint(
                name="upload_is_something",
                condition=Q(bytes__gte=1, sha256__regex=r"^[0-9a-f]{64}$") & ~Q(label=""),
            ),
        ]
        indexes = [
            models.Index(
                name="upload_unchecked",
                fields=["added_at"],
                condition=Q(state__in=[Checked.CHECKING, Checked.HELD]),
            ),
            models.Index(name="upload_by_key", fields=["key"]),
            models.Index(name="upload_by_owner", fields=["owner", "-added_at"]),
        ]
