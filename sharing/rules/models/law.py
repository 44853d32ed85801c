"""The law itself: provisions, rules and bases, dated, versioned and never changed.

A trigger (migrations 0002 and 0003) refuses every UPDATE and DELETE but one: giving an end date to
a row that had none, with the rule set that gave it. A review by a lawyer is therefore a new version
of the row, and each decision shows whether the version that it relied on had been reviewed. What a
rule set knew can be read again at any time: its rows, and the ends that had been given by then.
"""

from datetime import timedelta

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
from sharing.rules import decision
from sharing.rules.models.line import (
    Line,
    RuleSet,
    names_only,
    names_some_of,
    next_day,
    one_of,
    says,
    words,
    words_or_none,
)
from sharing.rules.vocabulary import (
    NARROWING,
    Article6,
    Article9,
    Category,
    Circumstance,
    Commencement,
    Condition,
    GatewayKind,
    Obligation,
    Outcome,
    OutsideParty,
    Purpose,
    Relation,
    Step,
)


class Gateway(Line):
    """A provision of law or guidance, in one version.

    `leads_from`, `leads_to` and `leads_outside`: from which kinds of agency it can carry
    information, and to whom. All empty: it does not say, as before rule set 2.
    """

    rule_set = models.ForeignKey(RuleSet, on_delete=models.PROTECT, related_name="gateways")
    code = models.CharField(max_length=20)
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
    leads_from = words_or_none()
    leads_to = words_or_none()
    leads_outside = words_or_none()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="gateway_version_once"),
            one_of("gateway", "kind", GatewayKind),
            one_of("gateway", "commencement", Commencement),
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
            names_only("gateway", "leads_from", AgencyKind),
            names_only("gateway", "leads_to", AgencyKind),
            names_only("gateway", "leads_outside", OutsideParty),
            *says(
                "gateway",
                ["code", "provision", "title", "plain", "binds", "must_record", "verified_by"],
            ),
        ]

    def __str__(self) -> str:
        return f"The provision {self.code} version {self.version}"

    @property
    def cited_as(self) -> str:
        """How rules and decisions name this version of the provision."""
        return decision.citation(self.code, self.version)

    def value(self, known_in: int | None = None) -> decision.Gateway:
        """The provision as the pure function knows it, or as rule set `known_in` knew it."""
        return decision.Gateway(
            code=self.code,
            version=self.version,
            provision=self.provision,
            commencement=Commencement(self.commencement),
            in_force_from=self.in_force_from,
            in_force_to=self.as_known(self.in_force_to, known_in),
            leads_from=frozenset(map(AgencyKind, self.leads_from)),
            leads_to=frozenset(map(AgencyKind, self.leads_to)),
            leads_outside=frozenset(map(OutsideParty, self.leads_outside)),
        )


