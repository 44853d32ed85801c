"""What readers do: mark as read, acknowledge, choose how they hear."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from portal.accounts.vocabulary import Principal
from portal.audit.services import MOST_IDS, record
from portal.common.errors import NotVisible
from portal.notifications import policies
from portal.notifications.models import Notice, Preference
from portal.notifications.vocabulary import Class, When


@transaction.atomic
def mark_read(*, principal: Principal, pk: UUID) -> Notice:
    """Mark one of the principal's notices as read, once, and record that it was.

    Of one that asks to act now that is to acknowledge it. Raises NotVisible when it is not theirs
    or does not exist.
    """
    notice = policies.visible(principal).select_for_update(of=("self",)).filter(pk=pk).first()
    if notice is None:
        raise NotVisible("notice", str(pk))
    _mark_read(principal, [notice], "notice.acknowledged" if notice.is_urgent else "notice.read")
    return notice


@transaction.atomic
def mark_all_read(*, principal: Principal) -> int:
    """Mark the principal's notices as read, and return how many there were.

    Those that ask to act now stay: each is acknowledged by itself.
    """
    own = policies.visible(principal).unread()
    others = own.exclude(pk__in=own.of_class(Class.ACT_NOW).values("pk"))
    notices = list(others.select_for_update(of=("self",)).order_by("pk"))
    _mark_read(principal, notices, "notice.read")
    return len(notices)


def _mark_read(principal: Principal, notices: list[Notice], act: str) -> None:
    unread = [notice.pk for notice in notices if notice.read_at is None]
    Notice.objects.filter(pk__in=unread).update(read_at=timezone.now())
    for start in range(0, len(unread), MOST_IDS):
        record(principal, act, ids=unread[start : start + MOST_IDS])


@transaction.atomic
def prefer(
    *, principal: Principal, to_do: When, for_information: When, digest_hour: int | None
) -> Preference:
    """Say how the principal hears by e-mail, in this role, from the next notice on.

    What asks to act now always comes at once: there is no choice. `digest_hour` None is the
    partnership's hour. The ledger learns that it was chosen. Notices that wait already go as they
    would have gone.
    """
    chosen, _ = Preference.objects.update_or_create(
        membership_id=principal.membership_id,
        defaults={
            "to_do": to_do,
            "for_information": for_information,
            "digest_hour": digest_hour,
        },
    )
    record(principal, "notice.preferred", fields=["to_do", "for_information", "digest_hour"])
    return chosen
