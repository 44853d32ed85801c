"""Who may see which notice, and who looks after outgoing mail."""

from typing import Final
from uuid import UUID

from django.conf import settings
from django.db.models import F, OuterRef
from django.utils.module_loading import import_string

from portal.accounts.vocabulary import Principal, Role
from portal.common.errors import Refused
from portal.notifications.models import MailStop, Notice, NoticeQuerySet

WORKER: Final = "worker"
SWEEP: Final = "sweep"


def reachable() -> NoticeQuerySet:
    """Return the notices whose reader may know of what they are about, at this moment.

    What keeps a person from a case stands above this floor, so settings name who is asked:
    NOTICE_MAY_REACH gives the condition, from where a notice holds its reader and its case.
    """
    return _reaching(OuterRef("recipient__user"), OuterRef("recipient__team__agency"))


def visible(principal: Principal) -> NoticeQuerySet:
    """Return the principal's own notices; a person in another role has other notices."""
    mine = _reaching(principal.user_id, principal.agency_id)
    return mine.filter(recipient_id=principal.membership_id)


def _reaching(user: UUID | F, agency: UUID | F) -> NoticeQuerySet:
    may_reach = import_string(settings.NOTICE_MAY_REACH)
    return Notice.objects.filter(may_reach(user=user, agency=agency, case=OuterRef("case")))


def operates(principal: Principal) -> bool:
    """Whether the principal looks after outgoing mail: the platform's administrator."""
    return principal.role is Role.PLATFORM_ADMIN


def require_operates(principal: Principal) -> None:
    """Insist on it. Raises Refused."""
    if not operates(principal):
        raise Refused(
            "Only the platform's administrator looks after outgoing mail",
            kind="mail",
            action="operate",
        )


def stopped() -> MailStop | None:
    """The stop of outgoing mail that holds now, if there is one."""
    return MailStop.objects.standing().first()
