"""What is owed to whom, and whether the e-mail that says so has gone."""

from base64 import b32encode
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from portal.accounts.models import Membership
from portal.common.models import Record
from portal.notifications.vocabulary import MEANINGS, Class, Kind, Meaning, Status


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Notices in domain words."""

    def due(self, at: datetime) -> Self:
        """Notices to send at this moment: waiting, or left in the hands of a process that died."""
        return self.filter(
            Q(status=Status.PENDING, next_at__lte=at) | Q(status=Status.LEASED, lease_until__lte=at)
        )

    def unread(self) -> Self:
        """Notices that their reader has not marked as read."""
        return self.filter(read_at__isnull=True)


class Notice(Record):
    """One thing that one person in one role is told. The row is the promise that they are.

    In the portal it is seen as soon as it is committed, exactly once. The e-mail only says that
    there is something to see; `status` and what follows it are about the e-mail. `case` and
    `cause` are ids without a foreign key, because what they name stands above this floor.
    """

    recipient = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="notices")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    reference = models.CharField(max_length=20, help_text="The case's; shown in the portal only.")
    case = models.UUIDField(null=True, help_text="Nothing where it is about no case.")
    cause = models.UUIDField()
    dedupe_key = models.CharField(max_length=64)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(default=timezone.now)
    lease = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=80, blank=True, help_text="A class name, no message.")
    message_id = models.CharField(max_length=200, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dedupe_key"], name="notice_once_per_cause"),
            models.CheckConstraint(name="notice_kind_known", condition=Q(kind__in=Kind.values)),
            models.CheckConstraint(
                name="notice_status_known", condition=Q(status__in=Status.values)
            ),
            models.CheckConstraint(
                name="notice_sent_has_message_id",
                condition=~Q(status=Status.SENT) | ~Q(message_id=""),
            ),
            models.CheckConstraint(
                name="notice_leased_has_lease",
                condition=Q(status=Status.LEASED, lease__isnull=False, lease_until__isnull=False)
                | (~Q(status=Status.LEASED) & Q(lease__isnull=True, lease_until__isnull=True)),
            ),
        ]
        indexes = [
            models.Index(name="notice_due", fields=["next_at"], condition=Q(status=Status.PENDING)),
            models.Index(
                name="notice_lease", fields=["lease_until"], condition=Q(status=Status.LEASED)
            ),
            models.Index(
                name="notice_unread", fields=["recipient"], condition=Q(read_at__isnull=True)
            ),
            models.Index(name="notice_by_cause", fields=["cause"]),
            models.Index(name="notice_of_recipient", fields=["recipient", "-created_at"]),
        ]

    @property
    def meaning(self) -> Meaning:
        """What this kind of notice asks, why it came, and the page that it is about."""
        return MEANINGS[Kind(self.kind)]

    @property
    def is_urgent(self) -> bool:
        """Whether it cannot wait."""
        return self.meaning.asks == Class.ACT_NOW

    @property
    def short_reference(self) -> str:
        """Eight characters that the e-mail and the portal both show, and that say nothing else.

        They come from the notice's own random id, so the same notice sent twice shows the same.
        """
        letters = b32encode(self.pk.bytes).decode()
        return f"N-{letters[:4]}-{letters[4:8]}"

    def get_absolute_url(self) -> str:
        """The page that the notice is about."""
        arguments = [self.reference] if self.meaning.by_reference else []
        return reverse(self.meaning.page, args=arguments)
