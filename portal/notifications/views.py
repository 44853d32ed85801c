"""Notices in the browser: the list, and marking them as read."""

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from portal.accounts.http import Request
from portal.notifications import policies, services

SHOWN = 100
KEPT = timedelta(days=30)


@require_safe
def notices(request: Request) -> HttpResponse:
    """Show what the person has not read, then what they read in the last 30 days."""
    own = policies.visible(request.principal).order_by("-created_at")
    unread = list(own.unread()[: SHOWN + 1])
    recent = own.filter(read_at__isnull=False, created_at__gte=timezone.now() - KEPT)
    return TemplateResponse(
        request,
        "notifications/list.html",
        {"unread": unread[:SHOWN], "more": len(unread) > SHOWN, "read": list(recent[:SHOWN])},
    )


@require_POST
def mark_read(request: Request, pk: UUID) -> HttpResponseRedirect:
    """Mark one notice as read."""
    services.mark_read(principal=request.principal, pk=pk)
    return redirect("notifications:list")


@require_POST
def mark_all_read(request: Request) -> HttpResponseRedirect:
    """Mark every notice as read."""
    services.mark_all_read(principal=request.principal)
    messages.success(request, "All notifications are marked as read.")
    return redirect("notifications:list")
