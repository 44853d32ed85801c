"""The words of the practice: what became of a share, of a request, and why."""

from typing import Final

from django.db.models import TextChoices

from referrals.workflow import ON_BOARD, OVER


class Result(TextChoices):
    """What was decided about a share. A no, a wait and a part leave the same record as a yes."""

    SHARED = "shared", "Shared"
    PART = "part", "Shared in part"
    REFUSED = "refused", "Not shared"
    DELAYED = "delayed", "Not shared yet"


OPENS: Final = frozenset({Result.SHARED, Result.PART})
"""The results that open something; the others name what would have been the harm."""


class Told(TextChoices):
    """Has this person been told about the share?"""

    YES = "yes", "Yes"
    NOT_YET = "not_yet", "Not yet: somebody will"
    UNSAFE = "unsafe", "No: it would not be safe"
    NOT_POSSIBLE = "not_possible", "No: it is not possible"


class Reply(TextChoices):
    """What an agency answers when it is asked."""

    SHARE = "share", "We hold it, and share it"
    PART = "part", "We hold some of it, and share part"
    DECLINE = "decline", "We hold it, and will not share it now"
    NOTHING = "nothing", "We hold nothing"
    NOT_US = "not_us", "It is not us who would hold it"


class ChaserKind(TextChoices):
    """Why somebody was told that an answer is waited for."""

    NEAR = "near", "The time to answer was nearly over"
    LATE = "late", "The answer was late"
    HAND = "hand", "Somebody chased it"


ENDED: Final = tuple(status for status in OVER if status not in ON_BOARD)
"""Statuses of a case in which nobody waits for an answer any more."""


class Channel(TextChoices):
    """How information reached its recipient."""

    PORTAL = "portal", "In this service"
    PHONE = "phone", "By phone"
    IN_PERSON = "in_person", "In person"


PAGES: Final = {
    "who": "Who needs it?",
    "what": "What do they need?",
    "gateway": "What is the reason in law?",
    "why": "Why is it right to share?",
    "preview": "Preview",
    "check": "Check your decision",
}
"""The pages of a share, in the order in which they are asked: name in the address, heading."""
