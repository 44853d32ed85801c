"""A document that is handed over by the files' own host, once, within a minute."""

from datetime import timedelta

from django.db import models
from django.db.models import F, Q, Value

from portal.accounts.models import Membership
from portal.common.models import Record
from referrals.models.referral import Statement


class Handover(Record):
    """What one ticket opens, for whom and until when. To fetch the document deletes the row.

    Only the hash of the ticket is kept: who reads the database or a backup of it opens nothing.
    """

    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the ticket.")
    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="+")
    owner = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    until = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="handover_keeps_a_hash", condition=Q(digest__regex=r"^[0-9a-f]{64}$")
            ),
            models.CheckConstraint(
                name="handover_lasts_a_minute",
                condition=Q(until__lte=F("created_at") + Value(timedelta(seconds=60))),
            ),
        ]
