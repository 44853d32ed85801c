"""The cast: the people of a small partnership and of its neighbour, and what they do.

Everybody is enrolled by the real services, and a referral is sent by the real one.
"""

import json
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client
from django.utils import timezone
from lxml import html

from portal.accounts import services as accounts
from portal.accounts.models import Agency, Membership, Partnership, User
from portal.accounts.vocabulary import AgencyKind, PartnerUnder, Principal, Role
from portal.audit.models import Event
from referrals.models import Case, Pause
from referrals.services import Concern, Told, submit
from referrals.vocabulary import ChildTold, ClockKind, Danger, ParentsTold
from sharing.rules.models import Agreement
from sharing.rules.services import agreements
from sharing.rules.vocabulary import Category, Purpose
from tools import databases

if TYPE_CHECKING:
    from tests.architecture.world import World

GIVEN, FAMILY = "Wrenna", "Sparrowhawk"
SAW = "She got into a silver car at the gate."
CHILD_SAID = "He buys me things and I cannot say no."
TOLD = "A friend says that she is often away at night."
CHILD_WANTS = "She wants it to stop, and not to lose her friends."
PHONE = "01632 960123"


@dataclass(frozen=True)
class Cast:
    """Who acts in tests, in two areas that share nothing. Each is one person in one role."""

    partnership: Partnership
    council: Agency
    school: Agency
    teacher: Principal
    colleague: Principal
    lead: Principal
    coordinator: Principal
    second_coordinator: Principal
    manager: Principal
    panel_officer: Principal
    panel_nurse: Principal
    panel_chair: Principal
    charity_worker: Principal
    outsider_lead: Principal
    chair: Principal
    auditor: Principal
    other_area: Partnership
    other_coordinator: Principal
    other_panel_officer: Principal
    other_chair: Principal

    def everyone(self) -> dict[str, Principal]:
        """Every person of the cast, by name."""
        named = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: who for name, who in named.items() if isinstance(who, Principal)}


def gathered() -> Cast:
    """Found both areas and enrol everybody."""
    here, there = _area("Exampleshire"), _area("Elsewhere")
    council = _agency("Exampleshire Council", AgencyKind.COUNCIL, here)
    school = _agency("Example High School", AgencyKind.SCHOOL, here)
    other_school = _agency("Other High School", AgencyKind.SCHOOL, here)
    police = _agency("Exampleshire Police", AgencyKind.POLICE, here)
    health = _agency("Exampleshire Health", AgencyKind.HEALTH, here)
    charity = _agency("Example Youth Charity", AgencyKind.CHARITY, here)
    board = _agency("Exampleshire Board", AgencyKind.BOARD, here)
    other_council = _agency("Elsewhere Council", AgencyKind.COUNCIL, there)
    other_police = _agency("Elsewhere Police", AgencyKind.POLICE, there)
    other_board = _agency("Elsewhere Board", AgencyKind.BOARD, there)
    for area in (here, there):
        agreed(*area.agencies.all())
    return Cast(
        partnership=here,
        council=council,
        school=school,
        teacher=_person("Tess Eacher", school, Role.PRACTITIONER),
        colleague=_person("Cole League", school, Role.PRACTITIONER),
        lead=_person("Dess Lead", school, Role.AGENCY_LEAD),
        coordinator=_person("Coral Dinator", council, Role.COORDINATOR),
        second_coordinator=_person("Second Dinator", council, Role.COORDINATOR),
        manager=_person("Manny Ager", council, Role.MANAGER),
        panel_officer=_person("Orla Ficer", police, Role.PANEL_MEMBER),
        panel_nurse=_person("Nora Urse", health, Role.PANEL_MEMBER),
        panel_chair=_person("Pat Chair", council, Role.PANEL_CHAIR),
        charity_worker=_person("Yolanda Outh", charity, Role.PRACTITIONER),
        outsider_lead=_person("Olive Utsider", other_school, Role.AGENCY_LEAD),
        chair=_person("Bo Ardchair", board, Role.BOARD_CHAIR),
        auditor=_person("Aud Itor", council, Role.AUDITOR),
        other_area=there,
        other_coordinator=_person("Elsa Wherry", other_council, Role.COORDINATOR),
        other_panel_officer=_person("Farah Wayland", other_police, Role.PANEL_MEMBER),
        other_chair=_person("Ona Ther", other_board, Role.BOARD_CHAIR),
    )


