"""From a worry to a sent referral, one question page at a time. Every press saves."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import ChoiceField, Field
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.accounts.http import Request
from portal.common.errors import DomainError, NotVisible
from portal.common.forms import PageForm
from portal.common.moments import day
from referrals import policies as casework
from referrals.intake import policies, services
from referrals.intake.forms import (
    LISTS,
    ORDER,
    PAGES,
    listed,
    pages,
    read_concern,
    unfinished,
    unfinished_lists,
)
from referrals.intake.models import KEPT_FOR, Draft
from referrals.intake.views.delegates import sent_for_another, whose
from referrals.services import read_receipt
from referrals.vocabulary import Danger


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request) -> HttpResponse:
    """Before you start; pressing the button begins a draft."""
    casework.require_may_refer(request.principal)
    if request.method == "POST":
        draft = services.start(actor=request.principal)
        return redirect("intake:page", pk=draft.pk, page=ORDER[0])
    return TemplateResponse(request, "intake/new.html")


@require_safe
def draft(request: Request, pk: UUID) -> HttpResponse:
    """The list of pages, with what is finished; the way back in after a pause."""
    found = services.opened(actor=request.principal, pk=pk)
    if found.sent_at:
        return redirect("intake:sent", reference=found.reference)
    left = unfinished(found)
    tasks = [
        {
            "title": PAGES[page][0],
            "href": reverse("intake:page", args=[found.pk, page]),
            **_task_status(found, page, left),
        }
        for page in ORDER
    ]
    context = {"draft": _frame(found), "tasks": tasks, **whose(request, found)}
    return TemplateResponse(request, "intake/draft.html", context)


def _task_status(draft: Draft, page: str, left: list[str]) -> dict[str, str]:
    if page not in left:
        return {"status": "Completed"}
    if page in draft.answers:
        return {"status": "In progress", "tone": "light-blue"}
    return {"status": "Not started", "tone": "blue"}


def _frame(draft: Draft) -> dict[str, object]:
    return {"pk": draft.pk, "saved_at": draft.saved_at, "deleted_on": draft.saved_at + KEPT_FOR}


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: Request, pk: UUID, page: str) -> HttpResponse:
    """One question page: shown, and saved on every press."""
    if page not in PAGES:
        raise NotVisible("page", page)
    found = services.opened(actor=request.principal, pk=pk)
    # Sending again is answered as before. Words from an older window are not: `save` refuses them
    # in a sentence, and the page that says it gives them back.
    if found.sent_at and (request.method != "POST" or page == "check"):
        return redirect("intake:sent", reference=found.reference)
    heading, form_class = PAGES[page]
    if request.method == "POST":
        form = form_class(request.POST)
        saved = _saved(request, found, page, form)
        if isinstance(saved, HttpResponse):
            return saved
        found = saved
        if "later" in request.POST:
            messages.success(request, "Your draft is saved. It has not been sent.")
            return redirect("intake:draft", pk=found.pk)
        if form.is_valid():
            return _onwards(request, found, page, form)
    else:
        form = form_class(initial=_initial(form_class(), found.answers.get(page, {})))
    context = {
        "form": form,
        "heading": heading,
        "draft": _frame(found),
        "before": _before(page),
        "version": found.version(page),
        "autosave": reverse("intake:autosave", args=[found.pk, page]),
        "answers": _answers(found) if page == "check" else [],
    }
    if page == "check":
        context |= whose(request, found)
        context["lists"] = [(kind, listed(found, kind)) for kind in LISTS]
        context["audience"] = casework.who_will_see(request.principal)
        context["audience_head"] = ["Who", "What they will be able to read"]
    status = 422 if form.is_bound else 200
    return TemplateResponse(request, f"intake/{page}.html", context, status=status)


def _saved(request: Request, draft: Draft, page: str, form: PageForm) -> Draft | HttpResponse:
    """The draft with this page saved, or the page to show because it could not be."""
    try:
        return services.save(
            actor=request.principal,
            draft=draft,
            page=page,
            typed=typed_on(form),
            seen=request.POST.get("version"),
        )
    except services.SavedElsewhere as elsewhere:
        return two_windows(request, elsewhere.draft, page, form)
    except DomainError:
        # Two presses of Send at once: both are led to the one receipt.
        draft.refresh_from_db()
        if page == "check" and draft.sent_at:
            return redirect("intake:sent", reference=draft.reference)
        raise


def typed_on(form: PageForm) -> dict[str, str]:
    """What was typed on this page: its own fields' boxes, and nothing else that was posted."""
    return {
        # PostgreSQL holds every character but NUL, which text pasted from a PDF may carry.
        box: text.replace("\x00", "")
        for box, text in form.data.items()
        if box.partition("-")[0] in form.fields
    }


