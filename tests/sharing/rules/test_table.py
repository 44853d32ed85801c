"""The newest rules and the table of expectations give the same answers: the law is kept twice."""

import random
from itertools import islice

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.accounts.vocabulary import AgencyKind, Role
from sharing.rules.vocabulary import Category, OutsideParty, Purpose
from tests.sharing.rules.law import newest_rules
from tests.sharing.rules.table import TABLE, lists, questions, worlds
from tests.sharing.rules.table import Question as Asked

ROWS = [pytest.param(row, id=f"rule-{row.number}") for row in TABLE]
WORDS = (AgencyKind, AgencyKind, Role, OutsideParty, Category, Purpose)


def some(words):
    """A few of the words, the same ones each time: the mutants are asked about each of them."""
    return random.Random(1).sample(sorted(words), min(len(words), 4))  # noqa: S311


def wrong(asked):
    rules = newest_rules()
    return list(islice((each for each in asked if each.answer(rules) != each.expected()), 3))


def test_the_table_has_the_rules_of_the_newest_file_and_no_other():
    assert {row.number for row in TABLE} == {rule.number for rule in newest_rules()}
    assert {int(row.number.rstrip("abcd")) for row in TABLE} == set(range(29))


@pytest.mark.parametrize("row", ROWS)
def test_inside_a_row_the_law_answers_as_the_table_does(row):
    within = tuple(frozenset(some(each)) for each in lists(row))

    assert not wrong(questions(within))


@pytest.mark.parametrize("row", ROWS)
def test_one_step_outside_a_row_it_does_too(row):
    one_each = [frozenset(sorted(each)[:1]) for each in lists(row)]
    for place, words in enumerate(WORDS):
        for word in set(words.values) - lists(row)[place]:
            beside = [*one_each]
            beside[place] = frozenset({word})
            assert not wrong(questions(tuple(beside)))


recipients = st.sampled_from(OutsideParty).map(str) | st.tuples(
    st.sampled_from(AgencyKind).map(str), st.sampled_from(Role).map(str)
)


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    recipients,
    st.sampled_from(AgencyKind),
    st.sampled_from(Category),
    st.sampled_from(Purpose),
)
def test_whatever_is_asked_both_answer_the_same(recipient, holder, category, purpose):
    asked = [Asked(who, facts, category, purpose) for who, facts in worlds(holder, recipient)]

    assert not wrong(asked)
