"""How well and how fast the portal finds a child who was reported before. Run by hand.

    python -m tests.benchmarks.bench_matching [--children 50000] [--again 5000] [--strangers 1000]

It makes a database on a cluster of its own below var/ and fills it with fictional children
(tests/benchmarks/fictional.py), with the second reports of some of them and with strangers: every
report is a case of its own, whose child's particulars the portal's own sweep makes. Then it asks,
as a coordinator to whom every case is open, for each second report and each stranger, what the
page of possible matches asks. Beside it the same reports are compared by brute force with
`rapidfuzz`, over name, birth date and postcode, with three of its scorers. All are timed by turns.

The weights were set on other seeds than the one that is reported. `--no-numbers` leaves every NHS
and pupil number out; `--again-rows` takes the rows as they are; `--missed` prints what is missed;
`--times-only` asks how long, and not how well.
"""

import argparse
import gc
import os
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, field, replace

import django
import psycopg2

from tests.benchmarks.fictional import TODAY, District, Report
from tools import databases, stage
from tools.machine import VAR
from tools.progress import step
from tools.stage import Stage

FOLDER = VAR / "bench"
NAME = "bench_matching"
SEED = 20261123
SCORERS = ("ratio", "token_sort_ratio", "token_set_ratio")
TIMED = 600
LIKELY_FOR = 0.975
"""Brute force gives a number: it is called likely from the score that so many right ones reach."""


@dataclass
class Measure:
    """What one way of finding did."""

    name: str
    asked: int = 0
    in_five: int = 0
    first: int = 0
    strangers: int = 0
    strangers_likely: int = 0
    other_numbers: int = 0
    times: list[float] = field(default_factory=list)
    missed: list[Report] = field(default_factory=list)

    def row(self) -> str:
        cuts = statistics.quantiles(self.times, n=20)
        cells = (
            self.name,
            f"{100 * self.in_five / self.asked:.2f} %",
            f"{100 * self.first / self.asked:.2f} %",
            f"{100 * self.strangers_likely / self.strangers:.1f} %",
            f"{self.other_numbers}",
            f"{statistics.median(self.times):.1f}",
            f"{cuts[-1]:.1f}",
        )
        return f"| {' | '.join(cells)} |"


HEAD = (
    "| Way | Among the first five | First | Strangers called likely | Pairs with different NHS"
    " numbers | Median, ms | 95 % within, ms |\n|---|---|---|---|---|---|---|"
)


def reports(
    seed: int, children: int, again: int, strangers: int, *, numbers: bool
) -> dict[str, list[Report]]:
    """First reports, second reports, and strangers, always the same for a seed."""
    district = District(seed, children)
    found = {
        "first": district.reports,
        "second": district.again(again),
        "strangers": district.strangers(strangers),
    }
    if numbers:
        return found
    bare = {"nhs_number": "", "upn": ""}
    return {name: [replace(each, **bare) for each in rows] for name, rows in found.items()}


# --- Filling the database ------------------------------------------------------------------------

GRANTS = """
    INSERT INTO referrals_grant (id, created_at, permission_id, group_id, content_object_id,
        holder_id, categories, extent, statements, purpose, gateway, rule, rule_version, reason,
        necessity, proportionality, obligations, granted_by_service, from_at, ended_why)
    SELECT gen_random_uuid(), now(), %(permission)s, team, c.id, %(holder)s, '{IC1,IC2,IC4,IC5}',
        'whole', '{}', 'SCREEN', 'CA04_S10', '6a', 1, 'Because.', 'Needed.', 'Least.', '{}',
        'sent', now() - interval '1 day', ''
    FROM referrals_case c, unnest(%(teams)s::int[]) team
"""


