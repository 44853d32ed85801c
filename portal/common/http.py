"""What stands between the browser and the pages: headers, refusals, errors, the form renderer."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.forms.renderers import TemplatesSetting
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string, select_template
from django.utils.http import url_has_allowed_host_and_scheme
from psycopg2.errorcodes import LOCK_NOT_AVAILABLE
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser
from whitenoise.middleware import WhiteNoiseFileResponse

from portal.common.errors import DomainError, NotVisible
from portal.common.forms import GovukBoundField, PageForm

GetResponse = Callable[[HttpRequest], HttpResponseBase]

ROUTE = "PORTAL_ROUTE"
"""Where the web server finds the pattern of an address for its log: `%({portal_route}e)s`."""


class GovukFormRenderer(TemplatesSetting):
    """Renders every form, Django's and allauth's too, in the markup of GOV.UK Frontend.

    A template that stands in `govuk_forms/` is used instead of Django's own of the same name.
    """

    form_template_name = "govuk_forms/form.html"
    field_template_name = "govuk_forms/field.html"
    bound_field_class = GovukBoundField

    def get_template(self, template_name: str) -> Any:
        """Return our template for Django's, where there is one."""
        ours = template_name.replace("django/forms/", "govuk_forms/", 1)
        return select_template([ours, template_name])


class PrivacyHeadersMiddleware:
    """Keeps everything from other sites, and pages out of caches and search engines too.

    Not stored also means that Back shows nothing after signing out. The static files that
    WhiteNoise answers with, below, hold nothing of anybody and may be kept.

    The log of the web server is told the pattern of the address alone, and nothing where there is
    none: whoever types a name into an address leaves it in no log.
    """

    HEADERS = {
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    PAGES = {
        "Cache-Control": "no-store",
        "X-Robots-Tag": "noindex, nofollow",
    }

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if match := request.resolver_match:
            request.META[ROUTE] = f"/{match.route}"
        is_file = isinstance(response, WhiteNoiseFileResponse)
        for name, value in (self.HEADERS if is_file else self.HEADERS | self.PAGES).items():
            response.headers[name] = value
        return response


class TextParser(JSONParser):
    """JSON in which every name and every string is text.

    Half of a pair of surrogates can be written in JSON and in no encoding: an answer that names
    what is wrong with it could not be sent.
    """

    def parse(self, *args: Any, **kwargs: Any) -> Any:
        """Return what was sent. Raises ParseError."""
        found = super().parse(*args, **kwargs)
        try:
            json.dumps(found, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise ParseError("JSON parse error - half of a surrogate pair is no text") from None
        return found


class DomainErrorMiddleware:
    """Answers a rule of the field with a page that says it, and gives back what was written."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Return the 409 page for a DomainError or for a lock that was waited for in vain.

        Every other exception is left alone.
        """
        if getattr(exception.__cause__, "pgcode", "") == LOCK_NOT_AVAILABLE:
            why = "Somebody else is working on this at this moment. Wait a minute, and try again."
        elif isinstance(exception, DomainError):
            why = str(exception)
        else:
            return None
        context = {"why": why, "kept": words_of(request), "back": _page_before(request)}
        return render(request, "errors/409.html", context, status=409)


def words_of(request: HttpRequest) -> list[str]:
    """Return the answers in words that came with the request: not codes, not passwords."""
    return [
        value
        for name, values in request.POST.lists()
        if "password" not in name
        for value in values
        if isinstance(value, str) and len(value.split()) > 1
    ]


def _page_before(request: HttpRequest) -> str:
    """Return the path of the page that the person came from, if it is one of ours."""
    came_from = request.headers.get("Referer", "")
    ours = url_has_allowed_host_and_scheme(came_from, {request.get_host()})
    return urlsplit(came_from).path if ours else "/"


def handler400(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """400. The request may be too broken for a session: the page stands alone."""
    return HttpResponse(render_to_string("errors/400.html"), status=400)


def handler403(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: the record may be seen, and this may not be done with it. Says which rule refused."""
    why = getattr(exception, "why", "")
    return render(request, "errors/403.html", {"why": why}, status=403)


def handler404(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404. The same bytes for a record that is missing and for one that is hidden.

    `sealed` keeps out of the frame all that differs from one request to the next: the form
    token, the messages, the mark on the current section. What was kept after a session had ended
    has a page of its own, which says for whom and how long such things are kept.
    """
    kept = isinstance(exception, NotVisible) and exception.kind == "kept"
    page = "errors/not_kept.html" if kept else "errors/404.html"
    return render(request, page, {"sealed": True}, status=404)


def posted(request: HttpRequest) -> Any:
    """What was typed, for a form; None when the page is only looked at."""
    return request.POST if request.method == "POST" else None


def done(form: PageForm, act: Callable[[], object]) -> int | None:
    """Do what a form asks. None when it is done; else the status of its page.

    What is wrong stands on top of the form, beside the words that were typed.
    """
    if not form.is_bound:
        return 200
    if not form.is_valid():
        return 422
    try:
        act()
    except DomainError as refusal:
        form.add_error(None, str(refusal))
        return 409
    return None
