"""Pages of information reports: to write and send one, to follow it, to read and link it."""

from uuid import UUID, uuid4

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.accounts.http import Request
from portal.common.errors import DomainError, NotVisible, SavedElsewhere
from portal.common.http import posted
from portal.common.models import version_of
from referrals import policies as casework
from referrals.information import policies, services
from referrals.information.forms import (
    HOW,
    THINGS,
    AnotherForm,
    LinkForm,
    WhatForm,
    named_in,
    read_draft,
    refilled,
    typed,
    words_in,
)
from referrals.information.models import Draft
from referrals.information.reading import days
from referrals.information.vocabulary import ONE, Verdict
from referrals.services.items import ItemKind
from referrals.vocabulary import Certainty


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request) -> HttpResponse:
    """What a report is for, and what it is not; pressing the button begins a draft."""
    casework.require_may_refer(request.principal)
    if request.method == "POST":
        return redirect("information:what", pk=services.start(actor=request.principal).pk)
    return TemplateResponse(request, "information/new.html")


@require_safe
def mine(request: Request) -> HttpResponse:
    """What the reader has sent and not yet sent, with how far it has got."""
    casework.require_may_refer(request.principal)
    context = {
        "rows": services.list_own(actor=request.principal),
        "drafts": [
            {"pk": each.pk, "saved_at": each.saved_at}
            for each in policies.drafts(request.principal).unsent()[:50]
        ],
        "reads": policies.reads_for(request.principal) is not None,
    }
    return TemplateResponse(request, "information/mine.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def what(request: Request, pk: UUID) -> HttpResponse:
    """The page of words."""
    draft = policies.draft_for(request.principal, pk)
    if draft.sent_at and request.method != "POST":
        return redirect("information:sent", report=draft.reference)
    status, saved = 200, None
    if request.method == "POST":
        form, status = WhatForm(request.POST), 422
        try:
            draft = services.save(
                actor=request.principal,
                draft=draft,
                typed=typed(form),
                seen=request.POST.get("version"),
            )
        except SavedElsewhere as elsewhere:
            draft.refresh_from_db()
            form.add_error(None, str(elsewhere))
            status, saved = 409, words_in(draft)
        else:
            if form.is_valid():
                return redirect("information:things", pk=pk)
    else:
        form = WhatForm(initial=refilled(WhatForm(), draft.answers.get("what", {})))
    context = {
        "form": form,
        "draft": {"pk": pk},
        "version": version_of(draft.answers.get("what", {})),
        "saved": saved,
    }
    return TemplateResponse(request, "information/what.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def things(request: Request, pk: UUID) -> HttpResponse:
    """What has been named so far, and whether there is more."""
    draft = policies.draft_for(request.principal, pk)
    if draft.sent_at:
        return redirect("information:sent", report=draft.reference)
    named = named_in(draft)
    form = AnotherForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        more = form.cleaned_data["more"]
        if more == "no":
            return redirect("information:check", pk=pk)
        return redirect("information:thing", pk=pk, kind=more, n=len(named) + 1)
    context = {"form": form, "named": named, "draft": {"pk": pk}}
    status = 422 if form.is_bound else 200
    return TemplateResponse(request, "information/things.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def thing(request: Request, pk: UUID, kind: str, n: int) -> HttpResponse:
    """One that is named, to add or to change."""
    if kind not in THINGS:
        raise NotVisible("page", kind)
    draft = policies.draft_for(request.principal, pk)
    if draft.sent_at and request.method != "POST":
        return redirect("information:sent", report=draft.reference)
    one, form_class = ONE[ItemKind(kind)], THINGS[ItemKind(kind)]
    status, saved = 200, None
    if request.method == "POST":
        number, status = _number(request), 422
        form = form_class({**request.POST.dict(), "item": number})
        try:
            draft = services.keep_thing(
                actor=request.principal,
                draft=draft,
                kind=ItemKind(kind),
                item=number,
                typed=typed(form),
                seen=request.POST.get("version"),
            )
        except DomainError as refusal:
            if draft.sent_at:
                raise
            draft.refresh_from_db()
            form.add_error(None, str(refusal))
            status, saved = 409, _rows(draft, number)
        else:
            if form.is_valid():
                return redirect("information:things", pk=pk)
    else:
        before = _before(draft, kind, n)
        number = before.get("item") or uuid4().hex
        form = form_class(initial={**refilled(form_class(), before), "item": number})
    context = {
        "form": form,
        "one": one,
        "draft": {"pk": pk},
        "version": services.version_of_thing(draft, number),
        "saved": saved,
    }
    return TemplateResponse(request, "information/thing.html", context, status=status)


@require_POST
def remove(request: Request, pk: UUID) -> HttpResponse:
    """Take one out of a draft."""
    draft = policies.draft_for(request.principal, pk)
    services.drop_thing(actor=request.principal, draft=draft, item=request.POST.get("item", ""))
    messages.success(request, "It has been taken out of your draft.")
    return redirect("information:things", pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
def check(request: Request, pk: UUID) -> HttpResponse:
    """All of it, and who will read it; then it is sent."""
    draft = policies.draft_for(request.principal, pk)
    if draft.sent_at:
        return redirect("information:sent", report=draft.reference)
    told = read_draft(draft)
    if told is None:
        messages.error(request, "Something still lacks an answer. Nothing is lost.")
        whole = WhatForm(draft.answers.get("what", {})).is_valid()
        return redirect("information:things" if whole else "information:what", pk=pk)
    status = 200
    if request.method == "POST":
        seen = request.POST.get("whole", "")
        try:
            reference = services.send(actor=request.principal, draft=draft, told=told, seen=seen)
        except services.ChangedElsewhere as changed:
            messages.warning(request, str(changed))
            status = 409
        else:
            return redirect("information:sent", report=reference)
    context = {
        "draft": {"pk": pk},
        "whole": draft.whole,
        "words": [
            ("What you tell us", told.what),
            ("How you know", dict(HOW)[told.known_how]),
            ("Who told you", told.told_by or "Not provided"),
            ("How sure you are", Certainty(told.sure).label),
            ("When it happened", days(told.from_day, told.to_day)),
            ("The police may read who you are", "No" if told.name_withheld else "Yes"),
        ],
        "named": named_in(draft),
        "head": ["Who", "They read your name even if you keep it from the police"],
        "readers": policies.who_will_read(request.principal),
    }
    return TemplateResponse(request, "information/check.html", context, status=status)


@require_POST
def discard(request: Request, pk: UUID) -> HttpResponse:
    """Delete a draft."""
    services.discard(actor=request.principal, draft=policies.draft_for(request.principal, pk))
    messages.success(request, "The draft has been deleted.")
    return redirect("information:mine")


@require_safe
def sent(request: Request, report: str) -> HttpResponse:
    """For the person who sent it: received, read, and nothing more."""
    row = services.follow(actor=request.principal, reference=report)
    return TemplateResponse(request, "information/sent.html", {"row": row})


@require_safe
def reports(request: Request) -> HttpResponse:
    """The reports that the reader may read, the latest first."""
    policies.require_reader(request.principal)
    found = policies.visible(request.principal).for_rows()
    page = Paginator(found, 25).get_page(request.GET.get("page"))
    rows = services.list_reports(actor=request.principal, page=page.object_list)
    return TemplateResponse(request, "information/reports.html", {"rows": rows, "page": page})


@require_safe
def report(request: Request, report: str) -> HttpResponse:
    """One report, for those whom the law lets read it."""
    found = services.read_report(actor=request.principal, reference=report)
    return TemplateResponse(request, "information/report.html", {"reading": found})


@require_POST
def mark_read(request: Request, report: str) -> HttpResponse:
    """One press: whoever sent it hears that it has been read."""
    made = services.mark_read(actor=request.principal, reference=report)
    messages.success(request, "Marked as read. The person who sent it has been told.")
    return redirect("information:report", report=made.report.reference)


@require_http_methods(["GET", "HEAD", "POST"])
def link(request: Request, report: str, thing: UUID, statement: UUID) -> HttpResponse:
    """One proposed link: is it the same, and why?"""
    form = LinkForm(posted(request))
    if form.is_bound and form.is_valid():
        made = services.decide_link(
            actor=request.principal,
            reference=report,
            thing=thing,
            statement=statement,
            verdict=Verdict(form.cleaned_data["verdict"]),
            reason=form.cleaned_data["reason"],
        )
        messages.success(request, "Recorded. It opens nothing to anybody.")
        return redirect("information:report", report=made.thing.report.reference)
    proposal = services.open_proposal(
        actor=request.principal, reference=report, thing=thing, statement=statement
    )
    context = {"form": form, "proposal": proposal}
    status = 422 if form.is_bound else 200
    return TemplateResponse(request, "information/link.html", context, status=status)


def _before(draft: Draft, kind: str, n: int) -> dict[str, str]:
    """What was typed before of the n-th that is named; nothing for a new one."""
    kept = services.things_of(draft)
    return kept[n - 1] if 1 <= n <= len(kept) and kept[n - 1]["kind"] == kind else {}


def _rows(draft: Draft, item: str) -> object:
    """What is saved of one that is named, in words; None where it is a new one."""
    return next((each["rows"] for each in named_in(draft) if each["item"] == item), None)


def _number(request: Request) -> str:
    """The item's own number, as its page brought it along; a new one for what is not a number."""
    try:
        return UUID(hex=request.POST.get("item", "")).hex
    except ValueError:
        return uuid4().hex
