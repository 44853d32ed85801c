"""Sending a referral: who may see it from that moment, by which rule, and who is told."""

import json
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from portal.accounts.models import Team
from portal.accounts.vocabulary import Role
from portal.audit.services import LedgerRefused
from portal.common.errors import DomainError, Refused
from portal.notifications.models import Notice
from portal.notifications.vocabulary import Kind
from referrals import policies
from referrals.intake import services as intake
from referrals.models import Case, Grant, Referral, Statement
from referrals.reading import read
from referrals.services import Told, submit
from referrals.vocabulary import Danger, ParentsTold, Priority
from sharing.rules.vocabulary import Purpose
from tests.cast import SAW, Cast, at_once, carried, concern, events, send, signed_in
from tools import databases

PAGES = {
    "danger": {"danger": "no"},
    "child": {"given_name": "Wrenna", "family_name": "Sparrowhawk"},
    "concern": {"saw": SAW},
    "child-view": {"child_told": "yes"},
    "parents": {"parents_told": "agree"},
    "you": {"phone": "01632 960123"},
    "check": {},
}
BODY = {
    "danger": "no",
    "given_name": "Wrenna",
    "saw": SAW,
    "child_told": "yes",
    "parents_told": "agree",
    "phone": "01632 960123",
}


def draft_of(actor, **pages):
    """A draft with every page finished; `pages` replace some, by name with "_" for "-"."""
    draft = intake.start(actor=actor)
    changed = {name.replace("_", "-"): typed for name, typed in pages.items()}
    for page, typed in (PAGES | changed).items():
        draft = intake.save(actor=actor, draft=draft, page=page, typed=typed)
    return draft


def post_json(client, address, body):
    return client.post(address, json.dumps(body), content_type="application/json")


def by_page(actor, key=None, **pages):
    """Press Send on the last page of a draft; answer the response."""
    draft = draft_of(actor, **pages)
    return send_by_button(signed_in(actor), draft)


def send_by_button(client, draft):
    """Look at the last page, and press Send."""
    address = reverse("intake:page", args=[draft.pk, "check"])
    return client.post(address, carried(client, address))


def test_the_law_decides_which_teams_see_it_and_the_grants_remember(cast: Cast):
    sent = send(cast.teacher)

    given = {
        (grant.group.team.role, grant.rule, grant.rule_version, grant.gateway): set(
            grant.categories
        )
        for grant in Grant.objects.filter(content_object=sent)
    }
    checks = {"IC1", "IC2", "IC4", "IC5", "IC10", "IC11"}
    told = {"IC15", "OUTCOME"}
    assert {key: found for key, found in given.items() if key[0] != Role.AGENCY_LEAD} == {
        (Role.COORDINATOR, "6b", 1, "EA02_175_157"): checks,
        (Role.COORDINATOR, "6d", 1, "WT_FEEDBACK"): told,
        (Role.MANAGER, "6b", 1, "EA02_175_157"): checks,
        (Role.MANAGER, "6d", 1, "WT_FEEDBACK"): told,
    }
    assert {key[1:] for key in given if key[0] == Role.AGENCY_LEAD} == {("0a", 1, "OWN_RECORD")}
    teams = {grant.group.team for grant in Grant.objects.filter(content_object=sent)}
    assert {team.agency for team in teams} == {cast.council, cast.school}
    assert all(
        grant.reason and grant.granted_by is None and grant.granted_by_service == "sent"
        for grant in Grant.objects.all()
    )


@pytest.mark.parametrize(
    ("name", "sees"),
    [
        ("teacher", True),
        ("lead", True),
        ("coordinator", True),
        ("second_coordinator", True),
        ("manager", True),
        ("colleague", False),
        ("panel_officer", False),
        ("panel_nurse", False),
        ("panel_chair", False),
        ("charity_worker", False),
        ("outsider_lead", False),
        ("chair", False),
        ("auditor", False),
        ("other_coordinator", False),
        ("other_panel_officer", False),
        ("other_chair", False),
    ],
)
def test_from_that_moment_exactly_these_people_know_of_it(cast: Cast, sent, name, sees):
    assert policies.visible(cast.everyone()[name]).filter(pk=sent.pk).exists() is sees


def test_nobody_of_the_cast_is_left_out_of_the_list_above(cast: Cast):
    marks = test_from_that_moment_exactly_these_people_know_of_it.pytestmark

    assert {name for name, _ in marks[0].args[1]} == set(cast.everyone())


def test_the_author_reads_what_they_sent_word_for_word(cast: Cast, sent):
    found = read(cast.teacher, sent, Purpose.SCREEN)

    assert found.is_mine
    assert SAW in {item.text for item in found.items}
    assert found.withheld == 0


def test_the_sender_and_those_who_check_are_owed_notices(cast: Cast, sent):
    owed = {(notice.kind, notice.recipient.user.name) for notice in Notice.objects.all()}

    assert owed == {
        (Kind.RECEIVED, "Tess Eacher"),
        (Kind.TO_TRIAGE, "Coral Dinator"),
        (Kind.TO_TRIAGE, "Second Dinator"),
        (Kind.TO_TRIAGE, "Manny Ager"),
    }
    assert set(Notice.objects.values_list("case", flat=True)) == {sent.pk}


