"""How the service is: live for everybody, deep for whoever has the word, and nothing leaks."""

import logging
from datetime import date, timedelta

import pytest
from django.db import OperationalError, connection
from django.urls import reverse
from django.utils import timezone

from portal.celery import app
from portal.home.reports import health as found
from portal.notifications import services
from portal.notifications.models import Digest, Notice, Pulse
from portal.notifications.vocabulary import Kind, Status
from tests.cast import Cast, membership
from tests.notifications.owing import REFERENCE, owe

WORD = "a-word-for-watching"
LIVE, DEEP = "/health/live/", "/health/deep/"


@pytest.fixture
def watch(client, settings, db, monkeypatch):
    """Ask with the right word; every part is at work, and the broker answers."""
    settings.HEALTH_TOKEN = WORD
    monkeypatch.setattr("portal.home.reports.service._broker_answers", lambda: True)
    for part in ("worker", "sweep"):
        Pulse.objects.update_or_create(part=part, defaults={"beat_at": timezone.now()})
    return lambda: client.get(DEEP, headers={"Authorization": f"Bearer {WORD}"})


def test_live_asks_nobody(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = client.get(LIVE)

    assert (answer.status_code, answer.json()) == (200, {"ok": True})


def test_a_well_service_says_so_in_numbers(watch):
    answer = watch()

    said = answer.json()
    assert answer.status_code == 200, said
    assert said["ok"] is True
    assert said["failing"] == []
    assert (said["database"], said["broker"], said["migrations_missing"]) == (True, True, 0)
    assert (said["outbox_waiting"], said["outbox_seconds"], said["dead"]) == (0, 0, 0)
    assert said["worker_seconds"] < 60 > said["sweep_seconds"]
    assert said["seal_seconds"] is None, "nothing seals the ledger yet"


@pytest.mark.parametrize("header", ["", "Bearer ", "Bearer wrong", f"Basic {WORD}"])
def test_without_the_word_there_is_no_such_page(client, settings, db, header):
    settings.HEALTH_TOKEN = WORD
    missing = client.get("/health/nothing/")

    answer = client.get(DEEP, headers={"Authorization": header} if header else {})

    assert answer.status_code == 404
    assert answer.content == missing.content


def test_without_a_word_set_nobody_is_told(client, settings, db):
    settings.HEALTH_TOKEN = ""

    assert client.get(DEEP, headers={"Authorization": "Bearer "}).status_code == 404


def hours_ago(**changes: object) -> None:
    Notice.objects.update(created_at=timezone.now() - timedelta(hours=1), **changes)


@pytest.mark.parametrize(
    ("goes_wrong", "failing"),
    [
        (lambda cast: (owe(membership(cast.coordinator)), hours_ago()), "outbox_seconds"),
        (
            # What is tried again and again is late too, though it is not due at this moment.
            lambda cast: (
                owe(membership(cast.coordinator)),
                hours_ago(attempts=5, next_at=timezone.now() + timedelta(minutes=9)),
            ),
            "outbox_seconds",
        ),
        (
            lambda cast: [
                Digest.objects.create(
                    recipient=membership(cast.teacher), day=date(2026, 1, day), status=Status.DEAD
                )
                for day in range(1, 12)
            ],
            "dead",
        ),
        (
            lambda _: Pulse.objects.filter(part="worker").update(
                beat_at=timezone.now() - timedelta(minutes=4)
            ),
            "worker_seconds",
        ),
        (lambda _: Pulse.objects.filter(part="sweep").delete(), "sweep_seconds"),
    ],
)
def test_past_its_limit_it_is_not_well(watch, cast: Cast, goes_wrong, failing):
    assert watch().status_code == 200
    goes_wrong(cast)

    answer = watch()

    assert answer.status_code == 503
    assert answer.json()["failing"] == [failing]


def test_what_waits_for_the_daily_mail_is_not_late(watch, cast: Cast):
    owe(membership(cast.teacher), kind=Kind.RECEIVED)
    hours_ago()

    assert watch().status_code == 200


def test_a_migration_that_is_missing_is_seen(watch, monkeypatch):
    monkeypatch.setattr(
        "portal.home.reports.service.MigrationExecutor.migration_plan", lambda *_: [("one", False)]
    )

    assert watch().json()["failing"] == ["migrations_missing"]


def test_a_database_that_is_gone_is_said_and_no_more(monkeypatch, settings):
    settings.HEALTH_TOKEN = WORD
    monkeypatch.setattr("portal.home.reports.service._broker_answers", lambda: False)

    def gone(*_: object) -> None:
        raise OperationalError(f"no route to somewhere, {REFERENCE}")

    monkeypatch.setattr(connection, "cursor", gone)

    said = found()

    assert said.failing == ("database", "broker")
    assert "somewhere" not in str(said.numbers())


def test_a_broker_that_is_gone_is_said(db, monkeypatch, caplog):
    for name in ("broker_url", "broker_write_url"):
        monkeypatch.setitem(app.conf, name, "redis://:hush@127.0.0.1:1/0")
    caplog.set_level(logging.DEBUG)

    assert not found().broker
    assert "hush" not in caplog.text


def test_it_says_nothing_of_anybody(watch, cast: Cast):
    owe(membership(cast.coordinator))
    services.beat()

    said = watch().content.decode()

    for word in (REFERENCE, "Coral", "Dinator", "example.org", "triage", cast.council.name):
        assert word not in said
    assert reverse("home:deep") == DEEP
