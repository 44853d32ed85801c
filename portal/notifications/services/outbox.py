"""The outbox: what is due is sent, by as many processes as there are, each message by one."""

import logging
import random
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from email.utils import parseaddr
from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPResponseException
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string

from portal.accounts.models import Membership
from portal.notifications import policies
from portal.notifications.models import Digest, Notice, NoticeQuerySet
from portal.notifications.vocabulary import Status

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)
ATTEMPTS = 12
FIRST_DELAY = timedelta(seconds=30)
LONGEST_DELAY = timedelta(hours=1)
MOST_GATHERED = 500


def deliver(*, pk: UUID) -> None:
    """Send one notice's e-mail if it is due; called twice, it sends once."""
    notice = _claim(Notice, pk)
    if notice is not None:
        _send(notice)


def sweep() -> int:
    """Send every e-mail that is due, and return how many were taken up.

    What waits for the daily e-mail is gathered into one when its hour has come. Any number of
    sweeps may run at once. A mail server that cannot be reached ends the sweep: the others stay
    due, and the next sweep begins with them. While outgoing mail is stopped nothing is due.
    """
    gather()
    taken = 0
    while (mail := _claim(Notice) or _claim(Digest)) is not None:
        taken += 1
        if not _send(mail):
            break
    return taken


def gather() -> int:
    """Owe each person whose hour has come one e-mail for all that waits; return how many people.

    Nobody gets two on one day: what comes too late for today's waits for tomorrow's.
    """
    now = timezone.now()
    waiting = Notice.objects.filter(status=Status.DIGEST, digest=None, next_at__lte=now)
    people = waiting.order_by().values_list("recipient", flat=True).distinct()[:MOST_GATHERED]
    return sum(_gather(person, now) for person in list(people))


@transaction.atomic
def _gather(person: UUID, now: datetime) -> bool:
    # The person's own row is the lock: two sweeps never share out what belongs into one e-mail.
    Membership.objects.select_for_update(of=("self",)).get(pk=person)
    waiting = Notice.objects.filter(status=Status.DIGEST, digest=None, recipient=person)
    if not waiting.filter(next_at__lte=now).exists():
        return False
    digest, is_new = Digest.objects.get_or_create(
        recipient_id=person, day=timezone.localdate(), defaults={"next_at": timezone.now()}
    )
    if is_new:
        # All that waits, so that what came late yesterday is not put off again today.
        waiting.update(digest=digest)
    else:
        waiting.filter(next_at__lte=now).update(next_at=now + timedelta(days=1))
    return is_new


@transaction.atomic
def _claim(model: type[Notice] | type[Digest], pk: UUID | None = None) -> Notice | Digest | None:
    """Take one due e-mail (the one named, or the longest due) for two minutes, or return None."""
    now = timezone.now()
    found = model.objects.due(now).select_for_update(skip_locked=True, of=("self",))
    if pk is not None:
        found = found.filter(pk=pk)
    mail: Notice | Digest | None
    mail = found.select_related("recipient__user").order_by("next_at").first()
    if mail is not None:
        mail.status = Status.LEASED
        mail.attempts += 1
        mail.lease = uuid.uuid4()
        mail.lease_until = now + LEASE
        mail.save(update_fields=["status", "attempts", "lease", "lease_until"])
    return mail


def _send(mail: Notice | Digest) -> bool:
    """Send a claimed e-mail and settle its row; False if no server was reached."""
    name = mail._meta.model_name
    if not _held(mail).filter(lease_until__gt=timezone.now()).exists():
        log.info("Mail of %s %s: the lease passed to another process", name, mail.pk)
        return True
    if mail.attempts > ATTEMPTS:
        _settle(mail, Status.DEAD)
        return True
    has_the_role = Membership.objects.live().filter(pk=mail.recipient_id).exists()
    updates = _to_tell(mail).count() if has_the_role else 0
    if not updates:
        _settle(mail, Status.SUPPRESSED)
        return True
    message = _message(mail, updates)
    try:
        gone = message.send()
    except OSError as error:  # every error of smtplib is one
        _settle_failed(mail, error)
        return isinstance(error, (SMTPResponseException, SMTPRecipientsRefused))
    if not gone:
        # Nobody is without an address, so outgoing mail was stopped after this had been claimed. It
        # may go on again by now: this waits, and is lost in neither case.
        _settle(mail, Status.PENDING)
        return False
    _settle(mail, Status.SENT, message_id=message.extra_headers["Message-ID"], last_error="")
    return True


