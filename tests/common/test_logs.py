"""A line of the log says what went wrong and where, and no word of what was in it."""

import io
import logging
from datetime import timedelta
from types import SimpleNamespace

import pytest
from celery.signals import setup_logging
from django.conf import settings
from django.test import Client
from gunicorn.config import Config
from gunicorn.glogging import Logger, SafeAtoms

from portal.common.logs import QuietFormatter
from tools.stage import ACCESS_LOG

WORDS = "Key (given_name)=(Wrenna) already exists."


class Refused(Exception):
    """An error of a database."""


@pytest.fixture
def written():
    """A logger as the portal's are, and what it has written."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(QuietFormatter("%(levelname)s %(message)s"))
    log = logging.getLogger("a door")
    log.propagate = False
    log.addHandler(handler)
    yield log, stream
    log.handlers.clear()


def fail() -> None:
    """Do what the database refuses."""
    raise Refused(WORDS)


def raised() -> Refused:
    """The error, as it is caught."""
    with pytest.raises(Refused) as caught:
        fail()
    return caught.value


def test_an_exception_is_its_class_and_its_frames(written):
    log, stream = written

    log.error("It failed", exc_info=raised())

    assert "Wrenna" not in stream.getvalue()
    assert "Refused" in stream.getvalue()
    assert "test_logs.py" in stream.getvalue()


@pytest.mark.parametrize("message", ["The timer: %s, %s", "The timer: %r, %s"])
def test_an_exception_in_the_message_is_named_by_its_class(written, message):
    log, stream = written

    log.error(message, raised(), "again")

    assert "Wrenna" not in stream.getvalue()
    assert "Refused" in stream.getvalue()
    assert "again" in stream.getvalue()


def test_what_another_handler_made_of_it_is_not_used(written):
    log, stream = written
    loud = logging.StreamHandler(io.StringIO())
    log.handlers.insert(0, loud)

    log.error("It failed", exc_info=raised())

    assert "Wrenna" in loud.stream.getvalue(), "the first handler writes it with its words"
    assert "Wrenna" not in stream.getvalue()


def test_a_task_that_fails_is_logged_without_the_words(written):
    log, stream = written
    error = raised()
    said = {"name": "referrals.check_file", "id": "7", "exc": repr(error), "description": "raised"}

    log.error("Task %(name)s[%(id)s] %(description)s: %(exc)s", said, exc_info=error)

    line = stream.getvalue().splitlines()[0]
    assert line == "ERROR Task referrals.check_file[7] raised: Refused"
    assert "Wrenna" not in stream.getvalue()


def test_the_worker_and_the_clock_log_as_the_site_does(monkeypatch):
    configured = []
    monkeypatch.setattr("portal.celery.configure_logging", lambda *given: configured.append(given))

    answered = setup_logging.send(sender=None)

    assert answered, "where nobody answers, Celery adds handlers of its own"
    assert configured == [(settings.LOGGING_CONFIG, settings.LOGGING)]


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("/referrals/Wrenna-Sparrowhawk/?q=Wrenna", "GET /referrals/<str:reference>/ 302"),
        ("/Wrenna/Sparrowhawk/", "GET - 404"),
        ("/cookies/?q=Wrenna", "GET /cookies/ 200"),
    ],
)
def test_the_log_of_the_web_server_has_no_word_that_was_typed_into_an_address(db, address, says):
    answer = Client().get(address)
    answered = SimpleNamespace(status=answer.status_code, sent=1, headers=[])
    environ = {**answer.wsgi_request.META, "RAW_URI": address}
    atoms = Logger(Config()).atoms(answered, SimpleNamespace(headers=[]), environ, timedelta())

    line = ACCESS_LOG % SafeAtoms(atoms)

    assert says in line
    assert "Wrenna" not in line
    assert ACCESS_LOG in (settings.BASE_DIR / "Dockerfile").read_text()
