"""A partnership at full size: the demo as it is, more agencies and people, and the copied cases."""

import random
from collections import defaultdict
from collections.abc import Iterable
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import timedelta
from multiprocessing import get_context
from typing import Any
from uuid import UUID, uuid4

import psycopg2
from psycopg2.extras import Json, execute_values, register_uuid

from tests.benchmarks.fictional import District, Report
from tools import databases
from tools.progress import step

SEED = 20261123
ON_BOARD, OPEN = 0.02, 0.08
"""The share of cases that wait on the board, and of those that are open for a plan."""
COORDINATORS, MANAGERS = 12, 2
AT_ONCE = 2_000
WHILE_FILLING = ("max_wal_size = '8GB'", "checkpoint_timeout = '1h'", "full_page_writes = off")


@dataclass(frozen=True)
class Template:
    """A case of the demo: what is copied, and who sent it."""

    case: UUID
    child: UUID
    status: str
    author: UUID
    agency: UUID
    role: str
    kind: str


def people(agencies: int, people: int) -> None:
    """More agencies of the demo's kinds, each with its lead, its panel member and its staff; and
    more coordinators and managers at the front door."""
    from django.utils import timezone

    from portal.accounts import policies
    from portal.accounts import services as accounts
    from portal.accounts.models import Agency, Membership, Partnership, Team, User
    from portal.accounts.vocabulary import AgencyKind, PartnerUnder, Role
    from sharing.rules.services import agreements
    from sharing.rules.vocabulary import Category, Purpose

    area = Partnership.objects.get()
    kinds = [AgencyKind.SCHOOL] * 14 + [AgencyKind.HEALTH] * 4
    kinds += [AgencyKind.CHARITY] * 3 + [AgencyKind.HOUSING, AgencyKind.DISTRICT]
    new = [
        accounts.join_agency(
            name=f"Agency {number}",
            kind=kinds[number % len(kinds)],
            partner_under=[PartnerUnder.S11],
            partnerships=[area],
        )
        for number in range(Agency.objects.count(), agencies)
    ]
    today = timezone.localdate()
    if new:
        agreements.sign(
            actor=None,
            title="Agreement of those who joined",
            parties=[*new, Agency.objects.get(kind=AgencyKind.COUNCIL)],
            purposes=Purpose,
            categories=Category,
            signed_on=today - timedelta(days=100),
            review_on=today + timedelta(days=180),
            ends_on=today + timedelta(days=365),
        )
    wanted: list[tuple[Agency, Role]] = []
    council = Agency.objects.get(kind=AgencyKind.COUNCIL)
    wanted += [(council, Role.COORDINATOR)] * COORDINATORS + [(council, Role.MANAGER)] * MANAGERS
    working = [each for each in Agency.objects.all() if each.kind != AgencyKind.BOARD]
    for agency in working:
        for role in (Role.AGENCY_LEAD, Role.PANEL_MEMBER):
            if policies.belongs(role, AgencyKind(agency.kind)):
                wanted.append((agency, role))
    lacking = people - User.objects.count() - len(wanted)
    wanted += [(working[n % len(working)], Role.PRACTITIONER) for n in range(lacking)]
    teams: dict[tuple[UUID, str], Team] = {
        (team.agency_id, team.role): team for team in Team.objects.filter(sends_only=False)
    }
    for agency, role in dict.fromkeys(wanted):
        if (agency.pk, role) not in teams:
            teams[agency.pk, role] = Team.objects.create(
                agency=agency, role=role, name=f"{agency.pk}:{role}"
            )
    users = [User(email=f"p{n}@load.example.org", name=f"Person {n}") for n in range(len(wanted))]
    for user in users:
        user.set_unusable_password()
    User.objects.bulk_create(users, batch_size=AT_ONCE)
    Membership.objects.bulk_create(
        (
            Membership(user=user, team=teams[agency.pk, role])
            for user, (agency, role) in zip(users, wanted, strict=True)
        ),
        batch_size=AT_ONCE,
    )


def templates() -> list[Template]:
    """The demo's cases."""
    from referrals.models import Referral

    first: dict[UUID, Template] = {}
    sent = Referral.objects.select_related("case", "author__team__agency").order_by("sent_at", "pk")
    for each in sent:
        made = Template(
            case=each.case_id,
            child=each.case.child_id,
            status=each.case.status,
            author=each.author_id,
            agency=each.agency_id,
            role=each.author.team.role,
            kind=each.author.team.agency.kind,
        )
        first.setdefault(each.case_id, made)
    return list(first.values())


