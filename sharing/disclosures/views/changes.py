"""What a change of the law means for real cases: tried, counted, examined."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods, require_safe

from portal.accounts.http import Request
from portal.common.errors import DomainError, NotVisible
from sharing.disclosures.services import review
from sharing.rules import policies as law
from sharing.rules.forms import TryForm
from sharing.rules.services import changes


@require_http_methods(["GET", "HEAD", "POST"])
def simulate(request: Request, pk: UUID) -> HttpResponse:
    """Put a question to the law as it is and as a change would make it, side by side."""
    change = law.change_for(request.principal, pk)
    form = TryForm(request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"form": form, "change": change.pk, "number": change.number}
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            said = form.cleaned_data
            try:
                context["rows"] = review.simulate(
                    actor=request.principal,
                    pk=pk,
                    question=review.Question.of(**said),
                    reference=said["reference"],
                )
                status = 200
            except NotVisible:
                form.add_error("reference", "You cannot open a case with this reference")
            except DomainError as refusal:
                form.add_error(None, str(refusal))
    return TemplateResponse(request, "rules/try.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def impact(request: Request, pk: UUID) -> HttpResponse:
    """Show who a change touches; POST asks for it to be counted as the change reads now."""
    change = law.change_for(request.principal, pk)
    if request.method == "POST":
        changes.count(actor=request.principal, change=change)
        return redirect("disclosures:impact", pk=pk)
    page = review.open_impact(actor=request.principal, pk=pk)
    context = {"page": page, "change": change.pk, "number": change.number}
    return TemplateResponse(request, "rules/impact.html", context)


@require_safe
def examination(request: Request, pk: UUID) -> HttpResponse:
    """Show how far the live shares have been held against the changed law, and what became of
    them."""
    found = review.open_examination(actor=request.principal, pk=pk)
    return TemplateResponse(request, "rules/examination.html", {"work": found})
