"""The words of matching: how strong a likeness is, and what it rests on."""

from enum import StrEnum

from django.db.models import TextChoices


class Strength(StrEnum):
    """How likely it is that two are one child. A word, because a number would be believed."""

    LIKELY = "likely"
    POSSIBLE = "possible"
    WEAK = "weak"

    @property
    def label(self) -> str:
        """The word at the beginning of a line."""
        return self.value.capitalize()


class Verdict(TextChoices):
    """What somebody decided about two cases that may be of one child."""

    SAME = "same", "The same child"
    NOT_SAME = "not_same", "Not the same child"


class SoughtFor(TextChoices):
    """What somebody looks beyond their own cases for. It goes to the ledger."""

    CONCERN = "concern", "Somebody is worried about this child now"
    CONTACT = "contact", "Somebody has rung, written or come about this child"
    WORK = "work", "I work with this child, or am about to"
    CHECK = "check", "I check or supervise the work on this case"
