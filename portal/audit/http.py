"""What the ledger takes from requests: their context, every refusal, and who signs in and out."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final
from uuid import UUID, uuid4

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction
from django.dispatch import receiver
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from django.utils.crypto import salted_hmac
from rest_framework.exceptions import PermissionDenied as ApiPermissionDenied
from rest_framework.response import Response
from rest_framework.views import exception_handler

from portal.accounts.models import User
from portal.accounts.services import acted
from portal.accounts.vocabulary import Principal
from portal.audit.services import (
    LedgerRefused,
    RequestContext,
    asked_for,
    record,
    request_context,
)
from portal.audit.vocabulary import Outcome
from portal.common.errors import DomainError, NotVisible, Refused

log = logging.getLogger(__name__)

METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
REFUSALS: Final = (NotVisible, PermissionDenied, ApiPermissionDenied)
UNAVAILABLE: Final = "The service cannot keep its record of access just now, so it shows nothing."


class RefusalMiddleware:
    """Gives each request its context for the ledger, and records each refusal after sign-in.

    A refusal has rolled back the transaction that it arose in, so it is written in its own. When
    the ledger cannot be written the answer is 503, to this request like to any other.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # A method is the client's own word: only the known ones are worth keeping.
        method = request.method if request.method in METHODS else "OTHER"
        token = request_context.set(
            RequestContext(id=uuid4(), route="", method=method, session=_session(request))
        )
        try:
            return self.get_response(request)
        finally:
            request_context.reset(token)

    def process_view(
        self,
        request: HttpRequest,
        _view: Callable[..., HttpResponseBase],
        _args: Sequence[object],
        _kwargs: Mapping[str, object],
    ) -> None:
        """Note the name of the route, now that it is known: the name, never the address."""
        context = request_context.get()
        if context is not None and request.resolver_match is not None:
            request_context.set(replace(context, route=request.resolver_match.view_name))

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Record a refusal and let its own page answer; answer 503 when the ledger cannot."""
        if not _recorded(request, error):
            # The page stands alone: its frame would ask the database too.
            return HttpResponse(render_to_string("errors/503.html"), status=503)
        return None


def api_exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer a program: the same refusals as the pages, recorded the same way.

    409 with a sentence for a rule of the field, 404 in the same bytes for missing and hidden,
    403 with the reason for a refusal, 503 when the ledger cannot be written.
    """
    if not _recorded(context["request"], error):
        return Response({"detail": UNAVAILABLE, "code": "ledger_unavailable"}, status=503)
    if isinstance(error, DomainError):
        return Response({"detail": str(error), "code": "conflict"}, status=409)
    if isinstance(error, Http404):
        return Response({"detail": "Not found."}, status=404)
    if isinstance(error, Refused):
        return Response({"detail": error.why}, status=403)
    return exception_handler(error, context)


def _recorded(request: Any, error: Exception) -> bool:
    """Record the error if it refuses somebody signed in. False: the ledger could not be written."""
    failure = error if isinstance(error, LedgerRefused) else _record_refusal(request, error)
    if failure is None:
        return True
    # The database's message may repeat what was written: log the classes only.
    log.error("The ledger could not be written (%s)", type(failure.__cause__ or failure).__name__)
    return False


def _record_refusal(request: Any, error: Exception) -> DatabaseError | None:
    if not isinstance(error, REFUSALS) or not request.user.is_authenticated:
        return None
    # What is missing and what is hidden go the same way, at the same cost. The number that was
    # asked for may be a guess at something real, so only its keyed hash is kept.
    kind, obj, action = "", None, ""
    if isinstance(error, NotVisible):
        kind, obj = error.kind, (error.kind, asked_for(error.asked))
    elif isinstance(error, Refused):
        kind, action = error.kind, error.action
        obj = (kind, _known(error.pk)) if kind and error.pk else None
    act = "case.refused" if kind == "case" else "access.refused"
    principal: Principal | None = getattr(request, "principal", None)
    try:
        with transaction.atomic():
            record(principal, act, obj=obj, why=action, outcome=Outcome.DENIED)
    except DatabaseError as failure:
        return failure
    return None


def _known(pk: str) -> str:
    """An identifier as it is; anything else only as its keyed hash."""
    try:
        return str(UUID(pk))
    except ValueError:
        return asked_for(pk)


def _session(request: HttpRequest) -> str:
    key = request.session.session_key or ""
    return salted_hmac("portal.audit.session", key, algorithm="sha256").hexdigest() if key else ""


# Signing in and out happens in Django and allauth, and choosing a role a floor below: those tell,
# and the ledger listens. A listener that raises fails the request, as everywhere.


@receiver(user_logged_in)
def _signed_in(request: HttpRequest, user: User, **_kwargs: object) -> None:
    context = request_context.get()
    if context is not None:  # signing in has changed the session's key
        request_context.set(replace(context, session=_session(request)))
    with transaction.atomic():
        record(None, "auth.signed_in", obj=("user", user.pk))


@receiver(user_logged_out)
def _signed_out(user: User | None, **_kwargs: object) -> None:
    if user is not None:
        with transaction.atomic():
            record(None, "auth.signed_out", obj=("user", user.pk))


@receiver(user_login_failed)
def _sign_in_failed(credentials: dict[str, Any], **_kwargs: object) -> None:
    address = str(credentials.get("email", "")).strip().lower()
    with transaction.atomic():
        record(None, "auth.failed", obj=("address", asked_for(address)), outcome=Outcome.FAILED)


@receiver(acted)
def _acted(
    actor: Principal | None,
    act: str,
    obj: tuple[str, UUID],
    fields: tuple[str, ...],
    **_kwargs: object,
) -> None:
    record(actor, act, obj=obj, fields=fields)
