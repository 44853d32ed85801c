"""The board: what waits for a decision, in order of the time that is left."""

from contextlib import suppress
from typing import Final, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from portal.accounts.http import Request
from portal.common.errors import DomainError
from portal.common.forms import drawn
from referrals import policies
from referrals.forms import SearchForm
from referrals.models import Case
from referrals.services import list_cases
from referrals.triage import services
from referrals.triage.forms import AssignForm, FilterForm, PriorityForm
from referrals.triage.policies import overseen
from referrals.vocabulary import Priority
from referrals.workflow import ON_BOARD

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


_DECIDED: Final = "None of them waits for a decision any more. Nothing has been changed."
_GONE: Final = "What you selected could not be found. Nothing has been changed"


@require_safe
def board(request: Request) -> HttpResponse:
    """The queue in order of time left: whoever has least time is at the top."""
    return _board(request, request.GET)


def _board(request: Request, query: QueryDict, wrong: str = "") -> HttpResponse:
    """The board with these codes; `wrong` is what a selection lacks."""
    policies.require_triage(request.principal)
    now = timezone.now()
    form = FilterForm(query, areas=services.areas(request.principal))
    chosen = form.chosen()
    found = services.look(
        actor=request.principal,
        chosen=chosen,
        number=query.get("page"),
        at=now,
        view=next((name for name, _, codes in VIEWS if codes == chosen), ""),
    )
    kept = _kept(request, chosen)
    context = {
        "rows": found.rows,
        "following": found.rows[0].row.reference if found.rows else "",
        "page": found.page,
        "address": f"?{urlencode({**chosen, 'page': ''})}",
        "now": now,
        "views": [
            (label, urlencode(codes), found.counts[name], codes == chosen)
            for name, label, codes in VIEWS
        ],
        "filters": form if "area" in form.fields else drawn(FilterForm, tuple(chosen.items())),
        "chosen": list(chosen.items()),
        "may_keep": bool(chosen) and all(chosen != codes for _, _, codes in VIEWS),
        "kept": kept,
        "shown": next((each.pk for each in kept if each.is_shown), ""),
        "is_filtered": bool(chosen),
        "total": found.counts["everything"],
        "search": drawn(SearchForm),
        "last_decided": found.last_decided,
        "to_priority": {"formaction": reverse("triage:priority")},
        "wrong": wrong,
    }
    status = 422 if wrong else 200
    return TemplateResponse(request, "triage/board.html", context, status=status)


class Kept(NamedTuple):
    """A view that somebody keeps: its words, "" where none of its codes is known any more."""

    pk: UUID
    codes: str
    words: str
    is_shown: bool


def _kept(request: Request, chosen: dict[str, str]) -> list[Kept]:
    """The views that this person keeps."""
    areas = services.areas(request.principal)
    found = []
    for pk, codes in services.kept_views(request.principal):
        form = FilterForm(QueryDict(codes), areas=areas)
        words = form.words()
        found.append(Kept(pk, codes, words, bool(words) and form.chosen() == chosen))
    return found


@require_POST
def keep_view(request: Request) -> HttpResponse:
    """Keep how the board is narrowed now."""
    chosen = _chosen(request)
    try:
        services.keep_view(actor=request.principal, codes=chosen)
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "This view is kept. It stands with your views.")
    return redirect(f"{reverse('triage:board')}?{urlencode(chosen)}")


@require_POST
def forget_view(request: Request) -> HttpResponse:
    """Keep it no longer. The press says which of one's own by its key."""
    policies.require_triage(request.principal)
    with suppress(ValueError):
        services.forget_view(actor=request.principal, pk=UUID(request.POST.get("view", "")))
        messages.success(request, "This view is kept no longer.")
    return redirect("triage:board")


def _chosen(request: Request) -> dict[str, str]:
    """The codes that a press of the board carries along."""
    policies.require_triage(request.principal)
    return FilterForm(request.POST, areas=services.areas(request.principal)).chosen()


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
    cases, wrong = _selected(request)
    if wrong:
        return _board(request, QueryDict(), wrong)
    confirms = "to" in request.POST
    if confirms and not cases:
        return _board(request, QueryDict(), _GONE)
    people = services.candidates(request.principal, cases)
    form = AssignForm(request.POST if confirms else None, people=people)
    if confirms and form.is_valid():
        to = form.cleaned_data["to"]
        try:
            given = services.assign(actor=request.principal, seen=_had(request), to=to)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            kind = messages.success if given.done else messages.warning
            kind(request, given.words)
            return redirect("triage:board")
    had = [(each.reference, str(each.coordinator_id or "")) for each in cases]
    context = _asked(request, cases, had) | {"form": form}
    status = 422 if confirms else 200
    return TemplateResponse(request, "triage/assign.html", context, status=status)


@require_POST
def prioritise(request: Request) -> HttpResponse:
    """Give the selected referrals another priority: first what will change, then the change.

    All of them or none. Where one has changed meanwhile the page says so and shows what is so now.
    """
    cases, wrong = _selected(request)
    if wrong:
        return _board(request, QueryDict(), wrong)
    confirms = "to" in request.POST
    form, status = PriorityForm(request.POST if confirms else None), 422 if confirms else 200
    if confirms and form.is_valid():
        to, reason = Priority(form.cleaned_data["to"]), form.cleaned_data["reason"]
        seen = _had(request)
        try:
            done = services.prioritise(actor=request.principal, seen=seen, to=to, reason=reason)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
            status = 409
        else:
            messages.success(request, f"{len(done)} with another priority now: {', '.join(done)}.")
            return redirect("triage:board")
    waiting = [each for each in cases if each.status in ON_BOARD]
    had = [(each.reference, each.priority) for each in waiting]
    refusals = form.non_field_errors() or [_DECIDED]
    context = _asked(request, waiting, had) | {"form": form, "refusals": refusals}
    return TemplateResponse(request, "triage/priority.html", context, status=status)


def _asked(request: Request, cases: list[Case], had: list[tuple[str, str]]) -> dict[str, object]:
    """What would change. `had` is what is so of each now: the press carries it along."""
    return {
        "rows": list_cases(actor=request.principal, cases=cases),
        "had": [(f"had-{reference}", value, reference) for reference, value in had],
    }


def _had(request: Request) -> dict[str, str]:
    """What each of the referrals had when the page that confirms was made.

    All that the page named: one that is not theirs to know of any more is missed, not passed over.
    """
    return {each: request.POST.get(f"had-{each}", "") for each in request.POST.getlist("case")}


def _selected(request: Request) -> tuple[list[Case], str]:
    """Those that were selected and are theirs to change; and what the selection lacks, or "".

    Where a press confirms what a page named before, there may be none of them left.
    """
    policies.require_triage(request.principal)
    wanted = request.POST.getlist("case")
    mine = overseen(request.principal).filter(reference__in=wanted).for_rows()
    cases = list(mine.order_by("decision_due_at", "reference")[: services.MOST_AT_ONCE + 1])
    if not wanted:
        return cases, "Select at least one referral"
    if not cases and "to" not in request.POST:
        return cases, _GONE
    if len(cases) > services.MOST_AT_ONCE:
        return cases, f"Select at most {services.MOST_AT_ONCE} referrals"
    return cases, ""
