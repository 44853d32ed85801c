"""The headers of every kind of answer: a page, a refusal, a file, an answer to a program."""

import json
import os
import re
import subprocess
import sys

import pytest
from django.conf import settings
from django.test import Client, override_settings
from django.urls import reverse

from tests.cast import signed_in

POLICY = {
    "base-uri 'none'",
    "connect-src 'self'",
    "default-src 'none'",
    "font-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "img-src 'self' data:",
    "manifest-src 'self'",
    "object-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
}
EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
PAGES = EVERYWHERE | {
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
}
# What tells a stranger what we run, or lets another site in.
NOWHERE = ("Server", "X-Powered-By", "Access-Control-Allow-Origin", "Access-Control-Allow-Headers")


def check(response, expected: dict[str, str]) -> None:
    assert {name: response.headers.get(name) for name in expected} == expected
    # The number that is used once is left aside.
    policy = re.sub(r" 'nonce-[^']+'", "", response.headers["Content-Security-Policy"])
    assert set(policy.split("; ")) == POLICY
    assert not [name for name in NOWHERE if name in response.headers]


ANSWERS = {
    "a page": lambda c: c.get("/help/"),
    "not to be read": lambda c: c.get("/", {"x": "\0"}),
    "only for those who sign in": lambda c: c.get("/home/"),
    "missing": lambda c: c.get("/nothing/here/"),
    "a missing file": lambda c: c.get("/static/js/nothing-here.js"),
    "missing, asked by a program": lambda c: c.get("/api/v1/cases/R-0000-000/"),
    "the wrong method": lambda c: c.post("/help/"),
    "too many boxes": lambda c: c.post("/account/sign-in/", {f"b{i}": "" for i in range(400)}),
    "the wrong host": lambda c: c.get("/help/", headers={"host": "elsewhere.example.org"}),
    "no token": lambda _: Client(enforce_csrf_checks=True).post("/account/sign-in/", {}),
    "well": lambda c: c.get("/healthz/"),
}
STATUSES = {
    "a page": 200,
    "not to be read": 200,
    "only for those who sign in": 302,
    "missing": 404,
    "a missing file": 404,
    "missing, asked by a program": 403,
    "the wrong method": 405,
    "too many boxes": 400,
    "the wrong host": 400,
    "no token": 403,
    "well": 200,
}


@pytest.mark.parametrize("what", ANSWERS)
def test_answer_to_a_stranger(db, what):
    with override_settings(ALLOWED_HOSTS=["testserver"]):
        response = ANSWERS[what](Client())

    assert response.status_code == STATUSES[what]
    check(response, PAGES)


@pytest.mark.parametrize(
    ("who", "address", "status"),
    [
        ("coordinator", "/triage/", 200),
        ("coordinator", "/referrals/R-0000-000/", 404),
        ("teacher", "/triage/", 403),
        ("chair", "/cases/", 403),
        ("coordinator", "/api/v1/cases/", 200),
        ("coordinator", "/api/v1/cases/R-0000-000/", 404),
    ],
)
def test_answer_to_somebody_who_has_signed_in(cast, who, address, status):
    response = signed_in(getattr(cast, who)).get(address)

    assert response.status_code == status
    check(response, PAGES)


def test_answer_when_something_breaks(cast, monkeypatch):
    client = signed_in(cast.coordinator, raise_request_exception=False)
    monkeypatch.setattr("portal.home.views.needs", lambda _principal: 1 / 0)

    response = client.get("/home/")

    assert response.status_code == 500
    check(response, PAGES)


@pytest.mark.parametrize("file", ["css/portal.css", "js/portal.js", "img/favicon.svg"])
def test_static_file(db, file):
    response = Client().get(f"{settings.STATIC_URL}{file}")

    response.close()
    assert response.status_code == 200
    check(response, EVERYWHERE)
    assert "no-store" not in response.headers["Cache-Control"]


def test_signing_out_lets_the_browser_forget(db):
    response = Client().get(reverse("accounts:signed_out"))
    assert response.headers["Clear-Site-Data"] == '"cache", "storage"'


def test_over_https_only_https_will_do(db):
    with override_settings(
        SECURE_HSTS_SECONDS=31_536_000,
        SECURE_HSTS_INCLUDE_SUBDOMAINS=True,
        SECURE_HSTS_PRELOAD=True,
        SECURE_SSL_REDIRECT=True,
    ):
        plain, secure = Client().get("/help/"), Client().get("/help/", secure=True)

    assert (plain.status_code, plain.url) == (301, "https://testserver/help/")
    strict = "max-age=31536000; includeSubDomains; preload"
    assert secure.headers["Strict-Transport-Security"] == strict
    check(secure, PAGES)


def test_in_production_cookies_belong_to_this_host_alone():
    names = ("SESSION_COOKIE", "CSRF_COOKIE")
    wanted = [
        f"{name}_{what}" for name in names for what in ("NAME", "SECURE", "HTTPONLY", "SAMESITE")
    ]
    script = (
        "import json; from django.conf import settings;"
        f" print(json.dumps([getattr(settings, name) for name in {wanted}]))"
    )
    said = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "HTTPS_ONLY": "true", "DJANGO_SETTINGS_MODULE": "portal.settings"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert json.loads(said) == [
        *("__Host-session", True, True, "Lax"),
        *("__Host-csrf", True, True, "Lax"),
    ]
