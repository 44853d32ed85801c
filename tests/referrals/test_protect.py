"""Protecting an answer: whole, in parts, or that it exists; by whom; and what others then read."""

import re

import pytest
from django.urls import reverse

from portal.common.errors import DomainError, NotVisible, Refused
from portal.notifications.models import Notice
from referrals.models import Case, Statement
from referrals.reading import read
from referrals.services import protect, remove
from referrals.vocabulary import Protect, State
from sharing.rules.vocabulary import Purpose
from tests.cast import TOLD, Cast, concern, events, send, signed_in

FRIEND = (2, 8)
"""Where "friend" stands in what others told."""


@pytest.fixture
def told(sent: Case) -> Statement:
    return Statement.objects.get(case=sent, question="told")


def item(reader, case):
    found = read(reader, case, Purpose.SCREEN).items
    return [each for each in found if each.key == "told"]


@pytest.mark.parametrize("who", ["teacher", "lead"])
@pytest.mark.parametrize("why", [p for p in Protect if p and p is not Protect.EXISTENCE])
def test_its_author_and_their_lead_withhold_all_of_it_for_a_reason(
    cast: Cast, sent, told, who, why
):
    protect(actor=getattr(cast, who), statement=told, protect=why)

    (seen,) = item(cast.coordinator, sent)
    assert (seen.state, seen.text) == (State.WITHHELD, f"Withheld: {why.label}")
    assert item(cast.teacher, sent)[0].text == TOLD
    (event,) = events("statement.protected")
    assert event["obj"] == {"kind": "statement", "id": str(told.pk)}
    assert event["fields"] == ["IC4"]


def test_parts_leave_the_rest_to_be_read(cast: Cast, sent, told):
    protect(actor=cast.teacher, statement=told, protect=Protect.SOURCE, spans=[FRIEND])

    (seen,) = item(cast.coordinator, sent)
    assert seen.text == TOLD.replace("friend", "[1 word withheld: identifies a source]")
    assert item(cast.teacher, sent)[0].text == TOLD


def test_the_author_takes_protection_away_again(cast: Cast, sent, told):
    protect(actor=cast.teacher, statement=told, protect=Protect.SOURCE)
    protect(actor=cast.teacher, statement=told, protect=Protect.NONE)

    assert item(cast.coordinator, sent)[0].text == TOLD


@pytest.mark.parametrize("wanted", [Protect.NONE, Protect.HEALTH, Protect.EXISTENCE])
def test_a_lead_neither_loosens_nor_changes_what_was_protected(cast: Cast, told, wanted):
    protect(actor=cast.teacher, statement=told, protect=Protect.SOURCE)

    with pytest.raises(Refused, match="Only the person who wrote this"):
        protect(actor=cast.lead, statement=told, protect=wanted)


def test_a_lead_does_not_conceal_what_another_wrote(cast: Cast, told):
    with pytest.raises(Refused, match="conceal"):
        protect(actor=cast.lead, statement=told, protect=Protect.EXISTENCE)


@pytest.mark.parametrize("who", ["coordinator", "manager"])
def test_those_who_only_read_it_may_not(cast: Cast, told, who):
    with pytest.raises(Refused, match="can protect it"):
        protect(actor=getattr(cast, who), statement=told, protect=Protect.SOURCE)


@pytest.mark.parametrize("who", ["colleague", "outsider_lead", "other_coordinator"])
def test_those_who_cannot_see_the_case_cannot_know_of_it(cast: Cast, told, who):
    with pytest.raises(NotVisible):
        protect(actor=getattr(cast, who), statement=told, protect=Protect.SOURCE)


@pytest.mark.parametrize("spans", [[(0, 0)], [(5, 2)], [(0, 4000)], [(-1, 3)]])
def test_parts_stand_in_the_text(cast: Cast, told, spans):
    with pytest.raises(DomainError, match="text as it stands"):
        protect(actor=cast.teacher, statement=told, protect=Protect.SOURCE, spans=spans)


@pytest.mark.parametrize("how", [Protect.NONE, Protect.EXISTENCE])
def test_parts_are_withheld_for_a_reason(cast: Cast, told, how):
    with pytest.raises(DomainError, match="for a reason"):
        protect(actor=cast.teacher, statement=told, protect=how, spans=[FRIEND])


def test_what_is_removed_is_not_protected(cast: Cast, told):
    remove(actor=cast.teacher, statement=told, why="corrected record")

    with pytest.raises(DomainError, match="removed already"):
        protect(actor=cast.teacher, statement=told, protect=Protect.SOURCE)


def test_to_press_twice_records_once(cast: Cast, told):
    for _ in range(2):
        protect(actor=cast.teacher, statement=told, protect=Protect.SOURCE, spans=[FRIEND])

    assert len(events("statement.protected")) == 1


# --- Concealing -------------------------------------------------------------------------------
def unanswered(cast: Cast) -> Case:
    """A case in which nobody answered what others told."""
    answers = {key: words for key, words in concern().answers.items() if key != "told"}
    return send(cast.teacher, answers=answers)


