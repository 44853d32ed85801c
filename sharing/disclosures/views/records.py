"""The Sharing page of a case, the record of one decision, the register, and "view as"."""

import csv
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.accounts.http import Request
from portal.common.http import done, posted
from referrals.reading import STANDING_LINE
from referrals.reading.files import as_text
from referrals.vocabulary import Strand
from sharing.disclosures import policies, services
from sharing.disclosures.forms.ends import RenewForm, StopForm
from sharing.disclosures.models import Disclosure
from sharing.disclosures.reading.records import HEAD
from sharing.disclosures.vocabulary import Result


@require_safe
def sharing(request: Request, reference: str) -> HttpResponse:
    """Who holds what of the case, since when, why and by whom; and what is being prepared."""
    found = services.read_sharing(actor=request.principal, reference=reference)
    context = {"sharing": found, "now": timezone.now()}
    return TemplateResponse(request, "disclosures/sharing.html", context)


_NEWEST, _OLDEST = "newest", "oldest"


@require_safe
def chronology(request: Request, reference: str) -> HttpResponse:
    """The case in order of time, narrowed to one strand, the newest first or the oldest."""
    strand = request.GET.get("about", "")
    strand = strand if strand in Strand.values else ""
    order = _OLDEST if request.GET.get("order") == _OLDEST else _NEWEST
    found = services.read_chronology(
        actor=request.principal,
        reference=reference,
        strand=strand,
        oldest_first=order == _OLDEST,
    )
    context = {
        "found": found,
        "reading": found.reading,
        "standing_line": STANDING_LINE,
        "now": timezone.now(),
        "strands": [
            (label, f"?about={code}&order={order}", code == strand)
            for code, label in (("", "All of it"), *Strand.choices)
        ],
        "orders": [
            (label, f"?about={strand}&order={code}", code == order)
            for code, label in ((_NEWEST, "Newest first"), (_OLDEST, "Oldest first"))
        ],
    }
    return TemplateResponse(request, "disclosures/chronology.html", context)


@require_safe
def shared(request: Request, pk: UUID) -> HttpResponse:
    """The record of one decision."""
    found = services.read_record(actor=request.principal, pk=pk)
    return TemplateResponse(request, "disclosures/shared.html", {"record": found})


@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: Request, pk: UUID) -> HttpResponse:
    """Stop a share: what that does, in words, and why."""
    disclosure = policies.disclosure_for(request.principal, pk)
    policies.require_decides(request.principal, disclosure)
    form = StopForm(posted(request))

    def end() -> None:
        why = form.cleaned_data["why"]
        services.stop(actor=request.principal, disclosure=disclosure, why=why)

    status = done(form, end)
    if status is None:
        messages.success(request, "Sharing has stopped. Whoever received it has been told.")
        return redirect("disclosures:sharing", reference=disclosure.case.reference)
    context = {
        "form": form,
        "record": services.read_record(actor=request.principal, pk=pk),
    }
    return TemplateResponse(request, "disclosures/share_stop.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def renew(request: Request, pk: UUID) -> HttpResponse:
    """Share the same again, with a fresh reason and a fresh end."""
    disclosure = policies.disclosure_for(request.principal, pk)
    policies.require_decides(request.principal, disclosure)
    form = RenewForm(posted(request))
    made: list[Disclosure] = []

    def again() -> None:
        said = form.answers()
        made.append(services.renew(actor=request.principal, disclosure=disclosure, said=said))

    status = done(form, again)
    if status is None:
        messages.success(request, f"Renewed. The new record is {made[0].number}.")
        return redirect("disclosures:shared", pk=made[0].pk)
    context = {
        "form": form,
        "record": services.read_record(actor=request.principal, pk=pk),
    }
    return TemplateResponse(request, "disclosures/share_renew.html", context, status=status)


@require_POST
def acknowledge(request: Request, pk: UUID) -> HttpResponse:
    """Say that the team has the share and has read what goes with it."""
    disclosure = policies.disclosure_for(request.principal, pk)
    services.acknowledge(actor=request.principal, disclosure=disclosure)
    messages.success(request, "Acknowledged. Whoever shared it can see that.")
    return redirect("disclosures:shared", pk=pk)


@require_safe
def view_as(request: Request, reference: str) -> HttpResponse:
    """The case as a team that holds something of it reads it; first, which teams there are."""
    found = services.view_as(
        actor=request.principal, reference=reference, team=request.GET.get("team", "")
    )
    return TemplateResponse(request, "disclosures/view_as.html", {"seen": found})


@require_safe
def register(request: Request) -> HttpResponse:
    """Every decision to share, and not to share, of the partnership."""
    found = services.read_register(actor=request.principal, page=request.GET.get("page", ""))
    context = {
        "head": HEAD,
        "cells": [entry.cells for entry in found.entries],
        "page": found.page,
        "totals_head": ["What for", *Result.labels],
        "totals": found.totals,
    }
    return TemplateResponse(request, "disclosures/register.html", context)


@require_POST
def register_file(request: Request) -> HttpResponse:
    """The same rows as a file for a spreadsheet, in which nothing is a formula."""
    taken = services.export_register(actor=request.principal)
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="register.csv"'
    writer = csv.writer(answer)
    writer.writerow(HEAD)
    writer.writerows([as_text(cell) for cell in entry.cells] for entry in taken)
    return answer
