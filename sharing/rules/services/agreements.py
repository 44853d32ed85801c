"""The register of agreements: signed, renewed, ended. What rests on one stops with it."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from portal.accounts.models import Agency
from portal.accounts.vocabulary import Principal
from portal.audit.services import record
from portal.common.errors import DomainError
from portal.notifications.models import Notice
from portal.notifications.services import owe
from portal.notifications.vocabulary import Kind
from sharing.rules import models, policies
from sharing.rules.services.examine import examine
from sharing.rules.vocabulary import Category, Purpose

REVIEW_NEAR: Final = timedelta(days=30)
"""How long before the review of an agreement those who look after it are told."""


@transaction.atomic
def sign(
    *,
    actor: Principal | None,
    title: str,
    parties: Iterable[Agency],
    purposes: Iterable[Purpose],
    categories: Iterable[Category],
    signed_on: date,
    review_on: date,
    ends_on: date,
) -> models.Agreement:
    """Put an agreement that agencies have signed in the register, and return it.

    Days are days in England, both inside; `actor` None is the system, when an installation is
    set up. Raises Refused unless the actor is an information-governance lead, DomainError when
    fewer than two agencies are named, nothing is covered, or the days are out of order.
    """
    policies.require_ig_lead(actor)
    agencies = list(parties)
    if len(agencies) < 2:
        raise DomainError("An agreement is between at least two agencies.")
    return _registered(
        actor,
        "agreement.signed",
        agencies,
        models.Agreement(
            title=title.strip(),
            purposes=_in_order(Purpose.values, purposes),
            categories=_in_order(Category.values, categories),
            signed_on=signed_on,
            review_on=review_on,
            ends_on=ends_on,
        ),
    )


@transaction.atomic
def renew(
    *, actor: Principal, pk: UUID, signed_on: date, review_on: date, ends_on: date
) -> models.Agreement:
    """Renew an agreement with the same parties, purposes and categories: a new line beside it.

    What was given before ends when the old agreement would have ended. Raises Refused, NotVisible;
    DomainError when it was ended, or the days are out of order.
    """
    old = _locked(actor, pk)
    if old.ended_at is not None:
        raise DomainError("This agreement was ended. Sign a new one.")
    new = models.Agreement(
        title=old.title,
        purposes=old.purposes,
        categories=old.categories,
        signed_on=signed_on,
        review_on=review_on,
        ends_on=ends_on,
        renews=old,
    )
    return _registered(actor, "agreement.renewed", list(old.parties.all()), new)


@transaction.atomic
def end(*, actor: Principal, pk: UUID, why: str) -> models.Agreement:
    """End an agreement now. Every share that rests on it is looked at again, and ended.

    Raises Refused, NotVisible; DomainError without a reason, or when it is over already.
    """
    row = _locked(actor, pk)
    if not why.strip():
        raise DomainError("Write why this agreement ends. A sentence is enough.")
    if row.ended_at is not None:
        raise DomainError("This agreement has been ended already.")
    row.ended_at, row.ended_why = timezone.now(), why.strip()
    row.save(update_fields=["ended_at", "ended_why"])
    record(actor, "agreement.ended", obj=("agreement", row.pk))
    examine(agreement=row)
    return row


@transaction.atomic
def sweep() -> int:
    """Have the shares looked at that rest on an agreement which has expired, once for each.

    What a rule gave because of it has ended with it already, to the second.
    """
    expired = models.Agreement.objects.select_for_update(skip_locked=True).filter(
        ends_on__lt=timezone.localdate(), ended_at__isnull=True
    )
    rows = [row for row in expired if not row.examinations.exists()]
    for row in rows:
        examine(agreement=row)
    return len(rows)


def remind() -> int:
    """Tell the information-governance leads, once, of each agreement whose review comes near.

    One that was renewed or is over needs no review. Returns how many agreements they were told
    of. Safe to call at any time, and twice at once.
    """
    today = timezone.localdate()
    near = models.Agreement.objects.filter(
        review_on__lte=today + REVIEW_NEAR,
        ends_on__gte=today,
        ended_at__isnull=True,
        renewals__isnull=True,
    )
    told = 0
    for row in near.prefetch_related("parties"):
        if not Notice.objects.filter(kind=Kind.AGREEMENT_DUE, cause=row.pk).exists():
            told += _remind(row)
    return told


@transaction.atomic
def _remind(row: models.Agreement) -> bool:
    members = policies.look_after(row)
    for member in members:
        owe(recipient=member, kind=Kind.AGREEMENT_DUE, reference="", case=None, cause=row.pk)
    return bool(members)


def _registered(
    actor: Principal | None, act: str, parties: list[Agency], row: models.Agreement
) -> models.Agreement:
    if not (row.title and row.purposes and row.categories):
        raise DomainError("Say what the agreement is called, what it is for, and what it covers.")
    if not row.signed_on < row.review_on <= row.ends_on:
        raise DomainError(
            "An agreement is signed first, then reviewed, and ends on or after its review."
        )
    row.signed_by_id = actor.membership_id if actor else None
    row.save()
    row.parties.set(parties)
    record(actor, act, obj=("agreement", row.pk))
    return row


def _locked(actor: Principal, pk: UUID) -> models.Agreement:
    policies.agreement_for(actor, pk)
    return models.Agreement.objects.select_for_update().get(pk=pk)


def _in_order(values: list[str], chosen: Iterable[str]) -> list[str]:
    among = frozenset(chosen)
    return [value for value in values if value in among]