def test_the_ledger_holds_one_sending_and_one_disclosure_for_each_grant(cast: Cast, sent):
    kept = events(stream=f"case:{sent.pk}")

    grants = Grant.objects.filter(content_object=sent)
    assert [body["act"] for body in kept] == ["referral.submitted"] + ["grant.given"] * len(grants)
    assert kept[0]["actor"]["member"] == str(cast.teacher.membership_id)
    assert kept[0]["subj"] == [str(sent.child_id)]
    assert {(body["rcpt"]["id"], body["why"], body["basis"]) for body in kept[1:]} == {
        (grant.group.name, f"rule:{grant.rule}/{grant.rule_version}", grant.gateway)
        for grant in grants
    }


def test_no_word_of_the_referral_is_in_the_ledger(cast: Cast, sent):
    written = json.dumps(events())

    for word in ("Wrenna", "Sparrowhawk", "silver", "960123", "Eacher", "example.org"):
        assert word not in written


@pytest.mark.parametrize(
    ("danger", "priority"),
    [
        (Danger.YES, Priority.IMMEDIATE),
        (Danger.UNSURE, Priority.URGENT),
        (Danger.NO, Priority.STANDARD),
    ],
)
def test_the_answer_about_danger_sets_the_priority(cast: Cast, danger, priority):
    assert send(cast.teacher, danger=danger).priority == priority


def test_the_same_key_sent_twice_is_one_referral(cast: Cast):
    key = uuid4()

    first, second = send(cast.teacher, key), send(cast.teacher, key)

    assert first == second
    with pytest.raises(DomainError, match="with other words"):
        send(cast.teacher, key, given_name="Another")
    assert Referral.objects.count() == 1
    assert len(events("referral.submitted")) == 1


def test_two_presses_at_once_are_one_referral(committed, cast: Cast):
    """Without the lock on the author's row one of the two fails on the key: tried."""
    key = uuid4()

    found = at_once(lambda: send(cast.teacher, key), lambda: send(cast.teacher, key))

    assert [type(each) for each in found] == [Case, Case]
    assert len({each.pk for each in found}) == 1  # type: ignore[attr-defined]
    assert Case.objects.count() == 1
    assert len(events("referral.submitted")) == 1


def test_two_presses_of_the_button_send_one_referral(cast: Cast):
    draft = draft_of(cast.teacher)
    client = signed_in(cast.teacher)
    address = reverse("intake:page", args=[draft.pk, "check"])

    looked_at = carried(client, address)

    first, second = (client.post(address, looked_at) for _ in range(2))

    assert first["Location"] == second["Location"]
    assert Case.objects.count() == 1


def test_the_key_of_someone_else_opens_nothing(cast: Cast):
    key = uuid4()
    send(cast.teacher, key)

    with pytest.raises(DomainError, match="sent by someone else"):
        send(cast.colleague, key)

    answer = post_json(signed_in(cast.colleague), "/api/v1/referrals/", BODY | {"key": str(key)})
    assert answer.status_code == 409
    assert "R-" not in answer.content.decode()


@pytest.mark.parametrize(
    "name",
    ["panel_officer", "panel_chair", "chair", "auditor", "other_panel_officer", "other_chair"],
)
def test_a_role_that_does_not_refer_is_refused_at_every_door(cast: Cast, name):
    actor = cast.everyone()[name]
    client = signed_in(actor)

    with pytest.raises(Refused):
        send(actor)
    assert client.post(reverse("intake:new")).status_code == 403
    assert post_json(client, "/api/v1/referrals/", BODY | {"key": str(uuid4())}).status_code == 403
    assert not Case.objects.exists()


RISK = ParentsTold.RISK
INCOMPLETE: dict[str, tuple[Any, Any, Any, str]] = {
    "nothing seen, heard or told": (
        {"answers": {"child_wants": Told("To be safe."), "phone": Told("01632 960123")}},
        {"concern": {}},
        {"saw": ""},
        "seen, heard or been told",
    ),
    "only spaces": (
        {"answers": {"saw": Told("  \n ")}},
        {"concern": {"saw": "  \n "}},
        {"saw": "  \n "},
        "seen, heard or been told",
    ),
    "neither a name nor a description": (
        {"given_name": "", "family_name": "", "description": ""},
        {"child": {}},
        {"given_name": None},
        "describe the child",
    ),
    "a name of spaces": (
        {"given_name": "  ", "family_name": "\t", "description": " "},
        {"child": {"given_name": "  ", "family_name": "\t", "description": " "}},
        {"given_name": "  "},
        "describe the child",
    ),
    "parents not told because of the risk, and not why": (
        {"parents_told": RISK},
        {"parents": {"parents_told": "risk"}},
        {"parents_told": "risk"},
        "risk",
    ),
    "born tomorrow": (
        {"date_of_birth": date.today() + timedelta(days=2)},  # noqa: DTZ011 - two days are enough
        {
            "child": {
                "given_name": "Wrenna",
                "date_of_birth-day": "1",
                "date_of_birth-month": "1",
                "date_of_birth-year": str(timezone.now().year + 1),
            }
        },
        {"date_of_birth": str(date.today() + timedelta(days=2))},  # noqa: DTZ011
        "past",
    ),
}


