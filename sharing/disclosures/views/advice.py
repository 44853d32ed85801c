"""The information-governance lead's pages: what waits for advice, and the answer."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods, require_safe

from portal.accounts.http import Request
from portal.common.http import done, posted
from sharing.disclosures import services
from sharing.disclosures.forms.advice import AdviceForm


@require_safe
def waiting(request: Request) -> HttpResponse:
    """The shares on which somebody asks for advice."""
    found = services.list_advice(actor=request.principal)
    return TemplateResponse(request, "disclosures/advice.html", {"questions": found})


@require_http_methods(["GET", "HEAD", "POST"])
def advise(request: Request, pk: UUID) -> HttpResponse:
    """Whom, which kinds, what for and why; and the answer. Nothing of the case."""
    form = AdviceForm(posted(request))

    def answer() -> None:
        services.advise(actor=request.principal, pk=pk, advice=form.cleaned_data["advice"])

    status = done(form, answer)
    if status is None:
        messages.success(request, "Your advice has been sent to the person who asked.")
        return redirect("disclosures:advice")
    context = {"form": form, "question": services.read_question(actor=request.principal, pk=pk)}
    return TemplateResponse(request, "disclosures/advise.html", context, status=status)
