"""The case page, as each role sees it, and the lists that lead to it."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from portal.accounts.http import Request
from referrals import policies, reading
from referrals.models import Case, SightQuerySet
from referrals.services import list_cases, read_case


@require_safe
def mine(request: Request) -> HttpResponse:
    """What I sent, and where it has got to."""
    policies.require_case_list(request.principal)
    sent = policies.sent(request.principal)
    return _listed(request, sent.newest(), "referrals/mine.html")


@require_safe
def cases(request: Request) -> HttpResponse:
    """Every case that is open to me, the latest first."""
    policies.require_case_list(request.principal)
    return _listed(request, policies.sights(request.principal).newest(), "referrals/cases.html")


def _listed(request: Request, found: SightQuerySet, template: str) -> HttpResponse:
    page = Paginator(found, 25).get_page(request.GET.get("page"))
    rows = list_cases(actor=request.principal, cases=Case.objects.of_page(page.object_list))
    return TemplateResponse(request, template, {"rows": rows, "page": page, "now": timezone.now()})


@require_safe
def case(request: Request, reference: str) -> HttpResponse:
    """One case, resolved for the person who asks; reading it is one event in the ledger."""
    found = policies.case_for(request.principal, reference)
    context = {
        "actions": policies.actions(request.principal, found),
        "asks": policies.may_ask(request.principal, found),
        "makes_trail": policies.oversees(request.principal, found),
        "reading": read_case(actor=request.principal, reference=reference),
        "standing_line": reading.STANDING_LINE,
        "now": timezone.now(),
    }
    return TemplateResponse(request, "referrals/case.html", context)
