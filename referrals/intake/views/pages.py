"""From a worry to a sent referral, one question page at a time. Every press saves."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.forms import ChoiceField, Field, MultipleChoiceField
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.accounts.http import Request
from portal.common.errors import DomainError, NotVisible, SavedElsewhere
from portal.common.forms import without_nul
from portal.common.models import version_of
from portal.common.moments import day, lasting
from referrals import policies as casework
from referrals.intake import policies, services
from referrals.intake.forms import (
    LISTS,
    PAGES,
    TASKS,
    ChildForm,
    form_of,
    held,
    line,
    listed,
    lists_of,
    pages,
    protected,
    read_concern,
    unfinished,
    unfinished_lists,
)
from referrals.intake.forms.fields import QuestionForm
from referrals.intake.models import Draft
from referrals.intake.views.delegates import sent_for_another, whose
from referrals.intake.views.prompts import prompts_of
from referrals.intake.views.stops import must_stop, watched
from referrals.services import Told, read_receipt
from referrals.vocabulary import Also, Answer, Danger

CHECK = "check"


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request) -> HttpResponse:
    """Before you start; pressing the button begins a draft."""
    casework.require_may_refer(request.principal)
    if request.method == "POST":
        draft = services.start(actor=request.principal)
        return redirect("intake:page", pk=draft.pk, page=line(draft)[0])
    return TemplateResponse(request, "intake/new.html", watched(request.principal))


@require_safe
def draft(request: Request, pk: UUID) -> HttpResponse:
    """The list of tasks, with what is finished; the way back in after a pause."""
    found = services.opened(actor=request.principal, pk=pk)
    if found.sent_at:
        return redirect("intake:sent", reference=found.reference)
    left = unfinished(found)
    tasks = [_task(found, title, asked, left) for title, asked in _tasks(found)]
    context = {
        "draft": frame(found),
        "tasks": tasks,
        "lists": _lists(found),
        "left": [PAGES[page][0] for page in left] + unfinished_lists(found),
        "lies_for": lasting(policies.danger_minutes(request.principal)),
        **whose(request, found),
    }
    return TemplateResponse(request, "intake/draft.html", context)


def _tasks(draft: Draft) -> list[tuple[str, list[str]]]:
    walked = line(draft)
    return [(title, [page for page in asked if page in walked]) for title, asked in TASKS.items()]


def _task(draft: Draft, title: str, asked: list[str], left: list[str]) -> dict[str, str]:
    """One task: its state, and the first of its pages that is still to be looked at."""
    seen = [page for page in asked if page in draft.answers]
    to_do = next((page for page in asked if page in left or page not in seen), asked[0])
    status = {"status": "In progress", "tone": "light-blue"}
    if not seen:
        status = {"status": "Not started", "tone": "blue"}
    elif len(seen) == len(asked) and not set(asked) & set(left):
        status = {"status": "Completed"}
    return {"title": title, "href": reverse("intake:page", args=[draft.pk, to_do]), **status}


def _lists(draft: Draft) -> list[tuple[str, str]]:
    """The lists that the author knows something for: label and address."""
    return [(kind.label, _list(draft, kind)) for kind in lists_of(draft)]


def _list(draft: Draft, kind: Also) -> str:
    return reverse("intake:also", args=[draft.pk, kind.value])


def after_list(draft: Draft, done: Also | None = None) -> str:
    """Where to go from the question about lists, or from one of them: the next that was ticked."""
    asked = lists_of(draft)
    rest = asked[asked.index(done) + 1 :] if done in asked else asked
    follows = reverse("intake:page", args=[draft.pk, "child-view"])
    return next((_list(draft, kind) for kind in rest), follows)


def frame(draft: Draft) -> dict[str, object]:
    """What every page of a draft says about it."""
    return {
        "pk": draft.pk,
        "saved_at": draft.saved_at,
        "deleted_on": draft.deleted_on,
        "is_danger": draft.answers.get("danger", {}).get("danger") in (Danger.YES, Danger.UNSURE),
    }


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: Request, pk: UUID, page: str) -> HttpResponse:
    """One question page: shown, and saved on every press."""
    if page not in PAGES:
        raise NotVisible("page", page)
    found = services.opened(actor=request.principal, pk=pk)
    # Sending again is answered as before. Words from an older window are not: `save` refuses them
    # in a sentence, and the page that says it gives them back.
    if found.sent_at and (request.method != "POST" or page == CHECK):
        return redirect("intake:sent", reference=found.reference)
    if page not in line(found) and not found.sent_at:
        return _not_asked(request, found)
    if request.method == "POST":
        form = form_of(page, found, request.POST)
        saved = _saved(request, found, page, form)
        if isinstance(saved, HttpResponse):
            return saved
        found = saved
        if on := _pressed(request, found, page, form):
            return on
    else:
        blank = form_of(page, found)
        form = form_of(page, found, initial=_initial(blank, found.answers.get(page, {})))
    context = {
        "form": form,
        "heading": PAGES[page][0],
        "draft": frame(found),
        "before": _before(found, page),
        "version": found.version(page),
        "autosave": reverse("intake:autosave", args=[found.pk, page]),
    }
    if page == CHECK:
        context |= whose(request, found) | _to_check(request, found)
    return TemplateResponse(request, f"intake/{page}.html", context, status=_status(form))


def _status(form: QuestionForm) -> int:
    if form.is_bound:
        return 409 if form.has_error(NON_FIELD_ERRORS, "changed") else 422
    return 200


def _not_asked(request: Request, draft: Draft) -> HttpResponse:
    """Lead to the page that asks whether this one is needed; what was typed here comes back."""
    if request.method == "POST":
        raise DomainError(
            "This question is no longer asked: an answer before it was changed. Nothing is lost."
            " Say on the page before it that something must be protected, and write this again."
        )
    return redirect("intake:page", pk=draft.pk, page="protect")


def _saved(request: Request, draft: Draft, page: str, form: QuestionForm) -> Draft | HttpResponse:
    """The draft with this page saved, or the page to show because it could not be."""
    try:
        return services.save(
            actor=request.principal,
            draft=draft,
            page=page,
            typed=typed_on(form, request.POST),
            seen=request.POST.get("version"),
        )
    except SavedElsewhere:
        draft.refresh_from_db()
        return two_windows(request, draft, page, form)
    except DomainError:
        # Two presses of Send at once: both are led to the one receipt.
        draft.refresh_from_db()
        if page == CHECK and draft.sent_at:
            return redirect("intake:sent", reference=draft.reference)
        raise


def _pressed(request: Request, draft: Draft, page: str, form: QuestionForm) -> HttpResponse | None:
    """Where a page that was saved leads; nowhere, if something on it has to be mended."""
    if "later" in request.POST:
        messages.success(request, "Your draft is saved.")
        return redirect("intake:draft", pk=draft.pk)
    left: list[object] = []
    if page == CHECK and not draft.sent_at:
        left = [*unfinished(draft), *unfinished_lists(draft)]
    if left:
        many = "a question" if len(left) == 1 else f"{len(left)} questions"
        form.add_error(None, f"You need to answer {many} before you can send")
    return _onwards(request, draft, page, form) if form.is_valid() else None


def typed_on(form: QuestionForm, posted: QueryDict) -> dict[str, str | list[str]]:
    """What was typed on this page: its own fields' boxes, and nothing else that was posted."""
    typed: dict[str, str | list[str]] = {}
    for box in posted:
        field = form.fields.get(box.partition("-")[0])
        if field is None:
            continue
        words: list[str] = without_nul(posted.getlist(box))
        typed[box] = words if isinstance(field, MultipleChoiceField) else words[-1]
    return typed


