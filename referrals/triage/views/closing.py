"""Closing a case, looking at the child again, reopening; handing over, and work that is left."""

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from portal.accounts.http import Request
from portal.common.clock import LONDON
from portal.common.errors import DomainError
from portal.common.moments import day
from referrals import policies
from referrals.models import Case
from referrals.triage import services
from referrals.triage.forms import CloseForm, HandOverForm, LookBackForm, ReopenForm
from referrals.vocabulary import LOOKED_AT_AGAIN, Found, Outcome, YesNo
from referrals.workflow import Action


@require_http_methods(["GET", "HEAD", "POST"])
def close(request: Request, reference: str) -> HttpResponse:
    """Close a case by the closure test."""
    case = policies.case_for(request.principal, reference)
    policies.require(request.principal, Action.CLOSE, case)
    # A press goes to the service, which says the same; the page keeps what was typed.
    if request.method != "POST":
        services.insist_may_close(request.principal, case)
    form = CloseForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = services.close(actor=request.principal, case=case, ending=form.ending())
            except DomainError as refusal:
                form.add_error(None, str(refusal))
                status = 409
            else:
                on = made.look_back_on
                then = f" Somebody looks back on {day(on)}." if on else ""
                messages.success(request, f"{case.reference} is closed.{then}")
                return redirect("referrals:case", reference=case.reference)
    context = {"form": form, "reference": case.reference}
    return TemplateResponse(request, "triage/close.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def look_back(request: Request, reference: str) -> HttpResponse:
    """How a case was closed; and, once its day has come, what somebody found who asked again."""
    case = policies.case_for(request.principal, reference)
    form = LookBackForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            typed = form.cleaned_data
            reopens = typed["reopens"] == YesNo.YES
            try:
                services.look_back(
                    actor=request.principal,
                    case=case,
                    safe=Found(typed["safe"]),
                    asked=typed["asked"],
                    words=typed["words"],
                    reopens=reopens,
                    seen=_count(request.POST.get("seen", "")),
                )
            except DomainError as refusal:
                form.add_error(None, str(refusal))
                status = 409
            else:
                messages.success(request, f"What you found is recorded for {case.reference}.")
                page = "triage:reopen" if reopens else "referrals:case"
                return redirect(page, reference=case.reference)
    # What was typed stays on the page, though somebody has reopened the case meanwhile.
    read = services.reread_closure if form.is_bound else services.read_closure
    found = read(actor=request.principal, reference=reference)
    context = {"form": form, "found": found, "reference": case.reference}
    return TemplateResponse(request, "triage/look_back.html", context, status=status)


def _count(typed: str) -> int:
    return int(typed) if typed.isdecimal() and len(typed) <= 3 else 0


@require_safe
def look_backs(request: Request) -> HttpResponse:
    """The closed cases at which somebody is to look again now."""
    rows = services.look_backs(actor=request.principal)
    return TemplateResponse(request, "triage/look_backs.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
def reopen(request: Request, reference: str) -> HttpResponse:
    """Open a closed case once more, with a reason, an owner and the next date."""
    case = policies.case_for(request.principal, reference)
    policies.require(request.principal, Action.REOPEN, case)
    if request.method != "POST":
        services.insist_may_reopen(case)
    people = services.owners(request.principal, case)
    soon = timezone.now().astimezone(LONDON).date()
    soon += timedelta(days=LOOKED_AT_AGAIN[Outcome.REOPENED])
    form = ReopenForm(request.POST or None, people=people, initial={"next_on": soon})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                services.reopen(actor=request.principal, case=case, again=form.again())
            except DomainError as refusal:
                form.add_error(None, str(refusal))
                status = 409
            else:
                messages.success(
                    request, f"{case.reference} is open again. The referrer has been told."
                )
                return redirect("referrals:case", reference=case.reference)
    context = {"form": form, "reference": case.reference}
    return TemplateResponse(request, "triage/reopen.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def hand_over(request: Request) -> HttpResponse:
    """The cases that I look after, to select; then whom they go to, and with what note."""
    policies.require_triage(request.principal)
    wanted = request.POST.getlist("case")
    visible = policies.visible(request.principal).filter(reference__in=wanted)
    cases = list(
        visible.select_related("coordinator__user").order_by("reference")[
            : services.MOST_AT_ONCE + 1
        ]
    )
    if request.method != "POST":
        return _mine(request)
    if not cases:
        return _mine(request, "Select at least one case")
    if len(cases) > services.MOST_AT_ONCE:
        return _mine(request, f"Select at most {services.MOST_AT_ONCE} cases")
    confirms = "to" in request.POST
    people = services.candidates(request.principal, cases)
    form = HandOverForm(request.POST if confirms else None, people=people)
    if confirms and form.is_valid():
        had = {case.reference: request.POST.get(f"had-{case.reference}", "") for case in cases}
        to: UUID = form.cleaned_data["to"]
        try:
            given = services.hand_over(
                actor=request.principal, seen=had, to=to, note=form.cleaned_data["note"]
            )
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            kind = messages.success if given.done else messages.warning
            kind(request, given.words)
            return redirect("triage:hand-over")
    context = {
        "had": [
            (f"had-{case.reference}", str(case.coordinator_id or ""), case.reference, _with(case))
            for case in cases
        ],
        "form": form,
    }
    status = 422 if confirms else 200
    return TemplateResponse(request, "triage/hand_over_to.html", context, status=status)


def _with(case: Case) -> str:
    held = case.coordinator
    return held.user.name if held and not held.has_ended else "nobody"


def _mine(request: Request, wrong: str = "") -> HttpResponse:
    rows = services.looked_after(actor=request.principal)
    context = {"rows": rows, "wrong": wrong}
    status = 422 if wrong else 200
    return TemplateResponse(request, "triage/hand_over.html", context, status=status)


@require_safe
def left(request: Request) -> HttpResponse:
    """The work of people who have left, for those who give it to others."""
    found = services.left(actor=request.principal)
    context = {
        "found": found,
        "may_hand_over": policies.triages(request.principal),
        "now": timezone.now(),
    }
    return TemplateResponse(request, "triage/left.html", context)
