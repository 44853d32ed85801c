"""The room: one item on the screen, one pen, what each agency says, what the panel decides."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.accounts.http import Request
from portal.common.errors import DomainError
from portal.common.http import done, posted
from referrals.meetings import policies
from referrals.meetings.forms import ConcludeForm, HandForm, SaidForm
from referrals.meetings.models import AgendaItem
from referrals.meetings.reading.room import boxes
from referrals.meetings.services import concluding, writing


def _item(request: Request, pk: UUID, item: UUID) -> AgendaItem:
    held = policies.meeting_for(request.principal, pk)
    found = policies.item_for(request.principal, held, item)
    found.meeting = held
    return found


@require_http_methods(["GET", "HEAD", "POST"])
def discussion(request: Request, pk: UUID, item: UUID) -> HttpResponse:
    """One item: what the panel needs to know of it, what each agency says, what is decided.

    A press saves what each agency said. Whoever does not hold the pen is told who does, and what
    they typed stands where they typed it.
    """
    found = _item(request, pk, item)
    form = SaidForm(posted(request), boxes=boxes(found) if request.POST else ())

    def write() -> None:
        writing.write_all(actor=request.principal, item=found, said=form.said())

    status = done(form, write)
    if status is None:
        messages.success(request, "What was said is saved.")
        return redirect("meetings:discussion", pk=pk, item=item)
    reading = writing.look_at_item(actor=request.principal, item=found)
    if not form.is_bound:
        form = SaidForm(boxes=reading.boxes)
    context = {
        "reading": reading,
        "form": form,
        "hand": HandForm(people=reading.pen.hands_to) if reading.pen.hands_to else None,
    }
    return TemplateResponse(request, "meetings/discussion.html", context, status=status)


@require_POST
def take_pen(request: Request, pk: UUID, item: UUID) -> HttpResponse:
    """One press: the minutes are mine to write."""
    found = _item(request, pk, item)
    writing.take_pen(actor=request.principal, meeting=found.meeting)
    messages.success(request, "You hold the pen.")
    return redirect("meetings:discussion", pk=pk, item=item)


@require_POST
def hand_pen(request: Request, pk: UUID, item: UUID) -> HttpResponse:
    """One press: somebody else writes from now on."""
    found = _item(request, pk, item)
    people = writing.who_may_take_the_pen(actor=request.principal, meeting=found.meeting)
    form = HandForm(request.POST, people=people)
    if not form.is_valid():
        raise DomainError("Select who takes the pen. You still hold it.")
    writing.hand_pen(
        actor=request.principal, meeting=found.meeting, to=UUID(form.cleaned_data["to"])
    )
    messages.success(request, "The pen is handed over.")
    return redirect("meetings:discussion", pk=pk, item=item)


@require_POST
def present(request: Request, pk: UUID, item: UUID) -> HttpResponse:
    """One press: this item, and nothing else, is on the screen."""
    found = _item(request, pk, item)
    writing.present(actor=request.principal, item=found)
    return redirect("meetings:screen", pk=pk)


@require_POST
def clear_screen(request: Request, pk: UUID) -> HttpResponse:
    """One press: the item goes off the screen, and its working page opens."""
    found = policies.meeting_for(request.principal, pk)
    left = writing.clear_screen(actor=request.principal, meeting=found)
    if left is None:
        return redirect("meetings:screen", pk=pk)
    return redirect("meetings:discussion", pk=pk, item=left)


@require_safe
def screen(request: Request, pk: UUID) -> HttpResponse:
    """What the room sees: one item in large letters, without the frame of the portal."""
    reading = writing.look_at_screen(actor=request.principal, meeting=pk)
    # The frame without its names, its notices and its messages: what a room must not read.
    bare = {"service_name": settings.SERVICE_NAME, "may_hide": True}
    context = {"reading": reading, "frame": bare, "messages": ()}
    return TemplateResponse(request, "meetings/screen.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def decision(request: Request, pk: UUID, item: UUID) -> HttpResponse:
    """What the panel decides about one item, with up to three actions."""
    found = _item(request, pk, item)
    deciding = concluding.look_before_concluding(actor=request.principal, item=found)
    form = ConcludeForm(
        posted(request),
        agencies=deciding.agencies,
        owners=deciding.owners,
        seen=deciding.version,
        has_case=deciding.has_case,
        initial=deciding.before,
    )

    def act() -> None:
        concluding.conclude(
            actor=request.principal,
            item=found,
            found=form.concluded(),
            seen=form.cleaned_data["seen"],
        )

    status = done(form, act)
    if status is None:
        messages.success(request, "The decision is recorded.")
        return redirect("meetings:discussion", pk=pk, item=item)
    context = {"form": form, "deciding": deciding}
    return TemplateResponse(request, "meetings/decision.html", context, status=status)
