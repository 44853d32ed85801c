"""Random worlds: who and what is in them, the same as rows, and what the design says of them.

The oracle is plain Python over the same facts. It is written from the design, and asks the law
itself what a wall does; it shares no code with the policies.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.contrib.auth.models import Permission
from django.db import transaction
from django.utils import timezone
from hypothesis import strategies as st

from portal.accounts import services as accounts
from portal.accounts.models import Agency, Partnership
from portal.accounts.vocabulary import AgencyKind, PartnerUnder, Principal, Role
from referrals.models import (
    Case,
    Child,
    Closure,
    Decision,
    EmergencyAccess,
    Grant,
    Move,
    Referral,
    Wall,
)
from referrals.vocabulary import Extent, Outcome, Priority
from referrals.workflow import ON_BOARD, Action, Status
from sharing.rules.decision import Facts, decide
from sharing.rules.vocabulary import Category, Purpose
from tests.closing import ending
from tests.sharing.rules.law import newest_rules

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Scene:
    """Who is there in every world: principals, and the agencies that hold things."""

    areas: tuple[Partnership, ...]
    people: tuple[Principal, ...]
    agencies: tuple[Agency, ...]
    permission: int


def gathered() -> Scene:
    """Two areas; a person with two hats; two people in one team; an agency of both areas."""
    here, there = (
        accounts.found_partnership(
            name=name,
            slug=name.lower(),
            front_door_phone="020 7946 0000",
            out_of_hours_phone="020 7946 0011",
        )
        for name in ("Exampleshire", "Elsewhere")
    )

    def agency(name: str, kind: AgencyKind, *areas: Partnership) -> Agency:
        return accounts.join_agency(
            name=name,
            kind=kind,
            partner_under=[PartnerUnder.S11],
            partnerships=areas,
        )

    council = agency("Council", AgencyKind.COUNCIL, here)
    school = agency("School", AgencyKind.SCHOOL, here)
    police = agency("Police", AgencyKind.POLICE, here, there)
    elsewhere = agency("Other council", AgencyKind.COUNCIL, there)
    people = (
        ("coordinator", council, Role.COORDINATOR),
        ("teacher", school, Role.PRACTITIONER),
        ("two.hats", school, Role.PRACTITIONER),
        ("two.hats", police, Role.PANEL_MEMBER),
        ("other", elsewhere, Role.COORDINATOR),
        ("lead", school, Role.AGENCY_LEAD),
    )
    # The database gives nothing to whoever only sends; they may have sent something.
    sender = accounts.enrol(
        email="sender@example.org",
        name="sender",
        agency=school,
        role=Role.PRACTITIONER,
        sends_only=True,
    ).principal()
    return Scene(
        areas=(here, there),
        people=(
            *(
                accounts.enrol(
                    email=f"{name}@example.org", name=name, agency=where, role=role
                ).principal()
                for name, where, role in people
            ),
            sender,
        ),
        agencies=(council, school, police),
        permission=Permission.objects.get(codename="view_case").pk,
    )


# --- What a world is made of; people and cases by their number, times in hours from now ---------


@dataclass(frozen=True)
class Given:
    case: int
    team: int
    since: float
    until: float | None
    ended: bool
    part: bool = False
    holder: int = 0
    categories: tuple[Category, ...] = (Category.IC1, Category.IC4)
    purpose: Purpose = Purpose.SCREEN
    asks: bool = False

    @property
    def extent(self) -> Extent:
        """All of it, a part of it, or all of it on the page of a question alone."""
        if self.part:
            return Extent.PART
        return Extent.ANSWER if self.asks else Extent.WHOLE


@dataclass(frozen=True)
class About:
    area: int
    status: Status
    priority: Priority
    received: float
    due: float
    taken: bool


@dataclass(frozen=True)
class World:
    """Everything that may let somebody know of a case, or keep them from it."""

    cases: tuple[About, ...]
    grants: tuple[Given, ...]
    # (case, person, the case to which it was moved later)
    sent: tuple[tuple[int, int, int], ...]
    # (case, person, since, for how long, ended)
    used: tuple[tuple[int, int, float, float, bool], ...]
    # which case, which person, whether lifted since
    walls: tuple[tuple[int, int, bool], ...] = ()


PEOPLE = st.integers(0, 5)
SENDERS = st.integers(0, 6)
"""Those to whom something may be given; and with them somebody who only sends."""
CASES = st.integers(0, 2)
abouts = st.builds(
    About,
    area=st.sampled_from((0, 0, 1)),
    status=st.sampled_from(Status),
    priority=st.sampled_from(Priority),
    received=st.sampled_from((-50.0, -50.0, -3.0)),
    due=st.sampled_from((-1.0, 5.0, 5.0)),
    taken=st.booleans(),
)
windows = st.sampled_from(
    [
        (since, until)
        for since in (-48.0, -2.0, 2.0, 24.0)
        for until in (-24.0, -2.0, -1.0, 1.0, 24.0, 48.0, None)
        if until is None or until > since
    ]
)
givens = st.builds(
    lambda case, team, window, ended, part, asks: Given(
        case, team, window[0], window[1], ended, part, asks=asks
    ),
    CASES,
    PEOPLE,
    windows,
    st.sampled_from((False, False, False, True)),
    st.booleans(),
    st.sampled_from((False, False, True)),
)
worlds = st.builds(
    World,
    cases=st.tuples(abouts, abouts, abouts),
    grants=st.lists(givens, max_size=7).map(tuple),
    sent=st.lists(st.tuples(CASES, SENDERS, CASES), max_size=3).map(tuple),
    used=st.lists(
        st.tuples(
            CASES,
            PEOPLE,
            st.sampled_from((-3.0, -0.5, 0.5)),
            st.sampled_from((0.25, 1.0)),
            st.booleans(),
        ),
        max_size=2,
    ).map(tuple),
    walls=st.lists(
        st.tuples(CASES, SENDERS, st.booleans()), max_size=2, unique_by=lambda wall: wall[:2]
    ).map(tuple),
)


def side_by_side(several: Iterable[World]) -> World:
    """One world with the cases of all of them, in which nothing of one touches another's."""
    cases: tuple[About, ...] = ()
    grants: list[Given] = []
    sent, used, walls = [], [], []
    for world in several:
        by = len(cases)
        cases += world.cases
        grants += [replace(each, case=each.case + by) for each in world.grants]
        sent += [(case + by, who, moved + by) for case, who, moved in world.sent]
        used += [(case + by, *more) for case, *more in world.used]
        walls += [(case + by, *more) for case, *more in world.walls]
    return World(cases, tuple(grants), tuple(sent), tuple(used), tuple(walls))


