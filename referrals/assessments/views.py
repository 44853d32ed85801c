"""Pages of joint risk assessment: the level, begin, answer, open, compare, agree, sign."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.accounts.http import Request
from portal.common.errors import NotVisible, SavedElsewhere
from portal.common.http import done, posted
from portal.common.models import version_of
from referrals import policies as casework
from referrals.assessments import policies, reading, services
from referrals.assessments.decision import Tool
from referrals.assessments.forms import (
    AboutForm,
    AgreeForm,
    ConfirmForm,
    JudgeForm,
    PartForm,
    SignForm,
    StartForm,
    WhyForm,
    WithdrawForm,
    as_initial,
)
from referrals.assessments.models import Invitation
from referrals.assessments.vocabulary import ABOUT, View

_METHODS = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def asked(request: Request) -> HttpResponse:
    """What waits for me: answers of my agency, and levels to sign."""
    context = {"found": services.list_asked(actor=request.principal), "now": timezone.now()}
    return TemplateResponse(request, "assessments/asked.html", context)


@require_safe
def risk(request: Request, reference: str) -> HttpResponse:
    """The level now, how it went, and what is under way."""
    return _risk(request, reference)


def _risk(request: Request, reference: str, status: int = 200, **typed: Any) -> HttpResponse:
    found = services.look(actor=request.principal, reference=reference)
    form = typed.get("confirming") or typed.get("signing")
    waits = found.waiting
    # Somebody else may have answered meanwhile: then the form is gone, and its words are not lost.
    stays = waits and (waits.confirms if "confirming" in typed else waits.signs_as)
    context = {
        "found": found,
        "confirming": typed.get("confirming") or ConfirmForm(),
        "signing": typed.get("signing") or SignForm(),
        "form": form,
        "kept": "" if form is None or stays else form.data.get("words", "").strip(),
        "now": timezone.now(),
    }
    return TemplateResponse(request, "assessments/risk.html", context, status=status)


@_METHODS
def start(request: Request, reference: str) -> HttpResponse:
    """Begin an assessment: which tool, which agencies, by when, what to look at."""
    before = services.look_before_starting(actor=request.principal, reference=reference)
    form = StartForm(
        posted(request),
        tools=before.tools,
        agencies=before.agencies,
        initial={"due_on": before.due_on},
    )

    def begin() -> None:
        services.start(
            actor=request.principal,
            case=casework.case_for(request.principal, reference),
            asking=form.asking(),
            key=form.cleaned_data["key"],
        )

    status = done(form, begin)
    if status is None:
        messages.success(
            request, "The agencies have been asked. Nobody sees another\u2019s answers yet."
        )
        return redirect("assessments:risk", reference=before.reference)
    context = {"form": form, "before": before}
    return TemplateResponse(request, "assessments/start.html", context, status=status)


@_METHODS
def score(request: Request, reference: str, pk: UUID) -> HttpResponse:
    """My own agency's answers: page by page, check, send."""
    if request.method == "POST":
        services.submit(actor=request.principal, reference=reference, pk=pk)
        messages.success(
            request, "Sent, and sealed. Nobody sees your answers until all are opened at once."
        )
        return redirect("assessments:risk", reference=reference)
    found = services.open_own(actor=request.principal, reference=reference, pk=pk)
    context = {"found": found, "about": ABOUT, "now": timezone.now()}
    return TemplateResponse(request, "assessments/score.html", context)


@_METHODS
def part(request: Request, reference: str, pk: UUID, page: str) -> HttpResponse:
    """One part of the tool, or what is said beside it. What is typed is saved, whole or not."""
    found = services.open_own(actor=request.principal, reference=reference, pk=pk)
    invitation = policies.invitation_for(request.principal, reference, pk)
    tool = invitation.assessment.tool.tool
    if page not in {ABOUT, *(domain.code for domain in tool.domains)}:
        raise NotVisible("page", page)
    is_mine = found.writes and found.submitted_at is None and not found.is_open
    if request.method != "POST" and not is_mine:
        return redirect("assessments:score", reference=reference, pk=pk)
    form = _form(request, tool, invitation, page)
    status, saved = 200, None
    if request.method == "POST":
        status = 422
        try:
            services.save_page(
                actor=request.principal,
                reference=reference,
                pk=pk,
                page=page,
                typed=form.typed(),
                seen=request.POST.get("version"),
            )
        except SavedElsewhere as elsewhere:
            form.is_valid()
            form.add_error(None, str(elsewhere))
            status, saved = 409, True
        else:
            if form.is_valid():
                return redirect("assessments:score", reference=reference, pk=pk)
    invitation.refresh_from_db()
    context = {
        "form": form,
        "found": found,
        "title": {each.code: each.label for each in found.pages}[page],
        "version": version_of(services.page_of(invitation, page)),
        "saved": _saved(found, page) if saved else (),
        "questions": form.questions if isinstance(form, PartForm) else (),
    }
    return TemplateResponse(request, "assessments/part.html", context, status=status)


def _form(request: Request, tool: Tool, invitation: Invitation, page: str) -> PartForm | AboutForm:
    saved = services.page_of(invitation, page)
    if page == ABOUT:
        return AboutForm(posted(request), tool=tool, initial=saved)
    return PartForm(posted(request), tool=tool, part=page, initial=as_initial(saved))


