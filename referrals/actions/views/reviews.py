"""The calendar of reviews, and one review: to read, and to hold."""

from collections.abc import Sequence
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods, require_safe

from portal.accounts.http import Request
from portal.common.errors import DomainError
from portal.common.http import done, posted
from portal.common.moments import day
from referrals import policies as casework
from referrals.actions import policies, services
from referrals.actions.forms import ReviewForm
from referrals.actions.models import Review
from referrals.actions.reading import Judged
from referrals.actions.services.lines import today
from referrals.actions.services.reviews import highest, next_by
from referrals.actions.vocabulary import Result
from referrals.assessments.vocabulary import Level
from referrals.models import Case


@require_safe
def reviews(request: Request) -> HttpResponse:
    """The reviews of a month as a table and a list, with what is late."""
    month = request.GET.get("month", "")
    found = services.list_reviews(
        actor=request.principal, month=month, page=request.GET.get("page", "")
    )
    context = {"found": found, "address": f"?month={found.first:%Y-%m}&page="}
    return TemplateResponse(request, "actions/reviews.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def review(request: Request, pk: UUID) -> HttpResponse:
    """One review: what was agreed, what happened, and what follows."""
    known = policies.review_for(request.principal, pk)
    if request.method == "POST":
        casework.require_oversees(request.principal, known.case)
    found = services.read_review(actor=request.principal, pk=pk)
    form = _review_form(request, known, found.actions, found.agreed)

    def hold() -> None:
        services.hold_review(actor=request.principal, pk=pk, held=form.held())

    status = done(form, hold)
    if status is None:
        return _held(request, known.case, Result(form.cleaned_data["outcome"]))
    if status == 409 and not found.may_hold:
        raise DomainError(form.non_field_errors()[0])
    context = {"found": found, "form": form, "today": today()}
    return TemplateResponse(request, "actions/review.html", context, status=status)


def _review_form(
    request: Request, known: Review, actions: Sequence[Judged], agreed: Level | None
) -> ReviewForm:
    own = request.principal.agency_id
    area, least = known.case.partnership, highest(known.case)
    asks = any(each.asks for each in actions)
    return ReviewForm(
        posted(request),
        actions=actions,
        agreed=agreed,
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
