"""Every door of the portal turns strangers away, unless it stands in the list below.

The doors are found in the resolver, so a new address is covered the moment it exists, and each
view function must have an address.
"""

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

import pytest
from django.apps import apps
from django.test import Client
from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve, reverse
from django.urls.resolvers import RegexPattern, RoutePattern
from django.utils.regex_helper import normalize

from portal.accounts import services
from portal.accounts.vocabulary import AgencyKind, PartnerUnder, Role

# What anybody may open, and why.
OPEN = {
    "home:start": "one decides here whether this is the right place",
    "home:help": "the phone numbers",
    "home:labels": "explains words; shows no record",
    "home:accessibility": "the law asks for it",
    "home:privacy": "the law asks for it",
    "home:cookies": "the law asks for it",
    "home:healthz": "the supervisor asks; says well or not",
    "account_login": "one signs in here",
    "account_reset_password": "one has forgotten the password",
    "account_reset_password_done": "says the same to everybody",
    "account_reset_password_from_key": "the link in the mail; worth nothing without its token",
    "account_reset_password_from_key_done": "says the same to everybody",
    "account_logout": "whose session is over already is told so",
    "accounts:signed_out": "one has just signed out",
    "accounts:timed_out": "one has just been signed out",
}

METHODS = ("get", "head", "options", "post", "put", "patch", "delete")
OURS = ("portal", "referrals", "sharing")
SAMPLES = ("00000000-0000-4000-8000-000000000000", "R-4KD7-92Q", "1", "x", "2026-01-01")


@dataclass(frozen=True)
class Door:
    """One address, with something in the place of what varies."""

    name: str
    path: str
    view: Callable[..., object]


def _filled(pattern: RoutePattern | RegexPattern, sample: str) -> str:
    if isinstance(pattern, RoutePattern):
        return re.sub(r"<[^>]+>", sample, str(pattern._route))
    form, names = normalize(str(pattern._regex).lstrip("^"))[0]
    return form % dict.fromkeys(names, sample)


def _leaves(
    patterns: list[URLPattern | URLResolver],
    above: tuple[RoutePattern | RegexPattern, ...] = (),
    spaces: tuple[str, ...] = (),
) -> Iterator[tuple[str, URLPattern, tuple[RoutePattern | RegexPattern, ...]]]:
    for entry in patterns:
        way = (*above, entry.pattern)
        if isinstance(entry, URLResolver):
            inner = (*spaces, entry.namespace) if entry.namespace else spaces
            yield from _leaves(entry.url_patterns, way, inner)
        else:
            yield ":".join((*spaces, entry.name or str(entry.pattern))), entry, way


def _door(name: str, entry: URLPattern, way: tuple[RoutePattern | RegexPattern, ...]) -> Door:
    for sample in SAMPLES:
        path = "/" + "".join(_filled(pattern, sample) for pattern in way)
        try:
            if resolve(path).func is entry.callback:
                return Door(name, path, entry.callback)
        except Resolver404:
            continue
    raise AssertionError(f"No sample opens {name}: add one to SAMPLES")


def doors() -> list[Door]:
    return [_door(*leaf) for leaf in _leaves(get_resolver().url_patterns)]


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
    for name in OPEN:
        shown = Client().get(found[name].path)
        assert shown.status_code == 200 or shown.url == reverse("accounts:signed_out"), name
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


def test_every_view_has_an_address():
    routed = {inspect.unwrap(door.view) for door in doors()}
    lost = [
        f"{module.__name__}.{name}"
        for app in apps.get_app_configs()
        if app.name.split(".")[0] in OURS and find_spec(f"{app.name}.views")
        for module in [import_module(f"{app.name}.views")]
        for name, view in inspect.getmembers(module, inspect.isfunction)
        if view.__module__ == module.__name__ and not name.startswith("_")
        if inspect.unwrap(view) not in routed
    ]

    assert not lost, "These views have no address: " + ", ".join(lost)


@pytest.mark.parametrize("wrong", ["post", "put", "patch", "delete"])
def test_a_page_that_only_shows_takes_nothing(wrong, db):
    for name in ("home:start", "home:help", "home:healthz", "accounts:signed_out"):
        assert getattr(Client(), wrong)(reverse(name)).status_code == 405
