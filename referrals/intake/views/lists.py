"""Naming people, places and times one by one. Every press saves, finished or not."""

from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from portal.accounts.http import Request
from portal.common.errors import DomainError, NotVisible, SavedElsewhere
from portal.common.forms import without_nul
from referrals.intake import services
from referrals.intake.forms import LISTS, ItemForm, MoreForm, RemoveForm, listed
from referrals.intake.models import Draft
from referrals.intake.views.pages import after_list
from referrals.services import ItemKind
from referrals.services.items import MOST
from referrals.vocabulary import Also


@require_http_methods(["GET", "HEAD", "POST"])
def also(request: Request, pk: UUID, kind: str) -> HttpResponse:
    """One list: what has been named so far, and whether there is more."""
    found, kind = _found(request, pk, kind)
    if found.sent_at and request.method != "POST":
        return redirect("intake:sent", reference=found.reference)
    page, named = LISTS[kind], listed(found, kind)
    if request.method == "POST":
        form = MoreForm(request.POST, page=page, empty=not named)
        more = request.POST.get("more", "")
        said = more if more in ("yes", "no") else ""
        services.say_whether_more(actor=request.principal, draft=found, kind=kind, more=said)
        if "later" in request.POST:
            return _later(request, found)
        if len(named) >= MOST:
            return redirect(_onwards(found, kind))
        if form.is_valid():
            if form.cleaned_data["more"] == "no":
                return redirect(_onwards(found, kind))
            return redirect("intake:also_item", pk=found.pk, kind=kind, n=len(named) + 1)
    else:
        before = found.answers.get(kind, {}).get("more", "")
        # "No" with nothing named is an answer; beside what is named it is asked anew.
        initial = {} if named else {"more": before if before == "no" else ""}
        form = MoreForm(initial=initial, page=page, empty=not named)
    context = {
        "kind": kind,
        "heading": kind.label,
        "page": page,
        "draft": {"pk": found.pk},
        "named": named,
        "full": len(named) >= MOST,
        "most": MOST,
        "form": form,
        "back": _back(found),
    }
    return TemplateResponse(
        request, "intake/list.html", context, status=422 if form.is_bound else 200
    )


@require_http_methods(["GET", "HEAD", "POST"])
def item(request: Request, pk: UUID, kind: str, n: int) -> HttpResponse:
    """One of a list, to add or to change."""
    found, kind = _found(request, pk, kind)
    if found.sent_at and request.method != "POST":
        return redirect("intake:sent", reference=found.reference)
    if request.method == "POST":
        return _keep(request, found, kind, n)
    kept = services.items_of(found, kind)
    if not 1 <= n <= min(len(kept) + 1, MOST):
        return redirect("intake:also", pk=found.pk, kind=kind)
    form_class = LISTS[kind].form
    typed = kept[n - 1] if n <= len(kept) else {}
    number = typed.get("item") or uuid4().hex
    form = form_class(initial={**_initial(form_class(), typed), "item": number})
    return _item_page(request, found, kind, n, form, number=number)


def _keep(request: Request, draft: Draft, kind: ItemKind, n: int) -> HttpResponse:
    number, status, saved = _number(request), 422, None
    form = LISTS[kind].form({**request.POST.dict(), "item": number})
    try:
        draft = services.keep_item(
            actor=request.principal,
            draft=draft,
            kind=kind,
            item=number,
            typed=_typed(form),
            seen=request.POST.get("version"),
        )
    except SavedElsewhere as elsewhere:
        draft.refresh_from_db()
        saved = next(each.rows for each in listed(draft, kind) if each.item == number)
        form.add_error(None, str(elsewhere))
        status = 409
    except DomainError as refusal:
        if draft.sent_at:
            raise
        # The list is full: what was typed comes back.
        form.add_error(None, str(refusal))
        status = 409
    else:
        if "later" in request.POST:
            return _later(request, draft)
        if form.is_valid():
            return redirect("intake:also", pk=draft.pk, kind=kind)
    return _item_page(request, draft, kind, n, form, number=number, status=status, saved=saved)


def _item_page(
    request: Request,
    draft: Draft,
    kind: ItemKind,
    n: int,
    form: ItemForm,
    *,
    number: str,
    status: int = 200,
    saved: tuple[tuple[str, str], ...] | None = None,
) -> HttpResponse:
    page = LISTS[kind]
    context = {
        "kind": kind,
        "heading": f"{page.one.capitalize()} {n}",
        "caption": kind.label,
        "page": page,
        "draft": {"pk": draft.pk},
        "form": form,
        "version": services.version_of_item(draft, kind, number),
        "saved": saved,
    }
    return TemplateResponse(request, "intake/also_item.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: Request, pk: UUID, kind: str, n: int) -> HttpResponse:
    """Take one out of a list, after a look at what goes."""
    found, kind = _found(request, pk, kind)
    if found.sent_at and request.method != "POST":
        return redirect("intake:sent", reference=found.reference)
    if request.method == "POST":
        services.drop_item(
            actor=request.principal, draft=found, kind=kind, item=request.POST.get("item", "")
        )
        messages.success(request, f"The {LISTS[kind].one} has been taken out of your draft.")
        return redirect("intake:also", pk=found.pk, kind=kind)
    named = {each.n: each for each in listed(found, kind)}
    if n not in named:
        return redirect("intake:also", pk=found.pk, kind=kind)
    context = {
        "kind": kind,
        "caption": kind.label,
        "page": LISTS[kind],
        "draft": {"pk": found.pk},
        "one": named[n],
        "form": RemoveForm(initial={"item": named[n].item}),
    }
    return TemplateResponse(request, "intake/also_remove.html", context)


def _found(request: Request, pk: UUID, kind: str) -> tuple[Draft, ItemKind]:
    if kind not in ItemKind.values:
        raise NotVisible("page", kind)
    return services.opened(actor=request.principal, pk=pk), ItemKind(kind)


def _typed(form: ItemForm) -> dict[str, str]:
    """What was typed: the form's own boxes."""
    return {
        box: without_nul(text)
        for box, text in form.data.items()
        if box != "item" and box.partition("-")[0] in form.fields
    }


def _initial(form: ItemForm, typed: dict[str, str]) -> dict[str, object]:
    """What was typed before, as the widgets want it back."""
    return {
        name: field.widget.value_from_datadict(typed, {}, name)
        for name, field in form.fields.items()
    }


def _number(request: Request) -> str:
    """The item's own number, as its page brought it along; a new one for what is not a number."""
    try:
        return UUID(hex=request.POST.get("item", "")).hex
    except ValueError:
        return uuid4().hex


def _later(request: Request, draft: Draft) -> HttpResponse:
    messages.success(request, "Your draft is saved. It has not been sent.")
    return redirect("intake:draft", pk=draft.pk)


def _back(draft: Draft) -> str:
    """The page that asks which lists there are."""
    return reverse("intake:page", args=[draft.pk, "also"])


def _onwards(draft: Draft, kind: ItemKind) -> str:
    """The next list that was ticked, else the page after the one that asks for them."""
    return after_list(draft, Also(kind.value))
