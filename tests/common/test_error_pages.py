"""Headers, error pages and what they promise."""

from types import SimpleNamespace

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpResponse
from django.test import RequestFactory

from portal.accounts import http as accounts
from portal.common import http
from portal.common.errors import DomainError, NotVisible, Refused

PHONES = ("999", "020 7946 0000", "020 7946 0011")


@pytest.fixture
def request_for():
    """Make a request as somebody who has signed in and works in no role."""

    def make(method="get", path="/", **kwargs):
        request = getattr(RequestFactory(), method)(path, **kwargs)
        request.user = SimpleNamespace(is_authenticated=True)
        return request

    return make


def test_pages_are_not_kept_found_or_embedded():
    middleware = http.PrivacyHeadersMiddleware(lambda _: HttpResponse("page"))
    response = middleware(RequestFactory().get("/"))
    assert response["Cache-Control"] == "no-store"
    assert response["X-Robots-Tag"].startswith("noindex")
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "geolocation=()" in response["Permissions-Policy"]


def test_missing_and_hidden_are_the_same_bytes(request_for):
    missing = http.handler404(request_for(path="/referrals/R-0000-000/"), Http404("no such row"))
    hidden = http.handler404(request_for(path="/x/?q=1"), NotVisible("case", "R-4KD7-92Q"))
    assert missing.status_code == hidden.status_code == 404
    assert missing.content == hidden.content


def test_refusal_says_which_rule_refused(request_for):
    response = http.handler403(request_for(), Refused("Only a coordinator decides."))
    assert response.status_code == 403
    assert "Only a coordinator decides." in response.text


def test_domain_error_says_why_and_gives_the_words_back(request_for):
    middleware = http.DomainErrorMiddleware(lambda _: HttpResponse())
    written = {"reason": "He said <b>he</b> was scared.", "outcome": "plan", "password": "a b c"}
    request = request_for("post", "/x/", data=written, headers={"Referer": "http://testserver/y/"})
    response = middleware.process_exception(request, DomainError("S. Khan decided this."))
    assert response is not None
    assert response.status_code == 409
    assert "S. Khan decided this." in response.text
    assert "He said &lt;b&gt;he&lt;/b&gt; was scared." in response.text
    assert "a b c" not in response.text
    assert 'href="/y/"' in response.text


def test_way_back_never_leads_to_another_site(request_for):
    middleware = http.DomainErrorMiddleware(lambda _: HttpResponse())
    request = request_for("post", "/x/", headers={"Referer": "https://elsewhere.example.org/y/"})
    response = middleware.process_exception(request, DomainError("No."))
    assert response is not None
    assert "/y/" not in response.text


def test_other_exceptions_are_left_alone(request_for):
    middleware = http.DomainErrorMiddleware(lambda _: HttpResponse())
    assert middleware.process_exception(request_for(), ValueError("x")) is None


@pytest.mark.parametrize("status", [400, 500])
def test_pages_that_stand_alone_need_nothing_and_give_the_numbers(status):
    bare = RequestFactory().get("/")
    response = accounts.handler500(bare) if status == 500 else http.handler400(bare, ValueError())
    assert response.status_code == status
    assert all(number in response.text for number in PHONES)


@pytest.mark.parametrize("page", ["403", "404", "csrf"])
def test_error_pages_give_the_numbers_to_a_stranger_too(page):
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    response = {
        "403": lambda: http.handler403(request, Refused("No.")),
        "404": lambda: http.handler404(request, Http404()),
        "csrf": lambda: accounts.csrf_failure(request),
    }[page]()
    assert all(number in response.text for number in PHONES)
