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
