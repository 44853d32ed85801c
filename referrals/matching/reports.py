"""What is counted of children who are referred again, for those who govern. Nobody is named."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count

from referrals.matching.models import came_again
from referrals.models import Case


@dataclass(frozen=True, repr=False)
class Again:
    """How many referrals came in a period, and how many of them about a child who came before."""

    referrals: int
    again: int


def referred_again(*, partnership: UUID, since: datetime, until: datetime) -> Again:
    """Count the referrals that were received from `since` until before `until`.

    One counts as again when the work on another case of the same child ended within the twelve
    months before it. Whoever shows it hides what is smaller than the partnership shows.
    """
    every = Case.objects.filter(partnership=partnership)
    came = every.filter(received_at__gte=since, received_at__lt=until)
    found = came.aggregate(referrals=Count("pk"), again=Count("pk", filter=came_again(every)))
    return Again(found["referrals"], found["again"])
