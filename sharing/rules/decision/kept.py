"""A question as it was put, kept so that the answer can be given again years later."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any, Final, Self
from uuid import UUID

from portal.accounts.vocabulary import AgencyKind, Role
from sharing.rules.decision.answer import decide
from sharing.rules.decision.law import Decision, Facts, Recipient, Rule, TeamRecipient
from sharing.rules.vocabulary import Category, OutsideParty, Purpose


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
