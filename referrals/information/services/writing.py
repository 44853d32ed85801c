"""Writing an information report: a draft, page by page."""

from collections.abc import Mapping
from typing import Final

from django.db import transaction
from django.utils import timezone

from portal.accounts.vocabulary import Principal
from portal.audit.services import record
from portal.common.errors import DomainError, NotVisible, SavedElsewhere
from portal.common.models import version_of
from referrals import policies as casework
from referrals.information import policies
from referrals.information.models import Draft
from referrals.services.items import MOST, ItemKind

_SENT: Final = "This has been sent, so it can no longer be changed here."


@transaction.atomic
def start(*, actor: Principal) -> Draft:
    """Begin a draft of the actor's own. Raises Refused for a role that does not refer."""
    casework.require_may_refer(actor)
    draft = Draft.objects.create(author_id=actor.membership_id)
    record(actor, "draft.created", obj=("information_draft", draft.pk))
    return draft


@transaction.atomic
def save(
    *, actor: Principal, draft: Draft, typed: Mapping[str, str], seen: str | None = None
) -> Draft:
    """Keep the page of words as it was typed, finished or not, over the version that was `seen`.

    Raises NotVisible if the draft is not the actor's, DomainError if it has been sent,
    SavedElsewhere if other words were saved since.
    """
    draft = _writable(actor, draft)
    before = version_of(draft.answers.get("what", {}))
    if version_of(typed) != before and seen not in (None, before):
        raise SavedElsewhere
    return _keep(actor, draft, {**draft.answers, "what": dict(typed)}, "what")


@transaction.atomic
def keep_thing(
    *,
    actor: Principal,
    draft: Draft,
    kind: ItemKind,
    item: str,
    typed: Mapping[str, str],
    seen: str | None = None,
) -> Draft:
    """Keep one that is named, as it was typed: a new one, or that of this number.

    Raises as `save` does; DomainError if the draft names as many as it may.
    """
    draft = _writable(actor, draft)
    kept = things_of(draft)
    entry = {**typed, "item": item, "kind": str(kind)}
    places = [n for n, each in enumerate(kept) if each["item"] == item]
    if places:
        before = version_of_thing(draft, item)
        if version_of(entry) != before and seen not in (None, before):
            raise SavedElsewhere
        kept[places[0]] = entry
    elif len(kept) >= MOST:
        raise DomainError(f"{MOST} is the most that one report can name. Send a second one.")
    else:
        kept.append(entry)
    return _keep(actor, draft, {**draft.answers, "things": kept}, str(kind))


@transaction.atomic
def drop_thing(*, actor: Principal, draft: Draft, item: str) -> Draft:
    """Take one out of a draft; taking it out again changes nothing. Raises as `save` does."""
    draft = _writable(actor, draft)
    kept = [each for each in things_of(draft) if each["item"] != item]
    return _keep(actor, draft, {**draft.answers, "things": kept}, "things")


@transaction.atomic
def discard(*, actor: Principal, draft: Draft) -> None:
    """Delete an unsent draft of the actor's own. Raises as `save` does."""
    draft = _writable(actor, draft)
    pk = draft.pk
    draft.delete()
    record(actor, "draft.deleted", obj=("information_draft", pk))


@transaction.atomic
def expire() -> int:
    """Delete the drafts that nobody has touched for 30 days, and return how many."""
    gone = [draft.pk for draft in Draft.objects.forgotten().select_for_update(skip_locked=True)]
    Draft.objects.filter(pk__in=gone).delete()
    for pk in gone:
        record(None, "draft.deleted", obj=("information_draft", pk))
    return len(gone)


def things_of(draft: Draft) -> list[dict[str, str]]:
    """What a draft names, as it was typed."""
    return list(draft.answers.get("things", []))


def version_of_thing(draft: Draft, item: str) -> str:
    """Which words of one that is named are saved."""
    return version_of(next((each for each in things_of(draft) if each["item"] == item), {}))


def _writable(actor: Principal, draft: Draft) -> Draft:
    found = policies.drafts(actor).select_for_update().filter(pk=draft.pk).first()
    if found is None:
        raise NotVisible("draft", str(draft.pk))
    if found.sent_at is not None:
        raise DomainError(_SENT)
    return found


def _keep(actor: Principal, draft: Draft, answers: dict[str, object], page: str) -> Draft:
    draft.answers, draft.saved_at = answers, timezone.now()
    draft.save(update_fields=["answers", "saved_at"])
    record(actor, "draft.saved", obj=("information_draft", draft.pk), fields=[page])
    return draft
