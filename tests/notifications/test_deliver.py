"""The e-mail goes out at least once, to who still has the role, and tells nothing."""

import threading
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from portal.accounts.models import Membership, User
from portal.notifications import services, tasks
from portal.notifications.models import Notice
from portal.notifications.services import outbox, owing
from portal.notifications.vocabulary import Status
from tests.notifications.owing import REFERENCE, owe

pytestmark = pytest.mark.usefixtures("mail")


@pytest.fixture(autouse=True)
def bell_is_off(monkeypatch):
    """What is owed here is delivered by the test, not by a worker."""
    monkeypatch.setattr(owing, "later", lambda *_: None)


def stored(notice) -> Notice:
    return Notice.objects.get(pk=notice.pk)


def later_by(delay: timedelta):
    return time_machine.travel(timezone.now() + delay, tick=False)


def test_the_task_sends_one_message_to_one_person(coordinator, mail):
    notice = owe(coordinator)

    tasks.deliver(str(notice.pk))

    message = message_from_bytes(mail.received[0], policy=policy.default)
    assert message["To"] == "c.oordinator@council.example.org"
    assert message["Subject"] == "Safeguarding referrals: update"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"] == stored(notice).message_id
    assert notice.pk.hex in message["Message-ID"]
    assert stored(notice).status == Status.SENT


def test_the_message_tells_nothing(coordinator, mail):
    """The canary: no name, no reference, no agency, no topic, no token, no remote image."""
    notice = owe(coordinator)

    services.sweep()

    message = message_from_bytes(mail.received[0], policy=policy.default)
    parts = [part.get_content() for part in message.walk() if not part.is_multipart()]
    said = "\n".join([mail.received[0].decode(), *parts]).lower()
    secrets = [REFERENCE, "qanarie", "casey", str(notice.case), str(notice.cause)]
    topics = ["children", "social care", "mase", "triage", "exploitation", "child", "concern"]
    for word in [*secrets, *topics, "<img", "<style", "http:", "token", "no-reply", "noreply"]:
        assert word.lower() not in said, word
    for part in parts:
        assert "https://portal.example.org/notifications/" in part
        assert notice.short_reference in part


def test_two_notices_show_different_short_references(coordinator):
    assert owe(coordinator).short_reference != owe(coordinator).short_reference


def test_delivering_twice_sends_once(coordinator, mail):
    notice = owe(coordinator)

    services.deliver(pk=notice.pk)
    services.deliver(pk=notice.pk)
    services.sweep()

    assert len(mail.received) == 1


def test_not_now_is_tried_again_later(coordinator, mail):
    notice = owe(coordinator)
    mail.answers = ["421 Try again later"]

    assert services.sweep() == 1

    waiting = stored(notice)
    assert (waiting.status, waiting.attempts) == (Status.PENDING, 1)
    assert waiting.last_error == "SMTPRecipientsRefused"
    assert timedelta() < waiting.next_at - notice.next_at <= timedelta(seconds=31)
    with later_by(timedelta(seconds=31)):
        assert services.sweep() == 1
    assert stored(notice).status == Status.SENT
    assert len(mail.received) == 1


def test_refused_for_good_is_given_up_at_once(coordinator, mail, caplog):
    notice = owe(coordinator)
    mail.answers = ["550 No such person"]

    services.sweep()

    assert (stored(notice).status, stored(notice).attempts) == (Status.DEAD, 1)
    logged = " ".join(one.getMessage() for one in caplog.records if "portal" in one.name)
    assert str(notice.pk) in logged
    assert coordinator.user.email not in logged


def test_one_refusal_does_not_hold_up_the_others(coordinator, teacher, mail):
    first, second = owe(coordinator), owe(teacher)
    mail.answers = ["550 No such person"]

    assert services.sweep() == 2

    assert stored(first).status == Status.DEAD
    assert stored(second).status == Status.SENT


