"""The people and places of a case: what is recorded, where else it is, and what is decided."""

from dataclasses import asdict
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.accounts.http import Request
from portal.common.http import done, posted
from referrals.links import services
from referrals.links.forms import EndForm, JudgeForm, MentionForm, SettleForm
from referrals.links.vocabulary import Verdict

_SAID = {
    Verdict.SAME: "Marked as the same one. Nobody sees more than before.",
    Verdict.NOT_SAME: "Marked as not the same one. It is not proposed again.",
}


@require_safe
def index(request: Request, reference: str) -> HttpResponse:
    """What this case names, and on which other cases it is, as far as the reader may know."""
    found = services.look(actor=request.principal, reference=reference)
    return TemplateResponse(request, "links/index.html", {"found": found})


@require_safe
def answers(request: Request, reference: str) -> HttpResponse:
    """The answers of the case from which something can be recorded."""
    reference, items = services.answers(actor=request.principal, reference=reference)
    context = {"reference": reference, "items": items}
    return TemplateResponse(request, "links/answers.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def record(request: Request, reference: str, statement: UUID) -> HttpResponse:
    """Record what one answer names."""
    form = MentionForm(posted(request))

    def keep() -> None:
        services.mention(
            actor=request.principal,
            reference=reference,
            statement=statement,
            words=form.said,
            key=form.cleaned_data["key"],
            instead=form.cleaned_data["instead"],
        )

    status = done(form, keep)
    if status is None:
        messages.success(request, "Recorded. Nobody sees more than before.")
        return redirect("links:index", reference=reference)
    basis = services.look_at_answer(
        actor=request.principal, reference=reference, statement=statement
    )
    if not form.is_bound:
        instead = {"instead": request.GET.get("instead", "")}
        form = MentionForm(initial=asdict(basis.words) | instead)
    context = {"basis": basis, "form": form}
    return TemplateResponse(request, "links/record.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def take_off(request: Request, reference: str, mine: UUID) -> HttpResponse:
    """End what was recorded by mistake."""
    form = EndForm(posted(request))

    def end() -> None:
        services.take_off(
            actor=request.principal,
            reference=reference,
            mention=mine,
            why=form.cleaned_data["why"],
        )

    status = done(form, end)
    if status is None:
        messages.success(request, "Taken off. What was recorded stays on record.")
        return redirect("links:index", reference=reference)
    found = services.look_at(actor=request.principal, reference=reference, mention=mine)
    context = {"found": found, "form": form}
    return TemplateResponse(request, "links/take_off.html", context, status=status)


@require_POST
def settle(request: Request, reference: str, mine: UUID) -> HttpResponse:
    """Nothing more to record of one that went with its words."""
    form = SettleForm(request.POST)
    right = form.cleaned_data.get("right") if form.is_valid() else None
    services.settle(actor=request.principal, reference=reference, mention=mine, right=right)
    messages.success(request, "Noted. You are not asked about it again.")
    return redirect("links:index", reference=reference)


@require_http_methods(["GET", "HEAD", "POST"])
def compare(request: Request, reference: str, mine: UUID, other: UUID) -> HttpResponse:
    """Two side by side, and the decision: the same one, or not."""
    form = JudgeForm(posted(request))

    def judge() -> None:
        services.judge(
            actor=request.principal,
            reference=reference,
            mine=mine,
            other=other,
            verdict=Verdict(form.cleaned_data["verdict"]),
            reason=form.cleaned_data["reason"],
        )

    status = done(form, judge)
    if status is None:
        messages.success(request, _SAID[Verdict(form.cleaned_data["verdict"])])
        return redirect("links:index", reference=reference)
    return _compare(request, reference, mine, other, status, judge=form)


def _compare(
    request: Request, reference: str, mine: UUID, other: UUID, status: int, **forms: object
) -> HttpResponse:
    found = services.compare(actor=request.principal, reference=reference, mine=mine, other=other)
    context = {"found": found, "judge": JudgeForm(), "back": EndForm(), **forms}
    # Whichever was sent stands in the summary on top, and is drawn again with its words: also
    # where somebody else was first and there is nothing to send it for any more.
    context["form"] = next(iter(forms.values()), None)
    return TemplateResponse(request, "links/compare.html", context, status=status)


@require_POST
def take_back(request: Request, reference: str, mine: UUID, other: UUID) -> HttpResponse:
    """End what was decided of two."""
    back = EndForm(request.POST)

    def end() -> None:
        services.take_back(
            actor=request.principal,
            reference=reference,
            mine=mine,
            other=other,
            why=back.cleaned_data["why"],
        )

    status = done(back, end)
    if status is not None:
        return _compare(request, reference, mine, other, status, back=back)
    messages.success(request, "Taken back. What was decided before stays on record.")
    return redirect("links:compare", reference=reference, mine=mine, other=other)
