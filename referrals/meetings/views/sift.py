"""Nominating for a panel, and answering nominations."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods, require_safe

from portal.accounts.http import Request
from portal.common.http import done, posted
from referrals.meetings import policies, services
from referrals.meetings.forms import (
    AnswerForm,
    NominateForm,
    NominateOtherForm,
    SiftForm,
    WithdrawForm,
)
from referrals.meetings.workflow import NominationStatus, Sifting

_METHODS = require_http_methods(["GET", "HEAD", "POST"])


@_METHODS
def nominate(request: Request, reference: str) -> HttpResponse:
    """Put a child's case to a panel."""
    reference, panels = services.panels_for(actor=request.principal, reference=reference)
    form = NominateForm(posted(request), panels=panels)
    status = done(
        form,
        lambda: services.nominate(
            actor=request.principal,
            reference=reference,
            put=form.put(),
            key=form.cleaned_data["key"],
        ),
    )
    if status is None:
        messages.success(request, "Nominated. Another person answers it, and you are told.")
        return redirect("referrals:case", reference=reference)
    context = {"form": form, "reference": reference, "panels": panels}
    return TemplateResponse(request, "meetings/nominate.html", context, status=status)


@_METHODS
def nominate_other(request: Request) -> HttpResponse:
    """Put a person who may pose a risk, a place or a theme to a panel."""
    policies.require_nominates(request.principal)
    panels = [(str(each.pk), each.name) for each in policies.series_of(request.principal)]
    form = NominateOtherForm(posted(request), panels=panels)
    status = done(
        form,
        lambda: services.nominate_other(
            actor=request.principal, put=form.put(), key=form.cleaned_data["key"]
        ),
    )
    if status is None:
        messages.success(request, "Nominated. Another person answers it, and you are told.")
        return redirect("meetings:sift")
    context = {"form": form, "panels": panels}
    return TemplateResponse(request, "meetings/nominate.html", context, status=status)


@require_safe
def waiting(request: Request) -> HttpResponse:
    """The nominations that wait for an answer, and those that are ready for an agenda."""
    context = {
        "found": services.read_sift(actor=request.principal),
        "nominates": request.principal.role in policies.NOMINATES,
    }
    return TemplateResponse(request, "meetings/sift.html", context)


@_METHODS
def nomination(request: Request, pk: UUID) -> HttpResponse:
    """One nomination: answer it; or, of one's own, answer what is asked, or withdraw it."""
    line, may_sift = services.read_nomination(actor=request.principal, pk=pk)
    own = line.is_mine and not may_sift
    waits = line.status in (NominationStatus.NOMINATED, NominationStatus.MORE)
    is_asked = line.status == NominationStatus.MORE
    asks = (AnswerForm if is_asked else WithdrawForm) if own else SiftForm
    form = asks(posted(request))

    def answer() -> None:
        said = form.cleaned_data
        step = Sifting(said["step"]) if not own else Sifting.ANSWER
        if own and "withdraw" in request.POST:
            step = Sifting.WITHDRAW
        services.sift(
            actor=request.principal,
            pk=pk,
            step=step,
            reason=said["reason"],
            alternative=said.get("alternative", ""),
        )

    status = done(form, answer)
    if status is None:
        messages.success(request, "Your answer is recorded.")
        return redirect("meetings:sift")
    context = {
        "line": line,
        "form": form if waits else None,
        "own": own,
        "is_asked": is_asked,
    }
    return TemplateResponse(request, "meetings/nomination.html", context, status=status)
