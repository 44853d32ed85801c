"""Working notes: written by who looks after the case, read by rule, and never changed."""

from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from portal.accounts.models import Agency
from portal.common.errors import DomainError, NotVisible, Refused
from portal.notifications.models import Notice
from referrals import policies
from referrals import services as casework
from referrals.models import Case, Grant, Statement, Wall
from referrals.reading import read
from referrals.services import look_before_noting, note
from referrals.vocabulary import Conflict, KnownHow, Outcome, Protect, State
from sharing.rules.vocabulary import Category
from tests.cast import Cast, carried, events, membership, signed_in
from tests.referrals.test_decide import decide

WORDS = "Rang the school at ten: she was there, and well."


def write(who, case: Case, text: str = WORDS, known_how=KnownHow.TOLD, **more) -> Statement:
    return note(actor=who, case=case, text=text, known_how=known_how, key=more.get("key", uuid4()))


def noted(who, case: Case) -> list:
    """The notes as this person reads them."""
    found = read(who, case, policies.purpose_of(who))
    return [item for item in found.items if item.question in ("note", "note_child_said")]


def test_a_note_is_a_statement_of_the_front_doors_own_agency(cast: Cast, sent: Case):
    made = write(cast.coordinator, sent)

    assert (made.agency_id, made.category, made.referral_id) == (
        cast.council.pk,
        Category.IC7,
        None,
    )
    assert [item.text for item in noted(cast.coordinator, sent)] == [WORDS]
    assert [item.text for item in noted(cast.manager, sent)] == [WORDS]
    (event,) = events("note.written")
    assert event["fields"] == ["IC7"]
    assert event["subj"] == [str(sent.child_id)]


def test_the_childs_own_words_are_kept_as_such(cast: Cast, sent: Case):
    made = write(cast.coordinator, sent, known_how=KnownHow.CHILD_SAID)

    assert (made.question, made.category) == ("note_child_said", Category.IC10)


def test_who_reads_a_note_is_said_before_it_is_kept_and_is_true(cast: Cast, sent: Case):
    """Of each team of the case the page says that it reads the note where its reading does."""
    decide(cast.coordinator, sent, outcome=Outcome.PANEL)
    for share in Grant.objects.live().filter(group_id=cast.panel_nurse.team_id):
        casework.end_grants(cast.coordinator, sent, [share], "It is over.")
        if share.holder_id == sent.referrals.get().agency_id:
            share.pk, share.ended_at, share.ended_why = uuid4(), None, ""
            share.save(force_insert=True)
    said = set(look_before_noting(actor=cast.coordinator, reference=sent.reference).readers)
    write(cast.coordinator, sent)
    write(cast.coordinator, sent, known_how=KnownHow.CHILD_SAID)

    opened = {team.pk for team in policies.opened_teams(sent)}
    for who in cast.everyone().values():
        if who.team_id in opened:
            shown = noted(who, sent)[-1].state is State.SHOWN
            assert (who.working_as in said) == shown, who.working_as
    assert {cast.panel_officer.working_as, cast.manager.working_as} <= said
    assert not {cast.panel_nurse.working_as, cast.lead.working_as} & said


def test_of_notes_that_are_not_shared_nobody_learns_how_many_there_are(cast: Cast, sent: Case):
    write(cast.coordinator, sent)
    one = [item.text for item in noted(cast.teacher, sent)]
    assert one == ["Not shared with School or college"]

    write(cast.coordinator, sent, "Another.")

    assert (
        one
        == [item.text for item in noted(cast.teacher, sent)]
        == ["Not shared with School or college"]
    )
    assert len(noted(cast.manager, sent)) == 2


def test_only_who_oversees_the_case_writes_on_it(cast: Cast, sent: Case):
    for who in (cast.teacher, cast.lead):
        with pytest.raises(Refused):
            write(who, sent)
    for who in (cast.colleague, cast.outsider_lead, cast.other_coordinator):
        with pytest.raises(NotVisible):
            write(who, sent)
    Wall.objects.create(
        case=sent,
        user_id=cast.coordinator.user_id,
        why=Conflict.RELATIVE,
        raised_by_id=cast.manager.membership_id,
    )
    with pytest.raises(NotVisible):
        write(cast.coordinator, sent)
    assert not Statement.objects.filter(question__startswith="note").exists()


