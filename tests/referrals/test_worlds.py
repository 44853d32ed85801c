"""On random worlds the database and the words of the design agree about who knows of what.

The oracle below is plain Python over the same facts. It is written from the design, and asks the
law itself what a wall does; it shares no code with the policies.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import Permission
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.accounts import services as accounts
from portal.accounts.models import Agency, Partnership
from portal.accounts.vocabulary import AgencyKind, PartnerUnder, Principal, Role
from referrals import policies
from referrals.models import (
    Case,
    Child,
    EmergencyAccess,
    Grant,
    Referral,
    Sight,
    Statement,
    Wall,
)
from referrals.reading import read
from referrals.vocabulary import Extent, Priority
from referrals.workflow import WAITING, Relation, Status
from sharing.rules.decision import DEFAULT, Facts, decide
from sharing.rules.vocabulary import Category, Outcome, Purpose, Step
from sharing.rules.vocabulary import Relation as Stands
from tests.sharing.rules.law import newest_rules
from tools import databases

HOUR = timedelta(hours=1)
PARTS, WORLDS = 4, 1_250
"""Five thousand worlds, in parts that two processes share."""
READINGS = 500


@dataclass(frozen=True)
class Scene:
    """Who is there in every world: principals, and the agencies that hold things."""

    areas: tuple[Partnership, ...]
    people: tuple[Principal, ...]
    agencies: tuple[Agency, ...]
    permission: int


@pytest.fixture
def scene(db) -> Scene:
    """Two areas; a person with two hats; two people in one team; an agency of both areas."""
    return _scene()


def _scene() -> Scene:
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
            signed_agreement_on=date(2025, 1, 6),
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
    return Scene(
        areas=(here, there),
        people=tuple(
            accounts.enrol(
                email=f"{name}@example.org", name=name, agency=where, role=role
            ).principal()
            for name, where, role in people
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
    # (case, person, lifted)
    walls: tuple[tuple[int, int, bool], ...]


PEOPLE = st.integers(0, 5)
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
    lambda case, team, window, ended, part: Given(case, team, *window, ended, part),
    CASES,
    PEOPLE,
    windows,
    st.sampled_from((False, False, False, True)),
    st.booleans(),
)
worlds = st.builds(
    World,
    cases=st.tuples(abouts, abouts, abouts),
    grants=st.lists(givens, max_size=7).map(tuple),
    sent=st.lists(st.tuples(CASES, PEOPLE, CASES), max_size=3).map(tuple),
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
        st.tuples(CASES, PEOPLE, st.booleans()), max_size=2, unique_by=lambda wall: wall[:2]
    ).map(tuple),
)


# --- The same world as rows ---------------------------------------------------------------------


@contextmanager
def told(scene: Scene, world: World) -> Iterator[tuple[list[Case], datetime]]:
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
        _grant(scene, cases[each.case], each, now) for each in world.grants
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
    Case.objects.bulk_update(changed, ["status", "priority", "decided_at", "coordinator"])
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
    if about.taken or about.status not in WAITING:
        case.coordinator_id = scene.people[0].membership_id
        case.decided_at = None if about.status in WAITING else case.received_at
    return (case.status, case.priority) != begins or case.coordinator_id is not None


def _grant(scene: Scene, case: Case, each: Given, now: datetime, pieces=()) -> Grant:
    return Grant(
        content_object=case,
        group_id=scene.people[each.team].team_id,
        permission_id=scene.permission,
        holder=scene.agencies[each.holder],
        categories=list(each.categories),
        extent=Extent.PART if each.part else Extent.WHOLE,
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
        end = (
            {"lifted_at": now, "lifted_by_id": raised_by, "lifted_why": "A mistake."}
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


def _live(since: float, length_or_until: float | None) -> bool:
    return since <= 0 and (length_or_until is None or length_or_until > 0)


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
    """By which of the three ways somebody knows of a case, were there no wall and no border."""
    member = [person.membership_id for person in scene.people]
    found = set()
    if any(
        each.case == case
        and scene.people[each.team].team_id == who.team_id
        and not each.ended
        and _live(each.since, each.until)
        for each in world.grants
    ):
        found.add("granted")
    if any(to == case and member[author] == who.membership_id for _, author, to in world.sent):
        found.add("sent")
    if any(
        where == case
        and member[user] == who.membership_id
        and not ended
        and _live(since, since + length)
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


STANDS_AS = {
    Role.COORDINATOR: Relation.COORDINATOR,
    Role.AGENCY_LEAD: Relation.AGENCY_LEAD,
    Role.PANEL_MEMBER: Relation.PANEL_MEMBER,
    Role.PRACTITIONER: Relation.READER,
}


def check_lists(scene: Scene, world: World, cases: list[Case], at: datetime) -> None:
    """Every principal, every case: by the lists, and by the lookup."""
    place = {case.pk: number for number, case in enumerate(cases)}
    for who in scene.people:
        open_to = {n: knows_of(scene, world, who, n, at) for n in place.values()}
        expected = [number for number, found in open_to.items() if found]
        newest = sorted(expected, key=lambda n: (-world.cases[n].received, n))
        due = sorted(
            (n for n in expected if world.cases[n].status in WAITING),
            key=lambda n: (
                world.cases[n].priority != Priority.IMMEDIATE,
                world.cases[n].due,
                n,
            ),
        )
        sights = policies.sights(who)
        assert [place[s.case_id] for s in sights.newest()] == newest
        assert [place[s.case_id] for s in sights.waiting()] == due
        assert sorted(place[pk] for pk in policies.visible(who).values_list("pk", flat=True)) == (
            expected
        )


def check_one(
    scene: Scene, world: World, cases: list[Case], who: Principal, at: datetime
) -> None:
    """The counts of one person's board and home page, and how they stand to each case."""
    ways = [knows_of(scene, world, who, number, at) for number in range(len(cases))]
    mine = [about for about, found in zip(world.cases, ways, strict=True) if found]
    waiting = [about for about in mine if about.status in WAITING]
    sights = policies.sights(who)
    assert sights.count() == len(mine)
    assert sights.opened().count() == sum(about.status == Status.OPEN for about in mine)
    assert sights.waiting().overdue(at).count() == sum(about.due < 0 for about in waiting)
    assert sights.waiting().unassigned().count() == sum(not about.taken for about in waiting)
    words = {"sent": Relation.REFERRER, "emergency": Relation.READER}
    words["granted"] = STANDS_AS[who.role]
    for case, found in zip(cases, ways, strict=True):
        assert policies.relations(who, case) == {words[way] for way in found}


BY_THE_THOUSAND = settings(
    max_examples=WORLDS,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@pytest.mark.parametrize("part", range(PARTS))
def test_whoever_may_know_of_a_case_does_and_nobody_else(scene, part):
    @BY_THE_THOUSAND
    @given(worlds, PEOPLE)
    def in_every_world(world, one):
        with told(scene, world) as (cases, now):
            check_lists(scene, world, cases, now)
            check_one(scene, world, cases, scene.people[one], now)

    in_every_world()
