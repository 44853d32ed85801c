"""The operator's page: what was given up is tried again, and one switch stops all mail."""

import json
from datetime import timedelta

import pytest
from django.core import mail as django_mail
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from portal.accounts import services as accounts
from portal.accounts.models import Membership
from portal.accounts.vocabulary import Role
from portal.audit.models import Event
from portal.common.errors import DomainError, Refused
from portal.notifications import services
from portal.notifications.models import Digest, MailStop, Notice, Pulse
from portal.notifications.services import outbox, owing
from portal.notifications.vocabulary import Kind, Status
from tests.notifications.owing import REFERENCE, owe

PAGE = "/notifications/outgoing/"
WHY = "Our mail server may be in wrong hands."


@pytest.fixture(autouse=True)
def bell_is_off(monkeypatch):
    monkeypatch.setattr(owing, "later", lambda *_: None)


@pytest.fixture
def operator(coordinator) -> Membership:
    return accounts.enrol(
        email="o.perator@council.example.org",
        name="Ope Rator",
        agency=coordinator.team.agency,
        role=Role.PLATFORM_ADMIN,
    )


@pytest.fixture
def at_work(client, operator):
    client.force_login(operator.user)
    return client


@pytest.fixture
def given_up(coordinator, mail) -> Notice:
    """A notice whose e-mail was refused for good."""
    notice = owe(coordinator)
    mail.answers = ["550 No such person"]
    services.sweep()
    return Notice.objects.get(pk=notice.pk, status=Status.DEAD)


def acts() -> list[str]:
    bodies = (json.loads(bytes(event.body)) for event in Event.objects.order_by("at"))
    return [body["act"] for body in bodies if body["act"].startswith("mail.")]


def test_the_page_shows_how_and_never_whom_or_what(at_work, given_up):
    page = at_work.get(PAGE).content.decode()

    assert "There is a new referral to check" in page
    assert "Tried 1 time." in page
    assert "Error: SMTPRecipientsRefused." in page
    for word in (REFERENCE, "oordinator@", "Qanarie", str(given_up.case), "No such person"):
        assert word not in page


def test_only_the_platforms_administrator_comes_here(client, coordinator, given_up):
    client.force_login(coordinator.user)

    assert client.get(PAGE).status_code == 403
    for name, at in (
        ("stop_mail", []),
        ("resume_mail", []),
        ("try_all_again", []),
        ("try_again", [given_up.pk]),
    ):
        assert client.post(reverse(f"notifications:{name}", args=at)).status_code == 403
    for act in (
        lambda: services.stop_mail(actor=coordinator.principal(), why=WHY),
        lambda: services.resume_mail(actor=coordinator.principal()),
        lambda: services.try_again(actor=coordinator.principal()),
    ):
        with pytest.raises(Refused):
            act()
    assert Notice.objects.get(pk=given_up.pk).status == Status.DEAD
    assert not MailStop.objects.exists()


def test_one_that_was_given_up_is_tried_again_and_it_is_recorded(at_work, given_up, mail):
    at_work.post(reverse("notifications:try_again", args=[given_up.pk]))
    services.sweep()

    tried = Notice.objects.get(pk=given_up.pk)
    assert (tried.status, tried.attempts) == (Status.SENT, 1)
    assert len(mail.received) == 1
    assert acts() == ["mail.retried"]
    again = at_work.post(reverse("notifications:try_again", args=[given_up.pk]), follow=True)
    assert "There was nothing to try again." in again.content.decode()
    assert acts() == ["mail.retried"]


def test_all_are_tried_again_daily_mails_too(operator, coordinator, given_up):
    digest = Digest.objects.create(
        recipient=coordinator, day=timezone.localdate(), status=Status.DEAD
    )

    assert services.try_again(actor=operator.principal()) == 2

    assert Digest.objects.get(pk=digest.pk).status == Status.PENDING
    assert not Notice.objects.filter(status=Status.DEAD).exists()


