"""What is true of every decision, whatever the rules and the question."""

import json
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.accounts.vocabulary import AgencyKind, Role
from sharing.rules import decision
from sharing.rules.decision import Facts, Inputs, Rule, TeamRecipient, decide
from sharing.rules.vocabulary import (
    ABOUT_A_CHILD,
    Category,
    Circumstance,
    Commencement,
    Outcome,
    OutsideParty,
    Purpose,
    Relation,
    Step,
)
from tests.sharing.rules.law import ELSEWHERE, HERE, STATUTE, WIDE, newest_rules

often = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def some_of(words):
    """A set with a good chance of containing any one word."""
    return st.sets(st.sampled_from(list(words)), min_size=1).map(frozenset) | st.just(
        frozenset(words)
    )


days = st.dates(date(2026, 1, 1), date(2026, 12, 31))
moments = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
gateways = st.builds(
    replace,
    st.just(STATUTE),
    commencement=st.sampled_from([Commencement.IN_FORCE, *Commencement]),
    in_force_from=st.none() | days,
    in_force_to=st.none() | days,
)


@st.composite
def rules(draw) -> Rule:
    step = draw(st.sampled_from(Step))
    return replace(
        WIDE,
        number=draw(st.sampled_from("123456789")),
        version=draw(st.integers(1, 3)),
        step=step,
        holders=draw(some_of(AgencyKind)),
        recipient_kinds=draw(some_of(AgencyKind)),
        recipient_roles=draw(some_of(Role)),
        relation=draw(st.sampled_from(Relation)),
        categories=draw(some_of(Category)),
        purposes=draw(some_of(Purpose)),
        outside=draw(st.sets(st.sampled_from(OutsideParty)).map(frozenset)),
        when=draw(st.sampled_from(Circumstance)),
        outcome=Outcome.DENY if step == Step.HARD_STOP else draw(st.sampled_from(Outcome)),
        gateway=draw(gateways),
        effective_from=draw(days),
        effective_to=draw(st.none() | days),
    )


@dataclass(frozen=True)
class Question:
    """A question without the rules that answer it."""

    recipient: TeamRecipient | OutsideParty
    category: Category
    purpose: Purpose
    at: datetime
    facts: Facts

    def put(self, *rule_set: Rule) -> decision.Decision:
        facts = replace(self.facts, rules=rule_set)
        return decide(self.recipient, facts, self.category, self.purpose, self.at)

    def is_answered_by(self, rule: Rule) -> bool:
        return rule.in_force(self.at) and rule.covers(
            self.recipient, self.facts, self.category, self.purpose
        )


teams = st.builds(
    TeamRecipient,
    agency_id=st.sampled_from([HERE, ELSEWHERE]),
    agency_kind=st.sampled_from(AgencyKind),
    role=st.sampled_from(Role),
)


def asked_by(recipients):
    return st.builds(
        Question,
        recipient=recipients,
        category=st.sampled_from(Category),
        purpose=st.sampled_from(Purpose),
        at=moments,
        facts=st.builds(
            Facts,
            rules=st.just(()),
            holder_kind=st.sampled_from(AgencyKind),
            holder_agency=st.just(HERE),
            recipient_is_referrer=st.booleans(),
            danger=st.booleans(),
            recipient_is_author=st.booleans(),
            walled=st.booleans(),
            agreement=st.sampled_from([None, True, False]),
            significant_harm=st.booleans(),
        ),
    )


from_teams = asked_by(teams)
questions = asked_by(teams | st.sampled_from(OutsideParty))
rule_sets = st.lists(rules(), max_size=6) | st.just(list(newest_rules()))
narrowness = list(Outcome).index


@often
@given(rule_sets, questions)
def test_every_question_has_an_answer_and_every_answer_a_reason(rule_set, question):
    answer = question.put(*rule_set)

    assert answer.outcome in Outcome
    assert answer.rule
    assert answer.version >= 1
    assert answer.reason.strip()
    if answer.outcome in (Outcome.ALLOW, Outcome.REDACT):
        assert answer.gateway
        assert answer.rule != decision.DEFAULT
    if answer.outcome is Outcome.DENY and answer.rule == decision.DEFAULT:
        assert not question.purpose.protects_a_child


@often
@given(rule_sets, questions, st.randoms())
def test_the_answer_does_not_depend_on_the_order_in_which_rules_are_written(
    rule_set, question, random
):
    shuffled = random.sample(rule_set, len(rule_set))

    once, again = question.put(*rule_set), question.put(*shuffled)

    assert (once.outcome, once.rule, once.version) == (again.outcome, again.rule, again.version)
    assert once == question.put(*rule_set)


