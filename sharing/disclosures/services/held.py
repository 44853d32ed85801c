"""Waiting for one's turn at a case: what is held now is looked up again, as it stands now.

Whoever waits for the lock may have lost the case meanwhile, by a wall or by the end of a share. So
each of these asks twice: before the wait, because nobody waits for what they may not know of; and
after it, because only that answer counts.
"""

from uuid import UUID

from portal.accounts.vocabulary import Principal
from portal.common.errors import NotVisible
from referrals import policies as casework
from referrals.models import Case
from sharing.disclosures import policies
from sharing.disclosures.models import Disclosure, Request, ShareDraft
from sharing.disclosures.policies import requests as asking


def lock(case_id: UUID) -> Case:
    """Wait for the case, and hold it until the transaction ends: before all that hangs on it."""
    return Case.objects.select_for_update().get(pk=case_id)


def held_case(actor: Principal, reference: str) -> Case:
    """The case with this reference, held. Raises NotVisible or Refused."""
    lock(casework.case_for(actor, reference).pk)
    return casework.case_for(actor, reference)


def held_draft(actor: Principal, pk: UUID) -> ShareDraft:
    """The actor's own draft of a share, held with its case. Raises NotVisible or Refused."""
    lock(policies.draft_for(actor, pk).case_id)
    draft = policies.drafts(actor).select_for_update(of=("self",)).filter(pk=pk).first()
    if draft is None:
        raise NotVisible("share", str(pk))
    policies.require_may_share(actor, draft.case)
    return draft


def held_disclosure(actor: Principal, pk: UUID) -> Disclosure:
    """The record of a decision, which nobody changes, with its case held. Raises NotVisible."""
    lock(policies.disclosure_for(actor, pk).case_id)
    return policies.disclosure_for(actor, pk)


def held_request(actor: Principal, pk: UUID) -> Request:
    """A request, held with its case. Raises NotVisible."""
    lock(asking.request_for(actor, pk).case_id)
    Request.objects.select_for_update().get(pk=pk)
    return asking.request_for(actor, pk)
