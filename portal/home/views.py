"""The pages that anybody may read, and the supervisor's question whether the site is well."""

from datetime import datetime

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe

from portal.accounts import policies as people
from portal.accounts.http import Request
from portal.common import clock
from portal.home import services
from portal.home.reports import health, needs
from sharing.disclosures.forms.emergency import ReferenceForm
from sharing.disclosures.policies import oversight as sharing


@login_not_required
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Help a person decide whether this is the right place, before they sign in."""
    if request.user.is_authenticated:
        return redirect(settings.LOGIN_REDIRECT_URL)
    return TemplateResponse(request, "home/start.html", _watch())


@require_safe
def home(request: Request) -> HttpResponse:
    """What needs me now, and what happened to what I sent."""
    context = {
        "needs": needs(request.principal),
        "sent": services.latest_sent(actor=request.principal),
        "now": timezone.now(),
    }
    return TemplateResponse(request, "home/home.html", context)


@login_not_required
@require_safe
def page(request: HttpRequest, name: str) -> HttpResponse:
    """Show one of the pages that never change: help, accessibility, privacy, cookies, labels."""
    principal = getattr(request, "principal", None)
    find = name == "help" and principal and sharing.may_use_emergency(principal)
    context = _watch() | {"find": ReferenceForm() if find else None}
    return TemplateResponse(request, f"home/{name}.html", context)


@login_not_required
@require_safe
def healthz(_request: HttpRequest) -> HttpResponse:
    """Answer 200 when the site and its database are there, 503 when the database is not."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return HttpResponse("no database\n", content_type="text/plain", status=503)
    return HttpResponse("well\n", content_type="text/plain")


@login_not_required
@require_safe
def live(_request: HttpRequest) -> JsonResponse:
    """Answer that this process answers. It asks nobody else."""
    return JsonResponse({"ok": True})


@login_not_required
@require_safe
def deep(request: HttpRequest) -> HttpResponse:
    """Say in numbers how the service is, to whoever has the word for it; 503 when it is not well.

    Everybody else gets what a page that is not there gets.
    """
    said = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not settings.HEALTH_TOKEN or not constant_time_compare(said, settings.HEALTH_TOKEN):
        raise Http404
    found = health()
    return JsonResponse(found.numbers(), status=200 if found.is_well else 503)


def _watch() -> dict[str, object]:
    """Until when referrals are being read, or when they next will be, where one office reads."""
    partnership = people.only_partnership()
    if partnership is None:
        return {"partnership": None}
    now = timezone.now().astimezone(clock.LONDON)
    opens, closes = partnership.office_opens, partnership.office_closes
    if clock.is_open(now, opens, closes):
        until = datetime.combine(now.date(), closes, clock.LONDON)
        return {"partnership": partnership, "watched_until": until}
    again = clock.start_of_clock(now, opens, closes)
    return {"partnership": partnership, "watched_again_at": again}
