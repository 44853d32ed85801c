"""What this reader may know of other cases: of the same child perhaps, or one that was sought."""

from referrals.matching.reading.finding import MOST_FOUND, Finding, Match, sought
from referrals.matching.reading.matches import (
    Comparison,
    Found,
    Matches,
    Row,
    alike,
    comparison,
    matches,
    told_apart_by,
)

__all__ = [
    "MOST_FOUND",
    "Comparison",
    "Finding",
    "Found",
    "Match",
    "Matches",
    "Row",
    "alike",
    "comparison",
    "matches",
    "sought",
    "told_apart_by",
]
