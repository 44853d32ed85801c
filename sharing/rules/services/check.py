"""What must be true of lines of the law, whoever wrote them: a file, or a change in the portal."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from itertools import combinations

from sharing.rules import models
from sharing.rules.vocabulary import (
    NARROWING,
    Commencement,
    Outcome,
    Purpose,
    Relation,
    Step,
)


def about_gateways(gateways: list[models.Gateway]) -> list[str]:
    """Return a sentence for each thing that provisions must not say."""
    twice = _twice(gateway.cited_as for gateway in gateways)
    wrong = [f"The provision {each} is given twice." for each in twice]
    for row in gateways:
        status = Commencement(row.commencement)
        checks = {
            f"cannot be selectable: its status is “{status.label}”": row.selectable
            and status != Commencement.IN_FORCE,
            f"has a day on which it came into force, but its status is “{status.label}”": (
                row.in_force_from is not None
                and status in (Commencement.AWAITING, Commencement.BILL)
            ),
            "ends before it starts": _ends_early(row.in_force_from, row.in_force_to),
        }
        wrong += [
            f"The provision {row.cited_as} {says}." for says, holds in checks.items() if holds
        ]
    return wrong


def about_rules(rules: list[models.Rule], cited: Mapping[str, models.Gateway]) -> list[str]:
    """Return a sentence for each thing that rules must not say, alone or beside each other."""
    twice = _twice(f"{rule.number} version {rule.version}" for rule in rules)
    wrong = [f"Rule {each} is given twice." for each in twice]
    for rule in rules:
        wrong += wrong_with(rule, cited)
    for earlier, later in combinations(rules, 2):
        if earlier.number == later.number and _meet(earlier, later):
            wrong.append(f"{earlier} and version {later.version} are in force together.")
    return wrong


def wrong_with(rule: models.Rule, cited: Mapping[str, models.Gateway]) -> list[str]:
    """Return a sentence for each thing that a rule by itself must not say.

    `cited` is the provisions of the file by how they are cited. Legal source: docs/sharing.md.
    """
    checks = {**_shape_of(rule), **_basis_of(rule, cited)}
    return [f"{rule} {says}." for says, holds in checks.items() if holds]


def _shape_of(rule: models.Rule) -> dict[str, bool]:
    """What a rule must not be, as the end of a sentence, with whether this one is."""
    lists = [rule.holders, rule.categories, rule.purposes]
    lists += [rule.recipient_kinds, rule.recipient_roles]
    if rule.outside and not (rule.recipient_kinds or rule.recipient_roles):
        lists = [rule.holders, rule.categories, rule.purposes, rule.outside]
    return {
        "has a number that is not digits and at most one letter": not re.fullmatch(
            "[0-9]{1,3}[a-z]?", rule.number
        ),
        "leaves a list empty, so it would never apply": not all(lists),
        "ends before it starts": _ends_early(rule.effective_from, rule.effective_to)
        and not rule.is_withdrawn,
        "is a hard stop, so its outcome must be deny": rule.step == Step.HARD_STOP
        and rule.outcome != Outcome.DENY,
        "is a danger rule, so its one purpose must be DANGER": rule.step == Step.DANGER
        and rule.purposes != [Purpose.DANGER],
        "is not a plain yes, so “instead” must say what can be done lawfully": not rule.instead
        and rule.outcome != Outcome.ALLOW,
        "ends “because” with a full stop: it stands inside a sentence": rule.because.endswith("."),
        "shows a part, so “remains” must say what is shown": rule.outcome == Outcome.REDACT
        and not rule.remains,
        "shows something because of a relation that only narrows": rule.outcome == Outcome.ALLOW
        and rule.relation in NARROWING,
        "names somebody outside the agencies with a relation that only people in one have": (
            bool(rule.outside)
            and rule.relation in (Relation.OWN_AGENCY, Relation.AUTHOR, Relation.REFERRER)
        ),
    }


def _basis_of(rule: models.Rule, cited: Mapping[str, models.Gateway]) -> dict[str, bool]:
    gateway = rule.gateway
    starts, law_starts = rule.effective_from, gateway.in_force_from
    return {
        f"rests on {gateway.cited_as}, which is not in force, so it would never apply": (
            gateway.commencement != Commencement.IN_FORCE
        ),
        f"shares on the strength of {gateway.cited_as}, which cannot be selected": (
            rule.outcome in (Outcome.ALLOW, Outcome.REDACT) and not gateway.selectable
        ),
        f"starts before {gateway.cited_as} came into force": (
            law_starts is not None and starts < law_starts
        ),
        f"shares on the strength of {gateway.cited_as}, which does not lead that way": (
            rule.outcome in (Outcome.ALLOW, Outcome.REDACT) and not _leads(gateway, rule)
        ),
        "also cites a provision that is not in this file, or not in force": any(
            each not in cited or cited[each].commencement != Commencement.IN_FORCE
            for each in rule.also
        ),
    }


def _leads(gateway: models.Gateway, rule: models.Rule) -> bool:
    """Whether a provision leads from every holder to every recipient, where it says which way."""
    if not gateway.leads_from:
        return True
    return (
        set(rule.holders) <= set(gateway.leads_from)
        and set(rule.recipient_kinds) <= set(gateway.leads_to)
        and set(rule.outside) <= set(gateway.leads_outside)
    )


def about_bases(bases: list[models.Basis]) -> list[str]:
    """One basis for each kind of agency and purpose on any day; a school may have two."""
    twice = _twice(map(str, bases))
    wrong = [f"{each} is given twice." for each in twice]
    wrong += [
        f"{row} ends before it starts."
        for row in bases
        if _ends_early(row.effective_from, row.effective_to)
    ]
    for one, other in combinations(bases, 2):
        if _both_cover(one, other) and _meet(one, other):
            wrong.append(f"{one} and {other} cover the same question.")
    return wrong


def _both_cover(one: models.Basis, other: models.Basis) -> bool:
    return (
        one.public_body == other.public_body
        and not set(one.holders).isdisjoint(other.holders)
        and not set(one.purposes).isdisjoint(other.purposes)
    )


def _ends_early(first: date | None, last: date | None) -> bool:
    return first is not None and last is not None and last < first


def _meet(one: models.Rule | models.Basis, other: models.Rule | models.Basis) -> bool:
    """Whether two rows have a day in common."""
    return not (
        _ends_early(one.effective_from, other.effective_to)
        or _ends_early(other.effective_from, one.effective_to)
    )


def _twice(names: Iterable[str]) -> list[str]:
    return sorted(name for name, times in Counter(names).items() if times > 1)
