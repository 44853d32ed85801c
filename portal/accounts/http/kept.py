"""What somebody wrote when their session had ended: held for them alone, and shown again.

Every form carries a mark that says for whom its page was made. A form that arrives when nobody is
signed in, or somebody else is, is held for that person and for nobody else: who signed in last on
this browser does not matter. Another site cannot make a mark, and a mark is worth nothing without
the form token of the same session, so nobody can put words into another person's mouth.
"""

import logging
import struct
import sys
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import UUID

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.middleware.csrf import (  # type: ignore[attr-defined]  # two that Django keeps private
    InvalidTokenFormat,
    _check_token_format,
    _unmask_cipher_token,
    get_token,
)
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from portal.accounts import policies, services
from portal.accounts.http.principal import local_path, lock
from portal.accounts.models import Kept, User
from portal.accounts.vocabulary import Principal
from portal.common.cipher import decrypt, encrypt
from portal.common.refill import refill

log = logging.getLogger(__name__)

MARK: Final = "author"
"""The name of the field that says for whom a page was made."""
HOLD: Final = "hold"
"""The name of the field by which a page asks to be held and not to be acted upon."""
KEPT: Final = "kept"
"""The name of the field, and of the question in the address, that name what was kept."""
POSTS_TO: Final = "posts_to"
"""The name of the field that says where the form on a hidden page would have gone."""
HIDDEN_PAGE: Final = "hidden_page"
"""Where the session remembers what was on the screen when it was hidden."""
MARK_LASTS: Final = timedelta(hours=24)

_TOKEN: Final = "csrfmiddlewaretoken"  # noqa: S105 - the name of a field
_PURPOSE: Final = "portal.accounts.author"
_SHAPE: Final = struct.Struct(">16s16sQ")
_NOBODY: Final = UUID(int=0)
_OURS: Final = frozenset({_TOKEN, MARK, HOLD, KEPT, POSTS_TO})


@dataclass(frozen=True, repr=False)
class Author:
    """For whom a page was made: the person, and the role that they worked in."""

    user_id: UUID
    membership_id: UUID | None


def mark(request: HttpRequest) -> str:
    """Say, for our own eyes, for whom this page is made. Empty when nobody is signed in."""
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return ""
    principal: Principal | None = getattr(request, "principal", None)
    membership = principal.membership_id if principal else _NOBODY
    now = int(timezone.now().timestamp())
    said = _SHAPE.pack(user.pk.bytes, membership.bytes, now)
    secret = _unmask_cipher_token(get_token(request))
    return urlsafe_b64encode(encrypt(said, purpose=_PURPOSE, about=secret)).decode()


def author_of(request: HttpRequest) -> Author | None:
    """For whom the form that has arrived was made; None unless it is a form of ours.

    It must carry a mark not older than a day and the form token that the mark was made with, and
    a browser that says from where it comes must say that it comes from here.
    """
    token, said = request.POST.get(_TOKEN, ""), request.POST.get(MARK, "")
    if not token or not said or not _from_here(request):
        return None
    try:
        _check_token_format(token)
        found = decrypt(
            urlsafe_b64decode(said), purpose=_PURPOSE, about=_unmask_cipher_token(token)
        )
    except (InvalidTokenFormat, NotBase64, ValueError):
        return None
    if found is None:
        return None
    user, membership, made = _SHAPE.unpack(found)
    if timezone.now().timestamp() - made > MARK_LASTS.total_seconds():
        return None
    worked_as = UUID(bytes=membership)
    return Author(UUID(bytes=user), None if worked_as == _NOBODY else worked_as)


def _from_here(request: HttpRequest) -> bool:
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        return False
    origin = request.headers.get("Origin")
    return origin is None or origin == f"{request.scheme}://{request.get_host()}"


def written(request: HttpRequest) -> list[tuple[str, str]]:
    """Every answer of the form, in order: no files, no passwords, and nothing of ours."""
    return [
        (name, value)
        for name, values in request.POST.lists()
        if name not in _OURS and "password" not in name
        for value in values
        if isinstance(value, str)
    ]


def page_of(request: HttpRequest) -> str:
    """The page on which the form stood, as an address on this site."""
    came_from = request.headers.get("Referer", "")
    here = request.get_full_path()
    if url_has_allowed_host_and_scheme(came_from, {request.get_host()}):
        parts = urlsplit(came_from)
        here = parts.path + (f"?{parts.query}" if parts.query else "")
    return _without_kept(here)


