"""The law as read: which rules are in force, and each of them in one plain sentence."""

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from string import ascii_lowercase
from typing import Final

from django.db.models import TextChoices

from portal.accounts.models import Team
from portal.accounts.vocabulary import AgencyKind, Role
from sharing.rules import decision, models
from sharing.rules.vocabulary import (
    ABOUT_A_CHILD,
    CHILD_PROTECTION,
    Category,
    Purpose,
    Relation,
    Step,
)

STEPS: Final = tuple(Step)


def in_force(at: datetime) -> tuple[decision.Rule, ...]:
    """The rules in force at `at` (aware), in the order in which they are asked. One query."""
    rows = models.Rule.objects.in_force(at).select_related("gateway")
    return tuple(sorted((row.value() for row in rows), key=_place))


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


def recipient(team: Team) -> decision.TeamRecipient:
    """A team as a recipient, for deciding a grant before anybody acts in it."""
    return decision.TeamRecipient(
        agency_id=team.agency_id,
        agency_kind=AgencyKind(team.agency.kind),
        role=Role(team.role),
    )


def sentence(rule: decision.Rule) -> str:
    """The rule in one plain sentence, as "Why can I see this?" shows it."""
    return (
        f"{_who(rule)} {rule.outcome.label} {_what(rule)}, {_what_for(rule)}, "
        f"because {rule.because} ({rule.gateway.provision})."
    )


def _who(rule: decision.Rule) -> str:
    if rule.relation in (Relation.AUTHOR, Relation.REFERRER):
        return f"The person {rule.relation.label}"
    roles = _list(_words(Role, rule.recipient_roles), "or")
    who = f"{roles[0].upper()}{roles[1:]}"
    if rule.relation == Relation.OWN_AGENCY:
        return f"{who} {rule.relation.label}"
    return f"{who} at {_agencies(rule.recipient_kinds)}"


def _what(rule: decision.Rule) -> str:
    if rule.categories >= ABOUT_A_CHILD:
        what = "anything about a child"
    else:
        what = _list(_words(Category, rule.categories), "and", separator=";")
    if rule.relation in (Relation.AUTHOR, Relation.OWN_AGENCY):
        return what
    return f"{what}, held by {_agencies(rule.holders)}"


def _what_for(rule: decision.Rule) -> str:
    if rule.purposes >= CHILD_PROTECTION:
        return "in any work to help or protect the child"
    return " or ".join(f"to {each}" for each in _words(Purpose, rule.purposes))


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
    return [each if each[:2].isupper() else f"{each[0].lower()}{each[1:]}" for each in labels]


def _list(words: list[str], last: str, separator: str = ",") -> str:
    *others, end = words
    return f"{f'{separator} '.join(others)} {last} {end}" if others else end


def _place(rule: decision.Rule) -> tuple[int, int, str]:
    digits = rule.number.rstrip(ascii_lowercase)
    return STEPS.index(rule.step), int(digits), rule.number
