"""The base of every row."""

import uuid

from django.db import models


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
