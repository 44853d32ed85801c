"""Reading the ledger: a case's trail in words, and whether a stream is complete and unaltered.

Nothing here is recorded or refused: whoever shows a trail asks its own policies first and records
the reading.
"""

import json
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction

from portal.accounts.models import Agency, User
from portal.accounts.vocabulary import AgencyKind, Role
from portal.audit.models import Event
from portal.audit.vocabulary import ACTS

SYSTEM: Final = "System"

# One statement, so one snapshot: an append in the middle of a check is not a finding. Time is
# asked for in microseconds because the bytes hold it so, and because a tampered time may be one
# that Python cannot hold.
_STREAM_IN_ORDER: Final = """
    SELECT head.seq, head.hash, event.id::text, event.seq,
        CASE WHEN isfinite(event.at) THEN (extract(epoch FROM event.at) * 1000000)::bigint END,
        event.prev, event.body, event.hash
    FROM (SELECT * FROM audit.event WHERE stream = %(stream)s) event
    FULL JOIN audit.heads(%(stream)s) head USING (stream)
    ORDER BY event.seq
"""
_STREAMS: Final = """
    SELECT stream FROM audit.heads() UNION SELECT stream FROM audit.event ORDER BY stream
"""


@dataclass(frozen=True, repr=False)
class Entry:
    """One line of a trail. Names are those of today; role and agency are those of the moment.

    `at` is aware, in UTC. `category`, `outcome`, `purpose`, `basis`, `why` and `fields` are codes;
    `role` and `agency_kind` are labels; `recipient_kind` says who received by role and kind of
    agency alone, for a reader who may not see names. `ids` are the other records that it names.
    `hash` is in hexadecimal. Empty when none.
    """

    seq: int
    at: datetime
    act: str
    category: str
    sentence: str
    outcome: str
    role: str
    agency_kind: str
    agency_name: str
    person: str
    purpose: str
    basis: str
    why: str
    recipient: str
    recipient_kind: str
    fields: tuple[str, ...]
    ids: tuple[UUID, ...]
    withheld: int
    hash: str


@dataclass(frozen=True, repr=False)
class Check:
    """What checking one stream found. `broken_at` is the event, from 1; `count` those read."""

    stream: str
    ok: bool
    count: int
    broken_at: int | None
    sentence: str


# Who received, where nobody is to be named.
_KINDS: Final = {"user": "The person who asked", "partnership": "The safeguarding board"}


@dataclass(frozen=True, repr=False)
class _Directory:
    """The names that a trail needs, read at once."""

    people: dict[str, str]
    agencies: dict[str, Agency]

    def person(self, pk: str | None) -> str:
        return SYSTEM if pk is None else self.people.get(pk, "Somebody no longer known")

    def agency_name(self, pk: str | None) -> str:
        return self.agencies[pk].name if pk in self.agencies else ""

    def agency_kind(self, pk: str | None) -> str:
        return str(AgencyKind(self.agencies[pk].kind).label) if pk in self.agencies else ""

    def recipient(self, named: dict[str, str] | None) -> str:
        """Say who received: a team as its role and agency, an agency or a person by name."""
        if named is None:
            return ""
        kind, pk = named["kind"], named["id"]
        if kind == "team":
            agency, _, role = pk.partition(":")
            return f"{_role(role)}, {self.agency_name(agency)}"
        return self.agency_name(pk) or self.people.get(pk, _KINDS.get(kind, ""))

    def recipient_kind(self, named: dict[str, str] | None) -> str:
        """Say who received without naming an agency or a person: role and kind of agency."""
        if named is None:
            return ""
        agency, _, role = named["id"].partition(":")
        words = (_role(role), self.agency_kind(agency))
        return ", ".join(word for word in words if word) or _KINDS.get(named["kind"], "")


def trail(case_id: UUID) -> list[Entry]:
    """Return what happened to a case, in order, with names instead of identifiers.

    Three queries however long the trail is. Stays as recorded: an event of an act that has since
    left the registry is shown under the name it was recorded with.
    """
    events = list(Event.objects.filter(stream=f"case:{case_id}").order_by("seq"))
    bodies = [json.loads(bytes(event.body)) for event in events]
    directory = _directory(bodies)
    return [_entry(event, body, directory) for event, body in zip(events, bodies, strict=True)]


