"""A draft that its author asks a colleague to finish and send."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods, require_POST

from portal.accounts.http import Request
from portal.common.errors import DomainError
from referrals.intake import policies, services
from referrals.intake.forms.delegates import DelegateForm
from referrals.intake.models import Draft


@require_http_methods(["GET", "HEAD", "POST"])
def delegate(request: Request, pk: UUID) -> HttpResponse:
    """Ask a colleague to finish and send a draft."""
    found = policies.draft_for(request.principal, pk)
    policies.require_wrote(request.principal, found)
    if found.sent_at:
        return redirect("intake:sent", reference=found.reference)
    form = DelegateForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            services.delegate(
                actor=request.principal, draft=found, email=form.cleaned_data["email"]
            )
        except DomainError as refusal:
            form.add_error("email", str(refusal).removesuffix("."))
        else:
            messages.success(request, "Your colleague has been asked to send it.")
            return redirect("intake:draft", pk=pk)
    status = 422 if form.is_bound else 200
    context = {"form": form, "pk": pk}
    return TemplateResponse(request, "intake/delegate.html", context, status=status)


@require_POST
def take_back(request: Request, pk: UUID) -> HttpResponse:
    """Take a draft back."""
    found = policies.draft_for(request.principal, pk)
    services.take_back(actor=request.principal, draft=found)
    messages.success(request, "Only you can see the draft now.")
    return redirect("intake:draft", pk=pk)


def whose(request: Request, draft: Draft) -> dict[str, object]:
    """What a page says of whose draft it is: names, never more."""
    mine = draft.author_id == request.principal.membership_id
    return {
        "is_mine": mine,
        "author": "" if mine else draft.author.user.name,
        "delegate": draft.delegate.user.name if draft.delegate and mine else "",
    }


def sent_for_another(request: Request, reference: str) -> HttpResponse | None:
    """The confirmation for whom its author asked to send it, and who cannot open the case."""
    draft = policies.sent_for_another(request.principal, reference)
    if draft is None:
        return None
    context = {
        "reference": draft.reference,
        "author": draft.author.user.name,
        "sent_it": draft.sent_by_id == request.principal.membership_id,
    }
    return TemplateResponse(request, "intake/sent_for.html", context)