def test_a_note_never_changes_and_its_author_corrects_it_as_any_answer(cast: Cast, sent: Case):
    made = write(cast.coordinator, sent)
    with pytest.raises(DatabaseError), transaction.atomic():
        Statement.objects.filter(pk=made.pk).update(text="Something else.")
    with pytest.raises(Refused):
        casework.remove(actor=cast.manager, statement=made, why="wrong")

    casework.correct(
        actor=cast.coordinator,
        statement=made,
        text="Rang the school at eleven.",
        known_how=KnownHow.TOLD,
        why="wrong time",
    )
    casework.protect(
        actor=cast.coordinator,
        statement=Statement.objects.get(corrects=made),
        protect=Protect.SOURCE,
    )

    texts = [item.text for item in noted(cast.manager, sent)]
    assert "Withheld: identifies a source" in texts
    assert any("wrong time" in text for text in texts)


def test_a_note_of_which_the_trail_tells_is_not_concealed(cast: Cast, sent: Case):
    made = write(cast.coordinator, sent)

    page = signed_in(cast.coordinator).get(
        reverse("disclosures:mark", args=[sent.reference, made.pk])
    )

    assert 'value="source"' in page.text
    assert 'value="existence"' not in page.text
    with pytest.raises(DomainError, match="cannot be concealed"):
        casework.protect(actor=cast.coordinator, statement=made, protect=Protect.EXISTENCE)
    assert Statement.objects.filter(question="note").count() == 1


def test_the_database_takes_no_note_without_words(cast: Cast, sent: Case):
    made = write(cast.coordinator, sent)
    made.pk, made.answer, made.text = uuid4(), "not_provided", ""
    with pytest.raises(DatabaseError, match="statement_note_is_given"), transaction.atomic():
        made.save(force_insert=True)


def test_whoever_coordinates_the_case_is_told_of_anothers_note(cast: Cast, sent: Case):
    Case.objects.filter(pk=sent.pk).update(coordinator=cast.coordinator.membership_id)
    before = Notice.objects.count()

    write(cast.coordinator, sent)
    assert Notice.objects.count() == before
    write(cast.manager, sent)

    told = Notice.objects.order_by("-created_at")[: Notice.objects.count() - before]
    assert [each.recipient_id for each in told] == [cast.coordinator.membership_id]


def test_pressing_twice_writes_once_and_other_words_are_not_lost_in_silence(cast: Cast, sent: Case):
    key = uuid4()

    assert write(cast.coordinator, sent, key=key) == write(cast.coordinator, sent, key=key)
    with pytest.raises(DomainError, match="written before"):
        write(cast.coordinator, sent, "Other words.", key=key)
    with pytest.raises(DomainError, match="written before"):
        write(cast.manager, sent, key=key)
    with pytest.raises(DomainError, match="4,000"):
        write(cast.coordinator, sent, " ")
    with pytest.raises(DomainError, match="how you know"):
        write(cast.coordinator, sent, known_how=KnownHow.RECORD)
    assert len(events("note.written")) == 1


def test_the_page_shows_the_readers_before_the_note_is_kept(cast: Cast, sent: Case):
    client = signed_in(cast.coordinator)
    address = reverse("referrals:note", args=[sent.reference])
    typed = {**carried(client, address), "text": WORDS, "known_how": "told"}

    check = client.post(address, typed)

    assert "Who will be able to read it" in check.text
    assert cast.manager.working_as in check.text
    assert not Statement.objects.filter(question="note").exists()
    again = client.post(address, {**typed, "change": "change"})
    assert WORDS in again.text
    assert not Statement.objects.filter(question="note").exists()
    kept = client.post(address, {**typed, "keep": "keep"}, follow=True)
    assert WORDS in kept.text
    empty = client.post(address, {"text": "", "keep": "keep"})
    assert empty.status_code == 422


def test_the_database_takes_nothing_else_that_was_neither_sent_nor_asked(cast: Cast, sent: Case):
    author = membership(cast.coordinator)
    with pytest.raises(DatabaseError, match="statement_was_sent_answers_or_notes"):
        Statement.objects.create(
            case=sent,
            question="told",
            category=Category.IC4,
            answer="given",
            text="x",
            known_how="told",
            agency=Agency.objects.get(pk=cast.council.pk),
            author=author,
            stated_at=sent.received_at,
        )
