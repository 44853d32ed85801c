"""Notices: owe one with the work that causes it, deliver it, read it.

The row is the promise. Celery only hurries it; `sweep` keeps it with nothing but PostgreSQL and a
mail server. The e-mail names nobody, and is made at the moment of sending for a person who still
has the role. If the process dies between the mail server's yes and the commit, the same message
(the same Message-ID) may be sent twice; it is never sent zero times.
"""

import hashlib
import logging
import random
import uuid
from datetime import timedelta
from email.utils import parseaddr
from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPResponseException
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from portal.accounts.models import Membership
from portal.accounts.vocabulary import Principal
from portal.audit.services import MOST_IDS, record
from portal.common.errors import NotVisible
from portal.common.later import later
from portal.notifications import policies
from portal.notifications.models import Notice, NoticeQuerySet
from portal.notifications.vocabulary import Kind, Status

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)
ATTEMPTS = 12
FIRST_DELAY = timedelta(seconds=30)
LONGEST_DELAY = timedelta(hours=1)


def owe(
    *, recipient: Membership, kind: Kind, reference: str, case: UUID | None, cause: UUID
) -> Notice:
    """Promise `recipient` a notice, in the transaction of what causes it, and return the notice.

    `reference` is the case's, shown in the portal only; a notice about no case has neither.
    `cause` is the id of the audit event or of the thing that happened. Owing the same again
    changes nothing. If the transaction rolls back
    there is no notice; if it commits the notice is in the portal, and the e-mail will follow.
    Somebody who may not know of the case is shown nothing and sent nothing; callers need not ask.
    Raises RuntimeError outside a transaction: a promise apart from its cause could be lost.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("A notice is owed in the transaction of what causes it")
    words = "|".join([kind, str(case), str(cause), str(recipient.pk)])
    notice, is_new = Notice.objects.get_or_create(
        dedupe_key=hashlib.sha256(words.encode()).hexdigest(),
        defaults={
            "recipient": recipient,
            "kind": kind,
            "reference": reference,
            "case": case,
            "cause": cause,
        },
    )
    if is_new and policies.reachable().filter(pk=notice.pk).exists():
        later("notifications.deliver", notice.pk)
    elif is_new:
        notice.status = Status.SUPPRESSED
        notice.save(update_fields=["status"])
    return notice


def deliver(*, pk: UUID) -> None:
    """Send one notice's e-mail if it is due; called twice, it sends once."""
    notice = _claim(pk)
    if notice is not None:
        _send(notice)


def sweep() -> int:
    """Send every e-mail that is due, and return how many notices were taken up.

    Any number of sweeps may run at once. A mail server that cannot be reached ends the sweep: the
    others stay due, and the next sweep begins with them.
    """
    taken = 0
    while (notice := _claim()) is not None:
        taken += 1
        if not _send(notice):
            break
    return taken


@transaction.atomic
def mark_read(*, principal: Principal, pk: UUID) -> Notice:
    """Mark one of the principal's notices as read, once, and record that it was.

    Raises NotVisible when it is not theirs or does not exist.
    """
    notice = policies.visible(principal).select_for_update().filter(pk=pk).first()
    if notice is None:
        raise NotVisible("notice", str(pk))
    _mark_read(principal, [notice])
    return notice


@transaction.atomic
def mark_all_read(*, principal: Principal) -> int:
    """Mark all of the principal's notices as read, and return how many there were."""
    notices = list(policies.visible(principal).unread().select_for_update().order_by("pk"))
    _mark_read(principal, notices)
    return len(notices)


def _mark_read(principal: Principal, notices: list[Notice]) -> None:
    unread = [notice.pk for notice in notices if notice.read_at is None]
    Notice.objects.filter(pk__in=unread).update(read_at=timezone.now())
    for start in range(0, len(unread), MOST_IDS):
        record(principal, "notice.read", ids=unread[start : start + MOST_IDS])


