"""Changing an answer and a conflict of interest at once: who waited is asked again."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from portal.common.errors import DomainError, NotVisible
from referrals.models import Case, Statement
from referrals.services import correct, protect, remove
from referrals.vocabulary import Answer, Conflict, KnownHow, Protect
from sharing.disclosures.services import walls
from tests.cast import Cast, events

CHANGES: dict[str, Callable] = {
    "remove": lambda actor, statement: remove(actor=actor, statement=statement, why="wrong"),
    "protect": lambda actor, statement: protect(
        actor=actor, statement=statement, protect=Protect.SOURCE
    ),
    "correct": lambda actor, statement: correct(
        actor=actor, statement=statement, text="Once.", known_how=KnownHow.TOLD, why="wrong"
    ),
}


@pytest.fixture
def told(sent: Case) -> Statement:
    return Statement.objects.get(case=sent, question="told")


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
        return bool(cursor.fetchone()[0])


def in_a_connection_of_its_own(act: Callable[[], object]) -> object:
    try:
        return act()
    finally:
        connection.close()


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_who_recorded_a_conflict_while_they_waited_changes_nothing(
    committed, cast: Cast, sent, told, change
):
    before = Statement.objects.filter(case=sent).count()
    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            Case.objects.select_for_update().get(pk=sent.pk)
            act = threads.submit(in_a_connection_of_its_own, lambda: change(cast.teacher, told))
            deadline = time.monotonic() + 30
            while not somebody_waits() and not act.done() and time.monotonic() < deadline:
                time.sleep(0.01)
            walls.declare(actor=cast.teacher, reference=sent.reference, why=Conflict.RELATIVE)
        with pytest.raises(NotVisible):
            act.result(timeout=30)

    told.refresh_from_db()
    assert (told.removed_at, told.protect) == (None, "")
    assert Statement.objects.filter(case=sent).count() == before
    assert not events("statement.removed", "statement.protected", "statement.corrected")


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_the_line_of_a_question_that_nobody_answered_is_not_changed(cast: Cast, sent, change):
    line = Statement.objects.get(case=sent, question="school", answer=Answer.NOT_PROVIDED)

    with pytest.raises(DomainError, match="no words"):
        change(cast.lead, line)