def acts_of(case_id: UUID, member: UUID, since: datetime, until: datetime) -> list[Entry]:
    """Return what one person did with a case in one role, from `since` to `until`, in order."""
    events = Event.objects.filter(stream=f"case:{case_id}", at__gte=since, at__lte=until)
    found = [(event, json.loads(bytes(event.body))) for event in events.order_by("seq")]
    theirs = [pair for pair in found if pair[1]["actor"]["member"] == str(member)]
    directory = _directory([body for _, body in theirs])
    return [_entry(event, body, directory) for event, body in theirs]


def last_read(
    cases: Iterable[UUID], roles: Container[str], since: datetime
) -> dict[UUID, list[tuple[str, datetime]]]:
    """Who in these roles read each of these cases since then, the latest first: their id, and when.

    Only the last few events of each case are looked at: it is a courtesy, and no report. One
    query, whatever the number of cases.
    """
    streams = {f"case:{case}": case for case in cases}
    found: dict[UUID, list[tuple[str, datetime]]] = {case: [] for case in streams.values()}
    with connection.cursor() as cursor:
        cursor.execute(_LAST, [list(streams), LOOKED_BACK, since])
        for stream, at, body in cursor.fetchall():
            said = json.loads(bytes(body))
            if said["act"] == "case.read" and said["actor"]["role"] in roles:
                found[streams[stream]].append((said["actor"]["id"], at))
    return found


def read_since(user: UUID, cases: Mapping[UUID, datetime]) -> set[UUID]:
    """Which of these cases this person has read since the moment that stands beside each.

    One query, whatever the number of cases. Only the last few hundred events of each are looked at.
    """
    streams = {f"case:{case}": case for case in cases}
    with connection.cursor() as cursor:
        cursor.execute(_SINCE, [list(streams), list(cases.values()), SINCE_BACK, str(user)])
        return {streams[stream] for (stream,) in cursor.fetchall()}


SINCE_BACK: Final = 300
_SINCE: Final = """
    SELECT wanted.stream FROM unnest(%s::text[], %s::timestamptz[]) AS wanted (stream, since)
    WHERE EXISTS (
        SELECT FROM (
            SELECT e.at, e.body FROM audit.event e WHERE e.stream = wanted.stream
            ORDER BY e.seq DESC LIMIT %s
        ) last
        WHERE last.at >= wanted.since
            AND convert_from(last.body, 'UTF8')::jsonb ->> 'act' = 'case.read'
            AND convert_from(last.body, 'UTF8')::jsonb #>> '{actor,id}' = %s
    )
"""
LOOKED_BACK: Final = 8
_LAST: Final = """
    SELECT wanted.stream, last.at, last.body FROM unnest(%s::text[]) AS wanted (stream)
    CROSS JOIN LATERAL (
        SELECT e.at, e.body FROM audit.event e WHERE e.stream = wanted.stream
        ORDER BY e.seq DESC LIMIT %s
    ) last
    WHERE last.at >= %s
"""


def _directory(bodies: list[dict[str, Any]]) -> _Directory:
    people = {body["actor"]["id"] for body in bodies}
    agencies = {body["actor"]["agency"] for body in bodies}
    for body in bodies:
        if body["rcpt"] is not None:
            owner = body["rcpt"]["id"].partition(":")[0]
            (people if body["rcpt"]["kind"] == "user" else agencies).add(owner)
    known = User.objects.filter(pk__in=_uuids(people)).values_list("pk", "name")
    return _Directory(
        people={str(pk): name for pk, name in known},
        agencies={str(a.pk): a for a in Agency.objects.filter(pk__in=_uuids(agencies))},
    )


def _uuids(found: set[str | None]) -> list[UUID]:
    uuids = []
    for text in found:
        try:
            uuids.append(UUID(text or ""))
        except ValueError:
            continue
    return uuids


