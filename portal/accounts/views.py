"""The doors of identity: choose a role, and the pages after a session. allauth has the others."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods, require_safe

from portal.accounts import http, policies, services
from portal.accounts.forms import RoleForm, SettingsForm
from portal.common.errors import DomainError, Refused


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


@require_http_methods(["GET", "HEAD", "POST"])
def partnership(request: http.Request) -> HttpResponse:
    """The settings of the partnership, for the manager of its front door.

    A manager of several chooses with `of`, the partnership's short name; the first by name else.
    """
    own = list(policies.settles(request.principal))
    if not own:
        raise Refused(
            "Only the manager of a partnership's front door can change its settings",
            kind="partnership",
            action="settle",
        )
    found = next((each for each in own if each.slug == request.GET.get("of")), own[0])
    form = SettingsForm(request.POST if request.method == "POST" else None, partnership=found)
    if form.is_valid():
        try:
            services.settle(actor=request.principal, partnership=found, changes=form.changes())
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The settings are saved. They hold from now on.")
            return redirect(request.get_full_path())
    others = [(each.name, each.slug) for each in own if each != found]
    context = {"form": form, "name": found.name, "others": others}
    status = 422 if form.is_bound else 200
    return TemplateResponse(request, "accounts/partnership.html", context, status=status)


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
