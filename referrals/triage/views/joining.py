"""Joining a referral to the case in which the work goes on, and undoing it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods, require_POST

from portal.accounts.http import Request
from portal.common.http import done, posted
from referrals.matching import services as matching
from referrals.matching.forms import JudgeForm, TakeBackForm
from referrals.matching.models import Join
from referrals.models import Proposal
from referrals.triage import services
from referrals.triage.forms import JoinForm

_JOINED = "Joined. The person who referred has been told. You can undo it for 30 days."
_WAITS = "A second person is asked to say yes. The referral stays on the board until then."

SURE = "sure"
"""What the address says once somebody has read that two children may be two."""


@require_http_methods(["GET", "HEAD", "POST"])
def join(request: Request, reference: str, other: str) -> HttpResponse:
    """Join a referral to the other case: what that does, and the decision.

    Where neither the name nor the birth date is the same, a page stops whoever comes first.
    """
    before = services.look_before_joining(actor=request.principal, reference=reference, other=other)
    if before.who_differs and request.method != "POST" and SURE not in request.GET:
        return TemplateResponse(request, "triage/join_stop.html", {"found": before})
    form = JoinForm(posted(request), differing=before.differing, late=before.is_late)

    made: list[Join | Proposal] = []

    def act() -> None:
        joined = services.join(
            actor=request.principal,
            reference=reference,
            other=other,
            reason=form.cleaned_data["reason"],
            told_referrer=form.cleaned_data["told_referrer"],
            late_reason=form.cleaned_data.get("late_reason", ""),
            shown_first=form.shown_first(),
        )
        made.append(joined)

    status = done(form, act)
    if status is None:
        messages.success(request, _JOINED if isinstance(made[0], Join) else _WAITS)
        return redirect("matching:compare", reference=reference, other=other)
    context = {"found": before, "form": form}
    return TemplateResponse(request, "triage/join.html", context, status=status)


@require_POST
def undo(request: Request, reference: str, other: str) -> HttpResponse:
    """Undo a join: a decision on the referral is owed again."""
    back = TakeBackForm(request.POST)

    def end() -> None:
        services.undo(
            actor=request.principal,
            reference=reference,
            other=other,
            why=back.cleaned_data["why"],
        )

    status = done(back, end)
    if status is not None:
        found = matching.compare(actor=request.principal, reference=reference, other=other)
        context = {"found": found, "form": JudgeForm(), "back": back}
        return TemplateResponse(request, "matching/compare.html", context, status=status)
    messages.success(request, "The join is undone. The referral waits for a decision again.")
    return redirect("matching:compare", reference=reference, other=other)
