"""An agenda of ten children by at most fifteen presses, moved by buttons; who is missing."""

import re
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from lxml import html

from portal.common.errors import DomainError, NotVisible, Refused
from referrals import policies as casework
from referrals.meetings import services
from referrals.meetings.services import Put
from referrals.meetings.vocabulary import ItemKind
from referrals.meetings.workflow import ItemStatus, MeetingStatus
from referrals.models import Wall
from referrals.vocabulary import Conflict
from tests.architecture.test_queries import MOST, asked_of
from tests.cast import signed_in
from tests.meetings.conftest import (
    accepted,
    decided,
    invitation,
    listed,
    place,
    planned,
)


@pytest.fixture
def ten(cast, panel):
    """Ten children who were accepted for the panel."""
    return [accepted(cast, panel, decided(cast, given_name=f"Child{n}")) for n in range(10)]


def names(client, meeting) -> list[str]:
    """The items of an agenda as its page shows them, in order."""
    page = html.fromstring(client.get(reverse("meetings:agenda", args=[meeting.pk])).content)
    return [each.text for each in page.xpath("//ol/li//strong")]


class Presses:
    """A browser that counts every page that is opened and every button that is pressed."""

    def __init__(self, who):
        self.client, self.count = signed_in(who), 0

    def get(self, address):
        self.count += 1
        return self.client.get(address)

    def post(self, address, **typed):
        self.count += 1
        return self.client.post(address, typed)


def test_an_agenda_of_ten_children_takes_at_most_fifteen_presses(cast, panel, ten):
    meeting = planned(cast, panel)
    browser = Presses(cast.coordinator)
    browser.get(reverse("meetings:meetings"))
    address = reverse("meetings:agenda", args=[meeting.pk])
    page = html.fromstring(browser.get(address).content)

    # Each box that is ticked is a press, and so is each button.
    boxes = page.xpath("//input[@name='nomination']/@value")
    browser.count += len(boxes)
    browser.post(address, nomination=boxes, add="1")
    browser.post(reverse("meetings:publish", args=[meeting.pk]))

    meeting.refresh_from_db()
    assert meeting.items.count() == 10
    assert meeting.status == MeetingStatus.PUBLISHED
    assert browser.count <= 15


def test_the_page_costs_the_same_for_one_child_and_for_ten(cast, panel, ten):
    meeting = planned(cast, panel)
    listed(cast, meeting, ten[0])
    client = signed_in(cast.coordinator)

    def cost(name):
        client.get(reverse(f"meetings:{name}", args=[meeting.pk]))
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse(f"meetings:{name}", args=[meeting.pk])).status_code == 200
        return asked_of(queries)

    services.publish(actor=cast.coordinator, pk=meeting.pk)
    one = {name: cost(name) for name in ("agenda", "attendance", "pack", "people")}
    listed(cast, meeting, *ten[1:])
    services.publish(actor=cast.coordinator, pk=meeting.pk)

    for name, before in one.items():
        assert cost(name) <= before, name
    assert max(one.values()) <= MOST, one


def test_each_kind_stands_in_the_panels_own_order(cast, panel):
    meeting = planned(cast, panel)
    child, spot = accepted(cast, panel, decided(cast)), place(cast, panel)
    theme = place(cast, panel, kind=ItemKind.THEME, title="Parties")

    listed(cast, meeting, theme)
    listed(cast, meeting, spot)
    listed(cast, meeting, child)

    order = [each.nomination.kind for each in meeting.items.order_by("position")]
    assert order == ["child", "place", "theme"]


def test_items_move_by_buttons(cast, panel, ten):
    meeting = planned(cast, panel)
    listed(cast, meeting, *ten[:3])
    client, address = signed_in(cast.coordinator), reverse("meetings:agenda", args=[meeting.pk])
    first, second, third = names(client, meeting)
    [_, b, c] = list(meeting.items.order_by("position"))

    client.post(address, {"up": b.pk})
    assert names(client, meeting) == [second, first, third]
    client.post(address, {"down": b.pk})
    assert names(client, meeting) == [first, second, third]
    client.post(address, {"item": c.pk, "place": "1", "move": "1"})
    assert names(client, meeting) == [third, first, second]
    assert list(meeting.items.order_by("position").values_list("position", flat=True)) == [1, 2, 3]


def test_what_the_mover_may_not_know_of_keeps_its_place_and_leaves_no_gap(cast, panel, ten):
    meeting = planned(cast, panel)
    items = listed(cast, meeting, *ten[:4])
    wall(cast, items[1].nomination.case, cast.coordinator)
    client, address = signed_in(cast.coordinator), reverse("meetings:agenda", args=[meeting.pk])
    assert len(names(client, meeting)) == 3

    client.post(address, {"up": items[3].pk})

    order = list(meeting.items.order_by("position").values_list("pk", flat=True))
    assert order == [items[0].pk, items[1].pk, items[3].pk, items[2].pk]
    for step in ("up", "down", "off"):
        assert client.post(address, {step: items[1].pk}).status_code in {404, 409}
    assert meeting.items.get(pk=items[1].pk).status == ItemStatus.LISTED


