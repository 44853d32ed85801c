"""Which agreements an agency can rely on."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sharing.rules import models
from sharing.rules.vocabulary import Category, Purpose


def agreed(agency_id: UUID, purpose: Purpose, at: datetime) -> dict[Category, datetime]:
    """What this agency's agreements cover for a purpose at `at` (aware), and until when. One query.

    Where several cover a category, it is until the last of them is over.
    """
    return agreed_by({agency_id}, purpose, at)[agency_id]


def agreed_by(
    agencies: Collection[UUID], purpose: Purpose, at: datetime
) -> dict[UUID, dict[Category, datetime]]:
    """The same for each of several agencies. One query, however many they are."""
    covers = models.Agreement.objects.in_force(at).filter(purposes__contains=[purpose])
    signed = models.Agreement.parties.through.objects.filter(
        agency__in=agencies, agreement__in=covers
    ).select_related("agreement")
    found: dict[UUID, dict[Category, datetime]] = {agency: {} for agency in agencies}
    for each in signed:
        covered, until = found[each.agency_id], each.agreement.until
        for code in map(Category, each.agreement.categories):
            covered[code] = max(until, covered.get(code, until))
    return found


def agreement(agency_id: UUID, category: Category, purpose: Purpose, at: datetime) -> bool:
    """Tell whether this agency has an agreement in force that covers the question. One query."""
    return category in agreed(agency_id, purpose, at)