def test_a_line_that_drops_before_the_yes_means_the_same_message_again(coordinator, mail):
    notice = owe(coordinator)
    mail.hangs_up = True

    services.sweep()

    assert stored(notice).status == Status.PENDING
    assert stored(notice).last_error == "SMTPServerDisconnected"
    with later_by(timedelta(seconds=31)):
        services.sweep()
    first, second = (message_from_bytes(raw)["Message-ID"] for raw in mail.received)
    assert first == second == stored(notice).message_id


def test_after_twelve_tries_it_is_given_up(coordinator, mail):
    notice = owe(coordinator)
    mail.answers = ["421 Try again later"] * 20

    for hours in range(1, 14):
        with later_by(timedelta(hours=2 * hours)):
            services.sweep()

    assert (stored(notice).status, stored(notice).attempts) == (Status.DEAD, 12)


def test_the_pause_grows_to_an_hour_at_most(coordinator, mail, monkeypatch):
    monkeypatch.setattr(outbox.random, "random", lambda: 1.0)
    notice = owe(coordinator)
    mail.answers = ["421 Try again later"] * 20
    pauses = []

    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _ in range(9):
            services.deliver(pk=notice.pk)
            pauses.append((stored(notice).next_at - timezone.now()).total_seconds())
            clock.shift(timedelta(hours=1))

    assert pauses == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]


def test_a_role_that_has_ended_gets_no_mail(coordinator, mail):
    notice = owe(coordinator)
    Membership.objects.filter(pk=coordinator.pk).update(until_at=timezone.now())

    services.sweep()

    assert stored(notice).status == Status.SUPPRESSED
    assert not mail.received


def test_an_account_that_is_closed_gets_no_mail(coordinator, mail):
    notice = owe(coordinator)
    User.objects.filter(pk=coordinator.user_id).update(is_active=False)

    services.deliver(pk=notice.pk)

    assert stored(notice).status == Status.SUPPRESSED
    assert not mail.received


def test_what_a_dead_process_had_in_hand_is_sent_when_its_lease_ends(coordinator, mail):
    notice = owe(coordinator)
    outbox._claim(Notice, notice.pk)

    assert services.sweep() == 0
    with later_by(timedelta(minutes=2)):
        assert services.sweep() == 1

    assert stored(notice).status == Status.SENT
    assert len(mail.received) == 1


def test_who_comes_back_late_sends_nothing_and_changes_nothing(coordinator, mail):
    """The fence: a process frozen for longer than its lease finds the notice sent."""
    owe(coordinator)
    frozen = outbox._claim(Notice)

    with later_by(timedelta(minutes=2)):
        services.sweep()
        after_the_sweep = stored(frozen)
        outbox._send(frozen)
        outbox._settle(frozen, Status.DEAD)

    assert len(mail.received) == 1
    assert stored(frozen).status == after_the_sweep.status == Status.SENT
    assert stored(frozen).attempts == 2


def test_a_lease_that_ran_out_before_sending_is_not_used(coordinator, mail):
    owe(coordinator)
    slow = outbox._claim(Notice)

    with later_by(timedelta(minutes=2)):
        outbox._send(slow)

    assert not mail.received


def test_a_mail_server_that_is_away_ends_the_sweep_and_costs_one_try(
    coordinator, teacher, no_mail_server
):
    first, second = owe(coordinator), owe(teacher)

    assert services.sweep() == 1

    assert (stored(first).attempts, stored(second).attempts) == (1, 0)
    assert stored(first).last_error == "ConnectionRefusedError"
    assert stored(second).status == Status.PENDING


def test_two_sweeps_at_once_send_each_message_once(committed, coordinator, teacher, mail):
    for _ in range(10):
        owe(coordinator)
        owe(teacher)
    start = threading.Barrier(2)

    def sweep() -> None:
        start.wait()
        services.sweep()
        connection.close()

    both = [threading.Thread(target=sweep) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()

    assert len(mail.received) == 20
    assert not Notice.objects.exclude(status=Status.SENT).exists()
