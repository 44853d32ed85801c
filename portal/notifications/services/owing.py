"""To owe somebody a notice: at once or in the daily e-mail, and until when it is to be seen."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from portal.accounts.models import Membership
from portal.common.clock import LONDON, add_working_time
from portal.common.later import later
from portal.notifications import policies
from portal.notifications.models import Notice
from portal.notifications.vocabulary import MEANINGS, Class, Kind, Status, When


def owe(
    *,
    recipient: Membership,
    kind: Kind,
    reference: str,
    case: UUID | None,
    cause: UUID,
    escalates: Notice | None = None,
    act_of: UUID | None = None,
) -> Notice:
    """Promise `recipient` a notice, in the transaction of what causes it, and return the notice.

    `reference` is the case's, shown in the portal only; a notice about no case has neither.
    `cause` is the id of the audit event or of the thing that happened. `escalates` is the notice
    that nobody acknowledged, where this one comes for it; whoever was told of the same before is
    told once more then. `act_of` is the user whose own act it is about: somebody else has to attend
    to it, so it never comes to them as the next. Owing the same again changes nothing. If the
    transaction rolls back there is no notice; if it commits the notice is in the portal, and the
    e-mail will follow: at once, or in the daily one, as its class and its reader will have it.
    Somebody who may not know of the case is shown nothing and sent nothing; callers need not ask.
    Raises RuntimeError outside a transaction: a promise apart from its cause could be lost.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("A notice is owed in the transaction of what causes it")
    words = "|".join([kind, str(case), str(cause), str(recipient.pk)])
    if escalates is not None:
        words += "|next"
    terms = _terms(recipient, MEANINGS[kind].asks, timezone.now())
    notice, is_new = Notice.objects.get_or_create(
        dedupe_key=hashlib.sha256(words.encode()).hexdigest(),
        defaults={
            "recipient": recipient,
            "kind": kind,
            "reference": reference,
            "case": case,
            "cause": cause,
            "status": terms.status,
            "next_at": terms.next_at,
            "escalate_at": terms.escalate_at,
            "escalates": escalates,
            "act_of_id": act_of,
        },
    )
    if is_new and policies.reachable().filter(pk=notice.pk).exists():
        later("notifications.deliver", notice.pk)
    elif is_new:
        notice.status = Status.SUPPRESSED
        notice.save(update_fields=["status"])
    return notice


def attended(*, case: UUID, kinds: Iterable[Kind], agency: UUID | None = None) -> None:
    """Say that what these notices of a case asked for is done: nobody else is told of them.

    They stay with their readers as they are. With `agency`, only those of its own people.
    """
    done = Notice.objects.filter(case=case, kind__in=list(kinds), escalate_at__isnull=False)
    if agency is not None:
        done = done.filter(recipient__team__agency=agency)
    done.update(escalate_at=None)


@dataclass(frozen=True, repr=False)
class _Terms:
    """How a notice's e-mail goes, and when the next people are told."""

    status: Status
    next_at: datetime
    escalate_at: datetime | None = None


def _terms(recipient: Membership, asks: Class, at: datetime) -> _Terms:
    """Work out the terms as settings and preferences are now; later changes leave them alone.

    Of several partnerships the one counts in which somebody else is told first.
    """
    where = "team__agency__partnerships"
    said = Membership.objects.filter(pk=recipient.pk).values_list(
        "preference__to_do",
        "preference__for_information",
        "preference__digest_hour",
        f"{where}__digest_hour",
        f"{where}__act_now_minutes",
        f"{where}__office_opens",
        f"{where}__office_closes",
    )
    if asks is Class.ACT_NOW:
        ends = [
            add_working_time(at, timedelta(minutes=minutes), opens, closes)
            for *_, minutes, opens, closes in said
            if minutes is not None
        ]
        return _Terms(Status.PENDING, at, min(ends, default=None))
    to_do, for_information, own, *_ = said[0]
    chosen = to_do or When.AT_ONCE if asks is Class.TO_DO else for_information or When.DIGEST
    if chosen == When.AT_ONCE:
        return _Terms(Status.PENDING, at)
    hours = [own] if own is not None else [row[3] for row in said if row[3] is not None]
    return _Terms(Status.DIGEST, _next(min(hours, default=8), at))


def _next(hour: int, at: datetime) -> datetime:
    """The next moment at which it is this hour in London."""
    local = at.astimezone(LONDON)
    today = datetime.combine(local.date(), time(hour), LONDON)
    if today > local:
        return today
    return datetime.combine(local.date() + timedelta(days=1), time(hour), LONDON)
