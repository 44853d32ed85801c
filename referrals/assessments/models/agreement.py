"""The level that people agreed: in words first, with who signed and who does not agree."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from portal.accounts.models import Agency, Membership
from portal.common.models import Record
from referrals.assessments.models.assessment import Assessment
from referrals.assessments.vocabulary import Capacity, Level, Takes, View
from referrals.models import Statement


def _below(column: str) -> Q:
    """The agreed level is lower than the one in this column."""
    found = Q()
    for level in list(Level)[1:]:
        lower = [str(each) for each in Level if each.height < level.height]
        found |= Q(**{column: str(level), "level__in": lower})
    return found


class Judgement(Record):
    """The professional judgement in words, written before anybody sees what the tool counts.

    With it stands what is known of the child beside the answers: `missing` times in 90 days, and
    whether the child cannot safely return home. Empty where nobody knows. Never changed: whoever
    thinks otherwise later writes another.
    """

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="judgements")
    words = models.OneToOneField(Statement, on_delete=models.PROTECT, related_name="+")
    child = models.OneToOneField(
        Statement,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="What the child thinks of the result, or why nobody has asked.",
    )
    missing = models.PositiveSmallIntegerField(null=True, blank=True)
    unsafe_home = models.BooleanField(null=True, blank=True)
    by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField(default=timezone.now)


class Agreement(Record):
    """A level for a child, with what the tool said beside it. In force once all have signed.

    One to which somebody said no, or that was withdrawn, stays as it is for ever; another may be
    put up after it, which takes signatures of its own.
    """

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="agreements")
    judgement = models.OneToOneField(Judgement, on_delete=models.PROTECT, related_name="agreement")
    level = models.CharField(max_length=20, choices=Level.choices)
    before = models.CharField(max_length=20, choices=Level.choices, blank=True)
    advised = models.CharField(max_length=20, choices=Level.choices, blank=True)
    floor = models.CharField(max_length=20, choices=Level.choices, blank=True)
    total = models.PositiveSmallIntegerField(help_text="Tenths of a point.")
    gaps = models.PositiveSmallIntegerField(help_text="How many items nobody could answer.")
    insufficient = models.BooleanField()
    recent_harm = models.BooleanField(
        default=False, help_text="A sign of harm itself was less than a year old."
    )
    takes = models.CharField(max_length=30, choices=[(each.value, each.name) for each in Takes])
    differs = models.OneToOneField(
        Statement,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Why it is higher or lower than the tool or the last level says.",
    )
    by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    agreed_at = models.DateTimeField(default=timezone.now)
    review_on = models.DateField(help_text="By when agencies look together again.")
    in_force_at = models.DateTimeField(null=True, blank=True)
    declined_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    withdrawn_why = models.OneToOneField(
        Statement, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    review_told_at = models.DateTimeField(null=True, blank=True)
    sign_told_at = models.DateTimeField(
        null=True, blank=True, help_text="When a new sign of harm asked for another look."
    )

    class Meta:
        indexes = [
            models.Index(
                fields=["review_on"],
                name="agreement_to_look_again",
                condition=Q(in_force_at__isnull=False, review_told_at__isnull=True),
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["assessment"],
                condition=Q(declined_at__isnull=True, withdrawn_at__isnull=True),
                name="agreement_one_per_assessment",
            ),
            models.CheckConstraint(
                name="agreement_levels_known",
                condition=Q(level__in=Level.values)
                & Q(before__in=["", *Level.values])
                & Q(advised__in=["", *Level.values])
                & Q(floor__in=["", *Level.values]),
            ),
            models.CheckConstraint(
                name="agreement_takes_known", condition=Q(takes__in=[str(each) for each in Takes])
            ),
            models.CheckConstraint(
                name="agreement_that_differs_says_why",
                condition=Q(takes=Takes.NOTHING) | Q(differs__isnull=False),
            ),
            models.CheckConstraint(
                name="agreement_below_a_floor_takes_chair_and_agency",
                condition=~_below("floor") | Q(takes=str(Takes.CHAIR_AND_SECOND_AGENCY)),
            ),
            models.CheckConstraint(
                name="agreement_that_is_lower_takes_another",
                condition=~(_below("before") | _below("advised"))
                | Q(takes__in=[str(Takes.COUNTERSIGN), str(Takes.CHAIR_AND_SECOND_AGENCY)]),
            ),
            models.CheckConstraint(
                name="agreement_declined_is_not_in_force",
                condition=Q(in_force_at__isnull=True) | Q(declined_at__isnull=True),
            ),
            models.CheckConstraint(
                name="agreement_withdrawn_by_somebody_who_says_why",
                condition=Q(
                    withdrawn_at__isnull=True,
                    withdrawn_by__isnull=True,
                    withdrawn_why__isnull=True,
                )
                | Q(
                    withdrawn_at__isnull=False,
                    withdrawn_by__isnull=False,
                    withdrawn_why__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="agreement_withdrawn_is_not_in_force",
                condition=Q(in_force_at__isnull=True) | Q(withdrawn_at__isnull=True),
            ),
            models.CheckConstraint(
                # A "no" is not taken back by withdrawing what it was said to.
                name="agreement_withdrawn_or_declined_once",
                condition=Q(declined_at__isnull=True) | Q(withdrawn_at__isnull=True),
            ),
            models.CheckConstraint(
                name="agreement_in_force_after_agreed",
                condition=Q(in_force_at__isnull=True) | Q(in_force_at__gte=F("agreed_at")),
            ),
        ]

    @property
    def stands(self) -> bool:
        """Whether it is put up or in force: nobody said no to it, and nobody withdrew it."""
        return self.declined_at is None and self.withdrawn_at is None


class Confirmation(Record):
    """What one agency says of an agreed level. A dissent is kept as long as the level is."""

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="confirmations")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    view = models.CharField(max_length=10, choices=View.choices)
    words = models.OneToOneField(
        Statement, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    said_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agreement", "agency"], name="confirmation_once_for_an_agency"
            ),
            models.CheckConstraint(
                name="confirmation_view_known", condition=Q(view__in=View.values)
            ),
            models.CheckConstraint(
                name="confirmation_says_what_it_notes",
                condition=Q(view=View.AGREES, words__isnull=True)
                | (~Q(view=View.AGREES) & Q(words__isnull=False)),
            ),
        ]


class Signature(Record):
    """Another person signs a level, or does not. Nobody signs their own."""

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="signatures")
    capacity = models.CharField(max_length=10, choices=Capacity.choices)
    by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    signs = models.BooleanField()
    words = models.OneToOneField(
        Statement,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Why somebody does not sign.",
    )
    signed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agreement", "capacity"], name="signature_once_for_a_capacity"
            ),
            models.CheckConstraint(
                name="signature_capacity_known", condition=Q(capacity__in=Capacity.values)
            ),
            models.CheckConstraint(
                name="signature_not_given_says_why",
                condition=Q(signs=True, words__isnull=True) | Q(signs=False, words__isnull=False),
            ),
        ]
