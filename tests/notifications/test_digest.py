"""What can wait comes in one e-mail a day, at the hour that people chose, and names nobody."""

import threading
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from uuid import uuid4

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from portal.accounts.models import Membership, Partnership
from portal.common.clock import LONDON
from portal.notifications import services
from portal.notifications.models import Digest, Notice, Preference
from portal.notifications.services import owing
from portal.notifications.vocabulary import Kind, Status, When
from tests.notifications.owing import REFERENCE, owe

NOON = datetime(2026, 11, 24, 12, tzinfo=LONDON)


@pytest.fixture(autouse=True)
def bell_is_off(monkeypatch):
    monkeypatch.setattr(owing, "later", lambda *_: None)


@pytest.fixture
def clock():
    """A Tuesday at noon, which the test moves on."""
    with time_machine.travel(NOON, tick=False) as found:
        yield found


def told(mail) -> list[str]:
    """What each e-mail says, in the order in which they came."""
    messages = [message_from_bytes(raw, policy=policy.default) for raw in mail.received]
    return [message.get_body(("plain",)).get_content() for message in messages]


def test_what_is_for_information_waits_for_the_hour_and_comes_in_one(clock, teacher, mail):
    notices = [owe(teacher, kind=Kind.RECEIVED) for _ in range(3)]

    clock.move_to(NOON.replace(hour=23))
    assert services.sweep() == 0
    clock.move_to((NOON + timedelta(days=1)).replace(hour=8))
    assert services.sweep() == 1
    assert services.sweep() == 0

    (said,) = told(mail)
    assert "There are 3 updates for you" in said
    assert "https://portal.example.org/notifications/" in said
    digest = Digest.objects.get()
    assert digest.status == Status.SENT
    for notice in Notice.objects.filter(pk__in=[each.pk for each in notices]):
        assert (notice.status, notice.message_id) == (Status.SENT, digest.message_id)


def test_the_digest_names_nobody_and_no_topic(clock, teacher, mail):
    notice = owe(teacher, kind=Kind.RECEIVED)
    clock.shift(timedelta(days=1))

    services.sweep()

    message = message_from_bytes(mail.received[0], policy=policy.default)
    assert message["Subject"] == "Safeguarding referrals: update"
    assert Digest.objects.get().pk.hex in message["Message-ID"]
    parts = [part.get_content() for part in message.walk() if not part.is_multipart()]
    said = "\n".join([mail.received[0].decode(), *parts]).lower()
    assert "there is 1 update for you" in said
    for word in [REFERENCE, "qanarie", str(notice.case), "triage", "child", "concern"]:
        assert word.lower() not in said, word


def test_what_was_read_is_not_counted_and_nothing_left_is_no_mail(clock, teacher, mail):
    first, second = (owe(teacher, kind=Kind.RECEIVED) for _ in range(2))
    services.mark_read(principal=teacher.principal(), pk=first.pk)
    clock.shift(timedelta(days=1))
    services.sweep()
    assert "There is 1 update" in told(mail)[0]

    third = owe(teacher, kind=Kind.RECEIVED)
    services.mark_read(principal=teacher.principal(), pk=third.pk)
    clock.shift(timedelta(days=1))
    services.sweep()

    assert len(mail.received) == 1
    assert set(Digest.objects.values_list("status", flat=True)) == {"sent", "suppressed"}
    assert Notice.objects.get(pk=second.pk).status == Status.SENT


def test_a_role_that_has_ended_gets_no_digest(clock, teacher, mail):
    owe(teacher, kind=Kind.RECEIVED)
    Membership.objects.filter(pk=teacher.pk).update(until_at=timezone.now())
    clock.shift(timedelta(days=1))

    services.sweep()

    assert not mail.received
    assert Notice.objects.get().status == Digest.objects.get().status == Status.SUPPRESSED


