"""Who came, and who is in the room for which item."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods, require_POST

from portal.accounts.http import Request
from portal.common.http import done, posted
from referrals.meetings import services
from referrals.meetings.forms import CameForm
from referrals.meetings.http import chosen


@require_http_methods(["GET", "HEAD", "POST"])
def attendance(request: Request, pk: UUID) -> HttpResponse:
    """Write down who came, and bring items into the room."""
    found = services.read_room(actor=request.principal, pk=pk)
    form = CameForm(posted(request), guests=found.guests)
    status = done(
        form,
        lambda: services.note_who_came(
            actor=request.principal,
            pk=pk,
            came=form.came(),
            accepted=form.cleaned_data["accepted"],
        ),
    )
    if status is None:
        messages.success(request, "Who came is written down.")
        return redirect("meetings:attendance", pk=pk)
    context = {"found": found, "form": form}
    return TemplateResponse(request, "meetings/attendance.html", context, status=status)


@require_POST
def hold(request: Request, pk: UUID) -> HttpResponse:
    """Begin the meeting."""
    services.hold(actor=request.principal, pk=pk)
    messages.success(request, "The meeting has begun.")
    return redirect("meetings:attendance", pk=pk)


@require_POST
def end(request: Request, pk: UUID) -> HttpResponse:
    """End the meeting: all that it opened closes."""
    services.end(actor=request.principal, pk=pk)
    messages.success(request, "The meeting is over. All that it opened is closed.")
    return redirect("meetings:attendance", pk=pk)


@require_POST
def item(request: Request, pk: UUID, item: UUID) -> HttpResponse:
    """Bring an item into the room or take it out; somebody comes in, or leaves."""
    who = request.principal
    if "leave" in request.POST:
        services.leave(actor=who, meeting=pk, item=item, invitation=chosen(request, "leave"))
    elif "arrive" in request.POST:
        services.arrive(actor=who, meeting=pk, item=item, invitation=chosen(request, "arrive"))
    elif "close" in request.POST:
        services.close_item(actor=who, meeting=pk, item=item)
    else:
        services.open_item(actor=who, meeting=pk, item=item)
    return redirect("meetings:attendance", pk=pk)
