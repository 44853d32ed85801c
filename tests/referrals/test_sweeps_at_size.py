"""Work by the clock at the size of a bad week: as much for each thing as for one, and done once."""

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.accounts import services as accounts
from portal.notifications.models import Notice
from portal.notifications.vocabulary import Kind
from referrals.models import Assignment, Case, Clock
from referrals.services import clocks
from referrals.triage.services import leaving
from referrals.vocabulary import ClockKind
from sharing.disclosures.models import Chaser, Request
from sharing.disclosures.services import chasing
from tests.architecture.test_queries import _like, many
from tests.cast import Cast, at_once, gathered, membership, send
from tests.disclosures.conftest import ask, lead_of

MANY = 200
HOUR = timedelta(hours=1)


def cases(cast: Cast, count: int) -> list[Case]:
    """So many new cases, as they are when they were sent."""
    before = set(Case.objects.values_list("pk", flat=True))
    many(send(cast.teacher), count)
    one = Case.objects.exclude(pk__in=before).filter(clocks__isnull=False).values("pk")
    return list(Case.objects.exclude(pk__in=before).exclude(pk__in=one))


def left(cast: Cast, found: Iterable[Case]) -> None:
    """They are the coordinator's, who has left."""
    pks = [case.pk for case in found]
    Case.objects.filter(pk__in=pks).update(coordinator=cast.coordinator.membership_id)


def late(cast: Cast, found: Iterable[Case]) -> None:
    """An agency has been asked about each, and is late with its answer."""
    asked = Request.objects.order_by("asked_at").last()
    if asked is None:
        lead = lead_of(cast.panel_nurse.agency_id, "Hattie Ealth")
        asked = ask(cast.manager, send(cast.teacher), lead)
    ago = {f"{name}_at": timezone.now() - hours * HOUR for name, hours in TIMES.items()}
    Request.objects.bulk_create(_like(asked, case=case, **ago) for case in found)


TIMES = {"asked": 3, "near": 2, "due": 1}


def to_look_at(cast: Cast, found: Iterable[Case]) -> None:
    """They are cases at which somebody is to look again today."""
    now = timezone.now()
    for case in found:
        clocks.start(case, ClockKind.LOOK_BACK, now)
    Clock.objects.filter(kind=ClockKind.LOOK_BACK, passed_told_at=None).update(
        near_at=now, due_at=now
    )


SWEEPS = {
    "left": (left, leaving.sweep),
    "late": (late, chasing.sweep),
    "look back": (to_look_at, clocks.sweep),
}


def cost(sweep) -> int:
    with CaptureQueriesContext(connection) as queries:
        sweep()
    return len(queries)


@pytest.mark.parametrize("name", SWEEPS)
def test_each_costs_what_the_one_before_did(cast: Cast, name):
    make, sweep = SWEEPS[name]
    if name == "left":
        accounts.end_membership(membership=membership(cast.coordinator))
    make(cast, cases(cast, 2))
    sweep()  # what is remembered for the life of the process, and what is told once

    costs = []
    for count in (2, 10, 50):
        make(cast, cases(cast, count))
        costs.append(cost(sweep))

    few, more, most = costs
    assert 5 * (more - few) == most - more > 0, costs


def test_two_beats_do_hundreds_once(committed):
    cast = gathered()
    found = cases(cast, MANY)
    for make, _ in SWEEPS.values():
        make(cast, found)
    accounts.end_membership(membership=membership(cast.coordinator))

    for name, (_, sweep) in SWEEPS.items():
        assert all(isinstance(each, int) for each in at_once(sweep, sweep)), name

    assert Assignment.objects.count() == Chaser.objects.count() == MANY
    assert not Case.objects.filter(coordinator=cast.coordinator.membership_id).exists()
    told = Notice.objects.filter(kind__in=(Kind.LOOK_BACK, Kind.REQUEST_LATE))
    each = Counter(told.values_list("kind", "recipient", "case"))
    assert {kind for kind, _, _ in each} == {Kind.LOOK_BACK, Kind.REQUEST_LATE}
    assert set(each.values()) == {1}
    assert told.filter(kind=Kind.LOOK_BACK).values("case").distinct().count() == MANY
    left_of = Counter(Notice.objects.filter(kind=Kind.LEFT).values_list("recipient", "cause"))
    assert set(left_of.values()) == {1}
    assert [sweep() for _, sweep in SWEEPS.values()] == [0, 0, 0]
