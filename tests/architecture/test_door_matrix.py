"""Everybody at every door: who gets in, what may be read there, and what is kept of the rest.

Each line of `doors.ROWS` is opened as each person of `world.py`, and the answer is held against
the table and the law. `docs/doors.md` says the same for the board. To write it again:

    WRITE_DOORS=1 make test ONLY=pytest ARGS="tests/architecture/test_door_matrix.py -k document"
"""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import current_app
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from portal.accounts import services as accounts
from portal.accounts.vocabulary import AgencyKind, Role
from portal.audit.services import asked_for
from portal.documents.models import Document
from portal.documents.vocabulary import Failure, Status
from portal.governance import services as governance
from portal.notifications import services as notifications
from portal.notifications.models import Notice
from portal.notifications.vocabulary import Status as Sent
from referrals import services as casework
from referrals.models import Grant
from sharing.rules import policies as law
from sharing.rules.decision import Facts, TeamRecipient, decide
from sharing.rules.vocabulary import ABOUT_A_CHILD, Category
from sharing.rules.vocabulary import Outcome as Ruling
from tests.architecture import doors
from tests.architecture.asking import (
    Asked,
    Plain,
    address,
    answered,
    ask,
    expected,
    kind_of,
    left_as_it_was,
    missing,
    nothing_there,
    parts_of,
    patterns,
    plain,
    same,
)
from tests.architecture.doors import HIDDEN, KINDS, OPEN, REFUSED, ROWS, SIGN_IN, TASKS, Row
from tests.architecture.world import CASES, REFERENCES, Person, World
from tests.cast import membership, signed_in, through

DOCUMENT = Path(__file__).parents[2] / "docs" / "doors.md"


@pytest.fixture(scope="module")
def clients(world_at_home) -> dict[str, Client]:
    """A browser for each person, in which they have signed in and acted in their one role."""
    with through(world_at_home.connection):
        found = {
            person.key: signed_in(person.principal) if person.principal else Client()
            for person in world_at_home.world.people
        }
        # What a test does is undone, its session too: else each page would look for the role anew.
        for client in found.values():
            client.get(reverse("accounts:session"))
        return found


@pytest.fixture(scope="module")
def nothing(world_at_home, clients) -> dict[str, frozenset[Plain]]:
    """What each person who has signed in gets where nothing is."""
    world = world_at_home.world
    with through(world_at_home.connection):
        return {
            person.key: nothing_there(clients[person.key], world.things)
            for person in world.people
            if person.principal
        }


# --- The matrix ---------------------------------------------------------------------------------


def test_every_address_is_in_the_table():
    found = {door.name for door in doors.doors()}
    known = {row.name for row in ROWS}

    lost = [
        f'Add a line for "{name}" to ROWS in tests/architecture/doors.py' for name in found - known
    ]
    gone = [
        f'Take the line of "{name}" out of ROWS: there is no such address' for name in known - found
    ]
    assert not lost + gone, "\n".join(lost + gone)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_door(world: World, clients, nothing, row):
    """Who gets in, and what can be read there, person by person; what is kept of the others.

    Where nothing is, a door is tried by one person of each role: there is nothing there to which
    the others of that role could stand in another way. What they get of what is hidden is held
    against what they get elsewhere where nothing is.
    """
    nowhere = (
        missing(row, world.things) if {"reference", "report", "pk"} & set(parts_of(row)) else {}
    )
    faults, tried = [], set()
    for person in world.people:
        client = clients[person.key]
        got = ask(client, row, world.things)
        found = list(_faults(world, row, person, got))
        if nowhere and person.principal and kind_of(got) in {HIDDEN, REFUSED}:
            found += _tells(world, row, person, got)
            if _is_kept_from_all_alike(row, person, got) and not (
                person.role in tried and plain(got) in nothing[person.key]
            ):
                tried.add(person.role)
                if not same(got, ask(client, row, nowhere)):
                    found.append("what is hidden differs from what is missing")
        faults += [f"{person.key} ({person.words}): {fault}" for fault in found]
    assert not faults, "\n".join(faults)


def _faults(world: World, row: Row, person: Person, got: Asked) -> Iterator[str]:
    must = expected(row, person)
    if kind_of(got) != must:
        yield f"{kind_of(got)} ({got.status}), but the table says: {must}"
        return
    text = got.text
    read = {fact.word for fact in world.facts if fact.word in text}
    may = set()
    if row.shows != doors.NOTHING and must == OPEN:
        may = {word for name in CASES for word in world.readable(person, name)}
    if read - may:
        yield f"reads what they may not: {sorted(read - may)}"
    if row.shows == doors.EVERYTHING and must == OPEN:
        here = world.readable(person, row.at.get("reference", "decided"))
        if here - read:
            yield f"does not read what they may: {sorted(here - read)}"


