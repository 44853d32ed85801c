"""What waits beside the board: decisions for another's yes, and steps with an owner."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, Subquery

from portal.accounts.models import Membership
from portal.accounts.vocabulary import Principal, Role
from portal.audit.services import record
from portal.common.errors import NotVisible
from referrals import policies as casework
from referrals.models import Case, Decision, Pause, Proposal, SideRoute
from referrals.policies import Standing
from referrals.services import clocks
from referrals.services.clocks import Still
from referrals.triage import policies
from referrals.triage.services.board import Opened, opened_by
from referrals.vocabulary import Asks, Outcome, Side


@dataclass(frozen=True, repr=False)
class Waits:
    """A decision that waits for another's yes, for those who oversee the case.

    `who_else` says who answers it, where the reader may not.
    """

    pk: UUID
    outcome: str
    reason: str
    told_referrer: str
    by: str
    at: datetime
    asks: str
    whom: str
    next_on: date
    who_else: str
    is_mine: bool


def waits_for(*, actor: Principal, case: Case) -> Waits | None:
    """The decision on this case that waits for a yes; None, or to anybody else, nothing."""
    return _waits(actor, case) if casework.oversees(actor, case) else None


def _waits(actor: Principal, case: Case) -> Waits | None:
    found = case.proposals.filter(answered_at__isnull=True).select_related(
        "proposed_by__user", "proposed_by__team", "owner__user", "to_area"
    )
    made = found.first()
    if made is None:
        return None
    area = made.to_area.name if made.to_area else ""
    owner = made.owner.user.name if made.owner else ""
    me = Membership.objects.select_related("team").get(pk=actor.membership_id)
    return Waits(
        pk=made.pk,
        outcome=Outcome(made.outcome).label,
        reason=made.reason,
        told_referrer=made.told_referrer,
        by=f"{made.proposed_by.user.name}, {Role(made.proposed_by.team.role).label}",
        at=made.proposed_at,
        asks=Asks(made.asks).label,
        whom=area or made.owner_words or (owner if made.asks != Asks.SECOND else ""),
        next_on=made.next_on,
        who_else=policies.who_answers(made, me),
        is_mine=made.proposed_by_id == actor.membership_id,
    )


@dataclass(frozen=True, repr=False)
class Handover:
    """A child whom this person, or their front door, is asked to take on. Nothing of the case."""

    pk: UUID
    area: str
    phone: str
    by: str
    at: datetime


@transaction.atomic
def handovers(*, actor: Principal) -> list[Handover]:
    """What the actor is asked to take on, the longest asked first; on the record."""
    rows = _handovers(policies.handed_to(actor).order_by("proposed_at"))
    record(actor, "request.listed", ids=[row.pk for row in rows])
    return rows


@transaction.atomic
def read_handover(*, actor: Principal, pk: UUID) -> Handover:
    """One of them, for the page that answers it. Raises NotVisible."""
    rows = _handovers(policies.handed_to(actor).filter(pk=pk))
    if not rows:
        raise NotVisible("proposal", str(pk))
    record(actor, "request.listed", ids=[pk])
    return rows[0]


def _handovers(found: QuerySet[Proposal]) -> list[Handover]:
    return [
        Handover(
            pk=made.pk,
            area=made.case.partnership.name,
            phone=made.case.partnership.front_door_phone,
            by=made.proposed_by.user.name,
            at=made.proposed_at,
        )
        for made in found.select_related("case__partnership", "proposed_by__user")[:200]
    ]


@dataclass(frozen=True, repr=False)
class Task:
    """A step beside a decision. `reference` is empty where the reader does not see the case."""

    pk: UUID
    side: str
    reference: str
    owner: str
    due_at: datetime
    done_at: datetime | None
    done_words: str
    hides: str
    may_finish: bool


@dataclass(frozen=True, repr=False)
class Beside:
    """What the workspace says beside the case: of a decision that waits, of steps, of the clock.

    `current` is the decision that may be changed: the one that holds now, unless it joined the
    case to another one. `opened`: somebody else had it open lately.
    """

    waits: Waits | None = None
    sides: tuple[Task, ...] = ()
    still: Still | None = None
    current: UUID | None = None
    opened: Opened | None = None


def beside(*, actor: Principal, case: Case, stands: Standing, since: datetime) -> Beside:
    """All of it, for those who oversee the case; two queries where there is nothing to say.

    `stands` is how the actor stands to the case, asked of `policies` by the page.
    """
    if not stands.oversees:
        return Beside()
    this = {"case": OuterRef("pk")}
    holds = Decision.objects.filter(superseded_at__isnull=True, **this)
    current = holds.exclude(outcome=Outcome.JOINED).values("pk")
    waits, sides, is_still, held = Case.objects.values_list(
        Exists(Proposal.objects.filter(answered_at__isnull=True, **this)),
        Exists(SideRoute.objects.filter(**this)),
        Exists(Pause.objects.filter(clock__case=OuterRef("pk"), until_at__isnull=True)),
        Subquery(current[:1]),
    ).get(pk=case.pk)
    return Beside(
        waits=_waits(actor, case) if waits else None,
        sides=tuple(_sides(actor, case)) if sides else (),
        still=clocks.still(actor=actor, case=case) if is_still else None,
        current=held,
        opened=opened_by(actor, [case.pk], since).get(case.pk),
    )


def _sides(actor: Principal, case: Case) -> list[Task]:
    found = case.sides.select_related("case", "owner__user", "wall__agency").order_by("raised_at")
    return [_task(actor, side, case.reference) for side in found]


@transaction.atomic
def tasks(*, actor: Principal) -> list[Task]:
    """What the actor has to see to beside decisions, the first due first; on the record."""
    found = policies.tasks(actor).select_related("case", "owner__user", "wall__agency")
    sides = list(found.order_by("due_at")[:200])
    wanted = [side.case_id for side in sides]
    seen = set(casework.visible(actor).filter(pk__in=wanted).values_list("pk", flat=True))
    record(actor, "request.listed", ids=[side.pk for side in sides])
    return [
        _task(actor, side, side.case.reference if side.case_id in seen else "") for side in sides
    ]


@transaction.atomic
def read_task(*, actor: Principal, pk: UUID) -> Task:
    """One step, for the page that ends it. Raises NotVisible, Refused."""
    found = SideRoute.objects.select_related("case", "owner__user", "wall__agency")
    side = found.filter(pk=pk).first()
    if side is None:
        raise NotVisible("side_route", str(pk))
    if side.done_at is None or side.owner_id != actor.membership_id:
        policies.task_for(actor, side)
    seen = casework.visible(actor).filter(pk=side.case_id).exists()
    record(actor, "request.listed", ids=[pk])
    return _task(actor, side, side.case.reference if seen else "")


def _task(actor: Principal, side: SideRoute, reference: str) -> Task:
    hides = side.wall.agency.name if side.wall and side.wall.agency else ""
    own = side.owner_id == actor.membership_id
    return Task(
        pk=side.pk,
        side=Side(side.side).label,
        reference=reference,
        owner=side.owner.user.name,
        due_at=side.due_at,
        done_at=side.done_at,
        done_words=side.done_words,
        hides=hides if side.done_at is None else "",
        may_finish=side.done_at is None and (own or side.wall_id is None),
    )
