"""Where the flow stops a person before they go on: danger, a grown-up, a child told of before."""

from datetime import datetime
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from portal.accounts.http import Request
from portal.accounts.vocabulary import Principal
from portal.common import clock
from portal.common.moments import day, lasting, london
from referrals.intake import policies, services
from referrals.intake.forms import ChildForm, SeenBeforeForm, form_of
from referrals.intake.forms.about import GROWN_UP
from referrals.intake.models import Draft
from referrals.services import Alike, is_told_of, sent_before
from referrals.vocabulary import Danger


def watched(principal: Principal) -> dict[str, object]:
    """Until when referrals are read at the principal's partnership, or when they next will be."""
    area = policies.area_of(principal)
    now = timezone.now().astimezone(clock.LONDON)
    if clock.is_open(now, area.office_opens, area.office_closes):
        until = datetime.combine(now.date(), area.office_closes, clock.LONDON)
        return {"partnership": area, "watched_until": until}
    again = clock.start_of_clock(now, area.office_opens, area.office_closes)
    return {"partnership": area, "watched_again_at": again}


@require_http_methods(["GET", "HEAD", "POST"])
def danger_now(request: Request, pk: UUID) -> HttpResponse:
    """The interruption: call 999 first. Pressing the button says that it was done."""
    found = services.opened(actor=request.principal, pk=pk)
    if found.sent_at:
        return redirect("intake:sent", reference=found.reference)
    if request.method == "POST":
        services.acknowledge_danger(actor=request.principal, draft=found)
        return redirect("intake:page", pk=found.pk, page="child")
    unsure = found.answers.get("danger", {}).get("danger") == Danger.UNSURE
    context = {
        "pk": found.pk,
        "unsure": unsure,
        "lies_for": lasting(policies.danger_minutes(request.principal)),
        **watched(request.principal),
    }
    return TemplateResponse(request, "intake/danger_now.html", context)


@require_safe
def other_ways(request: Request, pk: UUID) -> HttpResponse:
    """What somebody can do who cannot call."""
    found = services.opened(actor=request.principal, pk=pk)
    context = {"pk": found.pk, **watched(request.principal)}
    return TemplateResponse(request, "intake/other_ways.html", context)


def must_stop(principal: Principal, draft: Draft, form: ChildForm) -> str:
    """The address of the page that must be looked at after the child's, or ""."""
    if form.age is not None and form.age >= GROWN_UP:
        return reverse("intake:over_18", args=[draft.pk])
    child = services.likeness(draft.answers.get("child", {}))
    drafts = services.own_drafts_like(actor=principal, draft=draft, child=child)
    told = drafts or is_told_of(actor=principal, child=child)
    return reverse("intake:seen_before", args=[draft.pk]) if told else ""


@require_safe
def over_18(request: Request, pk: UUID) -> HttpResponse:
    """A person of 18 or more may be a slip of the keys. It stops nobody."""
    found = services.opened(actor=request.principal, pk=pk)
    form = form_of("child", found, found.answers.get("child", {}))
    if not isinstance(form, ChildForm) or not form.is_valid() or (form.age or 0) < GROWN_UP:
        return redirect("intake:page", pk=found.pk, page="child")
    context = {"pk": found.pk, "age": form.age, **watched(request.principal)}
    return TemplateResponse(request, "intake/over_18.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def seen_before(request: Request, pk: UUID) -> HttpResponse:
    """What one's own agency has told us about a child like this one. It never blocks."""
    found = services.opened(actor=request.principal, pk=pk)
    if found.sent_at:
        return redirect("intake:sent", reference=found.reference)
    sent, drafts = _alike(request.principal, found)
    if not sent and not drafts:
        return redirect("intake:page", pk=found.pk, page="where")
    form = SeenBeforeForm(request.POST or None, sent=sent, drafts=drafts)
    if form.is_valid():
        same = str(form.cleaned_data["same"])
        typed = {"same": same}
        services.save(actor=request.principal, draft=found, page="seen-before", typed=typed)
        return redirect(_after(found, same))
    context = {
        "form": form,
        "pk": found.pk,
        "sent": [(each.reference, day(each.sent_at), each.by) for each in sent],
        "drafts": [london(each.created_at) for each in drafts],
        "colleagues": [each.by for each in sent if not each.is_open and each.by],
    }
    status = 422 if form.is_bound else 200
    return TemplateResponse(request, "intake/seen-before.html", context, status=status)


def _alike(principal: Principal, draft: Draft) -> tuple[list[Alike], list[Draft]]:
    child = services.likeness(draft.answers.get("child", {}))
    drafts = services.own_drafts_like(actor=principal, draft=draft, child=child)
    return sent_before(actor=principal, child=child), drafts


def _after(draft: Draft, same: str) -> str:
    what, _, which = same.partition(" ")
    if what == "draft":
        return reverse("intake:draft", args=[which])
    if what == "add":
        return reverse("following:add", args=[which])
    return reverse("intake:page", args=[draft.pk, "where"])
