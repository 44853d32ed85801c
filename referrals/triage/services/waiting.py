"""What waits beside the board: decisions for another's yes, and steps with an owner."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from portal.accounts.models import Membership
from portal.accounts.vocabulary import Principal, Role
from portal.audit.services import record
from portal.common.errors import NotVisible
from referrals import policies as casework
from referrals.matching.models import ProposedJoin
from referrals.models import Case, Proposal, SideRoute, Wall
from referrals.triage import policies
from referrals.vocabulary import Asks, Outcome, Side

MOST: Final = 200
"""How many rows a page of these shows, and the ledger names."""


@dataclass(frozen=True, repr=False)
class Waits:
    """A decision that waits for another's yes, for those who oversee the case.

    `joins` is the case that it would be joined to, for those who may know of that one. `who_else`
    says who answers it, where the reader may not.
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
    joins: str = ""


def waits_for(*, actor: Principal, case: Case) -> Waits | None:
    """The decision on this case that waits for a yes; None, or to anybody else, nothing."""
    return waiting_on(actor, case) if casework.oversees(actor, case) else None


def waiting_on(actor: Principal, case: Case) -> Waits | None:
    found = case.proposals.filter(answered_at__isnull=True).select_related(
        "proposed_by__user", "proposed_by__team", "owner__user", "to_area"
    )
    made = found.select_related("joining__leading").first()
    if made is None:
        return None
    joining: ProposedJoin | None = getattr(made, "joining", None)
    if joining and not policies.may_join(actor, case.pk, joining.leading_id):
        joining = None
    area = made.to_area.name if made.to_area else ""
    owner = made.owner.user.name if made.owner else ""
    me = Membership.objects.select_related("team").get(pk=actor.membership_id)
    return Waits(
        pk=made.pk,
        outcome=Outcome(made.outcome).label,
        reason=joining.reason if joining else made.reason,
        told_referrer=made.told_referrer,
        by=f"{made.proposed_by.user.name}, {Role(made.proposed_by.team.role).label}",
        at=made.proposed_at,
        asks=Asks(made.asks).label,
        whom=area or made.owner_words or (owner if made.asks != Asks.SECOND else ""),
        next_on=made.next_on,
        who_else=policies.who_answers(made, me),
        is_mine=made.proposed_by_id == actor.membership_id,
        joins=joining.leading.reference if joining else "",
    )


@dataclass(frozen=True, repr=False)
class Handover:
    """A child whom this person, or their front door, is asked to take on. Nothing of the case."""

    pk: UUID
    area: str
    phone: str
    by: str
    at: datetime


@dataclass(frozen=True, repr=False)
class Asked:
    """A decision of the front door that waits for the reader's yes."""

    pk: UUID
    reference: str
    outcome: str
    by: str
    at: datetime


@transaction.atomic
def handovers(*, actor: Principal) -> tuple[list[Handover], list[Asked]]:
    """What the actor is asked to take on, and the decisions that wait for their yes, the longest
    asked first; on the record.
    """
    rows = _handovers(policies.handed_to(actor).order_by("proposed_at"))
    asked = [
        Asked(
            pk=made.pk,
            reference=made.case.reference,
            outcome=Outcome(made.outcome).label,
            by=made.proposed_by.user.name,
            at=made.proposed_at,
        )
        for made in policies.asked_for_yes(actor)[: MOST - len(rows)]
    ]
    ids = [*(row.pk for row in rows), *(row.pk for row in asked)]
    record(actor, "request.listed", ids=ids)
    return rows, asked


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
        for made in found.select_related("case__partnership", "proposed_by__user")[:MOST]
    ]


@dataclass(frozen=True, repr=False)
class Task:
    """A step beside a decision. `reference` is empty where the reader does not see the case.

    Whoever began it (`by`) tells its owner on the telephone what it is about. `hides` is the agency
    that is kept from the case, `wall` what the reader may end of that.
    """

    pk: UUID
    side: str
    reference: str
    area: str
    phone: str
    by: str
    at: datetime
    owner: str
    due_at: datetime
    done_at: datetime | None
    done_words: str
    hides: str
    wall: UUID | None
    may_finish: bool


@dataclass(frozen=True, repr=False)
class Hidden:
    """An agency that is kept from a case, for a person of concern who works there."""

    pk: UUID
    agency: str
    reference: str
    area: str
    phone: str
    by: str
    at: datetime


