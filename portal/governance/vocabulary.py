"""The words of governance."""

from django.db.models import TextChoices


class Audience(TextChoices):
    """For whom an audit trail is made. The board's names nobody: roles and kinds of agency only."""

    CASEWORK = "casework", "Coordinators and managers"
    BOARD = "board", "The safeguarding board"


TRAIL = "case_trail"
"""The kind of document that an audit trail is."""
