"""The ledger's events, as the site may read them. `sql/ledger.sql` makes and guards the table."""

from django.db import models


class Event(models.Model):
    """One recorded act. Written by the database function audit.append alone, and never changed.

    `body` holds the canonical bytes that `hash` covers: read them, never re-serialise them.
    `at` is the database's clock in UTC to the microsecond; `seq` counts from 1 without a gap
    within `stream`.
    """

    id = models.UUIDField(primary_key=True)
    stream = models.TextField()
    seq = models.BigIntegerField()
    at = models.DateTimeField()
    prev = models.BinaryField()
    body = models.BinaryField()
    hash = models.BinaryField()

    class Meta:
        managed = False
        db_table = '"audit"."event"'
        default_permissions = ()

    def __str__(self) -> str:
        return f"Event {self.pk}"
