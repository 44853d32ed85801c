"""`manage.py sweep`: what is due is done without the queue."""

import os
import signal
from functools import partial

import pytest
from django.core.management import CommandError, call_command

from portal.celery import app
from portal.notifications.models import Notice
from portal.notifications.vocabulary import Status
from tests.notifications.owing import owe

swept = []


def sweep_well() -> None:
    swept.append("well")


def sweep_badly() -> None:
    raise ValueError("Casey Qanarie")


def stop_the_process() -> None:
    swept.append("stopped")
    os.kill(os.getpid(), signal.SIGTERM)


@pytest.fixture(autouse=True)
def sweeps(settings):
    """Choose which of the sweeps above the command calls."""
    swept.clear()
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)

    def choose(*functions):
        settings.SWEEPS = [f"{__name__}.{function.__name__}" for function in functions]

    yield choose
    signal.signal(signal.SIGTERM, before[0])
    signal.signal(signal.SIGINT, before[1])


def test_the_settings_name_the_sweep_of_notices(settings, coordinator, mail):
    notice = owe(coordinator)
    settings.SWEEPS = ["portal.notifications.services.sweep"]

    call_command("sweep")

    assert Notice.objects.get(pk=notice.pk).status == Status.SENT


def test_the_clock_calls_everything_that_the_command_does(settings, monkeypatch):
    called = []
    for name in settings.SWEEPS:
        monkeypatch.setattr(name, partial(called.append, name))
    app.loader.import_default_modules()

    for each in settings.CELERY_BEAT_SCHEDULE.values():
        app.tasks[each["task"]]()

    assert sorted(called) == sorted(settings.SWEEPS)


def test_one_that_fails_does_not_stop_the_others(sweeps, caplog):
    sweeps(sweep_badly, sweep_well)

    with pytest.raises(CommandError, match="sweep_badly"):
        call_command("sweep")

    assert swept == ["well"]
    assert "sweep_badly failed (ValueError)" in caplog.text
    assert "Qanarie" not in caplog.text


def test_for_ever_goes_on_until_it_is_stopped(sweeps):
    """The pause is an hour long: the signal ends the command, not the clock."""
    sweeps(sweep_badly, sweep_well, stop_the_process)

    with pytest.raises(SystemExit) as ended:
        call_command("sweep", "--forever", "--every", "3600")

    assert ended.value.code == 0
    assert swept == ["well", "stopped"]


def test_a_stop_during_the_pause_ends_it_at_once(committed, sweeps, monkeypatch):
    sweeps(sweep_well)
    pauses = []

    def pause(_event, seconds):
        pauses.append(seconds)
        if len(pauses) == 3:
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr("threading.Event.wait", pause)

    with pytest.raises(SystemExit):
        call_command("sweep", "--forever", "--every", "7")

    assert swept == ["well"] * 3
    assert pauses == [7, 7, 7]
