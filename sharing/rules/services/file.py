"""Reading the file of the law strictly: a sentence for each thing that is wrong with it."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import yaml
from django.db.models import TextChoices

from portal.accounts.vocabulary import AgencyKind, Role
from portal.common.errors import DomainError
from sharing.rules import models
from sharing.rules.services.check import about_bases, about_gateways, about_rules
from sharing.rules.vocabulary import (
    Article6,
    Article9,
    Category,
    Circumstance,
    Commencement,
    Condition,
    GatewayKind,
    Obligation,
    Outcome,
    OutsideParty,
    Purpose,
    Relation,
    Step,
)

NOT_IN_THE_FILE: Final = frozenset({"id", "created_at", "rule_set", "ended_in"})
# Lines that came after the first file: one that leaves them out means what it meant.
MAY_BE_LEFT_OUT: Final = frozenset({"bases", "leads", "outside", "when", "remains"})


class FileRefused(DomainError):
    """The file cannot be loaded. `sentences` say each reason to the person who wrote the file."""

    def __init__(self, sentences: Sequence[str]) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = tuple(sentences)


@dataclass(frozen=True)
class Law:
    """A file of the law, read and found to hold together: rows that are not saved yet."""

    rule_set: models.RuleSet
    gateways: list[models.Gateway]
    rules: list[models.Rule]
    bases: list[models.Basis]


def read(path: Path) -> Law:
    """Read a file of the law strictly, without the database.

    Raises FileRefused with a sentence for each thing that is missing, misspelt or contradictory.
    """
    try:
        raw = yaml.load(path.read_bytes(), Loader=_StrictLoader)  # noqa: S506 -- a SafeLoader, made stricter
    except yaml.YAMLError as error:
        raise FileRefused([f"{path.name} is not well-formed YAML: {error}"]) from error
    wrong: list[str] = []
    top = _Entry(
        raw, "The file", {"version", "title", "lists", "gateways", "rules", "bases"}, {}, wrong
    )
    lists = top.raw.get("lists") or {}
    rule_set = models.RuleSet(
        version=top.count("version"),
        title=top.text("title"),
        sha256=fingerprint(path),
    )
    gateways = [_gateway(each, lists, wrong) for each in top.entries("gateways")]
    cited = {gateway.cited_as: gateway for gateway in gateways}
    rules = [_rule(each, lists, cited, wrong) for each in top.entries("rules")]
    bases = [_basis(each, lists, wrong) for each in top.entries("bases")]
    refuse(wrong)
    refuse([*about_gateways(gateways), *about_rules(rules, cited), *about_bases(bases)])
    return Law(rule_set, gateways, rules, bases)


def read_line(
    line: Mapping[str, Any],
    beside: Iterable[models.Rule],
    gateways: Iterable[models.Gateway],
) -> models.Rule:
    """Read one rule as a file would say it, beside the other rules; a row that is not saved yet.

    The same reading and the same checks as for a whole file. Raises FileRefused.
    """
    cited = {gateway.cited_as: gateway for gateway in gateways}
    wrong: list[str] = []
    row = _rule(dict(line), {}, cited, wrong)
    refuse(wrong)
    refuse(about_rules([*beside, row], cited))
    return row


def line_of(row: models.Rule) -> dict[str, Any]:
    """Return a rule as a file says it: what `read_line` reads back."""
    return {
        "number": row.number,
        "version": row.version,
        "step": row.step,
        "title": row.title,
        "holders": row.holders,
        "recipients": {
            "kinds": row.recipient_kinds,
            "roles": row.recipient_roles,
            "outside": row.outside,
            "relation": row.relation,
        },
        "when": row.when,
        "categories": row.categories,
        "purposes": row.purposes,
        "outcome": row.outcome,
        "gateway": row.gateway.cited_as,
        "also": row.also,
        "because": row.because,
        "instead": row.instead,
        "remains": row.remains,
        "obligations": row.obligations,
        "effective_from": row.effective_from,
        "effective_to": row.effective_to,
        "verified_on": row.verified_on,
        "verified_by": row.verified_by,
    }


def fingerprint(path: Path) -> str:
    """Return the SHA-256 of the file's bytes, by which a file is known again."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def refuse(sentences: Sequence[str]) -> None:
    """Raise FileRefused when there is something to say."""
    if sentences:
        raise FileRefused(sentences)