def two_windows(request: Request, draft: Draft, page: str, form: PageForm) -> HttpResponse:
    """Show what is saved beside what was typed in an older window, to choose or to join."""
    heading, form_class = PAGES[page]
    saved = form_class(data=draft.answers.get(page, {}))
    saved.full_clean()
    differing = [
        (field.label, _words(field, saved.cleaned_data.get(name)))
        for name, field in form.fields.items()
        if saved[name].value() != form[name].value()
    ]
    context = {
        "draft": _frame(draft),
        "heading": heading,
        "page": page,
        "differing": differing,
        "shown": form_class(initial=_initial(form_class(), typed_on(form))),
        "version": draft.version(page),
    }
    return TemplateResponse(request, "intake/two_windows.html", context, status=409)


def _initial(form: PageForm, typed: dict[str, str]) -> dict[str, object]:
    """What was typed before, as the widgets want it back."""
    return {
        name: field.widget.value_from_datadict(typed, {}, name)
        for name, field in form.fields.items()
    }


def _before(page: str) -> tuple[str, str] | None:
    place = ORDER.index(page)
    return None if place == 0 else (ORDER[place - 1], PAGES[ORDER[place - 1]][0])


def _onwards(request: Request, draft: Draft, page: str, form: PageForm) -> HttpResponse:
    if page == "check":
        return _send(request, draft)
    if page == "danger" and form.cleaned_data["danger"] != Danger.NO:
        return redirect("intake:danger_now", pk=draft.pk)
    return redirect("intake:page", pk=draft.pk, page=ORDER[ORDER.index(page) + 1])


def _send(request: Request, draft: Draft) -> HttpResponse:
    draft.refresh_from_db()
    left = [PAGES[page][0] for page in unfinished(draft)]
    left += [kind.label for kind in unfinished_lists(draft)]
    if left:
        names = ", ".join(left)
        messages.warning(request, f"Finish this before you send: {names}.")
        return redirect("intake:draft", pk=draft.pk)
    try:
        reference = services.send(actor=request.principal, draft=draft, concern=read_concern(draft))
    except DomainError as refusal:
        messages.warning(request, str(refusal))
        return redirect("intake:draft", pk=draft.pk)
    return redirect("intake:sent", reference=reference)


def _answers(draft: Draft) -> list[dict[str, Any]]:
    """The draft's own words, for its author alone, page by page, with a way to change them."""
    shown = []
    for page, form in pages(draft).items():
        form.full_clean()
        rows = [
            (field.label, _words(field, form.cleaned_data.get(name)))
            for name, field in form.fields.items()
        ]
        shown.append({"page": page, "heading": PAGES[page][0], "rows": rows})
    return shown[:-1]


def _words(field: Field, value: object) -> str:
    """An answer in words, as it will be read."""
    if isinstance(field, ChoiceField):
        value = dict(field.choices).get(value, "")  # type: ignore[arg-type]
    return (day(value) if isinstance(value, date) else str(value or "")) or "Not provided"


@require_safe
def danger_now(request: Request, pk: UUID) -> HttpResponse:
    """The interruption: call 999 first. There is nothing to fill in here."""
    found = services.opened(actor=request.principal, pk=pk)
    unsure = found.answers.get("danger", {}).get("danger") == Danger.UNSURE
    return TemplateResponse(
        request, "intake/danger_now.html", {"draft": _frame(found), "unsure": unsure}
    )


@require_POST
def discard(request: Request, pk: UUID) -> HttpResponse:
    """Delete a draft that will not be sent."""
    services.discard(actor=request.principal, draft=policies.draft_for(request.principal, pk))
    messages.success(request, "The draft has been deleted.")
    return redirect("home:home")


@require_safe
def sent(request: Request, reference: str) -> HttpResponse:
    """The confirmation. It may be bookmarked: it stays true."""
    for_another = sent_for_another(request, reference)
    if for_another is not None:
        return for_another
    receipt = read_receipt(actor=request.principal, reference=reference)
    return TemplateResponse(request, "intake/sent.html", {"receipt": receipt})
