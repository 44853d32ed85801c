"""Referrals are sent while parts of the portal are killed; then everything must hold. Run by hand.

    python -m tests.drills.chaos --seed 7 --referrals 200 [--pause 1.5] [--write]

It runs the whole portal on servers of its own below var/chaos, and sends referrals over HTTP, each
until it has its receipt, some twice. Meanwhile, in an order that the seed gives, it kills the web
server, the worker, a worker's child, beat and the sweep (kill -9), kills and empties the broker,
restarts PostgreSQL (fast, or at once as after a crash), and lets the mail server refuse, hang,
hang up, and hang up after it has taken a message. `--write` puts the figures into
docs/reliability.md. tests/drills/test_chaos.py holds a short storm.
"""

import argparse
import asyncio
import json
import os
import random
import signal
import subprocess
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from uuid import UUID

import redis
from aiosmtpd.controller import Controller

from tests.drills import invariants
from tests.drills.invariants import Figures, Mail
from tools import commands, databases, play, servers, stage
from tools.browser import Browser, Surprise
from tools.machine import ROOT, VAR
from tools.stage import PYTHON, Stage
from tools.supervise import Process, stop_leftovers

FOLDER = VAR / "chaos"
REPORT = ROOT / "docs" / "reliability.md"
# How long one referral is tried for, and how long the last email may take once all is well.
PATIENCE, DRAIN = 120.0, 120.0
SENDERS = 4
BODY = {
    "danger": "no",
    "given_name": "Wrenna",
    "saw": "She got into a silver car at the gate.",
    "child_told": "yes",
    "parents_told": "agree",
    "phone": "01632 960123",
}
# What time would do: what waits for its next try is due, and what a dead process held is free.
TIME_PASSES = """
    UPDATE notifications_notice SET next_at = now(),
           lease_until = CASE WHEN status = 'leased' THEN now() END
     WHERE status = 'pending' OR (status = 'leased' AND lease_until < now() + interval '90 s')
"""

Fault = Callable[[], None]


