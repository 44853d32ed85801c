"""The pages that let people see through the sharing."""

from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from portal.accounts.http import Request
from referrals.reading import STANDING_LINE
from sharing.disclosures import services


@require_safe
def why(request: Request, reference: str) -> HttpResponse:
    """Why can I see this? Why not the rest? Who else can?"""
    explained = services.explain(actor=request.principal, reference=reference)
    return TemplateResponse(
        request, "disclosures/why.html", {"explained": explained, "standing_line": STANDING_LINE}
    )


@require_safe
def why_item(request: Request, reference: str, key: str) -> HttpResponse:
    """Why can I see, or not see, this one answer? Who else can?"""
    explained = services.explain_item(actor=request.principal, reference=reference, key=key)
    return TemplateResponse(
        request,
        "disclosures/why_item.html",
        {"explained": explained, "standing_line": STANDING_LINE},
    )
