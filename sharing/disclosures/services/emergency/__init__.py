"""Emergency access: one person, one case, to read, for an hour; told at once, reviewed after.

It opens what no share opens to the person yet, and nothing more: what an author protects or
conceals, and what a hard stop of the law holds back, stays as it is (`referrals.reading`). It ends
inside the query, to the second, whoever is or is not running.
"""

from sharing.disclosures.services.emergency.reviews import (
    list_emergencies,
    read_emergency,
    remind,
    review,
)
from sharing.disclosures.services.emergency.use import (
    Standing,
    end_emergency,
    open_in_emergency,
    stand,
)

__all__ = [
    "Standing",
    "end_emergency",
    "list_emergencies",
    "open_in_emergency",
    "read_emergency",
    "remind",
    "review",
    "stand",
]
