"""How fast the portal is when it is full and many work at once. Run by hand.

    python -m tests.benchmarks.bench_load [--cases 100000] [--agencies 200] [--people 5000]
        [--users 20] [--seconds 60] [--think 1] [--beside] [--fill-only | --again] [--write]

It makes a database on a cluster of its own below var/, durable as in use: the demo's partnership,
more agencies and people, and the demo's cases copied until there are so many (copies.py); one that
has none of the copies is kept beside it, to count the queries of a page in both. The web
server is started as `make demo` starts it, and one other process is the users (client.py). They
work in rounds of equal length, by turns: all pages, each user reading for `--think` seconds on
average between two pages; all pages without a pause; the board alone; the list of cases alone; and
with `--beside` the ticket list of django-helpdesk on the same cluster (beside.py).

A budget that does not hold while people read ends the command with 1; so does any wrong answer.
Each number of cases has a folder of its own. `--fill-only` ends when it is full; `--again` takes
the rows as they are, migrated to this checkout; `--write` writes the tables into docs/load.md.
"""

import argparse
import json
import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import django

from tests.benchmarks.bench_load import report
from tests.benchmarks.bench_load.beside import Helpdesk
from tests.benchmarks.bench_load.report import Measure, Phase, Work
from tools import commands, databases, servers, stage
from tools.machine import ROOT, VAR
from tools.progress import Failure, step
from tools.stage import Stage
from tools.supervise import stop_leftovers

NAME, FEW = "load", "load_few"
ROUNDS = 3
PAGE = ROOT / "docs" / "load.md"
MARK = "<!-- measured -->"
FULL, DEMO = 100_000, 40


def staged(admin: str, asked: argparse.Namespace) -> Stage:
    """The stage, with the demo in its database unless that is taken as it is."""
    found = stage.addresses(admin, NAME)
    web = servers.port(asked.folder, "web")
    env = stage.environment(asked.folder, found, "redis://127.0.0.1:1/0", 1, web)
    # One user of the measure looks for more children than a person does.
    env |= {"LOG_LEVEL": "WARNING", "SEARCHES_A_MINUTE": "100000"}
    here = Stage(asked.folder, found, env)
    note = asked.folder / "filled.json"
    if asked.again:
        if not note.exists():
            raise Failure("No database has been filled.", "the same without --again")
        vars(asked).update(json.loads(note.read_text()))
        for each in (here, _few(here)):
            stage.prepare(each)
    else:
        note.unlink(missing_ok=True)
        for name in (NAME, FEW):
            databases.drop(admin, name)
        stage.prepare(here, afresh=True)
        with step("The demo"):
            here.manage("seed_demo", doing="Seeding the demo data")
    stage.collect_static(here)
    os.environ.update(here.environment)
    django.setup()
    if not asked.again:
        _fill(admin, asked)
        note.write_text(json.dumps({"agencies": asked.agencies, "people": asked.people}))
    return here


def _few(here: Stage) -> Stage:
    """The stage whose database has no copies."""
    found = here.addresses.of(FEW)
    return Stage(here.folder, found, here.environment | {"DATABASE_URL": found.app})


def _fill(admin: str, asked: argparse.Namespace) -> None:
    """Agencies, people and cases; before there are cases, the database is kept as it is."""
    from django.db import connection

    from tests.benchmarks.bench_load import fill

    with step("Agencies and people"):
        fill.people(asked.agencies, asked.people)
    connection.close()
    databases.clone(admin, NAME, FEW)
    databases.note(admin, FEW, databases.noted(admin, NAME))
    fill.copies(databases.renamed(admin, NAME), asked.cases)


def queries(here: Stage, count: int) -> dict[str, tuple[int, float]]:
    """How many queries each page asks now, and how long its slowest takes, in milliseconds."""
    told = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.bench_load.users", str(count)],
        env=here.environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        cwd=ROOT,
    )
    found: dict[str, tuple[int, float]] = json.loads(told.stdout)
    return found


# --- The phases ----------------------------------------------------------------------------------


def run(plan: dict[str, Any], seed: int) -> dict[str, Any]:
    """One round: the users, in a process of their own."""
    told = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.bench_load.client"],
        input=json.dumps({"plan": plan, "seed": seed}),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        cwd=ROOT,
    )
    return json.loads(told.stdout)


