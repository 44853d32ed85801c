"""What nobody acknowledged in time: the next people are told, by the database's own rows."""

import logging
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.module_loading import import_string

from portal.accounts import policies as people
from portal.accounts.models import Membership
from portal.audit.services import record
from portal.audit.vocabulary import Outcome
from portal.notifications.models import Notice
from portal.notifications.services.owing import owe
from portal.notifications.vocabulary import Kind

log = logging.getLogger(__name__)


def escalate() -> int:
    """Tell the next people of each notice that asks to act now and that nobody has acknowledged.

    Where one of those who were told has acknowledged it, it rests. Otherwise the lead of the
    reader's agency is owed a notice of the same thing, or the managers of the front door; never
    anybody who may not know of the case, nor the person whose own act it is about. Theirs is
    escalated in its turn. Whoever was told first as well hears of it once more, now that nobody
    acts; nobody hears of it a third time.

    Returns for how many notices somebody was told. Safe to call at any time, and twice at once.
    """
    due = Notice.objects.to_escalate(timezone.now()).order_by("escalate_at")
    return sum(_escalate(notice) for notice in due.values_list("pk", flat=True)[:500])


@transaction.atomic
def _escalate(pk: UUID) -> bool:
    notice = (
        Notice.objects.to_escalate(timezone.now())
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("recipient__team__agency")
        .filter(pk=pk)
        .first()
    )
    if notice is None:
        return False
    notice.escalate_at = None
    told: list[Notice] = []
    same = Notice.objects.filter(cause=notice.cause, kind=notice.kind, case=notice.case)
    if not same.filter(read_at__isnull=False).exists():
        known = set(same.filter(escalates__isnull=False).values_list("recipient", flat=True))
        told = [_owe(notice, member) for member in _next(notice) if member.pk not in known]
        others = same.exclude(pk=notice.pk)
        hope = others.filter(Q(escalate_at__isnull=False) | Q(escalated_at__isnull=False))
        if told or not hope.exists():
            # Also when there was nobody to tell: the ledger shows that nobody acted.
            _record(notice, told)
    if told:
        notice.escalated_at = timezone.now()
    notice.save(update_fields=["escalate_at", "escalated_at"])
    return bool(told)


def _owe(notice: Notice, member: Membership) -> Notice:
    return owe(
        recipient=member,
        kind=Kind(notice.kind),
        reference=notice.reference,
        case=notice.case,
        cause=notice.cause,
        escalates=notice,
        act_of=notice.act_of_id,
    )


def _next(notice: Notice) -> list[Membership]:
    """Who is told after the reader of this notice, and may know of what it is about."""
    next_in_line = people.next_in_line(notice.recipient).exclude(user=notice.act_of_id)
    if notice.case is None:
        return list(next_in_line.filter(team__agency=notice.recipient.team.agency_id))
    may_know = import_string(settings.NOTICE_WHO_MAY_KNOW)
    past_leads = people.next_in_line(notice.recipient, past_leads=True)
    past_leads = past_leads.exclude(user=notice.act_of_id)
    return list(may_know(notice.case, next_in_line)) or list(may_know(notice.case, past_leads))


def _record(notice: Notice, told: list[Notice]) -> None:
    record(
        None,
        "notice.escalated",
        case=notice.case if notice.reference else None,
        obj=("notice", notice.pk),
        ids=[each.recipient_id for each in told],
        outcome=Outcome.ALLOWED if told else Outcome.FAILED,
    )
