"""The papers of a meeting, for whoever is invited."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.accounts.http import Request
from portal.common.http import done, posted
from referrals import reading
from referrals.meetings import services
from referrals.meetings.forms import ContributeForm


@require_safe
def pack(request: Request, pk: UUID) -> HttpResponse:
    """My papers: the items that I am invited to, and what I am to do by when."""
    context = {
        "pack": services.read_pack(actor=request.principal, pk=pk),
        "pdf": services.own_pack(actor=request.principal, pk=pk),
    }
    return TemplateResponse(request, "meetings/pack.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def item(request: Request, pk: UUID, item: UUID) -> HttpResponse:
    """One item of my papers, as my role sees it; bring what my agency knows."""
    found = services.read_pack_item(actor=request.principal, pk=pk, item=item)
    form = ContributeForm(posted(request), is_child=found.reading is not None)
    status = done(
        form,
        lambda: services.contribute(
            actor=request.principal,
            pk=pk,
            item=item,
            words=form.cleaned_data["words"],
            about=form.category,
            key=form.cleaned_data["key"],
        ),
    )
    if status is None:
        messages.success(request, "Added to the papers, for those whom the rules let read it.")
        return redirect("meetings:item", pk=pk, item=item)
    context = {
        "found": found,
        "reading": found.reading,
        "form": form,
        "standing_line": reading.STANDING_LINE,
    }
    return TemplateResponse(request, "meetings/item.html", context, status=status)


@require_POST
def tick(request: Request, pk: UUID) -> HttpResponse:
    """I have read my papers."""
    services.tick_read(actor=request.principal, pk=pk)
    messages.success(request, "Recorded: you have read these papers.")
    return redirect("meetings:pack", pk=pk)


@require_POST
def pdf(request: Request, pk: UUID) -> HttpResponse:
    """Make my papers as a PDF anew."""
    services.request_pack(actor=request.principal, pk=pk)
    return redirect("meetings:pack", pk=pk)


@require_POST
def download(request: Request, pk: UUID) -> HttpResponse:
    """My papers as a PDF, while they are still what I may see."""
    content, name = services.download_pack(actor=request.principal, pk=pk)
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
