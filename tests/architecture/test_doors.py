"""Every door turns strangers away by every method, unless the table says that it is open to all.

`test_door_matrix.py` opens the doors as the table knows them; here each is tried in every way there
is, and each view function must have an address.
"""

import inspect
import pkgutil
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse

from portal.accounts import services
from portal.accounts.vocabulary import AgencyKind, PartnerUnder, Role
from tests.architecture.doors import PUBLIC, ROWS, Door, doors

# What anybody may open; the table says why.
OPEN = {row.name for row in ROWS if row.kind is PUBLIC}

# Where those are led to whose session is over, or not hidden.
LEADS_ON = {"/account/signed-out/", "/home/"}

METHODS = ("get", "head", "options", "post", "put", "patch", "delete")
OURS = ("portal", "referrals", "sharing")


def asked(client: Client, door: Door) -> Iterator[tuple[str, int, str]]:
    for method in METHODS:
        answer = getattr(client, method)(door.path)
        yield method, answer.status_code, answer.headers.get("Location", "")


def turned_away(status: int, location: str) -> bool:
    if status == 302:
        return location.startswith(f"{reverse('account_login')}?next=")
    return status in {401, 403, 404, 405}


def test_every_door_turns_strangers_away(db):
    opened = [
        f"{method.upper()} {door.path} ({door.name}): {status} {location}"
        for door in doors()
        if door.name not in OPEN
        for method, status, location in asked(Client(), door)
        if not turned_away(status, location)
    ]

    assert not opened, "\n".join(opened)


def test_the_open_doors_exist_and_only_show_a_page(db):
    found = {door.name: door for door in doors()}

    assert set(OPEN) <= set(found)
    shows = {row.name for row in ROWS if row.kind is PUBLIC and row.method == "GET"}
    for name in shows:
        shown = Client().get(found[name].path)
        assert shown.status_code == 200 or shown.url in LEADS_ON, name
        for method in ("put", "patch", "delete"):
            status = getattr(Client(), method)(found[name].path).status_code
            assert status in {200, 405}, f"{method} {name}"


def test_a_person_without_a_role_opens_nothing(db):
    client = Client()
    agency = services.join_agency(
        name="Example School",
        kind=AgencyKind.SCHOOL,
        partner_under=[PartnerUnder.S11],
        partnerships=[
            services.found_partnership(
                name="Exampleshire",
                slug="exampleshire",
                front_door_phone="020 7946 0000",
                out_of_hours_phone="020 7946 0011",
            )
        ],
    )
    membership = services.enrol(
        email="left@school.example.org", name="Left", agency=agency, role=Role.PRACTITIONER
    )
    services.end_membership(membership=membership)
    client.force_login(membership.user)

    opened = [
        f"{method.upper()} {door.path} ({door.name}): {status} {location}"
        for door in doors()
        if door.name not in OPEN
        for method, status, location in asked(client, door)
        if status not in {403, 404, 405}
    ]

    assert not opened, "\n".join(opened)


def _with_its_modules(views: ModuleType) -> list[ModuleType]:
    """The module, and those below it where it is a package."""
    below = pkgutil.iter_modules(getattr(views, "__path__", []))
    return [views, *(import_module(f"{views.__name__}.{found.name}") for found in below)]


def test_every_view_has_an_address():
    routed = {inspect.unwrap(door.view) for door in doors()}
    lost = [
        f"{module.__name__}.{name}"
        for app in apps.get_app_configs()
        if app.name.split(".")[0] in OURS and find_spec(f"{app.name}.views")
        for module in _with_its_modules(import_module(f"{app.name}.views"))
        for name, view in inspect.getmembers(module, inspect.isfunction)
        if view.__module__ == module.__name__ and not name.startswith("_")
        # In a package the modules beside the views help them; a view says which methods it takes.
        if hasattr(view, "__wrapped__") or module.__name__ == f"{app.name}.views"
        if inspect.unwrap(view) not in routed
    ]

    assert not lost, "These views have no address: " + ", ".join(lost)


@pytest.mark.parametrize("wrong", ["post", "put", "patch", "delete"])
def test_a_page_that_only_shows_takes_nothing(wrong, db):
    for name in ("home:start", "home:help", "home:healthz", "accounts:signed_out"):
        assert getattr(Client(), wrong)(reverse(name)).status_code == 405
