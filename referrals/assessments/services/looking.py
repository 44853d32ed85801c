"""Opening the pages of an assessment, on the record."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction

from portal.accounts.vocabulary import Principal
from portal.audit.services import record
from portal.common.errors import DomainError
from referrals import policies as casework
from referrals.assessments import policies, reading
from referrals.assessments.models import Assessment
from referrals.assessments.reading.reach import CONCERN

MOST: Final = 100
"""How many of each are listed."""


@dataclass(frozen=True, repr=False)
class Asked:
    """What waits for somebody: answers of their agency, as (reference, due), and signatures."""

    to_answer: tuple[tuple[str, datetime], ...]
    to_sign: tuple[str, ...]


@transaction.atomic
def list_asked(*, actor: Principal) -> Asked:
    """List what waits for the actor in joint risk assessments, by reference, on the record.

    Raises Refused for a board chair.
    """
    casework.require_case_list(actor)
    waiting = policies.to_answer(actor).select_related("assessment__case")
    answers = list(waiting.order_by("assessment__due_at")[:MOST])
    signs = [each.assessment.case for each in policies.to_sign(actor)]
    cases = [each.assessment.case for each in answers] + signs
    if cases:
        record(
            actor,
            "case.listed",
            purpose=casework.purpose_of(actor),
            ids=sorted({case.pk for case in cases}),
        )
    return Asked(
        tuple((each.assessment.case.reference, each.assessment.due_at) for each in answers),
        tuple(case.reference for case in signs),
    )


@transaction.atomic
def look(*, actor: Principal, reference: str) -> reading.RiskPage:
    """Open the risk page of a case, on the record. Raises NotVisible or Refused."""
    case = casework.case_for(actor, reference)
    found = reading.risk_page(actor, case)
    record(
        actor,
        "risk.read",
        case=case.pk,
        subjects=[case.child_id],
        purpose=casework.purpose_of(actor),
        fields=[str(CONCERN)] if found.shown else [],
        ids=found.shown,
        withheld=found.hidden,
    )
    return found


@transaction.atomic
def compare(*, actor: Principal, reference: str, pk: UUID) -> reading.Comparison:
    """Open all agencies' answers side by side, on the record.

    Raises NotVisible; Refused where the actor does not take part; DomainError while they lie
    sealed, whoever asks.
    """
    assessment = policies.assessment_for(actor, reference, pk)
    return compared(actor, assessment, None)


def compared(
    actor: Principal, assessment: Assessment, said: reading.Said | None
) -> reading.Comparison:
    """The same of an assessment that a page has found, in the page's transaction."""
    if assessment.revealed_at is None:
        raise DomainError(
            "The answers lie sealed until all agencies have answered, or the time is over. Nobody"
            " sees another agency's answers before that."
        )
    found = reading.comparison(actor, assessment, said)
    case = assessment.case
    record(
        actor,
        "risk.compared",
        case=case.pk,
        obj=("assessment", assessment.pk),
        subjects=[case.child_id],
        purpose=casework.purpose_of(actor),
        fields=[str(CONCERN)] if found.shown_ids else [],
        ids=found.shown_ids,
        withheld=found.withheld,
    )
    return found
