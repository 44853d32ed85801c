"""The doorbell: after the commit, by name, and never in the way of the work."""

import logging
import socket
import time
from uuid import uuid4

import pytest
from celery.exceptions import NotRegistered
from django.db import transaction
from kombu.exceptions import OperationalError

from portal.celery import app
from portal.common import later as bell
from portal.common.later import later
from referrals.models import Case
from tests.cast import Cast, send

TASK = "notifications.deliver"


@pytest.fixture(autouse=True)
def rested(monkeypatch):
    """No test hears the silence that another one caused."""
    monkeypatch.setitem(bell._rests, "until", 0.0)


@pytest.fixture
def rung(monkeypatch):
    """What was rung, in place of a broker; a test may make it fail."""
    calls = []

    def ring(args):
        calls.append(args)

    monkeypatch.setattr(app.tasks[TASK], "apply_async", ring)
    return calls


@pytest.fixture
def dead(monkeypatch):
    """A broker that does not answer; counts how often it was tried."""
    tried = []

    def fail(args):
        tried.append(args)
        raise OperationalError("redis://:secret@broker.example.org does not answer")

    monkeypatch.setattr(app.tasks[TASK], "apply_async", fail)
    return tried


def test_a_misspelt_name_raises_at_once(db):
    with pytest.raises(NotRegistered), transaction.atomic():
        later("notifications.delivr", uuid4())


def test_the_bell_rings_after_the_commit_with_identifiers_as_text(
    db, rung, django_capture_on_commit_callbacks
):
    pk = uuid4()

    with django_capture_on_commit_callbacks(execute=True):
        later(TASK, pk)
        assert rung == []

    assert [list(args) for args in rung] == [[str(pk)]]


def test_what_rolls_back_does_not_ring(committed, rung):
    with transaction.atomic():
        later(TASK, uuid4())
        transaction.set_rollback(True)

    assert rung == []


def test_a_dead_broker_is_said_once_without_its_password_and_then_left_alone(
    db, dead, caplog, django_capture_on_commit_callbacks
):
    with caplog.at_level(logging.WARNING), django_capture_on_commit_callbacks(execute=True):
        for _ in range(12):
            later(TASK, uuid4())

    assert len(dead) == 1
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "OperationalError" in caplog.text
    assert "secret" not in caplog.text


def test_after_its_rest_the_bell_is_tried_again(
    db, dead, monkeypatch, django_capture_on_commit_callbacks
):
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])

    for moment in (1000.0, 1000.0 + bell.REST - 0.1, 1000.0 + bell.REST):
        now[0] = moment
        with django_capture_on_commit_callbacks(execute=True):
            later(TASK, uuid4())

    assert len(dead) == 2


def test_the_work_stands_though_nobody_hears_the_bell(committed, cast: Cast, dead):
    sent = send(cast.teacher)

    assert Case.objects.get() == sent
    assert len(dead) == 1


def test_the_work_stands_though_nothing_listens_at_the_brokers_port(
    committed, cast: Cast, monkeypatch
):
    """A real connection to a port at which nobody answers, in place of the double above."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"redis://127.0.0.1:{probe.getsockname()[1]}/0"
    monkeypatch.setitem(app.conf, "broker_url", address)
    monkeypatch.setitem(app.conf, "broker_write_url", address)
    monkeypatch.setattr(app, "_pool", None)
    monkeypatch.setattr(app.amqp, "_producer_pool", None)
    before = time.monotonic()

    sent = send(cast.teacher)

    assert Case.objects.get() == sent
    assert time.monotonic() - before < 5


def test_a_mistake_in_the_bell_does_not_undo_the_work_either(committed, cast: Cast, monkeypatch):
    def fail(args):
        raise RuntimeError

    monkeypatch.setattr(app.tasks[TASK], "apply_async", fail)

    assert send(cast.teacher) == Case.objects.get()
