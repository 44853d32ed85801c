"""Who of the asked agency answers: a question is passed on to a colleague, and comes back."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from portal.accounts.models import Membership
from portal.accounts.vocabulary import Principal
from portal.audit.services import record
from portal.common.errors import DomainError
from portal.notifications.services import owe
from portal.notifications.vocabulary import Kind
from referrals.models import Wall
from sharing.disclosures.models import Request, RequestQuerySet
from sharing.disclosures.policies import requests as policies
from sharing.disclosures.services.held import held_request, lock


@dataclass(frozen=True, repr=False)
class Passing:
    """A question that is to be passed on: whose it is now, and to whom it may go."""

    pk: UUID
    reference: str
    due_at: datetime
    had: str
    had_by: str
    people: tuple[tuple[UUID, str], ...]


@transaction.atomic
def read_to_pass_on(*, actor: Principal, pk: UUID) -> Passing:
    """Look at a request in order to pass it on, on the record.

    The people are those of the asked team who may read it: to give it to anybody else would tell
    another team of the child. Raises NotVisible; Refused unless the actor's team is asked;
    DomainError when it is answered.
    """
    request = policies.request_for(actor, pk)
    policies.require_is_asked(actor, request)
    _insist_that_it_waits(request)
    record(
        actor,
        "request.read",
        case=request.case_id,
        obj=("request", request.pk),
        subjects=[request.case.child_id],
        purpose=request.purpose,
    )
    people = [each for each in policies.answerers(request) if each.pk != request.given_to_id]
    return Passing(
        pk=request.pk,
        reference=request.case.reference,
        due_at=request.due_at,
        had=str(request.given_to_id or ""),
        had_by=request.given_to.user.name if request.given_to else "",
        people=tuple((member.pk, member.user.name) for member in people),
    )


@transaction.atomic
def pass_on(*, actor: Principal, pk: UUID, to: UUID | None, had: str) -> Request:
    """Give a request to somebody of the asked team, or with `to` None back to all of it.

    `had` is who had it when the actor chose ("" for nobody). Both whoever gets it and whoever had
    it are told, but for the actor. Raises NotVisible; Refused unless the actor's team is asked;
    DomainError when it is answered, when somebody else has passed it on meanwhile, or when that
    person may not read it.
    """
    request = held_request(actor, pk)
    policies.require_is_asked(actor, request)
    _insist_that_it_waits(request)
    if request.given_to_id == to:
        return request
    if str(request.given_to_id or "") != had:
        name = request.given_to.user.name if request.given_to else "nobody in particular"
        raise DomainError(
            f"Somebody has passed this on while you were choosing: {name} has it now. Nothing of"
            " yours was changed. Press again if yours is right."
        )
    if to is not None and to not in {member.pk for member in policies.answerers(request)}:
        raise DomainError("Select who answers it. It must be a colleague who may read it.")
    _give(actor, request, to)
    return request


def _insist_that_it_waits(request: Request) -> None:
    if request.reply:
        raise DomainError("Your team has answered this already. Nothing was changed.")


def _give(actor: Principal | None, request: Request, to: UUID | None) -> None:
    before = request.given_to
    request.given_to_id = to
    request.save(update_fields=["given_to"])
    case = request.case
    told = policies.who_answers(request)
    cause = record(
        actor,
        "request.reassigned",
        case=case.pk,
        obj=("request", request.pk),
        subjects=[case.child_id],
        purpose=request.purpose,
        ids=[to] if to else [],
    )
    others = [before] if before and before.pk not in {member.pk for member in told} else []
    for members, kind in ((told, Kind.REQUEST_GIVEN), (others, Kind.REQUEST_MOVED)):
        for member in _but(actor, members):
            owe(recipient=member, kind=kind, reference=case.reference, case=case.pk, cause=cause)


def _but(actor: Principal | None, members: Iterable[Membership]) -> list[Membership]:
    return [each for each in members if actor is None or each.pk != actor.membership_id]


@transaction.atomic
def come_back() -> bool:
    """Take one request whose holder can no longer answer, and give it back to all who may.

    They have left, or a conflict of interest keeps them from it. False when there is none.
    """
    found = _left().values("pk", "case_id").first()
    if found is None:
        return False
    lock(found["case_id"])
    request = (
        _left()
        .select_related("case__partnership", "team__agency", "given_to__user")
        .filter(pk=found["pk"])
        .first()
    )
    if request is not None:
        _give(None, request, None)
    return True


def _left() -> RequestQuerySet:
    """The requests that somebody has who may not answer them any more, while work goes on."""
    ended = Q(given_to__until_at__lte=timezone.now()) | Q(given_to__user__is_active=False)
    walls = Wall.objects.filter(
        user=OuterRef("given_to__user"), case=OuterRef("case"), lifted_at__isnull=True
    )
    had = Request.objects.waited_for().filter(given_to__isnull=False)
    return had.filter(ended | Q(Exists(walls)))
