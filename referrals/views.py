"""The case page, as each role sees it, its copies, and the lists that lead to it."""

from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.accounts.http import Request
from portal.common.clock import LONDON, end_of
from portal.common.forms import drawn
from portal.common.http import done, posted
from portal.documents.http import as_attachment, files_host
from referrals import policies, reading, services
from referrals.forms import WHOSE, CasesForm, NoteForm, OpenForm, SearchForm
from referrals.models import Case, tidy_reference
from referrals.services import files, list_cases
from referrals.vocabulary import OpenedFor
from referrals.workflow import BY_REASON, LOOKED_AFTER

MOST_LISTED: Final = 1000
"""How far a list can be paged through, and how far the cases of a view are counted."""


@require_safe
def cases(request: Request) -> HttpResponse:
    """The cases that are open to me: my work, my agency's, or all; narrowed and put in order."""
    principal, now = request.principal, timezone.now()
    policies.require_case_list(principal)
    chosen = CasesForm(request.GET).chosen()
    views = {
        "mine": policies.own_work(principal),
        "agency": policies.agencys_work(principal),
        "all": policies.sights(principal),
    }
    whose = chosen.get("whose", "all")
    found = views[whose]
    if status := chosen.get("status"):
        found = found.filter(case__status=status)
    if due := chosen.get("due"):
        found = found.due(due, now, end_of(now.astimezone(LONDON).date()))
    sort = chosen.get("sort") or ("due" if due else "newest")
    if sort != "due":
        found = found.oldest() if sort == "oldest" else found.newest()
    is_narrowed = bool(chosen.keys() - {"whose", "sort"})
    counts = {code: views[code].order_by()[:MOST_LISTED].count() for code, _ in WHOSE}
    pages = Paginator(found[:MOST_LISTED], 25)
    if not is_narrowed:
        pages.count = counts[whose]  # it is not counted twice
    page = pages.get_page(request.GET.get("page"))
    rows = list_cases(actor=principal, cases=Case.objects.of_page(page.object_list))
    context = {
        "rows": rows,
        "page": page,
        "now": now,
        "search": drawn(SearchForm),
        "filters": drawn(CasesForm, tuple(chosen.items())),
        "is_narrowed": is_narrowed,
        "most": MOST_LISTED if pages.count == MOST_LISTED else 0,
        "clear": f"?whose={whose}",
        "more": f"?{urlencode({**chosen, 'page': ''})}",
        "whose": [
            (f"{label} ({_in_words(counts[code])})", f"?whose={code}", code == whose)
            for code, label in WHOSE
        ],
        "received": _sorts(chosen, sort, "oldest" if sort == "newest" else "newest"),
        "decision": _sorts(chosen, sort, "due"),
    }
    return TemplateResponse(request, "referrals/cases.html", context)


def _in_words(count: int) -> str:
    return f"{count:,} or more" if count == MOST_LISTED else str(count)


_ORDERS: Final = {"newest": "descending", "oldest": "ascending", "due": "ascending"}


def _sorts(chosen: dict[str, str], sort: str, code: str) -> tuple[str, str]:
    """The link in a heading that sorts by its column, and how the list is sorted by it now."""
    is_so = (sort == "due") == (code == "due")
    return f"?{urlencode({**chosen, 'sort': code})}", _ORDERS[sort] if is_so else "none"


@require_safe
def case(request: Request, reference: str) -> HttpResponse:
    """One case, resolved for the person who asks; reading it is one event in the ledger."""
    found = services.open_case(actor=request.principal, reference=reference)
    context = {
        "standing": found.stands,
        "moves": BY_REASON,
        "may_hand_over": found.stands.oversees and found.case.status in LOOKED_AFTER,
        "reading": found.reading,
        "standing_line": reading.STANDING_LINE,
        "now": timezone.now(),
    }
    return TemplateResponse(request, "referrals/case.html", context)


