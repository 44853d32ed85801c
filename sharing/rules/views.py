"""The doors of the law: the rules for everybody, their changes and agreements for IG leads."""

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from portal.accounts.http import Request
from portal.accounts.policies import every_agency
from portal.common.errors import DomainError, NotVisible
from sharing.rules import forms, policies, services
from sharing.rules.models import Change
from sharing.rules.services import agreements as register
from sharing.rules.services import changes as changing
from sharing.rules.services import pages
from sharing.rules.vocabulary import Category, ChangeKind, Purpose
from sharing.rules.workflow import Action

PAGE: Final = ["GET", "HEAD", "POST"]


@require_safe
def rules(request: Request) -> HttpResponse:
    """List the rules in force today, each as one sentence, and the provisions they rest on."""
    in_force = services.listed(actor=request.principal, at=timezone.now())
    context = {
        "rules": [{"rule": rule, "sentence": policies.sentence(rule)} for rule in in_force],
        "gateways": [
            {"row": gateway, "leads": policies.direction(gateway)}
            for gateway in policies.gateways()
        ],
        "may_change": policies.may_change(request.principal),
    }
    return TemplateResponse(request, "rules/rules.html", context)


@require_safe
def rule(request: Request, number: str) -> HttpResponse:
    """Show every version of one rule, and why each came."""
    versions = pages.history(actor=request.principal, number=number)
    context = {
        "number": number,
        "versions": versions,
        "may_change": policies.may_change(request.principal),
    }
    return TemplateResponse(request, "rules/rule.html", context)


@require_safe
def changes(request: Request) -> HttpResponse:
    """List the changes of the law, the newest first."""
    rows = pages.list_changes(actor=request.principal)
    return TemplateResponse(request, "rules/changes.html", {"rows": rows})


@require_safe
def change(request: Request, pk: UUID) -> HttpResponse:
    """Show one change: what it says, what it breaks, and what may be done with it now."""
    context = {"page": pages.open_change(actor=request.principal, pk=pk)}
    return TemplateResponse(request, "rules/change.html", context)


@require_http_methods(PAGE)
def propose(request: Request) -> HttpResponse:
    """Draft a change: of the rule that the address names, or of its end, or a new rule."""
    policies.require_ig_lead(request.principal)
    number = request.GET.get("rule", "")
    kind = ChangeKind.ADD
    if number:
        kind = ChangeKind.END if request.GET.get("do") == "end" else ChangeKind.AMEND
    line = changing.line_now(number) if number else None
    form = _change_form(request, kind, forms.typed(line) if line else {})

    def draft() -> Change:
        return changing.draft(
            actor=request.principal,
            kind=kind,
            number=number or form.cleaned_data["number"],
            line=_line(form, line),
            reason=form.cleaned_data["reason"],
            starts_on=form.cleaned_data["starts_on"] or timezone.localdate(),
        )

    context = {"form": form, "kind": kind, "number": number}
    return _change_page(request, form, draft, context)


@require_http_methods(PAGE)
def edit(request: Request, pk: UUID) -> HttpResponse:
    """Write a draft anew."""
    found = policies.change_for(request.principal, pk)
    policies.require_step(request.principal, found, Action.SUBMIT)
    kind = ChangeKind(found.kind)
    initial: dict[str, Any] = {"reason": found.reason, "starts_on": found.starts_on}
    if found.line:
        initial |= forms.typed(found.line) | {"number": found.number}
    form = _change_form(request, kind, initial)

    def revise() -> Change:
        return changing.revise(
            actor=request.principal,
            pk=pk,
            line=_line(form, found.line),
            reason=form.cleaned_data["reason"],
            starts_on=form.cleaned_data["starts_on"] or timezone.localdate(),
        )

    context = {"form": form, "kind": kind, "number": found.number, "change": found.pk}
    return _change_page(request, form, revise, context)


@require_http_methods(PAGE)
def step(request: Request, pk: UUID, action: str) -> HttpResponse:
    """Take a step of a change's life: submit, approve, take no further, roll back."""
    if action not in {each.value for each in _STEPS}:
        raise NotVisible("action", action)
    verb = Action(action)
    found = policies.change_for(request.principal, pk)
    policies.require_step(request.principal, found, verb)
    hint, needed, done = _STEPS[verb]
    form: django_forms.Form = forms.WordsForm(_posted(request), needed=needed, hint=hint)
    if verb == Action.SUBMIT:
        form = django_forms.Form(_posted(request))

    def take() -> None:
        words = form.cleaned_data.get("why", "")
        if verb == Action.SUBMIT:
            changing.submit(actor=request.principal, pk=pk)
        elif verb == Action.APPROVE:
            changing.approve(actor=request.principal, pk=pk, words=words)
        elif verb == Action.REJECT:
            changing.reject(actor=request.principal, pk=pk, why=words)
        else:
            changing.roll_back(actor=request.principal, pk=pk, why=words)

    context = {"form": form, "step": verb, "change": pk, "number": found.number}
    answer = _taken(request, form, take, "rules/step.html", context)
    if answer is not None:
        return answer
    messages.success(request, done)
    return redirect("rules:change", pk=pk)


