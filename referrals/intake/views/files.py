"""Files that go with a referral: one at a time, before it is sent."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods, require_POST

from portal.accounts.http import Request
from portal.documents.services.uploads import FileRefused
from referrals.intake import policies, services
from referrals.intake.forms.files import FileForm
from referrals.intake.models import Draft
from referrals.services import files as casework
from sharing.rules.vocabulary import Category


@require_http_methods(["GET", "HEAD", "POST"])
def files(request: Request, pk: UUID) -> HttpResponse:
    """The warning, the files that are there, and the way to add one more."""
    draft = services.opened(actor=request.principal, pk=pk)
    if draft.sent_at:
        return redirect("intake:sent", reference=draft.reference)
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    if form.is_bound and form.is_valid() and _add(request, draft, form):
        messages.success(request, "The file is added. We check it for viruses now.")
        return redirect("intake:files", pk=pk)
    context = {
        "draft": {"pk": draft.pk},
        "form": form,
        "added": casework.added_to(key=draft.pk),
        "rules": casework.rules_for(request.principal),
    }
    status = 422 if form.is_bound else 200
    return TemplateResponse(request, "intake/files.html", context, status=status)


def _add(request: Request, draft: Draft, form: FileForm) -> bool:
    said = form.cleaned_data
    try:
        services.add_file(
            actor=request.principal,
            draft=draft,
            given=said["file"].read(),
            label=said["label"],
            category=Category(said["category"]),
            protect=said["protect"],
        )
    except FileRefused as refused:
        form.add_error("file", refused.words)
        return False
    return True


@require_POST
def remove(request: Request, pk: UUID, file: UUID) -> HttpResponse:
    """Take one of them out again."""
    draft = policies.draft_for(request.principal, pk)
    services.remove_file(actor=request.principal, draft=draft, pk=file)
    messages.success(request, "The file is removed. Nothing of it is kept.")
    return redirect("intake:files", pk=pk)