def test_nobody_gets_two_on_one_day(clock, teacher, mail):
    owe(teacher, kind=Kind.RECEIVED)
    clock.shift(timedelta(days=1))
    services.sweep()
    late = owe(teacher, kind=Kind.RECEIVED)
    Notice.objects.filter(pk=late.pk).update(next_at=timezone.now())

    assert services.sweep() == 0
    clock.shift(timedelta(days=1))
    assert services.sweep() == 1
    assert len(mail.received) == 2


def test_the_partnerships_hour_counts_and_ones_own_before_it(clock, coordinator, teacher):
    Partnership.objects.update(digest_hour=16)
    services.prefer(
        principal=coordinator.principal(),
        to_do=When.DIGEST,
        for_information=When.DIGEST,
        digest_hour=18,
    )

    theirs, mine = owe(teacher, kind=Kind.RECEIVED), owe(coordinator, kind=Kind.SHARED)

    assert theirs.next_at == NOON.replace(hour=16)
    assert mine.next_at == NOON.replace(hour=18)
    assert theirs.status == mine.status == Status.DIGEST


def test_what_asks_to_act_now_comes_at_once_whatever_was_chosen(clock, coordinator, mail):
    services.prefer(
        principal=coordinator.principal(),
        to_do=When.DIGEST,
        for_information=When.DIGEST,
        digest_hour=None,
    )

    owe(coordinator, kind=Kind.TO_TRIAGE)
    owe(coordinator, kind=Kind.SHARED)

    assert services.sweep() == 1
    assert "There is an update for you" in told(mail)[0]


def test_two_gather_at_once_and_one_mail_goes(committed, coordinator, teacher, mail):
    for _ in range(5):
        owe(coordinator, kind=Kind.STOPPED)
        owe(teacher, kind=Kind.STOPPED)
    Notice.objects.update(next_at=timezone.now())
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

    assert ["There are 5 updates" in said for said in told(mail)] == [True, True]
    assert set(Notice.objects.values_list("status", flat=True)) == {"sent"}


def test_choosing_is_recorded_and_the_page_has_no_choice_about_what_is_urgent(client, coordinator):
    client.force_login(coordinator.user)
    page = reverse("notifications:preferences")
    assert "We always send these emails at once" in client.get(page).content.decode()
    said = {
        "to_do": "digest",
        "for_information": "at_once",
        "digest_hour": "7",
        "act_now": "digest",
    }

    assert client.post(page, said).status_code == 302

    chosen = Preference.objects.get()
    assert (chosen.to_do, chosen.for_information, chosen.digest_hour) == ("digest", "at_once", 7)
    assert owe(coordinator).status == Status.PENDING
    assert owe(coordinator, kind=Kind.SHARED).status == Status.DIGEST
    assert owe(coordinator, kind=Kind.STOPPED).status == Status.PENDING
    assert client.post(page, {"to_do": "never"}).status_code == 422


@pytest.mark.parametrize(
    ("constraint", "model", "changes"),
    [
        ("preference_known", Preference, {"to_do": "never"}),
        ("preference_hour_is_of_a_day", Preference, {"digest_hour": 24}),
        ("digest_status_known", Digest, {"status": "lost"}),
        ("digest_sent_has_message_id", Digest, {"status": Status.SENT}),
        ("digest_leased_has_lease", Digest, {"lease": uuid4()}),
        ("digest_waits_for_no_digest", Digest, {"status": Status.DIGEST}),
        ("notice_in_a_digest_has_no_mail_of_its_own", Notice, {"status": Status.PENDING}),
    ],
)
def test_the_database_refuses_what_cannot_be(clock, teacher, constraint, model, changes):
    Preference.objects.create(membership=teacher)
    digest = Digest.objects.create(recipient=teacher, day=NOON.date())
    Notice.objects.filter(pk=owe(teacher, kind=Kind.RECEIVED).pk).update(digest=digest)

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        model.objects.update(**changes)


def test_the_database_refuses_a_second_digest_of_a_day(teacher):
    Digest.objects.create(recipient=teacher, day=NOON.date())

    with pytest.raises(IntegrityError, match="digest_once_a_day"), transaction.atomic():
        Digest.objects.create(recipient=teacher, day=NOON.date())
