"""Finding a case by its reference or by the child's name, among what the searcher may see."""

from typing import Final

from django.db import transaction
from django.db.models import Q

from portal.accounts.vocabulary import Principal
from portal.audit.services import asked_for, record
from referrals import policies
from referrals.models import CaseQuerySet, tidy_reference
from referrals.reading import Summary, summaries

MOST_FOUND: Final = 25
_MOST_WORDS: Final = 6


@transaction.atomic
def search_cases(*, actor: Principal, words: str) -> list[Summary]:
    """Return the cases that these words find for the actor, the latest first, at most 25.

    A reference finds its case, if that is visible. Other words find children by name, and only
    where the actor's own list says who the child is: what is withheld is not matched, because
    "nothing found" would then tell that something is there. What is hidden and what is missing
    take the same way, and come back as the same nothing.

    The ledger keeps which cases were found and the keyed hash of what was typed, never the words.
    Raises Refused for a board chair.
    """
    policies.require_case_list(actor)
    found = _found(actor, words).order_by("-received_at", "reference")
    rows = summaries(actor, list(found.for_rows()[:MOST_FOUND]))
    record(
        actor,
        "case.searched",
        obj=("words", asked_for(" ".join(words.lower().split()))),
        purpose=policies.purpose_of(actor),
        ids=[row.case_id for row in rows],
        fields=sorted({code for row in rows for code in row.shown}),
    )
    return rows


def _found(actor: Principal, words: str) -> CaseQuerySet:
    called = Q(reference=tidy_reference(words))
    if words.split():
        named = policies.whose_child_is_known(actor)
        for word in words.split()[:_MOST_WORDS]:
            named = named.filter(
                Q(child__given_name__icontains=word)
                | Q(child__family_name__icontains=word)
                | Q(child__known_as__icontains=word)
            )
        called |= Q(pk__in=named.values("pk"))
    return policies.visible(actor).filter(called)
