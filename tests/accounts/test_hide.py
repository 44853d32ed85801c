"""Hide this page: one press locks the session, and until it is unlocked it opens nothing."""

from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from lxml import html

from portal.accounts import services
from portal.accounts.models import Kept, User
from portal.notifications.models import Notice
from referrals.intake.services import start
from tests.accounts.probe import PASSWORD
from tests.architecture.doors import PUBLIC, ROWS, doors
from tests.cast import FAMILY, Cast, events, send, signed_in

HIDE, UNLOCK = "/hide/", "/account/unlock/"
NEUTRAL = "https://example.org/"
METHODS = ("get", "head", "options", "post", "put", "patch", "delete")


@pytest.fixture(autouse=True)
def _settings(settings):
    settings.NEUTRAL_URL = NEUTRAL
    cache.clear()


@pytest.fixture
def teacher(cast: Cast) -> Client:
    user = User.objects.get(pk=cast.teacher.user_id)
    user.set_password(PASSWORD)
    user.save()
    return signed_in(cast.teacher)


@pytest.fixture
def case_page(cast: Cast) -> str:
    return reverse("referrals:case", args=[send(cast.teacher).reference])


@pytest.fixture
def hidden(teacher: Client, case_page: str) -> Client:
    assert FAMILY in teacher.get(case_page).text
    teacher.post(HIDE, headers={"Referer": f"http://testserver{case_page}"})
    return teacher


def test_a_press_leads_to_a_neutral_site_and_leaves_nothing_behind(teacher, case_page):
    answer = teacher.post(HIDE, headers={"Referer": f"http://testserver{case_page}"})

    assert answer.status_code == 200
    assert answer.headers["Refresh"] == f"0; url={NEUTRAL}"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Clear-Site-Data"] == '"cache"'
    assert "referral" not in answer.text.lower()
    assert [e["act"] for e in events("auth.locked")] == ["auth.locked"]


def test_coming_back_asks_for_the_password_and_shows_the_same_page(hidden, case_page):
    asked = hidden.get(case_page)
    assert asked.url == f"{UNLOCK}?next={case_page}"
    page = hidden.get(asked.url)
    assert FAMILY not in page.text
    assert "Unlock this page" in page.text
    old = hidden.session.session_key

    opened = hidden.post(asked.url, {"password": PASSWORD})

    assert opened.url == case_page
    assert FAMILY in hidden.get(case_page).text
    assert hidden.session.session_key != old
    assert len(events("auth.unlocked")) == 1


def test_without_an_address_it_is_the_page_that_was_hidden(hidden, case_page):
    assert hidden.post(UNLOCK, {"password": PASSWORD}).url == case_page


@pytest.mark.parametrize("method", METHODS)
def test_a_locked_session_reaches_no_page_no_program_and_no_file(hidden, cast, method):
    before, notices = len(events()), Notice.objects.count()
    may = {row.name for row in ROWS if row.kind is PUBLIC}
    opened = []
    for door in doors():
        if door.name in may:
            continue
        answer = getattr(hidden, method)(door.path)
        turned = answer.status_code in {401, 403, 404, 405} or (
            answer.status_code == 302 and answer.url.startswith(UNLOCK)
        )
        if not turned:
            opened.append(f"{method} {door.name}: {answer.status_code}")

    assert not opened
    assert (len(events()), Notice.objects.count()) == (before, notices)


def test_a_locked_session_reaches_the_persons_own_case_by_no_way(hidden, cast, case_page):
    reference = case_page.split("/")[2]
    for name in ("referrals:case", "disclosures:why", "api-case", "referrals:pdf", "referrals:csv"):
        for method in ("get", "post"):
            answer = getattr(hidden, method)(reverse(name, args=[reference]))
            assert answer.status_code in {302, 403, 405}, name
            assert FAMILY not in answer.text


def test_what_anybody_may_read_names_nobody_while_it_is_locked(hidden, cast):
    page = hidden.get("/help/").text

    assert "Working as" not in page
    assert cast.teacher.name not in page


def test_after_five_wrong_passwords_the_whole_of_signing_in(hidden, case_page):
    for _ in range(4):
        page = hidden.post(f"{UNLOCK}?next={case_page}", {"password": "not the right one"})
        assert page.status_code == 422
        assert "not the right one" not in page.text

    answer = hidden.post(f"{UNLOCK}?next={case_page}", {"password": "not the right one"})

    assert answer.url == f"/account/sign-in/?next={case_page}"
    assert hidden.get(case_page).url.startswith("/account/sign-in/")
    assert len(events("auth.failed")) == 5