class Sender(Browser):
    """Somebody's program: it signs in, and sends a referral until it has its receipt."""

    def __init__(self, base_url: str, email: str, password: str) -> None:
        super().__init__(base_url)
        self._jar = CookieJar()
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(self._jar)
        )
        self._typed = {"login": email, "password": password}
        self.tries = 0

    def sign_in(self) -> None:
        """Begin a session."""
        self._jar.clear()
        self.press(self.open("/account/sign-in/"), "Sign in", self._typed)

    def send(self, key: UUID) -> str:
        """Send it under this key and return the reference, however often it takes."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                self.tries += 1
                status, said = self._post(BODY | {"key": str(key)})
            except (Surprise, OSError, ValueError):
                status, said = 0, {}
            if status == 201:
                return str(said["reference"])
            assert status in {0, 401, 403, 409, 500, 502, 503}, (status, said)
            time.sleep(0.3)
            if status in {401, 403}:
                self._sign_in_again()
        raise AssertionError("A referral had no receipt in time")

    def _sign_in_again(self) -> None:
        try:
            self.sign_in()
        except (Surprise, OSError):
            time.sleep(0.3)

    def _post(self, body: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
        token = next((cookie.value or "" for cookie in self._jar if cookie.name == "csrf"), "")
        headers = {
            "Content-Type": "application/json",
            "X-CSRFToken": token,
            "Origin": self.base_url,
        }
        address = f"{self.base_url}/api/v1/referrals/"
        said = json.dumps(body).encode()
        answer = self._ask(urllib.request.Request(address, said, headers))  # noqa: S310 - ours
        found = json.loads(answer.body)
        return answer.status, found if isinstance(found, dict) else {}


@dataclass
class Storm:
    """One storm: who sends, what breaks, and what came of it."""

    base_url: str
    database: str
    seed: int
    faults: Mapping[str, Fault]
    happened: Counter[str] = field(default_factory=Counter)
    receipts: dict[UUID, str] = field(default_factory=dict)
    tried: list[UUID] = field(default_factory=list)
    tries: int = 0

    def blow(self, referrals: int, *, faults: int | None = None, pause: float = 1.5) -> None:
        """Send that many referrals while things break, a pause apart: so often, or until all are
        sent.
        """
        chance = random.Random(self.seed)  # noqa: S311 - to be played again
        self.tried = [UUID(int=chance.getrandbits(128), version=4) for _ in range(referrals)]
        over = threading.Event()
        breaking = threading.Thread(target=self._break, args=(chance, over, faults, pause))
        breaking.start()
        try:
            with ThreadPoolExecutor(SENDERS) as threads:
                for sent in threads.map(self._send, range(SENDERS)):
                    self.receipts |= sent
        finally:
            if faults is None:
                over.set()
            breaking.join()

    def _send(self, nth: int) -> dict[UUID, str]:
        people, password = play._people()
        teachers = [p.email for p in people if p.role == "Practitioner"]
        sender = Sender(self.base_url, teachers[nth % len(teachers)], password)
        sender._sign_in_again()
        sent = {}
        for number, key in enumerate(self.tried[nth::SENDERS]):
            sent[key] = sender.send(key)
            if number % 5 == 0:
                # The receipt was lost on its way: the same key has the same answer.
                assert sender.send(key) == sent[key]
        self.tries += sender.tries
        return sent

    def _break(
        self, chance: random.Random, over: threading.Event, faults: int | None, pause: float
    ) -> None:
        for _ in range(faults or 10**6):
            if over.wait(chance.uniform(0.3, 2) * pause):
                return
            name = chance.choice(sorted(self.faults))
            self.faults[name]()
            self.happened[name] += 1

    def drain(self) -> float:
        """Wait until no email of these referrals is owed; return how long it took, in seconds.

        However many there are, and however busy the machine: fewer must be owed every two minutes.
        """
        began = since = time.monotonic()
        events = invariants.causes(self.database, self.tried)
        fewest: int | None = None
        while owed := databases.ask(self.database, invariants.UNFINISHED, events)[0][0]:
            if fewest is None or owed < fewest:
                fewest, since = owed, time.monotonic()
            assert time.monotonic() - since < DRAIN, "The outbox does not empty"
            databases.ask(self.database, TIME_PASSES)
            time.sleep(2)
        return time.monotonic() - began


def killed(process: Process, chance: random.Random) -> Fault:
    """kill -9 of a program with all its children; it is back within two seconds."""

    def fault() -> None:
        process.kill()
        time.sleep(chance.uniform(0.1, 2))
        process.start()

    return fault


def child_killed(process: Process) -> Fault:
    """kill -9 of one child of a program, which goes on."""

    def fault() -> None:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        pids = children.read_text().split() if process.alive and children.exists() else []
        if pids:
            os.kill(int(pids[-1]), signal.SIGKILL)

    return fault


class HostileMail:
    """A mail server that is not always well; it remembers each message that it took."""

    WAYS = ("refuses", "hangs", "hangs up", "hangs up after it has taken the message")

    def __init__(self) -> None:
        self.taken: list[Mail] = []
        self.way = ""

    async def handle_RCPT(self, server: Any, _s: Any, envelope: Any, to: str, _o: Any) -> str:  # noqa: N802
        """Take the recipient, unless this is not the time."""
        if self.way == "refuses":
            return "451 Try again later"
        if self.way == "hangs":
            await asyncio.sleep(11)
        if self.way == "hangs up":
            server.transport.abort()
        envelope.rcpt_tos.append(to)
        return "250 OK"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        """Take the message."""
        message = message_from_bytes(envelope.content)
        self.taken += [Mail(str(message["Message-ID"]), to) for to in envelope.rcpt_tos]
        if self.way.startswith("hangs up after"):
            server.transport.abort()
        return "250 OK"

    def unwell(self, way: str) -> Fault:
        """Be unwell in this way for a few seconds."""

        def fault() -> None:
            self.way = way
            time.sleep(3)
            self.way = ""

        return fault


@contextmanager
def alone() -> Iterator[tuple[Stage, str, int]]:
    """A seeded database on servers of its own: the stage, the broker's address, the mail's port."""
    stop_leftovers(FOLDER)
    with stage.servers(FOLDER) as admin:
        found = stage.addresses(admin, "portal").of("portal_chaos")
        web, mail = servers.port(FOLDER, "web"), servers.port(FOLDER, "mail")
        _, url = servers.valkey(FOLDER)
        here = Stage(FOLDER, found, stage.environment(FOLDER, found, url, mail, web))
        stage.prepare(here, afresh=True)
        stage.collect_static(here)
        name = "portal_chaos_run"
        with databases.cloned(admin, "portal_chaos", name):
            run = found.of(name)
            playing = Stage(FOLDER, run, stage.environment(FOLDER, run, url, mail, web))
            playing.manage("seed_demo", doing="Seeding the demo data")
            yield playing, url, mail


@contextmanager
def hostile_mail(port: int) -> Iterator[HostileMail]:
    """The mail server, for as long as the block lasts."""
    hostile = HostileMail()
    controller = Controller(hostile, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield hostile
    finally:
        controller.stop()


def main() -> None:
    """Run one storm on servers of its own, and print the figures."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    asked.add_argument("--referrals", type=int, default=200)
    asked.add_argument("--pause", type=float, default=1.5, help="seconds between two faults")
    asked.add_argument("--write", action="store_true", help="put the figures into the document")
    options = asked.parse_args()
    print(f"Seed {options.seed}", flush=True)
    with alone() as (here, url, mail), hostile_mail(mail) as hostile:
        said = _play(here, url, hostile, options)
    print(said)
    if options.write:
        write("storm", said)


