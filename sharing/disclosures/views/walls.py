"""Conflicts of interest in the browser: my own, somebody else's, and all of the partnership's."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods, require_safe

from portal.accounts.http import Request
from portal.common.errors import DomainError, NotVisible
from portal.common.http import done, posted
from referrals import policies as casework
from referrals.vocabulary import Conflict
from sharing.disclosures.forms.walls import DeclareForm, ImposeForm, LiftForm
from sharing.disclosures.policies import oversight as policies
from sharing.disclosures.services import walls as services


@require_http_methods(["GET", "HEAD", "POST"])
def conflict(request: Request, reference: str) -> HttpResponse:
    """I have a conflict of interest. The case is gone for me when I press the button."""
    case = casework.case_for(request.principal, reference)
    form = DeclareForm(posted(request))

    def declare() -> None:
        services.declare(
            actor=request.principal,
            reference=reference,
            why=Conflict(form.cleaned_data["why"]),
            words=form.cleaned_data["words"],
        )

    status = done(form, declare)
    if status is None:
        messages.success(request, "Your conflict of interest is recorded. Thank you.")
        return redirect("home:home")
    access = casework.emergencies(request.principal).filter(case=case).first()
    context = {
        "form": form,
        "reference": case.reference,
        "emergency_until": access.until_at if access else None,
        "oversees": casework.oversees(request.principal, case),
    }
    return TemplateResponse(request, "disclosures/conflict.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def impose(request: Request, reference: str) -> HttpResponse:
    """Somebody else has a conflict of interest in this case."""
    known = services.require_may_raise(actor=request.principal, reference=reference)
    return _impose(request, known)


@require_http_methods(["GET", "HEAD", "POST"])
def raise_for(request: Request) -> HttpResponse:
    """The same for somebody who looks after conflicts and names the case by its reference."""
    policies.require_sees_walls(request.principal)
    return _impose(request, "")


def _impose(request: Request, reference: str) -> HttpResponse:
    form = ImposeForm(request.POST or None, knows_case=bool(reference))
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                services.raise_wall(
                    actor=request.principal,
                    reference=reference or form.cleaned_data["reference"],
                    email=form.cleaned_data["email"],
                    why=Conflict(form.cleaned_data["why"]),
                    words=form.cleaned_data["words"],
                )
            except DomainError as refusal:
                form.add_error("email", str(refusal))
                status = 409
            else:
                messages.success(request, "Recorded. This person cannot open the case any more.")
                return _after(request, reference)
    context = {"form": form, "reference": reference}
    return TemplateResponse(request, "disclosures/impose.html", context, status=status)


def _after(request: Request, reference: str) -> HttpResponse:
    if policies.sees_walls(request.principal):
        return redirect("disclosures:walls")
    try:
        casework.case_for(request.principal, reference)
    except NotVisible:  # it was about themselves
        return redirect("home:home")
    return redirect("referrals:case", reference=reference)


@require_safe
def walls(request: Request) -> HttpResponse:
    """The partnership's conflicts of interest: standing, and ended."""
    rows = services.list_walls(actor=request.principal)
    context = {
        "standing": [row for row in rows if row.lifted_at is None],
        "ended": [row for row in rows if row.lifted_at is not None],
    }
    return TemplateResponse(request, "disclosures/walls.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def lift(request: Request, pk: UUID) -> HttpResponse:
    """End a conflict of interest, with the reason."""
    form = LiftForm(posted(request))

    def end() -> None:
        services.lift(actor=request.principal, pk=pk, why=form.cleaned_data["why"])

    status = done(form, end)
    if status is None:
        messages.success(request, "The conflict of interest has ended.")
        return redirect("disclosures:walls")
    row = services.read_wall(actor=request.principal, pk=pk)
    context = {"form": form, "row": row}
    return TemplateResponse(request, "disclosures/lift.html", context, status=status)