OF_A_CASE = (
    *(doors.CASE, doors.TAKE_OUT, doors.OVERSEE, doors.RECEIPT, doors.SHARE, doors.ASK),
    *(doors.WORDS, doors.CONFLICT, doors.END_EMERGENCY),
)


def _is_kept_from_all_alike(row: Row, person: Person, got: Asked) -> bool:
    """Whether what is there and what is missing must be the same bytes here."""
    always = person.stands["decided"] in {doors.BOARD, doors.OTHER_BOARD}
    return kind_of(got) == HIDDEN or (always and row.kind in OF_A_CASE)


def _tells(world: World, row: Row, person: Person, got: Asked) -> Iterator[str]:
    """One event for each refusal, which does not tell the number of what is hidden."""
    if [body["out"] for body in got.kept] != ["denied"]:
        yield f"kept {[body['act'] for body in got.kept]}, not one refusal"
    filled = {"reference": "decided", "pk": "draft", **row.at}
    numbers = [world.things[filled[part]] for part in parts_of(row) if filled[part] in world.things]
    asked = numbers[0]
    told, references = json.dumps(got.kept), {world.things[name] for name in REFERENCES}
    hidden = kind_of(got) == HIDDEN
    # Whoever may know of a thing and is refused is kept with its key, as for every act.
    if asked in told and (hidden or asked in references):
        yield f"the ledger keeps the number: {told}"
    if hidden and not any(asked_for(number) in told for number in numbers):
        yield f"the ledger keeps {told}, not the hash of the number"


BEFORE = [row for row in ROWS if row.kind is doors.BEFORE_EMERGENCY and parts_of(row)]


@pytest.mark.parametrize("row", BEFORE, ids=str)
def test_before_the_press_nobody_learns_whether_there_is_a_case(world: World, clients, row):
    """The same page for a case that is hidden and for one that is nowhere."""
    nowhere, faults = missing(row, world.things), []
    for person in world.people:
        stands = person.stands["decided"]
        if doors.CASE.answer(stands, person.role, "") != OPEN and expected(row, person) == OPEN:
            there, gone = (
                [
                    str(part).replace(things["decided"], "R")
                    for part in plain(ask(client, row, things))
                ]
                for client, things in (
                    (clients[person.key], world.things),
                    (clients[person.key], nowhere),
                )
            )
            if there != gone:
                faults.append(person.key)
    assert not faults


@pytest.mark.parametrize("door", doors.doors(), ids=lambda door: door.name.replace(":", "."))
def test_what_is_not_in_the_table_is_not_taken(world: World, clients, door):
    """A way in that nobody wrote down: the other method of each address."""
    named = {row.method for row in ROWS if row.name == door.name}
    for method in {"GET", "POST"} - named:
        with left_as_it_was(clients["coordinator"]):
            answer = getattr(clients["coordinator"], method.lower())(door.path)
        assert answer.status_code == 405, f"{method} {door.name}: add a line for it to ROWS"


POSTS = [row for row in ROWS if row.method == "POST" and row.kind is not doors.PUBLIC]
# The first need nobody to be somebody; the second lets in nobody who signs in.
NO_MATTER_WHO = (doors.PUBLIC, doors.WATCH)
LOOKS = [row for row in ROWS if row.method == "GET" and row.kind not in NO_MATTER_WHO]


def _let_in(world: World, row: Row) -> Person:
    return next(person for person in world.people if expected(row, person) == OPEN)


@pytest.mark.parametrize("row", POSTS, ids=str)
def test_each_change_asks_for_the_forms_token(world: World, row):
    principal = _let_in(world, row).principal
    assert principal is not None
    client = signed_in(principal, enforce_csrf_checks=True)

    with CaptureQueriesContext(connection) as found, left_as_it_was(client):
        answer = answered(client, row, world.things)

    assert answer.status_code == 403
    assert not _written(found)


