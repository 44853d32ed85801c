"""The users: so many threads of one process, each asking page after page as a browser does.

`python -m tests.benchmarks.bench_load.client` reads a plan (JSON) and writes what it found. It
knows nothing of the portal: a plan holds addresses, cookies, forms and what an answer must hold.
Each visit is a connection of its own, as a proxy makes one; a redirect is followed and counted in
the time of what led to it.
"""

import gzip
import http.client
import json
import random
import re
import resource
import sys
import threading
import time
import zlib
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urlencode

SECONDS_AT_MOST = 60.0
"""Whoever waits for longer for one answer gives up, and the run has failed."""
_HIDDEN = re.compile(
    r'<input type="hidden" name="(csrfmiddlewaretoken|author)" value="([^"]*)"', re.ASCII
)


@dataclass
class Page:
    """One kind of page: how often it is asked for, where, and what its answer holds.

    `addresses` are chosen from by chance; with `forms` a form is sent there instead, with the
    hidden fields of the page `form_on`.
    """

    name: str
    weight: int
    addresses: list[str]
    holds: str
    forms: list[dict[str, str]] = field(default_factory=list)
    form_on: str = ""


@dataclass
class User:
    """Somebody who has signed in: their cookies, and the pages that they ask for."""

    cookies: dict[str, str]
    pages: list[Page]
    hidden: dict[str, dict[str, str]] = field(default_factory=dict)


@dataclass
class Found:
    """What was measured of one kind of page."""

    seconds: list[float] = field(default_factory=list)
    sent: int = 0
    gzipped: int = 0
    wrong: list[str] = field(default_factory=list)


@dataclass
class Plan:
    """Whom to ask, how long, and how long each user reads between two pages, on average."""

    port: int
    users: list[User]
    seconds: float
    think: float
    warm: float = 2.0
    most: int = 100_000


def ask(
    port: int, user: User, address: str, form: dict[str, str] | None = None
) -> tuple[int, bytes, int]:
    """Ask as a browser, following redirects; the status, the page, and the bytes that came."""
    came = 0
    for _ in range(4):
        connection = http.client.HTTPConnection("localhost", port, timeout=SECONDS_AT_MOST)
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in user.cookies.items()),
            "Accept": "text/html",
            "Accept-Encoding": "gzip",
            "Connection": "close",
        }
        body = None
        if form is not None:
            body = urlencode(form)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request("GET" if form is None else "POST", address, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        came += len(content)
        for cookie in answer.msg.get_all("Set-Cookie", []):
            name, _, value = cookie.partition(";")[0].partition("=")
            user.cookies[name] = value
        zipped = answer.headers.get("Content-Encoding") == "gzip"
        connection.close()
        if answer.status in (301, 302, 303):
            address, form = answer.headers["Location"], None
            continue
        return answer.status, zlib.decompress(content, 31) if zipped else content, came
    return 310, b"", came


class Run:
    """The users at work."""

    def __init__(self, plan: Plan, seed: int) -> None:
        self.plan, self.seed = plan, seed
        self.found: dict[str, Found] = {}
        self.visits = 0
        self.lock = threading.Lock()
        self.counts_from = self.ends = 0.0

    def __call__(self) -> dict[str, Any]:
        """Let all of them begin at once; everything that begins after the warm-up counts."""
        for user in self.plan.users:
            for page in user.pages:
                if page.form_on:
                    _, content, _ = ask(self.plan.port, user, page.form_on)
                    user.hidden[page.name] = dict(_HIDDEN.findall(content.decode()))
        began = time.monotonic()
        self.counts_from = began + self.plan.warm
        self.ends = self.counts_from + self.plan.seconds
        threads = [
            threading.Thread(target=self._work, args=(number, user))
            for number, user in enumerate(self.plan.users)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        took = max(self.plan.seconds, time.monotonic() - self.counts_from)
        used = resource.getrusage(resource.RUSAGE_SELF)
        return {
            "took": took,
            "visits": self.visits,
            "own_seconds": used.ru_utime + used.ru_stime,
            "pages": {name: asdict(found) for name, found in self.found.items()},
        }

    def _work(self, number: int, user: User) -> None:
        chance = random.Random(self.seed * 1_000 + number)  # noqa: S311 - no secret
        weights = [page.weight for page in user.pages]
        time.sleep(chance.uniform(0, min(1.0, self.plan.warm)))
        for _ in range(self.plan.most):
            if time.monotonic() >= self.ends:
                return
            self._visit(user, chance.choices(user.pages, weights)[0], chance)
            if self.plan.think:
                time.sleep(chance.uniform(0.5, 1.5) * self.plan.think)

    def _visit(self, user: User, page: Page, chance: random.Random) -> None:
        address = chance.choice(page.addresses)
        form = None
        if page.forms:
            form = chance.choice(page.forms) | user.hidden.get(page.name, {})
        began, wrong, content, came = time.monotonic(), "", b"", 0
        try:
            status, content, came = ask(self.plan.port, user, address, form)
            if status != 200 or page.holds.encode() not in content:
                wrong = f"{status}"
        except (OSError, http.client.HTTPException) as error:
            wrong = type(error).__name__
        took = time.monotonic() - began
        with self.lock:
            self.visits += 1
            if began < self.counts_from and not wrong:
                return
            found = self.found.setdefault(page.name, Found())
            if wrong:
                found.wrong.append(wrong)
                return
            found.seconds.append(took)
            if not found.sent:
                found.sent, found.gzipped = came, len(gzip.compress(content, 6))


def plan_of(raw: dict[str, Any]) -> Plan:
    """The plan as it came."""
    users = [
        User(each["cookies"], [Page(**page) for page in each["pages"]]) for each in raw["users"]
    ]
    return Plan(**{**raw, "users": users})


if __name__ == "__main__":
    given = json.load(sys.stdin)
    json.dump(Run(plan_of(given["plan"]), given["seed"])(), sys.stdout)
