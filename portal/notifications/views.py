"""Notices in the browser: the list, marking them as read, how they come; and outgoing mail."""

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.accounts.http import Request
from portal.common.http import done, posted
from portal.notifications import policies, reports, services
from portal.notifications.forms import PreferencesForm, StopForm
from portal.notifications.vocabulary import Class

A_PAGE = 25
KEPT = timedelta(days=30)


@require_safe
def notices(request: Request) -> HttpResponse:
    """Show what the person has not read, then what they read in the last 30 days, in pages.

    With `class`, only what asks that much of them.
    """
    own = policies.visible(request.principal)
    asked = request.GET.get("class", "")
    chosen = Class(asked) if asked in Class.values else None
    if chosen is not None:
        own = own.of_class(chosen)
    page = Paginator(own.to_show(timezone.now() - KEPT), A_PAGE).get_page(request.GET.get("page"))
    unread = [notice for notice in page if notice.read_at is None]
    context = {
        "unread": unread,
        "read": [notice for notice in page if notice.read_at],
        "page": page,
        "more": f"?class={chosen}&page=" if chosen else "?page=",
        "chosen": chosen,
        "classes": [(each.value, each.label, each is chosen) for each in Class],
        "to_mark": any(not notice.is_urgent for notice in unread),
        "to_acknowledge": any(notice.is_urgent for notice in unread),
    }
    return TemplateResponse(request, "notifications/list.html", context)


@require_POST
def mark_read(request: Request, pk: UUID) -> HttpResponseRedirect:
    """Mark one notice as read, or acknowledge it."""
    services.mark_read(principal=request.principal, pk=pk)
    return redirect("notifications:list")


@require_POST
def mark_all_read(request: Request) -> HttpResponseRedirect:
    """Mark every notice as read that need not be acknowledged by itself."""
    services.mark_all_read(principal=request.principal)
    messages.success(request, "All notifications that can wait are marked as read.")
    return redirect("notifications:list")


@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: Request) -> HttpResponse:
    """Choose how one hears by email, in this role."""
    form = PreferencesForm(
        posted(request), initial=reports.preferences(request.principal.membership_id)
    )
    status = done(form, lambda: services.prefer(principal=request.principal, **form.cleaned_data))
    if status is None:
        messages.success(request, "Your choice is saved. It holds for what comes from now on.")
        return redirect("notifications:list")
    return TemplateResponse(
        request, "notifications/preferences.html", {"form": form}, status=status
    )


@require_safe
def mail(request: Request) -> HttpResponse:
    """What becomes of outgoing mail: what waits, what was given up, whether it is stopped."""
    policies.require_operates(request.principal)
    context = {"outbox": reports.outbox(), "form": StopForm()}
    return TemplateResponse(request, "notifications/mail.html", context)


@require_POST
def stop_mail(request: Request) -> HttpResponse:
    """Stop all outgoing mail."""
    policies.require_operates(request.principal)
    form = StopForm(request.POST)
    status = done(form, lambda: services.stop_mail(actor=request.principal, **form.cleaned_data))
    if status is None:
        messages.success(request, "No mail goes out. Notices in the portal go on.")
        return redirect("notifications:mail")
    context = {"outbox": reports.outbox(), "form": form}
    return TemplateResponse(request, "notifications/mail.html", context, status=status)


@require_POST
def resume_mail(request: Request) -> HttpResponseRedirect:
    """Let outgoing mail go on."""
    services.resume_mail(actor=request.principal)
    messages.success(request, "Mail goes out again. What waited is sent now.")
    return redirect("notifications:mail")


@require_POST
def try_again(request: Request, pk: UUID) -> HttpResponseRedirect:
    """Send one email anew that was given up."""
    return _tried(request, services.try_again(actor=request.principal, pk=pk))


@require_POST
def try_all_again(request: Request) -> HttpResponseRedirect:
    """Send every email anew that was given up."""
    return _tried(request, services.try_again(actor=request.principal))


def _tried(request: Request, count: int) -> HttpResponseRedirect:
    words = f"{count} will be tried again now." if count else "There was nothing to try again."
    messages.success(request, words)
    return redirect("notifications:mail")