def worked(leader: int) -> float:
    """Seconds of a processor that this program and its children have had; 0 where /proc is not."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            about = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        # State, parent, group; then of itself and of its children that have ended.
        if leader in (int(stat.parent.name), int(about[1]), int(about[2])):
            ticks += sum(map(int, about[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def _postmaster(folder: Path) -> int:
    """The process id of the cluster's server."""
    cluster = servers.Postgres(folder)
    assert cluster.is_up
    return int((cluster.data / "postmaster.pid").read_text().split()[0])


def by_turns(
    plans: dict[str, dict[str, Any]], servers_of: dict[int, int]
) -> tuple[dict[str, Phase], dict[str, Work]]:
    """Every phase in rounds, one after the other, so that each has the same machine.

    `servers_of`: the process id of the web server behind each port; the database's behind 0.
    """
    found: dict[str, Phase] = {name: {} for name in plans}
    work = {name: Work() for name in plans}
    for turn in range(ROUNDS):
        for name, plan in plans.items():
            web, database = servers_of[plan["port"]], servers_of[0]
            before = worked(web), worked(database)
            with step(f"Round {turn + 1}: {name}"):
                made = run(plan, turn)
            work[name].web += worked(web) - before[0]
            work[name].database += worked(database) - before[1]
            work[name].users += made["own_seconds"]
            work[name].visits += made["visits"]
            work[name].took += made["took"]
            for page, raw in made["pages"].items():
                measure = found[name].setdefault(page, Measure())
                measure.seconds += raw["seconds"]
                measure.wrong += raw["wrong"]
                measure.sent, measure.gzipped = raw["sent"], raw["gzipped"]
            for measure in found[name].values():
                measure.took = work[name].took
    return found, work


PEOPLE, HARD = "all pages, by people who read", "all pages, without a pause"
BOARD, LIST, EMPTY = "the board alone", "the list of cases alone", "a page that asks nobody"
THEIRS = "django-helpdesk: ticket list, as installed"
STAFF_ONLY = "django-helpdesk: ticket list, told to name staff only"
ROWS = "django-helpdesk: the rows that the list then fetches"


def plans(port: int, asked: argparse.Namespace) -> dict[str, dict[str, Any]]:
    """Our phases."""
    from tests.benchmarks.bench_load import users

    some = users.workers(asked.users)
    door = [each for each in some if each.mix == "coordinator"]
    again = (door * asked.users)[: asked.users]
    live = {"name": EMPTY, "weight": 1, "addresses": ["/health/live/"], "holds": "ok"}
    rest = {"port": port, "seconds": asked.seconds / ROUNDS, "think": 0.0}
    return {
        PEOPLE: {**rest, "users": [each.plan() for each in some], "think": asked.think},
        HARD: {**rest, "users": [each.plan() for each in some]},
        BOARD: {**rest, "users": [each.plan(users.BOARD) for each in again]},
        LIST: {**rest, "users": [each.plan(users.LIST) for each in again]},
        EMPTY: {**rest, "seconds": 2.0, "users": [{"cookies": {}, "pages": [live]}] * asked.users},
    }


