"""The sights are kept by the database alone: the site reads them, and time ends them."""

import os
import time
from datetime import timedelta
from random import Random

import psycopg2
import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from referrals import policies, services
from referrals.models import Case, Grant, Sight
from referrals.vocabulary import Priority
from referrals.workflow import Status
from tests.cast import Cast, at_once, membership, send
from tests.referrals.worlds import About, Given, World, gathered, write
from tools import databases

KEPT = (
    "SELECT group_id, case_id, only_id, from_at, until_at::text, partnership_id, reference,"
    " received_at, due_at, rank, waiting, unassigned, opened FROM referrals_sight"
    " WHERE until_at > now() ORDER BY 1, 2, 3, 4"
)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO referrals_sight SELECT * FROM referrals_sight",
        "UPDATE referrals_sight SET until_at = 'infinity'",
        "DELETE FROM referrals_sight",
        "TRUNCATE referrals_sight",
        "SELECT nextval('referrals_sight_id_seq')",
        "SELECT referrals_sight_rebuild()",
        "SELECT referrals_sight_refresh('{}')",
        "SELECT * FROM referrals_sights_of(gen_random_uuid())",
    ],
)
def test_the_site_may_read_the_sights_and_nothing_else(cast: Cast, sent, statement):
    with (
        pytest.raises(DatabaseError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)

    assert Sight.objects.exists()


def a_large_world(seed: int = 7) -> World:
    """Fifty cases with hundreds of windows, past, present and to come."""
    some = Random(seed)  # noqa: S311 - the same each time
    number = 50
    windows = [(-48.0, -2.0), (-2.0, 24.0), (-48.0, None), (24.0, 48.0), (2.0, None), (-1.0, 1.0)]
    return World(
        cases=tuple(
            About(
                area=some.choice((0, 0, 1)),
                status=some.choice(list(Status)),
                priority=some.choice(list(Priority)),
                received=-some.uniform(2, 99),
                due=some.uniform(-1, 9),
                taken=some.random() < 0.5,
            )
            for _ in range(number)
        ),
        grants=tuple(
            Given(
                some.randrange(number),
                some.randrange(6),
                *some.choice(windows),
                some.random() < 0.2,
            )
            for _ in range(number * 6)
        ),
        sent=tuple(
            (some.randrange(number), some.randrange(6), some.randrange(number))
            for _ in range(number)
        ),
        used=tuple(
            (some.randrange(number), some.randrange(6), -0.5, 1.0, some.random() < 0.2)
            for _ in range(number)
        ),
    )


def test_a_rebuild_changes_nothing_that_the_triggers_kept(committed):
    write(gathered(), a_large_world())
    owner = databases.renamed(os.environ["OWNER_DATABASE_URL"], committed.name)
    before = databases.ask(owner, KEPT)
    ids = databases.ask(owner, "SELECT id FROM referrals_sight WHERE until_at > now() ORDER BY 1")

    databases.ask(owner, "SELECT referrals_sight_rebuild()")

    assert len(before) > 100
    assert databases.ask(owner, KEPT) == before
    # Not one row was even written again.
    again = "SELECT id FROM referrals_sight WHERE until_at > now() ORDER BY 1"
    assert databases.ask(owner, again) == ids


def test_a_rebuild_mends_what_was_lost_and_what_was_made_up(committed):
    write(gathered(), a_large_world())
    owner = databases.renamed(os.environ["OWNER_DATABASE_URL"], committed.name)
    before = databases.ask(owner, KEPT)
    databases.ask(owner, "DELETE FROM referrals_sight WHERE id % 3 = 0")
    databases.ask(owner, "UPDATE referrals_sight SET until_at = 'infinity', rank = 7")

    databases.ask(owner, "SELECT referrals_sight_rebuild()")

    assert databases.ask(owner, KEPT) == before


def test_windows_of_one_person_and_case_never_overlap(committed):
    write(gathered(), a_large_world())

    overlap = databases.ask(
        committed.app,
        "SELECT count(*) FROM referrals_sight a JOIN referrals_sight b ON a.id < b.id"
        " AND a.group_id = b.group_id AND a.case_id = b.case_id"
        " AND (a.only_id IS NULL OR b.only_id IS NULL OR a.only_id = b.only_id)"
        " AND tstzrange(a.from_at, a.until_at) && tstzrange(b.from_at, b.until_at)",
    )

    assert overlap == [(0,)]


def test_a_sight_ends_by_the_clock_alone(cast: Cast, sent: Case):
    """No worker runs here, and nothing is written between the two looks."""
    given = Grant.objects.filter(content_object=sent, group_id=cast.coordinator.team_id)
    soon = timezone.now() + timedelta(seconds=1)
    short = [_like(grant, until_at=soon) for grant in given]
    given.update(ended_at=timezone.now(), ended_why="Replaced.")
    Grant.objects.bulk_create(short)
    seen = policies.sights(cast.coordinator).count()

    while timezone.now() <= soon:
        time.sleep(0.05)

    assert seen == 1
    assert policies.sights(cast.coordinator).count() == 0
    assert not policies.visible(cast.coordinator).exists()
    assert Sight.objects.filter(group_id=cast.coordinator.team_id).exists()


def _like(grant: Grant, **changes: object) -> Grant:
    kept = {
        field.name: getattr(grant, field.name)
        for field in Grant._meta.concrete_fields
        if field.name not in {"id", "created_at"}
    }
    return Grant(**{**kept, **changes})


def test_the_sweep_clears_what_ended_long_ago_and_nothing_else(committed):
    write(gathered(), a_large_world())
    owner = databases.renamed(os.environ["OWNER_DATABASE_URL"], committed.name)
    before = databases.ask(owner, KEPT)
    for ago in ("2 hours", "59 minutes"):
        databases.ask(
            owner,
            "INSERT INTO referrals_sight (group_id, case_id, from_at, until_at, partnership_id,"
            " reference, received_at, due_at, rank, waiting, unassigned, opened)"
            " SELECT group_id, case_id, now() - interval '9 years', now() - %s::interval,"
            " partnership_id, reference, received_at, due_at, rank, waiting, unassigned, opened"
            " FROM referrals_sight LIMIT 1",
            ago,
        )

    assert services.sweep_sights() == 1
    assert services.sweep_sights() == 0
    assert databases.ask(owner, KEPT) == before


def test_two_who_give_the_same_team_a_case_at_once_leave_one_sight(committed, cast: Cast):
    case = send(cast.teacher)
    model = Grant.objects.filter(content_object=case)[0]
    team = membership(cast.charity_worker).team

    def give():
        with transaction.atomic():
            Grant.objects.bulk_create([_like(model, group=team)])
            time.sleep(0.2)  # until both have written
            return True

    assert at_once(give, give, give) == [True] * 3
    assert Grant.objects.filter(group=team).count() == 3
    assert policies.sights(cast.charity_worker).count() == 1
    assert Sight.objects.filter(group_id=team.pk).count() == 1


def test_a_person_who_is_put_in_another_team_takes_what_they_sent_along(cast: Cast, sent: Case):
    member = membership(cast.teacher)
    member.team = membership(cast.charity_worker).team
    member.save(update_fields=["team"])

    there = membership(cast.teacher).principal()

    assert [sight.case_id for sight in policies.sights(there)] == [sent.pk]
    assert not policies.sights(cast.teacher).exists()


def test_a_function_of_the_sights_cannot_be_led_to_other_tables(committed, cast: Cast, sent):
    """It runs as the owner: so its names are looked up where only the owner may write."""
    found = databases.ask(
        committed.app,
        "SELECT proname, proconfig FROM pg_proc WHERE prosecdef AND pronamespace ="
        " 'public'::regnamespace AND proname LIKE 'referrals%'",
    )

    assert {name for name, _ in found} >= {"referrals_sight_follows", "referrals_sight_sweep"}
    for _, settings in found:
        assert "search_path=public, pg_temp" in settings
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        databases.ask(committed.app, "CREATE TABLE public.referrals_case_2 ()")
