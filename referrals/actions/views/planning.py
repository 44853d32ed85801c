"""The actions and reviews of one case: to read, to give an action, to plan a review."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from portal.accounts.http import Request
from portal.accounts.models import Membership
from portal.common.errors import NotVisible
from portal.common.http import done, posted
from portal.common.moments import day
from referrals import policies as casework
from referrals.actions import policies, services
from referrals.actions.forms import GiveForm, PlanForm
from referrals.models import Case

_METHODS = require_http_methods(["GET", "HEAD", "POST"])


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
