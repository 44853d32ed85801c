"""One reading behind every door: the page, the program's answer, the spreadsheet and the PDF say
the same words in the same order, to each person the ones that are theirs."""

import csv
import json
from datetime import timedelta
from io import StringIO

import pytest
from django.urls import reverse
from django.utils import timezone

from portal.accounts import services as accounts
from portal.common.errors import DomainError, NotVisible, Refused
from portal.documents import services as documents
from portal.documents.models import Document
from portal.documents.vocabulary import Failure, Status
from referrals import services as casework
from referrals.models import Case, EmergencyAccess, Grant, Referral, Statement, Wall
from referrals.reading import STANDING_LINE, read
from referrals.reading.files import HEAD, as_text
from referrals.services import copies
from referrals.triage import services as triage
from referrals.vocabulary import (
    Answer,
    Conflict,
    Emergency,
    KnownHow,
    Outcome,
    Protect,
    State,
)
from sharing.rules.vocabulary import Category, Purpose
from tests.cast import Cast, events, membership, shown_on, signed_in
from tests.pdf import text_of

CONCEALED = "zzconcealedzz"
REMOVED = "zzremovedzz"
PROTECTED = "zzprotectedzz"
SPAN = "zzspanzz"


def add(case: Case, author, text: str = "", question: str = "told", **changes) -> Statement:
    person = membership(author)
    given = {
        "category": Category.IC4,
        "answer": Answer.GIVEN if text else Answer.NOT_KNOWN,
        "known_how": KnownHow.TOLD,
        "stated_at": timezone.now(),
    }
    return Statement.objects.create(
        case=case,
        referral=Referral.objects.filter(case=case).first(),
        question=question,
        text=text,
        agency=person.team.agency,
        author=person,
        **{**given, **changes},
    )


@pytest.fixture
def case(cast: Cast, sent: Case) -> Case:
    """A case in which each of the seven outcomes happens to somebody, before the panel."""
    teacher = cast.teacher
    add(sent, teacher)
    add(sent, teacher, "", answer=Answer.NOT_PROVIDED)
    add(sent, teacher, "Two lines.\nThe second, with “marks” & <signs>.")
    add(sent, teacher, f"All of this is {PROTECTED}.", protect=Protect.POLICE)
    words = f"Seen by {SPAN} at noon."
    at = words.index(SPAN)
    span = [[at, at + len(SPAN)]]
    add(sent, teacher, words, protect=Protect.SOURCE, protect_spans=span)
    add(
        sent,
        teacher,
        f"This was {REMOVED}.",
        removed_at=timezone.now(),
        removed_why="corrected record",
    )
    add(sent, teacher, f"Nobody may know of {CONCEALED}.", protect=Protect.EXISTENCE)
    triage.acknowledge(actor=cast.coordinator, case=sent, words="I am reading it.")
    triage.decide(
        actor=cast.coordinator,
        case=sent,
        outcome=Outcome.PANEL,
        reason="Three signs in one week.",
        told_referrer="The panel will consider it.",
    )
    sent.refresh_from_db()
    return sent


READERS = (
    "teacher",
    "lead",
    "coordinator",
    "second_coordinator",
    "manager",
    "panel_officer",
    "panel_nurse",
    "panel_chair",
)
STRANGERS = ("colleague", "outsider_lead", "charity_worker", "auditor", "other_coordinator")


def page(client, case: Case) -> bytes:
    return client.get(reverse("referrals:case", args=[case.reference])).content


def program(client, case: Case) -> bytes:
    return client.get(reverse("api-case", args=[case.reference])).content


def spreadsheet(client, case: Case) -> bytes:
    return client.post(reverse("referrals:csv", args=[case.reference])).content


def printed(client, case: Case) -> bytes:
    address = client.post(reverse("referrals:pdf", args=[case.reference])).url
    casework.sweep()
    return client.post(f"{address}download/").content


