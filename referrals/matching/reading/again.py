"""Children who are referred again within twelve months, as far as the reader may know of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery

from portal.accounts.vocabulary import Principal
from referrals import policies
from referrals.matching.models import AGAIN_WITHIN, came_again, same_child, with_end
from referrals.models import Case, CaseQuerySet
from referrals.workflow import Status


@dataclass(frozen=True, repr=False)
class Before:
    """The case of the same child on which the work ended last: how, and when."""

    case_id: UUID
    reference: str
    over_at: datetime
    was_closed: bool

    @property
    def words(self) -> str:
        """How it ended."""
        return "It was closed" if self.was_closed else "It was not taken on"


def referred_again(principal: Principal) -> CaseQuerySet:
    """The cases whose child was referred before, where the principal knows the child of both."""
    known = policies.whose_child_is_known(principal)
    return known.filter(came_again(known))


def with_same_child(cases: CaseQuerySet) -> CaseQuerySet:
    """These cases, each with the others that are surely of its child, whoever may know of them.

    For `before` alone, which leaves out what the reader may not know of.
    """
    ways = enumerate(same_child(Case.objects.all()))
    return cases.annotate(**{f"way_{n}": ArraySubquery(way.values("pk")) for n, way in ways})


def before(principal: Principal, cases: Iterable[Case]) -> dict[UUID, Before]:
    """Of these cases, those whose child was referred before, each with the latest such case.

    `cases` come from `with_same_child`, and are visible to the principal; so must the earlier one
    be, and of both they must know who the child is: else there is nothing. One query.
    """
    of_case = {case.pk: set().union(*_others(case)) for case in cases}
    known = policies.whose_child_is_known(principal).filter(
        pk__in={*of_case}.union(*of_case.values())
    )
    seen = with_end(known).in_bulk()
    earlier = {
        pk: [seen[each] for each in said if each in seen and _came_before(seen[each], seen[pk])]
        for pk, said in of_case.items()
        if pk in seen
    }
    return {pk: _before(max(said, key=_over_at)) for pk, said in earlier.items() if said}


def _others(case: Case) -> list[list[UUID]]:
    return [said for name, said in vars(case).items() if name.startswith("way_")]


def _came_before(earlier: Case, case: Case) -> bool:
    """Whether the work on the one ended within the twelve months before the other."""
    over_at: datetime | None = earlier.over_at  # type: ignore[attr-defined]
    return over_at is not None and case.received_at - AGAIN_WITHIN <= over_at <= case.received_at


def _over_at(case: Case) -> datetime:
    return case.over_at  # type: ignore[attr-defined, no-any-return]


def _before(case: Case) -> Before:
    return Before(case.pk, case.reference, _over_at(case), case.status == Status.CLOSED)
