"""Each rule is changed in each small way: the table of expectations notices, or we say why not.

A mutant is the newest rules with one rule changed: its answer flipped, the rule dropped, an element
put into one of its lists or taken out of it, its relation or its circumstance changed. It is killed
when the loader refuses it, or when a question is answered otherwise than the table says. One that
survives has been asked every question that it could change, so it is the same law in other words:
SAME says why, one by one. `test_the_score_is_what_the_document_says` keeps docs/sharing.md true.
"""

import re
from collections.abc import Iterable, Iterator
from copy import copy
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path

import pytest
from django.db.models import TextChoices

from portal.accounts.vocabulary import AgencyKind, Role
from sharing.rules import models, services
from sharing.rules.decision import Rule
from sharing.rules.services.check import wrong_with
from sharing.rules.vocabulary import (
    Category,
    Circumstance,
    Outcome,
    OutsideParty,
    Purpose,
    Relation,
)
from tests.sharing.rules.table import Lists, lists, questions

LAW = services.read(services.newest())
CITED = {each.cited_as: each for each in LAW.gateways}
RULES = {row.number: row.value() for row in LAW.rules}
WORDS: dict[str, type[TextChoices]] = {
    "outcome": Outcome,
    "relation": Relation,
    "when": Circumstance,
}
PLACES: dict[str, type[TextChoices]] = {
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
    """One small change of one rule, and the questions that it touches. `row`: None if dropped."""

    change: str
    row: models.Rule | None
    touched: Lists


def changed(row: models.Rule, name: str, value: str | list[str]) -> models.Rule:
    row = copy(row)
    setattr(row, name, value)
    return row


def mutants(row: models.Rule) -> Iterator[Mutant]:
    """Every small change of a rule."""
    all_of_it = lists(row.value())
    yield Mutant("dropped", None, all_of_it)
    for name, answers in WORDS.items():
        for word in set(answers.values) - {getattr(row, name)}:
            yield Mutant(f"{name} {word}", changed(row, name, word), all_of_it)
    for place, (name, words) in enumerate(PLACES.items()):
        for word in words.values:
            has = set(getattr(row, name))
            sign = "-" if word in has else "+"
            other = changed(row, name, sorted(has ^ {word}))
            touched = list(lists(other.value()) if sign == "+" else all_of_it)
            touched[place] = frozenset({word})
            for elsewhere in NOT_TOUCHED.get(name, ()):
                touched[elsewhere] = frozenset()
            yield Mutant(f"{name} {sign}{word}", other, tuple(touched))


def is_refused(mutant: Mutant) -> bool:
    """Tell whether the loader would not have it in a file."""
    return mutant.row is not None and bool(wrong_with(mutant.row, CITED))


def survives(rule: Rule, mutant: Mutant) -> bool:
    """Ask every question that the change can touch, until one is answered otherwise."""
    others = tuple(each for each in RULES.values() if each != rule)
    asked = [questions(mutant.touched)]
    with_it = others
    if mutant.row is not None:
        other = mutant.row.value()
        with_it = (*others, other)
        asked += [questions(_common(rule, each)) for each in _placed_otherwise(rule, other, others)]
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


_OTHER_KINDS = "board charity district health housing police probation school youth_justice"

SAME: dict[str, dict[str, str]] = {
    "Rule 2 stops a protected place before this rule is asked; its author sees it by rule 0b.": {
        "categories +IC12": (
            "6a 6b 6c 6d 8a 10a 11 12 12b 13a 13b 13c 13d 14 15 16 17 18 19 21a 21b 21c 23a 24 "
            "26 28a"
        ),
        "categories -IC12": "27",
    },
    "An agency has one kind, so nobody at another kind of agency is at the one that holds it.": {
        **{f"holders +{kind}": "0c" for kind in _OTHER_KINDS.split()},
        **{f"recipient_kinds +{kind}": "0c" for kind in _OTHER_KINDS.split()},
    },
    "Rule 0a says the same of an agency's lead, and is named first.": {
        "recipient_roles +agency_lead": "0c",
        "recipient_roles -agency_lead": "0b",
    },
    "Rule 6a, 6b or 6c says the same of these categories, and is named first.": {
        **{f"categories +{each}": "6d 8a" for each in ["IC1", "IC2", "IC4", "IC5", "IC10", "IC11"]},
    },
    "Rule 6d says the same of these categories, and is named first.": {
        "categories +IC15": "8a",
        "categories +OUTCOME": "8a",
    },
    "Rule 6a says the same of these holders, and is named first.": {
        "holders +council": "6b 6c",
        "holders +district": "6b 6c",
        "holders +health": "6b 6c",
        "holders +police": "6b 6c",
        "holders +probation": "6b 6c",
        "holders +youth_justice": "6b 6c",
    },
    "Rule 6b says the same of a school: it is more specific than 6a, and named before 6c.": {
        "holders +school": "6a 6c",
    },
    "Rule 7a, and 21a, are about the council alone: they are more specific and say the same.": {
        "holders +council": "7b 21b",
    },
    "Rule 9a, and 20a, say the same of the council's workers, and are named first.": {
        "recipient_kinds +council": "9b 20b",
    },
    "Rule 11 says the same of health information at the panel, and is named first.": {
        "categories +IC3": "13d",
        "categories +IC6": "13d",
    },
    "Rule 13b shows these agencies a part: narrower than 13a, and named before 13c and 13d.": {
        "recipient_kinds +district": "13a 13c 13d",
        "recipient_kinds +health": "13a 13c 13d",
    },
    "Rule 23b denies a parent or carer what the police know and who told us: it is narrower.": {
        "categories +IC9": "23a",
        "categories +IC15": "23a",
        "outside +parent": "14",
    },
    "None of the kinds that may receive is one that holds, so no recipient is at the holder.": {
        "relation anyone": "13b 13c",
        "relation not_author": "13b 13c 17 18 19 21a 21b 21c",
        "relation other_agency": "17 18 19 21a 21b 21c",
    },
    "Nobody outside the agencies is at the agency that holds it, or wrote it there.": {
        "relation not_author": "3 23a 23b 26 27",
        "relation other_agency": "3 23a 23b 26 27",
    },
}
"""Why a change is no change: for each reason the changes, and for each change the rules."""


@cache
def survivors(number: str) -> frozenset[str]:
    """The changes of this rule that nothing notices."""
    row = next(each for each in LAW.rules if each.number == number)
    born = (each for each in mutants(row) if not is_refused(each))
    return frozenset(each.change for each in born if survives(row.value(), each))


@pytest.mark.parametrize("number", [pytest.param(each, id=f"rule-{each}") for each in RULES])
def test_every_small_change_of_a_rule_is_noticed(number):
    argued = {
        change
        for changes in SAME.values()
        for change, rules in changes.items()
        if number in rules.split()
    }

    assert survivors(number) == argued


def test_the_score_is_what_the_document_says():
    made = [(row, each) for row in LAW.rules for each in mutants(row)]
    refused = sum(is_refused(each) for _, each in made)
    same = sum(len(rules.split()) for changes in SAME.values() for rules in changes.values())
    score = (
        f"{len(made)} mutants: {len(made) - refused - same} killed by the table, {refused} refused "
        f"by the loader, {same} the same law in other words, 0 alive."
    )
    page = (Path(__file__).parents[3] / "docs" / "sharing.md").read_text()

    assert score in re.sub(r"\s+", " ", page)
