"""What was written when the session had ended: held for its author alone, and shown again."""

from datetime import timedelta
from urllib.parse import unquote

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from lxml import html

from portal.accounts import services
from portal.accounts.models import Kept, User
from portal.accounts.vocabulary import Principal, Role
from portal.common.cipher import decrypt, encrypt
from referrals.intake.models import Draft
from referrals.intake.services import start
from referrals.triage import services as triage
from tests.cast import SAW, Cast, events, send

SIGN_IN = reverse("account_login")
WORDS = 'He said "wait" & <b>cried</b>.\r\nThen he left.'


def enter(client: Client, who) -> None:
    """Sign in on this browser, as the real page does: with a new form token."""
    client.force_login(User.objects.get(pk=who.user_id))


def form_on(client: Client, page: str, posts_to: str = "") -> dict[str, str]:
    """The hidden fields of a page's form."""
    shown = client.get(page)
    assert shown.status_code == 200, page
    (form,) = html.fromstring(shown.content.decode()).xpath(
        f"//main//form[@method='post'][not(@action) or @action='{posts_to}']"
    )[:1]
    return {
        field.get("name"): field.get("value") for field in form.xpath(".//input[@type='hidden']")
    }


def browser() -> Client:
    return Client(enforce_csrf_checks=True)


def press(client: Client, page: str, said: dict, to: str = "", **headers):
    return client.post(to or page, said, headers={"Referer": f"http://testserver{page}", **headers})


def end(client: Client) -> None:
    """End the session on the server; the browser keeps its cookies."""
    client.session.flush()


@pytest.fixture
def draft(cast: Cast) -> str:
    draft = start(actor=cast.teacher)
    return reverse("intake:page", args=[draft.pk, "concern"])


@pytest.fixture
def held(cast: Cast, draft: str):
    """A teacher's browser whose session ended while they wrote, and where they are led."""
    client = browser()
    enter(client, cast.teacher)
    said = {**form_on(client, draft), "saw": WORDS, "child_said": "Stop."}
    end(client)
    answer = press(client, draft, said)
    return client, answer


def next_of(answer) -> str:
    return unquote(answer.url.partition("next=")[2])


def value(page: bytes, name: str) -> str:
    (box,) = html.fromstring(page.decode()).xpath(f"//*[@name='{name}']")
    return box.text_content().lstrip("\n").replace("\n", "\r\n")


def test_the_words_are_on_their_page_again_after_signing_in(cast, held, draft):
    client, answer = held
    assert answer.url.startswith(f"{SIGN_IN}?next=/account/kept/")
    assert b"We kept what you wrote" in client.get(answer.url).content
    enter(client, cast.teacher)

    shown = client.get(next_of(answer), follow=True)

    assert shown.redirect_chain[-1][0].startswith(f"{draft}?kept=")
    assert "We kept what you wrote" in shown.text
    assert value(shown.content, "saw") == WORDS
    assert value(shown.content, "child_said") == "Stop."
    assert Kept.objects.count() == 1, "nothing is sent by being shown"


def test_pressing_again_sends_them_and_forgets_them(cast, held, draft):
    client, answer = held
    enter(client, cast.teacher)
    page = client.get(next_of(answer), follow=True)
    assert page.status_code == 200
    said = form_on(client, page.redirect_chain[-1][0])

    saved = press(client, draft, {**said, "saw": WORDS})

    assert saved.status_code == 302
    assert Kept.objects.count() == 0
    assert [e["act"] for e in events("auth.kept", "auth.given_back")] == [
        "auth.kept",
        "auth.given_back",
    ]


def test_another_person_who_signs_in_here_sees_nothing_of_them(cast, held):
    client, answer = held
    enter(client, cast.colleague)

    shown = client.get(next_of(answer))

    unknown = client.get(reverse("accounts:kept", args=["00000000-0000-4000-8000-000000000000"]))
    assert shown.status_code == unknown.status_code == 404
    assert "cried" not in shown.text
    assert "There is nothing here for you" in shown.text


@pytest.mark.parametrize("new_token", [True, False])
def test_a_form_of_somebody_who_has_left_is_held_for_them_when_another_is_signed_in(
    cast, draft, new_token
):
    client = browser()
    enter(client, cast.teacher)
    said = {**form_on(client, draft), "saw": WORDS}
    end(client)
    enter(client, cast.colleague)
    if new_token:
        client.cookies.pop("csrf")
        client.get("/home/")

    answer = press(client, draft, said)

    assert answer.status_code == 403
    assert "cried" not in answer.text
    assert "for the person who wrote it" in answer.text
    assert [kept.user_id for kept in Kept.objects.all()] == [cast.teacher.user_id]