def _area(name: str) -> Partnership:
    return accounts.found_partnership(
        name=name,
        slug=name.lower(),
        front_door_phone="020 7946 0000",
        out_of_hours_phone="020 7946 0011",
    )


def _agency(name: str, kind: AgencyKind, area: Partnership) -> Agency:
    return accounts.join_agency(
        name=name,
        kind=kind,
        partner_under=[PartnerUnder.S11],
        partnerships=[area],
    )


def agreed(*agencies: Agency, **days: date) -> Agreement:
    """An agreement between these agencies, about everything, that lasts for a year from now."""
    today = timezone.localdate()
    between = {
        "signed_on": date(2025, 1, 6),
        "review_on": today + timedelta(days=180),
        "ends_on": today + timedelta(days=365),
    }
    return agreements.sign(
        actor=None,
        title="Partnership information-sharing agreement",
        parties=agencies,
        purposes=Purpose,
        categories=Category,
        **{**between, **days},
    )


def _person(name: str, agency: Agency, role: Role) -> Principal:
    email = f"{name.lower().replace(' ', '.')}@{agency.kind.replace('_', '-')}.example.org"
    return accounts.enrol(email=email, name=name, agency=agency, role=role).principal()


def membership(principal: Principal) -> Membership:
    """The membership in which this principal acts."""
    return Membership.objects.get(pk=principal.membership_id)


def concern(**changes: Any) -> Concern:
    """A concern with every answer given; `changes` replace its parts."""
    given = {
        "danger": Danger.NO,
        "given_name": GIVEN,
        "family_name": FAMILY,
        "date_of_birth": date(2012, 3, 27),
        "description": "Tall, with a green rucksack.",
        "child_told": ChildTold.YES,
        "parents_told": ParentsTold.AGREE,
        "answers": {
            "saw": Told(SAW),
            "child_said": Told(CHILD_SAID),
            "told": Told(TOLD),
            "child_wants": Told(CHILD_WANTS),
            "phone": Told(PHONE),
        },
    }
    return Concern(**{**given, **changes})


def send(actor: Principal, key: UUID | None = None, **changes: Any) -> Case:
    """Send a referral for the actor, by the real service."""
    return submit(actor=actor, concern=concern(**changes), key=key or uuid4())


def put_off(case: Case, by: Principal, until: datetime) -> None:
    """Let its decision be due only then, after a pause: the database takes no other way."""
    clock = case.clocks.get(kind=ClockKind.DECISION, stopped_at__isnull=True)
    now = timezone.now()
    pause = Pause.objects.create(
        clock=clock,
        reason="Nobody can ask her yet.",
        paused_by_id=by.membership_id,
        from_at=now,
    )
    pause.until_at, pause.ended_by_id, pause.due_after = now, by.membership_id, until
    pause.save(update_fields=["until_at", "ended_by", "due_after"])
    Case.objects.filter(pk=case.pk).update(decision_due_at=until)


def signed_in(principal: Principal, **options: Any) -> Client:
    """A browser in which this principal has signed in. Each has one role, so it is chosen."""
    client = Client(**options)
    client.force_login(User.objects.get(pk=principal.user_id))
    return client


def carried(client: Client, address: str) -> dict[str, str]:
    """What the form of a page carries along unseen when its button is pressed."""
    page = html.fromstring(client.get(address).content.decode())
    boxes = page.xpath("//main//form[not(@action)]//input[@type='hidden']")
    return {box.get("name"): box.get("value", "") for box in boxes}


def events(*acts: str, **only: object) -> list[dict[str, Any]]:
    """The bodies of the ledger's events, oldest first; of these acts, where any are named."""
    found = Event.objects.filter(**only).order_by("at", "seq")
    bodies = [json.loads(bytes(event.body)) for event in found]
    return [body for body in bodies if not acts or body["act"] in acts]


def shown_on(page: bytes) -> list[tuple[str, str]]:
    """Each answer on a page as (label, words), in order, without who said it and without links."""
    rows = html.fromstring(page.decode()).xpath(
        f"//div[{_CLASS.format('govuk-summary-list__row')}]"
    )
    return [(_text(row.find("dt")), _words(row.find("dd"))) for row in rows]


