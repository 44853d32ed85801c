"""Keeping drafts, and sending them."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, Final
from uuid import UUID, uuid5

from django.db import transaction
from django.utils import timezone

from portal.accounts import policies as people
from portal.accounts.models import Membership, Partnership, Team
from portal.accounts.vocabulary import Principal, Role
from portal.audit.services import record
from portal.common.errors import DomainError, NotVisible, SavedElsewhere
from portal.common.models import version_of
from portal.notifications.models import Notice
from portal.notifications.services import owe
from portal.notifications.vocabulary import Kind
from referrals import policies as casework_policies
from referrals import services as casework
from referrals.intake import policies
from referrals.intake.models import Draft
from referrals.services import Concern, ItemKind, Likeness, files
from referrals.services.items import MOST
from referrals.vocabulary import Protect
from sharing.rules.vocabulary import Category

WARNED: Final = (1, 7)
"""How many days before a draft is deleted its author hears of it."""

Typed = Mapping[str, str | list[str]]
"""What was typed on a page, by box; boxes that are ticked are a list."""


@transaction.atomic
def start(*, actor: Principal) -> Draft:
    """Begin a draft of the actor's own. Raises Refused for a role that does not refer."""
    casework_policies.require_may_refer(actor)
    area = Partnership.objects.get(pk=actor.partnership_ids[0])
    draft = Draft.objects.create(author_id=actor.membership_id, kept_days=area.draft_days)
    record(actor, "draft.created", obj=("draft", draft.pk))
    return draft


@transaction.atomic
def save(
    *,
    actor: Principal,
    draft: Draft,
    page: str,
    typed: Typed,
    seen: str | None = None,
    again: bool = False,
) -> Draft:
    """Keep one page of a draft, as it was typed, finished or not.

    `seen` is the version of the page over which this was typed. `again` says that the ledger has
    this page of this draft from this session already: it is told of each press, and of the first
    autosave only. It learns which page, never what was written.
    Raises NotVisible if the draft is not the actor's, SavedElsewhere if other words were saved
    since, DomainError if it has been sent.
    """
    draft = _unsent(actor, draft)
    if version_of(typed) != draft.version(page) and seen not in (None, draft.version(page)):
        raise SavedElsewhere
    draft.answers = {**draft.answers, page: dict(typed)}
    draft.saved_at = timezone.now()
    draft.save(update_fields=["answers", "saved_at"])
    if not again:
        record(actor, "draft.saved", obj=("draft", draft.pk), fields=[page])
    return draft


@transaction.atomic
def keep_item(
    *,
    actor: Principal,
    draft: Draft,
    kind: ItemKind,
    item: str,
    typed: Mapping[str, str],
    seen: str | None = None,
) -> Draft:
    """Keep one of a list of a draft, as it was typed, finished or not.

    `item` is its own number, which its page brings along: so a second press changes the first one,
    and one that was removed in another window comes back rather than being lost. Where nothing was
    typed, nothing is added. The ledger learns which list, never what was written.

    `seen` is the version of this one over which this was typed.

    Raises as `save` does; DomainError when the list is full.
    """
    draft = _unsent(actor, draft)
    kept = items_of(draft, kind)
    place = next((n for n, each in enumerate(kept) if each.get("item") == item), len(kept))
    if place == len(kept) and not any(words.strip() for words in typed.values()):
        return draft
    if place == MOST:
        raise DomainError(f"You have named {MOST}. Tell us of any more in your own words.")
    entry = {**typed, "item": item}
    before = version_of_item(draft, kind, item)
    if place < len(kept) and version_of(entry) != before and seen not in (None, before):
        raise SavedElsewhere
    kept[place:] = [entry, *kept[place + 1 :]]
    return _keep_list(actor, draft, kind, {"items": kept})


@transaction.atomic
def drop_item(*, actor: Principal, draft: Draft, kind: ItemKind, item: str) -> Draft:
    """Take one out of a list of a draft. Done twice, it is out. Raises as `save` does."""
    draft = _unsent(actor, draft)
    kept = [each for each in items_of(draft, kind) if each.get("item") != item]
    return _keep_list(actor, draft, kind, {"items": kept})


@transaction.atomic
def say_whether_more(*, actor: Principal, draft: Draft, kind: ItemKind, more: str) -> Draft:
    """Keep whether there are more of a kind to name. Raises as `save` does."""
    return _keep_list(actor, _unsent(actor, draft), kind, {"more": more})


def _keep_list(
    actor: Principal, draft: Draft, kind: ItemKind, changed: Mapping[str, object]
) -> Draft:
    page = {"items": items_of(draft, kind), **draft.answers.get(kind, {}), **changed}
    draft.answers = {**draft.answers, str(kind): page}
    draft.saved_at = timezone.now()
    draft.save(update_fields=["answers", "saved_at"])
    record(actor, "draft.saved", obj=("draft", draft.pk), fields=[str(kind)])
    return draft


