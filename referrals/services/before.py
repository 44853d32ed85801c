"""What the searcher's own agency has sent about a child like this one, before it sends again."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Q

from portal.accounts.vocabulary import Principal
from portal.audit.services import record
from referrals import policies
from referrals.models import Child, Referral, Statement


@dataclass(frozen=True, repr=False)
class Likeness:
    """A child, as far as two descriptions of one are compared. `born` is year-month-day."""

    given_name: str = ""
    family_name: str = ""
    known_as: str = ""
    born: str = ""

    def is_like(self, other: "Likeness") -> bool:
        """Tell whether both names are the same, or one is, and the day of birth."""
        mine, theirs = self._names(), other._names()
        shared = len(mine & theirs)
        same_day = len(self.born) > 4 and self.born == other.born
        return shared >= 2 or (shared == 1 and (same_day or len(mine) == len(theirs) == 1))

    def _names(self) -> frozenset[str]:
        names = (self.given_name, self.family_name, self.known_as)
        return frozenset(filter(None, (" ".join(name.casefold().split()) for name in names)))


@dataclass(frozen=True, repr=False)
class Alike:
    """A referral of one's own agency about a child who may be the same.

    `by` is who sent it, or "" where that is protected. `is_open`: the reader may open the case.
    """

    reference: str
    sent_at: datetime
    by: str
    is_open: bool


_MOST_LOOKED_AT: Final = 100
_MOST_ALIKE: Final = 5


def is_told_of(*, actor: Principal, child: Likeness) -> bool:
    """Whether `sent_before` would show something. Nothing is shown, so nothing is recorded."""
    return bool(_alike(actor, child))


@transaction.atomic
def sent_before(*, actor: Principal, child: Likeness) -> list[Alike]:
    """What the actor's own agency has sent about a child like this one, the latest first.

    Another agency's referrals are not looked at, so nothing can hint at them. The ledger keeps
    which cases were shown; when there are none, nothing is written.
    """
    alike = _alike(actor, child)
    if not alike:
        return []
    cases = [each.case_id for each in alike]
    hidden = set(
        Statement.objects.filter(referral__in=alike, question="sender")
        .exclude(protect="")
        .values_list("referral_id", flat=True)
    )
    visible = set(policies.visible(actor).filter(pk__in=cases).values_list("pk", flat=True))
    record(actor, "match.shown", purpose=policies.purpose_of(actor), ids=cases)
    return [
        Alike(
            reference=each.case.reference,
            sent_at=each.sent_at,
            by="" if each.pk in hidden else each.author.user.name,
            is_open=each.case_id in visible,
        )
        for each in alike
    ]


def _alike(actor: Principal, child: Likeness) -> list[Referral]:
    called = Q()
    for typed in (child.given_name, child.family_name, child.known_as):
        if name := " ".join(typed.split()):
            called |= Q(case__child__given_name__iexact=name)
            called |= Q(case__child__family_name__iexact=name)
            called |= Q(case__child__known_as__iexact=name)
    if not called:
        return []
    sent = (
        Referral.objects.filter(called, agency=actor.agency_id)
        .filter(case__in=policies.sent_from_agency(actor))
        .select_related("case__child", "author__user")
        .order_by("-sent_at")[:_MOST_LOOKED_AT]
    )
    return [each for each in sent if child.is_like(_likeness(each.case.child))][:_MOST_ALIKE]


def _likeness(child: Child) -> Likeness:
    born = child.date_of_birth
    return Likeness(
        child.given_name,
        child.family_name,
        child.known_as,
        f"{born.year}-{born.month}-{born.day}" if born else "",
    )
