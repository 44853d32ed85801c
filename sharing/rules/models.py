"""The law as rows: rule sets, provisions and rules, dated, versioned and never changed.

A trigger (migration 0002) refuses every UPDATE and DELETE but one: giving an end date to a row that
had none. A review by a lawyer is therefore a new version of the row, and each decision shows
whether the version that it relied on had been reviewed.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import (
    ArrayField,
    DateRangeField,
    RangeBoundary,
    RangeOperators,
)
from django.db import models
from django.db.models import F, Func, Q

from portal.accounts.vocabulary import AgencyKind, Role
from portal.common.clock import LONDON
from portal.common.models import Record
from sharing.rules import decision
from sharing.rules.vocabulary import (
    Category,
    Commencement,
    GatewayKind,
    Obligation,
    Outcome,
    Purpose,
    Relation,
    Step,
)


def _set() -> "ArrayField[list[str], list[str]]":
    return ArrayField(models.CharField(max_length=40))


def _names_some_of(
    model: str, field: str, choices: type[models.TextChoices]
) -> models.CheckConstraint:
    known = Q(**{f"{field}__contained_by": choices.values})
    return models.CheckConstraint(
        name=f"{model}_{field}_known", condition=known & Q(**{f"{field}__len__gte": 1})
    )


def _one_of(model: str, field: str, choices: type[models.TextChoices]) -> models.CheckConstraint:
    return models.CheckConstraint(
        name=f"{model}_{field}_known", condition=Q(**{f"{field}__in": choices.values})
    )


def _said(model: str, fields: Iterable[str]) -> list[models.CheckConstraint]:
    return [
        models.CheckConstraint(name=f"{model}_says_its_{field}", condition=~Q(**{field: ""}))
        for field in fields
    ]


class RuleSet(Record):
    """One reviewed file of the law, as it was loaded. `created_at` is when."""

    version = models.PositiveIntegerField(unique=True)
    title = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="ruleset_sha256_is_one", condition=Q(sha256__regex="^[0-9a-f]{64}$")
            ),
        ]


class Gateway(Record):
    """A provision of law or guidance, in one version."""

    rule_set = models.ForeignKey(RuleSet, on_delete=models.PROTECT, related_name="gateways")
    code = models.CharField(max_length=20)
    version = models.PositiveSmallIntegerField()
    provision = models.CharField(max_length=200)
    title = models.CharField(max_length=120)
    plain = models.TextField()
    binds = models.TextField()
    kind = models.CharField(max_length=10, choices=GatewayKind.choices)
    must_record = models.TextField()
    in_force_from = models.DateField(null=True)
    in_force_to = models.DateField(null=True)
    commencement = models.CharField(max_length=10, choices=Commencement.choices)
    selectable = models.BooleanField()
    verified_on = models.DateField(null=True)
    verified_by = models.CharField(max_length=120)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="gateway_version_once"),
            _one_of("gateway", "kind", GatewayKind),
            _one_of("gateway", "commencement", Commencement),
            models.CheckConstraint(
                name="gateway_ends_after_it_starts",
                condition=Q(in_force_from__isnull=True)
                | Q(in_force_to__isnull=True)
                | Q(in_force_to__gte=F("in_force_from")),
            ),
            models.CheckConstraint(
                name="gateway_selectable_is_in_force",
                condition=Q(selectable=False) | Q(commencement=Commencement.IN_FORCE),
            ),
            models.CheckConstraint(
                name="gateway_not_law_has_no_start",
                condition=Q(in_force_from__isnull=True)
                | ~Q(commencement__in=[Commencement.AWAITING, Commencement.BILL]),
            ),
            *_said(
                "gateway",
                ["code", "provision", "title", "plain", "binds", "must_record", "verified_by"],
            ),
        ]

    @property
    def cited_as(self) -> str:
        """How rules and decisions name this version of the provision."""
        return decision.citation(self.code, self.version)

    def value(self) -> decision.Gateway:
        """The provision as the pure function knows it."""
        return decision.Gateway(
            code=self.code,
            version=self.version,
            provision=self.provision,
            commencement=Commencement(self.commencement),
            in_force_from=self.in_force_from,
            in_force_to=self.in_force_to,
        )


class RuleQuerySet(models.QuerySet["Rule"]):
    """Rules in domain words."""

    def in_force(self, at: datetime) -> Self:
        """Rules whose dates, and whose provision's dates and status, hold at `at` (aware)."""
        day = at.astimezone(LONDON).date()
        provision = Q(
            Q(gateway__in_force_from__isnull=True) | Q(gateway__in_force_from__lte=day),
            Q(gateway__in_force_to__isnull=True) | Q(gateway__in_force_to__gte=day),
            gateway__commencement=Commencement.IN_FORCE,
        )
        return self.filter(
            provision,
            Q(effective_to__isnull=True) | Q(effective_to__gte=day),
            effective_from__lte=day,
        )


