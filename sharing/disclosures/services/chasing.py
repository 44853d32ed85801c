"""An answer that does not come: the agency is told again, by the clock or by hand, on the record.

The clock of the decision runs on meanwhile: to ask is never a way to stop it.
"""

from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from portal.accounts.models import Partnership
from portal.accounts.vocabulary import Principal
from portal.audit.services import record
from portal.audit.vocabulary import Outcome
from portal.common.clock import start_of_clock
from portal.common.errors import DomainError
from portal.notifications.services import owe
from portal.notifications.vocabulary import Kind
from sharing.disclosures.models import Chaser, Request, RequestQuerySet
from sharing.disclosures.policies import requests as policies
from sharing.disclosures.services.held import held_request, lock
from sharing.disclosures.services.passing import come_back
from sharing.disclosures.vocabulary import ENDED, ChaserKind

_JOINED: Final = ("case__partnership", "team__agency", "asked_by")


@transaction.atomic
def chase(*, actor: Principal, pk: UUID) -> Chaser:
    """Tell those who are to answer that somebody waits, so that they act now. One press.

    Raises NotVisible; Refused unless the actor may ask about the case; DomainError when it is
    answered, when the work on the case is over, when nobody at the agency may read it any more, and
    the second time on a working day, whoever pressed first: the database holds one.
    """
    request = held_request(actor, pk)
    policies.require_may_chase(actor, request)
    if request.reply:
        raise DomainError("This has been answered meanwhile. Nobody was chased.")
    if request.case.status in ENDED:
        raise DomainError(
            "This case is closed, or its work is over, so nobody was chased. If you still need the"
            " answer, reopen the case, or ring the agency."
        )
    if not policies.who_answers(request):
        raise DomainError(
            "Nobody at that agency can read your question any more, so nobody was chased. Nothing"
            " is lost. Ask again, or ring the agency."
        )
    try:
        with transaction.atomic():
            made = _made(actor, request, ChaserKind.HAND, timezone.now())
    except IntegrityError as twice:
        raise DomainError(
            "They have been chased by hand today. If it cannot wait, ring the agency, and write"
            " down what it says."
        ) from twice
    _tell(actor, request, made)
    return made


def sweep() -> int:
    """Chase every answer that is nearly due or late, and return how many were seen to.

    Each is chased once when its time is nearly over and once when it is, however many sweeps run
    at once; when it is late, whoever waits for it is told too. First a question that somebody had
    who can no longer answer it comes back to all who may.
    """
    done = 0
    while come_back() or _chase_next(ChaserKind.LATE) or _chase_next(ChaserKind.NEAR):
        done += 1
    return done


@transaction.atomic
def _chase_next(kind: ChaserKind) -> bool:
    """Take one request that is to be chased; False when there is none."""
    now = timezone.now()
    found = _to_chase(kind, now).order_by("due_at").values("pk", "case_id").first()
    if found is None:
        return False
    lock(found["case_id"])
    # Whoever held the case may have answered it, or chased it.
    request = _to_chase(kind, now).select_related(*_JOINED).filter(pk=found["pk"]).first()
    if request is not None:
        _tell(None, request, _made(None, request, kind, now))
    return True


def _to_chase(kind: ChaserKind, now: datetime) -> RequestQuerySet:
    made = Chaser.objects.filter(request=OuterRef("pk"), kind=kind)
    found = Request.objects.waited_for().filter(~Exists(made))
    if kind is ChaserKind.LATE:
        return found.filter(due_at__lte=now)
    return found.filter(near_at__lte=now, due_at__gt=now)


def _made(actor: Principal | None, request: Request, kind: ChaserKind, at: datetime) -> Chaser:
    return Chaser.objects.create(
        request=request,
        kind=kind,
        by_id=actor.membership_id if actor else None,
        working_day=working_day(request.case.partnership, at),
        chased_at=at,
    )


def _tell(actor: Principal | None, request: Request, made: Chaser) -> None:
    case, kind = request.case, ChaserKind(made.kind)
    told = policies.who_answers(request)
    cause = record(
        actor,
        "request.chased",
        case=case.pk,
        obj=("request", request.pk),
        subjects=[case.child_id],
        purpose=request.purpose,
        why=str(kind),
        ids=[member.pk for member in told],
        outcome=Outcome.ALLOWED if told else Outcome.FAILED,
    )
    waits = policies.who_waits(request) if kind is ChaserKind.LATE else []
    for members, says in ((told, Kind.REQUEST_CHASED), (waits, Kind.REQUEST_LATE)):
        for member in members:
            owe(recipient=member, kind=says, reference=case.reference, case=case.pk, cause=cause)


def working_day(area: Partnership, at: datetime) -> date:
    """The working day to which a moment belongs: after hours and on a holiday, the next one."""
    return start_of_clock(at, area.office_opens, area.office_closes).date()