class _StrictLoader(yaml.SafeLoader):
    """YAML without its silence about a name that is given twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002
        names = [self.construct_object(key, deep=True) for key, _ in node.value]
        for name in names:
            if names.count(name) > 1:
                raise yaml.constructor.ConstructorError(
                    None, None, f"“{name}” is given twice", node.start_mark
                )
        return super().construct_mapping(node, deep=deep)


class _Entry:
    """One entry of the file: answers typed values, and collects a sentence for each wrong one."""

    def __init__(
        self, raw: Any, place: str, names: set[str], lists: dict[str, Any], wrong: list[str]
    ) -> None:
        self.raw: dict[str, Any] = raw if isinstance(raw, dict) else {}
        self.place = place
        self.lists = lists
        self.wrong = wrong
        for name in sorted(names - set(self.raw) - MAY_BE_LEFT_OUT):
            wrong.append(f"{place} does not say its {name}.")
        for name in sorted(set(map(str, self.raw)) - names):
            wrong.append(f"{place} has a line “{name}”, which means nothing here.")

    def _wrong(self, name: str, must: str) -> None:
        if name in self.raw:
            self.wrong.append(f"{self.place}: {name} must be {must}, not “{self.raw[name]}”.")

    def part(self, name: str, names: set[str]) -> "_Entry":
        """The lines below this one, as an entry of their own; one without lines if it is absent."""
        nothing: Any = {each: [] for each in names} if name in MAY_BE_LEFT_OUT else None
        found = self.raw.get(name, nothing)
        return _Entry(found, f"{self.place}, {name}", names, self.lists, self.wrong)

    def entries(self, name: str) -> list[Any]:
        found = self.raw.get(name)
        if isinstance(found, list) and found:
            return found
        self._wrong(name, "a list of entries")
        return []

    def text(self, name: str, *, may_be_empty: bool = False) -> str:
        found = self.raw.get(name)
        if isinstance(found, str) and (may_be_empty or found.strip()):
            return found.strip()
        self._wrong(name, "words (in quotes, if they look like a number)")
        return ""

    def count(self, name: str) -> int:
        found = self.raw.get(name)
        if type(found) is int and found >= 1:
            return found
        self._wrong(name, "a whole number from 1")
        return 0

    def flag(self, name: str) -> bool:
        found = self.raw.get(name)
        if not isinstance(found, bool):
            self._wrong(name, "true or false")
        return bool(found)

    def day(self, name: str) -> date | None:
        found = self.raw.get(name)
        if found is None or type(found) is date:
            return found
        self._wrong(name, "a day such as 2026-09-01, or null")
        return None

    def first_day(self, name: str) -> date:
        found = self.day(name)
        if found is None:
            self._wrong(name, "the day from which it is effective")
        return found or date.min

    def one(self, name: str, words: type[TextChoices], *, without: str = "") -> str:
        found = self.raw.get(name, without)
        if isinstance(found, str) and found in words.values:
            return found
        self._wrong(name, f"one of {', '.join(words.values)}")
        return ""

    def several(self, name: str, words: type[TextChoices]) -> list[str]:
        """Words in the vocabulary's order, whatever the order in the file."""
        found = self.raw.get(name, [] if name in MAY_BE_LEFT_OUT else None)
        if isinstance(found, str):
            found = self.lists.get(found)
        if isinstance(found, list) and all(each in words.values for each in found):
            return [value for value in words.values if value in found]
        self._wrong(name, f"a list, or the name of one, of {', '.join(words.values)}")
        return []


