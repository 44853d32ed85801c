"""A whole ledger verifies; a ledger with one byte changed does not, and says where."""

import hashlib
import json
import struct
from collections.abc import Callable
from datetime import UTC, datetime
from io import StringIO
from uuid import UUID, uuid4

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from portal.audit import reports
from portal.audit.models import Event
from tests.audit.cast import Login

CASE = UUID("22222222-2222-4222-8222-222222222222")
STREAM = f"case:{CASE}"


def independent_hash(stream: str, seq: int, at: int, prev: bytes, body: bytes) -> bytes:
    """The framing of docs/audit.md, written from the page and sharing no code with the portal."""
    name = stream.encode("utf-8")
    whole = hashlib.sha256()
    whole.update(bytes([0]))
    whole.update(b"cse-audit/1")
    whole.update(struct.pack(">i", len(name)))
    whole.update(name)
    whole.update(struct.pack(">q", seq))
    whole.update(struct.pack(">q", at))
    whole.update(prev)
    whole.update(hashlib.sha256(body).digest())
    return whole.digest()


def test_the_golden_vector() -> None:
    stream = "case:22222222-2222-4222-8222-222222222222"
    at = datetime(2026, 3, 3, 9, 12, 0, 123456, tzinfo=UTC)
    micros = 1_772_529_120_123_456
    body = b'{"act":"case.read","id":"33333333-3333-4333-8333-333333333333"}'

    first = reports.fingerprint(stream, 1, micros, reports.genesis(stream), body)
    second = reports.fingerprint(stream, 2, micros + 1, first, body)

    assert micros == int(at.timestamp()) * 1_000_000 + at.microsecond
    assert (
        reports.genesis(stream).hex()
        == "12a463cbe1e6e7b905787c13d95abce20d303cf9bba2d845799ae89e2d0e6bad"
    )
    assert first.hex() == "7d2855f5992da7d730d56a7c2c177ca9998baa5e2dc13ab06d46563828ffc88d"
    assert second.hex() == "572c2e6b120b75392cbaed340dd6b5999a93d5f24016c36a7e0e162b8737f0b7"
    assert first == independent_hash(stream, 1, micros, reports.genesis(stream), body)


def test_the_database_computes_what_the_page_says(
    db: None, read_case: Callable[[UUID], UUID]
) -> None:
    for _ in range(3):
        read_case(CASE)

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT stream, seq, at, prev, body, hash FROM audit.event"
            " WHERE stream = %s ORDER BY seq",
            [STREAM],
        )
        rows = cursor.fetchall()
    last = hashlib.sha256(b"cse-audit/1 " + STREAM.encode()).digest()
    for stream, seq, at, prev, body, stored in rows:
        micros = int(at.replace(microsecond=0).timestamp()) * 1_000_000 + at.microsecond
        assert bytes(prev) == last
        last = independent_hash(stream, seq, micros, bytes(prev), bytes(body))
        assert bytes(stored) == last
    assert [row[1] for row in rows] == [1, 2, 3]


def test_a_whole_stream_is_said_to_be_whole(db: None, read_case: Callable[[UUID], UUID]) -> None:
    read_case(CASE)
    assert reports.check(STREAM).sentence == "Complete and unaltered: 1 event."

    read_case(CASE)
    assert reports.check(STREAM) == reports.Check(
        STREAM, ok=True, count=2, broken_at=None, sentence="Complete and unaltered: 2 events."
    )


def test_a_stream_without_events_is_whole(db: None) -> None:
    check = reports.check(f"case:{uuid4()}")

    assert check.ok
    assert check.count == 0


# Each is done to the third of five events, by somebody who can switch the guards off.
CHANGED = {
    "a byte of the body": "UPDATE audit.event SET body = convert_to("
    "replace(convert_from(body, 'UTF8'), '\"v\":\"1\"', '\"v\":\"2\"'), 'UTF8')",
    "the time": "UPDATE audit.event SET at = at + interval '1 microsecond'",
    "the time, to none": "UPDATE audit.event SET at = 'infinity'",
    "the time, before Christ": "UPDATE audit.event SET at = '0044-03-15 12:00+00 BC'",
    "the hash": "UPDATE audit.event SET hash = set_byte(hash, 0, 255 - get_byte(hash, 0))",
    "the link": "UPDATE audit.event SET prev = set_byte(prev, 31, 255 - get_byte(prev, 31))",
    "the place": "UPDATE audit.event SET seq = 99",
    "the stream": "UPDATE audit.event SET stream = 'elsewhere'",
    "the identifier": "ALTER TABLE audit.event DROP CONSTRAINT event_body_holds_id;"
    " UPDATE audit.event SET id = gen_random_uuid()",
    "gone": "DELETE FROM audit.event",
}


@pytest.fixture
def five_events(committed: object, read_case: Callable[[UUID], UUID], superuser: Login) -> Login:
    """Five readings of the case, and somebody who has switched the ledger's guards off."""
    for _ in range(5):
        with transaction.atomic():
            read_case(CASE)
    superuser.run("ALTER TABLE audit.event DISABLE TRIGGER USER")
    superuser.run("ALTER TABLE audit.head DISABLE TRIGGER USER")
    return superuser


def stored(login: Login, seq: int) -> tuple[int, bytes, bytes]:
    """The time in microseconds, the link and the bytes of one event of the case."""
    (row,) = login.run(
        "SELECT (extract(epoch FROM at) * 1000000)::bigint, prev, body FROM audit.event"
        " WHERE stream = %s AND seq = %s",
        STREAM,
        seq,
    )
    return row[0], bytes(row[1]), bytes(row[2])


