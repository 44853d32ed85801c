"""The case page, as each role sees it, its copies, and the lists and the box that lead to it."""

from uuid import UUID

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.accounts.http import Request
from portal.documents.http import as_attachment, files_host
from referrals import policies, reading, services
from referrals.forms import OpenForm, SearchForm
from referrals.models import Case, tidy_reference
from referrals.services import files, list_cases, read_case
from referrals.vocabulary import OpenedFor
from referrals.workflow import BY_REASON, LOOKED_AFTER


@require_safe
def cases(request: Request) -> HttpResponse:
    """Every case that is open to me, the latest first."""
    policies.require_case_list(request.principal)
    found = policies.sights(request.principal).newest()
    page = Paginator(found, 25).get_page(request.GET.get("page"))
    rows = list_cases(actor=request.principal, cases=Case.objects.of_page(page.object_list))
    context = {"rows": rows, "page": page, "now": timezone.now(), "search": SearchForm()}
    return TemplateResponse(request, "referrals/cases.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def search(request: Request) -> HttpResponse:
    """Find a case by its reference, which leads straight to it, or by a child's name.

    What was typed comes in the body and stays out of every address. A case that is hidden and a
    case that does not exist are not found in the same words.
    """
    policies.require_case_list(request.principal)
    if request.method != "POST":
        return TemplateResponse(request, "referrals/search.html", {"search": SearchForm()})
    form = SearchForm(request.POST)
    if not form.is_valid():
        wrong = {"form": form, "search": form}
        return TemplateResponse(request, "referrals/search.html", wrong, status=422)
    words = form.cleaned_data["words"]
    rows = services.search_cases(actor=request.principal, words=words)
    if len(rows) == 1 and rows[0].reference == tidy_reference(words):
        return redirect("referrals:case", reference=rows[0].reference)
    context = {"search": form, "rows": rows, "searched": True, "most": services.MOST_FOUND}
    return TemplateResponse(request, "referrals/search.html", context)


@require_safe
def case(request: Request, reference: str) -> HttpResponse:
    """One case, resolved for the person who asks; reading it is one event in the ledger."""
    found = policies.case_for(request.principal, reference)
    stands = policies.standing(request.principal, found)
    context = {
        "standing": stands,
        "moves": BY_REASON,
        "may_hand_over": stands.oversees and found.status in LOOKED_AFTER,
        "reading": read_case(actor=request.principal, reference=reference),
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
