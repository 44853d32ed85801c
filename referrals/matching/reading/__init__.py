"""What this reader may know of other cases: of the same child perhaps, or one that was sought."""

from referrals.matching.reading.again import Before, before, referred_again, with_same_child
from referrals.matching.reading.counting import counted
from referrals.matching.reading.finding import MOST_FOUND, Finding, Match, sought
from referrals.matching.reading.matches import (
    Comparison,
    Found,
    Matches,
    Row,
    comparison,
    matches,
    told_apart_by,
)

__all__ = [
    "MOST_FOUND",
    "Before",
    "Comparison",
    "Finding",
    "Found",
    "Match",
    "Matches",
    "Row",
    "before",
    "comparison",
    "counted",
    "matches",
    "referred_again",
    "sought",
    "told_apart_by",
    "with_same_child",
]
