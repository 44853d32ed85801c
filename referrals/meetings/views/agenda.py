"""Building an agenda without dragging, and sending the papers out."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods, require_POST

from portal.accounts.http import Request
from portal.common.forms import PageForm
from portal.common.http import done, posted
from referrals.meetings import services
from referrals.meetings.forms import AddForm, LeaveOutForm, MinutesForm, MoveForm
from referrals.meetings.http import chosen
from referrals.meetings.services import AgendaPage

_METHODS = require_http_methods(["GET", "HEAD", "POST"])


@_METHODS
def agenda(request: Request, pk: UUID) -> HttpResponse:
    """What is ready, and the agenda: add several, move by buttons, minutes, who is missing."""
    found = services.read_agenda(actor=request.principal, pk=pk)
    adds = AddForm(_typed(request, "add"), ready=found.ready)
    moves = MoveForm(_typed(request, "move"), lines=found.lines)
    lasts = MinutesForm(_typed(request, "minutes"), lines=found.lines)
    forms: dict[str, PageForm] = {"add": adds, "move": moves, "minutes": lasts}
    acts: dict[str, Callable[[], object]] = {
        "add": lambda: services.add(
            actor=request.principal,
            meeting=pk,
            nominations=[UUID(each) for each in adds.cleaned_data["nomination"]],
        ),
        "move": lambda: services.move(
            actor=request.principal,
            meeting=pk,
            item=UUID(moves.cleaned_data["item"]),
            to=int(moves.cleaned_data["place"]),
        ),
        "minutes": lambda: services.set_minutes(
            actor=request.principal, meeting=pk, minutes=lasts.minutes()
        ),
    }
    what = next((name for name in acts if name in request.POST), "")
    if request.method == "POST" and not what:
        _step(request, pk, found)
        return redirect("meetings:agenda", pk=pk)
    status: int | None = 200
    if what:
        status = done(forms[what], acts[what])
        if status is None:
            messages.success(request, "The agenda is changed.")
            return redirect("meetings:agenda", pk=pk)
    context = {"found": found, "forms": forms, "wrong": _wrong(adds)}
    return TemplateResponse(request, "meetings/agenda.html", context, status=status)


def _typed(request: Request, name: str) -> object:
    return posted(request) if name in request.POST else None


def _wrong(form: AddForm) -> str:
    return next((str(error) for errors in form.errors.values() for error in errors), "")


def _step(request: Request, pk: UUID, found: AgendaPage) -> None:
    """One press beside an item: up, down, or off the agenda."""
    for name, by in (("up", -1), ("down", 1)):
        if name in request.POST:
            moved = chosen(request, name)
            here = next((line.number for line in found.lines if line.pk == moved), 0)
            services.move(actor=request.principal, meeting=pk, item=moved, to=here + by)
            return
    item = chosen(request, "off")
    services.remove(actor=request.principal, meeting=pk, item=item)
    messages.success(request, "Taken off the agenda. It is ready for another one.")


@require_POST
def publish(request: Request, pk: UUID) -> HttpResponse:
    """Send the papers out."""
    services.publish(actor=request.principal, pk=pk)
    messages.success(request, "The papers are out. Everybody who is invited has been told.")
    return redirect("meetings:agenda", pk=pk)


@_METHODS
def leave_out(request: Request, pk: UUID, item: UUID) -> HttpResponse:
    """Say who of those invited is not invited to one item."""
    line, guests, out = services.read_left_out(actor=request.principal, pk=pk, item=item)
    form = LeaveOutForm(
        posted(request), guests=guests, initial={"out": [str(each) for each in out]}
    )
    status = done(
        form,
        lambda: services.leave_out(
            actor=request.principal, meeting=pk, item=item, invitations=form.invitations()
        ),
    )
    if status is None:
        messages.success(request, "Who is invited to this item is changed.")
        return redirect("meetings:agenda", pk=pk)
    context = {"form": form, "line": line, "meeting": pk}
    return TemplateResponse(request, "meetings/leave_out.html", context, status=status)
