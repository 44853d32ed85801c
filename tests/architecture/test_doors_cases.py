"""Every address of a case: what is hidden looks like what is missing, and every refusal is kept."""

import json
import re
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, reverse

from portal.audit.http import asked_for
from referrals.models import Case, Statement, new_reference
from referrals.triage import services as triage
from referrals.vocabulary import Outcome
from tests.cast import Cast, events, signed_in

# Every address that takes a reference: its name, its arguments after it, the method, the body.
GETS = {
    "referrals:case": (),
    "disclosures:why": (),
    "disclosures:ask": (),
    "disclosures:mark": ("an answer",),
    "disclosures:correct": ("an answer",),
    "disclosures:remove": ("an answer",),
    "disclosures:why-item": ("saw",),
    "disclosures:share": (),
    "disclosures:danger": (),
    "disclosures:sharing": (),
    "disclosures:view-as": (),
    "triage:workspace": (),
    "triage:move": ("close",),
    "governance:trail": (),
    "intake:sent": (),
    "api-case": (),
    "disclosures:conflict": (),
    "disclosures:impose": (),
}
POSTS = {
    "disclosures:ask": ((), {"question": "What?"}),
    "disclosures:mark": (("an answer",), {"how_much": "all", "why": "source"}),
    "disclosures:correct": (("an answer",), {"text": "R.", "known_how": "saw", "why": "Why."}),
    "disclosures:remove": (("an answer",), {"why": "Why."}),
    "triage:acknowledge": ((), {}),
    "triage:decide": ((), {"outcome": "panel", "reason": "Why.", "told_referrer": "What."}),
    "triage:move": (("withdraw",), {"reason": "Why."}),
    "governance:trail": ((), {"audience": "board"}),
    "disclosures:share": ((), {"team": "1", "purpose": "PLAN"}),
    "disclosures:danger": ((), {"team": "1"}),
    "api-acknowledge": ((), {}),
    "api-decide": ((), {"outcome": "panel", "reason": "Why.", "told_referrer": "What."}),
    "disclosures:conflict": ((), {"why": "relative"}),
    "disclosures:impose": ((), {"email": "t@example.org", "why": "relative"}),
    "disclosures:emergency_end": ((), {}),
}
# Answers that do not tell whether there is such a case: tests/disclosures/test_emergency.py.
SAY_NOTHING = {
    "disclosures:emergency",
    "disclosures:emergency_why",
    "disclosures:emergency_open",
}
STRANGERS = ("colleague", "outsider_lead", "panel_officer", "auditor", "other_coordinator")
CHAIRS = ("chair", "other_chair")


def asked(client: Client, method: str, name: str, reference: str):
    """Ask for one of the addresses above about the case with this reference."""
    more, body = (GETS[name], None) if method == "get" else POSTS[name]
    address = reverse(name, args=[reference, *_filled(more, reference)])
    if body is None:
        return client.get(address)
    if name.startswith("api-"):
        return client.post(address, json.dumps(body), content_type="application/json")
    return client.post(address, body)


def _filled(more, reference):
    """An answer of this case, or one that is nowhere, in the place of the words that say so."""
    found = Statement.objects.filter(case__reference=reference, question="told").first()
    return [(found.pk if found else uuid4()) if each == "an answer" else each for each in more]


ALL = [*(("get", name) for name in GETS), *(("post", name) for name in POSTS)]
_VARIES = re.compile(r"nonce-[A-Za-z0-9+/=_-]+")


def bytes_of(answer) -> tuple[int, bytes, dict[str, str]]:
    """All of an answer that a person or a program can see, but for the policy's nonce."""
    headers = {name: _VARIES.sub("nonce", value) for name, value in answer.headers.items()}
    # The session's cookie is renewed with each request, and holds a time.
    headers.pop("Date", None)
    return answer.status_code, answer.content, headers


def _without_token(answer) -> tuple[int, bytes, dict[str, str]]:
    """The page that says no has its frame, with the form that signs out and its token."""
    status, content, headers = bytes_of(answer)
    return status, re.sub(rb'name="csrfmiddlewaretoken" value="[^"]*"', b"", content), headers


def test_every_address_of_a_case_is_in_these_lists():
    found = {
        name
        for name, (possible, *_) in _names(get_resolver())
        if any("reference" in parameters for _, parameters in possible)
    }

    assert found == {*GETS, *POSTS, *SAY_NOTHING}


def _names(resolver, space=""):
    for name, value in resolver.reverse_dict.lists():
        if isinstance(name, str):
            for each in value:
                yield space + name, each
    for inner, (_, found) in resolver.namespace_dict.items():
        yield from _names(found, f"{space}{inner}:")


