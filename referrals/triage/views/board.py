"""The board: what waits for a decision, in order of the time that is left."""

from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from portal.accounts.http import Request
from portal.common.clock import LONDON
from portal.common.errors import DomainError
from referrals import policies
from referrals.forms import SearchForm
from referrals.models import Case, Decision, SightQuerySet
from referrals.services import clocks, list_cases
from referrals.triage import services
from referrals.triage.forms import AssignForm, FilterForm

LATELY: Final = timedelta(minutes=30)
"""For how long the board says that somebody else has opened a referral."""

VIEWS: Final[tuple[tuple[str, str, dict[str, str]], ...]] = (
    ("everything", "All", {}),
    ("mine", "Mine", {"has": "me"}),
    ("unassigned", "Not assigned", {"has": "nobody"}),
    ("overdue", "Overdue", {"due": "overdue"}),
    ("today", "Due today", {"due": "today"}),
    ("immediate", "Immediate", {"priority": "immediate"}),
    ("replies", "Replies in", {"replies": "in"}),
    ("withdrawn", "Withdrawn", {"status": "withdrawn"}),
)
"""The views that stand above the board as links. Their addresses hold codes and nothing else."""


@require_safe
def board(request: Request) -> HttpResponse:
    """The queue in order of time left: whoever has least time is at the top."""
    policies.require_triage(request.principal)
    context = _context(request, request.GET)
    return TemplateResponse(request, "triage/board.html", context)


def _context(request: Request, query: QueryDict) -> dict[str, Any]:
    now = timezone.now()
    waiting = policies.sights(request.principal).waiting()
    form = FilterForm(query)
    chosen = form.chosen()
    replied = services.replied(request.principal)
    found = _filtered(waiting, chosen, request.principal.membership_id, now)
    if chosen.get("replies"):
        found = found.filter(case_id__in=replied)
    page = Paginator(found, 25).get_page(query.get("page"))
    rows = list_cases(actor=request.principal, cases=Case.objects.of_page(page.object_list))
    shown = [row.case_id for row in rows]
    opened = services.opened_by(request.principal, shown, now - LATELY)
    still = clocks.standing_still(shown)
    counts = waiting.counted(now, _tonight(now), request.principal.membership_id)
    counts["replies"] = waiting.filter(case_id__in=replied).count() if replied else 0
    return {
        "rows": [
            (row, opened.get(row.case_id), row.case_id in still, row.case_id in replied)
            for row in rows
        ],
        "following": rows[0].reference if rows else "",
        "page": page,
        "address": f"?{urlencode({**chosen, 'page': ''})}",
        "now": now,
        "views": [
            (label, urlencode(codes), counts[name], codes == chosen) for name, label, codes in VIEWS
        ],
        "filters": form,
        "is_filtered": bool(chosen),
        "total": counts["everything"],
        "search": SearchForm(),
        "last_decided": None if rows else _last_decided(request),
    }


def _tonight(now: datetime) -> datetime:
    """The end of today in London."""
    tomorrow = now.astimezone(LONDON).date() + timedelta(days=1)
    return datetime.combine(tomorrow, datetime.min.time(), LONDON)


def _filtered(
    waiting: SightQuerySet, chosen: dict[str, str], me: UUID, now: datetime
) -> SightQuerySet:
    """The referrals that answer all the codes."""
    due = chosen.get("due")
    if due == "overdue":
        waiting = waiting.overdue(now)
    elif due:
        tonight = _tonight(now)
        ways: dict[str, dict[str, object]] = {
            "today": {"due_at__gte": now, "due_at__lt": tonight},
            "later": {"due_at__gte": tonight},
        }
        waiting = waiting.filter(**ways[due])
    has = chosen.get("has")
    if has == "me":
        waiting = waiting.filter(case__coordinator=me)
    elif has == "nobody":
        waiting = waiting.unassigned()
    elif has == "somebody":
        waiting = waiting.assigned()
    for name in ("priority", "status"):
        if code := chosen.get(name):
            waiting = waiting.filter(**{f"case__{name}": code})
    return waiting


def _last_decided(request: Request) -> datetime | None:
    seen = policies.visible(request.principal).values("pk")
    last = Decision.objects.filter(case__in=seen).order_by("-decided_at")
    return last.values_list("decided_at", flat=True).first()


@require_POST
def take_next(request: Request) -> HttpResponse:
    """Take the most urgent referral that nobody has, and open it."""
    try:
        case = services.take_next(actor=request.principal)
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return redirect("triage:board")
    return redirect("triage:workspace", reference=case.reference)


@require_POST
def assign(request: Request) -> HttpResponse:
    """Give the selected referrals to somebody: first what will change, then the change."""
    policies.require_triage(request.principal)
    wanted = request.POST.getlist("case")
    visible = policies.visible(request.principal).filter(reference__in=wanted).for_rows()
    cases = list(visible.order_by("decision_due_at", "reference")[: services.MOST_AT_ONCE + 1])
    wrong = ""
    if not cases:
        wrong = "Select at least one referral"
    elif len(cases) > services.MOST_AT_ONCE:
        wrong = f"Select at most {services.MOST_AT_ONCE} referrals"
    if wrong:
        context = _context(request, QueryDict())
        context["wrong"] = wrong
        return TemplateResponse(request, "triage/board.html", context, status=422)
    confirms = "to" in request.POST
    people = services.candidates(request.principal, cases)
    form = AssignForm(request.POST if confirms else None, people=people)
    if confirms and form.is_valid():
        had = {case.reference: request.POST.get(f"had-{case.reference}", "") for case in cases}
        try:
            given = services.assign(actor=request.principal, seen=had, to=form.cleaned_data["to"])
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            kind = messages.success if given.done else messages.warning
            kind(request, given.words)
            return redirect("triage:board")
    rows = list_cases(actor=request.principal, cases=cases)
    context = {
        "rows": rows,
        "had": [
            (f"had-{case.reference}", str(case.coordinator_id or ""), case.reference)
            for case in cases
        ],
        "form": form,
    }
    status = 422 if confirms else 200
    return TemplateResponse(request, "triage/assign.html", context, status=status)