def items_of(draft: Draft, kind: ItemKind) -> list[dict[str, str]]:
    """What was typed of each one of a list of a draft, in order."""
    return list(draft.answers.get(kind, {}).get("items", []))


def version_of_item(draft: Draft, kind: ItemKind, item: str) -> str:
    """Which words of one of a list are saved."""
    kept = (each for each in items_of(draft, kind) if each.get("item") == item)
    return version_of(next(kept, {}))


@transaction.atomic
def acknowledge_danger(*, actor: Principal, draft: Draft) -> Draft:
    """Keep when the author said that they had called 999; said twice, the first time stands.

    Raises NotVisible or DomainError as `save` does.
    """
    draft = _unsent(actor, draft)
    draft.saved_at = timezone.now()
    draft.called_at = draft.called_at or draft.saved_at
    draft.save(update_fields=["called_at", "saved_at"])
    record(actor, "draft.danger_acknowledged", obj=("draft", draft.pk))
    return draft


def add_file(
    *,
    actor: Principal,
    draft: Draft,
    given: bytes,
    label: str,
    category: Category,
    protect: Protect,
) -> UUID:
    """Add a file to an unsent draft in which the actor writes. Raises as `files.add` does.

    Like every word of the draft it is its author's once it is sent, whoever of the two added it.
    If the draft was sent, deleted, taken back or given up while the file was looked into, nothing
    is kept: DomainError, or NotVisible.
    """
    return files.add(
        actor=actor,
        key=draft.pk,
        given=given,
        label=label,
        category=category,
        protect=protect,
        insist=lambda: _unsent(actor, draft),
    )


@transaction.atomic
def remove_file(*, actor: Principal, draft: Draft, pk: UUID) -> None:
    """Take a file back out of an unsent draft in which the actor writes.

    Raises NotVisible or DomainError as `save` does, and as `files.remove` does.
    """
    files.remove(actor=actor, key=_locked(actor, draft).pk, pk=pk)


@transaction.atomic
def discard(*, actor: Principal, draft: Draft) -> None:
    """Delete an unsent draft of the actor's own, and everything written in it.

    Raises NotVisible or DomainError as `save` does, Refused for its delegate.
    """
    draft = _locked(actor, draft)
    policies.require_wrote(actor, draft)
    if draft.sent_at is not None:
        raise DomainError(f"This was sent as {draft.reference}, so it cannot be deleted.")
    pk = draft.pk
    files.forget(keys=[pk])
    draft.delete()
    record(actor, "draft.deleted", obj=("draft", pk))


@transaction.atomic
def expire() -> int:
    """Delete the drafts that nobody has touched for as long as their own pages promised.

    Returns how many. The ledger keeps that each was deleted, by the system, and nothing of it.
    A file that belongs to no draft and to no referral goes too, when it is a day old.
    """
    old = Draft.objects.forgotten().select_for_update(skip_locked=True)
    gone = [draft.pk for draft in old]
    files.forget(keys=gone)
    Draft.objects.filter(pk__in=gone).delete()
    for pk in gone:
        record(None, "draft.deleted", obj=("draft", pk))
    lost = policies.files_of_nothing()
    files.forget(keys=[file.key for file in lost])
    for file in lost:
        record(None, "file.removed", obj=("upload", file.pk))
    return len(gone)


def remind() -> int:
    """Tell of drafts that must not be forgotten, each once for the time that it lies.

    A draft about danger that has lain still for as long as the partnership lets it: its author,
    whom they asked to send it, and the leads of their agency. Any draft a week before it is
    deleted, and a day before: its author. Returns how many drafts were spoken of. Safe to call at
    any time, and twice at once.
    """
    told = 0
    for draft in policies.lying_still():
        leads = people.live_memberships(
            Team.objects.filter(agency=draft.author.team.agency_id, role=Role.AGENCY_LEAD)
        )
        asked = [draft.author, draft.delegate] if draft.delegate else [draft.author]
        told += _tell(draft, Kind.DRAFT_DANGER, "danger", [*asked, *leads])
    now = timezone.now()
    soon = Draft.objects.going(timedelta(days=max(WARNED)))
    for draft in soon.defer("answers").select_related("author"):
        left = draft.deleted_on - now
        # The last that applies: whoever was not told a week before is told a day before.
        days = next((days for days in WARNED if left <= timedelta(days=days)), None)
        if days is not None:
            told += _tell(draft, Kind.DRAFT_GOES, f"{days} days", [draft.author])
    return told


@transaction.atomic
def _tell(draft: Draft, kind: Kind, what: str, members: Iterable[Membership]) -> int:
    # The draft's row is the lock. Saved again, it lies anew, and is spoken of anew.
    lies = Draft.objects.filter(pk=draft.pk, saved_at=draft.saved_at, sent_at__isnull=True)
    if lies.select_for_update().defer("answers").first() is None:
        return 0
    cause = uuid5(draft.pk, f"{what} {draft.saved_at.isoformat()}")
    if Notice.objects.filter(cause=cause).exists():
        return 0
    record(None, "draft.reminded", obj=("draft", draft.pk), why=kind.value)
    for member in members:
        owe(recipient=member, kind=kind, reference="", case=draft.pk, cause=cause)
    return 1


