"""Signing in, signing out and setting a password, through the real pages."""

import re
from smtplib import SMTPServerDisconnected

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from django.urls import NoReverseMatch, reverse

from portal.accounts import services
from portal.accounts.http import local_path
from portal.accounts.models import User
from portal.accounts.vocabulary import Role
from tests.accounts.probe import EMAIL, PASSWORD

pytestmark = pytest.mark.urls("tests.accounts.probe")

SIGN_IN = "/account/sign-in/"
SIGN_OUT = "/account/sign-out/"
RESET = "/account/reset/"
SORRY = "Check your email address and password"
NEW = "a new one that is long enough"

ELSEWHERE = [
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    " //evil.example",
    "https://evil.example/",
    "http:evil.example",
    "https:/evil.example",
    "http:///evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "ftp://testserver/",
    "https://testserver@evil.example/",
    "http://testserver/home/",
    "//evil。example",
    "//evil%E3%80%82example",
    "evil.example",
    "?next=//evil.example",
    "\x00/home/",
    "",
]


def sign_in(client, email=EMAIL, password=PASSWORD, after=""):
    return client.post(f"{SIGN_IN}{after}", {"login": email, "password": password})


def text(response):
    """The page without what is new on each one: the form's token and the script's nonce."""
    page = response.content.decode()
    page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page)
    return re.sub(r'nonce="[^"]+"', "", page)


def test_a_person_signs_in_with_their_work_address_in_any_case(client, teacher):
    answer = sign_in(client, email="T.EACHER@school.example.org")

    assert answer.url == reverse("home:home")
    assert b"Practitioner, Example School" in client.get(answer.url).content


def test_the_form_helps_a_password_manager_and_takes_nothing_else(client, db):
    page = client.get(SIGN_IN).content.decode()

    assert 'autocomplete="username"' in page
    assert 'autocomplete="current-password"' in page
    assert "Work email address" in page
    assert "placeholder" not in page
    assert "sign up" not in page.lower()


def test_every_failure_looks_the_same(client, teacher, council):
    services.enrol(
        email="closed@council.example.org",
        name="Closed",
        agency=council,
        role=Role.MANAGER,
        password=PASSWORD,
    )
    services.enrol(email="new@council.example.org", name="New", agency=council, role=Role.MANAGER)
    User.objects.filter(email__startswith="closed").update(is_active=False)
    tries = {
        "wrong password": (EMAIL, "wrong password indeed"),
        "unknown": ("nobody@council.example.org", PASSWORD),
        "closed": ("closed@council.example.org", PASSWORD),
        "no password yet": ("new@council.example.org", PASSWORD),
    }

    pages = {
        why: text(sign_in(Client(), email, word)).replace(email, "")
        for why, (email, word) in tries.items()
    }

    assert all(SORRY in page for page in pages.values())
    assert len(set(pages.values())) == 1


def test_after_a_failure_the_address_is_kept_and_the_password_is_not(client, teacher):
    page = sign_in(client, password="wrong password indeed").content.decode()

    assert f'value="{EMAIL}"' in page
    assert "wrong password indeed" not in page


def test_guessing_is_stopped_even_with_the_right_password_at_last(client, teacher):
    for _ in range(5):
        assert SORRY in text(sign_in(client, password="wrong password indeed"))

    page = text(sign_in(client))

    assert "You have tried too many times. Try again in 5 minutes" in page
    assert client.get("/home/").url.startswith(SIGN_IN)


def test_guessing_at_a_closed_account_is_counted_like_any_other(client, teacher):
    User.objects.update(is_active=False)

    for _ in range(5):
        assert SORRY in text(sign_in(client))

    assert "too many times" in text(sign_in(client))


def test_one_source_cannot_try_many_accounts(client, teacher):
    for number in range(10):
        sign_in(client, email=f"person{number}@example.org")

    assert "too many times" in text(sign_in(client))


def test_a_flood_from_one_source_gets_a_page_to_wait_on(client, teacher):
    for _ in range(30):
        sign_in(client, password="wrong password indeed")

    page = sign_in(client)

    assert page.status_code == 429
    assert b"Wait a minute" in page.content
    assert b"999" in page.content


def test_a_claimed_address_does_not_buy_more_tries(teacher):
    for number in range(5):
        liar = Client(headers={"x-forwarded-for": f"192.0.2.{number}"})
        sign_in(liar, password="wrong password indeed")
        sign_in(liar, email=f"n{number}@example.org")

    assert "too many times" in text(sign_in(Client(headers={"x-forwarded-for": "192.0.2.99"})))


def test_the_session_has_a_new_key_after_sign_in(client, teacher):
    session = client.session
    session["planted"] = "yes"
    session.save()
    client.cookies["session"] = session.session_key

    sign_in(client)

    assert client.session.session_key != session.session_key
    assert not client.session.exists(session.session_key)


def test_sign_in_leads_back_to_the_page_that_was_asked_for(client, teacher):
    asked = client.get("/notifications/")
    assert asked.url == f"{SIGN_IN}?next=/notifications/"
    assert "/notifications/" in client.get(asked.url).content.decode()

    assert sign_in(client, after="?next=/notifications/").url == "/notifications/"


