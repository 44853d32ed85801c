"""Keeping drafts, and sending them."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from portal.accounts.vocabulary import Principal
from portal.audit.services import record
from portal.common.errors import DomainError, NotVisible
from portal.common.forms import PageForm
from referrals import policies as casework_policies
from referrals import services as casework
from referrals.intake import policies
from referrals.intake.forms import PAGES
from referrals.intake.models import Draft
from referrals.services import Concern, Told
from referrals.vocabulary import ChildTold, Danger, ParentsTold


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
    draft.delete()
    record(actor, "draft.deleted", obj=("draft", pk))


@transaction.atomic
def send(*, actor: Principal, draft: Draft) -> str:
    """Send a draft and return the case's reference. Sent twice, it answers the same reference.

    Raises NotVisible, Refused, or DomainError when a page is not finished.
    """
    casework_policies.require_may_refer(actor)
    draft = _locked(actor, draft)
    if draft.sent_at is not None:
        return draft.reference
    left = unfinished(draft)
    if left:
        raise DomainError(f"Finish this before you send: {', '.join(PAGES[p][0] for p in left)}.")
    case = casework.submit(actor=actor, concern=_concern(draft), key=draft.pk)
    draft.answers = {}
    draft.sent_at = timezone.now()
    draft.reference = case.reference
    draft.save(update_fields=["answers", "sent_at", "reference"])
    return case.reference


def pages(draft: Draft) -> dict[str, PageForm]:
    """Return each page of the draft as a form filled with what was typed, in order."""
    return {page: form(data=draft.answers.get(page, {})) for page, (_, form) in PAGES.items()}


def unfinished(draft: Draft) -> list[str]:
    """Return the names of the pages that still lack an answer that must be given."""
    return [page for page, form in pages(draft).items() if not form.is_valid()]


def _locked(actor: Principal, draft: Draft) -> Draft:
    found = policies.visible(actor).select_for_update().filter(pk=draft.pk).first()
    if found is None:
        raise NotVisible("draft", str(draft.pk))
    return found


def _concern(draft: Draft) -> Concern:
    """What the finished draft says. Every page is valid: `send` has insisted."""
    said: dict[str, Any] = {}
    for form in pages(draft).values():
        form.full_clean()
        said |= form.cleaned_data
    return Concern(
        danger=Danger(said["danger"]),
        given_name=said["given_name"],
        family_name=said["family_name"],
        known_as=said["known_as"],
        date_of_birth=said["date_of_birth"],
        age_estimate=said["age_estimate"],
        description=said["description"],
        child_told=ChildTold(said["child_told"]),
        parents_told=ParentsTold(said["parents_told"]),
        answers={key: Told(said[key]) for key in casework.FREE_ANSWERS if said[key]},
    )
