"""What somebody wrote when their session had ended, kept for them; a locked screen."""

import json
from collections.abc import Iterable
from typing import Final
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from portal.accounts.models import (
    KEPT_FOR,
    Kept,
    User,
)
from portal.accounts.services.acts import tell
from portal.common.cipher import decrypt, encrypt

MOST_KEPT: Final = 20
"""How many pages are kept for one person at once: more than anybody has open."""
_PURPOSE: Final = "portal.accounts.kept"
_LONGEST_ADDRESS: Final = 500


@transaction.atomic
def keep(
    *,
    user_id: UUID,
    membership_id: UUID | None,
    page: str,
    action: str,
    words: Iterable[tuple[str, str]],
) -> Kept | None:
    """Keep what somebody wrote after their session had ended, for half an hour, encrypted.

    Nobody is signed in, so there is no actor: the caller has read from the form itself who wrote
    it. None for a person whose account is closed. The ledger learns that it happened, no more.
    """
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None or max(len(page), len(action)) > _LONGEST_ADDRESS:
        return None
    older = Kept.objects.filter(user=user).order_by("-kept_at")[MOST_KEPT - 1 :]
    Kept.objects.filter(pk__in=[kept.pk for kept in older]).delete()
    now = timezone.now()
    kept = Kept(
        pk=uuid4(),
        user=user,
        membership_id=membership_id,
        page=page,
        action=action,
        kept_at=now,
        until_at=now + KEPT_FOR,
    )
    kept.words = encrypt(json.dumps(list(words)).encode(), purpose=_PURPOSE, about=_place_of(kept))
    kept.save(force_insert=True)
    tell(None, "auth.kept", ("user", user.pk))
    return kept


def words_of(kept: Kept) -> list[tuple[str, str]] | None:
    """What was kept, in order, as names of boxes and what stood in them; None if unreadable."""
    found = decrypt(bytes(kept.words), purpose=_PURPOSE, about=_place_of(kept))
    return None if found is None else [(name, value) for name, value in json.loads(found)]


@transaction.atomic
def forget(*, kept: Kept) -> None:
    """Forget what was kept, when its author has pressed the button again."""
    Kept.objects.filter(pk=kept.pk).delete()
    tell(None, "auth.given_back", ("user", kept.user_id))


@transaction.atomic
def note_locked(*, user: User) -> None:
    """Record that this person's screen was hidden, and their session locked."""
    tell(None, "auth.locked", ("user", user.pk))


@transaction.atomic
def note_unlocked(*, user: User) -> None:
    """Record that this person has unlocked their session."""
    tell(None, "auth.unlocked", ("user", user.pk))


@transaction.atomic
def note_told_of_hiding(*, user: User) -> None:
    """Record that this person has been told how to hide a page, so that nobody tells them again."""
    User.objects.filter(pk=user.pk, hiding_told_at=None).update(hiding_told_at=timezone.now())


def sweep() -> int:
    """Forget what was kept for longer than half an hour. Returns how many."""
    count, _ = Kept.objects.over().delete()
    return count


def _place_of(kept: Kept) -> str:
    return f"{kept.user_id}|{kept.page}|{kept.action}|{kept.pk}"
