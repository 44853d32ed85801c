"""Taking one answer out of sight: who may, what everybody reads in its place, what stays."""

import pytest

from portal.common.errors import DomainError, NotVisible, Refused
from referrals.models import Case, Statement
from referrals.reading import read
from referrals.services import remove
from referrals.vocabulary import Protect, State
from sharing.rules.vocabulary import Purpose
from tests.cast import TOLD, Cast, events


@pytest.fixture
def told(sent: Case) -> Statement:
    return Statement.objects.get(case=sent, question="told")


@pytest.mark.parametrize("who", ["teacher", "lead"])
def test_its_author_and_their_lead_remove_it_from_everybodys_sight(cast: Cast, sent, told, who):
    remove(actor=getattr(cast, who), statement=told, why=" corrected record ")

    for reader in (cast.teacher, cast.lead, cast.coordinator, cast.manager):
        items = read(reader, sent, Purpose.SCREEN).items
        item = next(item for item in items if item.key == "told")
        assert item.state is State.REMOVED
        assert item.value is None
        assert item.text.endswith(": corrected record")
        assert not any(TOLD in item.text for item in items)


def test_the_words_stay_in_the_database_and_the_ledger_says_who_and_when(cast: Cast, sent, told):
    remove(actor=cast.teacher, statement=told, why="corrected record")

    told.refresh_from_db()
    assert told.text == TOLD
    (event,) = events("statement.removed")
    assert event["cat"] == "erasure"
    assert event["obj"] == {"kind": "statement", "id": str(told.pk)}
    assert event["subj"] == [str(sent.child_id)]
    assert event["fields"] == ["IC4"]


@pytest.mark.parametrize("who", ["coordinator", "manager"])
def test_those_who_only_read_it_may_not(cast: Cast, told, who):
    with pytest.raises(Refused, match="Only the person who wrote this"):
        remove(actor=getattr(cast, who), statement=told, why="corrected record")


@pytest.mark.parametrize(
    "who", ["colleague", "outsider_lead", "panel_officer", "other_coordinator"]
)
def test_those_who_cannot_see_the_case_cannot_know_of_it(cast: Cast, told, who):
    with pytest.raises(NotVisible):
        remove(actor=getattr(cast, who), statement=told, why="corrected record")


@pytest.mark.parametrize("why", ["", "   ", "x" * 61])
def test_it_needs_a_short_reason(cast: Cast, told, why):
    with pytest.raises(DomainError, match="60 characters or less"):
        remove(actor=cast.teacher, statement=told, why=why)

    told.refresh_from_db()
    assert told.removed_at is None


def test_it_is_removed_once(cast: Cast, told):
    remove(actor=cast.teacher, statement=told, why="corrected record")

    with pytest.raises(DomainError, match="removed already"):
        remove(actor=cast.teacher, statement=told, why="again")


@pytest.mark.parametrize("who", ["lead", "coordinator"])
def test_a_concealed_answer_is_not_there_for_anybody_but_its_author(cast: Cast, told, who):
    Statement.objects.filter(pk=told.pk).update(protect=Protect.EXISTENCE)

    with pytest.raises(NotVisible):
        remove(actor=getattr(cast, who), statement=told, why="corrected record")
    assert remove(actor=cast.teacher, statement=told, why="corrected record").removed_at