@require_POST
def csv(request: Request, reference: str) -> HttpResponse:
    """The case as a file for a spreadsheet.

    To take a case out is an act, so it is a press of a button: a GET may be fetched ahead of a
    click, opened from a message, or repeated by going back, and none of those is a decision.
    """
    content = services.export_csv(actor=request.principal, reference=reference)
    name = tidy_reference(reference)
    return _file(content, f"{name}.csv", "text/csv; charset=utf-8")


@require_POST
def pdf(request: Request, reference: str) -> HttpResponse:
    """Ask for the case as a PDF; the page that follows says how far it has got."""
    asked = services.request_copy(actor=request.principal, reference=reference)
    return redirect("referrals:copy", pk=asked)


@require_safe
def copy(request: Request, pk: UUID) -> HttpResponse:
    """How far a PDF has got, and once it is ready the way to download it."""
    found = services.look_at_copy(actor=request.principal, pk=pk)
    return TemplateResponse(request, "referrals/copy.html", {"copy": found})


@require_POST
def download(request: Request, pk: UUID) -> HttpResponse:
    """The PDF itself, while it is still what its owner may see."""
    content, name = services.download_copy(actor=request.principal, pk=pk)
    return _file(content, name, "application/pdf")


@require_http_methods(["GET", "HEAD", "POST"])
def note(request: Request, reference: str) -> HttpResponse:
    """Write a working note: first who will read it, then it is kept."""
    noting = services.look_before_noting(actor=request.principal, reference=reference)
    case = policies.case_for(request.principal, reference)
    form = NoteForm(posted(request))
    keeps = "keep" in request.POST

    def keep() -> None:
        if keeps:
            said = form.cleaned_data
            services.note(
                actor=request.principal,
                case=case,
                text=said["text"],
                known_how=form.how,
                key=said["key"],
            )

    status = done(form, keep)
    if status is None and keeps:
        messages.success(request, "Your note is kept with the case.")
        return redirect("referrals:case", reference=noting.reference)
    context = {"form": form, "noting": noting}
    if status is None and "change" not in request.POST:
        context["noting"] = services.look_before_noting(
            actor=request.principal, reference=reference, known_how=form.how
        )
        context["rows"] = [("Note", form.cleaned_data["text"]), ("How you know", form.how.label)]
        return TemplateResponse(request, "referrals/note_check.html", context)
    return TemplateResponse(request, "referrals/note.html", context, status=status or 200)


@require_safe
def documents(request: Request, reference: str) -> HttpResponse:
    """The documents of a case: what each is, whose, and what the reader may do with it."""
    found = files.read_files(actor=request.principal, reference=reference)
    return TemplateResponse(request, "referrals/documents.html", {"found": found})


@require_http_methods(["GET", "HEAD", "POST"])
def document(request: Request, reference: str, pk: UUID) -> HttpResponse:
    """One document: what it is opened for, and then its bytes.

    They leave only after a press of this page's button: as its answer, or from the files' own host,
    to which it leads with a ticket for this once. So there is no address under which they stand,
    that another page could show or a message could lead to.
    """
    form = OpenForm(request.POST) if request.method == "POST" else OpenForm()
    if form.is_valid():
        return _leave(request, reference, pk, OpenedFor(form.cleaned_data["opened_for"]))
    reference, item = files.look_at_file(actor=request.principal, reference=reference, pk=pk)
    context = {"reference": reference, "item": item, "form": form}
    status = 422 if form.is_bound else 200
    return TemplateResponse(request, "referrals/document.html", context, status=status)


def _leave(request: Request, reference: str, pk: UUID, opened_for: OpenedFor) -> HttpResponse:
    if files_host():
        ticket = files.hand_over(
            actor=request.principal, reference=reference, pk=pk, opened_for=opened_for
        )
        return redirect(f"{settings.FILES_URL}/{ticket}")
    given = files.open_file(
        actor=request.principal, reference=reference, pk=pk, opened_for=opened_for
    )
    return as_attachment(given.content, given.name, given.content_type)


def _file(content: bytes, name: str, kind: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
