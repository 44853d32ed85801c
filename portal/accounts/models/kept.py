"""What somebody wrote while their session ended, for a while."""

from datetime import timedelta
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from portal.accounts.models.people import Membership, User
from portal.common.models import Record

KEPT_FOR = timedelta(minutes=30)


class KeptQuerySet(models.QuerySet["Kept"]):
    """What is kept, in domain words."""

    def lasting(self) -> Self:
        """What may still be given back."""
        return self.filter(until_at__gt=timezone.now())

    def over(self) -> Self:
        """What is kept no longer."""
        return self.filter(until_at__lte=timezone.now())


class Kept(Record):
    """What somebody wrote when their session had ended, for half an hour, for them alone.

    `words` is encrypted, and can be read for this person, this page and this row only. `page` is
    where it was written, `action` where it was sent.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="kept")
    membership = models.ForeignKey(
        Membership, on_delete=models.CASCADE, null=True, related_name="kept"
    )
    page = models.CharField(max_length=500)
    action = models.CharField(max_length=500)
    words = models.BinaryField()
    kept_at = models.DateTimeField(default=timezone.now)
    until_at = models.DateTimeField()

    objects = KeptQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["user", "until_at"], name="kept_by_user")]
        constraints = [
            models.CheckConstraint(
                name="kept_for_half_an_hour_at_most",
                condition=Q(until_at__lte=F("kept_at") + KEPT_FOR),
            ),
        ]