@pytest.mark.parametrize("what", INCOMPLETE)
def test_what_is_incomplete_is_refused_by_the_service(cast: Cast, what):
    changes, _, _, says = INCOMPLETE[what]

    with pytest.raises(DomainError, match=says):
        submit(actor=cast.teacher, concern=concern(**changes), key=uuid4())

    assert not Case.objects.exists()


@pytest.mark.parametrize("what", INCOMPLETE)
def test_what_is_incomplete_is_not_sent_by_the_page(cast: Cast, what):
    _, pages, _, _ = INCOMPLETE[what]

    answer = by_page(
        cast.teacher, **{page.replace("-", "_"): typed for page, typed in pages.items()}
    )

    assert answer.status_code == 422
    assert "You need to answer" in answer.content.decode()
    assert not Case.objects.exists()


@pytest.mark.parametrize("what", INCOMPLETE)
def test_what_is_incomplete_is_refused_by_the_api(cast: Cast, what):
    _, _, changes, _ = INCOMPLETE[what]
    body = BODY | {"key": str(uuid4())} | changes
    body = {name: value for name, value in body.items() if value is not None}

    answer = post_json(signed_in(cast.teacher), "/api/v1/referrals/", body)

    assert answer.status_code in {400, 409}
    assert not Case.objects.exists()


def test_the_api_takes_no_field_that_the_form_does_not_ask(cast: Cast):
    body = BODY | {"key": str(uuid4()), "priority": "standard", "agency": str(uuid4())}

    answer = post_json(signed_in(cast.teacher), "/api/v1/referrals/", body)

    assert answer.status_code == 400
    assert set(answer.json()) == {"priority", "agency"}
    assert not Case.objects.exists()


def test_the_page_and_the_api_store_the_same_answers(cast: Cast):
    by_page(cast.teacher)
    post_json(signed_in(cast.teacher), "/api/v1/referrals/", BODY | {"key": str(uuid4())})

    one, other = (
        (
            set(
                Statement.objects.filter(case=case).values_list(
                    "question", "category", "answer", "text", "known_how"
                )
            )
            for case in Case.objects.all()
        )
        if Case.objects.count() == 2
        else ({"missing"}, set())
    )
    assert one == other


def test_a_question_without_an_answer_says_so_in_the_database(cast: Cast):
    sent = send(cast.teacher, answers={"saw": Told(SAW)}, parents_told=None)

    answers = dict(Statement.objects.filter(case=sent).values_list("question", "answer"))
    assert answers["told"] == answers["parents_told"] == "not_provided"
    assert answers["saw"] == "given"


def test_sending_empties_the_draft(cast: Cast):
    draft = draft_of(cast.teacher)

    reference = intake.send(actor=cast.teacher, draft=draft, concern=concern())

    draft.refresh_from_db()
    assert draft.answers == {}
    assert draft.reference == reference
    with pytest.raises(DomainError, match="can no longer be changed"):
        intake.save(actor=cast.teacher, draft=draft, page="concern", typed={"saw": "More."})


def test_an_agency_of_two_partnerships_cannot_tell_us_which_and_is_sent_to_the_phone(cast: Cast):
    cast.school.partnerships.add(cast.other_area)
    both = Team.objects.get(pk=cast.teacher.team_id).memberships.first()
    assert both is not None

    with pytest.raises(Refused, match="front door"):
        send(both.principal())


def _forbid_the_ledger(committed):
    databases.ask(
        databases.renamed(committed.admin, committed.name),
        "REVOKE EXECUTE ON FUNCTION audit.append(uuid, text, bytea) FROM portal_app",
    )


def test_nothing_is_stored_when_the_ledger_refuses(committed, cast: Cast):
    """The referral, its grants and notices go with the event; both doors answer 503."""
    draft = draft_of(cast.teacher)
    client = signed_in(cast.teacher)
    _forbid_the_ledger(committed)

    with pytest.raises(LedgerRefused):
        send(cast.teacher)
    page = send_by_button(client, draft)
    program = post_json(client, "/api/v1/referrals/", BODY | {"key": str(uuid4())})

    assert page.status_code == program.status_code == 503
    assert "999" in page.content.decode()
    for model in (Case, Referral, Statement, Grant, Notice):
        assert not model.objects.exists()
    draft.refresh_from_db()
    assert draft.sent_at is None
    assert draft.answers["concern"] == {"saw": SAW}
    assert connection.get_autocommit()


def test_no_grant_that_it_makes_asks_for_its_team_again(cast: Cast):
    with CaptureQueriesContext(connection) as asked:
        send(cast.teacher)

    assert Grant.objects.count() > 1
    again = [each["sql"] for each in asked if 'FROM "auth_group" WHERE' in each["sql"]]
    assert again == []
