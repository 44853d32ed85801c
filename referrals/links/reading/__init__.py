"""What this reader may know of the people and places of a case, and of the same ones elsewhere.

A link is shown where both of its ends are, by the readings of the two cases as they are now: what
is withheld at either end leaves no link, no count and no word.
"""

from referrals.links.reading.cards import (
    Beside,
    Card,
    Comparison,
    Decided,
    Elsewhere,
    Lost,
    Named,
    Page,
    Words,
)
from referrals.links.reading.finding import comparison, lost_one, one, people_and_places
from referrals.links.reading.naming import may_name, piece, words_of

__all__ = [
    "Beside",
    "Card",
    "Comparison",
    "Decided",
    "Elsewhere",
    "Lost",
    "Named",
    "Page",
    "Words",
    "comparison",
    "lost_one",
    "may_name",
    "one",
    "people_and_places",
    "piece",
    "words_of",
]
