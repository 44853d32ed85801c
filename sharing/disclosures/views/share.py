"""Sharing, page by page: who, what, the reason in law, why, the preview, the check, the end."""

from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.accounts.http import Request
from portal.common.errors import DomainError, NotVisible
from portal.common.forms import PageForm
from portal.notifications.vocabulary import MEANINGS, Kind
from referrals import policies as casework
from sharing.disclosures import policies, services
from sharing.disclosures.forms.danger import DangerForm
from sharing.disclosures.forms.share import (
    GatewayForm,
    PreviewForm,
    WhatForm,
    WhoForm,
    WhyForm,
)
from sharing.disclosures.models import ShareDraft
from sharing.disclosures.reading.plan import Plan
from sharing.disclosures.reading.steps import step_of, summary
from sharing.disclosures.reading.teams import people_words
from sharing.disclosures.vocabulary import PAGES, Result
from sharing.rules.vocabulary import Purpose

ORDER: Final = tuple(PAGES)
NOTICE: Final = f"{Kind.SHARED.label}. {MEANINGS[Kind.SHARED].why}"


@require_http_methods(["GET", "HEAD", "POST"])
def share(request: Request, reference: str) -> HttpResponse:
    """With whom, and what for: answering begins a draft."""
    case = casework.case_for(request.principal, reference)
    policies.require_may_share(request.principal, case)
    form = WhoForm(request.POST or None, teams=policies.recipients(case, request.principal))
    if request.method == "POST" and form.is_valid():
        draft = services.begin(
            actor=request.principal, reference=reference, answers={"who": form.answers()}
        )
        return redirect("disclosures:step", pk=draft.pk, page="what")
    back = reverse("referrals:case", args=[case.reference])
    return _page(request, "who", form, {"reference": case.reference, "back": back})


@require_http_methods(["GET", "HEAD", "POST"])
def step(request: Request, pk: UUID, page: str) -> HttpResponse:
    """One page of a share: shown, and saved on every press."""
    if page not in PAGES:
        raise NotVisible("page", page)
    draft = policies.draft_for(request.principal, pk)
    if draft.disclosed_at:
        # Pressing "Share now" twice, or Back after it: the decision stands, and is shown again.
        if request.method == "POST" and page != "check":
            raise DomainError(services.DECIDED)
        return redirect("disclosures:done", pk=pk)
    if page == "preview":
        return _preview(request, draft)
    plan = services.read_draft(actor=request.principal, draft=draft)
    missing = plan.unfinished
    if missing and ORDER.index(missing) < ORDER.index(page):
        return redirect("disclosures:step", pk=pk, page=missing)
    if page == "check":
        return _check(request, draft, plan)
    form = _form(request, page, draft, plan)
    if request.method == "POST" and form.is_valid():
        return _kept(request, draft, page, form, plan)
    return _page(request, page, form, _about(draft, page, plan))


def _form(request: Request, page: str, draft: ShareDraft, plan: Plan) -> Any:
    data = request.POST if request.method == "POST" else None
    said = dict(draft.answers.get(page, {}))
    if page == "who":
        teams = policies.recipients(draft.case, request.principal)
        return WhoForm(data, teams=teams, initial=said)
    if page == "what":
        return WhatForm(
            data, offers=plan.offers, asks_about_harm=plan.asks_about_harm, initial=_what(said)
        )
    if page == "gateway":
        return GatewayForm(data, plan=plan, initial={**said, "question": draft.question})
    return WhyForm(data, plan=plan, initial=_why(said))


def _what(said: dict[str, Any]) -> dict[str, Any]:
    return {"kinds": said.pop("whole", []), "leave_out": said.pop("left_out", []), **said}


def _why(said: dict[str, Any]) -> dict[str, Any]:
    if not said:
        return {}
    until = said.pop("until", "")
    year, month, day = until.split("-") if until else ("", "", "")
    boxes = {"day": day, "month": month, "year": year}
    return {**said, "ends": "date" if until else "closed", "until": boxes}


