"""The pages on which an agency is asked, and answers."""

from collections.abc import Iterable
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.accounts.http import Request
from portal.accounts.policies import prompts_for
from portal.common.errors import DomainError, NotVisible
from portal.common.forms import PageForm
from portal.common.http import done, posted
from referrals import policies as casework
from referrals.vocabulary import KnownHow, Protect
from sharing.disclosures.forms.requests import (
    NOW,
    AnswerForm,
    DeclineForm,
    NothingForm,
    NotUsForm,
    PassOnForm,
    QuestionForm,
    ReplyForm,
    WhoForm,
    keep,
)
from sharing.disclosures.policies import requests as policies
from sharing.disclosures.services import chasing, passing, received, replies, requests
from sharing.disclosures.services.requests import Prospect, Question, Record
from sharing.disclosures.vocabulary import Reply, Told
from sharing.rules.vocabulary import ConsentLimb, Purpose


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: Request, reference: str) -> HttpResponse:
    """Ask an agency: who and what for, then the question, then what they will learn, then send."""
    case = casework.case_for(request.principal, reference)
    policies.require_may_ask(request.principal, case)
    teams = policies.may_be_asked(request.principal, case)
    who = WhoForm(request.GET or None, teams=teams)
    context: dict[str, object] = {"reference": case.reference, "form": who}
    if not who.is_valid():
        status = 422 if who.is_bound or request.method == "POST" else 200
        return TemplateResponse(request, "disclosures/ask_who.html", context, status=status)
    team, purpose = who.cleaned_data["team"], Purpose(who.cleaned_data["purpose"])
    prospect = requests.prospect(
        actor=request.principal, reference=reference, team=team, purpose=purpose
    )
    if not prospect.gateways:
        who.add_error("team", "No provision of law leads from this agency to you. Ring them")
        return TemplateResponse(request, "disclosures/ask_who.html", context, status=422)
    form = QuestionForm(
        request.POST if request.method == "POST" else None,
        gateways=prospect.gateways,
        now=prospect.now,
        soon=prospect.soon,
        ready=prospect.ready,
        records=prospect.names_child,
        consent=prospect.consent,
    )
    context |= {"form": form, "prospect": prospect}
    if not form.is_valid() or "change" in request.POST:
        status = 422 if form.is_bound and form.errors else 200
        return TemplateResponse(request, "disclosures/ask.html", context, status=status)
    return _check_and_send(request, form, prospect, context)


def _check_and_send(
    request: Request, form: QuestionForm, prospect: Prospect, context: dict[str, object]
) -> HttpResponse:
    reference = str(context["reference"])
    question = _question(form, prospect)
    try:
        if "send" in request.POST:
            sent = requests.ask(actor=request.principal, reference=reference, question=question)
            messages.success(request, "Sent. The agency has been told that you ask.")
            return redirect("disclosures:request", pk=sent.pk)
        seen = requests.preview(actor=request.principal, reference=reference, question=question)
    except DomainError as refusal:
        form.add_error(None, str(refusal))
        return TemplateResponse(request, "disclosures/ask.html", context, status=409)
    context |= {"form": keep(form), "question": question, "preview": seen, "now": timezone.now()}
    context["what"] = [category.label for category in question.categories]
    return TemplateResponse(request, "disclosures/ask_check.html", context)


def _question(form: QuestionForm, prospect: Prospect) -> Question:
    said = form.cleaned_data
    return Question(
        team=prospect.team,
        purpose=prospect.purpose,
        categories=form.asked_for(),
        question=form.words(),
        why=said["why"],
        gateway=said["gateway"],
        immediate=said["how_soon"] == NOW,
        record=_record(form),
    )


def _record(form: PageForm) -> Record:
    said = form.cleaned_data
    limb = said.get("consent_limb")
    return Record(
        proportionality=said.get("proportionality", ""),
        child_told=Told(said.get("child_told") or Told.NOT_YET),
        parents_told=Told(said.get("parents_told") or Told.NOT_YET),
        not_told_why=said.get("not_told_why", ""),
        consent_limb=ConsentLimb(limb) if limb else None,
    )


@require_safe
def listed(request: Request) -> HttpResponse:
    """What my team is asked, and what we wait for; by who has it, and by the time that is left."""
    codes = {name: request.GET.get(name, "") for name in ("when", "who")}
    lists = received.list_requests(actor=request.principal, **codes)
    context = {
        "lists": lists,
        "people": _narrower("who", codes, lists.people),
        "waits": _narrower("when", codes, lists.waits),
        "when": codes["when"],
        "now": timezone.now(),
    }
    return TemplateResponse(request, "disclosures/requests.html", context)


