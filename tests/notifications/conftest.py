"""A coordinator to tell, a mail server to tell them by, and a broker that is not there."""

import socket

import pytest
from aiosmtpd.controller import Controller

from portal.accounts import services as accounts
from portal.accounts.models import Membership
from portal.accounts.vocabulary import AgencyKind, PartnerUnder, Role
from portal.celery import app
from portal.common import later


class Server:
    """Answers like a mail server, and keeps what it was given.

    `answers` are the replies to the next recipients; `hangs_up` drops the next connection when
    the message has come and before it is acknowledged.
    """

    def __init__(self):
        self.received = []
        self.answers = []
        self.hangs_up = False

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: ARG002, N802
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server, session, envelope):  # noqa: ARG002, N802
        self.received.append(envelope.content)
        if self.hangs_up:
            self.hangs_up = False
            server.transport.close()
        return "250 OK"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def mail(settings):
    """A mail server on this machine, which the portal really talks to."""
    server = Server()
    controller = Controller(server, hostname="127.0.0.1", port=free_port())
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.SITE_URL = "https://portal.example.org"
    yield server
    controller.stop()


@pytest.fixture
def no_mail_server(settings):
    """A port at which nobody answers, where the mail server should be."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()


@pytest.fixture
def no_broker(monkeypatch):
    """A port at which nobody answers, where Redis should be."""
    address = f"redis://127.0.0.1:{free_port()}/0"
    monkeypatch.setitem(app.conf, "broker_url", address)
    monkeypatch.setitem(app.conf, "broker_write_url", address)
    monkeypatch.setitem(app.conf, "task_always_eager", False)
    # What was connected before stays in its own pools, and comes back after the test.
    monkeypatch.setattr(app, "_pool", None)
    monkeypatch.setattr(app.amqp, "_producer_pool", None)
    # The bell is left alone for a while after it was silent: not in the tests that follow.
    monkeypatch.setitem(later._rests, "until", 0.0)


def enrolled(email: str, role: Role, kind: AgencyKind, partnership) -> Membership:
    agency = accounts.join_agency(
        name=f"Example {kind.label}",
        kind=kind,
        partner_under=[PartnerUnder.S11],
        partnerships=[partnership],
    )
    return accounts.enrol(email=email, name="Casey Qanarie", agency=agency, role=role)


@pytest.fixture
def pair(request):
    """The coordinator and the teacher of a small partnership, in the database of this test."""
    if "committed" not in request.fixturenames:
        request.getfixturevalue("db")
    partnership = accounts.found_partnership(
        name="Exampleshire",
        slug="exampleshire",
        front_door_phone="01632 960001",
        out_of_hours_phone="01632 960002",
    )
    return {
        "coordinator": enrolled(
            "c.oordinator@council.example.org", Role.COORDINATOR, AgencyKind.COUNCIL, partnership
        ),
        "teacher": enrolled(
            "t.eacher@school.example.org", Role.PRACTITIONER, AgencyKind.SCHOOL, partnership
        ),
    }


@pytest.fixture
def coordinator(pair) -> Membership:
    return pair["coordinator"]


@pytest.fixture
def teacher(pair) -> Membership:
    return pair["teacher"]