def _gateway(raw: Any, lists: dict[str, Any], wrong: list[str]) -> models.Gateway:
    names = {field.name for field in models.Gateway._meta.concrete_fields} - NOT_IN_THE_FILE
    names = (names | {"leads"}) - {"leads_from", "leads_to", "leads_outside"}
    place = f"The provision {_named(raw, 'code')}"
    entry = _Entry(raw, place, names, lists, wrong)
    leads = entry.part("leads", {"from", "to", "outside"})
    return models.Gateway(
        code=entry.text("code"),
        version=entry.count("version"),
        provision=entry.text("provision"),
        title=entry.text("title"),
        plain=entry.text("plain"),
        binds=entry.text("binds"),
        kind=entry.one("kind", GatewayKind),
        must_record=entry.text("must_record"),
        in_force_from=entry.day("in_force_from"),
        in_force_to=entry.day("in_force_to"),
        commencement=entry.one("commencement", Commencement),
        selectable=entry.flag("selectable"),
        leads_from=leads.several("from", AgencyKind),
        leads_to=leads.several("to", AgencyKind),
        leads_outside=leads.several("outside", OutsideParty),
        verified_on=entry.day("verified_on"),
        verified_by=entry.text("verified_by"),
    )


def _rule(
    raw: Any, lists: dict[str, Any], cited: dict[str, models.Gateway], wrong: list[str]
) -> models.Rule:
    names = {field.name for field in models.Rule._meta.concrete_fields} - NOT_IN_THE_FILE
    names = (names | {"recipients"}) - {"recipient_kinds", "recipient_roles", "relation", "outside"}
    place = f"Rule {_named(raw, 'number')}"
    entry = _Entry(raw, place, names, lists, wrong)
    recipients = entry.part("recipients", {"kinds", "roles", "outside", "relation"})
    gateway = entry.text("gateway")
    if gateway and gateway not in cited:
        wrong.append(f"{place} cites {gateway}, which is not a provision in this file.")
    return models.Rule(
        number=entry.text("number"),
        version=entry.count("version"),
        step=entry.one("step", Step),
        title=entry.text("title"),
        holders=entry.several("holders", AgencyKind),
        recipient_kinds=recipients.several("kinds", AgencyKind),
        recipient_roles=recipients.several("roles", Role),
        outside=recipients.several("outside", OutsideParty),
        relation=recipients.one("relation", Relation),
        when=entry.one("when", Circumstance, without=Circumstance.ALWAYS),
        categories=entry.several("categories", Category),
        purposes=entry.several("purposes", Purpose),
        outcome=entry.one("outcome", Outcome),
        gateway=cited.get(gateway),
        also=[str(each) for each in entry.raw.get("also") or []],
        because=entry.text("because"),
        instead=entry.text("instead", may_be_empty=True),
        remains=entry.text("remains", may_be_empty=True),
        obligations=entry.several("obligations", Obligation),
        effective_from=entry.first_day("effective_from"),
        effective_to=entry.day("effective_to"),
        verified_on=entry.day("verified_on"),
        verified_by=entry.text("verified_by"),
    )


def _basis(raw: Any, lists: dict[str, Any], wrong: list[str]) -> models.Basis:
    names = {field.name for field in models.Basis._meta.concrete_fields} - NOT_IN_THE_FILE
    entry = _Entry(raw, f"The basis {_named(raw, 'code')}", names, lists, wrong)
    return models.Basis(
        code=entry.text("code"),
        version=entry.count("version"),
        title=entry.text("title"),
        plain=entry.text("plain"),
        holders=entry.several("holders", AgencyKind),
        public_body=entry.flag("public_body"),
        purposes=entry.several("purposes", Purpose),
        article_6=entry.several("article_6", Article6),
        article_9=entry.several("article_9", Article9),
        article_10=entry.several("article_10", Condition),
        condition=entry.one("condition", Condition),
        effective_from=entry.first_day("effective_from"),
        effective_to=entry.day("effective_to"),
        verified_on=entry.day("verified_on"),
        verified_by=entry.text("verified_by"),
    )


def _named(raw: Any, name: str) -> str:
    return str(raw.get(name, "without a name")) if isinstance(raw, dict) else "without a name"
