"""The law as read: what a rule set knew, what is in force, and each of it in plain sentences."""

from collections.abc import Iterable
from datetime import datetime
from functools import cache, lru_cache
from string import ascii_lowercase
from typing import Final
from uuid import UUID

from django.db.models import TextChoices

from portal.accounts.models import Team
from portal.accounts.vocabulary import AgencyKind, Role
from portal.common.clock import LONDON
from sharing.rules import decision, models
from sharing.rules.vocabulary import (
    ABOUT_A_CHILD,
    CHILD_PROTECTION,
    Category,
    Circumstance,
    OutsideParty,
    Purpose,
    Relation,
    Step,
)

STEPS: Final = tuple(Step)


def rule_set() -> int:
    """The number of the rule set that decides today; 0 before any was loaded. One query."""
    newest = models.RuleSet.objects.order_by("-version").first()
    return newest.version if newest else 0


def known(version: int) -> tuple[decision.Rule, ...]:
    """Every rule that this rule set knew, in the order in which they are asked.

    Ended rules and rules to come are among them: `decide` asks those in force. An end that a later
    rule set gave is not known yet. For a decision that will be kept, take the rules from here and
    keep the number. Raises RuleSet.DoesNotExist. One query, once a rule set has been read.
    """
    return _known(models.RuleSet.objects.only("pk").get(version=version).pk)


def in_force(at: datetime) -> tuple[decision.Rule, ...]:
    """The rules in force at `at` (aware), as the newest rule set knows them, in the order asked."""
    newest = models.RuleSet.objects.only("pk").order_by("-version").first()
    if newest is None:
        return ()
    return tuple(rule for rule in _known(newest.pk) if rule.in_force(at))


@lru_cache(maxsize=16)
def _known(rule_set: UUID) -> tuple[decision.Rule, ...]:
    """Remembered by the row's key: what a rule set knew never changes, in any process."""
    version = models.RuleSet.objects.get(pk=rule_set).version
    rows = models.Rule.objects.filter(rule_set__version__lte=version).select_related(
        "ended_in", "gateway__ended_in"
    )
    return tuple(sorted((row.value(version) for row in rows), key=_place))


def bases(version: int) -> tuple[decision.Basis, ...]:
    """Every lawful basis in data protection law that this rule set knew, for `articles`."""
    rows = models.Basis.objects.filter(rule_set__version__lte=version).select_related("ended_in")
    return tuple(row.value(version) for row in rows.order_by("code", "version"))


def replay(recorded: decision.Inputs) -> decision.Decision:
    """Give a past decision again: the question as it was put, to the rules as they were known.

    What was changed since does not matter. Raises RuleSet.DoesNotExist.
    """
    return recorded.answer(known(recorded.rule_set))


def rule(number: str, version: int) -> decision.Rule:
    """The rule that a past decision relied on. Raises Rule.DoesNotExist; rows are never deleted."""
    return models.Rule.objects.select_related("gateway").get(number=number, version=version).value()


def name(number: str) -> str:
    """What a rule is called where it is cited: "Rule 6a"."""
    return "No rule" if number == decision.DEFAULT else f"Rule {number}"


@cache
def gateway_words(cited: str) -> str:
    """The provision that a decision relied on, in a lawyer's words, by the code that it cites.

    Remembered for the life of the process: a version of a provision never changes, and a trail
    cites the same few on every line. Raises Gateway.DoesNotExist.
    """
    code, _, version = cited.partition("/")
    return models.Gateway.objects.get(code=code, version=int(version or 1)).provision


def gateway(code: str) -> models.Gateway:
    """The newest version of a provision. Raises Gateway.DoesNotExist."""
    return models.Gateway.objects.filter(code=code).latest("version")


def gateways() -> list[models.Gateway]:
    """The newest version of every provision, in force or not, in the order of their codes."""
    return list(models.Gateway.objects.order_by("code", "-version").distinct("code"))


def selectable(
    holder: AgencyKind, recipient: decision.Recipient | OutsideParty, at: datetime
) -> list[models.Gateway]:
    """The provisions on which this kind of holder may rely to share with this recipient at `at`.

    The newest version in force of each that may be relied on, and that leads that way.
    """
    day = at.astimezone(LONDON).date()
    newest = {
        row.code: row
        for row in models.Gateway.objects.order_by("code", "version")
        if row.value().in_force(day)
    }
    return [
        row for row in newest.values() if row.selectable and row.value().leads(holder, recipient)
    ]


def recipient(team: Team) -> decision.TeamRecipient:
    """A team as a recipient, for deciding a grant before anybody acts in it."""
    return decision.TeamRecipient(
        agency_id=team.agency_id,
        agency_kind=AgencyKind(team.agency.kind),
        role=Role(team.role),
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
        return "No rule speaks, so the purpose decides: ask where a child may need it, else no."
    if asked.won is None or asked.why is None:
        return f"{asked.step.label}: no rule speaks."
    numbers = sorted(asked.spoke, key=_place)
    speak = _list([name(rule.number) for rule in numbers], "and")
    verb = "speaks" if len(numbers) == 1 else "speak"
    return (
        f"{asked.step.label}: {speak} {verb}. {name(asked.won.number)}, version "
        f"{asked.won.version}, answers: {asked.why.label}."
    )


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


def _place(rule: decision.Rule) -> tuple[int, int, str]:
    digits = rule.number.rstrip(ascii_lowercase)
    return STEPS.index(rule.step), int(digits), rule.number
