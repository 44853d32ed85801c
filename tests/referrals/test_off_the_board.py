"""No path leaves the board without decision, reason, owner and next date: all are walked."""

from itertools import product

import pytest
from django.db import DatabaseError, connection, transaction

from portal.common.errors import DomainError, Refused
from referrals.models import Case, Decision, Proposal
from referrals.triage import services
from referrals.triage.services import MOVES, Then
from referrals.vocabulary import CHOSEN_OUTCOMES, Outcome
from referrals.workflow import LEAVES_BOARD, ON_BOARD, TRANSITIONS, Action, Status
from tests.cast import Cast, send
from tests.closing import again, closed, ending

OFF = [status for status in Status if status not in ON_BOARD]


def test_only_a_decision_leads_off_the_board():
    leaving = {
        action
        for action, step in TRANSITIONS.items()
        if step.target not in ON_BOARD and step.sources.intersection(ON_BOARD)
    }

    assert leaving == LEAVES_BOARD
    assert not LEAVES_BOARD.intersection(MOVES)


def brought_to(cast: Cast, status: Status) -> Case:
    """A case in this status of the board, by the real services."""
    case = send(cast.teacher)
    if status is Status.CHECKING:
        services.acknowledge(actor=cast.coordinator, case=case)
    elif status is Status.RETURNED:
        services.move(actor=cast.coordinator, case=case, action=Action.RETURN, reason="No name.")
    elif status is Status.WITHDRAWN:
        services.move(actor=cast.teacher, case=case, action=Action.WITHDRAW, reason="Mistake.")
    case.refresh_from_db()
    assert case.status == status
    return case


def decided(cast: Cast, case: Case, outcome: Outcome) -> None:
    """Decide so, and have whoever is asked say yes. Nothing where the table has no such step."""
    then = (
        Then(to_words="Somebody who said yes") if outcome in {"open_case", "transfer"} else Then()
    )
    made = services.decide(
        actor=cast.manager,
        case=case,
        outcome=outcome,
        reason="Why.",
        told_referrer="What.",
        then=then,
        withdrawn=case.status == Status.WITHDRAWN,
    )
    if isinstance(made, Proposal):
        assert Case.objects.get(pk=case.pk).status in ON_BOARD
        services.answer(actor=cast.coordinator, pk=made.pk, accepts=True, words="By phone.")


ENDS = {
    Action.CLOSE: lambda cast, case: services.close(actor=cast.manager, case=case, ending=ending()),
    Action.REOPEN: lambda cast, case: services.reopen(
        actor=cast.manager,
        case=case,
        again=again(case, owner=cast.manager.membership_id),
    ),
}


def test_a_case_leaves_closed_by_reopening_only_and_has_all_four_again(cast: Cast):
    """Every verb and every outcome, from closed."""
    case = closed(cast)
    ways = set()
    for step in [*MOVES, *ENDS, *CHOSEN_OUTCOMES]:
        point = transaction.savepoint()
        try:
            if isinstance(step, Outcome):
                decided(cast, case, step)
            elif step in ENDS:
                ENDS[step](cast, case)
            else:
                services.move(actor=cast.manager, case=case, action=step, reason="Why.")
        except (DomainError, Refused):
            pass
        found = Case.objects.get(pk=case.pk)
        if found.status != Status.CLOSED:
            decision = Decision.objects.get(case=case, superseded_at__isnull=True)
            assert decision.reason
            assert decision.owner_id
            assert decision.next_on
            ways.add(step)
        transaction.savepoint_rollback(point)

    assert ways == {Action.REOPEN}


def test_every_path_walked_keeps_the_case_on_the_board_or_gives_it_all_four(cast: Cast):
    """Every verb and every outcome, from every status of the board. `tests.matching` joins."""
    left = set()
    for status, step in product(ON_BOARD, [*MOVES, *ENDS, *CHOSEN_OUTCOMES]):
        point = transaction.savepoint()
        case = brought_to(cast, status)
        try:
            if isinstance(step, Outcome):
                decided(cast, case, step)
            elif step in ENDS:
                ENDS[step](cast, case)
            else:
                who = cast.teacher if step is Action.WITHDRAW else cast.manager
                services.move(actor=who, case=case, action=step, reason="Why.")
        except (DomainError, Refused):
            pass
        case = Case.objects.get(pk=case.pk)
        if case.status not in ON_BOARD:
            decision = Decision.objects.get(case=case, superseded_at__isnull=True)
            assert decision.reason, (status, step)
            assert decision.owner_id or decision.owner_words, (status, step)
            assert decision.next_on, (status, step)
            assert not case.clocks.filter(stopped_at__isnull=True).exists(), (status, step)
            left.add((status, step))
        else:
            assert not Decision.objects.filter(case=case).exists(), (status, step)
        transaction.savepoint_rollback(point)

    # That something was walked at all.
    plain = set(CHOSEN_OUTCOMES) - {Outcome.WITHDRAWN}
    assert {step for status, step in left if status is Status.RECEIVED} == plain
    assert {step for status, step in left if status is Status.RETURNED} == set()
    assert (Status.WITHDRAWN, Outcome.WITHDRAWN) in left


@pytest.mark.parametrize("status", OFF)
def test_the_database_lets_no_case_off_the_board_without_a_decision(cast: Cast, sent, status):
    words = {"decided_at": sent.received_at, "coordinator_id": cast.coordinator.membership_id}

    def put() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            Case.objects.filter(pk=sent.pk).update(status=status, **words)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    with pytest.raises(DatabaseError, match="case_off_the_board_has_a_decision"):
        put()


@pytest.mark.parametrize(
    ("status", "says"),
    [
        ("", "case_off_the_board_has_a_decision"),
        # It leads back for a case that was joined, and for that alone.
        (Status.CHECKING, "decision_is_set_aside_by_another"),
        (Status.RECEIVED, "decision_is_set_aside_by_another"),
    ],
)
def test_no_decision_is_set_aside_without_another_in_its_place(cast: Cast, sent, status, says):
    decided(cast, sent, Outcome.STRATEGY)

    def set_aside() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            Decision.objects.update(superseded_at=sent.received_at)
            if status:
                Case.objects.update(status=status)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    with pytest.raises(DatabaseError, match=says):
        set_aside()
