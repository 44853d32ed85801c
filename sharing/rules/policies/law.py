"""The law as it is read: what a rule set knew, what is in force, what a person may rely on."""

from datetime import date, datetime, time, timedelta
from functools import cache, lru_cache
from string import ascii_lowercase
from typing import Final
from uuid import UUID

from django.db.models import Model

from portal.accounts.models import Team
from portal.accounts.vocabulary import AgencyKind, Role
from portal.common.clock import LONDON
from portal.common.errors import NotVisible
from sharing.rules import decision, models
from sharing.rules.vocabulary import OutsideParty, Step

STEPS: Final = tuple(Step)


def rule_set() -> int:
    """The number of the rule set that decides today; 0 before any was loaded. One query."""
    newest = models.RuleSet.objects.order_by("-version").first()
    return newest.version if newest else 0


def now_known() -> tuple[int, tuple[decision.Rule, ...]]:
    """The number of the rule set that decides today, and every rule that it knows.

    (0, ()) before any was loaded. One query, once a rule set has been read.
    """
    newest = models.RuleSet.objects.only("pk", "version").order_by("-version").first()
    return (newest.version, _known(newest.pk)) if newest else (0, ())


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
    return tuple(sorted((row.value(version) for row in rows), key=place))


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


def citable(at: datetime) -> list[models.Gateway]:
    """The provisions on which a rule may rest at `at`: every version in force, by code."""
    day = at.astimezone(LONDON).date()
    rows = models.Gateway.objects.order_by("code", "version")
    return [row for row in rows if row.value().in_force(day)]


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


def newest(number: str) -> models.Rule:
    """The newest version of a rule, ended or not. Raises NotVisible when there is no such rule."""
    found = newest_or_none(number)
    if found is None:
        raise NotVisible("rule", number)
    return found


def newest_or_none(number: str) -> models.Rule | None:
    """The newest version of a rule, or None when there is no such rule."""
    rows = models.Rule.objects.select_related("gateway").filter(number=number)
    return rows.order_by("-version").first()


def history(number: str) -> list[models.Rule]:
    """Every version of a rule, the newest first. Raises NotVisible when there is no such rule."""
    rows = models.Rule.objects.select_related("gateway", "rule_set", "ended_in")
    found = list(rows.filter(number=number).order_by("-version"))
    if not found:
        raise NotVisible("rule", number)
    return found


def turning_days(first: date, last: date) -> list[date]:
    """The days from `first` to `last`, both inside, on which a line of the law begins or ends.

    A line ends on the day after its last one. Lines are rules, provisions and agreements.
    """
    bounds: tuple[tuple[type[Model], str, int], ...] = (
        (models.Rule, "effective_from", 0),
        (models.Rule, "effective_to", 1),
        (models.Gateway, "in_force_from", 0),
        (models.Gateway, "in_force_to", 1),
        (models.Agreement, "signed_on", 0),
        (models.Agreement, "ends_on", 1),
    )
    found: set[date] = set()
    for model, field, after in bounds:
        lag = timedelta(days=after)
        rows = model._default_manager.filter(**{f"{field}__range": (first - lag, last - lag)})
        found.update(day + lag for day in rows.values_list(field, flat=True))
    return sorted(found)


def noon(day: date) -> datetime:
    """A moment on a day in England, for asking the law of that day."""
    return datetime.combine(day, time(12), LONDON)


def place(rule: decision.Rule) -> tuple[int, int, str]:
    """Where a rule stands among the others: by step, then by number."""
    digits = rule.number.rstrip(ascii_lowercase)
    return STEPS.index(rule.step), int(digits), rule.number