class Rule(Line):
    """One rule, in one version. What it says of whom is in `sharing.rules.decision.Rule`.

    A version that was replaced on its first day ends the day before it: it is in force on no day.
    """

    rule_set = models.ForeignKey(RuleSet, on_delete=models.PROTECT, related_name="rules")
    number = models.CharField(max_length=4)
    step = models.CharField(max_length=10, choices=Step.choices)
    title = models.CharField(max_length=120)
    holders = words()
    recipient_kinds = words_or_none()
    recipient_roles = words_or_none()
    outside = words_or_none()
    relation = models.CharField(max_length=20, choices=Relation.choices)
    when = models.CharField(
        max_length=20, choices=Circumstance.choices, default=Circumstance.ALWAYS
    )
    categories = words()
    purposes = words()
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    gateway = models.ForeignKey(Gateway, on_delete=models.PROTECT, related_name="rules")
    also = ArrayField(models.CharField(max_length=20))
    because = models.TextField()
    instead = models.TextField()
    remains = models.TextField(default="")
    obligations = words()
    effective_from = models.DateField()
    effective_to = models.DateField(null=True)

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
                            next_day("effective_to"),
                            RangeBoundary(),
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
                # Withdrawn on its first day: it ends the day before, and was never in force.
                condition=Q(effective_to__isnull=True)
                | Q(effective_to__gte=F("effective_from"))
                | Q(ended_in__isnull=False, effective_from=next_day("effective_to")),
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
            one_of("rule", "step", Step),
            one_of("rule", "relation", Relation),
            one_of("rule", "when", Circumstance),
            one_of("rule", "outcome", Outcome),
            names_some_of("rule", "holders", AgencyKind),
            names_only("rule", "recipient_kinds", AgencyKind),
            names_only("rule", "recipient_roles", Role),
            names_only("rule", "outside", OutsideParty),
            models.CheckConstraint(
                name="rule_names_its_recipients",
                condition=Q(recipient_kinds__len__gte=1, recipient_roles__len__gte=1)
                | Q(recipient_kinds__len=0, recipient_roles__len=0, outside__len__gte=1),
            ),
            models.CheckConstraint(
                name="rule_in_part_says_what_remains",
                condition=~Q(outcome=Outcome.REDACT) | ~Q(remains=""),
            ),
            models.CheckConstraint(
                name="rule_shows_nothing_by_a_narrowing_relation",
                condition=~Q(outcome=Outcome.ALLOW) | ~Q(relation__in=NARROWING),
            ),
            names_some_of("rule", "categories", Category),
            names_some_of("rule", "purposes", Purpose),
            *says("rule", ["title", "because", "verified_by"]),
        ]

    def __str__(self) -> str:
        return f"Rule {self.number} version {self.version}"

    @property
    def is_withdrawn(self) -> bool:
        """Whether it was replaced on its first day, so that it is in force on no day."""
        ends = self.effective_to
        return ends is not None and ends + timedelta(days=1) == self.effective_from

    def value(self, known_in: int | None = None) -> decision.Rule:
        """The rule as the pure function knows it, or as rule set `known_in` knew it.

        The gateway, and what ended either, should be joined.
        """
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
            gateway=self.gateway.value(known_in),
            also=tuple(self.also),
            because=self.because,
            instead=self.instead,
            obligations=tuple(map(Obligation, self.obligations)),
            effective_from=self.effective_from,
            effective_to=self.as_known(self.effective_to, known_in),
            verified_on=self.verified_on,
            verified_by=self.verified_by,
            outside=frozenset(map(OutsideParty, self.outside)),
            when=Circumstance(self.when),
            remains=self.remains,
        )


class Basis(Line):
    """What an agency relies on in data protection law for a purpose, in one version.

    `public_body` tells the two kinds of school apart; `condition` is that of the Data Protection
    Act 2018. What the person who shares must then say is in `sharing.rules.decision.ArticlePair`.
    """

    rule_set = models.ForeignKey(RuleSet, on_delete=models.PROTECT, related_name="bases")
    code = models.CharField(max_length=20)
    title = models.CharField(max_length=120)
    plain = models.TextField()
    holders = words()
    public_body = models.BooleanField()
    purposes = words()
    article_6 = words()
    article_9 = words()
    article_10 = words_or_none()
    condition = models.CharField(max_length=40, choices=Condition.choices)
    effective_from = models.DateField()
    effective_to = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="basis_version_once"),
            models.CheckConstraint(
                name="basis_ends_after_it_starts",
                condition=Q(effective_to__isnull=True) | Q(effective_to__gte=F("effective_from")),
            ),
            one_of("basis", "condition", Condition),
            names_some_of("basis", "holders", AgencyKind),
            names_some_of("basis", "purposes", Purpose),
            names_some_of("basis", "article_6", Article6),
            names_some_of("basis", "article_9", Article9),
            names_only("basis", "article_10", Condition),
            *says("basis", ["code", "title", "plain", "verified_by"]),
        ]

    def __str__(self) -> str:
        return f"The basis {self.code} version {self.version}"

    def value(self, known_in: int | None = None) -> decision.Basis:
        """The basis as the pure function knows it, or as rule set `known_in` knew it."""
        return decision.Basis(
            code=self.code,
            version=self.version,
            title=self.title,
            holders=frozenset(map(AgencyKind, self.holders)),
            public_body=self.public_body,
            purposes=frozenset(map(Purpose, self.purposes)),
            article_6=tuple(map(Article6, self.article_6)),
            article_9=tuple(map(Article9, self.article_9)),
            article_10=tuple(map(Condition, self.article_10)),
            condition=Condition(self.condition),
            effective_from=self.effective_from,
            effective_to=self.as_known(self.effective_to, known_in),
            verified_on=self.verified_on,
            verified_by=self.verified_by,
        )
