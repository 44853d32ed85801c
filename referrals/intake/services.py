"""Keeping drafts, and sending them."""

from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from portal.accounts.vocabulary import Principal
from portal.audit.services import record
from portal.common.errors import DomainError, NotVisible
from referrals import policies as casework_policies
from referrals import services as casework
from referrals.intake import policies
from referrals.intake.models import Draft
from referrals.services import Concern, files


@transaction.atomic
def start(*, actor: Principal) -> Draft:
    """Begin a draft of the actor's own. Raises Refused for a role that does not refer."""
    casework_policies.require_may_refer(actor)
    draft = Draft.objects.create(author_id=actor.membership_id)
    record(actor, "draft.created", obj=("draft", draft.pk))
    return draft


@transaction.atomic
def save(*, actor: Principal, draft: Draft, page: str, typed: Mapping[str, str]) -> Draft:
    """Keep one page of a draft, as it was typed, finished or not.

    The ledger learns which page, never what was written.
    Raises NotVisible if the draft is not the actor's, DomainError if it has been sent.
    """
    draft = _locked(actor, draft)
    if draft.sent_at is not None:
        raise DomainError(
            f"This was sent as {draft.reference}, so it can no longer be changed here."
        )
    draft.answers = {**draft.answers, page: dict(typed)}
    draft.saved_at = timezone.now()
    draft.save(update_fields=["answers", "saved_at"])
    record(actor, "draft.saved", obj=("draft", draft.pk), fields=[page])
    return draft


@transaction.atomic
def discard(*, actor: Principal, draft: Draft) -> None:
    """Delete an unsent draft of the actor's own, and everything written in it.

    Raises NotVisible or DomainError as `save` does.
    """
    draft = _locked(actor, draft)
    if draft.sent_at is not None:
        raise DomainError(f"This was sent as {draft.reference}, so it cannot be deleted.")
    pk = draft.pk
    files.forget(keys=[pk])
    draft.delete()
    record(actor, "draft.deleted", obj=("draft", pk))


@transaction.atomic
def expire() -> int:
    """Delete the drafts that nobody has touched for 30 days, as the draft's own page promised.

    Returns how many. The ledger keeps that each was deleted, by the system, and nothing of it.
    """
    old = Draft.objects.forgotten().select_for_update(skip_locked=True)
    gone = [draft.pk for draft in old]
    files.forget(keys=gone)
    Draft.objects.filter(pk__in=gone).delete()
    for pk in gone:
        record(None, "draft.deleted", obj=("draft", pk))
    return len(gone)


@transaction.atomic
def send(*, actor: Principal, draft: Draft, concern: Concern) -> str:
    """Send what a draft says and return the case's reference. Sent twice, it answers the same.

    `concern` is what the door read from `draft`; if the draft was saved again since, in another
    window, nothing is sent. Raises NotVisible, Refused, or DomainError as `submit` does.
    """
    read_at = draft.saved_at
    draft = _locked(actor, draft)
    if draft.sent_at is not None:
        return draft.reference
    if draft.saved_at != read_at:
        raise DomainError("You changed this in another window. Check it again before you send it.")
    case = casework.submit(actor=actor, concern=concern, key=draft.pk)
    draft.answers = {}
    draft.sent_at = timezone.now()
    draft.reference = case.reference
    draft.save(update_fields=["answers", "sent_at", "reference"])
    return case.reference


def _locked(actor: Principal, draft: Draft) -> Draft:
    found = policies.visible(actor).select_for_update().filter(pk=draft.pk).first()
    if found is None:
        raise NotVisible("draft", str(draft.pk))
    return found