@require_safe
def agreements(request: Request) -> HttpResponse:
    """Show the register of agreements."""
    rows = pages.list_agreements(actor=request.principal)
    return TemplateResponse(request, "rules/agreements.html", {"rows": rows})


@require_safe
def agreement(request: Request, pk: UUID) -> HttpResponse:
    """Show one agreement."""
    row = pages.open_agreement(actor=request.principal, pk=pk)
    return TemplateResponse(request, "rules/agreement.html", {"row": row})


@require_http_methods(PAGE)
def sign(request: Request) -> HttpResponse:
    """Put an agreement in the register."""
    policies.require_ig_lead(request.principal)
    agencies = {str(agency.pk): agency for agency in every_agency()}
    names = [(pk, agency.name) for pk, agency in agencies.items()]
    form = forms.AgreementForm(_posted(request), agencies=names)

    def written() -> None:
        said = form.cleaned_data
        register.sign(
            actor=request.principal,
            title=said["title"],
            parties=[agencies[pk] for pk in said["parties"]],
            purposes=map(Purpose, said["purposes"]),
            categories=map(Category, said["categories"]),
            **_days(said),
        )

    context = {"form": form, "heading": "Add an agreement", "button": "Add the agreement"}
    answer = _taken(request, form, written, "rules/agreement_form.html", context)
    return answer or _registered(request, "The agreement is in the register.")


@require_http_methods(PAGE)
def renew(request: Request, pk: UUID) -> HttpResponse:
    """Renew an agreement: the same, for further days."""
    policies.agreement_for(request.principal, pk)
    form = forms.DaysForm(_posted(request))

    def renewed() -> None:
        register.renew(actor=request.principal, pk=pk, **_days(form.cleaned_data))

    context = {"form": form, "heading": "Renew the agreement", "button": "Renew the agreement"}
    answer = _taken(request, form, renewed, "rules/agreement_form.html", context | {"row": pk})
    return answer or _registered(request, "The agreement is renewed.")


@require_http_methods(PAGE)
def end(request: Request, pk: UUID) -> HttpResponse:
    """End an agreement now, with all that rests on it."""
    policies.agreement_for(request.principal, pk)
    form = forms.WordsForm(
        _posted(request), hint="What was shared because of it ends too, in a few moments."
    )

    def ended() -> None:
        register.end(actor=request.principal, pk=pk, why=form.cleaned_data["why"])

    context = {"form": form, "heading": "End the agreement", "button": "End the agreement"}
    answer = _taken(request, form, ended, "rules/agreement_form.html", context | {"row": pk})
    return answer or _registered(
        request, "The agreement has ended. What rests on it is being looked at."
    )


_STEPS: Final = {
    Action.SUBMIT: ("", False, "Submitted. Another information-governance lead decides."),
    Action.APPROVE: (
        "Needed only if the change breaks a statement that must hold.",
        False,
        "Approved. It goes live on its first day; if that is today, in a few moments.",
    ),
    Action.REJECT: ("The person who drafted it will read this.", True, "It goes no further."),
    Action.ROLL_BACK: (
        "The rule says at once what it said before.",
        True,
        "Rolled back. What was shared is being looked at again.",
    ),
}


def _change_form(request: Request, kind: ChangeKind, initial: dict[str, Any]) -> forms.EndForm:
    if kind == ChangeKind.END:
        return forms.EndForm(_posted(request), initial=initial)
    cited = [
        (gateway.cited_as, f"{gateway.provision} ({gateway.cited_as})")
        for gateway in policies.citable(timezone.now())
    ]
    return forms.LineForm(_posted(request), initial=initial, gateways=cited, kind=kind)


def _line(form: forms.EndForm, former: dict[str, Any] | None) -> dict[str, Any] | None:
    return form.line(former) if isinstance(form, forms.LineForm) else None


def _change_page(
    request: Request, form: forms.EndForm, act: Callable[[], Change], context: dict[str, Any]
) -> HttpResponse:
    saved: list[Change] = []
    answer = _taken(request, form, lambda: saved.append(act()), "rules/change_form.html", context)
    if answer is not None:
        return answer
    messages.success(request, "Saved as a draft. Try it before you submit it.")
    return redirect("rules:change", pk=saved[0].pk)


def _taken(
    request: Request,
    form: django_forms.Form,
    act: Callable[[], object],
    template: str,
    context: dict[str, Any],
) -> HttpResponse | None:
    """Do what the form asks; the page with what is wrong, or None when it is done."""
    if request.method != "POST":
        return TemplateResponse(request, template, context)
    if not form.is_valid():
        return TemplateResponse(request, template, context, status=422)
    try:
        act()
    except DomainError as refusal:
        for sentence in str(refusal).splitlines():
            form.add_error(None, sentence)
        return TemplateResponse(request, template, context, status=409)
    return None


def _posted(request: Request) -> Any:
    return request.POST if request.method == "POST" else None


def _days(said: dict[str, Any]) -> dict[str, Any]:
    return {name: said[name] for name in ("signed_on", "review_on", "ends_on")}


def _registered(request: Request, done: str) -> HttpResponse:
    messages.success(request, done)
    return redirect("rules:agreements")