# --- The same world as rows ---------------------------------------------------------------------


@contextmanager
def told_as_rows(scene: Scene, world: World) -> Iterator[tuple[list[Case], datetime]]:
    """Write the world down; take it back at the end of the block."""
    point = transaction.savepoint()
    try:
        yield write(scene, world)
    finally:
        transaction.savepoint_rollback(point)


def write(scene: Scene, world: World, first: int = 0) -> tuple[list[Case], datetime]:
    """Write the world as life would: first how it begins, then what changes in it."""
    now = timezone.now()
    members = [who.membership_id for who in scene.people]
    cases = _cases(scene, world, now, first)
    referrals = Referral.objects.bulk_create(
        Referral(
            case=cases[case],
            agency_id=scene.people[who].agency_id,
            author_id=members[who],
            danger="no",
            sent_at=now,
            key=uuid4(),
            digest="",
        )
        for case, who, _ in world.sent
    )
    grants = Grant.objects.bulk_create(
        grant_of(scene, cases[each.case], each, now) for each in world.grants
    )
    used = EmergencyAccess.objects.bulk_create(
        EmergencyAccess(
            case=cases[case],
            membership_id=members[who],
            why="life",
            next_step="I go to the house with the police, now.",
            from_at=now + since * HOUR,
            until_at=now + (since + length) * HOUR,
            review_due_at=now + 48 * HOUR,
        )
        for case, who, since, length, _ in world.used
    )
    _walls(scene, world, cases, now)
    # Then what changes.
    for referral, (case, _, moved) in zip(referrals, world.sent, strict=True):
        if moved != case:
            Referral.objects.filter(pk=referral.pk).update(case=cases[moved])
    _end(Grant, grants, [each.ended for each in world.grants], ended_at=now, ended_why="Stopped.")
    _end(EmergencyAccess, used, [each[4] for each in world.used], ended_at=now)
    changed = [c for c, about in zip(cases, world.cases, strict=True) if _becomes(scene, c, about)]
    left = [case for case in cases if case.status not in ON_BOARD]
    with transaction.atomic():
        Case.objects.bulk_update(changed, ["status", "priority", "decided_at", "coordinator"])
        Decision.objects.bulk_create(map(decision_of, left))
        _closures(scene, [case for case in left if case.status == Status.CLOSED])
    return cases, now


def _cases(scene: Scene, world: World, now: datetime, first: int) -> list[Case]:
    areas = [scene.areas[about.area] for about in world.cases]
    children = Child.objects.bulk_create(Child(partnership=each, given_name="A") for each in areas)
    return Case.objects.bulk_create(
        Case(
            partnership=child.partnership,
            child=child,
            reference=f"R-{first + number:08d}",
            priority=Priority.STANDARD,
            received_at=now + about.received * HOUR,
            decision_due_at=now + about.due * HOUR,
        )
        for number, (child, about) in enumerate(zip(children, world.cases, strict=True))
    )


def _becomes(scene: Scene, case: Case, about: About) -> bool:
    begins = (case.status, case.priority)
    case.status, case.priority = about.status, about.priority
    if about.taken or about.status not in ON_BOARD:
        case.coordinator_id = scene.people[0].membership_id
        case.decided_at = None if about.status in ON_BOARD else case.received_at
    return (case.status, case.priority) != begins or case.coordinator_id is not None