def fill(admin: str, rows: Iterable[Report]) -> None:
    """Every report as a case, as a restore would bring it; then sights and particulars."""
    from django.conf import settings
    from django.db import connections

    from tests.benchmarks.bench_visible import people

    who = people()
    before = settings.DATABASES["default"] | {}
    address = psycopg2.extensions.parse_dsn(admin)
    settings.DATABASES["default"].update(USER=address["user"], PASSWORD=address["password"])
    connections.close_all()
    with connections["default"].cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        with step("Children, cases, referrals, statements"):
            _cases(list(rows), who)
        with step("Grants"):
            teams = [who["wide_team"], *who["narrow_teams"][:1]]
            cursor.execute(GRANTS, who | {"teams": teams})
        cursor.execute("SET session_replication_role = origin")
    settings.DATABASES["default"].update(before)
    connections.close_all()
    with closing(psycopg2.connect(admin)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute("VACUUM ANALYZE")
        with step("Sights, by their rebuild"):
            cursor.execute("SELECT referrals_sight_rebuild()")
    from referrals.services.particulars import sweep

    began = time.perf_counter()
    made = sweep()
    print(f"Particulars of {made} children: {time.perf_counter() - began:.0f} s")
    with closing(psycopg2.connect(admin)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute("VACUUM ANALYZE")


def _cases(rows: list[Report], who: dict[str, object]) -> None:
    from datetime import timedelta
    from uuid import uuid4

    from django.utils import timezone

    from referrals.models import Case, Child, Referral, Statement
    from referrals.vocabulary import QUESTIONS, Answer

    now, area = timezone.now(), who["area"]
    authors = who["authors"]
    made: dict[type, list[object]] = {Child: [], Case: [], Referral: [], Statement: []}
    for number, report in enumerate(rows):
        child = Child(
            partnership_id=area,
            given_name=report.given,
            family_name=report.family,
            known_as=report.known_as,
            date_of_birth=report.born,
            age_estimate=report.age,
        )
        case = Case(
            partnership_id=area,
            child=child,
            reference=f"R-{number:08}",
            priority="standard",
            received_at=now.replace(year=TODAY.year, month=TODAY.month, day=TODAY.day),
            decision_due_at=now + timedelta(days=3),
        )
        referral = Referral(
            case=case,
            agency_id=who["holder"],
            author_id=authors[number % len(authors)],
            danger="no",
            sent_at=now,
            key=uuid4(),
        )
        made[Child].append(child)
        made[Case].append(case)
        made[Referral].append(referral)
        for question, (text,) in report.answers().items():
            made[Statement].append(
                Statement(
                    case=case,
                    referral=referral,
                    question=question,
                    category=QUESTIONS[question].category,
                    answer=Answer.GIVEN,
                    text=text,
                    known_how=QUESTIONS[question].known_how,
                    agency_id=who["holder"],
                    author_id=referral.author_id,
                    stated_at=now,
                )
            )
    for model, instances in made.items():
        model.objects.bulk_create(instances, batch_size=2_000)


# --- Asking --------------------------------------------------------------------------------------


def asking(every: dict[str, list[Report]]) -> tuple[Callable[[int], list], dict]:
    """How the portal is asked for the report of this number, and whose report each case is."""
    from portal.accounts.models import Membership
    from referrals.matching import reading
    from referrals.models import Case

    coordinator = Membership.objects.get(user__email="wide@example.org").principal()
    cases = {case.reference: case for case in Case.objects.all()}
    by_number = [cases[f"R-{number:08}"] for number in range(len(cases))]
    of_case = {case.pk: row for case, row in zip(by_number, flat(every), strict=True)}
    return lambda number: reading.alike(coordinator, by_number[number]), of_case


def flat(every: dict[str, list[Report]]) -> list[Report]:
    return [each for part in every.values() for each in part]


def the_portal(every: dict[str, list[Report]]) -> Measure:
    """What the page asks: the possible matches of a case, as a coordinator may know of them."""
    from referrals.matching.vocabulary import Strength

    ask, of_case = asking(every)
    found = Measure("The portal", asked=len(every["second"]), strangers=len(every["strangers"]))
    first = len(every["first"])
    for number, report in list(enumerate(flat(every)))[first:]:
        offered = [(of_case[each.case_id], each.alike.strength) for each in ask(number)]
        found.other_numbers += sum(_differ(report, other) for other, _ in offered)
        if report.child <= first:
            children = [other.child for other, _ in offered]
            found.in_five += report.child in children
            found.first += children[:1] == [report.child]
            if report.child not in children[:1]:
                found.missed.append(report)
        else:
            found.strangers_likely += any(how is Strength.LIKELY for _, how in offered)
    return found


def brute_force(every: dict[str, list[Report]], name: str) -> Measure:
    """Every line of the register held against the line that is asked for, in memory."""
    rows, ask = flat(every), holding(every, name)
    first = len(every["first"])
    found = Measure(
        f"`rapidfuzz`, {name}", asked=len(every["second"]), strangers=len(every["strangers"])
    )
    right: list[float] = []
    strangers: list[float] = []
    for at, report in list(enumerate(rows))[first:]:
        offered = [(rows[other], score) for _, score, other in ask(at) if other != at][:5]
        found.other_numbers += sum(_differ(report, other) for other, _ in offered)
        if report.child <= first:
            children = [other.child for other, _ in offered]
            found.in_five += report.child in children
            found.first += children[:1] == [report.child]
            if children[:1] == [report.child]:
                right.append(offered[0][1])
        else:
            strangers.append(offered[0][1])
    likely = sorted(right)[round((1 - LIKELY_FOR) * len(right))]
    found.strangers_likely = sum(score >= likely for score in strangers)
    return found


def holding(every: dict[str, list[Report]], name: str) -> Callable[[int], list]:
    """How brute force is asked for the report of this number: it and the five nearest lines."""
    from rapidfuzz import fuzz, process

    lines, scorer = [each.line() for each in flat(every)], getattr(fuzz, name)
    return lambda at: process.extract(lines[at], lines, scorer=scorer, limit=6)


def by_turns(every: dict[str, list[Report]], measures: list[Measure]) -> None:
    """Time each way on the same reports, one after the other, so that each has the same machine."""
    ways = [asking(every)[0], *(holding(every, name) for name in SCORERS)][: len(measures)]
    numbers = range(len(every["first"]), len(flat(every)))
    for number in numbers[:: max(1, len(numbers) // TIMED)]:
        for measure, ask in zip(measures, ways, strict=True):
            began = time.perf_counter()
            ask(number)
            measure.times.append((time.perf_counter() - began) * 1e3)


def _differ(one: Report, other: Report) -> bool:
    return bool(one.nhs_number and other.nhs_number) and one.nhs_number != other.nhs_number


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--children", type=int, default=50_000)
    parser.add_argument("--again", type=int, default=5_000)
    parser.add_argument("--strangers", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--no-numbers", action="store_true")
    parser.add_argument("--again-rows", action="store_true")
    parser.add_argument("--times-only", action="store_true")
    parser.add_argument("--missed", action="store_true")
    asked = parser.parse_args()
    for name in ("DATABASE_URL", "OWNER_DATABASE_URL", "ADMIN_DATABASE_URL"):
        os.environ.pop(name, None)
    import rapidfuzz  # noqa: F401 - found missing now, and not after the filling

    every = reports(
        asked.seed, asked.children, asked.again, asked.strangers, numbers=not asked.no_numbers
    )
    with stage.servers(FOLDER, forgetful=True) as admin:
        found = stage.addresses(admin, NAME)
        env = stage.environment(FOLDER, found, "redis://127.0.0.1:1/0", 1, 8000)
        if not asked.again_rows:
            databases.drop(admin, NAME)
            stage.prepare(Stage(FOLDER, found, env), afresh=True)
        os.environ.update(env | {"DJANGO_SETTINGS_MODULE": "tests.settings"})
        django.setup()
        if not asked.again_rows:
            fill(databases.renamed(admin, NAME), flat(every))
        gc.disable()
        if asked.times_only:
            names = ("The portal", *SCORERS)
            measures = [Measure(name, asked=1, strangers=1) for name in names]
        else:
            measures = [the_portal(every), *(brute_force(every, name) for name in SCORERS)]
        by_turns(every, measures)
    wrong = Counter(error for report in every["second"] for error in report.errs)
    print(
        f"\nseed {asked.seed}: {', '.join(f'{len(rows)} {name}' for name, rows in every.items())}"
    )
    print(", ".join(f"{error} {count}" for error, count in wrong.most_common()), end="\n\n")
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    print(HEAD, *(measure.row() for measure in measures), sep="\n")
    if asked.missed:
        for report in measures[0].missed:
            print(report.errs, report.given, report.family, report.born, report.age)


if __name__ == "__main__":
    main()
