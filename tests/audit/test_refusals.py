"""Refusals are recorded, looking the same for what is missing and what is hidden."""

import json
from collections.abc import Callable
from uuid import uuid4

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.contrib.sessions.backends.db import SessionStore
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from rest_framework.exceptions import NotAuthenticated
from rest_framework.exceptions import PermissionDenied as ApiPermissionDenied

from portal.accounts.models import User
from portal.accounts.vocabulary import Principal
from portal.audit import http
from portal.audit.models import Event
from portal.audit.services import LedgerRefused, request_context
from portal.common.errors import DomainError, NotVisible, Refused
from tests.audit.cast import Login, someone


def asking(principal: Principal | None, path: str = "/somewhere/") -> HttpRequest:
    """A request of a signed-in person, as it comes from the middleware above."""
    request = RequestFactory().get(path)
    request.user = AnonymousUser()
    if principal is not None:
        request.user = User.objects.get(pk=principal.user_id)
    request.session = SessionStore("0123456789abcdef")
    request.principal = principal  # type: ignore[attr-defined]
    return request


def on_a_page(request: HttpRequest, error: Exception) -> int | None:
    """The status that the middleware answers with, or None when it leaves it to the page."""
    middleware = http.RefusalMiddleware(lambda _request: HttpResponse())
    answer = middleware.process_exception(request, error)
    return None if answer is None else answer.status_code


def by_program(request: HttpRequest, error: Exception) -> int | None:
    """The status that the API answers with."""
    answer = http.api_exception_handler(error, {"request": request})
    return None if answer is None else answer.status_code


Door = Callable[[HttpRequest, Exception], int | None]
DOORS = pytest.mark.parametrize("door", [on_a_page, by_program])


def refusals() -> list[dict[str, object]]:
    events = Event.objects.order_by("at")
    bodies = [json.loads(bytes(event.body)) for event in events]
    return [body for body in bodies if body["out"] == "denied"]


@DOORS
def test_a_case_that_is_not_there_for_them_is_recorded_by_its_keyed_hash(
    coordinator: Principal, door: Door
) -> None:
    asked = str(uuid4())

    door(asking(coordinator), NotVisible("case", asked))

    (body,) = refusals()
    assert (body["act"], body["cat"]) == ("case.refused", "security")
    assert body["obj"] == {"kind": "case", "id": http.asked_for(asked)}
    assert asked not in json.dumps(body)
    assert Event.objects.filter(stream=f"agency:{coordinator.agency_id}").count() == 1


@DOORS
def test_what_may_be_seen_and_not_done_is_recorded_with_the_verb(
    coordinator: Principal, door: Door
) -> None:
    referral = str(uuid4())

    door(
        asking(coordinator),
        Refused("Only a coordinator decides", kind="referral", pk=referral, action="decide"),
    )

    (body,) = refusals()
    assert (body["act"], body["why"]) == ("access.refused", "decide")
    assert body["obj"] == {"kind": "referral", "id": referral}


@DOORS
@pytest.mark.parametrize(
    "error", [PermissionDenied(), ApiPermissionDenied(), Refused("No"), NotVisible("page", "x y")]
)
def test_a_refusal_without_a_record_is_recorded_too(
    coordinator: Principal, door: Door, error: Exception
) -> None:
    door(asking(coordinator), error)

    assert [body["act"] for body in refusals()] == ["access.refused"]


@DOORS
@pytest.mark.parametrize("error", [DomainError("Too late"), NotAuthenticated(), ValueError()])
def test_other_errors_are_not_refusals(
    coordinator: Principal, door: Door, error: Exception
) -> None:
    before = Event.objects.count()

    door(asking(coordinator), error)

    assert Event.objects.count() == before


@DOORS
def test_a_stranger_is_turned_away_without_a_record(db: None, door: Door) -> None:
    door(asking(None), NotVisible("case", "x"))

    assert refusals() == []


def test_a_page_of_a_refusal_is_left_to_the_page(coordinator: Principal) -> None:
    assert on_a_page(asking(coordinator), NotVisible("case", str(uuid4()))) is None
    assert on_a_page(asking(coordinator), Refused("No")) is None


@pytest.mark.parametrize(
    ("error", "status", "data"),
    [
        (DomainError("Too late."), 409, {"detail": "Too late.", "code": "conflict"}),
        (NotVisible("case", "x"), 404, {"detail": "Not found."}),
        (Refused("Coordinators only"), 403, {"detail": "Coordinators only"}),
        (
            LedgerRefused(),
            503,
            {"detail": http.UNAVAILABLE, "code": "ledger_unavailable"},
        ),
    ],
)
def test_a_program_is_answered_in_a_sentence_and_a_code(
    coordinator: Principal, error: Exception, status: int, data: dict[str, str]
) -> None:
    answer = http.api_exception_handler(error, {"request": asking(coordinator)})

    assert answer is not None
    assert (answer.status_code, answer.data) == (status, data)


@DOORS
def test_a_refusal_that_cannot_be_recorded_is_answered_unavailable(
    committed: object, superuser: Login, door: Door
) -> None:
    request = asking(someone())
    superuser.run("REVOKE EXECUTE ON FUNCTION audit.append(uuid, text, bytea) FROM portal_app")

    assert door(request, NotVisible("case", str(uuid4()))) == 503
    assert door(request, Refused("No")) == 503
    assert door(request, LedgerRefused()) == 503


def test_the_context_of_a_request_ends_with_it(coordinator: Principal) -> None:
    seen = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append(request_context.get())
        return HttpResponse()

    request = asking(coordinator)
    request.method = "<SCRIPT>"
    http.RefusalMiddleware(view)(request)

    (context,) = seen
    assert context is not None
    assert context.method == "OTHER"
    assert len(context.session) == 64
    assert "0123456789abcdef" not in context.session
    assert request_context.get() is None


def test_signing_in_failing_and_signing_out_are_recorded_without_the_address(
    coordinator: Principal,
) -> None:
    user = User.objects.get(pk=coordinator.user_id)
    request = asking(coordinator)
    before = Event.objects.filter(stream="auth").count()

    user_login_failed.send(
        sender=__name__, credentials={"email": "Somebody@example.org"}, request=request
    )
    user_logged_in.send(sender=User, request=request, user=user)
    user_logged_out.send(sender=User, request=request, user=user)
    user_logged_out.send(sender=User, request=request, user=None)

    events = Event.objects.filter(stream="auth", seq__gt=before).order_by("seq")
    bodies = [json.loads(bytes(event.body)) for event in events]
    assert [body["act"] for body in bodies] == ["auth.failed", "auth.signed_in", "auth.signed_out"]
    assert bodies[0]["obj"] == {"kind": "address", "id": http.asked_for("somebody@example.org")}
    assert bodies[0]["out"] == "failed"
    assert bodies[1]["obj"] == {"kind": "user", "id": str(user.pk)}
    assert "example.org" not in json.dumps(bodies)


def test_what_accounts_do_is_recorded_where_it_belongs(coordinator: Principal) -> None:
    newest = Event.objects.filter(stream="system").order_by("-seq")[:3]
    bodies = [json.loads(bytes(event.body)) for event in newest]

    assert [body["act"] for body in reversed(bodies)] == [
        "admin.partnership_founded",
        "admin.agency_joined",
        "admin.enrolled",
    ]
