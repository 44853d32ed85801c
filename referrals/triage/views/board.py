"""The board: what waits for a decision, in order of the time that is left."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from portal.accounts.http import Request
from referrals import policies
from referrals.forms import SearchForm
from referrals.models import Case
from referrals.services import list_cases


@require_safe
def board(request: Request) -> HttpResponse:
    """The queue in order of time left: whoever has least time is at the top."""
    policies.require_triage(request.principal)
    now = timezone.now()
    waiting = policies.sights(request.principal).waiting()
    page = Paginator(waiting, 25).get_page(request.GET.get("page"))
    rows = list_cases(actor=request.principal, cases=Case.objects.of_page(page.object_list))
    counts = {"overdue": waiting.overdue(now).count(), "unassigned": waiting.unassigned().count()}
    following = rows[0].reference if rows else ""
    context = {
        "following": following,
        "rows": rows,
        "page": page,
        "now": now,
        "counts": counts,
        "search": SearchForm(),
    }
    return TemplateResponse(request, "triage/board.html", context)
