"""A session is saved in one statement, and one that has been ended stays so."""

import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session

from portal.accounts.http.sessions import SessionStore


@pytest.fixture
def began(db) -> SessionStore:
    """A session as the next request finds it."""
    first = SessionStore()
    first["seen"] = 1
    first.save()
    return SessionStore(first.session_key)


def test_a_session_is_found_and_saved_again_in_two_queries(began, django_assert_num_queries):
    with django_assert_num_queries(2):
        began["seen"] += 1
        began.save()

    assert SessionStore(began.session_key)["seen"] == 2


def test_a_session_that_was_ended_meanwhile_stays_ended(began):
    assert began["seen"] == 1
    Session.objects.all().delete()

    with pytest.raises(UpdateError):
        began.save()

    assert not Session.objects.exists()