def test_a_session_that_ends_twice_keeps_twice(cast, held, draft):
    client, answer = held
    enter(client, cast.teacher)
    page = client.get(next_of(answer), follow=True).redirect_chain[-1][0]
    said = form_on(client, page)
    end(client)

    again = press(client, draft, {**said, "saw": "More."})

    enter(client, cast.teacher)
    assert value(client.get(next_of(again), follow=True).content, "saw") == "More."


def test_after_half_an_hour_they_are_gone(cast, held):
    client, answer = held
    with time_machine.travel(timezone.now() + timedelta(minutes=31)):
        enter(client, cast.teacher)
        assert client.get(next_of(answer)).status_code == 404
        assert services.sweep() == 1
    assert not Kept.objects.exists()


def test_the_database_refuses_to_keep_them_longer(held):
    with pytest.raises(IntegrityError, match="kept_for_half_an_hour_at_most"), transaction.atomic():
        Kept.objects.update(until_at=timezone.now() + timedelta(hours=1))


def test_nothing_of_them_can_be_read_in_the_database(held):
    with connection.cursor() as cursor:
        cursor.execute("SELECT words, page, action FROM accounts_kept")
        (row,) = cursor.fetchall()
    assert b"cried" not in bytes(row[0])


def test_words_moved_to_another_row_or_page_cannot_be_read(cast, held):
    kept = Kept.objects.get()
    assert services.words_of(kept)

    for name, other in (("user_id", cast.colleague.user_id), ("page", "/x/"), ("action", "/x/")):
        moved = Kept.objects.get()
        setattr(moved, name, other)
        assert services.words_of(moved) is None, name
    twin = Kept.objects.get()
    twin.pk = "00000000-0000-4000-8000-000000000000"
    assert services.words_of(twin) is None


def test_a_changed_byte_is_noticed_and_purposes_have_their_own_keys():
    sealed = encrypt(b"words", purpose="a", about="x")
    assert decrypt(sealed, purpose="a", about="x") == b"words"
    assert decrypt(sealed[:-1] + bytes([sealed[-1] ^ 1]), purpose="a", about="x") is None
    assert decrypt(sealed, purpose="b", about="x") is None
    assert decrypt(sealed, purpose="a", about="y") is None
    assert decrypt(b"", purpose="a", about="x") is None


def _without_mark(said):
    return {name: text for name, text in said.items() if name != "author"}


def _token_of_another_session(said):
    return {**said, "csrfmiddlewaretoken": form_on_start()}


def form_on_start() -> str:
    page = html.fromstring(Client().get(SIGN_IN).content.decode())
    return str(page.xpath("//input[@name='csrfmiddlewaretoken']/@value")[0])


@pytest.mark.parametrize(
    ("forge", "headers"),
    [
        (_without_mark, {}),
        (_token_of_another_session, {}),
        (lambda said: {**said, "author": "A" * 91}, {}),
        (lambda said: said, {"Origin": "https://elsewhere.example.org"}),
        (lambda said: said, {"Sec-Fetch-Site": "cross-site"}),
    ],
    ids=["no mark", "token of another session", "forged mark", "other origin", "cross-site"],
)
def test_another_site_plants_nothing(cast, draft, forge, headers):
    client = browser()
    enter(client, cast.teacher)
    said = {**form_on(client, draft), "saw": "Planted words."}
    end(client)

    press(client, draft, forge(said), **headers)

    assert not Kept.objects.exists()


def test_a_mark_is_worth_nothing_after_a_day(cast, draft):
    client = browser()
    enter(client, cast.teacher)
    said = {**form_on(client, draft), "saw": WORDS}
    end(client)
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        press(client, draft, said)
    assert not Kept.objects.exists()


def test_no_password_and_no_file_is_ever_held(cast, draft):
    client = browser()
    enter(client, cast.teacher)
    said = {**form_on(client, draft), "saw": WORDS, "password": "a secret of mine"}
    end(client)
    press(client, draft, said)

    (kept,) = Kept.objects.all()
    assert {name for name, _ in services.words_of(kept)} == {"saw", "version"}
    assert 'name="author"' not in client.get(SIGN_IN).text


def test_signed_in_again_in_another_window_the_old_page_is_shown_at_once(cast, draft):
    client = browser()
    enter(client, cast.teacher)
    said = {**form_on(client, draft), "saw": WORDS}
    end(client)
    client.cookies.pop("csrf", None)
    enter(client, cast.teacher)
    client.get(draft)

    answer = press(client, draft, said)

    assert answer.status_code == 302
    assert answer.url.startswith("/account/kept/")
    assert value(client.get(answer.url, follow=True).content, "saw") == WORDS


