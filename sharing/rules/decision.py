"""The pure function that decides: no database, no clock, no input or output.

Rules are asked in four steps and the first step that has an answer gives it: hard stops, danger,
specific rules, defaults. Within a step the most specific rule wins; where none of those left is
more specific than another, the narrowest answer wins. So adding a rule beside another one can
only narrow what people see, and the order in which rules are written never matters.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Protocol
from uuid import UUID

from portal.accounts.vocabulary import AgencyKind, Role
from portal.common.clock import LONDON
from sharing.rules.vocabulary import (
    Category,
    Commencement,
    Obligation,
    Outcome,
    Purpose,
    Relation,
    Step,
)

NARROWEST_FIRST: Final = tuple(Outcome)
DEFAULT: Final = "default"
DEFAULT_VERSION: Final = 1

# A no must name the lawful way that remains.
INSTEAD: Final = {
    Purpose.PROSECUTE: "Ask your legal adviser: material for a prosecution goes through the "
    "procedure for third-party material.",
    Purpose.EARLY_HELP: "Ask the child and the parents to agree. If you think that the child may "
    "be at risk of harm, report the concern: agreement is not needed for that.",
    Purpose.QA_AUDIT: "Ask an information-governance lead to open a named audit: an auditor sees "
    "its sample, masked first.",
    Purpose.REPORT: "Use figures that name nobody.",
    Purpose.RIGHTS: "Ask an information-governance lead: a person answers each request for "
    "personal information.",
    Purpose.TRAINING: "Use fictional examples.",
    Purpose.COMMISSION: "Use figures that name nobody.",
}


class Recipient(Protocol):
    """Who would see the information: a principal, or a team that nobody has yet acted for."""

    @property
    def agency_id(self) -> UUID: ...
    @property
    def agency_kind(self) -> AgencyKind: ...
    @property
    def role(self) -> Role: ...


@dataclass(frozen=True)
class TeamRecipient:
    """A team (agency x role) as a recipient, before any person acts in it."""

    agency_id: UUID
    agency_kind: AgencyKind
    role: Role


@dataclass(frozen=True)
class Gateway:
    """A provision of law, as far as a decision needs it. Dates are England's; both are inside."""

    code: str
    version: int
    provision: str
    commencement: Commencement
    in_force_from: date | None
    in_force_to: date | None

    @property
    def cited_as(self) -> str:
        """How rules and decisions name this version of the provision."""
        return citation(self.code, self.version)

    def in_force(self, day: date) -> bool:
        """Tell whether the provision is law on `day`."""
        return self.commencement == Commencement.IN_FORCE and _within(
            day, self.in_force_from, self.in_force_to
        )


@dataclass(frozen=True)
class Rule:
    """One rule of the law, dated and versioned.

    Holders, kinds, roles, categories and purposes are always named one by one: a kind of agency
    that the rule does not name, because it is new or unknown, is not covered by it.
    """

    number: str
    version: int
    step: Step
    title: str
    holders: frozenset[AgencyKind]
    recipient_kinds: frozenset[AgencyKind]
    recipient_roles: frozenset[Role]
    relation: Relation
    categories: frozenset[Category]
    purposes: frozenset[Purpose]
    outcome: Outcome
    gateway: Gateway
    also: tuple[str, ...]
    because: str
    instead: str
    obligations: tuple[Obligation, ...]
    effective_from: date
    effective_to: date | None
    verified_on: date | None
    verified_by: str

    def in_force(self, at: datetime) -> bool:
        """Tell whether the rule and the provision that it cites are in force at `at` (aware)."""
        day = at.astimezone(LONDON).date()
        return _within(day, self.effective_from, self.effective_to) and self.gateway.in_force(day)

    def covers(
        self, principal: Recipient, facts: "Facts", category: Category, purpose: Purpose
    ) -> bool:
        """Tell whether the rule speaks to this question."""
        return (
            category in self.categories
            and purpose in self.purposes
            and facts.holder_kind in self.holders
            and principal.agency_kind in self.recipient_kinds
            and principal.role in self.recipient_roles
            and _stands(principal, facts, self.relation)
            and (facts.danger or self.step != Step.DANGER)
        )

    def is_more_specific_than(self, other: "Rule") -> bool:
        """Tell whether `other` covers everything that this rule covers, and more."""
        mine, theirs = self._extent(), other._extent()
        related = other.relation in (Relation.ANYONE, self.relation)
        inside = related and all(m <= t for m, t in zip(mine, theirs, strict=True))
        return inside and (mine != theirs or self.relation != other.relation)

    def _extent(self) -> tuple[frozenset[str], ...]:
        return (
            frozenset(self.holders),
            frozenset(self.recipient_kinds),
            frozenset(self.recipient_roles),
            frozenset(self.categories),
            frozenset(self.purposes),
        )