def _play(here: Stage, url: str, hostile: HostileMail, options: argparse.Namespace) -> str:
    web = servers.kept_port(FOLDER, "web")
    parts = stage.processes(here, web, 1)
    del parts["mail"]
    command, _ = servers.valkey(FOLDER)
    broker = Process("valkey", command, dict(os.environ), FOLDER)
    postgres = servers.Postgres(FOLDER)
    chance = random.Random(options.seed + 1)  # noqa: S311 - to be played again
    faults: dict[str, Fault] = {
        **{f"kill -9 {name}": killed(part, chance) for name, part in parts.items()},
        "kill -9 of a worker's child": child_killed(parts["worker"]),
        "kill -9 broker": killed(broker, chance),
        "FLUSHALL": lambda: _flush(url),
        "PostgreSQL restarted": lambda: _restart(postgres, "fast"),
        "PostgreSQL crashed": lambda: _restart(postgres, "immediate"),
        **{f"mail server {way}": hostile.unwell(way) for way in HostileMail.WAYS},
    }
    base_url = f"http://localhost:{web}"
    try:
        for part in (broker, *parts.values()):
            part.start()
        commands.wait_for_site(base_url, parts["web"])
        storm = Storm(base_url, here.addresses.app, options.seed, faults)
        began = time.monotonic()
        storm.blow(options.referrals, pause=options.pause)
        lasted = time.monotonic() - began
        drained = storm.drain()
        figures = invariants.check(
            here.addresses.app,
            tried=storm.tried,
            receipts=storm.receipts,
            mails=hostile.taken,
            verify=lambda: verified(here),
        )
    finally:
        for part in (*parts.values(), broker):
            part.stop()
    return described(storm, figures, lasted, drained)


def _flush(url: str) -> None:
    try:
        redis.Redis.from_url(url, socket_timeout=1).flushall()
    except redis.RedisError:
        return


def _restart(postgres: servers.Postgres, how: str) -> None:
    postgres._control("stop", "-m", how, "-w", "-t", "30")
    time.sleep(1)
    postgres.start()


def verified(here: Stage) -> str:
    """What `audit_verify` says first."""
    done = subprocess.run(
        [PYTHON, "manage.py", "audit_verify"],
        cwd=ROOT,
        env=here.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return (done.stdout.splitlines() or ["It said nothing."])[0]


def described(storm: Storm, figures: Figures, lasted: float, drained: float) -> str:
    """The figures of a storm as a table."""
    faults = "; ".join(f"{name} x {count}" for name, count in sorted(storm.happened.items()))
    rows = [
        ("Seed", storm.seed),
        ("Storm lasted", f"{lasted:.0f} s"),
        ("Faults", f"{storm.happened.total()}: {faults}"),
        ("Requests to send", storm.tries),
        ("Receipts given", figures.receipts),
        ("Referrals stored", figures.referrals),
        ("Notices in the portal", f"{figures.notices}, each once"),
        ("Emails of their own", figures.mails),
        ("of these once more, with the same Message-ID", figures.doubled),
        ("Outbox empty after", f"{drained:.0f} s"),
        ("Ledger", figures.ledger.partition(", checked")[0]),
    ]
    return "\n".join(["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)])


def write(name: str, said: str) -> None:
    """Put figures into the document, in the place of that name."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    document = REPORT.read_text()
    before, _, rest = document.partition(begin)
    REPORT.write_text(f"{before}{begin}\n{said}\n{end}{rest.partition(end)[2]}")


if __name__ == "__main__":
    main()