def test_the_switch_stops_all_mail_and_the_portal_goes_on(at_work, operator, coordinator, mail):
    services.stop_mail(actor=operator.principal(), why=WHY)
    notice = owe(coordinator)
    daily = owe(coordinator, kind=Kind.STOPPED)
    Notice.objects.filter(pk=daily.pk).update(next_at=timezone.now())

    services.deliver(pk=notice.pk)
    assert services.sweep() == 0

    assert not mail.received
    assert set(Notice.objects.unread().filter(recipient=coordinator)) == {notice, daily}
    at_work.post(reverse("notifications:resume_mail"))
    assert services.sweep() == 2
    assert len(mail.received) == 2
    assert acts() == ["mail.stopped", "mail.resumed"]
    stop = MailStop.objects.get()
    assert (stop.stopped_by, stop.resumed_by, stop.why) == (operator, operator, WHY)


def test_what_was_claimed_when_the_switch_fell_is_not_lost(
    operator, coordinator, mail, settings, monkeypatch
):
    settings.MAIL_SERVER = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "portal.notifications.services.outbox.Backend"
    owe(coordinator)
    claimed = outbox._claim(Notice)
    services.stop_mail(actor=operator.principal(), why=WHY)

    outbox._send(claimed)

    assert not mail.received
    waits = Notice.objects.get()
    assert (waits.status, waits.attempts) == (Status.PENDING, 1)
    services.resume_mail(actor=operator.principal())
    assert services.sweep() == 1
    assert len(mail.received) == 1


class TakesNone(BaseEmailBackend):
    """Takes no message, as when outgoing mail is stopped at that moment."""

    def send_messages(self, email_messages):  # noqa: ARG002
        return 0


def test_nor_is_it_when_mail_goes_on_again_before_anybody_looks(coordinator, mail, settings):
    notice = owe(coordinator)
    server = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = f"{__name__}.{TakesNone.__name__}"
    services.deliver(pk=notice.pk)
    settings.EMAIL_BACKEND = server

    assert services.sweep() == 1
    assert len(mail.received) == 1


def test_no_other_mail_leaves_either(operator, settings, caplog):
    settings.MAIL_SERVER = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "portal.notifications.services.outbox.Backend"
    letter = EmailMessage("Subject", "Words", to=["somebody@example.org"])
    assert letter.send() == 1

    services.stop_mail(actor=operator.principal(), why=WHY)
    assert letter.send() == 0

    assert len(django_mail.outbox) == 1
    assert "somebody" not in caplog.text


def test_the_operator_has_a_banner_and_nobody_else(at_work, operator, coordinator, client):
    assert "No mail goes out" not in at_work.get("/help/").content.decode()
    services.stop_mail(actor=operator.principal(), why=WHY)

    assert "No mail goes out" in at_work.get("/help/").content.decode()
    page = at_work.get(PAGE).content.decode()
    assert WHY in page
    assert "Ope Rator" in page
    client.force_login(coordinator.user)
    assert "No mail goes out" not in client.get("/help/").content.decode()


def test_a_stop_needs_a_reason_and_there_is_one_at_a_time(at_work, operator):
    stop = reverse("notifications:stop_mail")

    assert at_work.post(stop, {"why": " "}).status_code == 422
    assert at_work.post(stop, {"why": WHY}).status_code == 302
    assert at_work.post(stop, {"why": WHY}).status_code == 409
    with pytest.raises(IntegrityError, match="mailstop_one_at_a_time"), transaction.atomic():
        MailStop.objects.create(stopped_by=operator, why=WHY)
    services.resume_mail(actor=operator.principal())
    with pytest.raises(DomainError):
        services.resume_mail(actor=operator.principal())
    services.stop_mail(actor=operator.principal(), why=WHY)


@pytest.mark.parametrize(
    ("constraint", "changes"),
    [
        ("mailstop_says_why", {"why": ""}),
        ("mailstop_resumed_by_somebody", {"resumed_at": timezone.now()}),
    ],
)
def test_the_database_refuses_what_cannot_be(operator, constraint, changes):
    services.stop_mail(actor=operator.principal(), why=WHY)

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        MailStop.objects.update(**changes)


def test_the_sweep_says_that_it_is_at_work(db):
    services.beat()
    Pulse.objects.update(beat_at=timezone.now() - timedelta(hours=1))
    services.beat()

    pulse = Pulse.objects.get()
    assert pulse.part == "sweep"
    assert timezone.now() - pulse.beat_at < timedelta(minutes=1)
