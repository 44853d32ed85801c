"""Actions and reviews: the lists, one action and what can be done with it, the calendar."""

import csv
from collections.abc import Sequence
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.accounts.http import Request
from portal.accounts.models import Membership
from portal.common.errors import DomainError, NotVisible
from portal.common.forms import PageForm
from portal.common.http import done, posted
from portal.common.moments import day
from referrals import policies as casework
from referrals.actions import policies, services
from referrals.actions.forms import (
    EffectForm,
    GiveForm,
    GiveUpForm,
    OfferForm,
    PlanForm,
    ReviewForm,
    UpdateForm,
    YesNoForm,
)
from referrals.actions.models import Review
from referrals.actions.reading import Judged
from referrals.actions.services.departures import HEAD, PERIODS
from referrals.actions.services.lines import today
from referrals.actions.services.reviews import highest, next_by
from referrals.actions.vocabulary import Effect, Result
from referrals.actions.workflow import Verb
from referrals.assessments.vocabulary import Level
from referrals.models import Case
from referrals.reading.files import as_text

_METHODS = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def actions(request: Request) -> HttpResponse:
    """My actions, my agency's, or all that I oversee; what is late first."""
    return _list(request)


def _list(request: Request, wrong: str = "") -> HttpResponse:
    shows = request.GET.get("show", "") or request.POST.get("show", "")
    found = services.list_actions(
        actor=request.principal, shows=shows, page=request.GET.get("page", "")
    )
    context = {
        "found": found,
        "address": f"?show={found.shows}&page=",
        "may_remind": any(row.may_remind for row in found.rows),
        "now": timezone.now(),
        "wrong": wrong,
    }
    return TemplateResponse(request, "actions/actions.html", context, status=422 if wrong else 200)


@require_POST
def remind(request: Request) -> HttpResponse:
    """Remind the owners of the selected actions, once the page that checks it was pressed."""
    pks = [UUID(pk) for pk in request.POST.getlist("action") if _is_uuid(pk)]
    if not pks:
        return _list(request, "Select at least one action")
    for pk in pks:
        policies.require(request.principal, Verb.REMIND, policies.action_for(request.principal, pk))
    if "confirmed" not in request.POST:
        context = {"pks": pks, "count": len(pks)}
        return TemplateResponse(request, "actions/remind.html", context)
    told = services.remind(actor=request.principal, pks=pks)
    messages.success(request, told.words)
    return redirect("actions:actions")


def _is_uuid(typed: str) -> bool:
    try:
        UUID(typed)
    except ValueError:
        return False
    return True


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


@require_safe
def of_case(request: Request, reference: str) -> HttpResponse:
    """The actions and reviews of one case."""
    found = services.list_of_case(actor=request.principal, reference=reference)
    case = casework.case_for(request.principal, reference)
    context = {"found": found, "reference": case.reference, "now": timezone.now()}
    return TemplateResponse(request, "actions/of_case.html", context)


def _case_to_plan(request: Request, reference: str) -> Case:
    case = casework.case_for(request.principal, reference)
    policies.require_gives(request.principal, case)
    return case


@_METHODS
def give(request: Request, reference: str) -> HttpResponse:
    """Give an action on a case to one person."""
    case = _case_to_plan(request, reference)
    form = GiveForm(posted(request), people=services.people(request.principal, case))

    def given() -> None:
        owner = Membership.objects.filter(pk=form.chosen).first()
        if owner is None:
            raise NotVisible("membership", str(form.chosen))
        typed = form.cleaned_data
        services.give(
            actor=request.principal,
            case=case,
            owner=owner,
            what=typed["what"],
            effect=typed["effect"],
            due=typed["due"],
            key=typed["key"],
        )

    status = done(form, given)
    if status is None:
        messages.success(request, "The action is given, and its owner is told.")
        return redirect("actions:of-case", reference=case.reference)
    context = {"form": form, "reference": case.reference}
    return TemplateResponse(request, "actions/give.html", context, status=status)


@_METHODS
def plan(request: Request, reference: str) -> HttpResponse:
    """Plan the next review of a case, or change its day."""
    case = _case_to_plan(request, reference)
    form = PlanForm(posted(request))

    def planned() -> None:
        typed = form.cleaned_data
        services.plan_review(actor=request.principal, case=case, on=typed["on"], why=typed["why"])

    status = done(form, planned)
    if status is None:
        messages.success(request, f"Next review: {day(form.cleaned_data['on'])}.")
        return redirect("actions:of-case", reference=case.reference)
    context = {"form": form, "reference": case.reference}
    return TemplateResponse(request, "actions/plan.html", context, status=status)


@require_safe
def reviews(request: Request) -> HttpResponse:
    """The reviews of a month as a table and a list, with what is late."""
    month = request.GET.get("month", "")
    found = services.list_reviews(
        actor=request.principal, month=month, page=request.GET.get("page", "")
    )
    context = {"found": found, "address": f"?month={found.first:%Y-%m}&page="}
    return TemplateResponse(request, "actions/reviews.html", context)


@_METHODS
def review(request: Request, pk: UUID) -> HttpResponse:
    """One review: what was agreed, what happened, and what follows."""
    known = policies.review_for(request.principal, pk)
    if request.method == "POST":
        casework.require_oversees(request.principal, known.case)
    found = services.read_review(actor=request.principal, pk=pk)
    form = _review_form(request, known, found.actions)

    def hold() -> None:
        services.hold_review(actor=request.principal, pk=pk, held=form.held())

    status = done(form, hold)
    if status is None:
        return _held(request, known.case, Result(form.cleaned_data["outcome"]))
    if status == 409 and not found.may_hold:
        raise DomainError(form.non_field_errors()[0])
    context = {"found": found, "form": form, "today": today()}
    return TemplateResponse(request, "actions/review.html", context, status=status)


def _review_form(request: Request, known: Review, actions: Sequence[Judged]) -> ReviewForm:
    own = request.principal.agency_id
    area, least = known.case.partnership, highest(known.case)
    asks = any(each.asks for each in actions)
    return ReviewForm(
        posted(request),
        actions=actions,
        people=services.people(request.principal, known.case, but=own) if asks else [],
        latest=[
            (each.label, day(next_by(max(each, least, key=lambda of: of.height), area)))
            for each in Level
        ],
    )


def _held(request: Request, case: Case, outcome: Result) -> HttpResponse:
    """Where the person goes on: what ends the work has pages of its own, with their own rules."""
    messages.success(request, f"The review of {case.reference} is recorded.")
    if outcome is Result.STEP_DOWN and case.status == "open":
        return redirect("triage:move", reference=case.reference, action="step-down")
    if outcome is Result.CLOSE:
        return redirect("triage:close", reference=case.reference)
    return redirect("actions:of-case", reference=case.reference)


@require_safe
def departures(request: Request) -> HttpResponse:
    """Everyone who left the list, and why."""
    found = services.departures(
        actor=request.principal,
        months=request.GET.get("months", ""),
        page=request.GET.get("page", ""),
    )
    context = {
        "found": found,
        "head": HEAD,
        "periods": PERIODS,
        "address": f"?months={found.months}&page=",
    }
    return TemplateResponse(request, "actions/departures.html", context)


@require_POST
def departures_file(request: Request) -> HttpResponse:
    """The same rows as a file for a spreadsheet, in which nothing is a formula."""
    rows = services.export_departures(
        actor=request.principal, months=request.POST.get("months", "")
    )
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="left-the-list.csv"'
    writer = csv.writer(answer)
    writer.writerow(HEAD)
    writer.writerows([as_text(cell) for cell in row.cells] for row in rows)
    return answer