def _to_tell(mail: Notice | Digest) -> NoticeQuerySet:
    """Of what this e-mail is about, what its reader may know of now; of many, what is not read."""
    if isinstance(mail, Notice):
        return policies.reachable().filter(pk=mail.pk)
    return policies.reachable().unread().filter(digest=mail.pk)


def _message(mail: Notice | Digest, updates: int) -> EmailMultiAlternatives:
    """The e-mail: that there is something in the portal, and nothing of what it is."""
    kind = "notice" if isinstance(mail, Notice) else "digest"
    context = {
        "service_name": settings.SERVICE_NAME,
        "short_reference": mail.short_reference if isinstance(mail, Notice) else "",
        "updates": updates,
        "address": settings.SITE_URL.rstrip("/") + reverse("notifications:list"),
    }
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    message = EmailMultiAlternatives(
        subject=f"{settings.SERVICE_NAME}: update",
        body=render_to_string(f"emails/{kind}.txt", context),
        to=[mail.recipient.user.email],
        headers={
            "Message-ID": f"<{kind}.{mail.pk.hex}@{domain}>",
            "Auto-Submitted": "auto-generated",
        },
    )
    message.attach_alternative(render_to_string(f"emails/{kind}.html", context), "text/html")
    return message


def _settle_failed(mail: Notice | Digest, error: OSError) -> None:
    """Try again later, or give up: when the address is refused for good, or tried too often."""
    name = type(error).__name__
    if _is_refused_for_good(error) or mail.attempts >= ATTEMPTS:
        _settle(mail, Status.DEAD, last_error=name)
        log.error("Mail of %s %s was given up (%s)", mail._meta.model_name, mail.pk, name)
        return
    longest = min(LONGEST_DELAY, FIRST_DELAY * 2 ** (mail.attempts - 1))
    # Full jitter: what failed together does not come back together.
    delay = longest * random.random()  # noqa: S311 - no secret
    _settle(mail, Status.PENDING, last_error=name, next_at=timezone.now() + delay)


def _is_refused_for_good(error: OSError) -> bool:
    """Tell whether the server refused this recipient or this message with a 5xx.

    A 5xx to our greeting, password or sender is ours to mend, and the notice waits for it.
    """
    if isinstance(error, SMTPRecipientsRefused):
        return all(code // 100 == 5 for code, _ in error.recipients.values())
    return isinstance(error, SMTPDataError) and error.smtp_code // 100 == 5


def _held(mail: Notice | Digest) -> Any:
    """The e-mail's row if it is still in our hands; nothing when another process took it up."""
    return type(mail).objects.filter(pk=mail.pk, status=Status.LEASED, lease=mail.lease)


@transaction.atomic
def _settle(mail: Notice | Digest, status: Status, **changes: Any) -> None:
    """Write how a claimed e-mail ended, unless its lease passed to another process."""
    settled = _held(mail).update(status=status, lease=None, lease_until=None, **changes) == 1
    if settled and isinstance(mail, Digest) and status in {Status.SENT, Status.SUPPRESSED}:
        _settle_what_it_told(mail, status, changes.get("message_id", ""))
    said = status if settled else "the lease was lost"
    log.info("Mail of %s %s: %s", mail._meta.model_name, mail.pk, said)


def _settle_what_it_told(digest: Digest, status: Status, message_id: str) -> None:
    told = Notice.objects.filter(digest=digest)
    if status is Status.SENT:
        reached = policies.reachable().filter(digest=digest).values("pk")
        told.filter(pk__in=reached).update(status=Status.SENT, message_id=message_id)
    told.filter(status=Status.DIGEST).update(status=Status.SUPPRESSED)


class Backend(BaseEmailBackend):
    """The mail server of EMAIL_URL, until an operator stops all outgoing mail.

    Notices wait in their rows then. Whatever else would be sent, such as a link for a new
    password, is dropped with a line in the log; who asked for it sees the same page as ever.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._server: BaseEmailBackend = import_string(settings.MAIL_SERVER)(**kwargs)

    def open(self) -> Any:
        """Open the connection that several messages share."""
        return self._server.open()

    def close(self) -> None:
        """Close it."""
        self._server.close()

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Send them, and return how many went."""
        if policies.stopped() is not None:
            log.warning("Outgoing mail is stopped: %s not sent", len(email_messages))
            return 0
        return self._server.send_messages(email_messages) or 0
