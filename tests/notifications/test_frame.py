"""The frame of a page: by role, lazily, and never in the way of an error page."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.urls import resolve, reverse

from portal.accounts.models import Partnership
from portal.accounts.vocabulary import Role
from portal.notifications.http import frame
from portal.notifications.vocabulary import NAVIGATION
from tests.notifications.owing import owe


@pytest.fixture
def asked(rf):
    """A request for a page, by a member or by nobody."""

    def ask(member=None, page="home:home"):
        request = rf.get(reverse(page))
        request.resolver_match = resolve(request.path)
        request.user = member.user if member else AnonymousUser()
        request.principal = member.principal() if member else None
        return request

    return ask


def test_the_coordinators_pages(asked, coordinator):
    shown = frame(asked(coordinator, "triage:board"))["frame"]

    assert [(entry.label, entry.current) for entry in shown.navigation] == [
        ("Home", False),
        ("Triage", True),
        ("Cases", False),
        ("Meetings", False),
        ("Requests", False),
        ("Actions", False),
        ("Reviews", False),
        ("Help", False),
    ]
    assert shown.working_as == "MASE coordinator, Example Children's social care"
    assert shown.service_name == "Safeguarding referrals"


def test_unread_and_phones_cost_one_query(asked, coordinator, teacher, django_assert_num_queries):
    for recipient in (coordinator, coordinator, teacher):
        owe(recipient)
    request = asked(coordinator)

    with django_assert_num_queries(1):
        shown = frame(request)["frame"]
        assert shown.unread == 2
        assert shown.phones == ("01632 960001", "01632 960002")
        assert shown.navigation


def test_unread_is_counted_as_far_as_the_page_says_it(asked, coordinator, monkeypatch):
    monkeypatch.setattr("portal.notifications.http.MOST_SAID", 2)
    for recipient in (coordinator, coordinator, coordinator):
        owe(recipient)

    assert frame(asked(coordinator))["frame"].unread == 2


def test_no_partnership_is_no_error(asked, coordinator):
    owe(coordinator)
    Partnership.agencies.through.objects.all().delete()

    shown = frame(asked(coordinator))["frame"]

    assert shown.unread == 1
    assert shown.phones == (None, None)


def test_a_page_that_shows_no_frame_costs_nothing(asked, coordinator, django_assert_num_queries):
    request = asked(coordinator)

    with django_assert_num_queries(0):
        frame(request)


def test_nobody_signed_in_costs_nothing(db, asked, django_assert_num_queries):
    with django_assert_num_queries(0):
        shown = frame(asked())["frame"]
        assert (shown.working_as, shown.navigation, shown.unread) == ("", (), 0)
        assert shown.phones == (None, None)


def test_an_error_before_the_role_was_known_still_has_a_frame(rf):
    """No principal, no resolved address: nothing but a request."""
    shown = frame(rf.get("/nowhere/"))["frame"]

    assert (shown.working_as, shown.navigation, shown.unread) == ("", (), 0)


@pytest.mark.parametrize("role", Role)
def test_every_roles_navigation_begins_at_home_and_ends_at_help(role):
    pages = NAVIGATION[role]

    assert pages[0][0] == "Home"
    assert pages[-1][0] == "Help"
    for _, name in pages:
        assert reverse(name).startswith("/")
