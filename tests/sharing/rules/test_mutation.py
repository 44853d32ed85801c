"""Each rule is changed in each small way: the table of expectations notices, or we say why not.

A mutant is the newest rules with one rule changed: its answer flipped, the rule dropped, an element
put into one of its lists or taken out of it, its relation or its circumstance changed. It is killed
when a question is answered otherwise than the table says. One that survives has been asked every
question that it could change, so it is the same law in other words: SAME says why, one by one.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain

import pytest

from portal.accounts.vocabulary import AgencyKind, Role
from sharing.rules.decision import Rule
from sharing.rules.vocabulary import (
    Category,
    Circumstance,
    Outcome,
    OutsideParty,
    Purpose,
    Relation,
)
from tests.sharing.rules.law import newest_rules
from tests.sharing.rules.table import Lists, lists, questions

PLACES = {
    "holders": AgencyKind,
    "recipient_kinds": AgencyKind,
    "recipient_roles": Role,
    "outside": OutsideParty,
    "categories": Category,
    "purposes": Purpose,
}
# A recipient inside an agency is not outside, and the other way round.
NOT_TOUCHED = {"recipient_kinds": (3,), "recipient_roles": (3,), "outside": (1, 2)}


@dataclass(frozen=True)
class Mutant:
    """One small change of one rule: `rule` is None where it is dropped."""

    change: str
    rule: Rule | None
    touched: Lists


def mutants(rule: Rule) -> Iterator[Mutant]:
    """Every small change of a rule, with the questions that it touches first."""
    yield Mutant("dropped", None, lists(rule))
    for name, words in (("outcome", Outcome), ("relation", Relation), ("when", Circumstance)):
        for word in set(words) - {getattr(rule, name)}:
            yield Mutant(f"{name} {word}", replace(rule, **{name: word}), lists(rule))
    for place, (name, words) in enumerate(PLACES.items()):
        for word in words:
            has = getattr(rule, name)
            sign = "-" if word in has else "+"
            other = replace(rule, **{name: has ^ {word}})
            touched = list(lists(other if sign == "+" else rule))
            touched[place] = frozenset({str(word)})
            for elsewhere in NOT_TOUCHED.get(name, ()):
                touched[elsewhere] = frozenset()
            yield Mutant(f"{name} {sign}{word}", other, tuple(touched))


def survives(rule: Rule, mutant: Mutant) -> bool:
    """Ask every question that the change can touch, until one is answered otherwise."""
    changed = mutant.rule
    rules = tuple(each for each in newest_rules() if each != rule)
    with_it = (*rules, changed) if changed else rules
    asked = [questions(mutant.touched)]
    if changed:
        asked += [
            questions(_common(rule, each)) for each in _placed_otherwise(rule, changed, rules)
        ]
    return all(each.answer(with_it) == each.expected() for each in chain(*asked))


def _placed_otherwise(rule: Rule, changed: Rule, others: Iterable[Rule]) -> list[Rule]:
    """The rules beside which the changed one is more specific, or less, where the rule was not.

    Elsewhere than in the list that was changed, only these can make it answer, or not answer.
    """
    return [
        each
        for each in others
        if changed.is_more_specific_than(each) != rule.is_more_specific_than(each)
        or each.is_more_specific_than(changed) != each.is_more_specific_than(rule)
    ]


def _common(rule: Rule, other: Rule) -> Lists:
    return tuple(mine & theirs for mine, theirs in zip(lists(rule), lists(other), strict=True))


SAME: dict[str, dict[str, str]] = {}


@pytest.mark.parametrize("rule", newest_rules(), ids=lambda rule: f"rule-{rule.number}")
def test_every_small_change_of_a_rule_is_noticed(rule):
    survivors = {each.change for each in mutants(rule) if survives(rule, each)}

    assert survivors == set(SAME.get(rule.number, {}))