def _closures(scene: Scene, cases: list[Case]) -> None:
    """One person steps each case down, and another closes it by the closure test."""
    one, other = (scene.people[n].membership_id for n in (0, 1))
    steps = [(Action.STEP_DOWN, one), (Action.CLOSE, other)]
    moves = Move.objects.bulk_create(
        Move(case=case, action=action, reason="Because.", moved_by_id=who)
        for case in cases
        for action, who in steps
    )
    last = ending()
    answers = {
        str(asked): {"answer": str(said.answer), "words": said.words}
        for asked, said in last.answers.items()
    }
    Closure.objects.bulk_create(
        Closure(
            case=case,
            move=move,
            reason=last.reason,
            goes_on_with=last.goes_on_with,
            answers=answers,
            agreed_by=last.agreed_by,
            told_referrer=last.told_referrer,
            closed_by_id=other,
            closed_at=case.received_at,
            look_back_on=case.received_at.date() + timedelta(days=90),
        )
        for case, move in zip(cases, moves[1::2], strict=True)
    )


def decision_of(case: Case) -> Decision:
    """The decision by which a case may leave the board."""
    return Decision(
        case=case,
        outcome=Outcome.ASSESSMENT,
        reason="Because.",
        told_referrer="What.",
        decided_by_id=case.coordinator_id,
        decided_at=case.received_at,
        owner_id=case.coordinator_id,
        next_on=case.received_at.date(),
    )


def grant_of(
    scene: Scene, case: Case, each: Given, now: datetime, pieces: Iterable[UUID] = ()
) -> Grant:
    """One grant, not saved yet; in part, of these pieces."""
    return Grant(
        content_object=case,
        group_id=scene.people[each.team].team_id,
        permission_id=scene.permission,
        holder=scene.agencies[each.holder],
        categories=list(each.categories),
        extent=each.extent,
        statements=(list(pieces) or [uuid4()]) if each.part else [],
        purpose=each.purpose,
        gateway="CA04_S10",
        rule="12",
        rule_version=1,
        reason="Because.",
        necessity="Needed.",
        proportionality="No more than that.",
        granted_by_service="sent",
        from_at=now + each.since * HOUR,
        until_at=None if each.until is None else now + each.until * HOUR,
    )


def _walls(scene: Scene, world: World, cases: list[Case], now: datetime) -> None:
    raised_by = scene.people[0].membership_id
    standing: set[tuple[int, UUID]] = set()
    rows = []
    for case, who, lifted in world.walls:
        user = scene.people[who].user_id
        if not lifted and (case, user) in standing:
            continue  # the person's other hat: one wall stands for both
        if not lifted:
            standing.add((case, user))
        # Nobody ends a conflict of interest of their own.
        another = next(each for each in scene.people if each.user_id != user).membership_id
        end = (
            {"lifted_at": now, "lifted_by_id": another, "lifted_why": "A mistake."}
            if lifted
            else {}
        )
        rows.append(
            Wall(case=cases[case], user_id=user, why="relative", raised_by_id=raised_by, **end)
        )
    Wall.objects.bulk_create(rows)


def _end(model, rows, ended: list[bool], **values) -> None:
    chosen = [row.pk for row, is_over in zip(rows, ended, strict=True) if is_over]
    if chosen:
        model.objects.filter(pk__in=chosen).update(**values)


# --- The oracle ---------------------------------------------------------------------------------


def is_live(since: float, until: float | None) -> bool:
    """Whether a time in hours from now lies around now."""
    return since <= 0 and (until is None or until > 0)


def walled(scene: Scene, world: World, who: Principal, case: int, at: datetime) -> bool:
    """A standing wall names the person, and the law then says nothing at all: rule 1."""
    stands = any(
        (wall_case, scene.people[named].user_id, lifted) == (case, who.user_id, False)
        for wall_case, named, lifted in world.walls
    )
    facts = Facts(newest_rules(), AgencyKind.COUNCIL, uuid4(), walled=stands)
    answer = decide(who, facts, Category.IC1, Purpose.SCREEN, at)
    return answer.silent


def ways(scene: Scene, world: World, who: Principal, case: int) -> set[str]:
    """By which of the three ways somebody knows of a case, were there no wall and no border.

    A question that their team is asked is none of them.
    """
    member = [person.membership_id for person in scene.people]
    found = set()
    if not who.sends_only and any(
        each.case == case
        and scene.people[each.team].team_id == who.team_id
        and not each.ended
        and is_live(each.since, each.until)
        and each.extent is not Extent.ANSWER
        for each in world.grants
    ):
        found.add("granted")
    if any(to == case and member[author] == who.membership_id for _, author, to in world.sent):
        found.add("sent")
    if any(
        where == case
        and member[user] == who.membership_id
        and not ended
        and is_live(since, since + length)
        for where, user, since, length, ended in world.used
    ):
        found.add("emergency")
    return found


def knows_of(scene: Scene, world: World, who: Principal, case: int, at: datetime) -> set[str]:
    """The ways that are open to them: none across a border of the areas, none behind a wall."""
    inside = scene.areas[world.cases[case].area].pk in who.partnership_ids
    if not inside or walled(scene, world, who, case, at):
        return set()
    return ways(scene, world, who, case)
