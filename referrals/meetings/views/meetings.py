"""The meetings, a panel's settings, a new meeting, and who is invited."""

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.accounts.http import Request
from portal.accounts.models import Partnership
from portal.common.clock import LONDON
from portal.common.http import done, posted
from referrals.meetings import policies, reading, services
from referrals.meetings.forms import InviteForm, PlanForm, SeriesForm
from referrals.meetings.http import chosen

_METHODS = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def meetings(request: Request) -> HttpResponse:
    """The meetings that I have to do with: those to come, a month as a table, those that are over.

    It shows nothing of what is on their agendas.
    """
    principal = request.principal
    month = _month(request.GET.get("month", ""))
    found = services.list_meetings(actor=principal, month=month)
    context = {
        "found": found,
        "weeks": reading.month_of(month, found.month),
        "month": f"{month:%B %Y}",
        "before": _shifted(month, -1),
        "after": _shifted(month, 1),
        "runs": policies.runs(principal),
        "sifts": policies.sifts(principal),
        "panels": policies.series_of(principal) if policies.runs(principal) else [],
        "nominates": principal.role in policies.NOMINATES,
    }
    return TemplateResponse(request, "meetings/meetings.html", context)


def _month(typed: str) -> date:
    try:
        year, month = (int(part) for part in typed.split("-"))
        return date(min(max(year, 2000), 2200), month, 1)
    except ValueError:
        return timezone.now().astimezone(LONDON).date().replace(day=1)


def _shifted(month: date, by: int) -> str:
    count = month.year * 12 + month.month - 1 + by
    return f"{count // 12}-{count % 12 + 1:02}"


@_METHODS
def new_series(request: Request) -> HttpResponse:
    """Found a panel."""
    policies.require_runs(request.principal)
    return _series(request, None)


@_METHODS
def series(request: Request, pk: UUID) -> HttpResponse:
    """How a panel is called and run."""
    policies.require_runs(request.principal)
    return _series(request, pk)


def _series(request: Request, pk: UUID | None) -> HttpResponse:
    found = policies.series_for(request.principal, pk) if pk else None
    area = found.partnership_id if found else request.principal.partnership_ids[0]
    form = SeriesForm(posted(request), people=policies.who_may_come(area), series=found)
    status = done(
        form,
        lambda: services.keep_series(actor=request.principal, setup=form.setup(), pk=pk),
    )
    if status is None:
        messages.success(request, "The settings of the panel are kept.")
        return redirect("meetings:meetings")
    area_name = Partnership.objects.values_list("name", flat=True).get(pk=area)
    context = {"form": form, "is_new": found is None, "area": area_name}
    return TemplateResponse(request, "meetings/series.html", context, status=status)


@_METHODS
def new(request: Request, pk: UUID) -> HttpResponse:
    """Plan a meeting of a panel."""
    found = policies.series_for(request.principal, pk)
    form = PlanForm(
        posted(request), series=found, people=policies.who_may_come(found.partnership_id)
    )
    status = done(
        form,
        lambda: services.plan(
            actor=request.principal, series=pk, plan=form.plan(), key=form.cleaned_data["key"]
        ),
    )
    if status is None:
        messages.success(request, "Planned. Nobody is told before the papers are out.")
        return redirect("meetings:agenda", pk=form.cleaned_data["key"])
    context = {"form": form, "panel": found.name}
    return TemplateResponse(request, "meetings/new.html", context, status=status)


@_METHODS
def people(request: Request, pk: UUID) -> HttpResponse:
    """Who is invited to a meeting; invite somebody else."""
    found = services.read_people(actor=request.principal, pk=pk)
    form = InviteForm(posted(request), people=found.may_come, guests=found.guests)

    def invite() -> None:
        said = form.cleaned_data
        services.invite(
            actor=request.principal,
            meeting=pk,
            member=UUID(said["member"]),
            instead_of=UUID(said["instead_of"]) if said["instead_of"] else None,
        )

    status = done(form, invite)
    if status is None:
        messages.success(request, "Invited. Send the papers out again, to open them.")
        return redirect("meetings:people", pk=pk)
    context = {"form": form, "found": found}
    return TemplateResponse(request, "meetings/people.html", context, status=status)


@require_POST
def take_back(request: Request, pk: UUID) -> HttpResponse:
    """Take an invitation back."""
    invitation = chosen(request, "invitation")
    services.take_back(actor=request.principal, meeting=pk, invitation=invitation)
    messages.success(request, "Not invited any more. The papers are closed to them.")
    return redirect("meetings:people", pk=pk)
