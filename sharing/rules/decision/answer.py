"""The pure function that decides, and the one that names the bases in data protection law."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from portal.accounts.vocabulary import AgencyKind
from portal.common.clock import LONDON
from sharing.rules.decision.law import (
    ArticlePair,
    Basis,
    Considered,
    Decision,
    Facts,
    Recipient,
    Rule,
    citation,
)
from sharing.rules.vocabulary import (
    ABOUT_AN_OFFENCE,
    Article6,
    Category,
    Obligation,
    Outcome,
    OutsideParty,
    Purpose,
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