@pytest.mark.parametrize("verb", ["get", "head"])
@pytest.mark.parametrize("row", LOOKS, ids=str)
def test_to_look_changes_nothing_but_the_ledger(world: World, clients, row, verb):
    """What is written: the event, the session that is renewed, a count of tries. Nothing else."""
    client = clients[_let_in(world, row).key]

    with CaptureQueriesContext(connection) as found, left_as_it_was(client):
        answer = getattr(client, verb)(address(row, world.things))

    leads_on = {302} if row.name == "accounts:kept" else set()
    # The answers of the world's assessment lie sealed, and its level is in force.
    sealed = {"assessments:compare", "assessments:agree", "assessments:withdraw"}
    not_yet = {409} if row.name in sealed else set()
    assert answer.status_code in {200, 405} | leads_on | not_yet  # the API does not know HEAD
    assert not _written(found)


def _written(found: CaptureQueriesContext) -> list[str]:
    writes = re.compile(r"(?i)\s*(insert|update|delete|merge|copy|truncate)")
    said = [query["sql"] for query in found]
    kept = ("django_session", "django_cache")  # the session, and the count of tries
    return [sql for sql in said if writes.match(sql) and not any(each in sql for each in kept)]


@pytest.mark.parametrize(
    "typed",
    ["R-4KD7-92Q", "R-0000-000", "%00", "' OR 1=1 --", "..%2f..", "R-" + "4" * 500, "\u0280-4"],
)
def test_what_is_no_reference_is_not_found(world: World, clients, typed):
    client = clients["coordinator"]

    assert client.get(f"/referrals/{typed}/").status_code == 404
    assert client.get(f"/api/v1/cases/{typed}/").status_code == 404


def test_every_way_to_stand_and_every_role_is_somebody(world: World):
    assert {person.stands["decided"] for person in world.people} == set(doors.RELATIONS)
    # Nobody can sign in as the system.
    assert {person.role for person in world.people} == {None, *Role} - {Role.SYSTEM}
    kinds = {person.principal.agency_kind for person in world.people if person.principal}
    assert kinds == set(AgencyKind)
    assert {row.kind for row in ROWS} == set(KINDS)


def test_what_a_rule_has_opened_is_what_the_law_says(world: World):
    """The grants that the oracle reads were not made up: each yes is the law's own."""
    now = timezone.now()
    by_rule = Grant.objects.exclude(granted_by_service="").select_related("group__team__agency")
    assert by_rule.count() > 10
    for grant in by_rule:
        team = grant.group.team
        who = TeamRecipient(team.agency_id, AgencyKind(team.agency.kind), Role(team.role))
        facts = Facts(law.in_force(now), AgencyKind(grant.holder.kind), grant.holder_id)
        for code in grant.categories:
            ruling = decide(who, facts, Category(code), grant.purpose, now)
            assert ruling.outcome is Ruling.ALLOW, f"{grant.rule}: {code} to {team}"


# --- What runs without anybody at the door ------------------------------------------------------


def test_every_task_is_in_the_table():
    ours = {name for name in current_app.tasks if not name.startswith("celery.")}

    assert ours == set(TASKS), "Name each task in TASKS, with what it checks when it runs"


def test_a_task_acts_with_the_rights_of_now(world: World):
    """Asked for while they had the right, run after they had lost it: no file, and no mail."""
    who, case = world.cast.manager, world.cases["decided"]
    with transaction.atomic():
        copy = casework.request_copy(actor=who, reference=case.reference)
        trail = governance.request_trail(actor=who, reference=case.reference, audience="casework")
        owed = Notice.objects.filter(recipient_id=who.membership_id, status=Sent.PENDING)
        notices = list(owed.values_list("pk", flat=True))
        assert notices
        accounts.end_membership(membership=membership(who))

        casework.sweep()
        governance.sweep()
        notifications.sweep()

        made = Document.objects.filter(pk__in=[copy, trail.document_id])
        assert {(each.status, each.failure, each.content) for each in made} == {
            (Status.FAILED, Failure.NOT_ALLOWED, None)
        }
        told = Notice.objects.filter(pk__in=notices).values_list("status", flat=True)
        assert set(told) == {Sent.SUPPRESSED}
        transaction.set_rollback(True)


# --- For the board ------------------------------------------------------------------------------


INTRODUCTION = """# Who can open what

Made by a test from the table that it checks; do not edit it by hand.

Every address of the service is a door, and so is every task that runs by itself. This page says,
door by door, who is let in and what they can read there. It is not a promise: a test opens each
door as each of the {people} people below, {cells} times in all, and compares the answer with this
page. A new address that is not on this page stops the service from being built.

| Answer | Means |
|---|---|
"""