def wall(cast, case, who) -> None:
    """A conflict of interest that stands."""
    Wall.objects.create(
        case=case,
        user_id=who.user_id,
        why=Conflict.RELATIVE,
        raised_by_id=cast.manager.membership_id,
    )


def test_who_holds_information_and_is_not_invited_is_said(cast, panel):
    meeting = planned(cast, panel)
    listed(cast, meeting, accepted(cast, panel, decided(cast)))

    [line] = services.read_agenda(actor=cast.coordinator, pk=meeting.pk).lines

    assert line.missing_words == ("Example High School holds information and is not invited.",)
    services.invite(actor=cast.coordinator, meeting=meeting.pk, member=cast.lead.membership_id)
    [line] = services.read_agenda(actor=cast.coordinator, pk=meeting.pk).lines
    assert line.missing == ()


def test_a_conflict_of_somebody_invited_is_said_to_whoever_runs_the_meeting(cast, panel):
    meeting = planned(cast, panel)
    case = decided(cast)
    listed(cast, meeting, accepted(cast, panel, case))
    wall(cast, case, cast.panel_nurse)

    [line] = services.read_agenda(actor=cast.coordinator, pk=meeting.pk).lines

    assert line.conflicts == ("Nora Urse",)
    assert casework.visible(cast.panel_nurse).filter(pk=case.pk).count() == 0


def test_minutes_are_kept_and_added_up(cast, panel, ten):
    meeting = planned(cast, panel)
    [first, second] = listed(cast, meeting, *ten[:2])
    client, address = signed_in(cast.coordinator), reverse("meetings:agenda", args=[meeting.pk])
    typed = {f"minutes_{first.pk.hex}": "20", f"minutes_{second.pk.hex}": "15", "minutes": "1"}

    assert client.post(address, typed).status_code == 302

    assert services.read_agenda(actor=cast.coordinator, pk=meeting.pk).total == 35
    wrong = client.post(address, {**typed, f"minutes_{first.pk.hex}": "0"})
    assert wrong.status_code == 422
    assert "must be a number from 1 to 120" in wrong.content.decode()


def test_taken_off_it_is_ready_for_another_agenda(cast, panel, ten):
    meeting = planned(cast, panel)
    [item, _] = listed(cast, meeting, *ten[:2])
    services.remove(actor=cast.coordinator, meeting=meeting.pk, item=item.pk)

    page = services.read_agenda(actor=cast.coordinator, pk=meeting.pk)

    assert item.nomination_id in {line.pk for line in page.ready}
    assert [line.number for line in page.lines] == [1]
    listed(cast, planned(cast, panel), item.nomination)
    with pytest.raises(DomainError, match="another meeting"):
        listed(cast, meeting, item.nomination)


def test_added_twice_it_stands_once(cast, panel, ten):
    meeting = planned(cast, panel)
    listed(cast, meeting, ten[0])
    listed(cast, meeting, ten[0])

    assert meeting.items.count() == 1


def test_only_who_runs_the_meeting_builds_its_agenda(cast, panel, ten):
    meeting = planned(cast, panel)
    for outsider in (cast.teacher, cast.other_coordinator, cast.charity_worker):
        with pytest.raises(NotVisible):
            services.read_agenda(actor=outsider, pk=meeting.pk)
    with pytest.raises(Refused):
        services.read_agenda(actor=cast.panel_nurse, pk=meeting.pk)
    with pytest.raises(Refused):
        services.publish(actor=cast.panel_nurse, pk=meeting.pk)
    assert services.read_agenda(actor=cast.panel_chair, pk=meeting.pk)


def test_papers_are_not_sent_out_without_an_item(cast, panel):
    meeting = planned(cast, panel)

    with pytest.raises(DomainError, match="Add at least one item"):
        services.publish(actor=cast.coordinator, pk=meeting.pk)


def test_a_double_press_plans_and_nominates_once(cast, panel):
    case, key = decided(cast), uuid4()
    put = Put(series=panel.pk, why="Seen twice.")
    made = [
        services.nominate(actor=cast.coordinator, reference=case.reference, put=put, key=key)
        for _ in range(2)
    ]

    assert made[0].pk == made[1].pk
    with pytest.raises(DomainError, match="nominated already"):
        services.nominate(
            actor=cast.second_coordinator, reference=case.reference, put=put, key=uuid4()
        )


def test_no_address_or_title_says_which_child(cast, panel, ten):
    meeting = planned(cast, panel)
    listed(cast, meeting, *ten[:2])
    services.publish(actor=cast.coordinator, pk=meeting.pk)
    client = signed_in(cast.panel_officer)
    page = client.get(reverse("meetings:pack", args=[meeting.pk])).content.decode()

    title = re.search(r"<title>(.*?)</title>", page, re.S)
    assert title
    assert not re.search(r"Child|R-", title[1])
    assert not re.search(r'href="/meetings/[^"]*R-', page)
    assert invitation(meeting, cast.panel_officer).read_at is None
