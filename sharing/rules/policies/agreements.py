"""Which agreements an agency can rely on."""

from datetime import datetime
from uuid import UUID

from sharing.rules import models
from sharing.rules.vocabulary import Category, Purpose


def agreed(agency_id: UUID, purpose: Purpose, at: datetime) -> dict[Category, datetime]:
    """What this agency's agreements cover for a purpose at `at` (aware), and until when. One query.

    Where several cover a category, it is until the last of them is over.
    """
    rows = models.Agreement.objects.in_force(at).filter(
        parties=agency_id, purposes__contains=[purpose]
    )
    found: dict[Category, datetime] = {}
    for row in rows:
        for code in map(Category, row.categories):
            found[code] = max(row.until, found.get(code, row.until))
    return found


def agreement(agency_id: UUID, category: Category, purpose: Purpose, at: datetime) -> bool:
    """Tell whether this agency has an agreement in force that covers the question. One query."""
    return category in agreed(agency_id, purpose, at)
