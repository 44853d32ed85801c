"""What must hold whatever the rules say: questions that each change of the law is asked first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import yaml

from portal.accounts.vocabulary import AgencyKind, Role
from sharing.rules.decision import Facts, Rule, TeamRecipient, decide
from sharing.rules.vocabulary import Category, Outcome, OutsideParty, Purpose

_FILE: Final = Path(__file__).parent.parent / "data" / "musts.yaml"
_HOLDER, _OTHER = UUID(int=1), UUID(int=2)


@dataclass(frozen=True)
class Must:
    """One statement that must hold, and the questions that test it."""

    code: str
    says: str
    holder: AgencyKind
    recipients: tuple[TeamRecipient | OutsideParty, ...]
    categories: tuple[Category, ...]
    purposes: tuple[Purpose, ...]
    facts: dict[str, bool]
    answers: frozenset[Outcome]
    silent: bool

    def holds(self, rules: tuple[Rule, ...], at: datetime) -> bool:
        """Tell whether these rules answer each of its questions as expected at `at` (aware)."""
        facts = Facts(rules, self.holder, _HOLDER, **self.facts)
        asked = product(self.recipients, self.categories, self.purposes)
        answers = [decide(who, facts, category, purpose, at) for who, category, purpose in asked]
        return all(
            answer.outcome in self.answers and (answer.silent or not self.silent)
            for answer in answers
        )


@cache
def musts() -> tuple[Must, ...]:
    """Every statement that must hold, as the file says them. A word it misspells raises."""
    return tuple(map(_must, yaml.safe_load(_FILE.read_text())))


def failing(rules: tuple[Rule, ...], at: datetime) -> list[Must]:
    """The statements that would not hold under these rules."""
    return [must for must in musts() if not must.holds(rules, at)]


def called(codes: Iterable[str]) -> list[str]:
    """What these statements say, for a person; one that is no longer asked is left out."""
    chosen = frozenset(codes)
    return [must.says for must in musts() if must.code in chosen]


def _must(raw: dict[str, Any]) -> Must:
    return Must(
        code=raw["code"],
        says=raw["says"],
        holder=AgencyKind(raw["held_by"]),
        recipients=tuple(map(_recipient, raw["recipients"])),
        categories=tuple(map(Category, raw["categories"])),
        purposes=tuple(map(Purpose, raw["purposes"])),
        facts=raw.get("facts", {}),
        answers=frozenset(map(Outcome, raw["answers"])),
        silent=raw.get("silent", False),
    )


def _recipient(raw: dict[str, Any]) -> TeamRecipient | OutsideParty:
    if "outside" in raw:
        return OutsideParty(raw["outside"])
    agency = _HOLDER if raw.get("own") else _OTHER
    return TeamRecipient(agency, AgencyKind(raw["kind"]), Role(raw["role"]))
