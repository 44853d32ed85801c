"""Advice before a share: asked by whoever prepares it, given by an information-governance lead."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from portal.accounts import policies as people
from portal.accounts.vocabulary import Principal, Role
from portal.audit.services import record
from portal.common.errors import DomainError, NotVisible
from portal.notifications.services import owe
from portal.notifications.vocabulary import Kind
from sharing.disclosures import policies
from sharing.disclosures.models import ShareDraft
from sharing.disclosures.reading.questions import Question, questions
from sharing.disclosures.services.held import held_draft, lock
from sharing.disclosures.services.share import DECIDED

NOBODY = (
    "Nobody works as an information-governance lead here, so nobody can be asked. Ask the lead of"
    " the agency that holds it. Your draft is kept."
)


@transaction.atomic
def ask_advice(*, actor: Principal, draft: ShareDraft, question: str) -> ShareDraft:
    """Ask the partnership's information-governance leads before sharing; the draft waits.

    They are told whom, which kinds, what for and why, and nothing of the case. Raises NotVisible,
    Refused, or DomainError: no question, nobody to ask, or it has become a decision.
    """
    draft = held_draft(actor, draft.pk)
    case = draft.case
    if draft.disclosed_at is not None:
        raise DomainError(DECIDED)
    if not question.strip():
        raise DomainError("Write what you want to ask.")
    asked = policies.told_of(case, people.teams_in(case.partnership_id, Role.IG_LEAD))
    # A second person is another person, whatever the role.
    leads = [lead for lead in asked if lead.user_id != actor.user_id]
    if not leads:
        raise DomainError(NOBODY)
    draft.asked_at = draft.saved_at = timezone.now()
    draft.question, draft.advice = question.strip(), ""
    draft.advised_at = draft.advised_by = None
    draft.save()
    cause = record(
        actor, "advice.asked", case=case.pk, obj=("share", draft.pk), subjects=[case.child_id]
    )
    for lead in leads:
        owe(
            recipient=lead,
            kind=Kind.ADVICE_ASKED,
            reference=case.reference,
            case=case.pk,
            cause=cause,
        )
    return draft


@transaction.atomic
def list_advice(*, actor: Principal) -> list[Question]:
    """The questions that wait for this lead's advice. Raises Refused to anybody else."""
    found = list(policies.asked_for_advice(actor)[:100])
    record(actor, "advice.listed", ids=[draft.pk for draft in found])
    return questions(found)


@transaction.atomic
def read_question(*, actor: Principal, pk: UUID) -> Question:
    """One of them. Raises Refused or NotVisible."""
    found = policies.asked_for_advice(actor).filter(pk=pk).first()
    if found is None:
        raise NotVisible("advice", str(pk))
    record(actor, "advice.listed", ids=[found.pk])
    return questions([found])[0]


@transaction.atomic
def advise(*, actor: Principal, pk: UUID, advice: str) -> ShareDraft:
    """Answer a question about a share. Whoever asked decides, with the advice on the record.

    Raises Refused or NotVisible; DomainError without words.
    """
    asked = policies.asked_for_advice(actor).filter(pk=pk)
    if before := asked.first():
        lock(before.case_id)
    found = asked.select_for_update(of=("self",)).first()
    if found is None:
        raise NotVisible("advice", str(pk))
    if not advice.strip():
        raise DomainError("Write your advice. A sentence is enough.")
    case = found.case
    found.advice, found.advised_at = advice.strip(), timezone.now()
    found.advised_by_id = actor.membership_id
    found.save(update_fields=["advice", "advised_at", "advised_by"])
    cause = record(
        actor, "advice.given", case=case.pk, obj=("share", found.pk), subjects=[case.child_id]
    )
    for member in policies.told_of(case, [found.author.team]):
        if member.pk == found.author_id:
            owe(
                recipient=member,
                kind=Kind.ADVISED,
                reference=case.reference,
                case=case.pk,
                cause=cause,
            )
    return found
