"""Who is asking: the principal of every request, the limits of a session, and sign-in's rules."""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from smtplib import SMTPException
from typing import Any, Final, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.contrib.auth import logout
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    JsonResponse,
)
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from rest_framework.request import Request as DrfRequest

from portal.accounts import policies
from portal.accounts.models import User
from portal.accounts.vocabulary import Principal

log = logging.getLogger(__name__)

SESSION_LIMIT: Final = timedelta(hours=10)
"""A session ends this long after sign-in, however busy; idle, it ends by SESSION_COOKIE_AGE."""

_BEGAN_AT = "began_at"
_MEMBERSHIP = "membership"

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


class Request(HttpRequest):
    """The request that a view gets: somebody signed in, acting in one role.

    Views marked `login_not_required` or `no_role_needed` take a plain HttpRequest instead.
    """

    user: User
    principal: Principal


class ApiRequest(DrfRequest):
    """The same, as a program's view gets it."""

    principal: Principal


def no_role_needed(view: View) -> View:
    """Mark a view that a person who has signed in may use before they have a role."""
    view.__dict__["no_role_needed"] = True
    return view


def local_path(url: str | None) -> str | None:
    """The url when it is a path on this site that may be redirected to, otherwise None."""
    if url and url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None):
        return url
    return None


def work_as(request: HttpRequest, principal: Principal) -> None:
    """Make this session act as the principal. The session gets a new key: the old one is dead."""
    request.session[_MEMBERSHIP] = str(principal.membership_id)
    request.session.cycle_key()


class PrincipalMiddleware:
    """Sets `request.principal`, asking the database on every request.

    None while nobody has signed in or no role is chosen; no view that needs a role is then
    reached. A role that has ended, an account that is closed and a session that is too old
    therefore count from the very next request.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        _end_when_too_old(request)
        request.principal = _principal(request)  # type: ignore[attr-defined]  # see Request
        return self.get_response(request)

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., HttpResponseBase],
        _args: Sequence[object],
        _kwargs: Mapping[str, object],
    ) -> HttpResponseBase | None:
        """Send a person without a role to choose one, or tell them that they have none."""
        user = request.user
        if not isinstance(user, User) or getattr(request, "principal", None) is not None:
            return None
        if hasattr(view, "cls"):  # REST framework's: a program is told, not led to a page
            return JsonResponse({"detail": "Choose a role first."}, status=403)
        if not getattr(view, "login_required", True) or hasattr(view, "no_role_needed"):
            return None
        if not policies.memberships(user).exists():
            return no_role(request)
        return _to_role_choice(request)


def no_role(request: HttpRequest) -> HttpResponse:
    """Answer a person who has signed in and may act for nobody."""
    return render(request, "accounts/no_role.html", status=403)


def _end_when_too_old(request: HttpRequest) -> None:
    if not request.user.is_authenticated:
        return
    now = timezone.now().timestamp()
    began = request.session.setdefault(_BEGAN_AT, now)
    if now - began >= SESSION_LIMIT.total_seconds():
        logout(request)


def _principal(request: HttpRequest) -> Principal | None:
    user = request.user
    if not isinstance(user, User):
        return None
    chosen = request.session.get(_MEMBERSHIP)
    if chosen is not None:
        principal = policies.principal_for(user, UUID(chosen))
        if principal is None:
            # Never slip on another hat unasked, in the middle of what they were doing: not in
            # this request, and not in the next.
            request.session[_MEMBERSHIP] = None
        return principal
    if _MEMBERSHIP in request.session:
        return None
    live = policies.memberships(user)[:2]
    if len(live) != 1:
        return None
    request.session[_MEMBERSHIP] = str(live[0].pk)
    return live[0].principal()


def _to_role_choice(request: HttpRequest) -> HttpResponseRedirect:
    address = reverse("accounts:role")
    if request.method in ("GET", "HEAD"):
        address = f"{address}?{urlencode({'next': request.get_full_path()})}"
    return HttpResponseRedirect(address)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """allauth's rules of sign-in, narrowed to ours.

    One answer for every failure, nobody signs themselves up, and no way out to another site.
    """

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": "Check your email address and password",
        "incorrect_password": "Check your password",
        "too_many_login_attempts": "You have tried too many times. Try again in 5 minutes",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Nobody signs themselves up: an agency enrols its people."""
        return False

    def is_safe_url(self, url: str | None) -> bool:
        """Only a path on this site is worth a redirect."""
        return local_path(url) is not None

    def is_ajax(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Sign-in has pages only; what a request claims to accept does not change its answer."""
        return False

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Say nothing: the page that follows says what happened."""

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """The person with these credentials. A closed account fails as an unknown one does."""
        user: User | None = super().authenticate(request, **credentials)
        if user is None or user.is_active:
            return user
        # allauth has just given this try back, as it does for a success: count it again.
        self.pre_authenticate(request, **credentials)
        return None

    def reauthenticate(self, user: User, password: str) -> bool:
        """Whether this is the person's password; the try counts like one at sign-in."""
        found = self.authenticate(self.request, email=user.email, password=password)
        return found is not None and found.pk == user.pk

    def get_reset_password_from_key_url(self, key: str) -> str:
        """The address in the mail, on the host that we know ourselves by, whatever was asked."""
        uid, _, token = key.partition("-")
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": token})
        return f"{settings.SITE_URL}{path}"

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send, and keep a mail server's failure to ourselves: it would tell who is known here."""
        try:
            super().send_mail(template_prefix, email, context)
        except (SMTPException, OSError) as error:
            # The message may repeat the address: log the class only.
            log.error("An account mail was not sent (%s)", type(error).__name__)  # noqa: TRY400
