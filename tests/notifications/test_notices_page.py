"""The list of one's own notices, and marking them as read."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from portal.audit.models import Event
from portal.common.errors import NotVisible
from portal.notifications import services
from portal.notifications.models import Notice
from portal.notifications.vocabulary import MEANINGS, Kind
from tests.notifications.owing import REFERENCE, owe

LIST = "/notifications/"


def readings() -> list[list[str]]:
    """The ids of the notices that each event of the ledger says were read."""
    bodies = (json.loads(bytes(event.body)) for event in Event.objects.order_by("at"))
    return [body["ids"] for body in bodies if body["act"] == "notice.read"]


@pytest.fixture
def signed_in(client, coordinator):
    client.force_login(coordinator.user)
    return client


def test_reading_is_recorded_once(coordinator):
    notice = owe(coordinator)

    first = services.mark_read(principal=coordinator.principal(), pk=notice.pk)
    services.mark_read(principal=coordinator.principal(), pk=notice.pk)

    assert first == notice
    assert Notice.objects.get().read_at is not None
    assert readings() == [[str(notice.pk)]]


def test_nobody_reads_the_notice_of_another(coordinator, teacher):
    notice = owe(coordinator)

    for pk in (notice.pk, uuid4()):
        with pytest.raises(NotVisible):
            services.mark_read(principal=teacher.principal(), pk=pk)

    assert not readings()
    assert Notice.objects.unread().count() == 1


def test_all_are_marked_and_only_ones_own(coordinator, teacher, monkeypatch):
    monkeypatch.setattr(services, "MOST_IDS", 2)
    own = [owe(coordinator) for _ in range(3)]
    owe(teacher)

    assert services.mark_all_read(principal=coordinator.principal()) == 3
    assert services.mark_all_read(principal=coordinator.principal()) == 0

    assert [len(ids) for ids in readings()] == [2, 1]
    assert {pk for ids in readings() for pk in ids} == {str(notice.pk) for notice in own}
    assert Notice.objects.unread().count() == 1


def test_the_list_says_what_happened_why_and_with_which_case(signed_in, coordinator):
    notice = owe(coordinator)

    page = signed_in.get(LIST).content.decode()

    assert "There is a new referral to check" in page
    assert REFERENCE in page
    assert notice.short_reference in page
    assert "Why did I get this?" in page
    assert MEANINGS[Kind.TO_TRIAGE].why in page
    assert notice.get_absolute_url() in page


def test_what_is_not_read_comes_first(signed_in, coordinator):
    old, new = owe(coordinator, kind=Kind.SHARED), owe(coordinator)
    ten_days_ago = timezone.now() - timedelta(days=10)
    Notice.objects.filter(pk=old.pk).update(created_at=ten_days_ago)
    services.mark_read(principal=coordinator.principal(), pk=new.pk)

    page = signed_in.get(LIST).content.decode()

    assert page.index(old.get_kind_display()) < page.index(new.get_kind_display())


def test_what_was_read_leaves_after_thirty_days_and_what_was_not_stays(signed_in, coordinator):
    read, unread = owe(coordinator, kind=Kind.SHARED), owe(coordinator)
    services.mark_read(principal=coordinator.principal(), pk=read.pk)
    Notice.objects.update(created_at=timezone.now() - timedelta(days=31))

    page = signed_in.get(LIST).content.decode()

    assert unread.get_kind_display() in page
    assert read.get_kind_display() not in page


def test_without_notices_the_list_says_so(signed_in, teacher):
    owe(teacher)

    page = signed_in.get(LIST).content.decode()

    assert "No notifications in the last 30 days." in page
    assert REFERENCE not in page


def test_marking_goes_back_to_the_list(signed_in, coordinator):
    notice = owe(coordinator)
    owe(coordinator)

    one = signed_in.post(reverse("notifications:mark_read", args=[notice.pk]))
    rest = signed_in.post(reverse("notifications:mark_all_read"))

    assert one["Location"] == rest["Location"] == LIST
    assert not Notice.objects.unread().exists()


def test_another_persons_notice_is_not_there(signed_in, teacher):
    notice = owe(teacher)

    answer = signed_in.post(reverse("notifications:mark_read", args=[notice.pk]))

    assert answer.status_code == 404


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_says_why_and_leads_somewhere(kind):
    notice = Notice(kind=kind, reference=REFERENCE)

    assert notice.meaning.why
    assert notice.get_absolute_url().startswith("/")


def test_the_list_costs_the_same_however_long(signed_in, coordinator):
    costs = []
    signed_in.get(LIST)
    for _ in range(2):
        for _ in range(25):
            owe(coordinator)
        with CaptureQueriesContext(connection) as queries:
            signed_in.get(LIST)
        costs.append(len(queries))

    assert costs[0] == costs[1]
