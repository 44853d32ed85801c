"""The law as plain values: what the pure function is asked about, and what it answers."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from portal.accounts.vocabulary import AgencyKind, Role
from portal.common.clock import LONDON
from sharing.rules.vocabulary import (
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
        return self.commencement == Commencement.IN_FORCE and within(
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
        return within(day, self.effective_from, self.effective_to) and self.gateway.in_force(day)

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
        return within(day, self.effective_from, self.effective_to)


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


def within(day: date, first: date | None, last: date | None) -> bool:
    """Tell whether a day lies between two, both inside; None is no limit."""
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
