"""The doors of identity: choose a role, whom to ring, the pages after a session.

allauth has the others.
"""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from portal.accounts import http, policies, services
from portal.accounts.forms import ContactForm, RoleForm
from portal.accounts.models import Agency
from portal.common.moments import day


@http.no_role_needed
@require_http_methods(["GET", "HEAD", "POST"])
def role(request: http.Request) -> HttpResponse:
    """Choose, or change, the one role to work in."""
    memberships = policies.memberships(request.user)
    if not memberships:
        return http.no_role(request)
    data = request.POST if request.method == "POST" else None
    form = RoleForm(data, memberships=memberships)
    if form.is_valid():
        principal = services.choose_role(
            user=request.user, membership_pk=form.cleaned_data["membership"]
        )
        http.work_as(request, principal)
        return redirect(http.local_path(request.GET.get("next")) or settings.LOGIN_REDIRECT_URL)
    return TemplateResponse(request, "accounts/role.html", {"form": form})


@require_safe
def contacts(request: http.Request) -> HttpResponse:
    """Whom to ring at each agency of the person's partnerships."""
    context = {
        "rows": [_contact(agency) for agency in policies.partner_agencies(request.principal)],
        "own": request.principal.agency_id if policies.keeps_contacts(request.principal) else None,
    }
    return TemplateResponse(request, "accounts/contacts.html", context)


def _contact(agency: Agency) -> dict[str, object]:
    row: dict[str, object] = {"agency": agency.pk, "name": agency.name, "facts": []}
    contact = getattr(agency, "contact", None)
    if contact is None:
        return row
    facts = [
        ("Contact", contact.name),
        ("Work phone", contact.phone),
        ("Hours", contact.hours),
    ]
    if contact.deputy_name:
        facts += [
            ("Deputy", contact.deputy_name),
            ("Work phone of the deputy", contact.deputy_phone),
        ]
    today = timezone.localdate()
    if contact.cover_until and contact.cover_until >= today:
        when = f"{day(contact.cover_from)} to {day(contact.cover_until)}"
        facts.append(("Deputy covers", when))
        row["covered"] = contact.cover_from <= today
    return row | {"facts": facts}


@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: http.Request) -> HttpResponse:
    """Say whom to ring at one's own agency."""
    policies.require_keeps_contacts(request.principal)
    own = policies.partner_agencies(request.principal).get(pk=request.principal.agency_id)
    kept = getattr(own, "contact", None)
    before = {name: getattr(kept, name) for name in ContactForm.base_fields} if kept else None
    form = ContactForm(request.POST if request.method == "POST" else None, initial=before)
    if form.is_valid():
        services.keep_contact(actor=request.principal, **form.cleaned_data)
        messages.success(request, "The contacts of your agency are saved.")
        return redirect("accounts:contacts")
    status = 422 if form.is_bound else 200
    context = {"form": form, "agency": own.name}
    return TemplateResponse(request, "accounts/contact.html", context, status=status)


@login_not_required
@require_safe
def signed_out(request: HttpRequest) -> HttpResponse:
    """Say that the session has ended, and let the browser forget what it kept."""
    return _after_session(request, "accounts/signed_out.html")


@login_not_required
@require_safe
def timed_out(request: HttpRequest) -> HttpResponse:
    """Say why the session has ended, when nobody ended it."""
    return _after_session(request, "accounts/timed_out.html")


def _after_session(request: HttpRequest, template: str) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect(settings.LOGIN_REDIRECT_URL)
    return TemplateResponse(request, template, headers={"Clear-Site-Data": '"cache", "storage"'})
