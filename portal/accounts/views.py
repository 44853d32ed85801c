"""The doors of identity: choose a role, whom to ring, the pages after a session.

allauth has the others.
"""

from urllib.parse import urlencode
from uuid import UUID

from allauth.account import views as allauth
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.accounts import http, policies, services
from portal.accounts.forms import (
    ConfirmPasswordForm,
    ContactForm,
    RoleForm,
    SettingsForm,
    SignInForm,
)
from portal.accounts.http import kept as kept_words
from portal.accounts.models import Agency, User
from portal.common.errors import DomainError, NotVisible, Refused
from portal.common.moments import day

MOST_TRIES = 5
_TRIES = "tries"


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
        ("Contact", contact.name, False),
        ("Work phone", contact.phone, True),
        ("Hours", contact.hours, False),
    ]
    if contact.deputy_name:
        facts += [
            ("Deputy", contact.deputy_name, False),
            ("Work phone of the deputy", contact.deputy_phone, True),
        ]
    today = timezone.localdate()
    if contact.cover_until and contact.cover_until >= today:
        when = f"{day(contact.cover_from)} to {day(contact.cover_until)}"
        facts.append(("Deputy covers", when, False))
        row["covered"] = contact.cover_from <= today
    return row | {"facts": facts}


@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: http.Request) -> HttpResponse:
    """Say whom to ring at one's own agency."""
    policies.require_keeps_contacts(request.principal)
    own = policies.partner_agencies(request.principal).get(pk=request.principal.agency_id)
    said = getattr(own, "contact", None)
    now = services.contact_mark(said)
    before = {name: getattr(said, name, "") for name in ContactForm.base_fields} | {"seen": now}
    form = ContactForm(request.POST if request.method == "POST" else None, initial=before)
    status = 422 if form.is_bound else 200
    if form.is_valid():
        try:
            services.keep_contact(actor=request.principal, **form.cleaned_data)
        except services.Changed as changed:
            form = ContactForm(_seen(request.POST, now), initial=before)
            form.add_error(None, str(changed))
            status = 409
        else:
            messages.success(request, "The contacts of your agency are saved.")
            return redirect("accounts:contacts")
    context = {"form": form, "agency": own.name}
    return TemplateResponse(request, "accounts/contact.html", context, status=status)


def _seen(typed: QueryDict, now: str) -> QueryDict:
    """The same form, of which the next press answers to what stands there now."""
    again = typed.copy()
    again["seen"] = now
    return again


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
    status = 422 if form.is_bound else 200
    if form.is_valid():
        changes, seen = form.changes(), form.marks()
        try:
            services.settle(actor=request.principal, partnership=found, changes=changes, seen=seen)
        except services.Changed as changed:
            now = SettingsForm(partnership=found).initial["seen"]
            form = SettingsForm(_seen(request.POST, now), partnership=found)
            form.add_error(None, str(changed))
            status = 409
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The settings are saved. They hold from now on.")
            return redirect(request.get_full_path())
    others = [(each.name, each.slug) for each in own if each != found]
    context = {"form": form, "name": found.name, "others": others}
    return TemplateResponse(request, "accounts/partnership.html", context, status=status)


@http.no_role_needed
@require_safe
def kept(request: http.Request, pk: UUID) -> HttpResponse:
    """Lead the author of what was kept back to its page, in the role that they wrote it in."""
    found = policies.kept_for(request.user, pk)
    if found is None:
        raise NotVisible("kept", str(pk))
    principal = request.principal
    wrote_as = found.membership_id
    if wrote_as and (principal is None or principal.membership_id != wrote_as):
        if policies.principal_for(request.user, wrote_as) is not None:
            return redirect(
                f"{reverse('accounts:role')}?{urlencode({'next': request.path}, safe='/')}"
            )
        return kept_words.alone(
            request, services.words_of(found) or [], settings.LOGIN_REDIRECT_URL
        )
    return redirect(kept_words.back_to(found))


class SignInView(allauth.LoginView):  # type: ignore[misc]
    """Sign in. Whoever does so for the first time is told how to hide a page, and then led on."""

    def form_valid(self, form: SignInForm) -> HttpResponse:
        """Sign the person in and lead them to where they were going."""
        answer: HttpResponse = super().form_valid(form)
        user = self.request.user
        if not isinstance(answer, HttpResponseRedirect) or not isinstance(user, User):
            return answer
        return redirect(_telling(answer.url)) if policies.wants_telling(user) else answer


def _telling(onwards: str) -> str:
    return f"{reverse('accounts:hiding')}?{urlencode({'next': onwards}, safe='/')}"


@http.no_role_needed
@require_http_methods(["GET", "HEAD", "POST"])
def hiding(request: http.Request) -> HttpResponse:
    """How to hide a page: told once, before the work begins."""
    if not policies.memberships(request.user):
        return http.no_role(request)
    if request.method == "POST":
        services.note_told_of_hiding(user=request.user)
        return redirect(http.local_path(request.GET.get("next")) or settings.LOGIN_REDIRECT_URL)
    return TemplateResponse(request, "accounts/hiding.html")


@login_not_required
@require_POST
def hide(request: HttpRequest) -> HttpResponse:
    """Somebody has come near: lock, and show a neutral site."""
    return kept_words.hide(request, sure=True)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password")
def unlock(request: HttpRequest) -> HttpResponse:
    """The password, and the page is there again. After five tries the whole of signing in."""
    user: User | None = getattr(request, "locked_user", None)
    way = http.local_path(request.GET.get("next")) or request.session.get(kept_words.HIDDEN_PAGE)
    if user is None:
        return redirect(way or settings.LOGIN_REDIRECT_URL)
    form = ConfirmPasswordForm(data=request.POST if request.method == "POST" else None, user=user)
    if form.is_bound and form.is_valid():
        services.note_unlocked(user=user)
        http.unlock(request, user)
        request.session.pop(_TRIES, None)
        page = request.session.pop(kept_words.HIDDEN_PAGE, None)
        if page is not None and kept_words.is_kept(page):
            way = page
        return redirect(way or page or settings.LOGIN_REDIRECT_URL)
    if form.is_bound:
        tries = request.session.get(_TRIES, 0) + 1
        request.session[_TRIES] = tries
        if tries >= MOST_TRIES:
            request.session.flush()
            return redirect(
                f"{reverse('account_login')}?{urlencode({'next': way or '/'}, safe='/')}"
            )
    status = 422 if form.is_bound else 200
    return TemplateResponse(request, "accounts/unlock.html", {"form": form}, status=status)


@login_not_required
@require_http_methods(["GET", "POST"])
def session(request: HttpRequest) -> HttpResponse:
    """How many seconds this session still lasts; a POST is a press that makes it last."""
    left = http.seconds_left(request.session) if request.user.is_authenticated else 0
    return JsonResponse({"left": left})


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