def as_read(client, case) -> tuple[str, object]:
    """The page and the API's answer, without what differs from one case to another."""
    page = client.get(reverse("referrals:case", args=[case.reference])).content.decode()
    api = client.get(reverse("api-case", args=[case.reference])).content.decode()
    varies = re.compile(
        re.escape(case.reference)
        + r'|nonce="[^"]*"|name="(?:csrfmiddlewaretoken|author)" value="[^"]*"|<time.*?</time>'
        + r'|/mark/|statements/[0-9a-f-]{36}|"[a-z_]*at":"[^"]*"'
    )
    return varies.sub("", page), varies.sub("", api)


@pytest.mark.parametrize("who", ["coordinator", "manager", "lead"])
def test_to_conceal_leaves_no_byte_that_differs_from_a_question_nobody_answered(
    cast: Cast, sent, told, who
):
    other = unanswered(cast)
    protect(actor=cast.teacher, statement=told, protect=Protect.EXISTENCE)
    client = signed_in(getattr(cast, who))

    assert as_read(client, sent) == as_read(client, other)
    assert [each.text for each in item(cast.teacher, sent)] == [TOLD]


def test_what_is_concealed_for_a_time_reads_as_before_when_it_is_revealed(cast: Cast, sent, told):
    client = signed_in(cast.coordinator)
    before = as_read(client, sent)
    for how in (Protect.EXISTENCE, Protect.NONE, Protect.EXISTENCE, Protect.NONE):
        protect(actor=cast.teacher, statement=told, protect=how)

    assert as_read(client, sent) == before
    assert Statement.objects.filter(case=sent, question="told").count() == 2


def test_the_cases_own_trail_does_not_tell_what_was_concealed(cast: Cast, sent, told):
    protect(actor=cast.teacher, statement=told, protect=Protect.EXISTENCE)
    protect(actor=cast.teacher, statement=told, protect=Protect.NONE)

    found = events("statement.protected")
    assert len(found) == 2
    assert not events("statement.protected", stream=f"case:{sent.pk}")
    assert not any(event["subj"] or event["fields"] for event in found)
    assert not Notice.objects.filter(cause__in=[event["id"] for event in found]).exists()


def test_nobody_else_may_touch_or_know_of_what_is_concealed(cast: Cast, sent, told):
    protect(actor=cast.teacher, statement=told, protect=Protect.EXISTENCE)

    for who in (cast.lead, cast.coordinator):
        with pytest.raises(NotVisible):
            protect(actor=who, statement=told, protect=Protect.NONE)
        page = reverse("disclosures:mark", args=[sent.reference, told.pk])
        assert signed_in(who).get(page).status_code == 404


# --- The page ---------------------------------------------------------------------------------
def test_the_page_turns_ticked_words_into_protected_parts(cast: Cast, sent, told):
    client = signed_in(cast.teacher)
    page = reverse("disclosures:mark", args=[sent.reference, told.pk])
    assert page in client.get(reverse("referrals:case", args=[sent.reference])).content.decode()

    shown = client.get(page, {"by": "words"}).content.decode()
    assert "2. friend" in shown
    assert " checked" not in shown
    typed = {"how_much": "parts", "parts": ["0", "1", "3"], "why": "source"}
    assert client.post(page + "?by=words", typed).status_code == 302

    told.refresh_from_db()
    assert told.protect_spans == [[0, 8], [14, 18]]
    assert item(cast.coordinator, sent)[0].text.startswith(
        "[2 words withheld: identifies a source] says [1 word withheld: identifies a source] she"
    )


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({}, "Select how much you want to protect"),
        ({"how_much": "all"}, "Select why it is protected"),
        ({"how_much": "parts", "why": "source"}, "Select at least one part"),
        ({"how_much": "parts", "parts": ["99"], "why": "source"}, "as it stands"),
        ({"how_much": "parts", "parts": ["0"], "why": "existence"}, "choose all of it"),
    ],
)
def test_the_page_says_what_is_missing(cast: Cast, sent, told, typed, says):
    page = reverse("disclosures:mark", args=[sent.reference, told.pk])

    answer = signed_in(cast.teacher).post(page, typed)

    assert answer.status_code == 422
    assert says in answer.content.decode()


def test_a_lead_is_not_shown_on_the_page_what_the_author_protects(cast: Cast, sent, told):
    protect(actor=cast.teacher, statement=told, protect=Protect.SOURCE)

    for name in ("mark", "correct", "remove"):
        page = reverse(f"disclosures:{name}", args=[sent.reference, told.pk])
        words = signed_in(cast.lead).get(page).content.decode()
        assert TOLD not in words
        assert "Withheld: identifies a source" in words


def test_the_removing_page_removes(cast: Cast, sent, told):
    page = reverse("disclosures:remove", args=[sent.reference, told.pk])
    client = signed_in(cast.teacher)

    assert client.get(page).status_code == 200
    assert client.post(page, {"why": ""}).status_code == 422
    assert client.post(page, {"why": "wrong child"}).status_code == 302
    assert item(cast.coordinator, sent)[0].state is State.REMOVED
    assert client.get(page).status_code == 409