@dataclass(frozen=True)
class Facts:
    """What is true of the question, beside who asks it.

    `holder_kind` and `holder_agency` are the agency whose information it is.
    `recipient_is_referrer`: the recipient made the referral, or leads the agency that made it.
    `danger`: somebody has said that the child is in danger now.
    `recipient_is_author`: the recipient wrote this piece of information.
    """

    rules: tuple[Rule, ...]
    holder_kind: AgencyKind
    holder_agency: UUID
    recipient_is_referrer: bool = False
    danger: bool = False
    recipient_is_author: bool = False


@dataclass(frozen=True)
class Decision:
    """The answer, and everything that is needed to explain it and to give it again.

    `gateway` is how the provision relied on is cited; it is empty only when no rule spoke. `reason`
    is never empty; where the answer is not yes it says what can be done instead.
    """

    outcome: Outcome
    rule: str
    version: int
    gateway: str
    reason: str
    obligations: tuple[Obligation, ...]


def citation(code: str, version: int) -> str:
    """Name a version of a provision: by its code, from version 2 with the number: CODE/2."""
    return code if version == 1 else f"{code}/{version}"


def decide(
    principal: Recipient, facts: Facts, category: Category, purpose: Purpose, at: datetime
) -> Decision:
    """Say whether this recipient may see this category for this purpose at `at`, and why.

    `at` must be aware (ValueError otherwise): a rule begins at midnight in England.
    """
    if at.tzinfo is None:
        raise ValueError("A decision needs a time with its zone.")
    speaking = [
        rule
        for rule in facts.rules
        if rule.in_force(at) and rule.covers(principal, facts, category, purpose)
    ]
    for step in Step:
        found = [rule for rule in speaking if rule.step == step]
        if found:
            return _by(_strongest(found))
    return _default(category, purpose)


def decide_all(
    principal: Recipient,
    facts: Facts,
    categories: Iterable[Category],
    purpose: Purpose,
    at: datetime,
) -> dict[Category, Decision]:
    """Decide each category by itself: one request may return a mixture."""
    return {each: decide(principal, facts, each, purpose, at) for each in categories}


def _within(day: date, first: date | None, last: date | None) -> bool:
    return (first is None or first <= day) and (last is None or day <= last)


def _stands(principal: Recipient, facts: Facts, relation: Relation) -> bool:
    """Two hats never add up: an author is one only while acting for the agency that holds it."""
    own = principal.agency_id == facts.holder_agency
    return {
        Relation.ANYONE: True,
        Relation.OWN_AGENCY: own,
        Relation.AUTHOR: own and facts.recipient_is_author,
        Relation.REFERRER: facts.recipient_is_referrer,
    }[relation]


def _strongest(rules: list[Rule]) -> Rule:
    most_specific = [
        rule for rule in rules if not any(other.is_more_specific_than(rule) for other in rules)
    ]
    return min(
        most_specific,
        key=lambda rule: (NARROWEST_FIRST.index(rule.outcome), rule.number, -rule.version),
    )


def _by(rule: Rule) -> Decision:
    because = f"{rule.because[:1].upper()}{rule.because[1:]}."
    return Decision(
        outcome=rule.outcome,
        rule=rule.number,
        version=rule.version,
        gateway=rule.gateway.cited_as,
        reason=f"{because} {rule.instead}".strip(),
        obligations=rule.obligations,
    )


def _default(category: Category, purpose: Purpose) -> Decision:
    """No rule speaks: ask where a child may need it, else refuse and say what can be done."""
    question = f"“{category.label}”, to {purpose.label[:1].lower()}{purpose.label[1:]}"
    if purpose.protects_a_child:
        outcome = Outcome.ASK
        # DfE advice on sharing information to safeguard children (2024): seek advice early.
        reason = (
            f"No rule in force answers for {question}. This may protect a child, so it is not a "
            "no: ask the lead of the agency that holds it, or an information-governance lead. If "
            "the child is in danger now, call 999."
        )
    else:
        outcome = Outcome.DENY
        reason = f"No rule in force allows {question}. {INSTEAD[purpose]}"
    return Decision(
        outcome=outcome,
        rule=DEFAULT,
        version=DEFAULT_VERSION,
        gateway="",
        reason=reason,
        obligations=(Obligation.RECORD_THE_ANSWER,),
    )
