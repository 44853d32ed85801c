"""What the board is narrowed by, beside the statuses and priorities of a case."""

from typing import Final

from django.db.models import TextChoices

from referrals.vocabulary.answers import HARM_SIGNS


class AgeBand(TextChoices):
    """How old a child is, in the bands of the partnership's own figures."""

    UNDER_10 = "0-9", "Under 10"
    TO_12 = "10-12", "10 to 12"
    TO_15 = "13-15", "13 to 15"
    TO_17 = "16-17", "16 or 17"
    OLDER = "18-120", "18 or over"
    NOT_KNOWN = "not-known", "Not known"

    @property
    def years(self) -> tuple[int, int] | None:
        """The first and the last year of the band, both in it; None where nobody knows the age."""
        if self is AgeBand.NOT_KNOWN:
            return None
        least, most = self.value.split("-")
        return int(least), int(most)


class Flag(TextChoices):
    """What a row of the board says beside its status."""

    HARM = "harm", "Sign of harm"
    AGAIN = "again", "Referred before"
    STILL = "still", "The clock stands still"


HARM_WORDS: Final = tuple(sorted(sign.label for sign in HARM_SIGNS))
"""How a sign of harm stands in an answer: in the words of its label."""