@pytest.mark.parametrize("url", ELSEWHERE)
def test_nothing_leads_to_another_site(client, teacher, second_hat, url):
    assert local_path(url) is None

    answer = client.post(SIGN_IN, {"login": EMAIL, "password": PASSWORD, "next": url})
    assert answer.url == reverse("home:home")
    again = client.get(SIGN_IN, {"next": url})
    assert again.url == reverse("home:home")
    address = client.get(reverse("accounts:role"), {"next": url}).wsgi_request.get_full_path()
    assert client.post(address, {"membership": second_hat.pk}).url == reverse("home:home")
    answer = client.post(SIGN_OUT, {"next": url})
    assert answer.url == reverse("accounts:signed_out")


@pytest.mark.parametrize(
    "url", ["/", "/home/", "/cases/?status=open", "/%09/evil.example", "/a//b"]
)
def test_a_path_of_ours_is_kept(url):
    assert local_path(url) == url


def test_only_a_press_of_a_button_signs_out(client, teacher):
    sign_in(client)
    old = client.session.session_key

    assert client.get(SIGN_OUT).status_code == 200
    assert client.get("/home/").status_code == 200

    assert client.post(SIGN_OUT).url == reverse("accounts:signed_out")
    assert not client.session.exists(old)
    client.cookies["session"] = old
    assert client.get("/home/").url.startswith(SIGN_IN)


def test_signing_out_needs_our_own_form(teacher):
    client = Client(enforce_csrf_checks=True)
    client.force_login(teacher.user)

    assert client.post(SIGN_OUT).status_code == 403
    assert client.get("/home/").status_code == 200


def test_a_program_gets_the_page_that_a_person_gets(client, teacher):
    answer = client.post(
        SIGN_IN,
        {"login": EMAIL, "password": PASSWORD},
        headers={"accept": "application/json", "x-requested-with": "XMLHttpRequest"},
    )

    assert answer.status_code == 302


@pytest.mark.parametrize(
    "name",
    ["account_signup", "account_email", "account_change_password", "account_request_login_code"],
)
def test_nobody_signs_themselves_up_or_changes_their_address(name):
    with pytest.raises(NoReverseMatch):
        reverse(name)


def asked_for_reset(client, email):
    return client.post(RESET, {"email": email}, follow=True)


def test_a_new_person_sets_their_password_by_the_link_in_the_mail(client, school, settings):
    settings.SITE_URL = "https://portal.example.org"
    services.enrol(
        email="new@school.example.org", name="New Person", agency=school, role=Role.PRACTITIONER
    )

    asked_for_reset(client, "New@school.example.org")

    [message] = mail.outbox
    assert message.to == ["new@school.example.org"]
    assert "New Person" not in f"{message.subject}{message.body}"
    link = re.search(r"https://portal\.example\.org(/account/reset/\S+)", message.body)
    assert link
    form = client.get(link[1], follow=True)
    address = form.redirect_chain[-1][0]
    assert address.endswith("-set-password/")
    too_short = client.post(address, {"password1": "short", "password2": "short"})
    assert b"at least 14 characters" in too_short.content
    done = client.post(address, {"password1": NEW, "password2": NEW}, follow=True)
    assert done.redirect_chain[-1][0] == "/account/reset/done/"
    # A new password is not a sign-in: that goes through its own door, with all its steps.
    assert client.get("/home/").url.startswith(SIGN_IN)
    told = sign_in(client, "new@school.example.org", NEW).url
    assert told == "/account/hiding/?next=/home/", "once, how to hide a page"
    assert client.post(told).url == reverse("home:home")
    assert sign_in(Client(), "new@school.example.org", NEW).url == reverse("home:home")
    assert client.get(link[1]).status_code == 200
    assert client.post(address, {"password1": NEW, "password2": NEW}).status_code == 200


def test_reset_answers_the_same_for_known_unknown_and_closed(client, teacher, council):
    services.enrol(email="closed@council.example.org", name="C", agency=council, role=Role.MANAGER)
    User.objects.filter(email__startswith="closed").update(is_active=False)

    pages = {
        text(asked_for_reset(Client(), email))
        for email in (EMAIL, "nobody@example.org", "closed@council.example.org")
    }

    assert len(pages) == 1
    assert [message.to for message in mail.outbox] == [[EMAIL]]


def test_reset_answers_the_same_when_the_mail_server_is_down(client, teacher, monkeypatch, caplog):
    calm = text(asked_for_reset(Client(), EMAIL))

    def down(self, *args, **kwargs):
        raise SMTPServerDisconnected(f"could not reach {EMAIL}")

    monkeypatch.setattr(EmailMultiAlternatives, "send", down)

    assert text(asked_for_reset(Client(), EMAIL)) == calm
    assert "SMTPServerDisconnected" in caplog.text
    assert EMAIL not in caplog.text


def test_the_link_in_the_mail_does_not_follow_the_host_that_was_asked(teacher, settings):
    settings.SITE_URL = "https://portal.example.org"
    settings.ALLOWED_HOSTS = ["*"]

    asked_for_reset(Client(headers={"host": "evil.example"}), EMAIL)

    assert "evil.example" not in mail.outbox[0].body
    assert "https://portal.example.org/account/reset/" in mail.outbox[0].body


def test_a_password_is_confirmed_and_the_tries_are_counted(client, teacher):
    sign_in(client)
    page = "/account/confirm/?next=/notifications/"

    for _ in range(5):
        assert b"Check your password" in client.post(page, {"password": "wrong one"}).content

    assert b"too many times" in client.post(page, {"password": PASSWORD}).content


def test_a_confirmed_password_leads_on(client, teacher):
    sign_in(client)

    answer = client.post("/account/confirm/?next=/notifications/", {"password": PASSWORD})

    assert answer.url == "/notifications/"
