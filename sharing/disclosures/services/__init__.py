"""Explaining a share to the person who asks. An explanation is itself on the record."""

from dataclasses import dataclass

from django.db import transaction

from portal.accounts.vocabulary import Principal
from portal.audit.services import record
from referrals import policies
from referrals.reading import Reading, read
from sharing.disclosures.policies import reads_holders
from sharing.disclosures.reading import Holder, holders


@dataclass(frozen=True)
class Explanation:
    """Why the principal can see a case, why not some of it, and who else can."""

    reading: Reading
    holders: tuple[Holder, ...]
    holder_count: int


@transaction.atomic
def explain(*, actor: Principal, reference: str) -> Explanation:
    """Answer "Why can I see this?" from the grants' own columns, and write down that it was asked.

    Raises NotVisible or Refused.
    """
    case = policies.case_for(actor, reference)
    reading = read(actor, case, policies.purpose_of(actor))
    teams = holders(case)
    record(actor, "case.explained", case=case.pk, subjects=[case.child_id])
    return Explanation(
        reading=reading,
        holders=tuple(teams) if reads_holders(actor) else (),
        holder_count=len(teams),
    )