@dataclass(frozen=True, repr=False)
class Own:
    """What somebody has to see to beside decisions; of a LADO, what they may let be seen again."""

    steps: tuple[Task, ...]
    hidden: tuple[Hidden, ...]


_JOINED = (
    "case__partnership",
    "owner__user",
    "raised_by__user",
    "wall__agency",
    "wall__case",
    "wall__raised_by",
)


def sides_of(actor: Principal, case: Case) -> list[Task]:
    found = case.sides.select_related(*_JOINED).order_by("raised_at")
    return [_task(actor, side, case.reference) for side in found]


@transaction.atomic
def tasks(*, actor: Principal) -> Own:
    """What the actor has to see to beside decisions, the first due first; on the record."""
    steps = list(policies.tasks(actor).select_related(*_JOINED).order_by("due_at")[:MOST])
    hidden = list(_hidden(policies.hidden(actor)).order_by("raised_at")[: MOST - len(steps)])
    listed: list[SideRoute | Wall] = [*steps, *hidden]
    seen = _seen(actor, [each.case_id for each in listed])
    record(actor, "request.listed", ids=[each.pk for each in listed])
    return Own(
        # What the reader may end of what hides a case stands apart from the steps.
        steps=tuple(
            _task(actor, side, seen.get(side.case_id, ""), asks_of_wall=False) for side in steps
        ),
        hidden=tuple(_of_wall(wall, seen.get(wall.case_id, "")) for wall in hidden),
    )


@transaction.atomic
def read_task(*, actor: Principal, pk: UUID) -> Task:
    """One step, for the page that ends it. Raises NotVisible, Refused."""
    side = SideRoute.objects.select_related(*_JOINED).filter(pk=pk).first()
    if side is None:
        raise NotVisible("side_route", str(pk))
    if side.done_at is None or actor.membership_id not in (side.owner_id, side.done_by_id):
        policies.task_for(actor, side)
    record(actor, "request.listed", ids=[pk])
    return _task(actor, side, _seen(actor, [side.case_id]).get(side.case_id, ""))


@transaction.atomic
def read_hidden(*, actor: Principal, pk: UUID) -> Hidden:
    """What keeps an agency from a case, for the page that ends it. Raises NotVisible, Refused."""
    wall = _hidden(Wall.objects.filter(pk=pk, agency__isnull=False, lifted_at=None)).first()
    if wall is None:
        raise NotVisible("wall", str(pk))
    policies.require_may_show_again(actor, wall)
    record(actor, "request.listed", ids=[pk])
    return _of_wall(wall, _seen(actor, [wall.case_id]).get(wall.case_id, ""))


def _seen(actor: Principal, cases: list[UUID]) -> dict[UUID, str]:
    """The references of those of these cases that are open to the actor."""
    return dict(casework.visible(actor).filter(pk__in=cases).values_list("pk", "reference"))


def _hidden(found: QuerySet[Wall]) -> QuerySet[Wall]:
    return found.select_related("case__partnership", "agency", "raised_by__user")


def _of_wall(wall: Wall, reference: str) -> Hidden:
    return Hidden(
        pk=wall.pk,
        agency=wall.agency.name if wall.agency else "",
        reference=reference,
        area=wall.case.partnership.name,
        phone=wall.case.partnership.front_door_phone,
        by=wall.raised_by.user.name,
        at=wall.raised_at,
    )


def _task(actor: Principal, side: SideRoute, reference: str, *, asks_of_wall: bool = True) -> Task:
    own = side.owner_id == actor.membership_id or actor.role is Role.LADO
    wall = side.wall if side.wall and side.wall.lifted_at is None else None
    may_end = asks_of_wall and wall is not None and policies.may_show_again(actor, wall)
    theirs = side.wall_id is not None and not own and policies.lados(side.case).exists()
    return Task(
        pk=side.pk,
        side=Side(side.side).label,
        reference=reference,
        area=side.case.partnership.name,
        phone=side.case.partnership.front_door_phone,
        by=side.raised_by.user.name,
        at=side.raised_at,
        owner=side.owner.user.name,
        due_at=side.due_at,
        done_at=side.done_at,
        done_words=side.done_words,
        hides=wall.agency.name if wall and wall.agency else "",
        wall=wall.pk if wall and may_end else None,
        may_finish=side.done_at is None and not theirs,
    )
