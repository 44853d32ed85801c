"""The minutes of a meeting: to read, to draft, to comment on, to approve, to take out as a PDF."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.accounts.http import Request
from portal.common.http import done, posted
from portal.documents.http import as_attachment
from referrals.meetings import policies
from referrals.meetings.forms import CommentForm
from referrals.meetings.services import minutes as services
from referrals.meetings.services import printing
from referrals.meetings.vocabulary import Says
from referrals.reading import STANDING_LINE


@require_safe
def minutes(request: Request, pk: UUID) -> HttpResponse:
    """The minutes, as this reader may read them."""
    reading, stage = services.open_minutes(actor=request.principal, meeting=pk)
    context = {"reading": reading, "stage": stage, "standing_line": STANDING_LINE}
    return TemplateResponse(request, "meetings/minutes.html", context)


@require_POST
def draft(request: Request, pk: UUID) -> HttpResponse:
    """One press: the minutes go to the members for comment."""
    found = policies.meeting_for(request.principal, pk)
    services.draft(actor=request.principal, meeting=found)
    messages.success(request, "The draft is with the members. They have been told.")
    return redirect("meetings:minutes", pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
def comment(request: Request, pk: UUID) -> HttpResponse:
    """Are the lines of my agency right?"""
    found = policies.meeting_for(request.principal, pk)
    own = services.own_items(actor=request.principal, meeting=found)
    form = CommentForm(posted(request), items=own)

    def act() -> None:
        said = form.cleaned_data
        services.comment(
            actor=request.principal,
            meeting=found,
            says=Says(said["says"]),
            item=UUID(said["item"]) if said["item"] else None,
            words=said["words"],
            key=said["key"],
        )

    status = done(form, act)
    if status is None:
        messages.success(request, "Thank you. What you said of the minutes is recorded.")
        return redirect("meetings:minutes", pk=pk)
    context = {"form": form, "meeting": pk}
    return TemplateResponse(request, "meetings/comment.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def approve(request: Request, pk: UUID) -> HttpResponse:
    """The chair's last look: what members said of the draft, and then nothing changes any more."""
    found = policies.meeting_for(request.principal, pk)
    if request.method == "POST":
        services.approve(actor=request.principal, meeting=found)
        messages.success(request, "The minutes are approved. Nothing in them changes now.")
        return redirect("meetings:minutes", pk=pk)
    approving = services.look_before_approving(actor=request.principal, meeting=found)
    return TemplateResponse(request, "meetings/approve.html", {"approving": approving})


@require_POST
def approve_item(request: Request, pk: UUID, item: UUID) -> HttpResponse:
    """One press: an item that the chair does not see is approved by another person."""
    found = policies.meeting_for(request.principal, pk)
    services.approve_item(actor=request.principal, meeting=found, item=item)
    messages.success(request, "The item is approved. The minutes say that you approved it.")
    return redirect("meetings:minutes", pk=pk)


@require_POST
def pdf(request: Request, pk: UUID) -> HttpResponse:
    """Ask for the minutes as a PDF; the page that follows says how far it has got."""
    asked = printing.request(actor=request.principal, meeting=pk)
    return redirect("meetings:minutes-printed", pk=asked)


@require_safe
def printed(request: Request, pk: UUID) -> HttpResponse:
    """How far a PDF of minutes has got, and once it is ready the way to download it."""
    found = printing.look_at(actor=request.principal, pk=pk)
    return TemplateResponse(request, "meetings/printed.html", {"paper": found})


@require_POST
def download(request: Request, pk: UUID) -> HttpResponse:
    """The PDF itself, while it is still what its owner may read."""
    content = printing.download(actor=request.principal, pk=pk)
    return as_attachment(content, "minutes.pdf", "application/pdf")