def test_signing_in_in_full_unlocks_it_for_the_same_person(hidden, case_page, cast):
    email = User.objects.get(pk=cast.teacher.user_id).email
    services.note_told_of_hiding(user=User.objects.get(pk=cast.teacher.user_id))

    answer = hidden.post("/account/sign-in/", {"login": email, "password": PASSWORD})

    assert answer.status_code == 302
    assert FAMILY in hidden.get(case_page).text


def test_somebody_else_who_signs_in_over_it_gets_their_own(hidden, cast, case_page):
    hidden.force_login(User.objects.get(pk=cast.outsider_lead.user_id))

    assert hidden.get(case_page).status_code == 404
    assert "Working as" in hidden.get("/home/").text


def test_one_can_sign_out_of_a_locked_session(hidden, case_page):
    asked = hidden.get("/account/sign-out/", follow=True).text
    assert "Working as" not in asked, "only the press is let through"
    hidden.post("/account/sign-out/")

    assert hidden.get(case_page).url.startswith("/account/sign-in/")
    assert hidden.get(UNLOCK).url == "/home/"


def test_a_locked_session_ends_as_an_idle_one_does_whoever_tries(hidden, case_page):
    now = timezone.now()
    with time_machine.travel(now, tick=False) as clock:
        for minutes in (5, 10, 15, 19):
            clock.move_to(now + timedelta(minutes=minutes))
            assert hidden.get(case_page).url.startswith(UNLOCK)
        clock.move_to(now + timedelta(minutes=21))
        assert hidden.get(case_page).url.startswith("/account/sign-in/")


def test_what_was_being_written_is_there_again(cast, teacher):
    page = reverse("intake:page", args=[start(actor=cast.teacher).pk, "concern"])
    form = html.fromstring(teacher.get(page).text).get_element_by_id("page-form")
    said = {box.get("name"): box.get("value") for box in form.xpath(".//input[@type='hidden']")}
    said |= {"saw": "A silver car at the gate.", "posts_to": page}
    teacher.post(HIDE, said, headers={"Referer": f"http://testserver{page}"})
    assert Kept.objects.count() == 1

    opened = teacher.post(f"{UNLOCK}?next={page}", {"password": PASSWORD})
    shown = teacher.get(opened.url, follow=True)

    assert "A silver car at the gate." in shown.text
    assert "We kept what you wrote" in shown.text


def test_the_form_of_another_window_is_held_while_it_is_locked(cast, teacher):
    page = reverse("intake:page", args=[start(actor=cast.teacher).pk, "concern"])
    form = html.fromstring(teacher.get(page).text).get_element_by_id("page-form")
    said = {box.get("name"): box.get("value") for box in form.xpath(".//input[@type='hidden']")}
    teacher.post(HIDE)

    answer = teacher.post(page, said | {"saw": "A silver car."}, headers={"Referer": page})

    assert answer.url.startswith(f"{UNLOCK}?next=/account/kept/")
    assert not events("draft.saved")


def test_another_site_cannot_lock_anybody_out(cast, teacher, case_page):
    client = Client(enforce_csrf_checks=True)
    client.cookies = teacher.cookies

    answer = client.post(HIDE)

    assert answer.headers["Refresh"] == f"0; url={NEUTRAL}"
    assert client.get(case_page).status_code == 200


def test_somebody_whose_session_is_over_leaves_the_page_all_the_same(db):
    assert Client().post(HIDE).headers["Refresh"] == f"0; url={NEUTRAL}"


def test_the_button_is_on_every_page_but_the_boards(cast, teacher, case_page):
    assert 'action="/hide/"' in teacher.get(case_page).text
    assert 'action="/hide/"' in teacher.get("/home/").text
    assert 'action="/hide/"' not in signed_in(cast.chair).get("/home/").text
    assert 'action="/hide/"' not in Client().get("/").text


def test_it_is_explained_once(cast, teacher):
    email = User.objects.get(pk=cast.teacher.user_id).email
    signing_in = {"login": email, "password": PASSWORD}
    first = Client().post("/account/sign-in/?next=/referrals/", signing_in)
    assert first.url == "/account/hiding/?next=/referrals/"
    assert "Shift key three times" in teacher.get(first.url).text

    assert teacher.post(first.url).url == "/referrals/"
    assert Client().post("/account/sign-in/?next=/referrals/", signing_in).url == "/referrals/"


def test_the_board_is_not_told_of_a_button_that_it_does_not_have(cast):
    user = User.objects.get(pk=cast.chair.user_id)
    user.set_password(PASSWORD)
    user.save()

    answer = Client().post("/account/sign-in/", {"login": user.email, "password": PASSWORD})

    assert answer.url == "/home/"
