"""The twenty who work: who they are, what each asks for, and what a page asks of the database.

`python -m tests.benchmarks.bench_load.users 20` writes the last of these, as JSON.
"""

import json
import random
import sys
from dataclasses import dataclass
from typing import Any

SEED = 7
COORDINATORS, MANAGERS = 12, 2
SOME = 300
"""From so many cases each chooses."""
OF_EACH = 10
"""So many pages of each kind are looked at to count their queries: cases differ."""

BOARD, LIST = "board", "list of cases"
MIX = {
    "coordinator": {
        BOARD: 25,
        "workspace": 25,
        "case": 15,
        "home": 10,
        LIST: 10,
        "find by reference": 10,
        "find by name": 5,
    },
    "practitioner": {
        "home": 25,
        "my referrals": 20,
        "case, for its sender": 30,
        "list of cases, of a sender": 10,
        "find by reference": 10,
        "find by name": 5,
    },
}
"""Of a hundred pages that somebody in the role asks for, so many are of each kind."""
BUDGET = {"find by reference": 1000, "find by name": 1000}
"""Milliseconds, for 95 of 100; every other page has `ELSE`."""
ELSE = 300


@dataclass(frozen=True)
class Worker:
    """Somebody who has signed in, and the cases that are theirs to open."""

    cookies: dict[str, str]
    mix: str
    waiting: list[str]
    cases: list[str]
    names: list[str]

    def pages(self, only: str = "") -> list[dict[str, Any]]:
        """What they ask for, as the client takes it; `only` one kind of page."""
        cases = [f"/referrals/{reference}/" for reference in self.cases]
        known: dict[str, dict[str, Any]] = {
            BOARD: {"addresses": ["/triage/"], "holds": "/assign/"},
            "workspace": {
                "addresses": [f"/triage/{reference}/" for reference in self.waiting] or ["/"],
                "holds": ">Triage R-",
            },
            "case": {"addresses": cases, "holds": ">Case R-"},
            "case, for its sender": {"addresses": cases, "holds": ">Case R-"},
            "home": {"addresses": ["/home/"], "holds": ">Home</h1>"},
            LIST: {"addresses": ["/cases/"], "holds": "Cases that are open to me"},
            "list of cases, of a sender": {
                "addresses": ["/cases/"],
                "holds": "Cases that are open to me",
            },
            "my referrals": {"addresses": ["/referrals/"], "holds": "Referrals that were sent"},
            "find by reference": {
                "addresses": ["/referrals/search/"],
                "holds": ">Case R-",
                "forms": [{"words": reference} for reference in self.cases],
                "form_on": "/referrals/search/",
            },
            "find by name": {
                "addresses": ["/referrals/search/"],
                "holds": "What was found",
                "forms": [{"words": name, "why": "work"} for name in self.names],
                "form_on": "/referrals/search/",
            },
        }
        wanted = {only: 1} if only else MIX[self.mix]
        return [{"name": name, "weight": weight, **known[name]} for name, weight in wanted.items()]

    def plan(self, only: str = "") -> dict[str, Any]:
        """The worker, for the client."""
        return {"cookies": dict(self.cookies), "pages": self.pages(only)}


def workers(count: int) -> list[Worker]:
    """Coordinators and managers to whom every case is open, and practitioners: the two with most
    referrals of their own, then others by chance.

    Each gets a session as signing in makes it; the middleware chooses the one role that they have.
    """
    from django.db.models import Count

    from portal.accounts.models import Membership
    from portal.accounts.vocabulary import Role

    chance = random.Random(SEED)  # noqa: S311 - no secret
    # Whoever has two roles would be asked which one first.
    some = (
        Membership.objects.annotate(roles=Count("user__memberships", distinct=True))
        .filter(roles=1)
        .select_related("user", "team__agency")
    )
    leading = max(1, round(count * 0.7))
    door = [
        *some.filter(team__role=Role.COORDINATOR).order_by("user__email")[:COORDINATORS],
        *some.filter(team__role=Role.MANAGER).order_by("user__email")[:MANAGERS],
    ][:leading]
    sending = list(
        some.filter(team__role=Role.PRACTITIONER)
        .annotate(sent=Count("referrals", distinct=True))
        .filter(sent__gte=2)
        .order_by("-sent", "user__email")
    )
    lacking = count - len(door)
    others = sending[2:]
    senders = [*sending[:2], *chance.sample(others, min(len(others), max(0, lacking - 2)))]
    return [
        *(_worker(each, "coordinator", chance) for each in door),
        *(_worker(each, "practitioner", chance) for each in senders[:lacking]),
    ]


def _worker(member: Any, mix: str, chance: random.Random) -> Worker:
    from django.test import Client

    from referrals import policies

    browser = Client(HTTP_HOST="localhost")
    browser.force_login(member.user)
    seen = policies.sights(member.principal())
    found = list(seen.order_by("id").values_list("reference", flat=True)[: 20 * SOME])
    cases = chance.sample(found, min(SOME, len(found)))
    known = policies.whose_child_is_known(member.principal()).filter(reference__in=cases)
    children = list(known.values_list("child__given_name", "child__family_name")[:SOME])
    return Worker(
        cookies={name: morsel.value for name, morsel in browser.cookies.items()},
        mix=mix,
        waiting=list(seen.waiting().values_list("reference", flat=True)[:SOME]),
        cases=cases,
        names=[f"{given} {family}".strip() for given, family in children] or ["Nobody"],
    )


def queries(some: list[Worker]) -> dict[str, tuple[int, float]]:
    """How many queries a page of each kind asks at most, and the milliseconds of the slowest."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    found: dict[str, tuple[int, float]] = {}
    for mix in MIX:
        worker = next(each for each in some if each.mix == mix)
        browser = Client(HTTP_HOST="localhost")
        browser.cookies.load(worker.cookies)
        for page in worker.pages():
            if page["name"] in found:
                continue
            asked = page.get("forms", [{}])[:OF_EACH]
            asked = [(page["addresses"][0], form) for form in asked if form] or [
                (address, {}) for address in page["addresses"][:OF_EACH]
            ]
            seen = []
            # The first warms what is kept for the life of the process.
            for address, form in [asked[0], *asked]:
                with CaptureQueriesContext(connection) as queries:
                    if form:
                        answer = browser.post(address, form, follow=True)
                    else:
                        answer = browser.get(address)
                assert page["holds"].encode() in answer.content, (page["name"], answer.status_code)
                seen.append((len(queries), [float(each["time"]) for each in queries]))
            most = max(count for count, _ in seen[1:])
            found[page["name"]] = most, 1e3 * max(max(times) for _, times in seen[1:])
    return found


if __name__ == "__main__":
    import django

    django.setup()
    json.dump(queries(workers(int(sys.argv[1]))), sys.stdout)