def copies(admin: str, cases: int) -> None:
    """Copy the demo's cases until there are so many, then make sights and particulars."""
    from tests.benchmarks.bench_load.copies import WANTED, statements

    register_uuid()
    shown = templates()
    reports = children(cases - len(shown))
    with closing(psycopg2.connect(admin)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        for setting in WHILE_FILLING:
            cursor.execute(f"ALTER SYSTEM SET {setting}")
        cursor.execute("SELECT pg_reload_conf()")
        cursor.execute("SET session_replication_role = replica; SET synchronous_commit = off")
        cursor.execute("SET work_mem = '256MB'; SET maintenance_work_mem = '512MB'")
        cursor.execute(WANTED)
        with step("Which case is copied for whom"):
            _want(cursor, shown, reports)
        for what, statement in statements():
            if what:
                with step(f"Copies: {what}"):
                    cursor.execute(statement)
            else:
                cursor.execute(statement)
        with step("Particulars, in several processes"):
            _particulars(cursor, reports)
        cursor.execute("SET session_replication_role = origin")
        with step("Statistics"):
            cursor.execute("VACUUM ANALYZE")
        with step("Sights, by their rebuild"):
            cursor.execute("SELECT referrals_sight_rebuild()")
        # What is not on the disk yet is not marked as seen by all, and no index does alone.
        cursor.execute("CHECKPOINT")
        cursor.execute("VACUUM ANALYZE referrals_sight")
        cursor.execute("ALTER SYSTEM RESET ALL")
        cursor.execute("SELECT pg_reload_conf()")
        cursor.execute("CHECKPOINT")


def children(count: int) -> list[Report]:
    """Fictional children; every tenth case is about one of them again."""
    again = count // 10
    district = District(SEED, count - again)
    return [*district.reports[: count - again], *district.again(again)]


def _want(cursor: Any, shown: list[Template], reports: list[Report]) -> None:
    from portal.accounts.models import Membership, Team
    from referrals import workflow
    from referrals.models import new_reference

    chance = random.Random(SEED)  # noqa: S311 - fiction, not secrets
    waiting = [each for each in shown if each.status in workflow.ON_BOARD]
    opened = [each for each in shown if each.status == workflow.Status.OPEN]
    rest = [each for each in shown if each not in waiting and each not in opened]
    # Who sends: somebody in the same role at an agency of the same kind.
    senders: dict[tuple[str, str], list[tuple[UUID, UUID]]] = defaultdict(list)
    members = Membership.objects.select_related("team__agency").order_by("user__email", "pk")
    for member in members:
        team = member.team
        senders[team.agency.kind, team.role].append((member.pk, team.agency_id))
    references: set[str] = set()
    while len(references) < len(reports):
        references.add(new_reference())
    rows = []
    pairs: set[tuple[UUID, UUID]] = set()
    for n, (report, reference) in enumerate(zip(reports, sorted(references), strict=True)):
        which = chance.random()
        if which < ON_BOARD:
            like, back = chance.choice(waiting), timedelta(days=3 * chance.random())
        elif which < ON_BOARD + OPEN:
            like, back = chance.choice(opened), timedelta(days=3 + 150 * chance.random())
        else:
            like, back = chance.choice(rest), timedelta(days=7 + 1000 * chance.random())
        author, agency = chance.choice(senders[like.kind, like.role])
        pairs.add((like.agency, agency))
        said = {key: words for key, (words,) in report.answers().items()}
        whose = (like.author, author, like.agency, agency)
        child = (report.given, report.family, report.known_as, report.born, report.age)
        rows.append((n, like.case, reference, back, *whose, *child, Json(said)))
    execute_values(cursor, "INSERT INTO wanted VALUES %s", rows, page_size=AT_ONCE)
    teams = {(team.agency_id, team.role, team.sends_only): team.pk for team in Team.objects.all()}
    stands_for = [
        (agency, teams[was, role, only], teams[agency, role, only])
        for was, agency in pairs
        for of, role, only in list(teams)
        if of == was and (agency, role, only) in teams
    ]
    execute_values(cursor, "INSERT INTO stands_for VALUES %s", list(dict.fromkeys(stands_for)))
    cursor.execute("CREATE INDEX ON wanted (n); CREATE INDEX ON stands_for (agency, was)")
    cursor.execute("ANALYZE wanted; ANALYZE stands_for")


def _particulars(cursor: Any, reports: list[Report]) -> None:
    """What matching compares, made as the service makes it, from what was copied."""
    cursor.execute(
        "SELECT w.n, pg_temp.copied(w.template, w.n), c.partnership_id, w.agency,"
        " extract(year FROM c.received_at - w.back)::int"
        " FROM wanted w JOIN referrals_case c ON c.id = w.template ORDER BY w.n"
    )
    found = cursor.fetchall()
    rows = [(row, reports[row[0]]) for row in found]
    asked = [rows[at : at + AT_ONCE] for at in range(0, len(rows), AT_ONCE)]
    with get_context("fork").Pool(2) as pool:
        for made in pool.imap_unordered(_made, asked):
            names = ", ".join(made[0])
            execute_values(
                cursor,
                f"INSERT INTO referrals_particulars ({names}) VALUES %s",  # noqa: S608
                [tuple(row.values()) for row in made],
                page_size=AT_ONCE,
            )


def _made(rows: Iterable[tuple[tuple[Any, ...], Report]]) -> list[dict[str, object]]:
    from django.utils import timezone

    from referrals.vocabulary.likeness import VERSION, keys, likeness

    now = timezone.now()
    made = []
    for (_, case, partnership, holder, year), report in rows:
        found = likeness(
            given_name=report.given,
            family_name=report.family,
            known_as=report.known_as,
            born=report.born,
            born_about=year - report.age if report.age else None,
            answers=report.answers(),
        )
        alike = {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(found).items()
        }
        row = {"id": uuid4(), "created_at": now, "case_id": case, "partnership_id": partnership}
        made.append(row | {"holder_id": holder, "version": VERSION, "keys": keys(found)} | alike)
    return made


def counted(admin: str) -> str:
    """What there is, in a line."""
    tables = {
        "cases": "referrals_case",
        "agencies": "accounts_agency",
        "people": "accounts_user",
        "statements": "referrals_statement",
        "grants": "referrals_grant",
        "sights": "referrals_sight",
        "notices": "notifications_notice",
        "events in the ledger": "audit.event",
    }
    counts = [
        f"{databases.ask(admin, f'SELECT count(*) FROM {table}')[0][0]:,} {name}"  # noqa: S608
        for name, table in tables.items()
    ]
    size = databases.ask(admin, "SELECT pg_size_pretty(pg_database_size(current_database()))")
    return f"{', '.join(counts)}; {size[0][0]}"
