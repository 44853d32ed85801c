"""How long the lists take beside guardian's own lookup, on the same rows. Run by hand.

    python -m tests.benchmarks.bench_visible [--cases 200000 1000000] [--wide 98000] [--narrow 2800]

It makes a database on a cluster of its own below var/, fills it with that many cases and three
times as many grants, and asks as the site's role; for each number of cases that is given. At the
end it prints how many times longer our lists take at the last number than at the first.

Guardian's lookup gets the same user, order and cut; it does not know the end of a grant, so here
every grant of the two people is live. A person acts in one team at a time: the member of three
small teams asks once in each, and the times are added up. `--again` takes the rows as they are;
`--explain` prints the plans.
"""

import argparse
import gc
import os
import statistics
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

import django
import psycopg2

from tools import databases, stage
from tools.machine import VAR
from tools.progress import step
from tools.stage import Stage

FOLDER = VAR / "bench"
RUNS = 21
OTHER_TEAMS = 100

# Each statement is run by the administrator with every trigger asleep, as a restore would.
FILL = (
    """
    INSERT INTO referrals_child (id, created_at, partnership_id, given_name, family_name, known_as,
        description)
    SELECT uuid_of('child', i), now(), %(area)s, 'Ann', 'Other', '', ''
    FROM generate_series(1, %(cases)s) i
    """,
    """
    INSERT INTO referrals_case (id, created_at, partnership_id, child_id, reference, status,
        priority, harm_sign, received_at, decision_due_at, decided_at, coordinator_id)
    SELECT uuid_of('case', i), now(), %(area)s, uuid_of('child', i),
        'R-' || lpad(to_hex(i), 8, '0'),
        CASE WHEN w < 0.03 THEN 'received' WHEN w < 0.05 THEN 'checking' WHEN w < 0.15 THEN 'open'
            ELSE 'closed' END,
        CASE WHEN random() < 0.02 THEN 'immediate' ELSE 'standard' END, false,
        r, r + interval '1 day', CASE WHEN w >= 0.05 THEN r + interval '1 day' END,
        CASE WHEN w >= 0.05 THEN %(wide_member)s::uuid END
    FROM (SELECT i, random() AS w, now() - random() * interval '1000 days' AS r
          FROM generate_series(1, %(cases)s) i) made
    """,
    """
    INSERT INTO referrals_referral (id, created_at, case_id, agency_id, author_id, danger, sent_at,
        key, digest)
    SELECT gen_random_uuid(), now(), uuid_of('case', i), %(holder)s,
        (%(authors)s::uuid[])[1 + i %% cardinality(%(authors)s::uuid[])], 'no', now(),
        gen_random_uuid(), ''
    FROM generate_series(1, %(cases)s) i
    """,
    """
    INSERT INTO referrals_grant (id, created_at, permission_id, group_id, content_object_id,
        holder_id, categories, extent, statements, purpose, gateway, rule, rule_version, reason,
        necessity, proportionality, obligations, granted_by_service, from_at, until_at, ended_why)
    SELECT gen_random_uuid(), now(), %(permission)s, team, uuid_of('case', i), %(holder)s,
        '{IC1,IC4}', 'whole', '{}', 'SCREEN', 'CA04_S10', '6a', 1, 'Because.', 'Needed.', 'Least.',
        '{}', 'sent', now() - interval '1 day',
        CASE WHEN i %% 3 = 0 THEN now() + interval '90 days' END, ''
    FROM (
        SELECT i, CASE
            WHEN nth = 1 AND i * %(wide)s / %(cases)s > (i - 1) * %(wide)s / %(cases)s
                THEN %(wide_team)s
            WHEN nth = 2 AND i * %(narrow)s / %(cases)s > (i - 1) * %(narrow)s / %(cases)s
                THEN (%(narrow_teams)s::int[])[1 + (i * %(narrow)s / %(cases)s) %% 3]
            ELSE (%(other_teams)s::int[])[1 + (i * 7 + nth * 31)
                %% cardinality(%(other_teams)s::int[])] END AS team
        FROM generate_series(1, %(cases)s::bigint) i, generate_series(1, 3) nth
    ) given
    """,
)
UUID_OF = """
    CREATE FUNCTION pg_temp.uuid_of(kind text, i bigint) RETURNS uuid LANGUAGE sql IMMUTABLE
    AS $$ SELECT md5(kind || i)::uuid $$
"""


@dataclass(frozen=True)
class Member:
    """A person of the benchmark: their user's e-mail, and what they should find."""

    name: str
    email: str
    cases: int


