"""The partnership's table of rules once more, by another hand: what each question must answer.

The law is kept twice, like money. `sharing/rules/data` says it in dated rows for lawyers, and
`decide` finds the answer among them by how specific and how narrow they are. `table.txt` says it
as a list to be read from the top: the first row that fits answers. It knows nothing of specific and
narrow, so each checks the other. A change of the law is made in both, or the tests fail.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

from portal.accounts.vocabulary import AgencyKind, Role
from sharing.rules import decision
from sharing.rules.decision import Facts, Rule, TeamRecipient, decide
from sharing.rules.vocabulary import Category, Outcome, OutsideParty, Purpose
from tests.sharing.rules.law import ELSEWHERE, HERE, NOW

Answer = tuple[Outcome, str, str]
"""The outcome, the rule and the provision."""


@dataclass(frozen=True)
class Question:
    """One question: who would see what, held by whom, for what, and what is true of it."""

    recipient: TeamRecipient | OutsideParty
    facts: Facts
    category: Category
    purpose: Purpose

    @property
    def own(self) -> bool:
        return isinstance(self.recipient, TeamRecipient) and self.recipient.agency_id == HERE

    def answer(self, rules: tuple[Rule, ...]) -> Answer:
        """What the law answers: the outcome, the rule and the provision."""
        facts = replace(self.facts, rules=rules)
        found = decide(self.recipient, facts, self.category, self.purpose, NOW)
        return found.outcome, found.rule, found.gateway

    def expected(self) -> Answer:
        """What this table answers."""
        row = next((row for row in TABLE if row.fits(self)), None)
        if row is not None:
            return row.outcome, row.number, row.gateway
        asks = self.purpose in {"DANGER", "ENQUIRY", "SCREEN", "PLAN", "PANEL", "DISRUPT"}
        return Outcome.ASK if asks else Outcome.DENY, decision.DEFAULT, ""


@dataclass(frozen=True)
class Row:
    """One row: `if_` is one of the conditions of `_holds`."""

    number: str
    outcome: Outcome
    gateway: str
    holders: frozenset[str]
    kinds: frozenset[str]
    roles: frozenset[str]
    outside: frozenset[str]
    categories: frozenset[str]
    purposes: frozenset[str]
    if_: str

    def fits(self, question: Question) -> bool:
        recipient = question.recipient
        named = (
            recipient in self.outside
            if isinstance(recipient, OutsideParty)
            else recipient.agency_kind in self.kinds and recipient.role in self.roles
        )
        return (
            named
            and question.facts.holder_kind in self.holders
            and question.category in self.categories
            and question.purpose in self.purposes
            and _holds(self.if_, question)
        )


def _holds(condition: str, question: Question) -> bool:
    facts, own = question.facts, question.own
    return {
        "": True,
        "own": own,
        "others": not own,
        "author": own and facts.recipient_is_author,
        "not author": not (own and facts.recipient_is_author),
        "referrer": facts.recipient_is_referrer,
        "walled": facts.walled,
        "danger": facts.danger,
        "harm": facts.significant_harm,
        "no agreement": facts.agreement is False and not own,
    }[condition]


def table(text: str) -> list[Row]:
    """Read the table: words in capitals, then rows."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    words = {
        name.strip(): said for name, _, said in (each.partition("=") for each in lines) if said
    }
    return [
        _row([cell.strip() for cell in line.split("|")], words) for line in lines if "|" in line
    ]


def _row(cells: list[str], words: dict[str, str]) -> Row:
    number, answer, provision, held_by, to, categories, purposes, *condition = cells
    inside, _, outside = to.partition("+")
    kinds, slash, roles = inside.partition("/")
    if not slash:
        kinds, outside = "", inside
    codes = {f"IC{each}" if each.isdigit() else each for each in _said(categories, words)}
    return Row(
        number=number,
        outcome=Outcome(answer),
        gateway=provision,
        holders=_said(held_by, words),
        kinds=_said(kinds, words),
        roles=_said(roles, words),
        outside=_said(outside, words),
        categories=frozenset(codes),
        purposes=_said(purposes, words),
        if_=condition[0] if condition else "",
    )


def _said(cell: str, words: dict[str, str]) -> frozenset[str]:
    """The words of a cell, with lists in place of their names."""
    return frozenset().union(
        *(_said(words[each], words) if each in words else {each} for each in cell.split())
    )


TABLE = table((Path(__file__).parent / "table.txt").read_text())


Recipient = TeamRecipient | OutsideParty

_TRUTHS: list[dict[str, Any]] = [
    {},
    {"recipient_is_referrer": True},
    {"danger": True},
    {"walled": True},
    {"agreement": False},
    {"significant_harm": True},
    {"recipient_is_author": True},
]


def worlds(holder: str, recipient: tuple[str, str] | str) -> Iterator[tuple[Recipient, Facts]]:
    """Each way in which a recipient may stand to something that this kind of agency holds."""
    held = Facts((), AgencyKind(holder), HERE)
    facts = [replace(held, **truths) for truths in _TRUTHS]
    if isinstance(recipient, str):
        for each in facts:
            yield OutsideParty(recipient), each
        return
    kind, role = AgencyKind(recipient[0]), Role(recipient[1])
    for each in facts:
        yield TeamRecipient(ELSEWHERE, kind, role), each
    if recipient[0] == holder:  # an agency has one kind
        for each in facts:
            yield TeamRecipient(HERE, kind, role), each
            yield TeamRecipient(HERE, kind, role), replace(each, recipient_is_author=True)


Lists = tuple[frozenset[str], ...]


def lists(rule: Rule | Row) -> Lists:
    """The six lists of a rule or a row: holders, kinds, roles, outside, categories, purposes."""
    if isinstance(rule, Row):
        return (
            rule.holders,
            rule.kinds,
            rule.roles,
            rule.outside,
            rule.categories,
            rule.purposes,
        )
    return (
        frozenset(map(str, rule.holders)),
        frozenset(map(str, rule.recipient_kinds)),
        frozenset(map(str, rule.recipient_roles)),
        frozenset(map(str, rule.outside)),
        frozenset(map(str, rule.categories)),
        frozenset(map(str, rule.purposes)),
    )


def _shuffled(words: Iterable[Any]) -> list[Any]:
    """In an order that is always the same and puts nothing that is alike together."""
    return Random(1).sample(found := sorted(words, key=str), len(found))  # noqa: S311


def questions(within: Lists) -> Iterator[Question]:
    """Every question within these lists, in every world."""
    holders, kinds, roles, outside, categories, purposes = map(_shuffled, within)
    recipients = _shuffled([*product(kinds, roles), *outside])
    for recipient, holder, category, purpose in product(recipients, holders, categories, purposes):
        for who, facts in worlds(holder, recipient):
            yield Question(who, facts, Category(category), Purpose(purpose))