def _entry(event: Event, body: dict[str, Any], directory: _Directory) -> Entry:
    act, actor = body["act"], body["actor"]
    return Entry(
        seq=event.seq,
        at=event.at,
        act=act,
        category=body["cat"],
        sentence=ACTS[act].sentence if act in ACTS else act,
        outcome=body["out"],
        role=_role(actor["role"] or ""),
        agency_kind=directory.agency_kind(actor["agency"]),
        agency_name=directory.agency_name(actor["agency"]),
        person=directory.person(actor["id"]),
        purpose=body["purp"],
        basis=body["basis"],
        why=body["why"],
        recipient=directory.recipient(body["rcpt"]),
        recipient_kind=directory.recipient_kind(body["rcpt"]),
        fields=tuple(body["fields"]),
        ids=tuple(UUID(each) for each in body["ids"]),
        withheld=body["withheld"],
        hash=bytes(event.hash).hex(),
    )


def _role(code: str) -> str:
    return str(Role(code).label) if code in Role.values else code


def fingerprint(stream: str, seq: int, at: int, prev: bytes, body: bytes) -> bytes:
    """Return the hash of an event: `at` in microseconds since 1970 in UTC, the body as stored.

    The framing is that of docs/audit.md; the database computes the same in audit.append.
    """
    name = stream.encode()
    return sha256(
        b"\x00cse-audit/1"
        + len(name).to_bytes(4, "big")
        + name
        + seq.to_bytes(8, "big", signed=True)
        + at.to_bytes(8, "big", signed=True)
        + prev
        + sha256(body).digest()
    ).digest()


def genesis(stream: str) -> bytes:
    """Return what the first event of a stream has as its predecessor."""
    return sha256(f"cse-audit/1 {stream}".encode()).digest()


def check(stream: str) -> Check:
    """Recompute one stream from its stored bytes and say whether it is complete and unaltered.

    Reads in constant memory, on one snapshot. A stream that has never had an event is complete.
    """
    # The transaction keeps the server's cursor on one connection, even behind a pool.
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(_STREAM_IN_ORDER, {"stream": stream})
        return _check(stream, cursor)


def check_all() -> Iterator[Check]:
    """Check every stream that has an event or a head, one after another."""
    with connection.cursor() as cursor:
        cursor.execute(_STREAMS)
        streams = [stream for (stream,) in cursor]
    for stream in streams:
        yield check(stream)


def _check(stream: str, rows: Iterable[Sequence[Any]]) -> Check:
    count, last, head = 0, genesis(stream), None
    for head_seq, head_hash, *event in rows:
        if head_seq is not None:
            head = (head_seq, bytes(head_hash))
        if event[0] is None:
            break
        wrong = _wrong(stream, count + 1, last, event)
        if wrong:
            return _broken(stream, count + 1, wrong, read=count + 1)
        count += 1
        last = bytes(event[-1])
    if (head or (0, last)) != (count, last):
        return _wrong_end(stream, count, head)
    events = "1 event" if count == 1 else f"{count} events"
    sentence = f"Complete and unaltered: {events}."
    return Check(stream, ok=True, count=count, broken_at=None, sentence=sentence)


def _wrong_end(stream: str, count: int, head: tuple[int, bytes] | None) -> Check:
    if head is None:
        wrong = "the record of where the stream ends is gone"
    elif head[0] > count:
        wrong = f"the event is missing; the stream should end at event {head[0]}"
        return _broken(stream, count + 1, wrong, read=count)
    else:
        wrong = f"the stream should end at event {head[0]}, with another fingerprint"
    return _broken(stream, count, wrong, read=count)


def _broken(stream: str, place: int, wrong: str, *, read: int) -> Check:
    sentence = f"BROKEN at event {place} of {stream}: {wrong}."
    return Check(stream, ok=False, count=read, broken_at=place, sentence=sentence)


def _wrong(stream: str, expected: int, last: bytes, event: Sequence[Any]) -> str:
    """Say what is wrong with the event that should stand at `expected` after `last`, or nothing."""
    pk, seq, at, prev, body, digest = event
    if seq != expected:
        return f"the event is missing; event {seq} comes next"
    if bytes(prev) != last:
        return "it does not follow the event before it: one was changed, removed or put in"
    if at is None or fingerprint(stream, seq, at, bytes(prev), bytes(body)) != bytes(digest):
        return "its bytes do not give its fingerprint: it was changed after it was recorded"
    if _id_in(bytes(body)) != pk:
        return "its identifier is not the one in its bytes"
    return ""


def _id_in(body: bytes) -> str | None:
    try:
        found = json.loads(body)
    except ValueError:
        return None
    return found.get("id") if isinstance(found, dict) else None