def own_drafts_like(*, actor: Principal, draft: Draft, child: Likeness) -> list[Draft]:
    """The actor's own other drafts that name a child like this one. Nobody else's are looked at."""
    mine = policies.visible(actor).filter(author_id=actor.membership_id)
    others = mine.unsent().exclude(pk=draft.pk)
    return [each for each in others if child.is_like(likeness(each.answers.get("child", {})))]


def likeness(typed: Mapping[str, Any]) -> Likeness:
    """Who the child of a draft is, as it was typed on its page."""
    names = {name: str(typed.get(name, "")) for name in ("given_name", "family_name", "known_as")}
    born = "-".join(
        str(typed.get(f"date_of_birth-{part}", "")) for part in ("year", "month", "day")
    )
    return Likeness(**names, born=born)


class ChangedElsewhere(DomainError):
    """Other words are saved than those that were looked at. Nothing was sent."""

    def __init__(self) -> None:
        super().__init__("This was changed in another window. Check it again before you send it.")


@transaction.atomic
def send(*, actor: Principal, draft: Draft, concern: Concern, seen: str | None = None) -> str:
    """Send what a draft says and return the case's reference. Sent twice, it answers the same.

    `concern` is what the door read from `draft`, and `seen` the version of it that the actor has
    looked at: if other words are saved now, by the actor or whoever else writes in it,
    ChangedElsewhere, and nothing is sent. Raises NotVisible, Refused, or DomainError as `submit`
    does.
    """
    read = draft.whole
    draft = _locked(actor, draft)
    if draft.sent_at is not None:
        return draft.reference
    if draft.whole != read or seen not in {None, draft.whole}:
        raise ChangedElsewhere
    case = casework.submit(actor=actor, concern=concern, key=draft.pk, on_behalf_of=draft.author_id)
    draft.answers = {}
    draft.sent_at = timezone.now()
    draft.sent_by_id = actor.membership_id
    draft.reference = case.reference
    draft.save(update_fields=["answers", "sent_at", "sent_by", "reference"])
    return case.reference


@transaction.atomic
def delegate(*, actor: Principal, draft: Draft, email: str) -> Draft:
    """Ask a colleague of the same agency to finish a draft and to send it on the author's behalf.

    From then on the colleague sees the draft and writes in it; nobody else does. Naming another
    takes it from the first. The colleague is told that they were asked; the ledger learns who.
    Raises NotVisible or DomainError as `save` does, Refused for anybody but its author, and
    DomainError when nobody else at the agency who sends referrals has this work address.
    """
    draft = _unsent(actor, draft)
    policies.require_wrote(actor, draft)
    member = policies.colleague(actor, email)
    if member is None:
        raise DomainError(
            "Nobody else at your agency who sends referrals has this work email address."
        )
    if draft.delegate_id == member.pk:
        return draft
    draft.delegate = member
    draft.save(update_fields=["delegate"])
    cause = record(actor, "draft.delegated", obj=("draft", draft.pk), ids=[member.pk])
    owe(recipient=member, kind=Kind.DELEGATED, reference="", case=None, cause=cause)
    return draft


@transaction.atomic
def take_back(*, actor: Principal, draft: Draft) -> Draft:
    """Take a draft back from its delegate, who sees it no more. Done twice, it is taken back.

    What they wrote in it stays. Raises as `delegate` does.
    """
    draft = _unsent(actor, draft)
    policies.require_wrote(actor, draft)
    if draft.delegate_id is not None:
        former, draft.delegate = draft.delegate_id, None
        draft.save(update_fields=["delegate"])
        record(actor, "draft.taken_back", obj=("draft", draft.pk), ids=[former])
    return draft


@transaction.atomic
def opened(*, actor: Principal, pk: UUID) -> Draft:
    """Return a draft to read; what its delegate reads in it is on the record. Raises NotVisible."""
    draft = policies.draft_for(actor, pk)
    if draft.author_id != actor.membership_id and draft.sent_at is None:
        record(actor, "draft.read", obj=("draft", draft.pk))
    return draft


def _unsent(actor: Principal, draft: Draft) -> Draft:
    draft = _locked(actor, draft)
    if draft.sent_at is not None:
        raise DomainError(
            f"This was sent as {draft.reference}, so it can no longer be changed here."
        )
    return draft


def _locked(actor: Principal, draft: Draft) -> Draft:
    found = policies.visible(actor).select_for_update().filter(pk=draft.pk).first()
    if found is None:
        raise NotVisible("draft", str(draft.pk))
    return found
