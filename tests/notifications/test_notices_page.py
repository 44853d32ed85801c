"""The list of one's own notices, and marking them as read."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from lxml import html

from portal.audit.models import Event
from portal.common.errors import NotVisible
from portal.notifications import services
from portal.notifications.models import Notice
from portal.notifications.services import reading
from portal.notifications.vocabulary import MEANINGS, NEXT, Kind
from tests.notifications.owing import REFERENCE, owe

LIST = "/notifications/"


def readings(act: str = "notice.read") -> list[list[str]]:
    """The ids of the notices that each event of the ledger says were read."""
    bodies = (json.loads(bytes(event.body)) for event in Event.objects.order_by("at"))
    return [body["ids"] for body in bodies if body["act"] == act]


@pytest.fixture
def signed_in(client, coordinator):
    client.force_login(coordinator.user)
    return client


@pytest.mark.parametrize(
    ("kind", "act"),
    [(Kind.SHARED, "notice.read"), (Kind.TO_TRIAGE, "notice.acknowledged")],
)
def test_reading_and_acknowledging_are_recorded_once(coordinator, kind, act):
    notice = owe(coordinator, kind=kind)

    first = services.mark_read(principal=coordinator.principal(), pk=notice.pk)
    services.mark_read(principal=coordinator.principal(), pk=notice.pk)

    assert first == notice
    assert Notice.objects.get().read_at is not None
    assert readings(act) == [[str(notice.pk)]]
    assert len(readings() + readings("notice.acknowledged")) == 1


def test_nobody_reads_the_notice_of_another(coordinator, teacher):
    notice = owe(coordinator)

    for pk in (notice.pk, uuid4()):
        with pytest.raises(NotVisible):
            services.mark_read(principal=teacher.principal(), pk=pk)

    assert not readings()
    assert Notice.objects.unread().count() == 1


def test_all_are_marked_and_only_ones_own(coordinator, teacher, monkeypatch):
    monkeypatch.setattr(reading, "MOST_IDS", 2)
    own = [owe(coordinator, kind=Kind.SHARED) for _ in range(3)]
    owe(teacher, kind=Kind.SHARED)

    assert services.mark_all_read(principal=coordinator.principal()) == 3
    assert services.mark_all_read(principal=coordinator.principal()) == 0

    assert [len(ids) for ids in readings()] == [2, 1]
    assert {pk for ids in readings() for pk in ids} == {str(notice.pk) for notice in own}
    assert Notice.objects.unread().count() == 1


def test_what_asks_to_act_now_is_never_marked_together_with_the_rest(coordinator):
    now, later = owe(coordinator), owe(coordinator, kind=Kind.SHARED)

    assert services.mark_all_read(principal=coordinator.principal()) == 1

    assert Notice.objects.get(pk=now.pk).read_at is None
    assert Notice.objects.get(pk=later.pk).read_at is not None


def test_the_list_shows_one_class_when_asked(signed_in, coordinator):
    urgent, other = owe(coordinator), owe(coordinator, kind=Kind.SHARED)
    told = owe(coordinator, kind=Kind.STOPPED)

    for asked, shown in (("act_now", urgent), ("to_do", other), ("for_information", told)):
        page = signed_in.get(LIST, {"class": asked}).content.decode()
        assert [n.get_kind_display() in page for n in (urgent, other, told)] == [
            n == shown for n in (urgent, other, told)
        ]
    nonsense = signed_in.get(LIST, {"class": "gossip"}).content.decode()
    assert all(n.get_kind_display() in nonsense for n in (urgent, other, told))


def test_an_urgent_notice_is_acknowledged_and_another_is_marked(signed_in, coordinator):
    owe(coordinator, kind=Kind.STOPPED)
    assert "Acknowledge" not in signed_in.get(LIST).content.decode()

    notice = owe(coordinator)
    assert "Acknowledge<span" in signed_in.get(LIST).content.decode()
    signed_in.post(reverse("notifications:mark_read", args=[notice.pk]))

    page = signed_in.get(LIST).content.decode()
    assert "You acknowledged it on" in page
    assert "Acknowledge<span" not in page


def test_who_is_next_is_told_why(signed_in, coordinator, teacher):
    first = owe(teacher)
    with transaction.atomic():
        services.owe(
            recipient=coordinator,
            kind=Kind.TO_TRIAGE,
            reference=REFERENCE,
            case=first.case,
            cause=first.cause,
            escalates=first,
        )

    page = signed_in.get(LIST).content.decode()

    assert NEXT in page
    assert MEANINGS[Kind.TO_TRIAGE].why not in page


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
    owe(coordinator, kind=Kind.SHARED)

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


def rows(page) -> list[str]:
    """The address of each notice of a page, in order."""
    found = html.fromstring(page.content.decode()).xpath("//main//ul[@class]/li/p/a/@href")
    return [str(each) for each in found]


def places(page) -> dict[str, str]:
    """Where the links at the foot of the list lead, by their names."""
    found = html.fromstring(page.content.decode()).xpath("//nav[@aria-label='Pagination']//a")
    return {link.text_content().strip(): link.get("href") for link in found}


def test_a_long_list_has_pages_and_what_is_not_read_stands_on_the_first(signed_in, coordinator):
    old = owe(coordinator)
    Notice.objects.update(created_at=timezone.now() - timedelta(days=3))
    for _ in range(26):
        notice = owe(coordinator, kind=Kind.SHARED)
        services.mark_read(principal=coordinator.principal(), pk=notice.pk)

    first = signed_in.get(LIST)
    second = signed_in.get(LIST + places(first)["Next page"])

    assert (len(rows(first)), len(rows(second))) == (25, 2)
    assert rows(first)[0] == old.get_absolute_url()
    assert "Not read" in first.text
    assert "Not read" not in second.text
    assert rows(signed_in.get(LIST, {"page": "99"})) == rows(second)
    assert rows(signed_in.get(LIST, {"page": "x"})) == rows(first)


def test_a_page_of_one_class_leads_to_the_next_of_that_class(signed_in, coordinator):
    for kind in (Kind.SHARED, Kind.STOPPED):
        for _ in range(26):
            owe(coordinator, kind=kind)

    first = signed_in.get(LIST, {"class": "to_do"})
    second = signed_in.get(LIST + places(first)["Next page"])

    assert len(rows(first)) == 25
    assert len(rows(second)) == 1
    assert Kind.STOPPED.label not in first.text + second.text
    assert places(second)["Previous page"] == "?class=to_do&page=1"