@pytest.mark.parametrize(("method", "name"), ALL)
@pytest.mark.parametrize("who", STRANGERS)
def test_what_is_hidden_looks_like_what_is_missing(cast: Cast, sent, who, method, name):
    client = signed_in(cast.everyone()[who])

    hidden = bytes_of(asked(client, method, name, sent.reference))
    missing = bytes_of(asked(client, method, name, new_reference()))

    assert hidden[0] == 404
    assert hidden == missing


@pytest.mark.parametrize(("method", "name"), ALL)
def test_each_refusal_is_kept_under_the_hash_of_what_was_asked(cast: Cast, sent, method, name):
    before = len(events())

    asked(signed_in(cast.other_coordinator), method, name, sent.reference)

    kept = [body for body in events()[before:] if body["out"] == "denied"]
    assert len(kept) == 1
    assert kept[0]["act"] == "case.refused"
    assert kept[0]["actor"]["member"] == str(cast.other_coordinator.membership_id)
    assert kept[0]["obj"] == {"kind": "case", "id": asked_for(sent.reference)}
    assert sent.reference not in json.dumps(kept)
    assert not [body for body in events()[before:] if body["act"] == "case.read"]


@pytest.mark.parametrize(("method", "name"), ALL)
@pytest.mark.parametrize("who", CHAIRS)
def test_a_board_chair_is_refused_whether_it_exists_or_not(cast: Cast, sent, who, method, name):
    client = signed_in(cast.everyone()[who])
    before = len(events())

    existing = _without_token(asked(client, method, name, sent.reference))
    missing = _without_token(asked(client, method, name, new_reference()))

    assert existing[0] == 403
    assert existing == missing
    kept = [body["act"] for body in events()[before:] if body["out"] == "denied"]
    assert kept == ["case.refused", "case.refused"]


@pytest.mark.parametrize("address", ["referrals:cases", "triage:board", "api-cases"])
@pytest.mark.parametrize("who", CHAIRS)
def test_a_board_chair_has_no_list_of_cases(cast: Cast, sent, who, address):
    assert signed_in(cast.everyone()[who]).get(reverse(address)).status_code == 403


@pytest.mark.parametrize("name", POSTS)
def test_each_change_asks_for_the_forms_token(cast: Cast, sent, name):
    client = signed_in(cast.coordinator, enforce_csrf_checks=True)
    before = _rows()

    answer = asked(client, "post", name, sent.reference)

    assert answer.status_code == 403
    assert _rows() == before


@pytest.mark.parametrize("name", GETS)
@pytest.mark.parametrize("verb", ["get", "head"])
def test_to_look_changes_nothing_but_the_ledger(cast: Cast, sent, name, verb):
    """What is written: the event, and the session that is renewed. Nothing else."""
    triage.decide(
        actor=cast.coordinator,
        case=sent,
        outcome=Outcome.EARLY_HELP,
        reason="Why.",
        told_referrer="What.",
    )
    authors = {"intake:sent", *(one for one, more in GETS.items() if "an answer" in more)}
    client = signed_in(cast.teacher if name in authors else cast.coordinator)
    address = reverse(name, args=[sent.reference, *_filled(GETS[name], sent.reference)])

    with CaptureQueriesContext(connection) as found:
        answer = getattr(client, verb)(address)

    assert answer.status_code in {200, 405}  # the API does not know HEAD
    written = [
        query["sql"]
        for query in found
        if re.match(r"(?i)\s*(insert|update|delete|merge|copy|truncate)", query["sql"])
    ]
    assert not [sql for sql in written if "django_session" not in sql]


@pytest.mark.parametrize("name", ["mine", "cases"])
def test_to_list_changes_nothing_but_the_ledger(cast: Cast, sent, name):
    before = _rows()

    signed_in(cast.teacher).get(reverse(f"referrals:{name}"))

    assert _rows() == before


def _rows() -> dict[str, int]:
    """How many rows each of our own tables holds, but for sessions and the ledger."""
    ours = ("accounts", "documents", "notifications", "governance", "referrals", "intake", "rules")
    ours += ("disclosures",)
    return {
        model._meta.label: model._default_manager.count()
        for label in ours
        for model in apps.get_app_config(label).get_models()
    }


@pytest.mark.parametrize(
    "typed",
    ["R-4KD7-92Q", "R-0000-000", "%00", "' OR 1=1 --", "..%2f..", "R-" + "4" * 500, "ʀ-4ᴋᴅ7"],
)
def test_what_is_no_reference_is_not_found(cast: Cast, sent, typed):
    client = signed_in(cast.coordinator)

    assert client.get(f"/referrals/{typed}/").status_code == 404
    assert client.get(f"/api/v1/cases/{typed}/").status_code == 404
    assert Case.objects.count() == 1
