"""On random worlds the database and the words of the design agree about who knows of what."""

from dataclasses import dataclass, replace
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.accounts.vocabulary import Principal, Role
from referrals import policies
from referrals.models import Case, Grant, Statement
from referrals.reading import read
from referrals.vocabulary import Priority
from referrals.workflow import ON_BOARD, Relation, Status
from sharing.rules.decision import DEFAULT, Facts, decide
from sharing.rules.vocabulary import Category, Outcome, Purpose, Step
from sharing.rules.vocabulary import Relation as Stands
from tests.referrals.worlds import (
    PEOPLE,
    SENDERS,
    About,
    Given,
    Scene,
    World,
    abouts,
    gathered,
    grant_of,
    is_live,
    knows_of,
    side_by_side,
    told_as_rows,
    ways,
    windows,
    worlds,
)
from tests.sharing.rules.law import newest_rules

PARTS, TIMES, BESIDE = 4, 125, 10
"""Five thousand worlds in a run, in parts that the processes share. Ten stand side by side, since a
question about thirty cases costs little more than one about three.
"""
READINGS = 500


@pytest.fixture
def scene(db) -> Scene:
    """The people of every world."""
    return gathered()


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
            (n for n in expected if world.cases[n].status in ON_BOARD),
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


def check_counts(
    scene: Scene, world: World, cases: list[Case], who: Principal, at: datetime
) -> None:
    """The counts of one person's board and home page."""
    ways = [knows_of(scene, world, who, number, at) for number in range(len(cases))]
    mine = [about for about, found in zip(world.cases, ways, strict=True) if found]
    waiting = [about for about in mine if about.status in ON_BOARD]
    sights = policies.sights(who)
    assert sights.count() == len(mine)
    assert sights.opened().count() == sum(about.status == Status.OPEN for about in mine)
    assert sights.waiting().overdue(at).count() == sum(about.due < 0 for about in waiting)
    assert sights.waiting().unassigned().count() == sum(not about.taken for about in waiting)


def check_stands(
    scene: Scene, world: World, case: tuple[int, Case], who: Principal, at: datetime
) -> None:
    """How one person stands to one case."""
    number, row = case
    words = {"sent": Relation.REFERRER, "emergency": Relation.READER}
    words["granted"] = STANDS_AS[who.role]
    found = knows_of(scene, world, who, number, at)
    assert policies.relations(who, row) == {words[way] for way in found}


