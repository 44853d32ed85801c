"""A draft in two windows, saved while somebody writes, and sent many times at once."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse
from lxml import html

from portal.accounts.models import User
from portal.common.errors import SavedElsewhere
from referrals.intake.models import Draft
from referrals.intake.services import delegate, keep_item, save, start
from referrals.models import Referral
from referrals.services import ItemKind
from tests.cast import CHILD_SAID, PHONE, SAW, Cast, carried, events, signed_in

OTHER = "A grey van, twice in one week."
WHOLE = {
    "danger": {"danger": "no"},
    "child": {"given_name": "Wrenna", "family_name": "Sparrowhawk"},
    "concern": {"saw": SAW, "child_said": CHILD_SAID},
    "child-view": {"child_told": "yes", "child_wants": "For it to stop."},
    "parents": {"parents_told": "agree"},
    "you": {"phone": PHONE},
}


@pytest.fixture
def draft(cast: Cast) -> Draft:
    return start(actor=cast.teacher)


@pytest.fixture
def teacher(cast: Cast) -> Client:
    return signed_in(cast.teacher)


@pytest.fixture
def page(draft: Draft) -> str:
    return reverse("intake:page", args=[draft.pk, "concern"])


@pytest.fixture
def saves(draft: Draft) -> str:
    return reverse("intake:autosave", args=[draft.pk, "concern"])


def opened(client: Client, page: str) -> dict[str, str]:
    """The version that an open window carries."""
    (box,) = html.fromstring(client.get(page).text).xpath(
        "//*[@id='page-form']//*[@name='version']"
    )
    return {"version": box.get("value")}


def said(draft: Draft) -> dict[str, str]:
    draft.refresh_from_db()
    return draft.answers.get("concern", {})


def test_the_older_window_overwrites_nothing_and_loses_nothing(teacher, draft, page):
    first, second = opened(teacher, page), opened(teacher, page)
    assert teacher.post(page, {**second, "saw": SAW}).status_code == 302

    answer = teacher.post(page, {**first, "saw": OTHER, "told": "By a friend."})

    assert answer.status_code == 409
    assert said(draft)["saw"] == SAW
    assert SAW in answer.text
    assert OTHER in answer.text
    assert "By a friend." in answer.text
    assert "You wrote this in two windows" in answer.text


def test_both_can_be_joined_on_the_page_that_shows_them(teacher, draft, page):
    first, second = opened(teacher, page), opened(teacher, page)
    teacher.post(page, {**second, "saw": SAW})
    shown = teacher.post(page, {**first, "saw": OTHER})
    form = html.fromstring(shown.text).get_element_by_id("page-form")
    assert form.get("action") == page
    (version,) = form.xpath(".//*[@name='version']/@value")

    joined = teacher.post(page, {"version": version, "saw": f"{SAW}\n{OTHER}"})

    assert joined.status_code == 302
    assert said(draft)["saw"] == f"{SAW}\n{OTHER}"


def test_what_is_saved_can_be_kept(teacher, draft, page):
    first, second = opened(teacher, page), opened(teacher, page)
    teacher.post(page, {**second, "saw": SAW})
    shown = teacher.post(page, {**first, "saw": OTHER})

    assert f'href="{page}"' in shown.text
    assert said(draft)["saw"] == SAW


def test_the_same_words_twice_are_no_conflict(teacher, draft, page):
    first = opened(teacher, page)
    assert teacher.post(page, {**first, "saw": SAW}).status_code == 302
    assert teacher.post(page, {**first, "saw": SAW}).status_code == 302


def test_words_that_were_saved_while_the_page_was_hidden_are_no_conflict(teacher, page, saves):
    # A script ends lines in its own way; what a browser posts ends them as the web does.
    first = opened(teacher, page)
    lines = "She got in.\nHe drove away."
    assert teacher.post(saves, {**first, "saw": lines, "told": ""}).status_code == 200
    typed = {**first, "saw": lines.replace("\n", "\r\n"), "told": ""}

    again = teacher.post(page, typed)
    other = teacher.post(page, {**typed, "told": "By a friend."})

    assert again.status_code == 302
    assert other.status_code == 409
    assert len(html.fromstring(other.text).xpath("//main//h3")) == 1, "one answer differs"


def test_one_of_a_list_that_was_saved_in_the_same_words_is_no_conflict(teacher, draft):
    number = str(uuid4())
    words = {"name": "Zzname", "other": "A van.\nGrey."}
    kept = {"actor": draft.author.principal(), "draft": draft, "kind": ItemKind.PEOPLE}
    keep_item(**kept, item=number, typed=words)

    again = {**words, "other": "A van.\r\nGrey."}
    keep_item(**kept, item=number, typed=again, seen="older")
    with pytest.raises(SavedElsewhere):
        keep_item(**kept, item=number, typed={**words, "name": "Other"}, seen="older")


def test_another_page_of_the_draft_in_another_window_is_no_conflict(teacher, draft, page):
    first = opened(teacher, page)
    other = reverse("intake:page", args=[draft.pk, "danger"])
    teacher.post(other, {**opened(teacher, other), "danger": "no"})

    assert teacher.post(page, {**first, "saw": SAW}).status_code == 302


def test_a_page_with_a_mistake_can_be_mended_and_sent(teacher, draft):
    page = reverse("intake:page", args=[draft.pk, "child"])
    wrong = teacher.post(page, {**opened(teacher, page), "known_as": "Wren"})
    assert wrong.status_code == 422
    (version,) = html.fromstring(wrong.text).xpath("//*[@name='version']/@value")

    assert teacher.post(page, {"version": version, "given_name": "Wrenna"}).status_code == 302


def test_autosave_keeps_the_page_as_it_stands_and_says_when(teacher, draft, page, saves):
    answer = teacher.post(saves, {**opened(teacher, page), "saw": "She got in"})

    assert answer.status_code == 200
    assert answer.json()["at"]
    assert said(draft) == {"saw": "She got in"}
    then = teacher.post(page, {"version": answer.json()["version"], "saw": SAW})
    assert then.status_code == 302, "the button that follows is no second window"


def test_autosave_checks_nothing(teacher, draft):
    child = reverse("intake:autosave", args=[draft.pk, "child"])
    assert teacher.post(child, {"date_of_birth-day": "99"}).status_code == 200


def test_autosave_of_an_older_window_changes_nothing(teacher, draft, page, saves):
    first = opened(teacher, page)
    teacher.post(page, {**opened(teacher, page), "saw": SAW})

    assert teacher.post(saves, {**first, "saw": OTHER}).status_code == 409
    assert said(draft)["saw"] == SAW


def test_autosave_is_the_authors_alone(cast, draft, saves):
    assert signed_in(cast.colleague).post(saves, {"saw": OTHER}).status_code == 404
    assert said(draft) == {}


def test_an_hour_of_writing_is_one_event_and_each_press_another(teacher, page, saves):
    version = opened(teacher, page)
    for number in range(10):
        answer = teacher.post(saves, {**version, "saw": f"{SAW} {number}"})
        version = {"version": answer.json()["version"]}
    assert len(events("draft.saved")) == 1

    teacher.post(page, {**version, "saw": SAW})

    assert len(events("draft.saved")) == 2


def test_twenty_presses_of_send_at_once_make_one_referral(committed, cast):
    draft = start(actor=cast.teacher)
    Draft.objects.filter(pk=draft.pk).update(answers=WHOLE)
    check = reverse("intake:page", args=[draft.pk, "check"])
    user = User.objects.get(pk=cast.teacher.user_id)
    clients = [Client() for _ in range(20)]
    for client in clients:
        client.force_login(user)
    looked_at = carried(clients[0], check)

    def press(client: Client):
        try:
            return client.post(check, looked_at)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(press, clients))

    referral = Referral.objects.get()
    sent = reverse("intake:sent", args=[referral.case.reference])
    led = {answer.url for answer in answers if answer.status_code == 302}
    assert sent in led
    assert led <= {sent, reverse("intake:draft", args=[draft.pk])}
    assert {answer.status_code for answer in answers} == {302}
    assert len(events("referral.submitted")) == 1
    assert {client.get(check).url for client in clients} == {sent}


def test_words_that_the_author_has_not_looked_at_are_not_sent(cast, teacher, draft):
    Draft.objects.filter(pk=draft.pk).update(answers=WHOLE)
    delegate(actor=cast.teacher, draft=draft, email="cole.league@school.example.org")
    check = reverse("intake:page", args=[draft.pk, "check"])
    looked_at = carried(teacher, check)
    save(actor=cast.colleague, draft=draft, page="concern", typed={"saw": OTHER})

    answer = teacher.post(check, looked_at)

    assert answer.status_code == 409
    assert "This was changed in another window. Check it again before you send it" in answer.text
    assert OTHER in answer.text
    assert not Referral.objects.exists()
    assert teacher.post(check, carried(teacher, check)).status_code == 302
    assert Referral.objects.exists()


def test_what_was_not_looked_at_at_all_is_not_sent(teacher, draft):
    Draft.objects.filter(pk=draft.pk).update(answers=WHOLE)

    answer = teacher.post(reverse("intake:page", args=[draft.pk, "check"]))

    assert answer.status_code == 409
    assert not Referral.objects.exists()
