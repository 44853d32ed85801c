"""Two worlds that differ in one thing that is not for somebody are the same world to them.

In the one world there is one case more, or one concealed statement more. Whoever may not know of
it opens every page that they can, in both worlds; not one byte may differ. The doors are found in
the resolver, so a new one is covered the moment it exists.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from django.utils import timezone

from portal.accounts.vocabulary import Principal
from referrals.models import Case, Statement
from referrals.triage import services as triage
from referrals.vocabulary import Answer, Danger, KnownHow, Outcome, Protect
from sharing.rules.vocabulary import Category
from tests.architecture.asking import Asked, ask, of_a_case, plain, things_of
from tests.architecture.doors import doors
from tests.cast import GIVEN, Cast, membership, send, signed_in

# They end the session or the way in, and know nothing of cases.
LEADS_OUT = ("account_", "accounts:timed_out", "accounts:signed_out")
# Whoever stands beside a case of the teacher's that the coordinator has not decided.
OUTSIDERS = (
    "colleague",
    "outsider_lead",
    "charity_worker",
    "panel_officer",
    "panel_chair",
    "auditor",
    "chair",
    "other_coordinator",
    "other_panel_officer",
)
# Who reads the case, and may not know what the teacher conceals.
READERS = ("coordinator", "manager", "lead", "panel_officer", "panel_chair")
ASKS = ("", f"?q={GIVEN}&page=2&sort=due&order=desc&status=received")


@contextmanager
def undone() -> Iterator[None]:
    point = transaction.savepoint()
    try:
        yield
    finally:
        transaction.savepoint_rollback(point)


def seen_by(client: Client, also: Callable[[], dict[str, object]]) -> dict[str, object]:
    """Everything that this person can open, in bytes."""
    pages = {
        f"{door.name} {query}": plain(Asked.of(client.get(door.path + query)))
        for door in doors()
        if not door.name.startswith(LEADS_OUT)
        for query in ASKS
    }
    return {**pages, **also()}


@pytest.fixture
def settled(cast: Cast) -> Iterator[Cast]:
    """Time stands still for the pages; everybody who can has a case of their own on their lists."""
    with time_machine.travel(timezone.now(), tick=False):
        for who in (cast.colleague, cast.outsider_lead, cast.charity_worker):
            send(who, given_name="Robin", family_name="Plover")
        yield cast


def _differ(one: dict[str, object], other: dict[str, object]) -> list[str]:
    assert set(one) == set(other)
    return [name for name in one if one[name] != other[name]]


@pytest.mark.parametrize("name", OUTSIDERS)
def test_one_case_more_changes_not_a_byte_for_whom_it_is_not(settled: Cast, name):
    cast, client = settled, signed_in(settled.everyone()[name])
    client.get("/home/")
    things: dict[str, str] = {}
    reference = ""

    def its_own() -> dict[str, object]:
        return {str(row): plain(ask(client, row, things)) for row in of_a_case("GET")}

    with undone():
        hidden = send(cast.teacher, danger=Danger.YES)
        triage.acknowledge(actor=cast.coordinator, case=hidden)
        things, reference = things_of(hidden), hidden.reference
        with_it = seen_by(client, its_own)
    without_it = seen_by(client, its_own)

    assert not Case.objects.filter(reference=reference).exists()
    assert _differ(with_it, without_it) == []
    assert reference not in "".join(page[1] for page in with_it.values())


def conceal(case: Case, author: Principal) -> Statement:
    """The author adds something whose very existence is concealed."""
    member = membership(author)
    return Statement.objects.create(
        case=case,
        referral=case.referrals.get(),
        question="told",
        category=Category.IC4,
        answer=Answer.GIVEN,
        text="The van belongs to somebody at the school.",
        known_how=KnownHow.TOLD,
        author=member,
        agency=member.team.agency,
        stated_at=timezone.now(),
        protect=Protect.EXISTENCE,
    )


@pytest.mark.parametrize("name", READERS)
def test_one_concealed_statement_more_changes_not_a_byte(settled: Cast, name):
    cast, client = settled, signed_in(settled.everyone()[name])
    case = send(cast.teacher)
    words = {"reason": "Three signs.", "told_referrer": "The panel will consider it."}
    triage.decide(actor=cast.coordinator, case=case, outcome=Outcome.PANEL, **words)
    client.get("/home/")

    things = things_of(case)

    def its_own() -> dict[str, object]:
        return {str(row): plain(ask(client, row, things)) for row in of_a_case("GET")}

    with undone():
        things["answer"] = str(conceal(case, cast.teacher).pk)
        with_it = seen_by(client, its_own)
    with undone():
        without_it = seen_by(client, its_own)

    assert with_it["referrals.case-GET"][0] == 200
    assert _differ(with_it, without_it) == []


def test_the_worlds_do_differ_for_whom_it_is(settled: Cast):
    """The control of both tests above."""
    cast, client = settled, signed_in(settled.coordinator)

    with undone():
        send(cast.teacher)
        with_it = seen_by(client, dict)
    without_it = seen_by(client, dict)
    different = {name.split()[0] for name in _differ(with_it, without_it)}

    assert {"home:home", "triage:board", "referrals:cases", "api-cases"} <= different
    case = send(cast.teacher)
    own = signed_in(cast.teacher)
    before = own.get(f"/referrals/{case.reference}/").content
    conceal(case, cast.teacher)
    assert b"The van belongs" in own.get(f"/referrals/{case.reference}/").content
    assert b"The van belongs" not in before
