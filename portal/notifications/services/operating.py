"""What the service's operator does with outgoing mail: stop it, let it go on, try again."""

from uuid import UUID

from celery import current_task
from django.db import IntegrityError, transaction
from django.utils import timezone

from portal.accounts.vocabulary import Principal
from portal.audit.services import MOST_IDS, record
from portal.common.errors import DomainError
from portal.notifications import policies
from portal.notifications.models import Digest, MailStop, Notice, Pulse
from portal.notifications.vocabulary import Status


@transaction.atomic
def stop_mail(*, actor: Principal, why: str) -> MailStop:
    """Stop all outgoing mail from this moment. Notices in the portal go on; their mail waits.

    A message that is on its way to the mail server at this moment may still arrive. Raises
    Refused for anybody but the platform's administrator; DomainError without a reason, or when
    it is stopped already.
    """
    policies.require_operates(actor)
    if not why.strip():
        raise DomainError("Write why you stop outgoing mail.")
    try:
        with transaction.atomic():
            stop = MailStop.objects.create(stopped_by_id=actor.membership_id, why=why.strip())
    except IntegrityError:
        raise DomainError("Outgoing mail is stopped already. Nothing was changed.") from None
    record(actor, "mail.stopped", obj=("mail_stop", stop.pk))
    return stop


@transaction.atomic
def resume_mail(*, actor: Principal) -> MailStop:
    """Let outgoing mail go on: all that waited is due at once.

    Raises Refused for anybody but the platform's administrator; DomainError when it goes.
    """
    policies.require_operates(actor)
    stop = MailStop.objects.standing().select_for_update().first()
    if stop is None:
        raise DomainError("Outgoing mail is not stopped. Nothing was changed.")
    stop.resumed_by_id = actor.membership_id
    stop.resumed_at = timezone.now()
    stop.save(update_fields=["resumed_by", "resumed_at"])
    record(actor, "mail.resumed", obj=("mail_stop", stop.pk))
    return stop


@transaction.atomic
def try_again(*, actor: Principal, pk: UUID | None = None) -> int:
    """Owe anew one e-mail that was given up, or all of them, and return how many.

    The next sweep sends it. Raises Refused for anybody but the platform's administrator. One that
    was not given up, or that somebody else has just taken up, counts nothing.
    """
    policies.require_operates(actor)
    taken: list[UUID] = []
    for model in (Notice, Digest):
        dead = model.objects.filter(status=Status.DEAD).select_for_update(skip_locked=True)
        found = [row.pk for row in (dead if pk is None else dead.filter(pk=pk)).order_by("pk")]
        model.objects.filter(pk__in=found).update(
            status=Status.PENDING, attempts=0, next_at=timezone.now()
        )
        taken += found
    for start in range(0, len(taken), MOST_IDS):
        record(actor, "mail.retried", ids=taken[start : start + MOST_IDS])
    return len(taken)


def beat() -> None:
    """Write that whoever calls this is at work: a worker, by way of the clock and the queue, or
    the sweep, which needs neither.
    """
    part = policies.WORKER if current_task else policies.SWEEP
    Pulse.objects.update_or_create(part=part, defaults={"beat_at": timezone.now()})
