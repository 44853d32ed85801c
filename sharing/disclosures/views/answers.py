"""The pages on which whoever answers for words protects, corrects or removes them."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods

from portal.accounts.http import Request
from portal.accounts.policies import prompts_for
from portal.common.http import done, posted
from portal.common.language import written
from referrals import policies as casework
from referrals import services as core
from referrals.vocabulary import KnownHow
from sharing.disclosures.forms.answers import CorrectForm, MarkForm, RemoveForm

_METHODS = require_http_methods(["GET", "HEAD", "POST"])


@_METHODS
def mark(request: Request, reference: str, pk: UUID) -> HttpResponse:
    """Protect all of an answer or parts of it, or take the protection away."""
    statement = casework.statement_for(request.principal, reference, pk, to="protect")
    own = core.read_answer(actor=request.principal, statement=statement)
    by = "words" if request.GET.get("by") == "words" else "sentences"
    form = MarkForm(posted(request), text=own.text, by=by, wrote=own.wrote, conceals=own.conceals)

    def protect() -> None:
        core.protect(
            actor=request.principal,
            statement=statement,
            protect=form.protects(),
            spans=form.spans(),
        )

    status = done(form, protect)
    if status is None:
        messages.success(request, "The protection of this answer has been changed.")
        return redirect("referrals:case", reference=own.reference)
    context = {"own": own, "form": form, "by": by}
    return TemplateResponse(request, "disclosures/mark.html", context, status=status)


@_METHODS
def correct(request: Request, reference: str, pk: UUID) -> HttpResponse:
    """Put an answer right, and tell everybody who had the wrong one."""
    statement = casework.statement_for(request.principal, reference, pk, to="correct")
    own = core.read_answer(actor=request.principal, statement=statement)
    form = CorrectForm(posted(request))

    def put_right() -> None:
        core.correct(
            actor=request.principal,
            statement=statement,
            text=form.cleaned_data["text"],
            known_how=KnownHow(form.cleaned_data["known_how"]),
            why=form.cleaned_data["why"],
        )

    status = done(form, put_right)
    if status is None:
        messages.success(request, "Corrected. Those who had the old answer are told.")
        return redirect("referrals:case", reference=own.reference)
    prompts = prompts_for(request.principal, written(form))
    context = {"own": own, "form": form, "prompts": prompts}
    return TemplateResponse(request, "disclosures/correct.html", context, status=status)


@_METHODS
def remove(request: Request, reference: str, pk: UUID) -> HttpResponse:
    """Take an answer out of everybody's sight, leaving a line that says why."""
    statement = casework.statement_for(request.principal, reference, pk, to="remove")
    own = core.read_answer(actor=request.principal, statement=statement)
    form = RemoveForm(posted(request))

    def take_out() -> None:
        why = form.cleaned_data["why"]
        core.remove(actor=request.principal, statement=statement, why=why)

    status = done(form, take_out)
    if status is None:
        messages.success(request, "Removed. A line stays in its place.")
        return redirect("referrals:case", reference=own.reference)
    context = {"own": own, "form": form}
    return TemplateResponse(request, "disclosures/mark_remove.html", context, status=status)