def fill(admin: str, cases: int, wide: int, narrow: int) -> None:
    """People by the services; cases and grants by SQL; the sights by their own rebuild."""
    with closing(psycopg2.connect(admin)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute(UUID_OF)
        cursor.execute("SET session_replication_role = replica")
        values = people() | {"cases": cases, "wide": wide, "narrow": narrow}
        for statement in FILL:
            with step(f"{statement.split()[2]}"):
                cursor.execute(statement.replace("uuid_of(", "pg_temp.uuid_of("), values)
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("SET session_replication_role = origin")
        with step("referrals_sight, by its rebuild"):
            cursor.execute("SELECT referrals_sight_rebuild()")
        _vacuumed(cursor)


def _vacuumed(cursor) -> None:
    """Vacuum as autovacuum would in time: what another session still reads is left to the next."""
    for _ in range(60):
        cursor.execute("VACUUM ANALYZE referrals_sight")
        cursor.execute(
            "SELECT relallvisible >= relpages FROM pg_class WHERE relname = 'referrals_sight'"
        )
        if cursor.fetchone()[0]:
            return
        time.sleep(1)


def people() -> dict[str, object]:
    """A wide member, a member of three small teams, authors, and teams that hold the rest."""
    from django.contrib.auth.models import Permission

    from portal.accounts import services as accounts
    from portal.accounts.vocabulary import AgencyKind, PartnerUnder, Role

    area = accounts.found_partnership(
        name="Exampleshire",
        slug="exampleshire",
        front_door_phone="020 7946 0000",
        out_of_hours_phone="020 7946 0011",
    )

    def agency(name: str, kind: AgencyKind):
        return accounts.join_agency(
            name=name, kind=kind, partner_under=[PartnerUnder.S11], partnerships=[area]
        )

    council = agency("Council", AgencyKind.COUNCIL)
    wide = accounts.enrol(
        email="wide@example.org", name="Wide", agency=council, role=Role.COORDINATOR
    )
    narrow = [
        accounts.enrol(
            email="narrow@example.org",
            name="Narrow",
            agency=agency(f"Small agency {n}", AgencyKind.HEALTH),
            role=Role.PANEL_MEMBER,
        )
        for n in range(3)
    ]
    others = [
        accounts.enrol(
            email=f"other{n}@example.org",
            name="Other",
            agency=school,
            role=role,
        )
        for n in range(OTHER_TEAMS)
        for school in [agency(f"School {n}", AgencyKind.SCHOOL)]
        for role in (Role.PANEL_MEMBER, Role.PRACTITIONER)
    ]
    view_case = Permission.objects.get(content_type__app_label="referrals", codename="view_case")
    return {
        "area": str(area.pk),
        "holder": str(council.pk),
        "permission": view_case.pk,
        "wide_member": str(wide.pk),
        "wide_team": wide.team_id,
        "narrow_teams": [each.team_id for each in narrow],
        "other_teams": [each.team_id for each in others[::2]],
        "authors": [str(each.pk) for each in others[1::2]],
    }


def ours(member: Member) -> dict[str, Callable[[], object]]:
    """What our lists do: once for each team of the person."""
    from portal.accounts import policies as people_of
    from portal.accounts.models import User
    from referrals import policies
    from referrals.models import Case, SightQuerySet

    hats = [
        each.principal() for each in people_of.memberships(User.objects.get(email=member.email))
    ]

    def cases(sights: SightQuerySet) -> list[Case]:
        wanted = [sight.case_id for sight in sights[:25]]
        found = Case.objects.in_bulk(wanted)
        return [found[pk] for pk in wanted]

    return {
        "count": lambda: sum(policies.sights(hat).count() for hat in hats),
        "newest 25": lambda: [cases(policies.sights(hat).newest()) for hat in hats],
        "due 25 open": lambda: [cases(policies.sights(hat).waiting()) for hat in hats],
    }


def guardians(member: Member) -> dict[str, Callable[[], object]]:
    """The same by guardian's shortcut; a membership's team stands in for a group of the user."""
    from types import SimpleNamespace

    from django.contrib.auth.models import Group
    from django.db import models
    from guardian.shortcuts import get_objects_for_user

    from portal.accounts.models import User
    from referrals.models import Grant
    from referrals.vocabulary import Priority
    from referrals.workflow import ON_BOARD

    user = User.objects.get(email=member.email)
    teams = list(user.memberships.values_list("team_id", flat=True))
    # Our people have no groups of Django's own. With the numbers in the query guardian is faster
    # than with a join, and its estimates are right.
    user.groups = SimpleNamespace(all=lambda: Group.objects.filter(pk__in=teams))
    # Grants have a manager of ours, which guardian does not know: shut on purpose, opened here.
    type(Grant.objects).is_generic = lambda _manager: False

    in_danger = models.When(priority=Priority.IMMEDIATE, then=0)
    first_of_all = models.Case(in_danger, default=1)

    def visible():
        return get_objects_for_user(
            user, "referrals.view_case", accept_global_perms=False, with_superuser=False
        )

    return {
        "count": lambda: visible().count(),
        "newest 25": lambda: list(visible().order_by("-received_at", "reference")[:25]),
        "due 25 open": lambda: list(
            visible()
            .filter(status__in=ON_BOARD)
            .order_by(first_of_all, "decision_due_at", "reference")[:25]
        ),
    }


def milliseconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1e3


def measure(member: Member) -> list[float]:
    """Ask by turns, ours and guardian's; print the medians, and return ours."""
    mine, theirs = ours(member), guardians(member)
    assert mine["count"]() == theirs["count"]() == member.cases, (mine["count"](), member)
    found = []
    for what in mine:
        times: dict[str, list[float]] = {"ours": [], "guardian": []}
        for _ in range(RUNS + 2):
            times["ours"].append(milliseconds(mine[what]))
            times["guardian"].append(milliseconds(theirs[what]))
        a, b = (statistics.median(each[2:]) for each in times.values())
        print(f"{member.name:8} {what:12} {a:9.2f} {b:10.2f} {b / a:8.1f}", flush=True)
        found.append(a)
    return found


def explain(member: Member) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    for acts in (ours(member), guardians(member)):
        for what, act in acts.items():
            with CaptureQueriesContext(connection) as seen:
                act()
            for query in seen.captured_queries[:2]:
                with connection.cursor() as cursor:
                    cursor.execute("EXPLAIN (ANALYZE, BUFFERS) " + query["sql"])
                    print(f"--- {member.name}, {what}\n{query['sql']}")
                    print("\n".join(row[0] for row in cursor.fetchall()))


def at_size(admin: str, cases: int, asked: argparse.Namespace) -> list[float]:
    """Make the database of this size, unless it is there, and ask it."""
    from django.conf import settings
    from django.db import connections

    name = f"bench_{cases}"
    connections.close_all()
    settings.DATABASES["default"]["NAME"] = name
    if not asked.again:
        fill(databases.renamed(admin, name), cases, asked.wide, asked.narrow)
    members = (
        Member("narrow", "narrow@example.org", asked.narrow),
        Member("wide", "wide@example.org", asked.wide),
    )
    owner = databases.renamed(admin, name)
    count = "SELECT count(*) FROM referrals_{}"
    grants, sights = (databases.ask(owner, count.format(each))[0][0] for each in ("grant", "sight"))
    version = databases.ask(owner, "SHOW server_version")[0][0]
    print(f"\n{cases} cases, {grants} grants, {sights} sights, PostgreSQL {version}")
    print(f"{'member':8} {'list':12} {'ours ms':>9} {'guardian':>10} {'ratio':>8}")
    if asked.explain:
        for member in members:
            explain(member)
        return []
    return [time for member in members for time in measure(member)]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, nargs="+", default=[200_000])
    parser.add_argument("--wide", type=int, default=98_000)
    parser.add_argument("--narrow", type=int, default=2_800)
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--explain", action="store_true")
    asked = parser.parse_args()
    for name in ("DATABASE_URL", "OWNER_DATABASE_URL", "ADMIN_DATABASE_URL"):
        os.environ.pop(name, None)
    with stage.servers(FOLDER, forgetful=True) as admin:
        for cases in asked.cases:
            found = stage.addresses(admin, f"bench_{cases}")
            env = stage.environment(FOLDER, found, "redis://127.0.0.1:1/0", 1, 8000)
            if not asked.again:
                databases.drop(admin, f"bench_{cases}")
                stage.prepare(Stage(FOLDER, found, env), afresh=True)
        os.environ.update(env | {"DJANGO_SETTINGS_MODULE": "tests.settings"})
        django.setup()
        gc.disable()
        times = [at_size(admin, cases, asked) for cases in asked.cases]
        if len(times) > 1:
            ratios = ", ".join(
                f"{last / first:.2f}" for first, last in zip(times[0], times[-1], strict=True)
            )
            print(f"\nOur time at {asked.cases[-1]} cases over that at {asked.cases[0]}: {ratios}")


if __name__ == "__main__":
    main()
