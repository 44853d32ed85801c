"""The pages of those who sent a referral: the list, and what can be done once it is sent."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.accounts.http import Request
from portal.accounts.vocabulary import Role
from portal.common.errors import DomainError, NotVisible
from portal.common.http import done, posted
from portal.documents.services.uploads import FileRefused
from referrals import policies as casework
from referrals.following import policies, services
from referrals.following.forms import (
    AddedFileForm,
    AddForm,
    AnswerForm,
    CorrectionForm,
    DisagreeForm,
    EscalateForm,
    MessageForm,
    WithdrawForm,
)
from referrals.following.vocabulary import Result
from referrals.models import Case
from referrals.services import files
from referrals.triage import services as triage
from referrals.workflow import Action, Status
from sharing.rules.vocabulary import Category

_METHODS = require_http_methods(["GET", "HEAD", "POST"])
_STATES = (("open", "Open"), ("closed", "Closed"))
_WHOSE = (("mine", "Sent by me"), ("agency", "Sent by my agency"))


@require_safe
def mine(request: Request) -> HttpResponse:
    """What I sent, or my agency if I lead it: where it has got to, and what is due next."""
    casework.require_case_list(request.principal)
    leads = request.principal.role is Role.AGENCY_LEAD
    whose = "agency" if leads and request.GET.get("whose") != "mine" else "mine"
    state = "closed" if request.GET.get("state") == "closed" else "open"
    found = casework.sent(request.principal, agency=whose == "agency")
    page = Paginator(found.over(state == "closed").newest(), 25).get_page(request.GET.get("page"))
    cases = Case.objects.of_page(page.object_list)
    context = {
        "rows": services.list_sent(actor=request.principal, cases=cases),
        "page": page,
        "is_closed": state == "closed",
        "may_refer": casework.may_refer(request.principal),
        "now": timezone.now(),
        "more": f"?whose={whose}&state={state}&page=",
        "states": [(label, f"?whose={whose}&state={key}", key == state) for key, label in _STATES],
        "whose": [(label, f"?whose={key}&state={state}", key == whose) for key, label in _WHOSE]
        if leads
        else [],
    }
    return TemplateResponse(request, "following/mine.html", context)


@require_POST
def chase(request: Request, reference: str) -> HttpResponse:
    """One press: whoever looks after it is told to act now."""
    case = casework.case_for(request.principal, reference)
    services.chase(actor=request.principal, case=case)
    messages.success(request, f"Chased: {case.reference}. Those who look after it have been told.")
    return redirect("following:mine")


@_METHODS
def add(request: Request, reference: str) -> HttpResponse:
    """Add something new: write it, check it, send it."""
    adding = services.look_before_adding(actor=request.principal, reference=reference)
    case = casework.case_for(request.principal, reference)
    form = AddForm(posted(request))
    context: dict[str, Any] = {"form": form, "adding": adding}

    def send() -> None:
        if "send" in request.POST:
            services.add(
                actor=request.principal,
                case=case,
                added=form.addition(),
                key=form.cleaned_data["key"],
            )

    status = done(form, send)
    if status is None and "send" in request.POST:
        messages.success(request, "Added. The coordinators have been told.")
        return redirect("referrals:case", reference=adding.reference)
    if status is None and "change" not in request.POST:
        context["rows"] = form.rows()
        return TemplateResponse(request, "following/add_check.html", context)
    return TemplateResponse(request, "following/add.html", context, status=status or 200)


@_METHODS
def add_file(request: Request, reference: str) -> HttpResponse:
    """Add one file to a referral that was sent."""
    adding = services.look_before_adding(actor=request.principal, reference=reference)
    case = casework.case_for(request.principal, reference)
    typed = (request.POST, request.FILES) if request.method == "POST" else ()
    form = AddedFileForm(*typed)

    def keep() -> None:
        said = form.cleaned_data
        try:
            services.add_file(
                actor=request.principal,
                case=case,
                given=said["file"].read(),
                label=said["label"],
                category=Category(said["category"]),
                protect=said["protect"],
                form=said["key"],
            )
        except FileRefused as refused:
            form.add_error("file", refused.words)

    status = done(form, keep)
    if status is None and form.is_valid():
        messages.success(request, "The file is added. We check it for viruses now.")
        return redirect("referrals:documents", reference=adding.reference)
    context = {"form": form, "adding": adding, "rules": files.rules_for(request.principal, case)}
    return TemplateResponse(request, "following/add_file.html", context, status=status or 422)


@_METHODS
def withdraw(request: Request, reference: str) -> HttpResponse:
    """Withdraw a referral that nobody has begun to check; afterwards, ask for a correction."""
    case = casework.case_for(request.principal, reference)
    policies.require_follows(request.principal, case)
    if "text" not in request.POST and casework.may(request.principal, Action.WITHDRAW, case):
        return _withdraw(request, case)
    if "reason" in request.POST:
        return _too_late(request, case)
    form = CorrectionForm(posted(request))

    def ask() -> None:
        services.ask_for_correction(
            actor=request.principal,
            case=case,
            text=form.cleaned_data["text"],
            key=form.cleaned_data["key"],
        )

    status = done(form, ask)
    if status is None:
        messages.success(request, "Your request for a correction has been sent.")
        return redirect("following:messages", reference=case.reference)
    return _correction(request, case, form, status)


def _too_late(request: Request, case: Case) -> HttpResponse:
    """A withdrawal that cannot be: pressed twice, or its words are offered as a correction."""
    if case.status == Status.WITHDRAWN:
        return redirect("referrals:case", reference=case.reference)
    form = CorrectionForm({"key": str(uuid4()), "text": request.POST["reason"]})
    form.add_error(
        None,
        "This referral was not withdrawn. Nothing is lost: your words are below. Change them, and"
        " ask for a correction.",
    )
    return _correction(request, case, form, 409)


def _correction(
    request: Request, case: Case, form: CorrectionForm, status: int | None
) -> HttpResponse:
    context = {
        "form": form,
        "reference": case.reference,
        "may_withdraw": False,
        "danger": casework.takes_a_manager(request.principal, case, Action.WITHDRAW),
    }
    return TemplateResponse(request, "following/withdraw.html", context, status=status)


def _withdraw(request: Request, case: Case) -> HttpResponse:
    form = WithdrawForm(posted(request))

    def take_back() -> None:
        triage.move(
            actor=request.principal,
            case=case,
            action=Action.WITHDRAW,
            reason=form.cleaned_data["reason"],
        )

    status = done(form, take_back)
    if status is None:
        messages.success(request, f"Withdrawn: {case.reference}. The coordinators have been told.")
        return redirect("referrals:case", reference=case.reference)
    context = {"form": form, "reference": case.reference, "may_withdraw": True}
    return TemplateResponse(request, "following/withdraw.html", context, status=status)


@_METHODS
def messages_of(request: Request, reference: str) -> HttpResponse:
    """The messages of a case between my team and others, and a new one or an answer."""
    case = casework.case_for(request.principal, reference)
    if request.method == "POST":
        casework.require_more_than_emergency(request.principal, case)
    answers = _number(request.GET.get("answers", ""))
    found = services.read_messages(actor=request.principal, reference=reference)
    answered = found.line(str(answers))
    if request.method != "POST" and answered is None:
        answers = None
    form = MessageForm(posted(request), choices=found.choices, answers=answers is not None)

    def send() -> None:
        said = form.cleaned_data
        # What was written as an answer never goes to anybody else: the service refuses instead.
        chosen = "" if answers else said.get("readers") or found.choices[0][0]
        services.send_message(
            actor=request.principal,
            case=case,
            words=services.Words(
                text=said["text"],
                readers=tuple(int(pk) for pk in chosen.split("-") if pk),
                needs_answer=said["needs_answer"] == "yes",
                answers=answers,
            ),
            key=said["key"],
        )

    may_write = found.may_write and (answers is not None or bool(found.choices))
    status = done(form, send) if may_write else 200
    if status is None:
        messages.success(request, "Sent. They have been told that there is a message.")
        return redirect("following:messages", reference=case.reference)
    context = {
        "found": found,
        "form": form if may_write else None,
        "answers": answers,
        "answered": answered,
        "now": timezone.now(),
    }
    return TemplateResponse(request, "following/messages.html", context, status=status)


def _number(typed: str) -> UUID | None:
    if not typed:
        return None
    try:
        return UUID(typed)
    except ValueError:
        raise NotVisible("message", typed) from None


@_METHODS
def disagree(request: Request, reference: str) -> HttpResponse:
    """Disagree with a decision, and follow what becomes of it."""
    case = casework.case_for(request.principal, reference)
    if request.method == "POST":
        policies.require_follows(request.principal, case)
    form = DisagreeForm(posted(request))

    def raise_it() -> None:
        services.disagree(
            actor=request.principal,
            case=case,
            said=form.disagreement(),
            key=form.cleaned_data["key"],
        )

    status = done(form, raise_it)
    if status is None:
        messages.success(
            request,
            "Sent. Those who must answer have been told, and their time to answer has begun.",
        )
        return redirect("following:disagree", reference=case.reference)
    return _disagreements(request, case, status, form=form)


@require_POST
def escalate(request: Request, reference: str) -> HttpResponse:
    """Take a disagreement to the next step."""
    case = casework.case_for(request.principal, reference)
    policies.require_follows(request.principal, case)
    form = EscalateForm(request.POST)

    def take() -> None:
        services.escalate(actor=request.principal, case=case, why=form.cleaned_data["why"])

    status = done(form, take)
    if status is None:
        messages.success(request, "Taken to the next step. Those who answer have been told.")
        return redirect("following:disagree", reference=case.reference)
    return _disagreements(request, case, status, further=form)


@require_POST
def answer(request: Request, reference: str, pk: UUID) -> HttpResponse:
    """Answer a disagreement at the step that it has reached."""
    case = casework.case_for(request.principal, reference)
    policies.require_answers_challenges(request.principal, case, stage=0)
    form = AnswerForm(request.POST)

    def reply() -> None:
        services.answer_challenge(
            actor=request.principal,
            case=case,
            pk=pk,
            stage=form.cleaned_data["stage"] or 0,
            result=Result(form.cleaned_data["result"]),
            words=form.cleaned_data["words"],
        )

    status = done(form, reply)
    if status is None:
        messages.success(request, "Your answer has been recorded, and whoever disagreed is told.")
        return redirect("following:disagree", reference=case.reference)
    return _disagreements(request, case, status, reply=form, of=pk)


def _disagreements(
    request: Request, case: Case, status: int, of: UUID | None = None, **typed: Any
) -> HttpResponse:
    """The page of disagreements with its forms; the one that was typed keeps its words.

    `of` is the disagreement that was answered: its words come back in no other's box.
    """
    found = services.read_challenges(actor=request.principal, reference=case.reference)
    ((name, given),) = typed.items()
    here = {"form": found.may_raise, "further": found.to_escalate, "reply": found.to_answer}
    answers = found.to_answer
    if status == 409 and (not here[name] or (of and answers and answers.pk != of)):
        # The page has no box for these words any more: the page that says why gives them back.
        raise DomainError(given.non_field_errors()[0])
    reply = typed.get("reply") or AnswerForm(initial={"stage": answers and answers.stage})
    if status == 409 and answers and reply.is_bound:
        reply.read_again(answers.stage)
    context = {
        "found": found,
        "raising": typed.get("form") or DisagreeForm(),
        "further": typed.get("further") or EscalateForm(),
        "reply": reply,
        "form": given,
        "now": timezone.now(),
    }
    return TemplateResponse(request, "following/disagree.html", context, status=status)
