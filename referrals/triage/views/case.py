"""The workspace of a referral: read it, acknowledge it, decide it, take its other steps."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.accounts.http import Request
from portal.accounts.policies import prompts_for
from portal.accounts.vocabulary import Role
from portal.common.errors import DomainError, NotVisible
from portal.common.language import written
from portal.common.moments import london
from referrals import policies
from referrals.models import Case, Decision
from referrals.reading import STANDING_LINE
from referrals.services import clocks
from referrals.triage import services
from referrals.triage.forms import AcknowledgeForm, AnswerForm, DecisionForm, MoveForm, ThenForm
from referrals.triage.policies import usual_words, verb_of
from referrals.vocabulary import CHOSEN_OUTCOMES, CONCERN, VIEW, Outcome, Side, State
from referrals.workflow import ON_BOARD, WAITING, Action, Status


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
    now = timezone.now()
    found = services.open_workspace(
        actor=request.principal, reference=reference, since=now - services.LATELY
    )
    case, allowed, beside = found.case, found.stands.actions, found.beside
    # What the child says, and what worries us, before who they are: the bar above names them.
    order = sorted(found.reading.sections, key=lambda each: each.title not in (VIEW, CONCERN))
    reading = replace(found.reading, sections=tuple(order))
    outcomes = _outcomes(case, allowed)
    if case.status not in ON_BOARD and beside.current is None:
        outcomes = []
    if form is None and outcomes:
        # Beside the case it says already whether the clock stands still.
        form = DecisionForm(late=_has_passed(case, now) and not beside.still, outcomes=outcomes)
    context = {"reading": reading, "actions": allowed, "form": form, "now": now, "beside": beside}
    context["unknown"] = [item.label for item in reading.items if item.state is State.NOT_KNOWN]
    context["manages"] = request.principal.role is Role.MANAGER and found.stands.oversees
    context["runs"] = case.status in WAITING
    context["changes"] = bool(outcomes) and case.status not in ON_BOARD
    context["moves"] = services.MOVES
    context["oversees"] = found.stands.oversees
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


def _outcomes(case: Case, allowed: Iterable[Action]) -> list[Outcome]:
    """What this person may decide here now."""
    changes = case.status not in ON_BOARD
    return [
        outcome
        for outcome in CHOSEN_OUTCOMES
        if verb_of(outcome, changes=changes) in allowed
        and (outcome is not Outcome.WITHDRAWN or case.status == Status.WITHDRAWN)
    ]


@require_POST
def check(request: Request, reference: str) -> HttpResponse:
    """What the decision would do: who is told what, and what each newly sees. Writes nothing.

    Or, from there, the workspace again with all that was typed, to change it.
    """
    case = policies.case_for(request.principal, reference)
    form = _decision(request, case, says_usual=True)
    if not form.is_valid():
        return _workspace(request, reference, form, status=422)
    if CHANGES in request.POST:
        return _workspace(request, reference, form)
    try:
        found = _check(request, case, form)
    except DomainError as refusal:
        form.add_error(None, str(refusal))
        return _workspace(request, reference, form, status=409)
    then = ThenForm(initial={"next_on": found.next_on}, found=found)
    return _checked(request, case, form, then, found)


def _decision(request: Request, case: Case, *, says_usual: bool = False) -> DecisionForm:
    """The decision as it was typed, for whoever may decide so; asks nothing of when.

    `says_usual`: the usual words stand where none are for whoever referred. They are read on the
    page that checks, and never recorded from a press that nobody has read them before.
    """
    try:
        outcome = Outcome(request.POST.get("outcome", ""))
    except ValueError:
        outcome = Outcome.STRATEGY
    changes = _instead_of(request) is not None
    policies.require(request.principal, verb_of(outcome, changes=changes), case)
    usual = {str(each): usual_words(case, each) for each in Outcome} if says_usual else {}
    return DecisionForm(request.POST, late=_is_late(case, timezone.now()), usual=usual)


def _has_passed(case: Case, now: datetime) -> bool:
    return now > case.decision_due_at and case.status in ON_BOARD


def _is_late(case: Case, now: datetime) -> bool:
    # A decision ends the time for which its clock stood still.
    return _has_passed(case, now) and not clocks.standing_still([case.pk])


def _check(request: Request, case: Case, form: DecisionForm) -> services.Check:
    typed = form.cleaned_data
    sides = tuple(Side(each) for each in typed["sides"])
    return services.check(
        actor=request.principal, case=case, outcome=Outcome(typed["outcome"]), sides=sides
    )


def _checked(
    request: Request,
    case: Case,
    form: DecisionForm,
    then: ThenForm,
    found: services.Check,
    *,
    status: int = 200,
) -> HttpResponse:
    typed = form.cleaned_data
    carried = [(name, value) for name, value in typed.items() if name != "sides"]
    carried += [("sides", each) for each in typed["sides"]]
    if WITHDRAWN in request.POST:
        carried.append((WITHDRAWN, "yes"))
    if changed := _instead_of(request):
        carried.append(("instead_of", changed))
    context = {
        "reference": case.reference,
        "found": found,
        "form": then,
        "typed": typed,
        "outcome": found.outcome.label,
        "usual": typed["told_referrer"] == usual_words(case, found.outcome),
        "carried": carried,
    }
    return TemplateResponse(request, "triage/check.html", context, status=status)


@require_POST
def decide(request: Request, reference: str) -> HttpResponse:
    """Record the decision. Whatever was typed comes back if it cannot be recorded."""
    case = policies.case_for(request.principal, reference)
    form = _decision(request, case)
    if not form.is_valid():
        return _workspace(request, reference, form, status=422)
    then = None
    try:
        found = _check(request, case, form)
        then = ThenForm(request.POST, found=found)
        if not then.is_valid() or CHECKED not in request.POST:
            return _checked(request, case, form, then, found, status=422)
        made = services.decide(
            actor=request.principal,
            case=case,
            outcome=found.outcome,
            reason=form.cleaned_data["reason"],
            told_referrer=form.cleaned_data["told_referrer"],
            late_reason=form.cleaned_data.get("late_reason", ""),
            then=then.then(),
            instead_of=_instead_of(request),
            withdrawn=WITHDRAWN in request.POST,
        )
    except DomainError as refusal:
        if then is not None:
            then.add_error(None, str(refusal))
            return _checked(request, case, form, then, found, status=409)
        form.add_error(None, str(refusal))
        return _workspace(request, reference, form, status=409)
    if isinstance(made, Decision):
        said = f"Decision recorded for {case.reference}. The referrer has been told."
    else:
        said = f"{case.reference} waits for a yes. It stays on the board until then."
    messages.success(request, said)
    return redirect("triage:board")


RUN_ON = "run_on"
"""What the form sends along that lets a clock run on."""
CHANGES = "changes"
"""What the page that checks a decision sends to have the words again, to change them."""
CHECKED = "checked"
"""What the page that checks a decision sends along."""
WITHDRAWN = "withdrawn"
"""What the form sends along where whoever decides has read that it was withdrawn."""


def _instead_of(request: Request) -> UUID | None:
    try:
        return UUID(request.POST.get("instead_of", ""))
    except ValueError:
        return None


@require_http_methods(["GET", "HEAD", "POST"])
def proposal(request: Request, reference: str, pk: UUID) -> HttpResponse:
    """Say yes or no to a decision that somebody else proposed."""
    case = policies.case_for(request.principal, reference)
    policies.require_oversees(request.principal, case)
    waits = services.waits_for(actor=request.principal, case=case)
    form = AnswerForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                services.answer(
                    actor=request.principal,
                    pk=pk,
                    accepts=form.cleaned_data["accepts"] == "yes",
                    words=form.cleaned_data["words"],
                    late_reason=form.cleaned_data["late_reason"],
                )
            except DomainError as refusal:
                form.add_error(None, str(refusal))
                status = 409
            else:
                messages.success(request, f"Your answer is recorded for {case.reference}.")
                return redirect("triage:board")
    if waits is None or waits.pk != pk:
        if status == 409:
            return _workspace(request, reference, None, status=409)
        raise NotVisible("proposal", str(pk))
    context = {"form": form, "waits": waits, "reference": case.reference}
    return TemplateResponse(request, "triage/proposal.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def clock(request: Request, reference: str) -> HttpResponse:
    """Let the clock of the decision stand still, with the reason, or run on.

    A press says which of the two it means: the second of two presses does not undo the first.
    """
    case = policies.case_for(request.principal, reference)
    policies.require_manages(request.principal, case)
    still = clocks.still(actor=request.principal, case=case)
    form = MoveForm(request.POST or None)
    status = 200
    if request.method == "POST" and RUN_ON in request.POST:
        due = clocks.resume(actor=request.principal, case=case)
        messages.success(request, f"The clock runs on. The decision is due on {london(due)}.")
        return redirect("triage:workspace", reference=case.reference)
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                clocks.pause(actor=request.principal, case=case, reason=form.cleaned_data["reason"])
            except DomainError as refusal:
                form.add_error(None, str(refusal))
                status = 409
            else:
                messages.success(request, "The clock stands still. Everybody here can read why.")
                return redirect("triage:workspace", reference=case.reference)
    past = clocks.history(actor=request.principal, case=case)
    context = {
        "form": form,
        "still": still,
        "runs": case.status in WAITING,
        "past": past,
        "reference": case.reference,
    }
    return TemplateResponse(request, "triage/clock.html", context, status=status)


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