class Rule(Record):
    """One rule, in one version. What it says of whom is in `sharing.rules.decision.Rule`."""

    rule_set = models.ForeignKey(RuleSet, on_delete=models.PROTECT, related_name="rules")
    number = models.CharField(max_length=4)
    version = models.PositiveSmallIntegerField()
    step = models.CharField(max_length=10, choices=Step.choices)
    title = models.CharField(max_length=120)
    holders = _set()
    recipient_kinds = _set()
    recipient_roles = _set()
    relation = models.CharField(max_length=10, choices=Relation.choices)
    categories = _set()
    purposes = _set()
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    gateway = models.ForeignKey(Gateway, on_delete=models.PROTECT, related_name="rules")
    also = ArrayField(models.CharField(max_length=20))
    because = models.TextField()
    instead = models.TextField()
    obligations = _set()
    effective_from = models.DateField()
    effective_to = models.DateField(null=True)
    verified_on = models.DateField(null=True)
    verified_by = models.CharField(max_length=120)

    objects = RuleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["number", "version"], name="rule_version_once"),
            ExclusionConstraint(
                name="rule_versions_never_meet",
                expressions=[
                    ("number", RangeOperators.EQUAL),
                    (
                        Func(
                            F("effective_from"),
                            F("effective_to"),
                            RangeBoundary(inclusive_upper=True),
                            function="DATERANGE",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
            models.CheckConstraint(
                name="rule_number_is_one", condition=Q(number__regex="^[0-9]{1,3}[a-z]?$")
            ),
            models.CheckConstraint(
                name="rule_ends_after_it_starts",
                condition=Q(effective_to__isnull=True) | Q(effective_to__gte=F("effective_from")),
            ),
            models.CheckConstraint(
                name="rule_hard_stop_denies",
                condition=~Q(step=Step.HARD_STOP) | Q(outcome=Outcome.DENY),
            ),
            models.CheckConstraint(
                name="rule_danger_is_for_danger",
                condition=~Q(step=Step.DANGER) | Q(purposes=[Purpose.DANGER]),
            ),
            models.CheckConstraint(
                name="rule_that_narrows_offers_a_way",
                condition=Q(outcome=Outcome.ALLOW) | ~Q(instead=""),
            ),
            models.CheckConstraint(
                name="rule_obligations_known",
                condition=Q(obligations__contained_by=Obligation.values),
            ),
            _one_of("rule", "step", Step),
            _one_of("rule", "relation", Relation),
            _one_of("rule", "outcome", Outcome),
            _names_some_of("rule", "holders", AgencyKind),
            _names_some_of("rule", "recipient_kinds", AgencyKind),
            _names_some_of("rule", "recipient_roles", Role),
            _names_some_of("rule", "categories", Category),
            _names_some_of("rule", "purposes", Purpose),
            *_said("rule", ["title", "because", "verified_by"]),
        ]

    def value(self) -> decision.Rule:
        """The rule as the pure function knows it. The gateway should be joined."""
        return decision.Rule(
            number=self.number,
            version=self.version,
            step=Step(self.step),
            title=self.title,
            holders=frozenset(map(AgencyKind, self.holders)),
            recipient_kinds=frozenset(map(AgencyKind, self.recipient_kinds)),
            recipient_roles=frozenset(map(Role, self.recipient_roles)),
            relation=Relation(self.relation),
            categories=frozenset(map(Category, self.categories)),
            purposes=frozenset(map(Purpose, self.purposes)),
            outcome=Outcome(self.outcome),
            gateway=self.gateway.value(),
            also=tuple(self.also),
            because=self.because,
            instead=self.instead,
            obligations=tuple(map(Obligation, self.obligations)),
            effective_from=self.effective_from,
            effective_to=self.effective_to,
            verified_on=self.verified_on,
            verified_by=self.verified_by,
        )
