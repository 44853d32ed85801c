"""What a person is told when something is missing, and how processes are kept."""

import errno
import os
import socket
import stat
import sys
import time
from collections.abc import Iterator

import pytest

from tools import machine, progress, servers
from tools.progress import Failure
from tools.supervise import Process, Supervisor, is_ours, stop_leftovers


@pytest.fixture
def part(tmp_path) -> Iterator[Process]:
    """A program of ours that does nothing for a minute."""
    code = "import time; time.sleep(60)"
    process = Process("part", [machine.VENV / "bin/python", "-c", code], dict(os.environ), tmp_path)
    yield process
    process.kill()


def wait_until(found, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_busy_port_is_said_with_the_command_that_mends_it():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(Failure, match=f"Port {port} is in use") as told:
            machine.check_port(port)

    assert told.value.mend.endswith(f"PORT={port + 1} make demo")


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("error sending request for url", "the network did not answer"),
        ("Could not resolve 'mirror.example.org'", "the network did not answer"),
        (os.strerror(errno.ENOSPC), "The disk is full"),
        ("first line\nthe last line\n\n", "failed: the last line"),
    ],
)
def test_a_failed_command_becomes_a_sentence(tmp_path, said, sentence):
    assert sentence in progress.why(said, "Installing", tmp_path / "log").sentence


def test_a_failure_is_shown_without_a_traceback(tmp_path, capsys):
    def fail() -> int:
        raise Failure("The kettle is cold.", "boil it")

    assert progress.told(fail, tmp_path / "log") == 1
    assert capsys.readouterr().err == "\nThe kettle is cold.\n  To mend it: boil it\n"


def test_an_unsupported_platform_is_said(monkeypatch):
    monkeypatch.setattr(sys, "platform", "plan9")

    with pytest.raises(Failure, match="do not run on plan9"):
        machine.prepare(browser=False)


def test_a_secret_stays_the_same_and_is_readable_by_us_only(tmp_path):
    first = servers.secret(tmp_path, "word")

    assert servers.secret(tmp_path, "word") == first
    assert stat.S_IMODE((tmp_path / "secrets" / "word").stat().st_mode) == 0o600


def test_a_port_is_remembered_while_it_is_free(tmp_path):
    first = servers.port(tmp_path, "web")

    assert servers.port(tmp_path, "web") == first
    with socket.create_server(("127.0.0.1", first)):
        assert servers.port(tmp_path, "web") != first


def test_what_dies_is_started_again_and_everything_stops(part, capsys):
    supervisor = Supervisor([part])
    supervisor.start()
    first = part.pid

    os.kill(first, 9)
    try:
        wait_until(lambda: part.alive and part.pid != first)
    finally:
        supervisor.stop()

    assert not part.alive
    assert not part.pid_file.exists()
    assert "part ended; started again" in capsys.readouterr().out


def test_what_an_ended_run_left_behind_is_stopped(part, tmp_path):
    part.start()
    # A program that has only just begun has no name yet.
    wait_until(lambda: is_ours(part.pid))

    assert stop_leftovers(tmp_path) == 1
    wait_until(lambda: not part.alive)


def test_a_process_of_somebody_else_is_left_alone(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "web.pid").write_text("1")

    assert stop_leftovers(tmp_path) == 0
