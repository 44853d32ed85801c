"""The work of people who have left: taken off them, listed, and given to others."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from portal.accounts.models import Membership, MembershipQuerySet
from portal.accounts.vocabulary import Principal, Role
from portal.audit.services import record
from portal.notifications.models import Notice
from portal.notifications.services import owe
from portal.notifications.vocabulary import Kind
from referrals import policies as casework
from referrals.intake.models import Draft
from referrals.models import Assignment, Case, SideRoute
from referrals.reading import Summary
from referrals.services import list_cases
from referrals.triage import policies
from referrals.triage.services.sides import tell_owners
from referrals.vocabulary import Side
from referrals.workflow import LOOKED_AFTER
from sharing.rules.vocabulary import Purpose

MOST_SHOWN: Final = 200


def sweep() -> int:
    """Take what people who have left looked after off them, and tell those who give it to others.

    Everything that is due, each once, however many sweeps run at once. A case is then nobody's; a
    step beside a decision goes to whoever looks after the case, the LADO's to another LADO.
    Returns how many cases and steps moved.
    """
    moved = 0
    while _let_go_next():
        moved += 1
    for pk in SideRoute.objects.filter(_left_undone()).values_list("pk", flat=True):
        moved += _pass_on(pk)
    for member in _not_told_of():
        _tell_of(member)
    return moved


def _left_undone() -> Q:
    return Q(done_at__isnull=True, owner__in=Membership.objects.ended())


def _is_let_go() -> Q:
    """The condition on cases that nobody looks after, because whoever did has left."""
    return Q(
        Exists(Assignment.objects.filter(case=OuterRef("pk"), to__isnull=True)),
        status__in=LOOKED_AFTER,
        coordinator__isnull=True,
    )


@transaction.atomic
def _let_go_next() -> bool:
    """Take one case off somebody who has left; False when there is none."""
    gone = Case.objects.filter(status__in=LOOKED_AFTER, coordinator__in=Membership.objects.ended())
    # One that somebody holds is closed or handed over now, or is taken by the next sweep.
    case = gone.select_for_update(of=("self",), skip_locked=True).order_by("pk").first()
    if case is None or case.coordinator_id is None:
        return False
    held = case.coordinator_id
    Assignment.objects.create(case=case, held_by_id=held, given_at=timezone.now())
    case.coordinator = None
    case.save(update_fields=["coordinator"])
    record(
        None,
        "case.let_go",
        case=case.pk,
        obj=("case", case.pk),
        subjects=[case.child_id],
        purpose=Purpose.SCREEN,
        ids=[held],
    )
    return True


@transaction.atomic
def _pass_on(pk: UUID) -> bool:
    """Give one step to whoever can see to it now; False when there is nobody yet."""
    known = SideRoute.objects.get(pk=pk)
    case = Case.objects.select_for_update().get(pk=known.case_id)
    side = SideRoute.objects.filter(_left_undone(), pk=pk).first()
    if side is None:
        return False
    owner = _next_owner(case, Side(side.side))
    if owner is None:
        return False
    held, side.owner = side.owner_id, owner
    side.save(update_fields=["owner"])
    cause = record(
        None,
        "side_route.passed_on",
        # The agency of a person of concern may read the case's own stream one day.
        case=None if side.side == Side.LADO else case.pk,
        obj=("side_route", side.pk),
        subjects=[case.child_id],
        purpose=Purpose.SCREEN,
        why=str(side.side),
        ids=[held, owner.pk],
    )
    tell_owners(case, [owner], cause)
    return True


def _next_owner(case: Case, side: Side) -> Membership | None:
    if side is Side.LADO:
        return policies.lados(case).first()
    front = casework.at_front_door(case)
    return next((each for each in front if each.pk == case.coordinator_id), None)


def _not_told_of() -> MembershipQuerySet:
    """Those who have left and whose work waits, of whom nobody has been told."""
    cases = Assignment.objects.filter(
        held_by=OuterRef("pk"), to__isnull=True, case__in=Case.objects.filter(_is_let_go())
    )
    sides = SideRoute.objects.filter(owner=OuterRef("pk"), done_at__isnull=True)
    drafts = Draft.objects.unsent().filter(author=OuterRef("pk"))
    told = Notice.objects.filter(kind=Kind.LEFT, cause=OuterRef("pk"))
    return (
        Membership.objects.ended()
        .filter(Exists(cases) | Exists(sides) | Exists(drafts))
        .exclude(Exists(told))
        .select_related("team__agency")
    )


@transaction.atomic
def _tell_of(member: Membership) -> None:
    """Tell the managers of the front door and the leads of the agency who can read of it, once."""
    agency = member.team.agency
    managers = Q(team__role=Role.MANAGER, team__agency__partnerships__agencies=agency)
    leads = Q(team__role=Role.AGENCY_LEAD, team__agency=agency)
    found = Membership.objects.live().filter(managers | leads).distinct().order_by("pk")
    for reader in found.select_related("user", "team__agency"):
        if _reads_of(reader.principal(), member):
            owe(recipient=reader, kind=Kind.LEFT, reference="", case=None, cause=member.pk)


def _reads_of(reader: Principal, member: Membership) -> bool:
    """Tell whether this reader finds something that this member left on their page."""
    if _sides(reader).filter(owner=member).exists():
        return True
    if reader.role is not Role.MANAGER:
        return Draft.objects.unsent().filter(author=member).exists()
    let_go = Assignment.objects.filter(case=OuterRef("pk"), held_by=member, to__isnull=True)
    held = Q(coordinator=member, status__in=LOOKED_AFTER)  # somebody else holds the row just now
    return casework.visible(reader).filter(Q(_is_let_go(), Exists(let_go)) | held).exists()


def _sides(reader: Principal) -> QuerySet[SideRoute]:
    """The steps that people who have left leave, as far as this reader gives them to others.

    A lead never reads of what the LADO looks into: it may be about their own people.
    """
    ended = Membership.objects.ended()
    found = SideRoute.objects.filter(done_at__isnull=True).exclude(
        case__in=policies.kept_from(reader).values("case_id")
    )
    if reader.role is Role.MANAGER:
        return found.filter(owner__in=ended, case__in=casework.visible(reader))
    own = ended.filter(team__agency=reader.agency_id)
    return found.filter(owner__in=own).exclude(side=Side.LADO)


@dataclass(frozen=True, repr=False)
class LeftCase:
    """A case that nobody looks after, and who did."""

    row: Summary
    had: str


@dataclass(frozen=True, repr=False)
class LeftStep:
    """A step beside a decision whose owner has left."""

    pk: UUID
    side: str
    reference: str
    had: str
    due_at: datetime


@dataclass(frozen=True, repr=False)
class Left:
    """The work of people who have left, as far as the reader gives it to others.

    Of a draft: who began it and when it was saved last, never a word of it.
    """

    cases: tuple[LeftCase, ...]
    steps: tuple[LeftStep, ...]
    drafts: tuple[tuple[str, datetime], ...]

    @property
    def rows(self) -> tuple[Summary, ...]:
        """The cases, to select from."""
        return tuple(each.row for each in self.cases)

    @property
    def is_empty(self) -> bool:
        """Whether nobody who has left leaves anything."""
        return not (self.cases or self.steps or self.drafts)


@transaction.atomic
def left(*, actor: Principal) -> Left:
    """What people who have left leave, on the record.

    A manager reads of the cases and steps that they oversee; an agency's lead of the steps and
    drafts of their own people. Raises Refused to anybody else.
    """
    policies.require_gives_out(actor)
    manages = actor.role is Role.MANAGER
    cases = _cases(actor) if manages else ()
    sides = _sides(actor).select_related("owner__user", "case").order_by("due_at")
    found = list(sides[:MOST_SHOWN])
    seen = casework.visible(actor).filter(pk__in=[side.case_id for side in found])
    open_to = set(seen.values_list("pk", flat=True))
    record(actor, "left.listed", ids=[side.pk for side in found])
    return Left(
        cases=cases,
        steps=tuple(
            LeftStep(
                pk=side.pk,
                side=Side(side.side).label,
                reference=side.case.reference if side.case_id in open_to else "",
                had=side.owner.user.name,
                due_at=side.due_at,
            )
            for side in found
        ),
        drafts=() if manages else _drafts(actor),
    )


def _cases(actor: Principal) -> tuple[LeftCase, ...]:
    waits = Q(_is_let_go()) | Q(status__in=LOOKED_AFTER, coordinator__in=Membership.objects.ended())
    found = list(
        casework.visible(actor)
        .filter(waits)
        .for_rows()
        .prefetch_related("assignments__held_by__user")
        .order_by("decision_due_at", "reference")[:MOST_SHOWN]
    )
    had = {case.pk: _had(case) for case in found}
    return tuple(LeftCase(row, had[row.case_id]) for row in list_cases(actor=actor, cases=found))


def _had(case: Case) -> str:
    """Who looked after the case before they left."""
    if case.coordinator is not None:
        return case.coordinator.user.name
    gone = [each for each in case.assignments.all() if each.to_id is None and each.held_by]
    last = max(gone, key=lambda each: each.given_at, default=None)
    return last.held_by.user.name if last and last.held_by else ""


def _drafts(actor: Principal) -> tuple[tuple[str, datetime], ...]:
    own = Membership.objects.ended().filter(team__agency=actor.agency_id)
    found = Draft.objects.unsent().filter(author__in=own).defer("answers")
    return tuple(
        (draft.author.user.name, draft.saved_at)
        for draft in found.select_related("author__user")[:MOST_SHOWN]
    )
