"""Which children may be the same as the one of a case, as far as this reader may know of them."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from portal.accounts.vocabulary import Principal
from referrals import policies
from referrals.matching.decision import Alike, ranked
from referrals.models import Case, Particulars
from referrals.vocabulary import Extent
from referrals.vocabulary.likeness import Likeness, asked_keys
from sharing.rules.vocabulary import Category

MOST: Final = 5
"""How many are offered at the most: whoever reads the list reads all of it."""


@dataclass(frozen=True, repr=False)
class Found:
    """A case whose child may be the same, and what the two have in common."""

    case_id: UUID
    alike: Alike


def alike(principal: Principal, case: Case, *, most: int = MOST) -> list[Found]:
    """The cases whose child may be the same as this case's child, the most alike first.

    Only where the principal's own list says who the child is, of this case and of the others: what
    is hidden is left out by the query, so that it changes no count and no order. `case` is visible
    to the principal. Two queries.
    """
    mine = known(principal).filter(case=case).first()
    if mine is None:
        return []
    asked = _likeness(mine)
    if asked.is_empty:
        return []
    others = known(principal).filter(
        partnership=case.partnership_id, keys__overlap=asked_keys(asked)
    )
    near = {row.case_id: _likeness(row) for row in others.exclude(case=case)}
    return [Found(*each) for each in ranked(asked, near)[:most]]


def known(principal: Principal) -> QuerySet[Particulars]:
    """The particulars of the children of whom the principal knows who they are.

    Each says whether the principal reads the school that the first sender named, too.
    """
    cases = policies.whose_child_is_known(principal)
    school = policies.grants(principal).filter(
        content_object=OuterRef("case"), extent=Extent.WHOLE, categories__contains=[Category.IC5]
    )
    return (
        Particulars.objects.filter(case__in=cases)
        .annotate(knows_school=Exists(school))
        .only(*_COMPARED)
    )


_COMPARED: Final = (
    *("case_id", "given", "family", "also", "born", "born_about", "nhs_number", "upn"),
    *("postcode", "door", "school", "phones"),
)


def _likeness(row: Particulars) -> Likeness:
    return row.likeness(school=row.knows_school)  # type: ignore[attr-defined]
