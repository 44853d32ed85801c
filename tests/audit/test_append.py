"""An act and its event happen together or not at all, in order, whoever comes at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, IntegrityError, connection, connections, transaction

from portal.accounts import services as accounts
from portal.accounts.models import Partnership
from portal.audit import reports
from portal.audit.models import Event
from portal.audit.services import LedgerRefused, append, record
from tests.audit.cast import Login


def found(name: str = "Northmoor") -> Partnership:
    return accounts.found_partnership(
        name=name,
        slug=name.lower(),
        front_door_phone="020 7946 0000",
        out_of_hours_phone="020 7946 0011",
    )


@pytest.fixture
def ledger_closed(superuser: Login) -> None:
    """A ledger that takes nothing, as when its disk is full."""
    superuser.run("REVOKE EXECUTE ON FUNCTION audit.append(uuid, text, bytea) FROM portal_app")


def test_nothing_is_recorded_outside_a_transaction(
    committed: object, read_case: Callable[[UUID], UUID]
) -> None:
    with pytest.raises(RuntimeError, match="inside the transaction"):
        read_case(uuid4())


def test_a_change_that_cannot_be_recorded_does_not_happen(
    committed: object, ledger_closed: None
) -> None:
    with pytest.raises(LedgerRefused):
        found()

    assert not Partnership.objects.exists()


def test_a_caller_who_swallows_the_error_still_changes_nothing(
    committed: object, ledger_closed: None
) -> None:
    with transaction.atomic():
        Partnership.objects.create(
            name="Northmoor",
            slug="northmoor",
            front_door_phone="020 7946 0000",
            out_of_hours_phone="020 7946 0011",
        )
        with pytest.raises(DatabaseError):
            record(None, "rules.loaded")

    assert not Partnership.objects.exists()


def test_an_event_of_a_change_that_failed_is_not_kept(committed: object) -> None:
    before = Event.objects.count()

    with pytest.raises(IntegrityError), transaction.atomic():
        # The event is written, then the second partnership finds its address taken.
        list(map(found, ["Northmoor", "Northmoor"]))

    assert Event.objects.count() == before
    assert found()
    assert Event.objects.count() == before + 1
    assert reports.check("system").ok


def test_everybody_at_once_leaves_every_stream_whole(
    committed: object, read_case: Callable[[UUID], UUID]
) -> None:
    threads, rounds = 8, 50
    cases = [uuid4() for _ in range(5)]

    def work(start: int) -> None:
        try:
            for step in range(rounds):
                for turn in range(len(cases)):
                    with transaction.atomic():
                        read_case(cases[(start + step + turn) % len(cases)])
        finally:
            connections.close_all()

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, range(threads)))

    for case in cases:
        places = Event.objects.filter(stream=f"case:{case}").order_by("seq")
        assert list(places.values_list("seq", flat=True)) == list(range(1, threads * rounds + 1))
        assert reports.check(f"case:{case}").ok


def test_an_id_that_is_taken_lets_no_other_event_in(db: None) -> None:
    first = record(None, "rules.loaded")
    body = bytes(Event.objects.get(pk=first).body)

    for stream, other in (("auth", body), ("system", body.replace(b"loaded", b"listed"))):
        with pytest.raises(LedgerRefused), transaction.atomic():
            append(first, stream, other)

    assert bytes(Event.objects.get(pk=first).body) == body


def test_the_site_cannot_choose_place_time_or_link(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_function_arguments('audit.append(uuid, text, bytea)'::regprocedure)"
        )
        (arguments,) = cursor.fetchone()

    assert arguments == (
        "new_id uuid, new_stream text, new_body bytea,"
        " OUT seq bigint, OUT at timestamp with time zone, OUT hash bytea"
    )
