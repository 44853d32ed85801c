"""The base of every row, and which words a row holds."""

import json
import uuid

from django.db import models
from django.utils.crypto import salted_hmac


def version_of(said: object) -> str:
    """Which words these are, for a page to carry along: another version, other words.

    A form that is posted ends its lines as the web does, one that a script sends does not: lines
    that end in either way are the same words.
    """
    words = json.dumps(said, sort_keys=True).replace(r"\r\n", r"\n")
    return salted_hmac("portal.common.version", words, algorithm="sha256").hexdigest()[:16]


class Record(models.Model):
    """A row with an unguessable id that shows nothing of itself in logs and tracebacks."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{type(self).__name__} {self.pk}"

    def __repr__(self) -> str:
        return f"<{self}>"