BY_THE_THOUSAND = settings(
    max_examples=TIMES,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@pytest.mark.parametrize("part", range(PARTS))
def test_whoever_may_know_of_a_case_does_and_nobody_else(scene, part):
    @BY_THE_THOUSAND
    @given(st.lists(st.tuples(worlds, SENDERS), min_size=BESIDE, max_size=BESIDE))
    def in_every_world(found):
        world = side_by_side([each for each, _ in found])
        ones = [scene.people[one] for each, one in found for _ in each.cases]
        with told_as_rows(scene, world) as (cases, now):
            check_lists(scene, world, cases, now)
            for who in {one.membership_id: one for one in ones}.values():
                check_counts(scene, world, cases, who, now)
            for case, who in zip(enumerate(cases), ones, strict=True):
                check_stands(scene, world, case, who, now)

    in_every_world()


# --- What is shown of a case --------------------------------------------------------------------

CATEGORIES = st.sampled_from(Category)


@dataclass(frozen=True)
class Piece:
    """One statement: who wrote it for their agency, and what kind of information it is."""

    author: int
    category: Category


@dataclass(frozen=True)
class Told:
    """A world about its first case: what is stated on it, and which grants name single pieces."""

    world: World
    pieces: tuple[Piece, ...]
    named: frozenset[int]
    reader: int
    purpose: Purpose


shares = st.builds(
    lambda team, window, ended, part, holder, categories: Given(
        0, team, window[0], window[1], ended, part, holder, tuple(categories)
    ),
    PEOPLE,
    windows,
    st.sampled_from((False, False, True)),
    st.booleans(),
    st.integers(0, 2),
    st.lists(CATEGORIES, min_size=1, max_size=6, unique=True),
)
tellings = st.builds(
    Told,
    world=st.builds(
        lambda about, grants, first, used: World((about,), tuple(grants), ((0, first, 0),), used),
        abouts,
        st.lists(shares, max_size=4),
        PEOPLE,
        st.one_of(
            st.just(()),
            st.builds(lambda who, since: ((0, who, since, 1.0, False),), PEOPLE, st.just(-0.5)),
        ),
    ),
    pieces=st.lists(st.builds(Piece, PEOPLE, CATEGORIES), min_size=1, max_size=6).map(tuple),
    named=st.frozensets(st.integers(0, 5)),
    reader=PEOPLE,
    purpose=st.sampled_from(Purpose),
)


def may_be_shown(
    scene: Scene, told: Told, what: tuple[Category, int, int | None], at: datetime
) -> bool:
    """A live grant covers it, or it is their own by the law, or an emergency and no hard stop."""
    (category, author, piece), world = what, told.world
    who = scene.people[told.reader]
    holder = scene.people[author]
    protects = told.purpose.protects_a_child
    for each in world.grants:
        is_theirs = scene.people[each.team].team_id == who.team_id
        if is_theirs and protects and not each.ended and is_live(each.since, each.until):
            whose = scene.agencies[each.holder].pk
            if each.part and piece is not None and piece in told.named:
                return True
            if not each.part and category in each.categories and whose == holder.agency_id:
                return True
    sender = scene.people[world.sent[0][1]]
    facts = Facts(
        rules=(),
        holder_kind=holder.agency_kind,
        holder_agency=holder.agency_id,
        recipient_is_referrer=sender.membership_id == who.membership_id
        or (who.role is Role.AGENCY_LEAD and sender.agency_id == who.agency_id),
        recipient_is_author=holder.membership_id == who.membership_id,
    )
    hard = tuple(rule for rule in newest_rules() if rule.step == Step.HARD_STOP)
    own = tuple(rule for rule in newest_rules() if rule.relation != Stands.ANYONE)
    of_theirs = replace(facts, rules=(*hard, *own))
    if decide(who, of_theirs, category, told.purpose, at).outcome is Outcome.ALLOW:
        return True
    stopped = replace(facts, rules=hard)
    in_time = "emergency" in ways(scene, world, who, 0)
    return in_time and decide(who, stopped, category, told.purpose, at).rule == DEFAULT


def stated(scene: Scene, told: Told, case: Case, at: datetime) -> list[Statement]:
    """Write down the pieces, each with words of its own."""
    return Statement.objects.bulk_create(
        Statement(
            case=case,
            referral=case.referrals.get(),
            question="told",
            category=piece.category,
            answer="given",
            text=f"Piece {number}.",
            known_how="told",
            author_id=scene.people[piece.author].membership_id,
            agency_id=scene.people[piece.author].agency_id,
            stated_at=at,
        )
        for number, piece in enumerate(told.pieces)
    )


@settings(BY_THE_THOUSAND, max_examples=READINGS)
@given(told=tellings)
def test_nothing_is_shown_but_by_a_grant_the_law_or_an_emergency(scene, told):
    whole = replace(told.world, grants=tuple(g for g in told.world.grants if not g.part))
    with told_as_rows(scene, whole) as ((case,), now):
        rows = stated(scene, told, case, now)
        named = [rows[number].pk for number in sorted(told.named) if number < len(rows)]
        given_in_part = [g for g in told.world.grants if g.part and named]
        Grant.objects.bulk_create(
            grant_of(scene, case, each, now, named) for each in given_in_part if not each.ended
        )
        reading = read(scene.people[told.reader], case, told.purpose, now)
        seen = {item.value for item in reading.items if item.value}
        for number, piece in enumerate(told.pieces):
            may = may_be_shown(scene, told, (piece.category, piece.author, number), now)
            assert may or f"Piece {number}." not in seen
        first = told.world.sent[0][1]
        may = may_be_shown(scene, told, (Category.IC1, first, None), now)
        assert may or not [item for item in reading.items if item.key == "name" and item.value]


def test_a_reading_of_such_a_world_does_show_something(scene):
    """The control of the property above: what may be shown is."""
    given_whole = Given(0, 0, -2.0, None, ended=False, holder=1)
    about = About(0, Status.RECEIVED, Priority.STANDARD, -3.0, 5.0, taken=False)
    world = World((about,), (given_whole,), ((0, 1, 0),), ())
    told = Told(world, (Piece(1, Category.IC4),), frozenset(), 0, Purpose.SCREEN)
    with told_as_rows(scene, world) as ((case,), now):
        stated(scene, told, case, now)
        reading = read(scene.people[0], case, Purpose.SCREEN, now)

    assert {"A", "Piece 0."} <= {item.value for item in reading.items}