def rows_of(content: bytes) -> list[dict[str, str]]:
    rows = csv.DictReader(StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
    return [row for row in rows if row["Section"] != "Note"]


def squeezed(words: str) -> str:
    return "".join(words.split())


def in_order(items: list[tuple[str, str]], text: str) -> bool:
    """Whether each question stands in the text, directly before its answer, in this order."""
    at = 0
    for label, words in items:
        at = text.find(squeezed(label) + squeezed(words), at)
        if at < 0:
            return False
        at += 1
    return True


@pytest.mark.parametrize("name", READERS)
def test_each_door_says_the_same_words_in_the_same_order(cast: Cast, case, name):
    who = cast.everyone()[name]
    client = signed_in(who)
    found = read(who, case, Purpose.PANEL if "panel" in name else Purpose.SCREEN)
    expected = [(item.label, item.text) for item in found.items]

    shown = shown_on(page(client, case))
    told = json.loads(program(client, case))
    rows = rows_of(spreadsheet(client, case))
    print_out = text_of(printed(client, case))

    assert shown == expected
    items = [item for section in told["sections"] for item in section["items"]]
    assert [(item["label"], item["text"]) for item in items] == expected
    assert [(row["Question"], row["Answer"]) for row in rows] == expected
    # On paper what is only a label and a state stands last, in one line for each state.
    rows_on_paper = [item for section in found.sections for item in section.printed]
    assert in_order([(item.label, item.text) for item in rows_on_paper], print_out)
    for state, labels in found.without_words:
        assert squeezed(f"{state}: {'; '.join(labels)}.") in print_out
    in_lines = [label for _, labels in found.without_words for label in labels]
    assert sorted([item.label for item in rows_on_paper] + in_lines) == sorted(
        label for label, _ in expected
    )
    # What the words are about travels with them.
    assert [(row["How it is known"], row["Said by"], row["Held by"]) for row in rows] == [
        (item["source"], item["by"], item["owner"]) for item in items
    ]
    for item in found.items:
        if item.state in {State.SHOWN, State.PARTLY_WITHHELD}:
            known = squeezed(f"{item.text}{item.source} · {item.by}")
            assert known in print_out


@pytest.mark.parametrize("name", READERS)
def test_every_file_counts_what_it_withholds_and_holds_none_of_it(cast: Cast, case, name):
    who = cast.everyone()[name]
    client = signed_in(who)
    found = read(who, case, Purpose.PANEL if "panel" in name else Purpose.SCREEN)

    print_out = printed(client, case)
    words, sheet = text_of(print_out), spreadsheet(client, case)
    doors = [page(client, case), program(client, case), sheet, words.encode()]

    wrote = name == "teacher"
    for content in doors:
        assert (CONCEALED.encode() in content) == wrote
        assert REMOVED.encode() not in content
        assert (PROTECTED.encode() in content) == wrote
        assert (SPAN.encode() in content) == wrote
    assert CONCEALED.encode() not in print_out  # nor in what a file says about itself
    rows = csv.reader(StringIO(sheet.decode("utf-8-sig"), newline=""))
    notes = [row[2] for row in rows if row[0] == "Note"]
    assert notes == [note for note in (found.withheld_words, STANDING_LINE) if note]
    assert squeezed(STANDING_LINE) in words
    assert squeezed(found.withheld_on_paper) in words


def test_all_seven_outcomes_happen_here_so_the_tests_above_can_fail(cast: Cast, case):
    found = {
        item.state
        for name in READERS
        for purpose in (Purpose.PANEL if "panel" in name else Purpose.SCREEN,)
        for item in read(cast.everyone()[name], case, purpose).items
    }

    assert found == set(State)


# --- The spreadsheet ----------------------------------------------------------------------------


# As on a keyboard; full width; small; and the minus of mathematics.
SIGNS = tuple("=+-@\uff1d\uff0b\uff0d\uff20\ufe62\ufe63\ufe66\ufe6b\u2212")
BEFORE = ("", " ", "\t", "\r", "\n", "\u200b", "\ufeff", "\u00a0", "\u2060", " \u200e", "\x00")


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("before", BEFORE)
def test_no_cell_is_a_formula(sign, before):
    assert as_text(f"{before}{sign}1+1").startswith("'")


@pytest.mark.parametrize("cell", ["", "plain", "1 = 1", " two", "(x)", "“=”", "a@example.org"])
def test_an_ordinary_cell_is_left_as_it_is(cell):
    assert as_text(cell) == cell


@pytest.mark.parametrize("sign", ["\t", "\r", "\x00", "\u200b"])
def test_what_begins_unseen_is_text(sign):
    assert as_text(f"{sign}words") == f"'{sign}words"


def test_a_formula_that_somebody_wrote_comes_out_as_words(cast: Cast, case):
    formula = '=HYPERLINK("https://example.org","press")'
    add(case, cast.teacher, formula)

    rows = rows_of(spreadsheet(signed_in(cast.teacher), case))

    assert f"'{formula}" in [row["Answer"] for row in rows]
    assert not [cell for row in rows for cell in row.values() if cell[:1] in SIGNS]


def test_the_files_are_taken_away_under_a_neutral_name(cast: Cast, case):
    client = signed_in(cast.coordinator)

    taken = client.post(reverse("referrals:csv", args=[case.reference.lower()]))
    address = client.post(reverse("referrals:pdf", args=[case.reference])).url
    casework.sweep()
    fetched = client.post(f"{address}download/")

    assert taken["Content-Type"] == "text/csv; charset=utf-8"
    assert taken["Content-Disposition"] == f'attachment; filename="{case.reference}.csv"'
    assert fetched["Content-Type"] == "application/pdf"
    assert fetched["Content-Disposition"] == f'attachment; filename="{case.reference}.pdf"'
    for answer in (taken, fetched):
        assert "no-store" in answer["Cache-Control"]
    header = taken.content.decode("utf-8-sig").splitlines()[0]
    assert header == ",".join(f'"{name}"' for name in HEAD)


# --- On the record ------------------------------------------------------------------------------


def test_each_file_that_leaves_is_one_disclosure_to_whoever_takes_it(cast: Cast, case):
    client = signed_in(cast.panel_officer)
    found = read(cast.panel_officer, case, Purpose.PANEL)
    before = len(events())

    spreadsheet(client, case)
    printed(client, case)

    acts = [body["act"] for body in events()[before:] if body["act"] != "auth.signed_in"]
    assert acts == ["case.exported", "copy.asked", "copy.made", "case.exported"]
    for body in events("case.exported"):
        assert body["cat"] == "disclosure"
        assert body["rcpt"] == {"kind": "user", "id": str(cast.panel_officer.user_id)}
        assert body["subj"] == [str(case.child_id)]
        assert (body["purp"], body["withheld"]) == (Purpose.PANEL, found.withheld)
        assert "rule:" in body["why"]
        assert "IC4" in body["fields"]


@pytest.mark.parametrize("name", STRANGERS)
@pytest.mark.parametrize("door", ["referrals:csv", "referrals:pdf"])
def test_what_is_hidden_is_taken_out_by_nobody(cast: Cast, case, name, door):
    client = signed_in(cast.everyone()[name])

    assert client.post(reverse(door, args=[case.reference])).status_code == 404
    assert not Document.objects.exists()
    assert not events("case.exported", "copy.asked")


@pytest.mark.parametrize("door", ["referrals:csv", "referrals:pdf"])
def test_to_follow_a_link_takes_nothing_out(cast: Cast, case, door):
    client = signed_in(cast.coordinator)

    assert client.get(reverse(door, args=[case.reference])).status_code == 405
    assert not events("case.exported", "copy.asked")


# --- The PDF, under the rights of now -----------------------------------------------------------


def asked(who, case: Case) -> Document:
    return Document.objects.get(pk=casework.request_copy(actor=who, reference=case.reference))


def end_all(cast: Cast, case: Case, team_id: int) -> None:
    for grant in Grant.objects.live().filter(content_object=case, group_id=team_id):
        casework.end_grants(cast.coordinator, grant.content_object, [grant], "It is over.")


def wall(cast: Cast, case: Case, who) -> None:
    Wall.objects.create(
        case=case,
        user_id=who.user_id,
        why=Conflict.NAMED,
        raised_by=membership(cast.manager),
    )


def leave(_cast, _case, who) -> None:
    accounts.end_membership(membership=membership(who))


REVOKED = {
    "the share is stopped": lambda cast, case, who: end_all(cast, case, who.team_id),
    "a conflict of interest is recorded": wall,
    "the person leaves": leave,
}


@pytest.mark.parametrize("how", REVOKED)
def test_a_right_that_ends_before_the_worker_runs_means_no_file(cast: Cast, case, how):
    document = asked(cast.panel_officer, case)
    REVOKED[how](cast, case, cast.panel_officer)

    casework.sweep()

    document.refresh_from_db()
    assert (document.status, document.failure) == (Status.FAILED, Failure.NOT_ALLOWED)
    assert document.content is None
    refused = events("copy.failed")
    assert [(body["out"], body["why"]) for body in refused] == [("failed", "no_right")]


@pytest.mark.parametrize("how", REVOKED)
def test_a_right_that_ends_before_the_download_means_no_file(cast: Cast, case, how):
    who = cast.panel_officer
    document = asked(who, case)
    casework.sweep()
    client = signed_in(who)
    REVOKED[how](cast, case, who)

    answer = client.post(reverse("referrals:download", args=[document.pk]))

    assert answer.status_code in {403, 404}
    assert not events("case.exported")


def test_a_pdf_that_holds_more_than_its_owner_may_see_now_is_not_handed_over(cast: Cast, case):
    who = cast.panel_officer
    document = asked(who, case)
    casework.sweep()
    live = Grant.objects.live().filter(content_object=case, group_id=who.team_id)
    assert live.count() > 1
    casework.end_grants(cast.coordinator, live[0].content_object, [live[0]], "Less will do.")

    with pytest.raises(DomainError, match="has changed since"):
        casework.download_copy(actor=who, pk=document.pk)
    assert not events("case.exported")


def test_a_pdf_shows_what_may_be_seen_when_it_is_made_not_when_it_was_asked_for(cast: Cast, case):
    document = asked(cast.coordinator, case)
    row = add(case, cast.teacher, "zzlaterzz")

    casework.sweep()

    content, _ = casework.download_copy(actor=cast.coordinator, pk=document.pk)
    assert row.text in text_of(content)


@pytest.mark.parametrize("name", ["second_coordinator", "manager", "teacher", "chair"])
@pytest.mark.parametrize("door", ["referrals:copy", "referrals:download"])
def test_what_one_person_asked_for_is_not_anothers(cast: Cast, case, name, door):
    document = asked(cast.coordinator, case)
    casework.sweep()
    address = reverse(door, args=[document.pk])
    client = signed_in(cast.everyone()[name])

    answer = client.get(address) if door == "referrals:copy" else client.post(address)

    assert answer.status_code == 404


def test_an_audit_trails_document_is_no_copy(cast: Cast, case):
    client = signed_in(cast.coordinator)
    client.post(reverse("governance:trail", args=[case.reference]), {"audience": "casework"})
    trail = Document.objects.get()

    assert client.get(reverse("referrals:copy", args=[trail.pk])).status_code == 404
    assert client.post(reverse("referrals:download", args=[trail.pk])).status_code == 404


def test_after_a_day_it_is_gone(cast: Cast, case):
    document = asked(cast.coordinator, case)
    casework.sweep()
    lived = document.expires_at - document.asked_at
    assert timedelta(hours=23, minutes=59) < lived <= copies.KEPT_FOR
    Document.objects.filter(pk=document.pk).update(
        asked_at=timezone.now() - timedelta(hours=25), expires_at=timezone.now()
    )

    with pytest.raises(NotVisible):
        casework.download_copy(actor=cast.coordinator, pk=document.pk)


def test_emergency_access_takes_no_copy(cast: Cast, case):
    who = cast.charity_worker
    now = timezone.now()
    EmergencyAccess.objects.create(
        case=case,
        membership=membership(who),
        why=Emergency.LIFE,
        next_step="I ring the parents and go to the house.",
        from_at=now,
        until_at=now + timedelta(minutes=60),
        review_due_at=now + timedelta(days=2),
    )
    client = signed_in(who)

    shown = page(client, case)

    assert b"Take a copy" not in shown
    for door in ("referrals:csv", "referrals:pdf"):
        assert client.post(reverse(door, args=[case.reference])).status_code == 403
    with pytest.raises(Refused):
        casework.export_csv(actor=who, reference=case.reference)
    assert not events("case.exported", "copy.asked")


def test_the_page_says_how_far_it_has_got(cast: Cast, case):
    client = signed_in(cast.coordinator)
    address = client.post(reverse("referrals:pdf", args=[case.reference])).url
    assert b"We are making your PDF" in client.get(address).content
    early = client.post(f"{address}download/")

    casework.sweep()

    assert early.status_code == 409
    assert b"Download the PDF" in client.get(address).content
    Document.objects.update(
        status=Status.FAILED,
        failure=Failure.TOO_SLOW,
        content=None,
    )
    assert Failure.TOO_SLOW.label.encode() in client.get(address).content


def test_what_cannot_be_rendered_is_said(cast: Cast, case, monkeypatch):
    monkeypatch.setattr(documents, "ROWS", 2)
    document = asked(cast.coordinator, case)

    casework.sweep()

    document.refresh_from_db()
    assert document.failure == Failure.TOO_LARGE
    assert [body["why"] for body in events("copy.failed")] == ["too_large"]
