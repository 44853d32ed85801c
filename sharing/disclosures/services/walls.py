"""Conflicts of interest: declared by the person, recorded for them, ended by somebody else.

From the moment at which a wall stands, the case does not exist for that person, in none of their
roles (`referrals.policies.visible`). Nobody tells them so: not this service, not a notice, not a
trail. What somebody else records is kept in the stream of that person's agency, because the
case's own stream may be read one day by the person whom the wall kept out of it.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from portal.accounts import policies as people
from portal.accounts.models import User
from portal.accounts.vocabulary import Principal, Role
from portal.audit.services import MOST_IDS, record
from portal.common.errors import DomainError, NotVisible, Refused
from portal.notifications.services import owe
from portal.notifications.vocabulary import Kind
from referrals import policies as casework
from referrals.models import Case, EmergencyAccess, Wall, tidy_reference
from referrals.vocabulary import Conflict
from sharing.disclosures.policies import oversight as policies
from sharing.disclosures.reading.teams import team_words
from sharing.disclosures.services.held import held_case, lock


@dataclass(frozen=True, repr=False)
class WallRow:
    """One conflict of interest, in words, for a manager or an information-governance lead.

    `reference` is empty where the case is not open to the reader; `is_declared` tells whether
    the person said so themselves. `agency` is who is kept from the case, where it is no person.
    """

    pk: UUID
    reference: str
    person: str
    agency: str
    works_as: str
    why: str
    words: str
    is_declared: bool
    raised_by: str
    raised_at: datetime
    lifted_by: str
    lifted_at: datetime | None
    lifted_why: str
    has_no_coordinator: bool


@transaction.atomic
def declare(*, actor: Principal, reference: str, why: Conflict, words: str = "") -> Wall:
    """Say that one has a conflict of interest oneself. The case is gone for the actor at once.

    Raises NotVisible, Refused to a board chair, DomainError when the reason needs words.
    Legal source: rule 1 of the partnership's table.
    """
    case = held_case(actor, reference)
    user = User.objects.get(pk=actor.user_id)
    return _raise(actor, case, user, why, words)


@transaction.atomic
def raise_wall(
    *, actor: Principal, reference: str, email: str, why: Conflict, words: str = ""
) -> Wall:
    """Record a conflict of interest for somebody, before or after they have seen the case.

    `email` is their work e-mail address. They are told nothing, ever. The actor coordinates or
    manages the case, or leads on information governance in its partnership.
    Raises NotVisible, Refused; DomainError when nobody in the partnership has that address, when
    it is recorded already, or when the reason needs words.
    """
    lock(_to_wall(actor, reference).pk)
    case = _to_wall(actor, reference)
    user = (
        User.objects.filter(
            email=email.strip().lower(),
            memberships__team__agency__partnerships=case.partnership_id,
        )
        .distinct()
        .first()
    )
    if user is None:
        raise DomainError(
            "Nobody in this partnership has this work email address. Check it: nothing has been"
            " recorded yet."
        )
    return _raise(actor, case, user, why, words)


def _to_wall(actor: Principal, reference: str) -> Case:
    """The case that the actor may record a conflict on. An IG lead knows of it, and reads none."""
    if actor.role is not Role.IG_LEAD:
        case = casework.case_for(actor, reference)
        casework.require_oversees(actor, case)
        return case
    known = policies.known_cases(actor).filter(reference=tidy_reference(reference)).first()
    if known is None:
        raise NotVisible("case", reference)
    return known


def _raise(actor: Principal, case: Case, user: User, why: Conflict, words: str) -> Wall:
    """Put the wall up. The caller holds the case: opening it in an emergency takes the same lock,
    so neither slips past the other.
    """
    words = words.strip()
    if why == Conflict.OTHER and not words:
        raise DomainError("Write what the reason is. A sentence is enough.")
    if Wall.objects.filter(case=case, user=user, lifted_at__isnull=True).exists():
        raise DomainError("This is recorded already. This person cannot open the case.")
    now = timezone.now()
    wall = Wall.objects.create(
        case=case,
        user=user,
        why=why,
        words=words,
        raised_by_id=actor.membership_id,
        raised_at=now,
    )
    lost = _take_off(case, user)
    _end_emergencies(actor, case, user, now)
    cause = record(
        actor,
        "wall.raised",
        case=case.pk if user.pk == actor.user_id else None,
        obj=("wall", wall.pk),
        subjects=[case.child_id],
        why=str(why),
        fields=["coordinator"] if lost else [],
    )
    _tell_the_clean(actor, case, user, cause)
    return wall


def _take_off(case: Case, user: User) -> bool:
    """Leave the case without its coordinator, if that is the person: somebody else takes it on."""
    if case.coordinator is None or case.coordinator.user_id != user.pk:
        return False
    case.coordinator = None
    case.save(update_fields=["coordinator"])
    return True


def _end_emergencies(actor: Principal, case: Case, user: User, now: datetime) -> None:
    found = EmergencyAccess.objects.filter(
        case=case, membership__user=user, ended_at__isnull=True, until_at__gt=now
    )
    for access in found.select_for_update(of=("self",)).order_by("pk"):
        access.ended_at = now
        access.save(update_fields=["ended_at"])
        record(
            actor,
            "emergency.ended",
            # As the wall: what somebody else recorded is not for the person to read one day.
            case=case.pk if user.pk == actor.user_id else None,
            obj=("emergency", access.pk),
            subjects=[case.child_id],
        )


def _tell_the_clean(actor: Principal, case: Case, user: User, cause: UUID) -> None:
    """Tell the managers and IG leads who have no conflict here: somebody must look after it."""
    teams = people.teams_in(case.partnership_id, Role.MANAGER, Role.IG_LEAD)
    clean = people.live_memberships(teams).exclude(casework.walled(case))
    for member in clean.exclude(user__in=[user.pk, actor.user_id]):
        owe(
            recipient=member,
            kind=Kind.CONFLICT,
            reference=policies.reference_for(member.principal(), case),
            case=case.pk,
            cause=cause,
        )


@transaction.atomic
def lift(*, actor: Principal, pk: UUID, why: str) -> Wall:
    """End a conflict of interest, with the reason in words. That there was one stays on record.

    Raises Refused to anybody but a manager or an IG lead, and to them for one against an agency,
    which `referrals.triage.services.show_again` ends; NotVisible for a wall of another partnership,
    of a case with which the actor has a conflict, or against the actor, in whatever role;
    DomainError without a reason, or when it has ended already.
    """
    policies.require_sees_walls(actor)
    known = policies.walls(actor).filter(pk=pk)
    if before := known.first():
        lock(before.case_id)
    wall = known.select_for_update(of=("self",)).select_related("case").first()
    if wall is None:
        raise NotVisible("wall", str(pk))
    policies.require_ends_wall(wall)
    if not why.strip():
        raise DomainError("Write why the conflict of interest has ended. A sentence is enough.")
    if wall.lifted_at is not None:
        raise DomainError("This has ended already. Nothing has changed: the record is on the list.")
    wall.lifted_at = timezone.now()
    wall.lifted_by_id = actor.membership_id
    wall.lifted_why = why.strip()
    wall.save(update_fields=["lifted_at", "lifted_by", "lifted_why"])
    record(actor, "wall.lifted", obj=("wall", wall.pk), subjects=[wall.case.child_id])
    return wall


@transaction.atomic
def list_walls(*, actor: Principal) -> list[WallRow]:
    """The conflicts of interest of the partnership, standing ones first, on the record.

    Nothing about a case with which the actor has a conflict, and nothing against the actor: no
    row, no count. The newest 200. Raises Refused to anybody but a manager or an IG lead.
    """
    policies.require_sees_walls(actor)
    rows = _rows(actor, policies.walls(actor)[:MOST_IDS])
    record(actor, "wall.listed", ids=[row.pk for row in rows])
    return rows


@transaction.atomic
def read_wall(*, actor: Principal, pk: UUID) -> WallRow:
    """One of them, for the page that ends it, on the record. Raises as `list_walls`, NotVisible."""
    policies.require_sees_walls(actor)
    found = policies.walls(actor).filter(pk=pk)
    wall = found.first()
    if wall is None:
        raise NotVisible("wall", str(pk))
    policies.require_ends_wall(wall)
    rows = _rows(actor, found)
    record(actor, "wall.listed", ids=[pk])
    return rows[0]


def _rows(actor: Principal, found: policies.Walls) -> list[WallRow]:
    walls = list(
        found.select_related(
            "case",
            "user",
            "agency",
            "raised_by__user",
            "raised_by__team__agency",
            "lifted_by__user",
        ).prefetch_related("user__memberships__team__agency")
    )
    open_to = set(
        casework.visible(actor)
        .filter(pk__in=[wall.case_id for wall in walls])
        .values_list("pk", flat=True)
    )
    return [
        WallRow(
            pk=wall.pk,
            reference=wall.case.reference if wall.case_id in open_to else "",
            person=wall.user.name if wall.user else "",
            agency=wall.agency.name if wall.agency else "",
            works_as="; ".join(
                sorted(
                    team_words(each.team)
                    for each in (wall.user.memberships.all() if wall.user else ())
                )
            ),
            why=Conflict(wall.why).label,
            words=wall.words,
            is_declared=wall.raised_by.user_id == wall.user_id,
            raised_by=wall.raised_by.user.name,
            raised_at=wall.raised_at,
            lifted_by=wall.lifted_by.user.name if wall.lifted_by else "",
            lifted_at=wall.lifted_at,
            lifted_why=wall.lifted_why,
            has_no_coordinator=wall.case.decided_at is not None
            and wall.case.coordinator_id is None,
        )
        for wall in walls
    ]


def require_may_raise(*, actor: Principal, reference: str) -> str:
    """Insist that the actor may record a conflict on this case, and return its reference.

    Raises NotVisible or Refused.
    """
    if actor.role is Role.IG_LEAD:
        raise Refused("Record it on the page of conflicts of interest", kind="case", action="wall")
    return _to_wall(actor, reference).reference