def _narrower(
    name: str, codes: dict[str, str], ways: Iterable[received.Narrowed]
) -> list[tuple[str, str, bool]]:
    """The ways to narrow a list, as links that leave the other list as it is."""
    ways = list(ways)
    known = codes[name] if codes[name] in {way.code for way in ways} else ""
    return [
        (
            f"{way.words} ({way.number})",
            "?" + urlencode({key: code for key, code in {**codes, name: way.code}.items() if code}),
            way.code == known,
        )
        for way in ways
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def opened(request: Request, pk: UUID) -> HttpResponse:
    """One request; the team that is asked begins its answer here."""
    form = ReplyForm(request.POST if request.method == "POST" else None)
    if form.is_bound:
        policies.require_is_asked(request.principal, policies.request_for(request.principal, pk))
        if form.is_valid():
            return redirect("disclosures:answer", pk=pk, reply=form.cleaned_data["reply"])
    found = received.open_request(actor=request.principal, pk=pk)
    context = {"found": found, "form": form, "now": timezone.now()}
    status = 422 if form.is_bound else 200
    return TemplateResponse(request, "disclosures/request.html", context, status=status)


@require_POST
def chase(request: Request, pk: UUID) -> HttpResponse:
    """One press: those who are to answer are told to act now."""
    made = chasing.chase(actor=request.principal, pk=pk)
    reference = made.request.case.reference
    messages.success(request, f"Chased: {reference}. Those who answer have been told.")
    if "list" in request.POST:
        when = request.POST["list"]
        more = f"?{urlencode({'when': when})}" if when in (received.LATE, received.TODAY) else ""
        return redirect(reverse("disclosures:requests") + more)
    return redirect("disclosures:request", pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
def pass_on(request: Request, pk: UUID) -> HttpResponse:
    """Pass a question on to a colleague of the team that is asked."""
    found = passing.read_to_pass_on(actor=request.principal, pk=pk)
    form = PassOnForm(posted(request), found=found)

    def give() -> None:
        passing.pass_on(
            actor=request.principal,
            pk=pk,
            to=form.cleaned_data["to"],
            had=request.POST.get("had", ""),
        )

    status = done(form, give)
    if status is None:
        messages.success(request, "Passed on. Whoever has it now has been told.")
        return redirect("disclosures:requests")
    context = {"found": found, "form": form, "now": timezone.now()}
    return TemplateResponse(request, "disclosures/pass_on.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: Request, pk: UUID, reply: str) -> HttpResponse:
    """The words of an answer; what will be read by whom; and send."""
    if reply not in Reply.values:
        raise NotVisible("reply", reply)
    chosen = Reply(reply)
    asked = replies.read_to_answer(actor=request.principal, pk=pk, reply=chosen)
    found, may = asked.found, asked.may
    form = _reply_form(request, chosen, may, consent=asked.consent)
    context: dict[str, object] = {
        "found": found,
        "form": form,
        "reply": chosen.label,
        "pk": pk,
        "closed": [f"{category.label}. {why}" for category, why in may.closed],
        "shares": chosen in replies.SHARES,
        "now": timezone.now(),
    }
    if not form.is_valid() or "change" in request.POST:
        status = 422 if form.is_bound and form.errors else 200
        return TemplateResponse(request, "disclosures/request_answer.html", context, status=status)
    parts = _parts(form)
    if "send" in request.POST or chosen not in replies.SHARES:
        try:
            replies.reply_to(
                actor=request.principal,
                pk=pk,
                reply=chosen,
                parts=parts,
                words=form.cleaned_data.get("words", ""),
                said=_record(form),
            )
        except DomainError as refusal:
            form.add_error(None, str(refusal))
            return TemplateResponse(request, "disclosures/request_answer.html", context, status=409)
        messages.success(request, "Sent. The person who asked has been told.")
        return redirect("disclosures:request", pk=pk)
    context["parts"] = [
        {
            "label": part.category.label,
            "rows": [
                ("Answer", part.text),
                ("How you know this", part.known_how.label),
                ("Kept from readers", part.protect.label),
            ],
        }
        for part in parts
    ]
    told = [("", part.category.label, part.text) for part in parts]
    context["prompts"] = prompts_for(request.principal, told)
    context["form"] = keep(form)
    context["opens_case"] = chosen in replies.SHARES and not found.can_open_case
    return TemplateResponse(request, "disclosures/request_check.html", context)


def _reply_form(
    request: Request, reply: Reply, may: replies.Sharable, *, consent: bool
) -> PageForm:
    typed = request.POST if request.method == "POST" else None
    if reply in replies.SHARES:
        return AnswerForm(typed, categories=may.open, consent=consent)
    if reply is Reply.DECLINE:
        return DeclineForm(typed, consent=consent)
    return NotUsForm(typed) if reply is Reply.NOT_US else NothingForm(typed)


def _parts(form: PageForm) -> list[replies.Part]:
    if not isinstance(form, AnswerForm):
        return []
    found = []
    for category in form.categories:
        text, how, protect = (form.cleaned_data.get(name, "") for name in form.names(category))
        if text:
            why = Protect.NONE if protect == "none" else Protect(protect)
            found.append(replies.Part(category, text, KnownHow(how), why))
    return found
