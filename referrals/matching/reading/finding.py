"""Which cases are of a child whom somebody looks for, as far as this reader may know of them."""

from dataclasses import dataclass
from functools import reduce
from operator import and_
from typing import Final

from django.db.models import Q

from portal.accounts.vocabulary import Principal
from referrals import policies
from referrals.matching.decision import fits
from referrals.matching.reading.matches import FOLDED, rows_of, sentence
from referrals.models import Particulars
from referrals.reading import Summary
from referrals.vocabulary.likeness import Likeness, sought_keys

MOST_FOUND: Final = 25
"""How many a search answers with at the most."""

_MOST_HELD: Final = 1000
"""How many children with such a name are held against what was typed: the latest ones."""


@dataclass(frozen=True, repr=False)
class Match:
    """A case that was looked for, as a row, and why it was found: words, nothing of the child."""

    row: Summary
    why: str


def sought(principal: Principal, child: Likeness, *, own: bool) -> list[Match]:
    """The cases whose child may be who is looked for, the best first, of one weight the latest.

    Only where the principal's own list says who the child is: what is hidden is left out by the
    query, as what does not exist is. `own`: only of the principal's own work. Three queries.
    """
    by_name, rest = sought_keys(child)
    near = Q(keys__overlap=rest)
    if by_name:
        near |= reduce(and_, (Q(keys__overlap=keys) for keys in by_name))
    known = Particulars.objects.filter(case__in=policies.whose_child_is_known(principal))
    if own:
        known = known.filter(case_id__in=policies.works_on(principal))
    held = known.filter(near).order_by("-case__received_at", "case_id")[:_MOST_HELD]
    found = [(row.case_id, fits(child, row.likeness(school=False))) for row in held.only(*FOLDED)]
    kept = [(pk, fit) for pk, fit in found if fit is not None]
    best = sorted(kept, key=lambda each: -each[1][0])[:MOST_FOUND]
    rows = rows_of(principal, [pk for pk, _ in best])
    return [Match(rows[pk], sentence(reasons)) for pk, (_, reasons) in best if pk in rows]
