"""The coordinator's pages: the board, the workspace, the decision."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.accounts.http import Request
from portal.accounts.policies import prompts_for
from portal.common.errors import DomainError, NotVisible
from portal.common.language import written
from portal.common.moments import london
from referrals import policies
from referrals.forms import SearchForm
from referrals.models import Case
from referrals.reading import STANDING_LINE
from referrals.services import list_cases, read_case
from referrals.triage import services
from referrals.triage.forms import AcknowledgeForm, DecisionForm, MoveForm
from referrals.vocabulary import Outcome
from referrals.workflow import Action


@require_safe
def board(request: Request) -> HttpResponse:
    """The queue in order of time left: whoever has least time is at the top."""
    policies.require_triage(request.principal)
    now = timezone.now()
    waiting = policies.sights(request.principal).waiting()
    page = Paginator(waiting, 25).get_page(request.GET.get("page"))
    rows = list_cases(actor=request.principal, cases=Case.objects.of_page(page.object_list))
    counts = {"overdue": waiting.overdue(now).count(), "unassigned": waiting.unassigned().count()}
    context = {"rows": rows, "page": page, "now": now, "counts": counts, "search": SearchForm()}
    return TemplateResponse(request, "triage/board.html", context)


@require_safe
def workspace(request: Request, reference: str) -> HttpResponse:
    """Everything needed to decide on one page, the child's words first."""
    return _workspace(request, reference, form=None)


def _workspace(
    request: Request,
    reference: str,
    form: DecisionForm | None,
    status: int = 200,
    *,
    first: AcknowledgeForm | None = None,
) -> HttpResponse:
    case = policies.case_for(request.principal, reference)
    allowed = policies.actions(request.principal, case)
    reading = read_case(actor=request.principal, reference=reference)
    if form is None and Action.DECIDE in allowed:
        form = DecisionForm(late=timezone.now() > reading.due_at)
    context = {"reading": reading, "actions": allowed, "form": form, "now": timezone.now()}
    context["standing_line"] = STANDING_LINE
    if Action.ACKNOWLEDGE in allowed:
        late = reading.due_at < timezone.now()
        when = "as soon as we can" if late else f"by {london(reading.due_at)}"
        said = f"{case.partnership.first_words.replace('[when]', when)} {request.principal.name}."
        context["first"] = first or AcknowledgeForm(initial={"words": said})
    context["prompts"] = prompts_for(request.principal, written(form) if form else [])
    return TemplateResponse(request, "triage/workspace.html", context, status=status)


@require_POST
def acknowledge(request: Request, reference: str) -> HttpResponse:
    """One press: the referrer hears that somebody is reading."""
    case = policies.case_for(request.principal, reference)
    form = AcknowledgeForm(request.POST)
    if not form.is_valid():
        return _workspace(request, reference, None, 422, first=form)
    services.acknowledge(actor=request.principal, case=case, words=form.cleaned_data["words"])
    messages.success(request, "Acknowledged. The person who referred has been told.")
    return redirect("triage:workspace", reference=case.reference)


@require_POST
def decide(request: Request, reference: str) -> HttpResponse:
    """Record the decision. Whatever was typed comes back if it cannot be recorded."""
    case = policies.case_for(request.principal, reference)
    form = DecisionForm(request.POST, late=timezone.now() > case.decision_due_at)
    if not form.is_valid():
        return _workspace(request, reference, form, status=422)
    try:
        services.decide(
            actor=request.principal,
            case=case,
            outcome=Outcome(form.cleaned_data["outcome"]),
            reason=form.cleaned_data["reason"],
            told_referrer=form.cleaned_data["told_referrer"],
            late_reason=form.cleaned_data.get("late_reason", ""),
        )
    except DomainError as refusal:
        form.add_error(None, str(refusal))
        return _workspace(request, reference, form, status=409)
    messages.success(
        request, f"Decision recorded for {case.reference}. The referrer has been told."
    )
    return redirect("triage:board")


@require_http_methods(["GET", "HEAD", "POST"])
def move(request: Request, reference: str, action: str) -> HttpResponse:
    """Take a step that needs nothing but a reason."""
    if action not in services.MOVES:
        raise NotVisible("action", action)
    step = Action(action)
    case = policies.case_for(request.principal, reference)
    policies.require(request.principal, step, case)
    form = MoveForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                services.move(
                    actor=request.principal,
                    case=case,
                    action=step,
                    reason=form.cleaned_data["reason"],
                )
            except DomainError as refusal:
                form.add_error(None, str(refusal))
                status = 409
            else:
                messages.success(request, f"{step.label}: done for {case.reference}.")
                return redirect("referrals:case", reference=case.reference)
    context = {"form": form, "step": step, "reference": case.reference}
    return TemplateResponse(request, "triage/move.html", context, status=status)
