"""The law in plain sentences: a rule, the trace of a decision, where a provision leads."""

from collections.abc import Iterable

from django.db.models import TextChoices

from portal.accounts.vocabulary import AgencyKind, Role
from sharing.rules import decision, models
from sharing.rules.policies.law import name, place
from sharing.rules.vocabulary import (
    ABOUT_A_CHILD,
    CHILD_PROTECTION,
    Category,
    Circumstance,
    OutsideParty,
    Purpose,
    Relation,
    Won,
)


def sentence(rule: decision.Rule) -> str:
    """The rule in one plain sentence, as "Why can I see this?" shows it."""
    when = "" if rule.when == Circumstance.ALWAYS else f", when {rule.when.label}"
    return (
        f"{_who(rule)} {rule.outcome.label} {_what(rule)}, {_what_for(rule)}{when}, "
        f"because {rule.because} ({rule.gateway.provision})."
    )


def told(answer: decision.Decision) -> tuple[str, ...]:
    """The trace of a decision in plain sentences, a step each, in the order in which it was asked.

    Not for a recipient to whom the decision is silent. It names the rules that spoke and why one of
    them answered; it does not say why a rule did not speak.
    """
    return tuple(_step_told(each) for each in answer.trace)


def _step_told(asked: decision.Considered) -> str:
    if asked.step is None:
        return "No rule applies, so the purpose decides: ask where a child may need it, else no."
    if asked.won is None or asked.why is None:
        return f"{asked.step.label}: no rule applies."
    won = f"{name(asked.won.number)}, version {asked.won.version}"
    if asked.why is Won.ALONE:
        return f"{asked.step.label}: {won}, applies, and no other rule does."
    numbers = sorted(asked.spoke, key=place)
    apply = _list([name(rule.number) for rule in numbers], "and")
    verb = "applies" if len(numbers) == 1 else "apply"
    return f"{asked.step.label}: {apply} {verb}. {won}, answers, because {asked.why.label}."


def direction(gateway: models.Gateway) -> str:
    """From whom to whom a provision leads, in words; "" where it does not say."""
    if not gateway.leads_from:
        return ""
    to = _words(AgencyKind, gateway.leads_to)
    if frozenset(gateway.leads_to) >= frozenset(AgencyKind) - {AgencyKind.BOARD}:
        to = ["any agency that works with children"]
    outside = _words(OutsideParty, gateway.leads_outside)
    senders = _agencies(frozenset(map(AgencyKind, gateway.leads_from)))
    receivers = [*to, *outside] or ["nobody whom this service serves"]
    return f"From {senders} to {_list(receivers, 'or')}."


def _who(rule: decision.Rule) -> str:
    if rule.relation in (Relation.AUTHOR, Relation.REFERRER):
        return f"The person {rule.relation.label}"
    if rule.recipient_roles == frozenset(Role) and rule.outside == frozenset(OutsideParty):
        return f"Anybody {rule.relation.label}"
    inside = _inside(rule) if rule.recipient_kinds else ""
    outside = _list(_words(OutsideParty, rule.outside), "or") if rule.outside else ""
    who = " or ".join(each for each in (inside, outside) if each)
    return f"{who[:1].upper()}{who[1:]}"


def _inside(rule: decision.Rule) -> str:
    roles = "anybody"
    if rule.recipient_roles != frozenset(Role):
        roles = _list(_words(Role, rule.recipient_roles), "or")
    if rule.relation == Relation.OWN_AGENCY:
        return f"{roles} {rule.relation.label}"
    who = f"{roles} at {_agencies(rule.recipient_kinds)}"
    return who if rule.relation == Relation.ANYONE else f"{who}, {rule.relation.label},"


def _what(rule: decision.Rule) -> str:
    if rule.categories == frozenset(Category):
        what = "anything at all"
    elif rule.categories >= ABOUT_A_CHILD:
        what = "anything about a child"
    else:
        what = _list(_words(Category, rule.categories), "and", separator=";")
    if rule.relation in (Relation.AUTHOR, Relation.OWN_AGENCY):
        return what
    return f"{what}, held by {_agencies(rule.holders)}"


def _what_for(rule: decision.Rule) -> str:
    if rule.purposes == frozenset(Purpose):
        return "for any purpose"
    if rule.purposes >= CHILD_PROTECTION:
        return "in any work to help or protect the child"
    but = frozenset(Purpose) - rule.purposes
    if len(but) < len(rule.purposes) / 2:
        return f"for any purpose but {_purposes(but)}"
    return _purposes(rule.purposes)


def _purposes(chosen: frozenset[Purpose]) -> str:
    return " or ".join(f"to {each}" for each in _words(Purpose, chosen))


def _agencies(kinds: frozenset[AgencyKind]) -> str:
    if kinds == frozenset(AgencyKind):
        return "any agency"
    if kinds == frozenset(AgencyKind) - {AgencyKind.BOARD}:
        return "any agency that works with children"
    return _list(_words(AgencyKind, kinds), "or")


def _words(words: type[TextChoices], chosen: Iterable[str]) -> list[str]:
    """The labels of those chosen, in the vocabulary's order, as they stand inside a sentence."""
    among = frozenset(chosen)
    labels = [str(each.label) for each in words if each in among]
    return [each if each[:2].isupper() and each[1] != " " else _lower(each) for each in labels]


def _lower(words: str) -> str:
    return f"{words[:1].lower()}{words[1:]}"


def _list(words: list[str], last: str, separator: str = ",") -> str:
    *others, end = words
    return f"{f'{separator} '.join(others)} {last} {end}" if others else end
