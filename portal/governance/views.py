"""Audit trails: the trail page, making a PDF, and what the board's chair reads and signs for."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.accounts.http import Request
from portal.common.errors import DomainError
from portal.documents.vocabulary import Failure
from portal.documents.vocabulary import Status as Made
from portal.governance import policies, services
from portal.governance.forms import MakeForm, ReviewForm
from portal.governance.models import AuditTrail
from portal.governance.reading import Trail
from portal.governance.vocabulary import Audience


@require_http_methods(["GET", "HEAD", "POST"])
def trail(request: Request, reference: str) -> HttpResponse:
    """Every event of a case, in order, checked; and the form that makes it a PDF."""
    form = MakeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        asked = services.request_trail(
            actor=request.principal,
            reference=reference,
            audience=Audience(form.cleaned_data["audience"]),
        )
        return redirect("governance:report", pk=asked.pk)
    found = services.open_trail(actor=request.principal, reference=reference)
    status = 422 if request.method == "POST" else 200
    context = {"trail": found, "form": form, "reference": found.called}
    return TemplateResponse(request, "governance/trail.html", context, status=status)


@require_safe
def report(request: Request, pk: UUID) -> HttpResponse:
    """How far the PDF has got; once it is ready, the same words as a page, and the download."""
    found = policies.trail_for(request.principal, pk)
    opened = services.open_made(actor=request.principal, trail=found)
    context = {"report": _report(opened), "trail": _words(opened)}
    return TemplateResponse(request, "governance/report.html", context)


def _words(trail: AuditTrail) -> Trail | None:
    return Trail.from_json(trail.content) if trail.content else None


def _report(trail: AuditTrail) -> dict[str, object]:
    document = trail.document
    return {
        "pk": trail.pk,
        "status": document.status,
        "status_words": Made(document.status).label,
        "failure": Failure(document.failure).label if document.failure else "",
        "waiting": document.status in (Made.ASKED, Made.MAKING),
        "ready": document.status == Made.READY,
        "asked_at": document.asked_at,
        "pages": document.pages,
        "kilobytes": -(-(document.bytes or 0) // 1024),
        "sha256": document.sha256,
        "audience": Audience(trail.audience).label,
        "for_board": trail.audience == Audience.BOARD,
        "published_at": trail.published_at,
        "reviewed_at": trail.reviewed_at,
        "comment": trail.comment,
    }


@require_safe
def download(request: Request, pk: UUID) -> HttpResponse:
    """The PDF itself, as a file."""
    found = policies.trail_for(request.principal, pk)
    content, name = services.download(actor=request.principal, trail=found)
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_POST
def publish(request: Request, pk: UUID) -> HttpResponse:
    """Publish the board's version to the board."""
    found = policies.trail_for(request.principal, pk)
    services.publish(actor=request.principal, trail=found)
    messages.success(request, "Published. The board's chair has been told.")
    return redirect("governance:report", pk=pk)


@require_safe
def reports(request: Request) -> HttpResponse:
    """The audit reports that have been published to the board."""
    rows = [
        {
            "pk": each.pk,
            "called": f"Case {each.number}",
            "published_at": each.published_at,
            "state": "Signed for" if each.reviewed_at else "New",
        }
        for each in services.list_reports(actor=request.principal)
    ]
    return TemplateResponse(request, "governance/reports.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
def review(request: Request, pk: UUID) -> HttpResponse:
    """One published report: read as a page, downloaded, and signed for."""
    policies.require_board(request.principal)
    found = policies.trail_for(request.principal, pk)
    form = ReviewForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                services.review(
                    actor=request.principal, trail=found, comment=form.cleaned_data["comment"]
                )
            except DomainError as refusal:
                form.add_error(None, str(refusal))
                status = 409
            else:
                messages.success(request, "Thank you. You have signed for this report.")
                return redirect("governance:review", pk=pk)
    opened = services.open_report(actor=request.principal, trail=found)
    context = {"report": _report(opened), "trail": _words(opened), "form": form}
    return TemplateResponse(request, "governance/review.html", context, status=status)
