"""Which cases are of a child whom somebody looks for, as far as this reader may know of them."""

from dataclasses import dataclass
from functools import reduce
from operator import and_, attrgetter
from typing import Final

from django.db.models import Case, F, Q, When

from portal.accounts.vocabulary import Principal
from referrals import policies
from referrals.matching.decision import fits
from referrals.matching.reading.matches import FOLDED, rows_of, sentence
from referrals.models import Particulars
from referrals.reading import Summary
from referrals.vocabulary.likeness import Likeness, sought_keys

MOST_FOUND: Final = 25
"""How many a search answers with at the most."""

MOST_HELD: Final = 1000
"""How many children are held against what was typed: first whom more than the name leads to, and
of those whom the name alone leads to the latest ones.
"""


@dataclass(frozen=True, repr=False)
class Match:
    """A case that was looked for, as a row, and why it was found: words, nothing of the child."""

    row: Summary
    why: str


@dataclass(frozen=True, repr=False)
class Finding:
    """What was found. `is_cut`: more children share a key with what was typed than were held
    against it.
    """

    matches: tuple[Match, ...] = ()
    is_cut: bool = False


def sought(principal: Principal, child: Likeness, *, own: bool) -> Finding:
    """The cases whose child may be who is looked for, the best first, of one weight the latest.

    Only where the principal's own list says who the child is: what is hidden is left out by the
    query, as what does not exist is. `own`: only of the principal's own work. Three queries.
    """
    by_name, rest = sought_keys(child)
    near = by_rest = Q(keys__overlap=rest)
    by_both = by_rest
    if by_name:
        named = reduce(and_, (Q(keys__overlap=keys) for keys in by_name))
        near, by_both = by_rest | named, by_rest & named
    known = Particulars.objects.filter(case__in=policies.whose_child_is_known(principal))
    if own:
        known = known.filter(case_id__in=policies.works_on(principal))
    # A name is had by many: what else is known must not be lost among those of late.
    first = Case(When(by_both, then=0), When(by_rest, then=1), default=2)
    rows = known.filter(near).order_by(first, "-case__received_at", "case_id").only(*FOLDED)
    held = list(rows.annotate(received_at=F("case__received_at"))[: MOST_HELD + 1])
    is_cut = len(held) > MOST_HELD
    held = sorted(held[:MOST_HELD], key=attrgetter("received_at"), reverse=True)
    found = [(row.case_id, fits(child, row.likeness(school=False))) for row in held]
    kept = [(pk, fit) for pk, fit in found if fit is not None]
    best = sorted(kept, key=lambda each: -each[1][0])[:MOST_FOUND]
    listed = rows_of(principal, [pk for pk, _ in best])
    matches = (Match(listed[pk], sentence(why)) for pk, (_, why) in best if pk in listed)
    return Finding(tuple(matches), is_cut)
