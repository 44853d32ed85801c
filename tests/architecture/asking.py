"""Opening a door as somebody, and leaving the world as it was."""

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from typing import Any, Self
from urllib.parse import urlencode
from uuid import uuid4

from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from referrals import services as casework
from referrals.models import Case, Statement, new_reference
from tests.architecture import doors
from tests.architecture.doors import HIDDEN, OPEN, REFUSED, SIGN_IN, Row
from tests.architecture.world import REFERENCES, Person
from tests.pdf import text_of

SIGNED_IN = {200, 201, 204, 302, 400, 409, 422}


@dataclass(frozen=True)
class Asked:
    """What somebody got: the status, all that they can read, and where they are led."""

    status: int
    content: bytes
    headers: dict[str, str]
    kept: tuple[dict[str, Any], ...] = ()

    @classmethod
    def of(cls, answer: HttpResponse, kept: Iterable[dict[str, Any]] = ()) -> Self:
        """Take from an answer what the person or the program gets, and what the ledger keeps."""
        return cls(answer.status_code, answer.content, dict(answer.headers), tuple(kept))

    @property
    def text(self) -> str:
        """Every word of it, as it is written and as it is drawn."""
        whole = self.content
        drawn = text_of(whole) if whole.startswith(b"%PDF-") else whole.decode()
        return f"{drawn} {self.headers}".lower()


@cache
def patterns() -> dict[str, str]:
    """How each address is written, by its name."""
    return {door.name: door.pattern for door in doors.doors()}


def parts_of(row: Row) -> list[str]:
    """What varies in the address."""
    return re.findall(r"{(\w+)}", patterns().get(row.name, ""))


def address(row: Row, things: dict[str, str]) -> str:
    """Where the door is in this world."""
    filled = {"reference": "decided", **row.at}
    names = parts_of(row)
    where = reverse(
        row.name, kwargs={name: things.get(filled[name], filled[name]) for name in names}
    )
    asked = {name: things.get(value, value) for name, value in row.query.items()}
    return f"{where}?{urlencode(asked)}" if asked else where


def kind_of(answer: Asked) -> str:
    """The answer in the words of the table."""
    if answer.status == 404:
        return HIDDEN
    led = answer.headers.get("Location", "")
    if led.startswith(reverse("account_login")):
        return SIGN_IN
    if answer.status in {401, 403}:
        anonymous = b"credentials were not provided" in answer.content
        return SIGN_IN if anonymous else REFUSED
    return OPEN if answer.status in SIGNED_IN else str(answer.status)


def expected(row: Row, person: Person) -> str:
    """What the table says."""
    on = row.at.get("reference", "decided")
    whose = (("owner", row.owner), ("knows", row.knows))
    owns = next((how for how, keys in whose if person.key in keys.split()), "")
    return row.kind.answer(person.stands[on], person.role, owns)


@contextmanager
def left_as_it_was(client: Client) -> Iterator[None]:
    """Undo what is done to the world, and to the session of whoever did it."""
    cookies = deepcopy(client.cookies)
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    client.cookies = cookies


def ask(client: Client, row: Row, things: dict[str, str]) -> Asked:
    """Open the door, do what follows, and leave no trace in the world."""
    with left_as_it_was(client):
        before = _events()
        answer = answered(client, row, things)
        if row.follow == "pdf" and answer.status_code == 302 and "/copies/" in answer["Location"]:
            casework.sweep()
            answer = client.post(f"{answer['Location']}download/")
        return Asked.of(answer, _kept_since(before))


# Both are asked at each door, so each in one step.
def _events() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit.event")
        (found,) = cursor.fetchone()
    return int(found)


def _kept_since(before: int) -> list[dict[str, Any]]:
    """What the ledger has kept since it had so many events, the latest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT body FROM audit.event ORDER BY at DESC"
            " LIMIT (SELECT count(*) FROM audit.event) - %s",
            [before],
        )
        return [json.loads(bytes(body)) for (body,) in cursor.fetchall()]


def answered(client: Client, row: Row, things: dict[str, str]) -> Any:
    """Open the door, and leave what it does."""
    where = address(row, things)
    if row.method == "GET":
        return client.get(where)
    body = {name: things.get(value, value) for name, value in (row.body or {}).items()}
    if row.name.startswith("api-"):
        return client.post(where, json.dumps(body), content_type="application/json")
    return client.post(where, body)


# What there is in any world: words, teams, and somebody who works there.
WORDS = {"key", "team", "asked team", "owner"}


def missing(row: Row, things: dict[str, str]) -> dict[str, str]:
    """The same addresses with numbers that are nobody's."""
    return things | {
        name: new_reference() if name in REFERENCES else str(uuid4())
        for name in things.keys() - WORDS
    }


_VARIES = re.compile(
    r'nonce-[\w+/=-]+|nonce="[^"]*"|name="(?:csrfmiddlewaretoken|author|key)" value="[^"]*"'
    r'|name="item" value="[0-9a-f]{32}"'
)


Plain = tuple[int, str, str]


def plain(answer: Asked) -> Plain:
    """All of an answer that a person or a program can see, but for what is drawn by lot.

    That is the nonce, the form token, and the keys against a double press.
    """
    drawn = answer.content.startswith(b"%PDF-")
    content = answer.content.decode("latin-1" if drawn else "utf-8")
    return (
        answer.status,
        _VARIES.sub("", content),
        _VARIES.sub("", str(sorted(answer.headers.items()))),
    )


def same(one: Asked, other: Asked) -> bool:
    """Whether two answers are the same bytes and headers."""
    return plain(one) == plain(other)


def nothing_there(client: Client, things: dict[str, str]) -> frozenset[Plain]:
    """What this person gets where nothing is, on a page and as a program, as `plain` has it."""
    looks = [row for row in doors.ROWS if row.name in {"referrals:case", "api-case"}]
    return frozenset(plain(ask(client, row, missing(row, things))) for row in looks)


def of_a_case(*methods: str) -> list[Row]:
    """The lines whose address takes the reference of a case, and that tell whether there is one."""
    return [
        row
        for row in doors.ROWS
        if "reference" in parts_of(row)
        and row.kind is not doors.BEFORE_EMERGENCY
        and row.method in (methods or ("GET", "POST"))
    ]


def things_of(case: Case) -> dict[str, str]:
    """What stands in the addresses of a case: for any world in which there is only this one."""
    answer = Statement.objects.filter(case=case, question="told").order_by("stated_at").first()
    one = str(answer and answer.pk)
    here = {"answer": one, "key": one, **dict.fromkeys(REFERENCES, case.reference)}
    # Of all else that stands in the addresses of a case there is nothing here, and its doors must
    # look as they do where there is no case.
    numbers = {door.name: door.numbers for door in doors.doors()}
    absent = {
        row.at[part]: one
        for row in of_a_case()
        for part in numbers.get(row.name, frozenset()) & row.at.keys()
    }
    return absent | here