def verify() -> tuple[str, int]:
    """What the command prints, and its exit status."""
    out, status = StringIO(), 0
    try:
        call_command("audit_verify", stdout=out)
    except SystemExit as leaving:
        status = int(leaving.code or 0)
    return out.getvalue(), status


@pytest.mark.parametrize("change", CHANGED.values(), ids=CHANGED)
def test_one_change_in_any_column_is_found_and_placed(five_events: Login, change: str) -> None:
    five_events.run(f"{change} WHERE stream = '{STREAM}' AND seq = 3")

    said, status = verify()

    assert status == 1
    assert f"BROKEN at event 3 of {STREAM}: " in said
    assert "Complete and unaltered" not in said
    assert reports.check(STREAM).broken_at == 3


MISSING = {
    "first": ("DELETE FROM audit.event WHERE stream = %s AND seq = 1", 1),
    "tail": ("DELETE FROM audit.event WHERE stream = %s AND seq = 5", 5),
    "all events": ("DELETE FROM audit.event WHERE stream = %s", 1),
    "head": ("DELETE FROM audit.head WHERE stream = %s", 5),
    "head's hash": ("UPDATE audit.head SET hash = sha256('x') WHERE stream = %s", 5),
    "head's place": ("UPDATE audit.head SET seq = 4 WHERE stream = %s", 5),
}


@pytest.mark.parametrize(("statement", "place"), MISSING.values(), ids=MISSING)
def test_what_is_missing_is_found(five_events: Login, statement: str, place: int) -> None:
    five_events.run(statement, STREAM)

    said, status = verify()

    assert status == 1
    assert f"BROKEN at event {place} of {STREAM}: " in said


def test_two_events_that_changed_places_are_found(five_events: Login) -> None:
    for place, new in ((2, 99), (4, 2), (99, 4)):
        five_events.run(
            "UPDATE audit.event SET seq = %s WHERE stream = %s AND seq = %s", new, STREAM, place
        )

    assert "BROKEN at event 2 of " in verify()[0]


def test_an_event_that_was_written_past_the_function_is_found(five_events: Login) -> None:
    five_events.run(
        """
        WITH last AS (SELECT * FROM audit.event WHERE stream = %s AND seq = 5), new AS (
            SELECT gen_random_uuid() AS id, last.hash AS prev, last.at, convert_from(body, 'UTF8')
                AS body, last.id AS old FROM last
        )
        INSERT INTO audit.event (id, stream, seq, at, prev, body, hash)
        SELECT id, %s, 6, at, prev, convert_to(replace(body, old::text, id::text), 'UTF8'),
            sha256(prev) FROM new
        """,
        STREAM,
        STREAM,
    )

    assert "BROKEN at event 6 of " in verify()[0]


def test_an_event_that_was_changed_and_hashed_anew_is_found_by_its_follower(
    five_events: Login,
) -> None:
    (at, prev, body) = stored(five_events, 3)
    changed = body.replace(b'"allowed"', b'"denied"')

    five_events.run(
        "UPDATE audit.event SET body = %s, hash = %s WHERE stream = %s AND seq = 3",
        changed,
        independent_hash(STREAM, 3, at, prev, changed),
        STREAM,
    )

    assert f"BROKEN at event 4 of {STREAM}: it does not follow" in verify()[0]


def test_a_well_made_event_that_the_head_does_not_know_is_found(five_events: Login) -> None:
    (at, prev, body) = stored(five_events, 5)
    last = independent_hash(STREAM, 5, at, prev, body)
    new = uuid4()
    forged = body.replace(json.loads(body)["id"].encode(), str(new).encode())

    five_events.run(
        "INSERT INTO audit.event (id, stream, seq, at, prev, body, hash) VALUES"
        " (%s, %s, 6, 'epoch'::timestamptz + %s * interval '1 microsecond', %s, %s, %s)",
        str(new),
        STREAM,
        at,
        last,
        forged,
        independent_hash(STREAM, 6, at, last, forged),
    )

    assert f"BROKEN at event 6 of {STREAM}: the stream should end at event 5" in verify()[0]


def test_a_gap_says_which_event_comes_next(five_events: Login) -> None:
    five_events.run("DELETE FROM audit.event WHERE stream = %s AND seq IN (2, 3)", STREAM)

    said = f"BROKEN at event 2 of {STREAM}: the event is missing; event 4 comes next."
    assert said in verify()[0]


def test_a_whole_ledger_leaves_with_nought_and_says_what_it_does_not_prove(
    committed: object, read_case: Callable[[UUID], UUID]
) -> None:
    for case in (CASE, CASE, uuid4()):
        with transaction.atomic():
            read_case(case)

    said, status = verify()

    streams = Event.objects.values("stream").distinct().count()
    found = f"{Event.objects.count()} events in {streams} streams"
    assert status == 0
    assert said.startswith(f"Complete and unaltered: {found}, checked at 20")
    assert "This does not prove" in said


def test_one_stream_can_be_verified_by_itself(db: None, read_case: Callable[[UUID], UUID]) -> None:
    read_case(CASE)
    read_case(uuid4())
    out = StringIO()

    call_command("audit_verify", "--stream", STREAM, stdout=out)

    assert out.getvalue().startswith("Complete and unaltered: 1 event in 1 stream,")