# Where the words of an answer stand; "not known" stands bare.
_CLASS = "contains(concat(' ', @class, ' '), ' {} ')"
_WORDS = " | ".join(
    [
        f".//*[{_CLASS.format('portal-withheld')}]/strong",
        f".//*[{_CLASS.format('portal-absent')}]",
        f".//*[{_CLASS.format('portal-words')}]",
    ]
)


def _words(answer: Any) -> str:
    found = answer.xpath(_WORDS)
    return _text(found[0] if found else answer)


def _text(element: Any) -> str:
    return str(element.text_content()).strip()


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Do all of these at the same moment, each in a thread and a connection of its own.

    Returns what each answered, or the exception that it raised, in the same order.
    """
    start = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        try:
            start.wait(timeout=30)
            return act()
        except Exception as error:  # noqa: BLE001 - the test looks at it
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts))


@dataclass(frozen=True)
class AtHome:
    """A connection to a database in which the cast is enrolled, and the cast."""

    connection: BaseDatabaseWrapper
    cast: Cast


@pytest.fixture(scope="session")
def cast_at_home(template, worker_id, django_db_setup, django_db_blocker) -> Iterator[AtHome]:
    """A database of this process with the cast, who are enrolled once for all tests.

    Their keys are the same in each test of a run: what the code keeps in a process by such a key
    would outlive a test.
    """
    name, admin = f"{template}_{worker_id}_cast", os.environ["ADMIN_DATABASE_URL"]
    with databases.cloned(admin, template, name), django_db_blocker.unblock():
        own = connections.create_connection("default")
        own.settings_dict = {**own.settings_dict, "NAME": name}
        with through(own):
            found = gathered()
            # They have worked here for long: some tests begin in days gone by.
            Membership.objects.update(from_at=timezone.now() - timedelta(days=700))
        yield AtHome(own, found)
        own.close()


@dataclass(frozen=True)
class WorldAtHome:
    """A connection in whose transaction the world of the doors stands, and that world."""

    connection: BaseDatabaseWrapper
    world: "World"


@pytest.fixture(scope="session")
def world_at_home(template, worker_id, django_db_setup, django_db_blocker) -> Iterator[WorldAtHome]:
    """The world of the doors, built once in each process, in a database of its own."""
    from tests.architecture.world import built

    name, admin = f"{template}_{worker_id}_world", os.environ["ADMIN_DATABASE_URL"]
    with databases.cloned(admin, template, name), django_db_blocker.unblock():
        own = connections.create_connection("default")
        own.settings_dict = {**own.settings_dict, "NAME": name}
        with through(own):
            # Never committed: the database would look then for what decided each of its grants.
            transaction.atomic().__enter__()
            found = built()
        yield WorldAtHome(own, found)
        own.close()


@pytest.fixture
def world(world_at_home: WorldAtHome) -> "World":
    """The world of the doors. Each test leaves it as it found it."""
    return world_at_home.world


@pytest.fixture(autouse=True)
def where_the_cast_is(request) -> Iterator[None]:
    """Lead a test that asks for the cast, or for the world, to where they are.

    That is before its own transaction begins.
    """
    asked = set(request.fixturenames)
    if "world" in asked:
        with through(request.getfixturevalue("world_at_home").connection), transaction.atomic():
            yield
            transaction.set_rollback(True)
        return
    if "cast" not in asked or "committed" in asked or connections["default"].in_atomic_block:
        yield
        return
    with through(request.getfixturevalue("cast_at_home").connection):
        yield


@contextmanager
def through(other: BaseDatabaseWrapper) -> Iterator[None]:
    """Lead Django, in this thread, through another connection."""
    before = connections["default"]
    connections["default"] = other
    try:
        yield
    finally:
        connections["default"] = before


@pytest.fixture
def cast(request) -> Cast:
    """The cast, in the database of this test: its own if it asks for `committed`."""
    request.getfixturevalue("committed" if "committed" in request.fixturenames else "db")
    if not Partnership.objects.exists():
        return gathered()
    return deepcopy(request.getfixturevalue("cast_at_home").cast)


@pytest.fixture
def sent(cast: Cast) -> Case:
    """A referral that the teacher has sent and that nobody has acknowledged."""
    return send(cast.teacher)