@transaction.atomic
def _claim(pk: UUID | None = None) -> Notice | None:
    """Take one due notice (the one named, or the longest due) for two minutes, or return None."""
    now = timezone.now()
    found = Notice.objects.due(now).select_for_update(skip_locked=True, of=("self",))
    if pk is not None:
        found = found.filter(pk=pk)
    notice = found.select_related("recipient__user").order_by("next_at").first()
    if notice is not None:
        notice.status = Status.LEASED
        notice.attempts += 1
        notice.lease = uuid.uuid4()
        notice.lease_until = now + LEASE
        notice.save(update_fields=["status", "attempts", "lease", "lease_until"])
    return notice


def _send(notice: Notice) -> bool:
    """Send a claimed notice's e-mail and settle the notice; False if no server was reached."""
    if not _held(notice).filter(lease_until__gt=timezone.now()).exists():
        log.info("Notice %s: the lease passed to another process", notice.pk)
        return True
    if notice.attempts > ATTEMPTS:
        _settle(notice, Status.DEAD)
        return True
    has_the_role = Membership.objects.live().filter(pk=notice.recipient_id).exists()
    if not has_the_role or not policies.reachable().filter(pk=notice.pk).exists():
        _settle(notice, Status.SUPPRESSED)
        return True
    message = _message(notice)
    try:
        message.send()
    except OSError as error:  # every error of smtplib is one
        _settle_failed(notice, error)
        return isinstance(error, (SMTPResponseException, SMTPRecipientsRefused))
    _settle(notice, Status.SENT, message_id=message.extra_headers["Message-ID"], last_error="")
    return True


def _message(notice: Notice) -> EmailMultiAlternatives:
    """The e-mail: that there is something in the portal, and nothing of what it is."""
    context = {
        "service_name": settings.SERVICE_NAME,
        "short_reference": notice.short_reference,
        "address": settings.SITE_URL.rstrip("/") + reverse("notifications:list"),
    }
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    message = EmailMultiAlternatives(
        subject=f"{settings.SERVICE_NAME}: update",
        body=render_to_string("emails/notice.txt", context),
        to=[notice.recipient.user.email],
        headers={
            "Message-ID": f"<notice.{notice.pk.hex}@{domain}>",
            "Auto-Submitted": "auto-generated",
        },
    )
    message.attach_alternative(render_to_string("emails/notice.html", context), "text/html")
    return message


def _settle_failed(notice: Notice, error: OSError) -> None:
    """Try again later, or give up: when the address is refused for good, or tried too often."""
    name = type(error).__name__
    if _is_refused_for_good(error) or notice.attempts >= ATTEMPTS:
        _settle(notice, Status.DEAD, last_error=name)
        log.error("Notice %s: the e-mail was given up (%s)", notice.pk, name)
        return
    longest = min(LONGEST_DELAY, FIRST_DELAY * 2 ** (notice.attempts - 1))
    # Full jitter: what failed together does not come back together.
    delay = longest * random.random()  # noqa: S311 - no secret
    _settle(notice, Status.PENDING, last_error=name, next_at=timezone.now() + delay)


def _is_refused_for_good(error: OSError) -> bool:
    """Tell whether the server refused this recipient or this message with a 5xx.

    A 5xx to our greeting, password or sender is ours to mend, and the notice waits for it.
    """
    if isinstance(error, SMTPRecipientsRefused):
        return all(code // 100 == 5 for code, _ in error.recipients.values())
    return isinstance(error, SMTPDataError) and error.smtp_code // 100 == 5


def _held(notice: Notice) -> NoticeQuerySet:
    """The notice's row if it is still in our hands; nothing when another process took it up."""
    return Notice.objects.filter(pk=notice.pk, status=Status.LEASED, lease=notice.lease)


def _settle(notice: Notice, status: Status, **changes: object) -> None:
    """Write how a claimed notice ended, unless its lease passed to another process."""
    settled = _held(notice).update(status=status, lease=None, lease_until=None, **changes) == 1
    log.info("Notice %s: %s", notice.pk, status if settled else "the lease was lost")
