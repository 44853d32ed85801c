"""Views of the board that somebody keeps for themselves: which codes, and nothing else."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from django.db import transaction

from portal.accounts.models import Membership
from portal.accounts.vocabulary import Principal
from portal.audit.services import record
from portal.common.errors import DomainError
from referrals import policies
from referrals.models import KeptView

MOST_VIEWS: Final = 10


def kept_views(actor: Principal) -> list[tuple[UUID, str]]:
    """The views that the actor keeps: key, and codes of an address. The first kept stands first."""
    mine = KeptView.objects.filter(membership=actor.membership_id).order_by("created_at", "pk")
    return list(mine.values_list("pk", "codes"))


@transaction.atomic
def keep_view(*, actor: Principal, codes: Mapping[str, str]) -> None:
    """Keep how the board is narrowed. To keep it twice changes nothing.

    Raises Refused to whoever does not work at the front door; DomainError where it is narrowed by
    nothing, or when ten are kept already.
    """
    policies.require_triage(actor)
    if not codes:
        raise DomainError("Choose what to show first. There is nothing to keep yet.")
    # Their own row is the lock: two presses at once wait here for each other.
    Membership.objects.select_for_update(of=("self",)).get(pk=actor.membership_id)
    mine = KeptView.objects.filter(membership=actor.membership_id)
    said = urlencode(codes)
    if mine.filter(codes=said).exists():
        return
    if mine.count() >= MOST_VIEWS:
        raise DomainError(f"You keep {MOST_VIEWS} views already. Remove one first.")
    KeptView.objects.create(membership_id=actor.membership_id, codes=said)
    record(actor, "board.view_kept", fields=sorted(codes))


@transaction.atomic
def forget_view(*, actor: Principal, pk: UUID) -> None:
    """Keep it no longer; nothing happens where the actor does not keep it. Raises Refused.

    By its key: what its codes meant may be known no more.
    """
    policies.require_triage(actor)
    mine = KeptView.objects.select_for_update().filter(membership=actor.membership_id, pk=pk)
    view = mine.first()
    if view is not None:
        view.delete()
        record(actor, "board.view_forgotten", fields=sorted(dict(parse_qsl(view.codes))))
