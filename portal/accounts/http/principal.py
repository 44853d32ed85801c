"""Who is asking: the principal of every request, and how long a session lasts."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from math import ceil
from typing import Final, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from django.contrib.auth import logout
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends.base import SessionBase
from django.dispatch import receiver
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
from portal.accounts.vocabulary import IDLE_MINUTES, Principal

SESSION_LIMIT: Final = timedelta(hours=10)
"""A session ends this long after sign-in, however busy. Idle, it ends as the partnership says."""

_BEGAN_AT = "began_at"
_SEEN_AT = "seen_at"
_IDLE = "idle_minutes"
_LOCKED = "locked"
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
        _end_when_over(request)
        request.locked_user = None  # type: ignore[attr-defined]
        if request.user.is_authenticated and _is_locked(request):
            # To everything that follows, nobody has signed in: pages, programs and files alike.
            request.locked_user = request.user  # type: ignore[attr-defined]
            request.user = AnonymousUser()
        request.principal = _principal(request)  # type: ignore[attr-defined]  # see Request
        _note(request)
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


def _end_when_over(request: HttpRequest) -> None:
    if request.user.is_authenticated and not seconds_left(request.session):
        logout(request)


def seconds_left(session: SessionBase) -> int:
    """How long this session still lasts if nobody presses anything."""
    now = timezone.now().timestamp()
    idle = session.get(_IDLE, IDLE_MINUTES) * 60
    left: float = min(
        session.get(_BEGAN_AT, now) + SESSION_LIMIT.total_seconds() - now,
        session.get(_SEEN_AT, now) + idle - now,
    )
    return max(0, ceil(left))


def _note(request: HttpRequest) -> None:
    """Note that somebody is there. A page that only asks how long is left is no press."""
    session, user = request.session, request.user
    if not user.is_authenticated:
        return
    asks = request.method == "GET" and request.path == reverse("accounts:session")
    now = timezone.now().timestamp()
    session.setdefault(_BEGAN_AT, now)
    if not asks or _SEEN_AT not in session:
        session[_SEEN_AT] = now
    principal: Principal | None = request.principal  # type: ignore[attr-defined]
    session[_IDLE] = principal.idle_minutes if principal else IDLE_MINUTES


def lock(request: HttpRequest) -> None:
    """Lock this session: until it is unlocked it opens nothing, and ends as an idle one does."""
    request.session[_LOCKED] = True


def unlock(request: HttpRequest, user: User) -> None:
    """Open a locked session again for the person whose it is, under a new key."""
    del request.session[_LOCKED]
    request.session[_SEEN_AT] = timezone.now().timestamp()
    request.session.cycle_key()
    request.user = user


def _is_locked(request: HttpRequest) -> bool:
    """Whether the session is locked, for everything but the press that signs out."""
    signs_out = request.method == "POST" and request.path == reverse("account_logout")
    return _LOCKED in request.session and not signs_out


@receiver(user_logged_in)
def _unlocked_by_signing_in(request: HttpRequest, **_kwargs: object) -> None:
    for name in (_LOCKED, _BEGAN_AT, _SEEN_AT):
        request.session.pop(name, None)


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