def test_a_decision_comes_back_with_its_choice_and_its_reasons(cast):
    case = send(cast.teacher)
    client = browser()
    enter(client, cast.coordinator)
    triage.acknowledge(actor=cast.coordinator, case=case)
    page = reverse("triage:workspace", args=[case.reference])
    action = reverse("triage:check", args=[case.reference])
    said = {
        **form_on(client, page, action),
        "outcome": "panel",
        "reason": "Two adults & one car.",
        "told_referrer": "We have acted.",
    }
    end(client)
    answer = press(client, page, said, to=action)
    enter(client, cast.coordinator)

    shown = client.get(next_of(answer), follow=True)

    tree = html.fromstring(shown.text)
    assert value(shown.content, "reason") == "Two adults & one car."
    chosen = tree.xpath("//input[@name='outcome'][@checked]/@value")
    assert chosen == (["panel"] if tree.xpath("//input[@name='outcome'][@value='panel']") else [])
    case.refresh_from_db()
    assert case.status != "decided"


def test_where_the_page_is_gone_the_words_are_shown_alone(cast, held, draft):
    client, answer = held
    enter(client, cast.teacher)
    kept = Kept.objects.get()
    assert services.words_of(kept)
    client.post(reverse("intake:discard", args=[draft.split("/")[3]]))
    from referrals.intake.models import Draft

    Draft.objects.all().delete()

    shown = client.get(next_of(answer), follow=True)

    assert "We kept what you wrote" in shown.text
    assert "cried" in shown.text
    assert "<b>cried" not in shown.text


def test_a_button_alone_leads_back_to_its_page_after_signing_in(cast):
    case = send(cast.teacher)
    client = browser()
    enter(client, cast.coordinator)
    page = reverse("triage:workspace", args=[case.reference])
    action = reverse("triage:acknowledge", args=[case.reference])
    said = form_on(client, page, action)
    end(client)

    answer = press(client, page, said, to=action)

    assert answer.url == f"{SIGN_IN}?next={page}"
    assert not Kept.objects.exists()


def test_a_person_has_at_most_twenty(cast):
    for _ in range(25):
        services.keep(
            user_id=cast.teacher.user_id,
            membership_id=cast.teacher.membership_id,
            page="/x/",
            action="/x/",
            words=[("saw", SAW)],
        )
    assert Kept.objects.count() == services.MOST_KEPT


def test_the_ledger_knows_that_it_happened_and_no_word(held):
    (event,) = events("auth.kept")
    assert event["obj"]["kind"] == "user"
    assert "cried" not in str(event)


def test_a_page_whose_time_is_up_is_held_and_not_acted_upon(cast, draft):
    client = browser()
    enter(client, cast.teacher)
    said = {**form_on(client, draft), "saw": WORDS, "hold": "1"}

    answer = press(client, draft, said)

    assert answer.url.startswith(f"{SIGN_IN}?next=")
    assert Kept.objects.count() == 1
    assert client.get(draft).status_code == 302, "the session is over"
    assert not events("draft.saved")


def test_signed_in_already_in_another_window_nobody_signs_in_twice(cast):
    client = browser()
    page = html.fromstring(client.get(f"{SIGN_IN}?next=/help/").text)
    token = page.xpath("//main//input[@name='csrfmiddlewaretoken']/@value")[0]
    enter(client, cast.teacher)
    client.get("/home/")

    answer = client.post(SIGN_IN, {"csrfmiddlewaretoken": token, "next": "/help/"})

    assert answer.status_code in {302, 303}
    assert answer.url == "/help/"


@pytest.fixture
def two_hats(cast: Cast) -> Principal:
    """The teacher is also their agency's lead."""
    teacher = User.objects.get(pk=cast.teacher.user_id)
    return services.enrol(
        email=teacher.email, name=teacher.name, agency=cast.school, role=Role.AGENCY_LEAD
    ).principal()


def work_as(client: Client, who: Principal) -> None:
    said = form_on(client, reverse("accounts:role")) | {"membership": str(who.membership_id)}
    assert client.post(reverse("accounts:role"), said).status_code == 302


def test_a_press_on_a_page_of_another_role_does_nothing(cast, two_hats):
    client = browser()
    enter(client, cast.teacher)
    work_as(client, two_hats)
    start_page = "/referrals/new/"
    page = form_on(client, start_page)
    work_as(client, cast.teacher)

    answer = press(client, start_page, page)

    assert answer.status_code == 403
    assert "in another role" in answer.text
    assert "Nothing has been done" in answer.text
    assert not Draft.objects.exists()
    assert client.post(reverse("account_logout"), page).status_code == 302, "it ends in any role"


def test_what_a_script_sends_by_itself_takes_no_place_of_what_was_kept(cast, draft):
    client = browser()
    enter(client, cast.teacher)
    said = {**form_on(client, draft), "saw": WORDS}
    end(client)

    press(client, draft, said, to=f"{draft}save/", **{"Sec-Fetch-Dest": "empty"})
    assert not Kept.objects.exists()

    press(client, draft, said, **{"Sec-Fetch-Dest": "document"})
    assert Kept.objects.count() == 1
