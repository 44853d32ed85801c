"""Emergency access in the browser: three pages that do not tell whether a case exists, one press
that opens it, and the reviews.
"""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.accounts.http import Request
from portal.common.errors import DomainError
from portal.common.http import done, posted
from referrals.vocabulary import Emergency, Reviewed
from sharing.disclosures.forms.emergency import (
    CarriedForm,
    OpenForm,
    ReferenceForm,
    ReviewForm,
    WhyForm,
)
from sharing.disclosures.policies import oversight as policies
from sharing.disclosures.services import emergency as services


@require_http_methods(["GET", "HEAD", "POST"])
def find(request: Request) -> HttpResponse:
    """Which case? The form stands on Help too; here it says what is wrong with what was typed."""
    policies.require_may_use_emergency(request.principal, "")
    form = ReferenceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return redirect("disclosures:emergency", reference=form.cleaned_data["reference"])
    status = 422 if request.method == "POST" else 200
    return TemplateResponse(
        request, "disclosures/emergency_find.html", {"form": form}, status=status
    )


@require_safe
def emergency(request: Request, reference: str) -> HttpResponse:
    """Page 1: what it opens, what it never opens, who is told, and whom to ring instead."""
    standing = services.stand(actor=request.principal, reference=reference)
    return TemplateResponse(request, "disclosures/emergency.html", {"standing": standing})


@require_http_methods(["GET", "HEAD", "POST"])
def emergency_why(request: Request, reference: str) -> HttpResponse:
    """Page 2: why it cannot wait. Answered, it leads to page 3, which carries the answers."""
    standing = services.stand(actor=request.principal, reference=reference)
    form = WhyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _confirm(request, standing, OpenForm(user=request.user), CarriedForm(request.POST))
    status = 422 if request.method == "POST" else 200
    context = {"standing": standing, "form": form}
    return TemplateResponse(request, "disclosures/emergency_why.html", context, status=status)


def _confirm(
    request: Request,
    standing: services.Standing,
    form: OpenForm,
    carried: CarriedForm,
    status: int = 200,
) -> HttpResponse:
    context = {"standing": standing, "form": form, "carried": carried}
    return TemplateResponse(request, "disclosures/emergency_open.html", context, status=status)


@require_POST
def emergency_open(request: Request, reference: str) -> HttpResponse:
    """The press of page 3. Only here is it said whether there is such a case to open."""
    standing = services.stand(actor=request.principal, reference=reference)
    carried = CarriedForm(request.POST)
    if not carried.is_valid():
        context = {"standing": standing, "form": WhyForm(request.POST)}
        return TemplateResponse(request, "disclosures/emergency_why.html", context, status=422)
    form = OpenForm(request.POST, user=request.user)
    if not form.is_valid():
        return _confirm(request, standing, form, carried, status=422)
    try:
        services.open_in_emergency(
            actor=request.principal,
            reference=reference,
            why=Emergency(carried.cleaned_data["why"]),
            next_step=carried.cleaned_data["next_step"],
            authorised_by=carried.cleaned_data["authorised_by"],
        )
    except DomainError as refusal:
        form.add_error(None, str(refusal))
        return _confirm(request, standing, form, carried, status=409)
    messages.success(request, "The case is open for one hour. Those who must know have been told.")
    return redirect("referrals:case", reference=standing.reference)


@require_POST
def emergency_end(request: Request, reference: str) -> HttpResponse:
    """One press: the access ends before its hour is over."""
    services.end_emergency(actor=request.principal, reference=reference)
    messages.success(request, "Your emergency access has ended.")
    return redirect("disclosures:emergencies")


@require_safe
def emergencies(request: Request) -> HttpResponse:
    """Emergency access that this person used, is told of, or reviews."""
    rows = services.list_emergencies(actor=request.principal)
    context = {"rows": rows, "reviews": policies.reviews_emergencies(request.principal)}
    return TemplateResponse(request, "disclosures/emergencies.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def emergency_review(request: Request, pk: UUID) -> HttpResponse:
    """One emergency access: why, what was opened, and what the second person found."""
    form = ReviewForm(posted(request))

    def review() -> None:
        services.review(
            actor=request.principal,
            pk=pk,
            found=Reviewed(form.cleaned_data["found"]),
            words=form.cleaned_data["words"],
        )

    status = done(form, review)
    if status is None:
        messages.success(request, "Your review is recorded. The person has been told.")
        return redirect("disclosures:emergencies")
    row, opened = services.read_emergency(actor=request.principal, pk=pk)
    context = {"row": row, "opened": opened, "form": form}
    return TemplateResponse(request, "disclosures/emergency_review.html", context, status=status)
