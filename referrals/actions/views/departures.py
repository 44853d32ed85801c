"""Who left the list, and why: as a page, and as a file."""

import csv

from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_POST, require_safe

from portal.accounts.http import Request
from referrals.actions import services
from referrals.actions.services.departures import HEAD, PERIODS
from referrals.reading.files import as_text


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
