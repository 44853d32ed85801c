"""The list of actions, and reminding the owners of several at once."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from portal.accounts.http import Request
from referrals.actions import policies, services
from referrals.actions.workflow import Verb


@require_safe
def actions(request: Request) -> HttpResponse:
    """My actions, my agency's, or all that I oversee; what is late first."""
    return _list(request)


def _list(request: Request, wrong: str = "") -> HttpResponse:
    shows = request.GET.get("show", "") or request.POST.get("show", "")
    found = services.list_actions(
        actor=request.principal, shows=shows, page=request.GET.get("page", "")
    )
    context = {
        "found": found,
        "address": f"?show={found.shows}&page=",
        "may_remind": any(row.may_remind for row in found.rows),
        "now": timezone.now(),
        "wrong": wrong,
    }
    return TemplateResponse(request, "actions/actions.html", context, status=422 if wrong else 200)


@require_POST
def remind(request: Request) -> HttpResponse:
    """Remind the owners of the selected actions, once the page that checks it was pressed."""
    pks = [UUID(pk) for pk in request.POST.getlist("action") if _is_uuid(pk)]
    if not pks:
        return _list(request, "Select at least one action")
    for pk in pks:
        policies.require(request.principal, Verb.REMIND, policies.action_for(request.principal, pk))
    if "confirmed" not in request.POST:
        context = {"pks": pks, "count": len(pks)}
        return TemplateResponse(request, "actions/remind.html", context)
    told = services.remind(actor=request.principal, pks=pks)
    messages.success(request, told.words)
    return redirect("actions:actions")


def _is_uuid(typed: str) -> bool:
    try:
        UUID(typed)
    except ValueError:
        return False
    return True
