"""Saving while somebody writes: comfort beside the button, through the same service."""

from uuid import UUID

from django.http import JsonResponse
from django.views.decorators.http import require_POST

from portal.accounts.http import Request
from portal.common.errors import DomainError, NotVisible
from portal.common.moments import time_of_day
from referrals.intake import policies, services
from referrals.intake.forms import PAGES, form_of
from referrals.intake.views.pages import typed_on

_TOLD = "autosaved"


@require_POST
def save(request: Request, pk: UUID, page: str) -> JsonResponse:
    """Save a page as it stands, finished or not, and say when. Nothing is checked.

    The ledger hears of a page once in a session from here, however long somebody writes.
    """
    if page not in PAGES:
        raise NotVisible("page", page)
    draft = policies.draft_for(request.principal, pk)
    told = request.session.get(_TOLD, [])
    mark = f"{draft.pk}/{page}"
    try:
        draft = services.save(
            actor=request.principal,
            draft=draft,
            page=page,
            typed=typed_on(form_of(page, draft, request.POST), request.POST),
            seen=request.POST.get("version"),
            again=mark in told,
        )
    except DomainError:
        return JsonResponse({}, status=409)
    if mark not in told:
        request.session[_TOLD] = [*told, mark]
    return JsonResponse({"at": time_of_day(draft.saved_at), "version": draft.version(page)})