def two_windows(request: Request, draft: Draft, page: str, form: QuestionForm) -> HttpResponse:
    """Show what is saved beside what was typed in an older window, to choose or to join."""
    saved = form_of(page, draft, draft.answers.get(page, {}), reread=True)
    saved.full_clean()
    differing = [
        (field.label, _words(field, saved.cleaned_data.get(name)) or Answer.NOT_PROVIDED.label)
        for name, field in form.fields.items()
        if version_of(saved[name].value()) != version_of(form[name].value())
    ]
    typed = typed_on(form, request.POST)
    context = {
        "draft": frame(draft),
        "heading": PAGES[page][0],
        "page": page,
        "differing": differing,
        "shown": form_of(page, draft, initial=_initial(form_of(page, draft), typed)),
        "version": draft.version(page),
    }
    return TemplateResponse(request, "intake/two_windows.html", context, status=409)


def _initial(form: QuestionForm, typed: dict[str, Any]) -> dict[str, object]:
    """What was typed before, as the widgets want it back."""
    return {
        name: field.widget.value_from_datadict(typed, {}, name)
        for name, field in form.fields.items()
    }


def _before(draft: Draft, page: str) -> tuple[str, str] | None:
    walked = line(draft)
    place = walked.index(page)
    return None if place == 0 else (walked[place - 1], PAGES[walked[place - 1]][0])


