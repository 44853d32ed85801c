"""What stands beside the board: children whom one is asked to take on, and steps with an owner."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from portal.accounts.http import Request
from portal.common.errors import DomainError
from referrals.triage import services
from referrals.triage.forms import AgainForm, AnswerForm, DoneForm


@require_safe
def handovers(request: Request) -> HttpResponse:
    """The children whom I, or our front door, am asked to take on; decisions for my yes."""
    rows, asked = services.handovers(actor=request.principal)
    context = {"rows": rows, "asked": asked}
    return TemplateResponse(request, "triage/handovers.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def handover(request: Request, pk: UUID) -> HttpResponse:
    """Say yes or no to taking one on."""
    row = services.read_handover(actor=request.principal, pk=pk)
    form = AnswerForm(request.POST or None)
    del form.fields["late_reason"]
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                services.answer(
                    actor=request.principal,
                    pk=pk,
                    accepts=form.cleaned_data["accepts"] == "yes",
                    words=form.cleaned_data["words"],
                )
            except DomainError as refusal:
                form.add_error(None, str(refusal))
                status = 409
            else:
                messages.success(request, "Your answer has been sent.")
                return redirect("triage:handovers")
    context = {"form": form, "row": row}
    return TemplateResponse(request, "triage/handover.html", context, status=status)


@require_safe
def tasks(request: Request) -> HttpResponse:
    """The steps beside decisions that are mine; for a LADO, who is kept from a case."""
    own = services.tasks(actor=request.principal)
    context = {"rows": own.steps, "hidden": own.hidden, "now": timezone.now()}
    return TemplateResponse(request, "triage/tasks.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def task(request: Request, pk: UUID) -> HttpResponse:
    """Say that one is done, and what came of it."""
    row = services.read_task(actor=request.principal, pk=pk)
    form = DoneForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                services.finish_side(
                    actor=request.principal, pk=pk, words=form.cleaned_data["words"]
                )
            except DomainError as refusal:
                form.add_error(None, str(refusal))
                status = 409
            else:
                messages.success(request, f"Done: {row.side}.")
                return redirect("triage:tasks")
    context = {"form": form, "row": row, "now": timezone.now()}
    return TemplateResponse(request, "triage/task.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def hidden(request: Request, pk: UUID) -> HttpResponse:
    """Say whether an agency may see a case again that is kept from it."""
    row = services.read_hidden(actor=request.principal, pk=pk)
    form = AgainForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid() and form.cleaned_data["again"] == "no":
            messages.success(request, "Nothing has changed. They still do not see the case.")
            return redirect("triage:tasks")
        if form.is_valid():
            try:
                services.show_again(actor=request.principal, pk=pk, why=form.cleaned_data["why"])
            except DomainError as refusal:
                form.add_error(None, str(refusal))
                status = 409
            else:
                messages.success(request, "They may see the case again. Nobody has told them.")
                return redirect("triage:tasks")
    context = {"form": form, "row": row}
    return TemplateResponse(request, "triage/hidden.html", context, status=status)