def _without_kept(address: str) -> str:
    parts = urlsplit(address)
    query = urlencode([pair for pair in parse_qsl(parts.query) if pair[0] != KEPT])
    return parts.path + (f"?{query}" if query else "")


def hold(request: HttpRequest, action: str = "") -> Kept | None:
    """Hold the form that has arrived for whoever wrote it; None when there is nothing to hold.

    `action` is where the form posts to, when that is not where it was sent. What a script sends by
    itself is not held: the page still has it, and it comes again and again.
    """
    if request.method != "POST" or request.headers.get("Sec-Fetch-Dest") == "empty":
        return None
    author = author_of(request)
    words = written(request)
    if author is None or not any(value for _, value in words):
        return None
    return services.keep(
        user_id=author.user_id,
        membership_id=author.membership_id,
        page=page_of(request),
        action=action or request.path,
        words=words,
    )


def after(kept: Kept | None, request: HttpRequest) -> HttpResponseRedirect:
    """Lead to signing in, or to unlocking, and from there back to the page with what was kept.

    Where nothing was kept: to the page itself, which for a form is the one that it stood on.
    """
    back = address_of(kept) if kept else request.get_full_path()
    if kept is None and request.method == "POST" and author_of(request):
        back = page_of(request)
    way = "accounts:unlock" if getattr(request, "locked_user", None) else "account_login"
    return redirect(f"{reverse(way)}?{urlencode({'next': back}, safe='/')}")


def address_of(kept: Kept) -> str:
    """Where its author, and nobody else, finds it."""
    return reverse("accounts:kept", args=[kept.pk])


def is_kept(address: str) -> bool:
    """Whether this address is one at which an author finds what was kept."""
    try:
        return resolve(urlsplit(address).path).view_name == "accounts:kept"
    except Resolver404:
        return False


def back_to(kept: Kept) -> str:
    """The page that it was written on, told to show it."""
    joint = "&" if "?" in kept.page else "?"
    return f"{kept.page}{joint}{urlencode({KEPT: kept.pk})}"