def _kept(request: Request, draft: ShareDraft, page: str, form: Any, plan: Plan) -> HttpResponse:
    """Save the page and go on: to the next page, or past the preview when nothing is shared."""
    if page == "gateway" and form.asks:
        return _advice(request, draft, form, plan)
    draft = services.save(actor=request.principal, draft=draft, **{page: form.answers()})
    following = ORDER[ORDER.index(page) + 1]
    if page == "what" and draft.answers["what"]["refuse"]:
        following = "why"
    if page == "why" and draft.answers["why"]["decision"] != Result.SHARED:
        following = "check"
    return redirect("disclosures:step", pk=draft.pk, page=following)


def _advice(request: Request, draft: ShareDraft, form: GatewayForm, plan: Plan) -> HttpResponse:
    question = form.cleaned_data["question"]
    try:
        services.ask_advice(actor=request.principal, draft=draft, question=question)
    except DomainError as refusal:
        form.add_error(None, str(refusal))
        return _page(request, "gateway", form, _about(draft, "gateway", plan), status=409)
    messages.success(request, "We have asked for advice. Your draft is kept here.")
    return redirect("disclosures:sharing", reference=draft.case.reference)


def _before(draft: ShareDraft, page: str) -> str:
    place = ORDER.index(page)
    if place == 0:
        return reverse("disclosures:sharing", args=[draft.case.reference])
    before = ORDER[place - 1]
    if page == "why" and draft.answers.get("what", {}).get("refuse"):
        before = "what"
    decision = draft.answers.get("why", {}).get("decision")
    if page == "check" and decision != Result.SHARED:
        before = "why"
    return reverse("disclosures:step", args=[draft.pk, before])


def _page(
    request: Request, page: str, form: PageForm, context: dict[str, Any], *, status: int = 0
) -> HttpResponse:
    """`context` has the reference of the case, and the page before."""
    return TemplateResponse(
        request,
        f"disclosures/share_{page}.html",
        {"form": form, "heading": PAGES[page], **context},
        status=status or (422 if form.is_bound else 200),
    )


def _about(draft: ShareDraft, page: str, plan: Plan) -> dict[str, Any]:
    """What every page of a draft says."""
    reference = draft.case.reference
    said = {"reference": reference, "step": step_of(plan, draft), "back": _before(draft, page)}
    if page == "why" and plan.denied:
        said["heading"] = "Why is it not shared?"
    return said


def _preview(request: Request, draft: ShareDraft) -> HttpResponse:
    """The recipient's own page, before it is theirs; in danger it is the last page."""
    danger = draft.answers.get("who", {}).get("purpose") == Purpose.DANGER
    form = PreviewForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if form.changes and danger:
            return redirect("disclosures:danger-again", pk=draft.pk)
        if form.changes:
            return redirect("disclosures:step", pk=draft.pk, page="what")
        draft = services.save(actor=request.principal, draft=draft, preview=form.answers())
        if not danger:
            return redirect("disclosures:step", pk=draft.pk, page="check")
        return _decide(request, draft)
    return _shown(request, draft, form)


def _shown(
    request: Request, draft: ShareDraft, form: PreviewForm, *, status: int = 0
) -> HttpResponse:
    try:
        plan, seen = services.look(actor=request.principal, draft=draft)
    except services.Unfinished as early:
        return redirect("disclosures:step", pk=draft.pk, page=early.page)
    if not form.is_bound:
        form = PreviewForm(initial={"seen": seen.sha256})
    context = {
        **_about(draft, "preview", plan),
        "reading": seen.reading,
        "changes": seen.changes,
        "change_head": ["What", "They see now", "After sharing"],
        "people": people_words(plan.people),
        "notice": NOTICE,
    }
    return _page(request, "preview", form, context, status=status)


