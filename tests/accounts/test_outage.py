"""When the database is gone, or something breaks: what was written comes back to be sent again."""

import pytest
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from lxml import html

from portal.accounts.models import User
from referrals.intake.services import start
from tests.cast import Cast

WORDS = "A <b>silver</b> car at the gate."


def gone(*_args: object, **_kwargs: object) -> None:
    raise OperationalError("the server closed the connection")


def broken(*_args: object, **_kwargs: object) -> None:
    raise ZeroDivisionError


@pytest.fixture
def page(cast: Cast) -> str:
    return reverse("intake:page", args=[start(actor=cast.teacher).pk, "concern"])


@pytest.fixture
def teacher(cast: Cast) -> Client:
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(User.objects.get(pk=cast.teacher.user_id))
    return client


def typed(client: Client, page: str) -> dict[str, str]:
    form = html.fromstring(client.get(page).text).get_element_by_id("page-form")
    hidden = {box.get("name"): box.get("value") for box in form.xpath(".//input[@type='hidden']")}
    return {**hidden, "saw": WORDS}


@pytest.mark.parametrize(("failure", "status"), [(gone, 503), (broken, 500)])
def test_the_page_that_says_so_sends_it_again(teacher, page, monkeypatch, failure, status):
    said = typed(teacher, page)
    with monkeypatch.context() as patch:
        patch.setattr("referrals.intake.services.save", failure)
        answer = teacher.post(page, said)

    assert answer.status_code == status
    assert "Nothing you wrote is lost" in answer.text
    assert "<b>silver" not in answer.text
    (form,) = html.fromstring(answer.text).xpath("//main//form")
    again = {box.get("name"): box.get("value") for box in form.xpath(".//input")}
    assert again["saw"] == WORDS
    assert teacher.post(form.get("action"), again).status_code == 302


def test_a_form_from_elsewhere_is_not_echoed(teacher, page, monkeypatch):
    said = typed(teacher, page)
    monkeypatch.setattr("portal.accounts.http.principal._principal", gone)

    for planted in (
        {"saw": WORDS},
        {**said, "author": "A" * 91},
        {name: value for name, value in said.items() if name != "csrfmiddlewaretoken"},
    ):
        answer = teacher.post(page, planted)
        assert answer.status_code == 503
        assert "silver" not in answer.text


def test_a_page_that_is_only_read_says_that_what_was_saved_is_kept(teacher, page, monkeypatch):
    monkeypatch.setattr("portal.accounts.http.principal._principal", gone)

    answer = teacher.get(page)

    assert answer.status_code == 503
    assert "What you saved is kept" in answer.text


def test_what_cannot_be_given_back_is_said_in_the_log_without_a_word_of_it(
    teacher, page, monkeypatch, caplog
):
    def fails(*_args: object, **_kwargs: object) -> None:
        raise ValueError(WORDS)

    said = typed(teacher, page)
    monkeypatch.setattr("referrals.intake.services.save", broken)
    monkeypatch.setattr("portal.accounts.http.kept.written", fails)
    with caplog.at_level("ERROR", logger="portal.accounts.http.kept"):
        answer = teacher.post(page, said)

    assert answer.status_code == 500
    assert "silver" not in answer.text
    (line,) = [each for each in caplog.records if each.name == "portal.accounts.http.kept"]
    assert line.getMessage() == "What was written could not be given back (ValueError)"
    assert "silver" not in caplog.handler.format(line)
