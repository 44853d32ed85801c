"""The page that finds a case, and those on which somebody decides whether two children are one."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.accounts.http import Request, too_often
from portal.common.http import done, posted
from referrals import policies as casework
from referrals.matching import services
from referrals.matching.forms import FindForm, JudgeForm, TakeBackForm
from referrals.matching.reading import MOST_FOUND
from referrals.matching.vocabulary import Verdict

_SAID = {
    Verdict.SAME: "Marked as the same child. Nobody sees more than before.",
    Verdict.NOT_SAME: "Marked as not the same child. It is not offered again.",
}


@require_http_methods(["GET", "HEAD", "POST"])
def search(request: Request) -> HttpResponse:
    """Find a case by its reference, which leads straight to it, or by what is known of the child.

    What was typed comes in the body and stays out of every address. A case that is hidden and a
    case that does not exist are not found in the same words.
    """
    casework.require_case_list(request.principal)
    form = FindForm(posted(request))
    context: dict[str, object] = {"form": form}
    if not form.is_bound:
        return TemplateResponse(request, "matching/search.html", context)
    if page := too_often(request, "search"):
        return page
    if not form.is_valid():
        return TemplateResponse(request, "matching/search.html", context, status=422)
    sought = form.sought()
    found = services.search(actor=request.principal, sought=sought)
    if found.straight:
        return redirect("referrals:case", reference=found.straight)
    context |= {"found": found, "beyond": sought.why is not None, "most": MOST_FOUND}
    return TemplateResponse(request, "matching/search.html", context)


@require_safe
def matches(request: Request, reference: str) -> HttpResponse:
    """Other cases that may be of the same child, with reasons in words."""
    found = services.look(actor=request.principal, reference=reference)
    return TemplateResponse(request, "matching/matches.html", {"found": found})


@require_http_methods(["GET", "HEAD", "POST"])
def compare(request: Request, reference: str, other: str) -> HttpResponse:
    """Two cases side by side, and the decision: the same child, or not."""
    form = JudgeForm(posted(request))

    def judge() -> None:
        services.judge(
            actor=request.principal,
            reference=reference,
            other=other,
            verdict=Verdict(form.cleaned_data["verdict"]),
            reason=form.cleaned_data["reason"],
        )

    status = done(form, judge)
    if status is None:
        messages.success(request, _SAID[Verdict(form.cleaned_data["verdict"])])
        return redirect("matching:matches", reference=reference)
    return _page(request, reference, other, status, form=form)


def _page(
    request: Request, reference: str, other: str, status: int, **forms: object
) -> HttpResponse:
    found = services.compare(actor=request.principal, reference=reference, other=other)
    context = {"found": found, "form": JudgeForm(), "back": TakeBackForm(), **forms}
    return TemplateResponse(request, "matching/compare.html", context, status=status)


@require_POST
def take_back(request: Request, reference: str, other: str) -> HttpResponse:
    """End what was decided about two cases."""
    back = TakeBackForm(request.POST)

    def end() -> None:
        services.take_back(
            actor=request.principal,
            reference=reference,
            other=other,
            why=back.cleaned_data["why"],
        )

    status = done(back, end)
    if status is not None:
        return _page(request, reference, other, status, back=back)
    messages.success(request, "Taken back. What was decided before stays on record.")
    return redirect("matching:compare", reference=reference, other=other)