def test_the_document_for_the_board_says_what_was_tested(world: World):
    found = document(world)
    if os.environ.get("WRITE_DOORS"):
        DOCUMENT.write_text(found)

    assert DOCUMENT.read_text() == found, (
        "docs/doors.md no longer says what is tested. Write it again: WRITE_DOORS=1 make test"
        ' ONLY=pytest ARGS="tests/architecture/test_door_matrix.py -k document"'
    )


def document(world: World) -> str:
    """The whole of docs/doors.md."""
    cells = len(ROWS) * len(world.people)
    parts = [INTRODUCTION.format(people=len(world.people), cells=cells)]
    parts += [f"| {answer} | {means} |\n" for answer, means in doors.ANSWERS.items()]
    parts += ["\n## Who they are\n\n| How they stand to the case | Tried as |\n|---|---|\n"]
    parts += [
        f"| {words} | {'; '.join(_tried(world, relation))} |\n"
        for relation, words in doors.RELATIONS.items()
    ]
    parts += ["\n## Who is let in\n"]
    parts += [part for kind in KINDS for part in _section(kind)]
    parts += ["\n## What they can read of a case\n\n", READING]
    parts += _readable(world)
    parts += ["\n## What runs by itself\n\n| Task | What it asks before it acts |\n|---|---|\n"]
    parts += [f"| {name} | {says} |\n" for name, says in TASKS.items()]
    return "".join(parts)


def _tried(world: World, relation: str) -> list[str]:
    return [person.words for person in world.people if person.stands["decided"] == relation]


def _section(kind: doors.Kind) -> Iterator[str]:
    yield f"\n### {kind.title}\n\n{kind.says}\n\n"
    keys: list[tuple[str, doors.Key]] = {
        "relation": [(words, key) for key, words in doors.RELATIONS.items()],
        "role": [(doors.RELATIONS[doors.NOBODY], doors.NOBODY), *((r.label, r) for r in Role)],
        "owner": [(doors.RELATIONS[doors.NOBODY], doors.NOBODY), ("The one whose it is", "owner")],
    }[kind.by]
    if "knows" in kind.answers:
        keys.append(("Whoever else may know of it", "knows"))
    pairs = [key for key in kind.answers if isinstance(key, tuple)]
    keys += [(f"{doors.RELATIONS[key[0]]}, as {key[1].label}", key) for key in pairs]
    grouped: dict[str, list[str]] = {}
    for words, key in keys:
        fallback = SIGN_IN if key == doors.NOBODY else kind.otherwise
        grouped.setdefault(kind.answers.get(key, fallback), []).append(words)
    if kind.by == "owner":
        grouped.setdefault(kind.otherwise, []).append("Everybody else")
    yield "| Answer | For whom |\n|---|---|\n"
    for answer, whom in grouped.items():
        yield f"| {answer} | {'; '.join(whom) if len(whom) < len(keys) else 'Everybody'} |\n"
    yield "\n| Door | Method | What it is |\n|---|---|---|\n"
    told = dict.fromkeys(
        (patterns()[row.name], row.method, row.what) for row in ROWS if row.kind is kind
    )
    yield from (f"| {pattern} | {method} | {what} |\n" for pattern, method, what in told)


READING = """Four agencies have each put something of every kind of information on a case that was
sent by a school and decided for the panel: S is what the school holds, P the police, H health and
C the council. A letter means that the reader reads it. The law is asked, and the live grants; the
pages, the answers to programs, the spreadsheet and the PDF are held against that, word by word.
Beside this, each agency has protected one piece and concealed another: only the person who wrote
it reads it, through any door. The kinds of information are explained at /help/labels/ and /rules/.

"""


def _readable(world: World) -> Iterator[str]:
    letters = {"school": "S", "police": "P", "health": "H", "council": "C"}
    codes = sorted(ABOUT_A_CHILD - {Category.OUTCOME}, key=lambda code: int(code[2:]))
    yield f"| Reader | {' | '.join(codes)} |\n|---{'|---' * len(codes)}|\n"
    for person in world.people:
        relation = person.stands["decided"]
        if relation not in doors.READERS:
            continue
        may = world.readable(person, "decided")
        cells = [
            "".join(
                letter
                for holder, letter in letters.items()
                if f"zzd{code}{holder}zz".lower() in may
            )
            for code in codes
        ]
        title = f"{doors.RELATIONS[relation].partition(':')[0]} ({person.words})"
        yield f"| {title} | {' | '.join(cells)} |\n"
