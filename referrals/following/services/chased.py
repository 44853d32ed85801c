"""My referrals, as a list on the record, and the press that asks what has become of one."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from portal.accounts.models import Partnership
from portal.accounts.vocabulary import Principal
from portal.audit.services import record
from portal.common.clock import start_of_clock
from portal.common.errors import DomainError
from portal.common.moments import london
from portal.notifications.services import owe
from portal.notifications.vocabulary import Kind
from referrals import policies as casework
from referrals.following import policies, reading
from referrals.following.models import Chase
from referrals.models import Case
from referrals.services import list_cases
from sharing.rules.vocabulary import Purpose


@transaction.atomic
def list_sent(*, actor: Principal, cases: Sequence[Case]) -> list[reading.Sent]:
    """Resolve one page of my referrals, with what is due, unread and may be chased, on the record.

    `cases` comes from `policies.sights`, already cut to the page.
    """
    rows = list_cases(actor=actor, cases=cases)
    return reading.sent(actor, rows, cases)


@transaction.atomic
def chase(*, actor: Principal, case: Case) -> Chase:
    """Tell whoever looks after the case, so that they act now, that its sender waits to hear.

    Raises NotVisible; Refused unless the actor sent it or leads the agency that did; DomainError
    before a promised time has passed, and the second time on a working day: the database holds
    one for each case, team and working day.
    Clock: the partnership's own for acknowledgement and decision.
    """
    case = (
        Case.objects.select_for_update(of=("self",)).select_related("partnership").get(pk=case.pk)
    )
    policies.require_follows(actor, case)
    now = timezone.now()
    due = reading.overdue_since(case, actor.team_id, now)
    if due is None:
        promised = reading.next_promise(case, actor.team_id)
        until = f" You were promised news by {london(promised)}." if promised else ""
        raise DomainError(f"There is nothing to chase yet.{until}")
    try:
        with transaction.atomic():
            made = Chase.objects.create(
                case=case,
                team_id=actor.team_id,
                by_id=actor.membership_id,
                working_day=working_day(case.partnership, now),
                chased_at=now,
            )
    except IntegrityError as twice:
        raise DomainError(
            "You have chased this today, and they have been told. If it cannot wait, ring the"
            f" front door on {case.partnership.front_door_phone}."
        ) from twice
    cause = record(
        actor,
        "referral.chased",
        case=case.pk,
        obj=("chase", made.pk),
        subjects=[case.child_id],
        purpose=Purpose.SCREEN,
    )
    for member in casework.on_duty(case):
        owe(
            recipient=member,
            kind=Kind.CHASED,
            reference=case.reference,
            case=case.pk,
            cause=cause,
        )
    return made


def working_day(area: Partnership, at: datetime) -> date:
    """The working day to which a moment belongs: after hours and on a holiday, the next one."""
    return start_of_clock(at, area.office_opens, area.office_closes).date()
