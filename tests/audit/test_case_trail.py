"""The trail of a case: what happened, in words, with the names that the ledger does not hold."""

from datetime import UTC
from uuid import uuid4

import pytest
from django.db import transaction
from pytest_django import DjangoAssertNumQueries

from portal.accounts.models import User
from portal.accounts.vocabulary import Principal, Role
from portal.audit import reports
from portal.audit.models import Event
from portal.audit.services import record
from tests.audit.cast import principal_without_rows, someone


def test_a_trail_says_who_did_what_and_to_whom_it_went(coordinator: Principal) -> None:
    case, child, grant = uuid4(), uuid4(), uuid4()
    health = someone(Role.PANEL_MEMBER)
    record(None, "referral.submitted", case=case, subjects=[child])
    given = record(
        coordinator,
        "grant.given",
        case=case,
        obj=("grant", grant),
        subjects=[child],
        recipient=("team", f"{health.agency_id}:panel_member"),
        why="12/1",
        purpose="PANEL",
        basis="CA04_S11",
        fields=["IC4"],
        withheld=1,
    )

    first, second = reports.trail(case)

    assert (first.seq, first.sentence, first.person) == (1, "Referral sent", "System")
    assert (first.role, first.agency_name, first.agency_kind, first.recipient) == ("", "", "", "")
    stored = Event.objects.get(pk=given)
    assert second == reports.Entry(
        seq=2,
        at=stored.at,
        act="grant.given",
        category="disclosure",
        sentence="Access given",
        outcome="allowed",
        role="MASE coordinator",
        agency_kind="Children's social care",
        agency_name=coordinator.agency_name,
        person="Asha Okafor",
        purpose="PANEL",
        basis="CA04_S11",
        why="12/1",
        recipient=f"Panel member, {health.agency_name}",
        recipient_kind="Panel member, Children's social care",
        fields=("IC4",),
        ids=(),
        withheld=1,
        hash=bytes(stored.hash).hex(),
    )
    assert second.at.tzinfo == UTC


@pytest.mark.parametrize("kind", ["agency", "user", "board"])
def test_a_recipient_is_named_when_known(coordinator: Principal, kind: str) -> None:
    case = uuid4()
    ids = {"agency": coordinator.agency_id, "user": coordinator.user_id, "board": uuid4()}
    record(
        coordinator, "trail.published", case=case, subjects=[uuid4()], recipient=(kind, ids[kind])
    )

    (entry,) = reports.trail(case)
    names = {"agency": coordinator.agency_name, "user": coordinator.name, "board": ""}
    kinds = {"agency": "Children's social care", "user": "The person who asked", "board": ""}
    assert (entry.recipient, entry.recipient_kind) == (names[kind], kinds[kind])


def test_a_name_is_todays_and_somebody_unknown_is_not_a_fault(coordinator: Principal) -> None:
    case = uuid4()
    record(coordinator, "case.read", case=case, subjects=[uuid4()])
    record(principal_without_rows(), "case.read", case=case, subjects=[uuid4()])
    User.objects.filter(pk=coordinator.user_id).update(name="Asha Mensah")

    people = [entry.person for entry in reports.trail(case)]

    assert people == ["Asha Mensah", "Somebody no longer known"]


def test_a_trail_holds_one_case_only(coordinator: Principal) -> None:
    case = uuid4()
    record(coordinator, "case.read", case=uuid4(), subjects=[uuid4()])

    assert reports.trail(case) == []


@pytest.mark.parametrize("length", [1, 30])
def test_a_long_trail_costs_no_more_queries(
    coordinator: Principal, length: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    case = uuid4()
    for _ in range(length):
        with transaction.atomic():
            record(coordinator, "case.read", case=case, subjects=[uuid4()])

    with django_assert_num_queries(3):
        assert len(reports.trail(case)) == length
