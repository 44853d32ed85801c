"""The pages that anybody may read, and the supervisor's question."""

from datetime import UTC, datetime, time

import pytest
import time_machine
from django.db import connection
from django.db.utils import OperationalError
from django.urls import reverse
from lxml import html

from portal.accounts import services
from portal.accounts.models import Partnership
from portal.accounts.vocabulary import AgencyKind, PartnerUnder, Role

PAGES = ["home:start", "home:help", "home:labels", "home:accessibility", "home:privacy"]


def found(number: int = 0):
    return services.found_partnership(
        name=f"Exampleshire {number}",
        slug=f"exampleshire-{number}",
        front_door_phone=f"020 7946 000{number}",
        out_of_hours_phone=f"020 7946 001{number + 1}",
    )


@pytest.mark.parametrize("name", [*PAGES, "home:cookies"])
def test_anybody_may_read_it_and_it_sets_no_cookie(client, db, name):
    page = client.get(reverse(name))

    assert page.status_code == 200
    assert not client.cookies
    assert b"999" in page.content


@pytest.mark.parametrize(
    ("now", "says"),
    [
        # A Monday in winter, a Friday evening in summer time, the Thursday before Easter.
        (datetime(2026, 11, 23, 12, 0, tzinfo=UTC), "reads referrals until 5pm today"),
        (datetime(2026, 7, 3, 16, 30, tzinfo=UTC), "start again on Monday 6 July at 9am"),
        (datetime(2026, 4, 2, 18, 0, tzinfo=UTC), "start again on Tuesday 7 April at 9am"),
    ],
)
def test_the_start_page_says_whether_anybody_reads_now(client, db, now, says):
    found()

    with time_machine.travel(now, tick=False):
        page = client.get(reverse("home:start")).content.decode()

    said = text_of(page)
    assert says in said
    assert "emergency duty team on 020 7946 0011" in said
    assert ("Nobody is reading referrals now" in said) is ("until" not in says)


def text_of(page: str) -> str:
    main = html.fromstring(page).xpath("//main")[0]
    return " ".join(main.text_content().split())


def test_the_start_page_says_what_one_needs_to_decide_and_danger_comes_first(client, db):
    found()

    said = text_of(client.get(reverse("home:start")).content.decode())

    places = [
        said.index(words)
        for words in (
            "If a child is in danger now, call 999 first",
            "Use this service if you work with children",
            "When we read referrals",
            "Who can use it",
            "What you need",
            "10 to 15 minutes",
            "Other ways to tell us",
            "020 7946 0000",
            "find the council to tell",
        )
    ]
    assert places == sorted(places)


def test_the_start_page_follows_the_settings_without_a_deploy(client, db):
    area = found()
    noon = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    with time_machine.travel(noon, tick=False):
        assert "until 5pm today" in text_of(client.get(reverse("home:start")).content.decode())

        Partnership.objects.filter(pk=area.pk).update(
            office_closes=time(11, 30), out_of_hours_phone="01632 960 555"
        )

        said = text_of(client.get(reverse("home:start")).content.decode())
    assert "start again on Tuesday 24 November at 9am" in said
    assert "emergency duty team on 01632 960 555" in said


def test_with_several_partnerships_it_promises_no_ones_hours(client, db):
    found(0)
    found(1)

    page = client.get(reverse("home:start")).content.decode()

    assert "on working days, in office hours" in page
    assert "emergency duty team on" not in page


def test_who_has_signed_in_is_led_past_the_start_page(client, db):
    school = services.join_agency(
        name="Example School",
        kind=AgencyKind.SCHOOL,
        partner_under=[PartnerUnder.S11],
        partnerships=[found()],
    )
    teacher = services.enrol(
        email="t@school.example.org", name="T", agency=school, role=Role.PRACTITIONER
    )
    client.force_login(teacher.user)

    assert client.get(reverse("home:start")).url == reverse("home:home")


def test_the_supervisor_hears_whether_the_database_is_there(client, db, monkeypatch):
    assert client.get(reverse("home:healthz")).status_code == 200

    def gone():
        raise OperationalError("no route to somewhere")

    with monkeypatch.context() as fault:
        fault.setattr(connection, "cursor", gone)
        answer = client.get(reverse("home:healthz"))

    assert answer.status_code == 503
    assert b"somewhere" not in answer.content