@often
@given(rule_sets, questions)
def test_the_rule_that_answered_is_in_force_and_speaks_to_the_question(rule_set, question):
    answer = question.put(*rule_set)

    speaking = [rule for rule in rule_set if question.is_answered_by(rule)]
    if answer.rule == decision.DEFAULT:
        assert not speaking
    else:
        assert (answer.rule, answer.outcome) in {(rule.number, rule.outcome) for rule in speaking}


@often
@given(from_teams, st.sampled_from(sorted(ABOUT_A_CHILD)))
def test_the_newest_rules_never_show_a_child_to_a_board_chair_for_a_report(question, category):
    chair = replace(question.recipient, role=Role.BOARD_CHAIR)
    report = replace(question, recipient=chair, category=category, purpose=Purpose.REPORT)

    assert report.put(*newest_rules()).outcome is Outcome.DENY


@often
@given(rule_sets, from_teams, st.booleans())
def test_an_agency_of_an_unknown_kind_is_never_shown_anything(rule_set, question, holds):
    if holds:
        question = replace(question, facts=replace(question.facts, holder_kind="martian"))
    else:
        stranger = replace(question.recipient, agency_kind="martian")
        question = replace(question, recipient=stranger)

    answer = question.put(*rule_set)

    assert answer.outcome in (Outcome.ASK, Outcome.DENY)
    assert answer.rule == decision.DEFAULT


@often
@given(rules(), st.sampled_from(Outcome), questions)
def test_on_a_tie_a_second_rule_can_only_narrow(rule, outcome, question):
    twin = replace(rule, number="99", outcome=outcome)

    both = question.put(rule, twin)

    if question.is_answered_by(rule):
        assert both.outcome is min(rule.outcome, outcome, key=narrowness)
    else:
        assert both.rule == decision.DEFAULT


@often
@given(rule_sets, rules(), questions)
def test_a_hard_stop_stops_whatever_else_is_written(rule_set, rule, question):
    stop = replace(rule, number="99", step=Step.HARD_STOP, outcome=Outcome.DENY)

    answer = question.put(*rule_set, stop)

    if question.is_answered_by(stop):
        assert answer.outcome is Outcome.DENY


@often
@given(rules(), rules(), rules())
def test_more_specific_is_an_order(one, two, three):
    assert not one.is_more_specific_than(one)
    if one.is_more_specific_than(two):
        assert not two.is_more_specific_than(one)
        if two.is_more_specific_than(three):
            assert one.is_more_specific_than(three)


@often
@given(rule_sets, rules(), questions)
def test_a_hard_stop_beats_danger(rule_set, rule, question):
    stop = replace(rule, number="99", step=Step.HARD_STOP, outcome=Outcome.DENY)
    danger = replace(WIDE, number="98", step=Step.DANGER, outside=frozenset(OutsideParty))
    question = replace(question, facts=replace(question.facts, danger=True))

    answer = question.put(*rule_set, danger, stop)

    if question.is_answered_by(stop):
        assert answer.outcome is Outcome.DENY
        assert answer.trace[-1].step is Step.HARD_STOP


@often
@given(st.lists(rules(), max_size=6), questions)
def test_the_wall_beats_everything_and_is_silent(rule_set, question):
    """Whatever rules are written beside the newest ones, and whoever it is, in danger too."""
    walled = replace(question, facts=replace(question.facts, walled=True))

    answer = walled.put(*newest_rules(), *rule_set)

    assert answer.outcome is Outcome.DENY
    assert answer.silent
    assert answer.rule == "1"


@often
@given(rule_sets, questions)
def test_the_trace_ends_where_the_answer_was_found(rule_set, question):
    answer = question.put(*rule_set)

    *before, last = answer.trace
    assert not any(each.spoke or each.won or each.why for each in before)
    assert [each.step for each in answer.trace] == [*Step, None][: len(answer.trace)]
    if last.won is None:
        assert answer.rule == decision.DEFAULT
    else:
        assert (answer.rule, answer.version) == (last.won.number, last.won.version)
        assert set(last.spoke) == {
            rule for rule in rule_set if question.is_answered_by(rule) and rule.step == last.step
        }


@often
@given(rule_sets, questions)
def test_a_question_that_was_kept_is_answered_again(rule_set, question):
    kept = Inputs.of(
        question.recipient,
        question.facts,
        question.category,
        question.purpose,
        question.at,
        rule_set=7,
    )

    again = Inputs.from_json(json.loads(json.dumps(kept.as_json())))

    assert again == kept
    assert again.answer(tuple(rule_set)) == question.put(*rule_set)