def _check(request: Request, draft: ShareDraft, plan: Plan) -> HttpResponse:
    """One summary of the decision; pressing the button makes it."""
    if request.method == "POST":
        return _decide(request, draft)
    context = {**_about(draft, "check", plan), "rows": summary(plan, draft)}
    return _page(request, "check", PageForm(), context)


def _decide(request: Request, draft: ShareDraft) -> HttpResponse:
    try:
        services.share(actor=request.principal, draft=draft)
    except DomainError as refusal:
        messages.warning(request, str(refusal))
        return _look_again(request, draft)
    return redirect("disclosures:done", pk=draft.pk)


def _look_again(request: Request, draft: ShareDraft) -> HttpResponse:
    """The page to look at when a decision could not be made: nothing that was typed is lost."""
    draft = policies.draft_for(request.principal, draft.pk)
    if draft.answers.get("why", {}).get("decision") != Result.SHARED:
        return redirect("disclosures:step", pk=draft.pk, page="why")
    return _shown(request, draft, PreviewForm(), status=409)


@require_http_methods(["GET", "HEAD", "POST"])
def danger(request: Request, reference: str) -> HttpResponse:
    """A child is in danger now: whom, what and why on one page."""
    return _danger(request, reference, None)


@require_http_methods(["GET", "HEAD", "POST"])
def danger_again(request: Request, pk: UUID) -> HttpResponse:
    """The same page, for a draft that is changed after its preview."""
    draft = policies.draft_for(request.principal, pk)
    if draft.disclosed_at:
        return redirect("disclosures:done", pk=pk)
    return _danger(request, draft.case.reference, draft)


def _danger(request: Request, reference: str, draft: ShareDraft | None) -> HttpResponse:
    actor = request.principal
    chosen = str(draft.answers.get("who", {}).get("team", "")) if draft else ""
    case, offers, teams = services.read_danger(
        actor=actor, reference=reference, team=request.POST.get("team", chosen)
    )
    initial = _danger_initial(draft) if draft else None
    form = DangerForm(request.POST or None, teams=teams, offers=offers, initial=initial)
    if request.method == "POST" and form.is_valid():
        pages = form.pages()
        if draft is None:
            draft = services.begin(actor=actor, reference=reference, answers=pages)
        else:
            draft = services.save(actor=actor, draft=draft, **pages)
        return redirect("disclosures:step", pk=draft.pk, page="preview")
    context = {
        "form": form,
        "heading": "Share because a child is in danger now",
        "reference": case.reference,
        "back": reverse("referrals:case", args=[case.reference]),
    }
    status = 422 if form.is_bound else 200
    return TemplateResponse(request, "disclosures/share_danger.html", context, status=status)


def _danger_initial(draft: ShareDraft) -> dict[str, Any]:
    said = draft.answers
    return {
        **said.get("why", {}),
        "team": said.get("who", {}).get("team"),
        "kinds": said.get("what", {}).get("whole", []),
    }


@require_safe
def done(request: Request, pk: UUID) -> HttpResponse:
    """What was decided, with whom, and its numbers. It may be bookmarked: it stays true."""
    draft = policies.draft_for(request.principal, pk)
    if not draft.disclosed_at:
        return redirect("disclosures:step", pk=pk, page=ORDER[0])
    made = services.read_done(actor=request.principal, draft=draft)
    context = {
        "made": made,
        "words": made[0].result,
        "numbers": ", ".join(record.number for record in made),
        "reference": draft.case.reference,
    }
    return TemplateResponse(request, "disclosures/share_done.html", context)


@require_POST
def discard(request: Request, pk: UUID) -> HttpResponse:
    """Delete a draft that will not become a decision."""
    draft = policies.draft_for(request.principal, pk)
    services.discard(actor=request.principal, draft=draft)
    messages.success(request, "The draft has been deleted. Nothing has been shared.")
    return redirect("disclosures:sharing", reference=draft.case.reference)