def measured(
    admin: str, here: Stage, helpdesk: Helpdesk, asked: argparse.Namespace
) -> tuple[list[str], bool]:
    """Start the servers, let the phases take their turns; the report, and whether it holds."""
    owner = databases.renamed(admin, NAME)
    port = servers.port(asked.folder, "web")
    web = stage.processes(here, port, 1)["web"]
    with ExitStack() as stack:
        stack.callback(web.stop)
        web.start()
        commands.wait_for_site(f"http://localhost:{port}", web)
        servers_of = {0: _postmaster(asked.folder), port: web.pid}
        wanted = plans(port, asked)
        if asked.beside:
            # What follows the address is what the portal's own server is started with.
            argv = web.argv[web.argv.index("--bind") + 2 :]
            for name, what, staff_only in (
                (THEIRS, "page", False),
                (STAFF_ONLY, "page", True),
                (ROWS, "rows", False),
            ):
                process, at = helpdesk.started(stack, argv, staff_only=staff_only)
                servers_of[at] = process.pid
                users = helpdesk.users(what, asked.users)
                wanted[name] = wanted[LIST] | {"users": users, "port": at}
        asks = queries(here, asked.users)
        few = {name: count for name, (count, _) in queries(_few(here), asked.users).items()}
        before = os.getloadavg()[0]
        found, work = by_turns(wanted, servers_of)
    from tests.benchmarks.bench_load import fill

    many = {name: count for name, (count, _) in asks.items()}
    slowest = ", ".join(f"{name} {ms:.0f} ms" for name, (_, ms) in sorted(asks.items()))
    head = report.HEAD.format(few=DEMO, many=f"{asked.cases:,}")
    lines = [
        f"{fill.counted(owner)}. PostgreSQL {databases.ask(owner, 'SHOW server_version')[0][0]}.",
        f"{asked.users} users, {asked.seconds:.0f} seconds a phase in {ROUNDS} rounds by turns;"
        f" {os.cpu_count()} cores for users, web server and database together, load"
        f" {before:.1f} before.",
        f"`{' '.join(['python -m tests.benchmarks.bench_load', *sys.argv[1:]])}`",
        "",
        f"**People who read**, {asked.think:g} s on average between two pages.",
        "",
        head,
        *report.table(found[PEOPLE], few, many),
        "",
        f"**Without a pause**: the next page as soon as the last is there, {asked.users} times.",
        "",
        head,
        *report.table(found[HARD], few, many),
        "",
        f"The slowest query of each, alone: {slowest}.",
        "",
        "| Phase | Pages a second | Half within, ms | 95 % within, ms | 99 % within, ms | KB"
        " | KB gzipped | Web server's processor, ms a page | Database's | Of one core, the users |",
        "|---|---|---|---|---|---|---|---|---|---|",
        *(f"{report.line(name, phase)}{work[name].cells()}" for name, phase in found.items()),
    ]
    if asked.beside:
        lines += ["", *_beside(found, helpdesk.queries)]
    wrong = [why for phase in found.values() for each in phase.values() for why in each.wrong]
    if wrong:
        lines += ["", f"Wrong answers: {len(wrong)}, {', '.join(sorted(set(wrong)))}."]
    held = all(report.holds(name, each) for name, each in found[PEOPLE].items())
    return lines, held and not wrong


def _beside(found: dict[str, Phase], queries: dict[str, int]) -> list[str]:
    """How many times more lists the portal shows in a second."""
    ours = {name: report.throughput(found[name]) for name in (BOARD, LIST)}
    # A phase in which nothing came says so by itself.
    rows = report.throughput(found[ROWS]) or 1e-9
    lines = [
        "| Pages a second, times those of | The board | The list of cases |",
        "|---|---|---|",
    ]
    for name in (THEIRS, STAFF_ONLY):
        page = report.throughput(found[name]) or 1e-9
        # Nobody sees a ticket before the rows are there as well.
        for what, rate in ((name, page), (f"{name}, with its rows", 1 / (1 / page + 1 / rows))):
            times = " | ".join(f"{each / rate:.1f}" for each in ours.values())
            lines.append(f"| {what} | {times} |")
    asks = ", ".join(f"{name} {count}" for name, count in queries.items())
    return [*lines, "", f"Queries of django-helpdesk: {asks}."]


def written(lines: list[str], path: Path = PAGE) -> None:
    """Put the tables between the marks of the page."""
    before, _, after = path.read_text().split(MARK)
    path.write_text("\n".join([f"{before}{MARK}", *lines, f"{MARK}{after}"]))


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=FULL)
    parser.add_argument("--agencies", type=int, default=200)
    parser.add_argument("--people", type=int, default=5_000)
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--think", type=float, default=1)
    parser.add_argument("--beside", action="store_true")
    parser.add_argument("--fill-only", action="store_true")
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    asked.folder = VAR / "bench" / f"load-{asked.cases}"
    for name in ("DATABASE_URL", "OWNER_DATABASE_URL", "ADMIN_DATABASE_URL", "REDIS_URL"):
        os.environ.pop(name, None)
    for folder in (asked.folder, asked.folder / "helpdesk"):
        stop_leftovers(folder)
    with stage.servers(asked.folder) as admin:
        here = staged(admin, asked)
        helpdesk = Helpdesk(asked.folder, admin)
        if asked.beside:
            # Before anybody signs in here: a session does not wait for it for ever.
            helpdesk.prepare(asked.cases, asked.agencies, asked.people, again=asked.again)
        if asked.fill_only:
            return 0
        lines, held = measured(admin, here, helpdesk, asked)
    print("", *lines, "", "Held." if held else "Not held.", sep="\n")
    if asked.write:
        written(lines)
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
