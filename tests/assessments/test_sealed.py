"""Until all is opened, nobody but the agency itself can tell what an agency answered."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from portal.audit.models import Event
from portal.common.errors import DomainError
from portal.notifications.models import Notice
from referrals.assessments import services
from referrals.assessments.models import Answer, Assessment, Brought, Invitation
from referrals.assessments.vocabulary import ABOUT
from referrals.models import Statement
from tests.architecture.asking import Asked, plain
from tests.assessments.conftest import WORDS, answer, answer_all, given
from tests.cast import Cast, events, signed_in

ZZ_WORDS = "Zzsecret of the police."
WORST = {
    "default": "confirmed",
    "H1": given("confirmed", ZZ_WORDS, how="child_said", when="over_12_months"),
    "M1": given("suspected", ZZ_WORDS, times="4"),
}
NOTHING = {"default": "not_known"}


def doors(assessment: Assessment) -> list[str]:
    """Every page on which another could look for it."""
    ref, pk = assessment.case.reference, assessment.pk
    places = [
        reverse("assessments:risk", args=[ref]),
        reverse("assessments:score", args=[ref, pk]),
        reverse("assessments:part", args=[ref, pk, "harm"]),
        reverse("assessments:compare", args=[ref, pk]),
        reverse("assessments:agree", args=[ref, pk]),
        reverse("referrals:case", args=[ref]),
        reverse("triage:workspace", args=[ref]),
        reverse("disclosures:chronology", args=[ref]),
        reverse("disclosures:sharing", args=[ref]),
        reverse("disclosures:why", args=[ref]),
        reverse("governance:trail", args=[ref]),
        reverse("api-case", args=[ref]),
    ]
    return [*places, reverse("home:home"), reverse("notifications:list"), reverse("triage:board")]


def looks(client: Client, assessment: Assessment) -> list[tuple[str, int, str]]:
    """What these pages answer, without what is new on each request, and the time of day."""
    found = []
    for door in doors(assessment):
        answered = client.get(door)
        asked = Asked(answered.status_code, answered.content, dict(answered.headers))
        status, body, _ = plain(asked)
        # The minute of the day may go by between two looks.
        found.append((door, status, re.sub(r"\d{1,2}(:\d\d)?(am|pm)|\d+\s?minutes?", "", body)))
    return found


def of_both_worlds(assessment: Assessment, who, look) -> tuple[Any, Any]:
    """What `look` finds when the police answered the worst, and when they answered nothing."""
    found = []
    for answers in (WORST, NOTHING):
        with transaction.atomic():
            answer(who, assessment, **answers)
            found.append(look())
            transaction.set_rollback(True)
    return found[0], found[1]


OTHERS = ("coordinator", "panel_nurse", "panel_chair", "teacher")


@pytest.mark.parametrize("other", OTHERS)
def test_no_page_of_another_differs_by_a_byte(cast: Cast, asked, other):
    client = signed_in(cast.everyone()[other])
    looks(client, asked)

    worst, nothing = of_both_worlds(asked, cast.panel_officer, lambda: looks(client, asked))

    for one, two in zip(worst, nothing, strict=True):
        assert one == two, one[0]
    assert ZZ_WORDS not in str(worst)


def test_the_agency_itself_sees_the_difference_so_the_test_above_can_fail(cast: Cast, asked):
    client = signed_in(cast.panel_officer)

    worst, nothing = of_both_worlds(asked, cast.panel_officer, lambda: looks(client, asked))

    assert worst != nothing
    assert ZZ_WORDS in str(worst)


def test_the_ledger_and_the_notices_hold_nothing_of_it(cast: Cast, asked):
    def left() -> object:
        bodies = [
            (event["act"], event["obj"] and event["obj"]["kind"], event["fields"], event["n"])
            for event in events()
        ]
        return sorted(map(str, bodies)), Notice.objects.count()

    worst, nothing = of_both_worlds(asked, cast.panel_officer, left)

    assert worst == nothing
    answer(cast.panel_officer, asked, **WORST)
    said = b"".join(bytes(event.body) for event in Event.objects.all())
    for word in (b"confirmed", b"suspected", b"Zzsecret", b"H1"):
        assert word not in said


def test_before_the_opening_there_is_no_answer_and_no_statement(cast: Cast, asked):
    answer(cast.panel_officer, asked, **WORST)

    assert not Answer.objects.exists()
    assert not Brought.objects.exists()
    assert not Statement.objects.filter(question__startswith="note_risk").exists()


def test_nobody_costs_the_server_more_for_a_worse_answer(cast: Cast, asked, tool):
    client = signed_in(cast.coordinator)
    page = reverse("assessments:risk", args=[asked.case.reference])
    client.get(page)

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(page)
        return len(queries)

    worst, nothing = of_both_worlds(asked, cast.panel_officer, count)

    assert worst == nothing


def refused(sql: str, *values: object) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


def test_the_database_holds_what_was_sent_and_no_answer_before_the_opening(cast: Cast, asked):
    answer(cast.panel_officer, asked, H1=given("confirmed"))
    sent = Invitation.objects.get(submitted_at__isnull=False)
    for change in (
        "sealed = '{}'",
        "sealed = jsonb_set(sealed, '{items,H1,answer}', '\"no\"')",
        "submitted_at = NULL",
        f"by_id = '{cast.panel_nurse.membership_id}'",
        f"agency_id = '{cast.council.pk}'",
    ):
        # What is changed is written here, and comes from nobody.
        refused(f"UPDATE assessments_invitation SET {change} WHERE id = %s", sent.pk)  # noqa: S608
    refused("DELETE FROM assessments_invitation")
    with pytest.raises(DatabaseError), transaction.atomic():
        Answer.objects.create(invitation=sent, item="H1", answer="no")


def test_what_was_opened_is_never_changed_or_taken_away(cast: Cast, opened):
    refused("UPDATE assessments_answer SET answer = 'no'")
    refused("DELETE FROM assessments_answer")
    refused("TRUNCATE assessments_answer CASCADE")
    refused("UPDATE assessments_brought SET strengths = '{}'")
    refused("UPDATE assessments_assessment SET look_at = 'Nothing.'")
    refused("UPDATE assessments_assessment SET tool_id = id")
    refused("DELETE FROM assessments_assessment")
    silent = Invitation.objects.first()
    refused("UPDATE assessments_invitation SET sealed = '{\"a\": 1}' WHERE id = %s", silent.pk)


def test_an_answer_in_another_window_does_not_overwrite(cast: Cast, asked):
    who, place = cast.panel_officer, {"reference": asked.case.reference, "pk": asked.pk}
    client = signed_in(who)
    page = reverse("assessments:part", args=[asked.case.reference, asked.pk, "harm"])
    first = client.get(page).context["version"]
    services.save_page(actor=who, **place, page="harm", typed={"H1": given("confirmed")}, seen=None)

    answered = client.post(page, {"H1_answer": "no", "version": first})

    assert answered.status_code == 409
    assert WORDS in answered.content.decode()
    found = Invitation.objects.get(agency=who.agency_id)
    assert found.sealed["items"]["H1"]["answer"] == "confirmed"


def test_what_is_typed_is_saved_though_it_is_not_whole(cast: Cast, asked):
    client = signed_in(cast.panel_officer)
    page = reverse("assessments:part", args=[asked.case.reference, asked.pk, "harm"])

    answered = client.post(page, {"H1_answer": "suspected", "H1_words": "A note <b>x</b>."})

    assert answered.status_code == 422
    body = answered.content.decode()
    assert "Say how you know, or choose Not known" in body
    assert "A note &lt;b&gt;x&lt;/b&gt;." in body
    again = client.get(page).content.decode()
    assert "A note &lt;b&gt;x&lt;/b&gt;." in again
    assert again.count(" checked") == 1


def test_nothing_is_chosen_for_anybody(cast: Cast, asked):
    client = signed_in(cast.panel_officer)
    for page in ("harm", "missing", ABOUT):
        body = client.get(
            reverse("assessments:part", args=[asked.case.reference, asked.pk, page])
        ).content.decode()
        assert " checked" not in body
    page = client.get(reverse("assessments:score", args=[asked.case.reference, asked.pk]))
    assert "32 answers still missing" in page.content.decode()


def test_the_time_that_is_over_does_not_open_by_itself(cast: Cast, asked, monkeypatch):
    answer(cast.panel_officer, asked, **WORST)
    later = asked.due_at + timedelta(days=2)
    monkeypatch.setattr(timezone, "now", lambda: later)
    services.sweep()
    with pytest.raises(DomainError, match="sealed"):
        services.compare(actor=cast.coordinator, reference=asked.case.reference, pk=asked.pk)
    answer_all(cast.panel_nurse, asked)
    services.submit(actor=cast.panel_nurse, reference=asked.case.reference, pk=asked.pk)