def _saved(found: reading.Own, page: str) -> tuple[tuple[str, str], ...]:
    """What is saved of a page, in words, to be held against what was typed."""
    place = [each.code for each in found.pages].index(page)
    return found.words[place][1]


@require_POST
def reveal(request: Request, reference: str, pk: UUID) -> HttpResponse:
    """Open the answers of all agencies at once."""
    assessment = policies.assessment_for(request.principal, reference, pk)
    services.reveal(actor=request.principal, assessment=assessment)
    messages.success(request, "Opened. The agencies have been told, and can compare now.")
    return redirect("assessments:compare", reference=reference, pk=pk)


@require_safe
def compare(request: Request, reference: str, pk: UUID) -> HttpResponse:
    """Every agency's answers side by side, as this reader may see them."""
    found = services.compare(actor=request.principal, reference=reference, pk=pk)
    only = request.GET.get("only") == "differences"
    context = {"found": found.only_differences() if only else found, "only": only}
    return TemplateResponse(request, "assessments/compare.html", context)


@_METHODS
def agree(request: Request, reference: str, pk: UUID) -> HttpResponse:
    """The judgement in words; then what the tool says, and the level."""
    found = services.look_before_agreeing(actor=request.principal, reference=reference, pk=pk)
    form: JudgeForm | AgreeForm
    if found.judgement is None or "words" in request.POST:
        judging = form = JudgeForm(posted(request))

        def act() -> None:
            services.judge(
                actor=request.principal,
                assessment=policies.assessment_for(request.principal, reference, pk),
                judging=judging.judging(),
                key=judging.cleaned_data["key"],
            )

        leads_to = "assessments:agree"
    else:
        agreeing = form = AgreeForm(
            posted(request), names=found.names, initial={"judgement": found.judgement}
        )

        def act() -> None:
            services.agree(
                actor=request.principal,
                assessment=policies.assessment_for(request.principal, reference, pk),
                judgement=agreeing.cleaned_data["judgement"],
                agreeing=agreeing.agreeing(),
            )

        leads_to = "assessments:risk"
    status = done(form, act)
    if status is None:
        messages.success(request, "Recorded. The agencies that took part have been told.")
        args = [reference, pk] if leads_to == "assessments:agree" else [reference]
        return redirect(leads_to, *args)
    context = {"form": form, "found": found, "judging": isinstance(form, JudgeForm)}
    return TemplateResponse(request, "assessments/agree.html", context, status=status)


@_METHODS
def call_off(request: Request, reference: str, pk: UUID) -> HttpResponse:
    """Call an assessment off, with a reason."""
    assessment = policies.assessment_for(request.principal, reference, pk)
    casework.require_oversees(request.principal, assessment.case)
    form = WhyForm(posted(request))

    def act() -> None:
        services.call_off(
            actor=request.principal, assessment=assessment, why=form.cleaned_data["why"]
        )

    status = done(form, act)
    if status is None:
        messages.success(request, "Called off. What was sent stays sealed.")
        return redirect("assessments:risk", reference=reference)
    context = {"form": form, "reference": reference}
    return TemplateResponse(request, "assessments/call_off.html", context, status=status)


@require_POST
def confirm(request: Request, reference: str, pk: UUID) -> HttpResponse:
    """Say for one's own agency whether it agrees."""
    agreement = policies.agreement_for(request.principal, reference, pk)
    form = ConfirmForm(request.POST)

    def act() -> None:
        services.confirm(
            actor=request.principal,
            agreement=agreement,
            view=View(form.cleaned_data["view"]),
            words=form.cleaned_data["words"],
        )

    status = done(form, act)
    if status is None:
        messages.success(request, "Recorded. It stays with the level as long as the level does.")
        return redirect("assessments:risk", reference=reference)
    return _risk(request, reference, status, confirming=form)


@require_POST
def sign(request: Request, reference: str, pk: UUID) -> HttpResponse:
    """Sign a level that somebody else put up, or say why not."""
    agreement = policies.agreement_for(request.principal, reference, pk)
    form = SignForm(request.POST)

    def act() -> None:
        services.sign(
            actor=request.principal,
            agreement=agreement,
            signs=form.cleaned_data["signs"] == "yes",
            words=form.cleaned_data["words"],
        )

    status = done(form, act)
    if status is None:
        messages.success(request, "Recorded. Whoever put the level up has been told.")
        return redirect("assessments:risk", reference=reference)
    return _risk(request, reference, status, signing=form)


@_METHODS
def withdraw(request: Request, reference: str, pk: UUID) -> HttpResponse:
    """Withdraw a level that waits for a signature, with a reason."""
    agreement = policies.agreement_for(request.principal, reference, pk)
    policies.require_withdraws(request.principal, agreement)
    if request.method != "POST":
        policies.insist_waits(agreement)
    form = WithdrawForm(posted(request))

    def act() -> None:
        services.withdraw(
            actor=request.principal, agreement=agreement, why=form.cleaned_data["why"]
        )

    status = done(form, act)
    if status is None:
        messages.success(request, "Withdrawn. Those who were asked to sign have been told.")
        return redirect("assessments:risk", reference=reference)
    context = {"form": form, "reference": reference}
    return TemplateResponse(request, "assessments/withdraw.html", context, status=status)
