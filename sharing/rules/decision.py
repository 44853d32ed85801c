"""The pure function that decides: no database, no clock, no input or output.

Rules are asked in four steps and the first step that has an answer gives it: hard stops, danger,
specific rules, defaults. Within a step a silent rule goes before one that would say something, then
the most specific rule wins; where none of those left is more specific than another, the narrowest
answer wins. So adding a rule beside another one can only narrow what people see, and the order in
which rules are written never matters.

A decision carries its trace: which steps were asked, which rules spoke, which of them answered and
why. `Inputs` keeps a question as it was put, so that the answer can be given again years later.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any, Final, Protocol, Self
from uuid import UUID

from portal.accounts.vocabulary import AgencyKind, Role
from portal.common.clock import LONDON
from sharing.rules.vocabulary import (
    ABOUT_AN_OFFENCE,
    Article6,
    Article9,
    Category,
    Circumstance,
    Commencement,
    Condition,
    Obligation,
    Outcome,
    OutsideParty,
    Purpose,
    Relation,
    Step,
    Won,
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
    """Somebody in an agency: a principal, or a team that nobody has yet acted for."""

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
    leads_from: frozenset[AgencyKind] = frozenset()
    leads_to: frozenset[AgencyKind] = frozenset()
    leads_outside: frozenset[OutsideParty] = frozenset()

    @property
    def cited_as(self) -> str:
        """How rules and decisions name this version of the provision."""
        return citation(self.code, self.version)

    def in_force(self, day: date) -> bool:
        """Tell whether the provision is law on `day`."""
        return self.commencement == Commencement.IN_FORCE and _within(
            day, self.in_force_from, self.in_force_to
        )

    def leads(self, holder: AgencyKind, recipient: Recipient | OutsideParty) -> bool:
        """Tell whether it carries information from this kind of holder to this recipient."""
        if isinstance(recipient, OutsideParty):
            return holder in self.leads_from and recipient in self.leads_outside
        return holder in self.leads_from and recipient.agency_kind in self.leads_to


@dataclass(frozen=True)
class Rule:
    """One rule of the law, dated and versioned.

    Holders, kinds, roles, categories and purposes are always named one by one: a kind of agency
    that the rule does not name, because it is new or unknown, is not covered by it. `outside`
    names recipients outside the agencies, who have no role and stand for no agency. `remains` is
    what is said in place of what is held back.
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
    outside: frozenset[OutsideParty] = frozenset()
    when: Circumstance = Circumstance.ALWAYS
    remains: str = ""

    @property
    def cited_as(self) -> str:
        """How this version of the rule is named where it is relied on: 12/1."""
        return f"{self.number}/{self.version}"

    def in_force(self, at: datetime) -> bool:
        """Tell whether the rule and the provision that it cites are in force at `at` (aware)."""
        return self.in_force_on(at.astimezone(LONDON).date())

    def in_force_on(self, day: date) -> bool:
        """Tell whether the rule and its provision are in force on a day in England."""
        return _within(day, self.effective_from, self.effective_to) and self.gateway.in_force(day)

    def covers(
        self,
        principal: Recipient | OutsideParty,
        facts: "Facts",
        category: Category,
        purpose: Purpose,
    ) -> bool:
        """Tell whether the rule speaks to this question."""
        return (
            category in self.categories
            and purpose in self.purposes
            and facts.holder_kind in self.holders
            and self.names(principal)
            and _stands(principal, facts, self.relation)
            and (facts.significant_harm or self.when == Circumstance.ALWAYS)
            and (facts.danger or self.step != Step.DANGER)
        )

    def names(self, recipient: Recipient | OutsideParty) -> bool:
        """Tell whether the rule names this recipient: by kind and role, or as an outside party."""
        if isinstance(recipient, OutsideParty):
            return recipient in self.outside
        return recipient.agency_kind in self.recipient_kinds and recipient.role in (
            self.recipient_roles
        )

    def is_more_specific_than(self, other: "Rule") -> bool:
        """Tell whether `other` covers everything that this rule covers, and more."""
        mine, theirs = self._extent(), other._extent()
        inside = (
            other.relation in (Relation.ANYONE, self.relation)
            and other.when in (Circumstance.ALWAYS, self.when)
            and all(m <= t for m, t in zip(mine, theirs, strict=True))
        )
        same = mine == theirs and self.relation == other.relation and self.when == other.when
        return inside and not same

    def _extent(self) -> tuple[frozenset[str], ...]:
        return (
            frozenset(self.holders),
            frozenset(self.recipient_kinds),
            frozenset(self.recipient_roles),
            frozenset(self.outside),
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
    `walled`: the recipient has a conflict of interest in the case, declared or imposed.
    `agreement`: whether the recipient's agency has an information-sharing agreement in force;
    None where that has not been looked up.
    `significant_harm`: somebody has recorded why they suspect significant harm.

    A fact that is added later has a default: a question of the past still means what it meant.
    """

    rules: tuple[Rule, ...]
    holder_kind: AgencyKind
    holder_agency: UUID
    recipient_is_referrer: bool = False
    danger: bool = False
    recipient_is_author: bool = False
    walled: bool = False
    agreement: bool | None = None
    significant_harm: bool = False


@dataclass(frozen=True)
class Considered:
    """One step of an answer: the rules that spoke in it, and the one that answered, with why.

    `step` is None for the defaults. A step in which no rule spoke has neither `won` nor `why`.
    """

    step: Step | None
    spoke: tuple[Rule, ...] = ()
    won: Rule | None = None
    why: Won | None = None


@dataclass(frozen=True)
class Decision:
    """The answer, and everything that is needed to explain it and to give it again.

    `gateway` is how the provision relied on is cited; it is empty only when no rule spoke. `reason`
    is never empty; where the answer is not yes it says what can be done instead. `remains` is what
    is said in place of what is held back, or "". `trace` is the steps in the order asked, the last
    one being that which answered: for those who may know why, never for somebody to be silent to.
    """

    outcome: Outcome
    rule: str
    version: int
    gateway: str
    reason: str
    obligations: tuple[Obligation, ...]
    remains: str = ""
    trace: tuple[Considered, ...] = ()

    @property
    def silent(self) -> bool:
        """Whether the recipient is shown nothing at all: no reason, no count and no gap."""
        return Obligation.SILENT in self.obligations


@dataclass(frozen=True)
class Inputs:
    """A question as it was put, and the number of the rule set that answered it.

    `facts` has no rules: `policies.replay` finds those that the rule set knew.
    """

    rule_set: int
    recipient: TeamRecipient | OutsideParty
    facts: Facts
    category: Category
    purpose: Purpose
    at: datetime

    @classmethod
    def of(
        cls,
        recipient: Recipient | OutsideParty,
        facts: Facts,
        category: Category,
        purpose: Purpose,
        at: datetime,
        *,
        rule_set: int,
    ) -> Self:
        """Keep of a question what its answer depends on: nobody's name, and not the rules."""
        if not isinstance(recipient, OutsideParty):
            recipient = TeamRecipient(recipient.agency_id, recipient.agency_kind, recipient.role)
        return cls(rule_set, recipient, replace(facts, rules=()), category, purpose, at)

    def answer(self, rules: tuple[Rule, ...]) -> Decision:
        """Put the question again, to these rules."""
        facts = replace(self.facts, rules=rules)
        return decide(self.recipient, facts, self.category, self.purpose, self.at)

    def as_json(self) -> dict[str, Any]:
        """The question in words, truths and one number, for a JSON column."""
        who: dict[str, str] = {"outside": str(self.recipient)}
        if not isinstance(self.recipient, OutsideParty):
            who = {
                "agency": str(self.recipient.agency_id),
                "kind": str(self.recipient.agency_kind),
                "role": str(self.recipient.role),
            }
        facts = {name: getattr(self.facts, name) for name in _TRUTHS}
        return {
            "rule_set": self.rule_set,
            "recipient": who,
            "holder": {
                "agency": str(self.facts.holder_agency),
                "kind": str(self.facts.holder_kind),
            },
            "facts": facts,
            "category": str(self.category),
            "purpose": str(self.purpose),
            "at": self.at.isoformat(),
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """The question that `as_json` kept; facts that were not thought of then have defaults."""
        who, holder = kept["recipient"], kept["holder"]
        return cls(
            rule_set=kept["rule_set"],
            recipient=OutsideParty(who["outside"])
            if "outside" in who
            else TeamRecipient(UUID(who["agency"]), AgencyKind(who["kind"]), Role(who["role"])),
            facts=Facts((), AgencyKind(holder["kind"]), UUID(holder["agency"]), **kept["facts"]),
            category=Category(kept["category"]),
            purpose=Purpose(kept["purpose"]),
            at=datetime.fromisoformat(kept["at"]),
        )


_TRUTHS: Final = tuple(
    each.name
    for each in fields(Facts)
    if each.name not in ("rules", "holder_kind", "holder_agency")
)


@dataclass(frozen=True)
class Basis:
    """What data protection law an agency relies on for a purpose, beside the gateway. Dated."""

    code: str
    version: int
    title: str
    holders: frozenset[AgencyKind]
    public_body: bool
    purposes: frozenset[Purpose]
    article_6: tuple[Article6, ...]
    article_9: tuple[Article9, ...]
    article_10: tuple[Condition, ...]
    condition: Condition
    effective_from: date
    effective_to: date | None
    verified_on: date | None
    verified_by: str

    def in_force(self, day: date) -> bool:
        """Tell whether it may be relied on, on a day in England."""
        return _within(day, self.effective_from, self.effective_to)


@dataclass(frozen=True)
class ArticlePair:
    """What a disclosure may rest on in data protection law: the usual choice first in each list.

    `article_10` holds the conditions for information about an offence, and is empty for any other.
    `consent_limb`: the person must say why consent is not relied on (`ConsentLimb`), and the
    agency must have an appropriate policy document.
    """

    basis: str
    article_6: tuple[Article6, ...]
    article_9: tuple[Article9, ...]
    article_10: tuple[Condition, ...]
    condition: Condition

    @property
    def consent_limb(self) -> bool:
        """Whether why consent is not relied on must be said: Schedule 1, paragraph 18(1)(c)."""
        return self.condition == Condition.SAFEGUARDING


def citation(code: str, version: int) -> str:
    """Name a version of a provision: by its code, from version 2 with the number: CODE/2."""
    return code if version == 1 else f"{code}/{version}"


def decide(
    principal: Recipient | OutsideParty,
    facts: Facts,
    category: Category,
    purpose: Purpose,
    at: datetime,
) -> Decision:
    """Say whether this recipient may see this category for this purpose at `at`, and why.

    `at` must be aware (ValueError otherwise): a rule begins at midnight in England.
    """
    if at.tzinfo is None:
        raise ValueError("A decision needs a time with its zone.")
    day = at.astimezone(LONDON).date()
    speaking = [
        rule
        for rule in facts.rules
        if category in rule.categories
        and purpose in rule.purposes
        and rule.covers(principal, facts, category, purpose)
        and rule.in_force_on(day)
    ]
    trace: tuple[Considered, ...] = ()
    for step in Step:
        found = [rule for rule in speaking if rule.step == step]
        if found:
            return _by(*_strongest(found), step, found, trace)
        trace = (*trace, _NOBODY_SPOKE[step])
    return _default(category, purpose, trace)


def decide_all(
    principal: Recipient | OutsideParty,
    facts: Facts,
    categories: Iterable[Category],
    purpose: Purpose,
    at: datetime,
) -> dict[Category, Decision]:
    """Decide each category by itself: one request may return a mixture."""
    return {each: decide(principal, facts, each, purpose, at) for each in categories}


def articles(
    bases: Iterable[Basis],
    holder: AgencyKind,
    category: Category,
    purpose: Purpose,
    at: datetime,
    *,
    duty: bool = False,
    danger: bool = False,
    public_body: bool = True,
) -> ArticlePair:
    """Say what a holder's disclosure may rest on in data protection law at `at` (aware).

    `duty`: the gateway is a duty, so article 6(1)(c) may be chosen. `danger`: a life is at stake,
    so article 6(1)(d) may be. `public_body` tells a maintained school from an independent one, and
    matters only where the law has both for a kind of agency. Raises LookupError when no basis in
    force covers the question: then nothing may be shared until a lawyer has written one.
    """
    day = at.astimezone(LONDON).date()
    found = [
        each
        for each in bases
        if holder in each.holders and purpose in each.purposes and each.in_force(day)
    ]
    found = [each for each in found if each.public_body == public_body] or found
    if len(found) != 1:
        raise LookupError(f"{len(found)} lawful bases for {holder}, {purpose}; one is needed.")
    basis = found[0]
    only_when = {Article6.LEGAL_DUTY: duty, Article6.VITAL_INTERESTS: danger}
    return ArticlePair(
        basis=citation(basis.code, basis.version),
        article_6=tuple(each for each in basis.article_6 if only_when.get(each, True)),
        article_9=basis.article_9,
        article_10=basis.article_10 if category in ABOUT_AN_OFFENCE else (),
        condition=basis.condition,
    )


def _within(day: date, first: date | None, last: date | None) -> bool:
    return (first is None or first <= day) and (last is None or day <= last)


def _stands(recipient: Recipient | OutsideParty, facts: Facts, relation: Relation) -> bool:
    """Two hats never add up: an author is one only while acting for the agency that holds it."""
    if relation == Relation.ANYONE:
        return True
    own = not isinstance(recipient, OutsideParty) and recipient.agency_id == facts.holder_agency
    author = own and facts.recipient_is_author
    return {
        Relation.OWN_AGENCY: own,
        Relation.AUTHOR: author,
        Relation.REFERRER: facts.recipient_is_referrer,
        Relation.OTHER_AGENCY: not own,
        Relation.NOT_AUTHOR: not author,
        Relation.NO_AGREEMENT: facts.agreement is False and not own,
        Relation.WALLED: facts.walled,
    }[relation]


def _strongest(rules: list[Rule]) -> tuple[Rule, Won]:
    """The rule that answers for those that speak in one step, and why it does."""
    if len(rules) == 1:
        return rules[0], Won.ALONE
    silent = [rule for rule in rules if Obligation.SILENT in rule.obligations]
    if silent and len(silent) < len(rules):
        # What the other one says would be the leak.
        return _strongest(silent)[0], Won.SILENT
    most_specific = [
        rule for rule in rules if not any(other.is_more_specific_than(rule) for other in rules)
    ]
    strongest = min(
        most_specific,
        key=lambda rule: (NARROWEST_FIRST.index(rule.outcome), rule.number, -rule.version),
    )
    if len(most_specific) == 1:
        return strongest, Won.MOST_SPECIFIC
    same = all(rule.outcome == strongest.outcome for rule in most_specific)
    return strongest, Won.FIRST if same else Won.NARROWEST


_NOBODY_SPOKE: Final = {step: Considered(step) for step in Step}


def _by(
    rule: Rule, why: Won, step: Step, spoke: list[Rule], before: tuple[Considered, ...]
) -> Decision:
    because = f"{rule.because[:1].upper()}{rule.because[1:]}."
    return Decision(
        outcome=rule.outcome,
        rule=rule.number,
        version=rule.version,
        gateway=rule.gateway.cited_as,
        reason=f"{because} {rule.instead}".strip(),
        obligations=rule.obligations,
        remains=rule.remains,
        trace=(*before, Considered(step, tuple(spoke), rule, why)),
    )


def _default(category: Category, purpose: Purpose, before: tuple[Considered, ...]) -> Decision:
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
        trace=(*before, Considered(None)),
    )
