"""One action: its page, and each thing that is asked of it on a page of its own."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from portal.accounts.http import Request
from portal.common.forms import PageForm
from portal.common.http import done, posted
from referrals.actions import policies, services
from referrals.actions.forms import EffectForm, GiveUpForm, OfferForm, UpdateForm, YesNoForm
from referrals.actions.vocabulary import Effect
from referrals.actions.workflow import Verb

_METHODS = require_http_methods(["GET", "HEAD", "POST"])


@_METHODS
def action(request: Request, pk: UUID) -> HttpResponse:
    """One action; its owner says here how it stands."""
    known = policies.action_for(request.principal, pk)
    verbs = frozenset(Verb)
    if request.method == "POST":
        policies.require(request.principal, Verb.ADD, known)
        form = UpdateForm(request.POST, verbs=verbs)
        status = done(form, lambda: _update(request, pk, form))
        if status is None:
            messages.success(request, "Your update has been saved.")
            return redirect("actions:action", pk=pk)
        found = services.read_action(actor=request.principal, pk=pk)
    else:
        found = services.read_action(actor=request.principal, pk=pk)
        form, status = UpdateForm(verbs=found.verbs), 200
    context = {"found": found, "form": form, "now": timezone.now()}
    return TemplateResponse(request, "actions/action.html", context, status=status)


def _update(request: Request, pk: UUID, form: UpdateForm) -> None:
    verb, actor, said = Verb(form.cleaned_data["verb"]), request.principal, form.update
    if verb is Verb.TAKE_UP:
        services.take_up(actor=actor, pk=pk, said=said)
    elif verb is Verb.ADD:
        services.tell(actor=actor, pk=pk, said=said)
    elif verb is Verb.CLAIM:
        services.claim(actor=actor, pk=pk, said=said)
    elif verb is Verb.ASK_TIME:
        services.ask_time(actor=actor, pk=pk, said=said, until=form.cleaned_data["until"])
    else:
        services.give_up(actor=actor, pk=pk, said=said, instead=form.cleaned_data["instead"])


def _step(request: Request, pk: UUID, form: PageForm, status: int, **says: str) -> HttpResponse:
    """A page that asks one thing of one action. `says` are its heading and its button."""
    found = services.read_action(actor=request.principal, pk=pk)
    context = {"found": found, "form": form, "now": timezone.now(), **says}
    return TemplateResponse(request, "actions/step.html", context, status=status)


def _asked(request: Request, pk: UUID, verb: Verb) -> None:
    policies.require(request.principal, verb, policies.action_for(request.principal, pk))


@_METHODS
def check(request: Request, pk: UUID) -> HttpResponse:
    """Check that it is done, or send it back."""
    _asked(request, pk, Verb.VERIFY)
    form = YesNoForm(posted(request), asks="Is it done?", no_needs="Write what is still missing")

    def verify() -> None:
        services.verify(
            actor=request.principal,
            pk=pk,
            is_done=form.says_yes,
            words=form.cleaned_data["words"],
        )

    status = done(form, verify)
    if status is None:
        messages.success(request, "Your answer is recorded, and the owner is told.")
        return redirect("actions:action", pk=pk)
    return _step(
        request, pk, form, status, heading="Check that it is done", press="Save your answer"
    )


@_METHODS
def time(request: Request, pk: UUID) -> HttpResponse:
    """Give more time, or not."""
    _asked(request, pk, Verb.ANSWER_TIME)
    form = YesNoForm(
        posted(request),
        asks="Can they have more time?",
        no_needs="Write why there is no more time",
    )

    def answer() -> None:
        services.answer_time(
            actor=request.principal,
            pk=pk,
            gives=form.says_yes,
            words=form.cleaned_data["words"],
        )

    status = done(form, answer)
    if status is None:
        messages.success(request, "Your answer is recorded, and the owner is told.")
        return redirect("actions:action", pk=pk)
    return _step(request, pk, form, status, heading="More time", press="Save your answer")


@_METHODS
def take_on(request: Request, pk: UUID) -> HttpResponse:
    """Take an action on, or say why not."""
    _asked(request, pk, Verb.ACCEPT)
    form = YesNoForm(
        posted(request),
        asks="Do you take it on?",
        no_needs="Write why you do not take it on",
    )

    def answer() -> None:
        services.answer_offer(
            actor=request.principal,
            pk=pk,
            accepts=form.says_yes,
            words=form.cleaned_data["words"],
        )

    status = done(form, answer)
    if status is None:
        messages.success(request, "Your answer is recorded, and they are told.")
        return redirect("actions:actions")
    return _step(request, pk, form, status, heading="Take it on", press="Save your answer")


@_METHODS
def hand_over(request: Request, pk: UUID) -> HttpResponse:
    """Ask somebody else to take it on."""
    _asked(request, pk, Verb.HAND_OVER)
    known = policies.action_for(request.principal, pk)
    people = [
        each
        for each in services.people(request.principal, known.case)
        if each[0] != str(known.owner_id)
    ]
    form = OfferForm(posted(request), people=people)

    def offer() -> None:
        services.offer(
            actor=request.principal,
            pk=pk,
            to=form.chosen,
            words=form.cleaned_data["words"],
            key=form.cleaned_data["key"],
        )

    status = done(form, offer)
    if status is None:
        messages.success(request, "They are asked. It stays with its owner until they say yes.")
        return redirect("actions:action", pk=pk)
    return _step(request, pk, form, status, heading="Hand it over", press="Ask them to take it on")


@_METHODS
def effect(request: Request, pk: UUID) -> HttpResponse:
    """Say what an action of another agency has changed."""
    _asked(request, pk, Verb.JUDGE)
    form = EffectForm(posted(request))

    def judge() -> None:
        services.judge(
            actor=request.principal,
            pk=pk,
            effect=Effect(form.cleaned_data["effect"]),
            words=form.cleaned_data["words"],
        )

    status = done(form, judge)
    if status is None:
        messages.success(request, "What it changed is recorded, and the owner is told.")
        return redirect("actions:actions")
    return _step(request, pk, form, status, heading="What it changed", press="Save what it changed")


@_METHODS
def give_up(request: Request, pk: UUID) -> HttpResponse:
    """Say, for those who oversee the case, that it cannot be done."""
    _asked(request, pk, Verb.NOT_POSSIBLE)
    form = GiveUpForm(posted(request))

    def stop() -> None:
        said = services.Update(form.cleaned_data["words"], form.cleaned_data["key"])
        services.give_up(
            actor=request.principal, pk=pk, said=said, instead=form.cleaned_data["instead"]
        )

    status = done(form, stop)
    if status is None:
        messages.success(request, "Recorded: it cannot be done. The others are told.")
        return redirect("actions:action", pk=pk)
    return _step(
        request, pk, form, status, heading="It cannot be done", press="Save why it cannot be done"
    )
