"""Writing to the ledger: `record` says what happened, `append` stores the bytes."""

import re
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

import rfc8785
from django.conf import settings
from django.db import DatabaseError, connection
from django.utils.crypto import salted_hmac

from portal.accounts.vocabulary import Principal
from portal.audit.vocabulary import ACTS, PROCESSING, Category, Outcome

VERSION: Final = "1"
MOST_IDS: Final = 200
MOST_SUBJECTS: Final = 20
MOST_FIELDS: Final = 60

# A code is a name that the portal gave: no space, so never a sentence; no "//", so no address.
_CODE: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.:()-]|/(?!/)){0,79}", re.ASCII)
_MOST_CODES: Final = 20


class LedgerRefused(DatabaseError):
    """The ledger did not take an event. The transaction cannot commit, so nothing has happened."""


@dataclass(frozen=True, repr=False)
class RequestContext:
    """What the ledger keeps of a web request: a number of its own, the route's name, the method.

    `session` is a keyed hash of the session's key: it tells two sessions apart and opens neither.
    """

    id: UUID
    route: str
    method: str
    session: str


request_context: ContextVar[RequestContext | None] = ContextVar("request_context", default=None)
"""Set by the middleware for the length of a request; None in a worker or a command."""


@dataclass(frozen=True, repr=False)
class Place:
    """Where an event stands in its stream: counted from 1, at the database's clock in UTC."""

    seq: int
    at: datetime
    hash: bytes


def record(
    actor: Principal | None,
    act: str,
    *,
    case: UUID | None = None,
    obj: tuple[str, UUID | str] | None = None,
    subjects: Iterable[UUID] = (),
    why: str = "",
    purpose: str = "",
    basis: str = "",
    recipient: tuple[str, UUID | str] | None = None,
    fields: Iterable[str] = (),
    ids: Iterable[UUID] = (),
    withheld: int = 0,
    outcome: str = Outcome.ALLOWED,
) -> UUID:
    """Record one act as the last write of the caller's transaction, and return the event's id.

    Everything is a code or an identifier, never a value of the record, a sentence or an address:

    - `actor` None is the system; `act` is a key of ACTS, which gives the category;
    - `case` chooses the stream; without it the actor's agency does, and without that the system;
    - `obj` is what was acted on, as (kind, id); on a case it is that case if nothing is said;
    - `subjects` are the children's own ids: at least one when the act processes their data;
    - `recipient` is who received, as (kind, id): ("team", "<agency id>:<role>"),
      ("agency", id), ("partnership", id) or ("user", id); a disclosure has one, nothing else has;
    - `why` is the rule that decided (several: separated by ", "), `basis` the gateway in law;
    - `fields` are names of fields or categories, `ids` the records of a list, at most 200;
    - `withheld` is how many items were not shown.

    Raises KeyError for an act that is not in ACTS, ValueError for anything outside the schema,
    RuntimeError outside a transaction, and LedgerRefused when the database did not take it.
    Data Protection Act 2018 s.62 says what a log must hold.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("An act is recorded inside the transaction that it belongs to")
    event = uuid4()
    listed = _identifiers("ids", ids, MOST_IDS)
    people = sorted(set(_identifiers("subjects", subjects, MOST_SUBJECTS)))
    category = ACTS[act].category
    _insist_on_the_law(category, on_case=case is not None, people=people, recipient=recipient)
    if obj is None and case is not None:
        obj = ("case", case)
    body = {
        "v": VERSION,
        "id": str(event),
        "cat": str(category),
        "act": act,
        "out": str(Outcome(outcome)),
        "why": _codes("why", why),
        "actor": _actor(actor),
        "obj": _named("obj", obj),
        "subj": people,
        "rcpt": _named("recipient", recipient),
        "purp": _codes("purpose", purpose),
        "basis": _codes("basis", basis),
        "fields": _fields(fields),
        "n": len(listed),
        "ids": listed,
        "withheld": _count("withheld", withheld),
        "det": None,
        "cause": None,
        "req": _request(),
        "rel": {"git": _codes("release", getattr(settings, "RELEASE", "")), "schema": "1"},
    }
    append(event, _stream(actor, act, case), rfc8785.dumps(body))
    return event


def append(event: UUID, stream: str, body: bytes) -> Place:
    """Store the canonical bytes of one event at the end of a stream, and return its place.

    Safe to repeat: the same event in the same stream with the same bytes answers the place that
    it already has. Raises LedgerRefused when the database refuses, for whatever reason.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT seq, at, hash FROM audit.append(%s, %s, %s)", [event, stream, body]
            )
            seq, at, digest = cursor.fetchone()
    except DatabaseError as error:
        raise LedgerRefused("The ledger did not take the event") from error
    return Place(seq=seq, at=at, hash=bytes(digest))


def _stream(actor: Principal | None, act: str, case: UUID | None) -> str:
    if case is not None:
        return f"case:{UUID(str(case))}"
    if act.startswith("auth."):
        return "auth"
    return "system" if actor is None else f"agency:{actor.agency_id}"


def _insist_on_the_law(
    category: Category,
    *,
    on_case: bool,
    people: list[str],
    recipient: tuple[str, UUID | str] | None,
) -> None:
    if (category == Category.DISCLOSURE) != (recipient is not None):
        raise ValueError(f"A disclosure names its recipient, and only a disclosure: {category}")
    if on_case and category in PROCESSING and not people:
        raise ValueError(f"Whose information is it? {category} on a case names its subjects")


def _actor(actor: Principal | None) -> dict[str, Any]:
    context = request_context.get()
    return {
        "kind": "system" if actor is None else "user",
        "id": None if actor is None else str(actor.user_id),
        "agency": None if actor is None else str(actor.agency_id),
        "role": None if actor is None else str(actor.role),
        "member": None if actor is None else str(actor.membership_id),
        "sess": context.session or None if context else None,
    }


def _request() -> Mapping[str, str] | None:
    context = request_context.get()
    if context is None:
        return None
    return {"id": str(context.id), "route": context.route, "method": context.method}


def _named(name: str, pair: tuple[str, UUID | str] | None) -> dict[str, str] | None:
    if pair is None:
        return None
    kind, identifier = pair
    return {"kind": _code(name, kind), "id": _code(name, str(identifier))}


def _code(name: str, value: str) -> str:
    if not _CODE.fullmatch(value):
        raise ValueError(f"The ledger takes codes, not text, as {name}")
    return value


def _codes(name: str, value: str) -> str:
    """One code, several separated by ", ", or nothing."""
    codes = value.split(", ") if value else []
    if len(codes) > _MOST_CODES:
        raise ValueError(f"Too many codes as {name}")
    return ", ".join(_code(name, code) for code in codes)


def _fields(fields: Iterable[str]) -> list[str]:
    names = sorted({_code("fields", str(field)) for field in fields})
    if len(names) > MOST_FIELDS:
        raise ValueError(f"At most {MOST_FIELDS} fields in one event")
    return names


def _identifiers(name: str, found: Iterable[UUID], most: int) -> list[str]:
    identifiers = [str(UUID(str(pk))) for pk in found]
    if len(identifiers) > most:
        raise ValueError(f"At most {most} {name} in one event: show fewer on a page")
    return identifiers


def _count(name: str, number: int) -> int:
    if number < 0:
        raise ValueError(f"{name} counts from nought")
    return number


def asked_for(value: str) -> str:
    """Return the keyed hash under which the ledger keeps what somebody asked for or typed.

    An investigator who knows the value can ask the ledger for it; the ledger does not tell it.
    """
    return salted_hmac("portal.audit.asked", value, algorithm="sha256").hexdigest()
