"""No path leaves the board without decision, reason, owner and next date: all are walked."""

from itertools import product

import pytest
from django.db import DatabaseError, connection, transaction

from portal.accounts.vocabulary import Principal
from portal.common.errors import DomainError, Refused
from referrals.models import Case, Decision, Proposal
from referrals.triage import services
from referrals.triage.services import MOVES, Then
from referrals.vocabulary import CHOSEN_OUTCOMES, Danger, Outcome
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


def decided(cast: Cast, case: Case, outcome: Outcome, who: str = "manager") -> None:
    """Decide so, and have whoever is asked say yes. Nothing where the table has no such step."""
    other = {"manager": cast.coordinator, "coordinator": cast.manager}[who]
    then = (
        Then(to_words="Somebody who said yes") if outcome in {"open_case", "transfer"} else Then()
    )
    made = services.decide(
        actor=cast.everyone()[who],
        case=case,
        outcome=outcome,
        reason="Why.",
        told_referrer="What.",
        then=then,
        withdrawn=case.status == Status.WITHDRAWN,
    )
    if isinstance(made, Proposal):
        assert Case.objects.get(pk=case.pk).status in ON_BOARD
        services.answer(actor=other, pk=made.pk, accepts=True, words="By phone.")


OWN = {
    Action.CLOSE: lambda who, case: services.close(actor=who, case=case, ending=ending()),
    Action.REOPEN: lambda who, case: services.reopen(
        actor=who, case=case, again=again(case, owner=who.membership_id)
    ),
}
"""The verbs that take more than a reason, with all that they take."""


def test_a_case_leaves_closed_by_reopening_only_and_has_all_four_again(cast: Cast):
    """Every verb and every outcome, from closed."""
    case = closed(cast)
    ways = set()
    for step in [*MOVES, *OWN, *CHOSEN_OUTCOMES]:
        point = transaction.savepoint()
        try:
            if isinstance(step, Outcome):
                decided(cast, case, step, "manager")
            elif step in OWN:
                OWN[step](cast.manager, case)
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


@pytest.mark.parametrize("who", ["coordinator", "manager"])
def test_every_path_walked_keeps_the_case_on_the_board_or_gives_it_all_four(cast: Cast, who):
    """Every verb and every outcome, from every status of the board. `tests.matching` joins."""
    left = set()
    for status, step in product(ON_BOARD, [*MOVES, *OWN, *CHOSEN_OUTCOMES]):
        point = transaction.savepoint()
        case = brought_to(cast, status)
        try:
            if isinstance(step, Outcome):
                decided(cast, case, step, who)
            elif step in OWN:
                OWN[step](cast.everyone()[who], case)
            else:
                name = "teacher" if step is Action.WITHDRAW else who
                services.move(actor=cast.everyone()[name], case=case, action=step, reason="Why.")
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
    if who == "coordinator":
        plain -= {Outcome.TRANSFER}
    assert {step for status, step in left if status is Status.RECEIVED} == plain
    assert {step for status, step in left if status is Status.RETURNED} == set()
    assert (Status.WITHDRAWN, Outcome.WITHDRAWN) in left


ENDED = {Status.CLOSED, Status.ROUTED, Status.TRANSFERRED}
ENDS = {Outcome.ADVICE, Outcome.NFA, Outcome.OPEN_CASE, Outcome.TRANSFER}
AFTER = (Action.OPEN, Action.STEP_DOWN, Action.CLOSE, *CHOSEN_OUTCOMES)


def pressed(who: Principal, case: Case, step: Action | Outcome) -> bool:
    """Take this step, and say yes to it oneself where that is asked; tell whether it was taken."""
    case.refresh_from_db()
    held = case.decisions.filter(superseded_at__isnull=True).values_list("pk", flat=True).first()
    words = {"reason": "Why.", "told_referrer": "What.", "instead_of": held}
    try:
        with transaction.atomic():
            if step is Action.CLOSE:
                OWN[step](who, case)
                return True
            if isinstance(step, Action):
                services.move(actor=who, case=case, action=step, reason="Why.")
                return True
            then = Then(to_words="Somebody who said yes")
            made = services.decide(actor=who, case=case, outcome=step, then=then, **words)
            if isinstance(made, Proposal):
                services.answer(actor=who, pk=made.pk, accepts=True, words="By phone.")
    except (DomainError, Refused):
        return False
    return True


def ways(who: Principal, case: Case, way: tuple[Action | Outcome, ...] = ()) -> set[object]:
    """Every way of up to four steps from here that one person can take; none ends the work."""
    walked: set[object] = set()
    for step in AFTER if way else CHOSEN_OUTCOMES:
        point = transaction.savepoint()
        if pressed(who, case, step):
            assert Case.objects.get(pk=case.pk).status not in ENDED, (*way, step)
            current = Decision.objects.get(case=case, superseded_at__isnull=True)
            assert current.outcome not in ENDS, (*way, step)
            walked.add((*way, step))
            # A decision that is only changed leads nowhere that it did not lead before.
            if isinstance(step, Action) or not way:
                walked |= ways(who, case, (*way, step))
        transaction.savepoint_rollback(point)
    return walked


@pytest.mark.parametrize("danger", [Danger.NO, Danger.YES])
@pytest.mark.parametrize("name", ["coordinator", "manager"])
def test_no_way_of_presses_by_one_person_ends_the_work_on_a_child(cast: Cast, name, danger):
    walked = ways(cast.everyone()[name], send(cast.teacher, danger=danger))

    assert (Outcome.ASSESSMENT, Action.OPEN, Action.STEP_DOWN) in walked
    assert ((Outcome.EARLY_HELP,) in walked) is (danger is Danger.NO)


def test_the_case_is_closed_once_another_person_has_said_yes_to_the_end(cast: Cast):
    """They confirmed the decision; or one steps the case down, and another closes it."""
    confirmed, stepped = send(cast.teacher), send(cast.teacher)
    decided(cast, confirmed, Outcome.NFA)
    decided(cast, stepped, Outcome.ASSESSMENT)
    for action in (Action.OPEN, Action.STEP_DOWN):
        services.move(actor=cast.coordinator, case=stepped, action=action, reason="Why.")
    words = {"ending": ending()}

    services.close(actor=cast.coordinator, case=confirmed, **words)
    with pytest.raises(DomainError, match="One person alone"):
        services.close(actor=cast.coordinator, case=stepped, **words)
    services.close(actor=cast.second_coordinator, case=stepped, **words)

    assert {case.status for case in Case.objects.all()} == {Status.CLOSED}


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
