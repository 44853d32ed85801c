"""The board narrowed keeps its order, counts what it shows, and each keeps views for themselves."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from lxml import html

from portal.accounts import services as accounts
from portal.accounts.vocabulary import AgencyKind, PartnerUnder, Role
from referrals.models import Case, KeptView
from referrals.services import Told, chosen
from referrals.triage.services import acknowledge, areas, forget_view, kept_views, look
from referrals.vocabulary import Sign
from tests.cast import SAW, Cast, events, put_off, send, signed_in
from tests.referrals.test_board import due, rows
from tests.referrals.test_board_filters import kept

HARM = {"saw": Told(SAW), "signs": chosen("signs", [Sign.THREATS])}


@pytest.mark.parametrize(
    "codes",
    [
        {},
        {"kind": "school"},
        {"age": "13-15"},
        {"flag": "harm"},
        {"priority": "standard"},
        {"status": "received"},
        {"has": "nobody"},
        {"due": "later"},
        {"kind": "school", "age": "13-15", "due": "later"},
    ],
)
def test_what_is_left_stands_in_the_order_of_the_board(cast: Cast, codes):
    """Least time first: against the order of their numbers, and of the days they came."""
    cases = sorted((send(cast.teacher, answers=HARM) for _ in range(3)), key=lambda c: c.reference)
    for days, case in zip((9, 6, 3), cases, strict=True):
        due(cast, case, timedelta(days=days))
        Case.objects.filter(pk=case.pk).update(
            received_at=case.received_at - timedelta(days=20 - days)
        )

    shown = rows(signed_in(cast.coordinator), **codes)

    assert shown == [case.reference for case in reversed(cases)]


@pytest.mark.parametrize(
    ("codes", "pages"),
    [
        ({}, 4),
        ({"has": "nobody"}, 3),
        ({"has": "me"}, 1),
        ({"kind": "school"}, 3),
        ({"kind": "school", "has": "nobody"}, 2),
        ({"kind": "charity"}, 1),
        ({"kind": "police"}, 1),
    ],
)
def test_it_has_as_many_pages_as_what_is_left_takes(cast: Cast, monkeypatch, codes, pages):
    monkeypatch.setattr("referrals.triage.services.queue.MOST_AT_ONCE", 1)
    for who in (cast.teacher, cast.teacher, cast.charity_worker):
        send(who)
    acknowledge(actor=cast.coordinator, case=send(cast.teacher))

    page = signed_in(cast.coordinator).get("/triage/", codes).text

    assert ("(page 1 of" in page) == (pages > 1)
    assert pages == 1 or f"(page 1 of {pages})" in page


def test_what_is_due_today_is_neither_late_nor_later(cast: Cast, sent):
    noon = datetime(2036, 11, 27, 12, tzinfo=UTC)
    put_off(sent, cast.manager, noon)

    def shown(at: datetime) -> dict[str, bool]:
        found = {}
        for when in ("overdue", "today", "later"):
            board = look(actor=cast.coordinator, chosen={"due": when}, number=None, at=at)
            found[when] = bool(board.rows)
        return found

    late, today, later = (dict.fromkeys(("overdue", "today", "later"), False) for _ in range(3))
    late["overdue"] = today["today"] = later["later"] = True
    assert shown(noon + timedelta(seconds=1)) == late
    assert shown(noon) == shown(noon - timedelta(hours=11)) == today
    assert shown(noon - timedelta(hours=13)) == later


def test_views_stand_as_they_were_kept_and_only_the_one_that_is_shown_is_marked(cast: Cast):
    client = signed_in(cast.coordinator)
    addresses = ["kind=school", "age=13-15", "flag=harm", "due=later"]
    for codes in addresses:
        client.post("/triage/views/keep/", dict([codes.split("=")]))

    assert list(kept(client).values()) == [f"?{codes}" for codes in addresses]
    for codes in addresses:
        assert _marked(client, codes) == [f"?{codes}"]
        assert "Remove this view" in client.get(f"/triage/?{codes}").text
    for codes in ("kind=charity", "kind=school&age=13-15"):
        assert _marked(client, codes) == []
        page = client.get(f"/triage/?{codes}").text
        assert ("Keep this view" in page, "Remove this view" in page) == (True, False)


def _marked(client: Client, codes: str) -> list[str]:
    page = html.fromstring(client.get(f"/triage/?{codes}").content.decode())
    return page.xpath("//nav[@aria-label='Your views']//a[@aria-current='page']/@href")


def test_another_role_of_the_same_person_has_views_of_its_own(cast: Cast):
    """Two hats never add up: a view belongs to the membership that kept it."""
    mine = KeptView.objects.create(
        membership_id=cast.coordinator.membership_id, codes="kind=school"
    )
    email = mine.membership.user.email
    council = mine.membership.team.agency
    manager = accounts.enrol(email=email, name="", agency=council, role=Role.MANAGER).principal()
    assert manager.user_id == cast.coordinator.user_id

    assert kept_views(manager) == []
    assert kept_views(cast.coordinator) == [(mine.pk, "kind=school")]


def test_nobody_removes_a_view_that_another_keeps(cast: Cast):
    """By the service: on its page a press of somebody else's form is stopped before."""
    mine = KeptView.objects.create(
        membership_id=cast.coordinator.membership_id, codes="kind=school"
    )

    forget_view(actor=cast.second_coordinator, pk=mine.pk)

    assert KeptView.objects.get() == mine
    assert events("board.view_forgotten") == []
    forget_view(actor=cast.coordinator, pk=mine.pk)
    assert not KeptView.objects.exists()


def test_an_area_where_one_does_not_work_is_no_code(cast: Cast):
    """Whoever works in two of three areas: the third is not offered, and filters nothing."""
    third = accounts.found_partnership(
        name="Farshire",
        slug="farshire",
        front_door_phone="020 7946 0000",
        out_of_hours_phone="020 7946 0011",
    )
    both = accounts.join_agency(
        name="Shared Council",
        kind=AgencyKind.COUNCIL,
        partner_under=[PartnerUnder.S11],
        partnerships=[cast.partnership, cast.other_area],
    )
    shared = accounts.enrol(
        email="s@council.example.org", name="Shay Red", agency=both, role=Role.COORDINATOR
    ).principal()
    case, client = send(cast.teacher), signed_in(shared)

    assert {code for code, _ in areas(shared)} == {cast.partnership.slug, cast.other_area.slug}
    assert rows(client, area=third.slug) == [case.reference]
    assert rows(client, area=cast.other_area.slug) == []
    assert "Farshire" not in client.get("/triage/").text
    client.post("/triage/views/keep/", {"area": third.slug})
    assert not KeptView.objects.exists()
