"""What a reader is shown of actions and reviews: words that are final, and dates."""

from referrals.actions.reading.lists import Row, rows, who
from referrals.actions.reading.one import Line, Shown, shown
from referrals.actions.reading.reviews import (
    Judged,
    Planned,
    ReviewShown,
    Written,
    of_review,
    planned,
    review_shown,
    written,
)

__all__ = [
    "Judged",
    "Line",
    "Planned",
    "ReviewShown",
    "Row",
    "Shown",
    "Written",
    "of_review",
    "planned",
    "review_shown",
    "rows",
    "shown",
    "who",
    "written",
]
