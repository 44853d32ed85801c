"""The words for a document's life, and for what can go wrong with it."""

from django.db.models import TextChoices


class Status(TextChoices):
    """Where a document has got to. Asked and making may be taken up again; ready and failed end."""

    ASKED = "asked", "Waiting to be made"
    MAKING = "making", "Being made"
    READY = "ready", "Ready"
    FAILED = "failed", "Could not be made"


class Failure(TextChoices):
    """Why a document could not be made, as a sentence for the person who asked."""

    TOO_SLOW = "too_slow", "It took too long to make."
    TOO_LARGE = "too_large", "It is too large to make in one piece."
    REFUSED = "refused", "It holds something that a document of this portal may not hold."
    CRASHED = "crashed", "The program that makes documents stopped."
    NOT_ALLOWED = "no_right", "The person who asked may no longer see it."
    GAVE_UP = "gave_up", "It was tried several times without success."