class SignInRequiredMiddleware(LoginRequiredMiddleware):
    """Leads a stranger to sign in, and holds what they had written when they were none."""

    def handle_no_permission(
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseRedirect:
        """Lead to the sign-in page, and from there back."""
        wrote = request.method == "POST" and author_of(request) is not None
        if wrote or getattr(request, "locked_user", None):
            return after(hold(request), request)
        return super().handle_no_permission(request, view_func)


class KeptMiddleware:
    """Shows what was kept on its page again, and forgets it when its author has pressed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., HttpResponseBase],
        _args: Sequence[object],
        _kwargs: Mapping[str, object],
    ) -> HttpResponseBase | None:
        """Hold a form that nobody pressed, or that was made for another person or another role.

        One of those that holds no words is not acted upon either: two roles never add up.
        """
        user = request.user
        if request.method != "POST" or not isinstance(user, User):
            return None
        if HOLD in request.POST:  # its page sent it, because the time was up
            kept = hold(request)
            logout(request)
            return after(kept, request)
        author = author_of(request)
        if author is None or _same(author, user, request):
            return None
        kept = hold(request)
        if kept is None and not _takes_a_role(view, request):
            return None
        return given_to(user, kept, request) or _not_done(request, for_another_role=True)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.method == "GET" and KEPT in request.GET:
            return self._shown(request, response)
        if request.method == "POST" and KEPT in request.POST and response.status_code < 400:
            kept = _named(request, request.POST[KEPT])
            if kept is not None and kept.action == request.path:
                services.forget(kept=kept)
        return response

    def _shown(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        kept = _named(request, request.GET[KEPT])
        words = services.words_of(kept) if kept else None
        if kept is None or words is None:
            return response
        if response.status_code == 200 and isinstance(response, HttpResponse):
            page = response.content.decode()
            filled = refill(
                page,
                words,
                here=request.path,
                action=kept.action,
                hidden=[(KEPT, str(kept.pk))],
                above=_BANNER,
            )
            if filled is not None:
                left = [value for value in filled.left_over if len(value.split()) > 1]
                banner = render_to_string("accounts/_kept.html", {"left": left})
                response.content = filled.page.replace(_BANNER, banner, 1).encode()
                return response
        return alone(request, words, kept.page)


_BANNER: Final = "\x00banner\x00"


def alone(request: HttpRequest, words: list[tuple[str, str]], page: str) -> HttpResponse:
    """Show what was kept by itself, where its page can no longer take it."""
    said = [value for _, value in words if len(value.split()) > 1]
    return render(request, "accounts/kept.html", {"words": said, "page": page})


def _same(author: Author, user: User, request: HttpRequest) -> bool:
    principal: Principal | None = getattr(request, "principal", None)
    as_then = None in (author.membership_id, principal) or (
        principal is not None and author.membership_id == principal.membership_id
    )
    return author.user_id == user.pk and as_then


def _takes_a_role(view: Callable[..., HttpResponseBase], request: HttpRequest) -> bool:
    """Whether something is done in a role here: not so for signing out, hiding and the like."""
    if request.path == reverse("account_logout"):
        return False
    return getattr(view, "login_required", True) and not hasattr(view, "no_role_needed")


def _not_done(request: HttpRequest, *, for_another_role: bool) -> HttpResponse:
    context = {"sealed": True, "held": False, "for_another_role": for_another_role}
    return render(request, "errors/csrf.html", context, status=403)


def given_to(user: User, kept: Kept | None, request: HttpRequest) -> HttpResponse | None:
    """Answer somebody signed in whose form was held: it is theirs, or another person's."""
    if kept is None:
        return None
    if kept.user_id == user.pk:
        return redirect(address_of(kept))
    context = {"sealed": True, "held": True}
    return render(request, "errors/csrf.html", context, status=403)


def _named(request: HttpRequest, said: str) -> Kept | None:
    user = getattr(request, "user", None)
    try:
        return policies.kept_for(user, UUID(said)) if isinstance(user, User) else None
    except ValueError:
        return None


def hide(request: HttpRequest, *, sure: bool) -> HttpResponse:
    """Lock the session and answer with a page that leads to a neutral site at once.

    `sure`: the press is known to be the person's own; if not, nothing is locked, and the browser
    leaves all the same. The page leads on by itself: a redirect to another site after a form is
    what our own content policy forbids.
    """
    user = request.user
    if sure and isinstance(user, User):
        page = page_of(request)
        kept = hold(request, action=local_path(request.POST.get(POSTS_TO)) or urlsplit(page).path)
        services.note_locked(user=user)
        lock(request)
        request.session[HIDDEN_PAGE] = address_of(kept) if kept else page
    principal = getattr(request, "principal", None)
    away = (policies.neutral_site(principal) if principal else "") or settings.NEUTRAL_URL
    answer = render(request, "accounts/away.html", {"away": away})
    answer.headers["Refresh"] = f"0; url={away}"
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer


def handler500(request: HttpRequest) -> HttpResponse:
    """500, or 503 when the database does not answer: the words come back, to be sent again.

    Nothing can be kept then, so the page itself holds what was written, for as long as its
    author leaves it open. It needs no database, and no session: the form says that it is ours.
    """
    gone = isinstance(sys.exc_info()[1], OperationalError | InterfaceError)
    status = 503 if gone else 500
    context: dict[str, object] = {"gone": gone}
    try:
        if request.method == "POST" and author_of(request) is not None:
            said = written(request)
            context |= {
                "action": request.get_full_path(),
                "again": [*said, (_TOKEN, request.POST[_TOKEN]), (MARK, request.POST[MARK])],
                "words": [value for _, value in said if len(value.split()) > 1],
            }
    except Exception as error:  # noqa: BLE001 - whatever it is, the page must still be shown
        # The message may repeat what somebody wrote: the class must do.
        log.error("What was written could not be given back (%s)", type(error).__name__)  # noqa: TRY400
        context = {"gone": gone}
    page = render_to_string("errors/503.html" if gone else "errors/500.html", context)
    return HttpResponse(page, status=status)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """403 for a form of another session. What its author wrote is held for them alone."""
    user = request.user
    match = request.resolver_match
    if match is not None and match.view_name == "away:hide":
        author = author_of(request)
        return hide(request, sure=author is not None and author.user_id == user.pk)
    if user.is_authenticated and match is not None and match.view_name == "account_login":
        # Signed in meanwhile, in another window: there is no need to do it twice.
        return redirect(local_path(request.POST.get("next")) or settings.LOGIN_REDIRECT_URL)
    kept = hold(request)
    if kept is not None and not isinstance(user, User):
        return after(kept, request)
    answer = given_to(user, kept, request) if isinstance(user, User) else None
    return answer or _not_done(request, for_another_role=False)
