"""The transition table says where a verb leads, and refuses in words."""

from collections import deque

import pytest

from portal.common.errors import DomainError
from portal.common.workflow import Transition, next_status
from referrals.workflow import SAYS_TO_REFERRER, STEPS, TRANSITIONS, Action, Relation, Status

LIFE = {
    "wake": Transition(
        frozenset({"asleep"}), "awake", frozenset({"anybody"}), "only a sleeper wakes"
    ),
}


def test_a_verb_leads_where_the_table_says():
    assert next_status(LIFE, "wake", "asleep") == "awake"


def test_a_step_that_the_table_does_not_have_is_refused_in_words():
    with pytest.raises(DomainError) as refusal:
        next_status(LIFE, "wake", "awake")

    assert str(refusal.value) == "This cannot be done now: only a sleeper wakes."


def test_a_verb_that_the_table_does_not_know_is_a_mistake_of_ours():
    with pytest.raises(KeyError):
        next_status(LIFE, "fly", "asleep")


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("status", Status)
def test_the_life_of_a_case_agrees_with_its_own_table(action, status):
    step = TRANSITIONS[action]

    if status in step.sources:
        assert next_status(TRANSITIONS, action, status) == step.target
    else:
        with pytest.raises(DomainError):
            next_status(TRANSITIONS, action, status)


def test_every_verb_is_in_the_table_and_says_why_it_is_too_late():
    assert set(TRANSITIONS) == set(Action)
    for action, step in TRANSITIONS.items():
        assert step.says
        assert not step.says.endswith(".")
        assert step.sources
        assert step.by <= set(Relation)
        assert step.by
        # A decision that is changed leaves the case where it is.
        assert (step.target in step.sources) == (action is Action.CHANGE)


def test_every_status_is_reached_and_no_case_is_stuck():
    """From the first status every other is reached; what has no way on is an end that we named."""
    reached, waiting = {Status.RECEIVED}, deque([Status.RECEIVED])
    while waiting:
        status = waiting.popleft()
        for step in TRANSITIONS.values():
            if status in step.sources and step.target not in reached:
                reached.add(Status(step.target))
                waiting.append(Status(step.target))

    ends = {
        status for status in Status if not any(status in s.sources for s in TRANSITIONS.values())
    }
    assert reached == set(Status)
    assert ends == {Status.ROUTED, Status.TRANSFERRED}


def test_every_status_has_its_words_for_the_person_who_referred():
    assert set(SAYS_TO_REFERRER) == set(Status)
    assert all(1 <= step <= len(STEPS) and words for step, words in SAYS_TO_REFERRER.values())
