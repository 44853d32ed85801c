"""How long a session lasts: as the partnership says when idle, ten hours in any case."""

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from portal.accounts.models import Partnership
from tests.cast import signed_in

SESSION = "/account/session/"


@pytest.fixture
def teacher(cast) -> Client:
    client = signed_in(cast.teacher)
    client.get("/home/")
    return client


@pytest.mark.parametrize("minutes", [10, 20, 45, 60])
def test_it_ends_when_it_was_idle_as_long_as_the_partnership_allows(cast, minutes):
    Partnership.objects.filter(pk=cast.partnership.pk).update(idle_minutes=minutes)
    now = timezone.now()
    with time_machine.travel(now, tick=False) as clock:
        client = signed_in(cast.teacher)
        client.get("/home/")
        clock.move_to(now + timedelta(minutes=minutes, seconds=-1))
        assert client.get("/home/").status_code == 200
        clock.move_to(now + timedelta(minutes=2 * minutes, seconds=1))
        assert client.get("/home/").url.startswith("/account/sign-in/")


@pytest.mark.parametrize("minutes", [9, 61])
def test_the_database_refuses_a_wait_too_short_or_too_long(cast, minutes):
    with (
        pytest.raises(IntegrityError, match="between_ten_minutes_and_an_hour"),
        transaction.atomic(),
    ):
        Partnership.objects.update(idle_minutes=minutes)


def test_asking_how_long_it_lasts_is_no_press(teacher):
    now = timezone.now()
    with time_machine.travel(now, tick=False) as clock:
        teacher.get("/home/")
        clock.move_to(now + timedelta(minutes=18))
        assert teacher.get(SESSION).json() == {"left": 120}
        clock.move_to(now + timedelta(minutes=20))
        assert teacher.get(SESSION).json() == {"left": 0}
        assert teacher.get("/home/").status_code == 302


def test_one_press_makes_it_last_again(teacher):
    now = timezone.now()
    with time_machine.travel(now, tick=False) as clock:
        teacher.get("/home/")
        clock.move_to(now + timedelta(minutes=19))
        assert teacher.post(SESSION).json() == {"left": 20 * 60}
        clock.move_to(now + timedelta(minutes=38))
        assert teacher.get("/home/").status_code == 200


def test_no_press_makes_it_last_longer_than_ten_hours(teacher):
    now = timezone.now()
    with time_machine.travel(now, tick=False) as clock:
        teacher.get("/home/")
        for press in range(1, 32):
            clock.move_to(now + press * timedelta(minutes=19))
            assert teacher.post(SESSION).json()["left"] > 0
        clock.move_to(now + timedelta(hours=9, minutes=57))
        assert teacher.post(SESSION).json()["left"] <= 180
        clock.move_to(now + timedelta(hours=10, minutes=1))
        assert teacher.post(SESSION).json() == {"left": 0}


def test_a_stranger_has_no_time_left(db):
    assert Client().get(SESSION).json() == {"left": 0}


def test_a_press_from_another_site_counts_for_nothing(teacher):
    client = Client(enforce_csrf_checks=True)
    client.cookies = teacher.cookies
    assert client.post(SESSION).status_code == 403


def test_the_warning_knows_how_long_the_partnership_waits(cast, teacher):
    Partnership.objects.filter(pk=cast.partnership.pk).update(idle_minutes=45)
    assert 'data-seconds="2700"' in teacher.get("/home/").text


def test_without_script_the_limit_is_said_where_people_write(cast, teacher):
    started = teacher.post("/referrals/new/").url
    page = teacher.get(started).text
    assert "<noscript>" in page
    assert "signed out after 20 minutes" in page