def _onwards(request: Request, draft: Draft, page: str, form: QuestionForm) -> HttpResponse | None:
    """The next page: an interruption, the lists, back to the check that we came from, or on."""
    if page == CHECK:
        return _send(request, draft, form)
    if page == "danger" and form.cleaned_data["danger"] != Danger.NO:
        return redirect("intake:danger_now", pk=draft.pk)
    if isinstance(form, ChildForm) and (stop := must_stop(request.principal, draft, form)):
        return redirect(stop)
    walked = line(draft)
    follows = walked[walked.index(page) + 1]
    if page == "also" and "back" not in request.GET:
        return redirect(after_list(draft))
    if "back" in request.GET and follows != "protect-what":
        follows = CHECK
    return redirect("intake:page", pk=draft.pk, page=follows)


def _send(request: Request, draft: Draft, form: QuestionForm) -> HttpResponse | None:
    try:
        reference = services.send(
            actor=request.principal,
            draft=draft,
            concern=read_concern(draft),
            seen=request.POST.get("whole", ""),
        )
    except services.ChangedElsewhere as changed:
        # What is saved now is shown: nobody sends words that they have not seen.
        draft.refresh_from_db()
        form.add_error(None, ValidationError(str(changed), "changed"))
        return None
    except DomainError as refusal:
        messages.warning(request, str(refusal))
        return redirect("intake:draft", pk=draft.pk)
    return redirect("intake:sent", reference=reference)


def _to_check(request: Request, draft: Draft) -> dict[str, object]:
    """What the author looks at before sending: their words, what is left, who will see it."""
    left = unfinished(draft)
    audience = casework.who_will_see(request.principal, held(draft))
    return {
        "whole": draft.whole,
        "parts": _parts(draft),
        "lists": _lists(draft),
        "prompts": prompts_of(request.principal, draft),
        "named": [(kind, named) for kind in LISTS if (named := listed(draft, kind))],
        "left": [(page, PAGES[page][0]) for page in left],
        "left_lists": unfinished_lists(draft),
        "audience": [
            (each.team, "; ".join(each.sees), "; ".join(each.asks) or "Nothing")
            for each in audience
        ],
        "audience_head": ["Who", "Can read", "Must ask for"],
        "protected": protected(draft),
    }


def _parts(draft: Draft) -> list[dict[str, Any]]:
    """The draft's own words, for its author alone, task by task, with a way to change them."""
    forms = pages(draft)
    return [
        {"heading": title, "pages": [_page_to_check(page, forms[page]) for page in asked]}
        for title, asked in _tasks(draft)
    ]


def _page_to_check(page: str, form: QuestionForm) -> dict[str, Any]:
    form.full_clean()
    read = [
        (field.label, _words(field, form.cleaned_data.get(name)))
        for name, field in form.fields.items()
    ]
    open_ones = [label for label, words in read if not words]
    return {
        "page": page,
        "heading": PAGES[page][0],
        "rows": [(label, words) for label, words in read if words],
        "open": open_ones,
        "open_words": f"Not answered: {len(open_ones)} of {len(read)}",
    }


def _words(field: Field, value: object) -> str:
    """An answer in words, as it will be read; "" where nobody answered."""
    if isinstance(value, Told):
        missing = value.answer is Answer.NOT_PROVIDED
        return value.text or ("" if missing else Answer(value.answer).label)
    if isinstance(field, ChoiceField):
        known: dict[object, object] = dict(field.widget.choices)
        codes = value if isinstance(value, list) else [value]
        return "; ".join(str(known[code]) for code in codes if code in known and code)
    return day(value) if isinstance(value, date) else str(value if value is not None else "")


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
