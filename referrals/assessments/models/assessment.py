"""A joint risk assessment: who is asked, what each answers, sealed until all are opened at once."""

from datetime import datetime
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from portal.accounts.models import Agency, Membership
from portal.common.models import Record
from referrals.assessments.models.tool import ToolVersion
from referrals.assessments.vocabulary import KNOWN_HOW
from referrals.assessments.workflow import AGREED, UNDER_WAY, Status
from referrals.models import Case, Statement


class AssessmentQuerySet(models.QuerySet["Assessment"]):
    """Assessments in domain words."""

    def under_way(self) -> Self:
        """Those on which somebody has something to do."""
        return self.filter(status__in=UNDER_WAY)

    def agreed(self) -> Self:
        """Those with a level that is or was in force."""
        return self.filter(status__in=AGREED)


class Assessment(Record):
    """Agencies look at one child together, with one version of a tool.

    `look_at` is what the agencies that are asked read: words written to them, and to nobody else.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="assessments")
    tool = models.ForeignKey(ToolVersion, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.ASKED)
    look_at = models.TextField()
    started_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField()
    revealed_at = models.DateTimeField(null=True, blank=True)
    revealed_by = models.ForeignKey(
        Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    late_told_at = models.DateTimeField(
        null=True, blank=True, help_text="When whoever looks after the case heard that it is late."
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_why = models.TextField(blank=True)

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["case", "started_at"], name="assessment_by_case")]
        constraints = [
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(status__in=UNDER_WAY),
                name="assessment_one_under_way_per_case",
            ),
            models.CheckConstraint(
                name="assessment_status_known", condition=Q(status__in=Status.values)
            ),
            models.CheckConstraint(
                name="assessment_says_what_to_look_at", condition=Q(look_at__regex=r"\S")
            ),
            models.CheckConstraint(
                name="assessment_due_after_started", condition=Q(due_at__gt=F("started_at"))
            ),
            models.CheckConstraint(
                name="assessment_opened_by_somebody",
                condition=Q(
                    revealed_at__isnull=True,
                    revealed_by__isnull=True,
                    status__in=[Status.ASKED, Status.CALLED_OFF],
                )
                | (
                    Q(revealed_at__isnull=False, revealed_by__isnull=False)
                    & ~Q(status__in=[Status.ASKED, Status.CALLED_OFF])
                ),
            ),
            models.CheckConstraint(
                name="assessment_called_off_says_why",
                condition=Q(ended_at__isnull=True, ended_why="") & ~Q(status=Status.CALLED_OFF)
                | Q(ended_at__isnull=False, ended_why__regex=r"\S", status=Status.CALLED_OFF),
            ),
        ]


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Invitations in domain words."""

    def unanswered(self) -> Self:
        """Those of which the agency has something to do still."""
        return self.filter(submitted_at__isnull=True, assessment__status=Status.ASKED)

    def near(self, at: datetime) -> Self:
        """Those whose chase is due at this moment, and that were not chased."""
        return self.unanswered().filter(chased_at__isnull=True, chase_at__lte=at)


class Invitation(Record):
    """One agency is asked what it knows. What it answers lies here, sealed, until the opening.

    `sealed` is what it has saved, then what it has sent; opening makes answers of it and empties
    it. `by` is who writes for the agency.
    """

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="invitations")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    sealed = models.JSONField(default=dict)
    by = models.ForeignKey(
        Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    submitted_at = models.DateTimeField(null=True, blank=True)
    chase_at = models.DateTimeField()
    chased_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "agency"], name="invitation_once_for_an_agency"
            ),
            models.CheckConstraint(
                name="invitation_answered_by_somebody",
                condition=Q(submitted_at__isnull=True) | Q(by__isnull=False),
            ),
        ]


class Answer(Record):
    """What one agency answered to one item, as it was opened. Its words are a statement."""

    invitation = models.ForeignKey(Invitation, on_delete=models.PROTECT, related_name="answers")
    item = models.CharField(max_length=20)
    answer = models.CharField(max_length=20)
    recency = models.CharField(max_length=20, blank=True)
    times = models.PositiveSmallIntegerField(null=True, blank=True)
    known_how = models.CharField(max_length=20, blank=True)
    words = models.OneToOneField(
        Statement, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["invitation", "item"], name="answer_once_for_an_item"),
            models.CheckConstraint(
                name="answer_has_item_and_answer", condition=~Q(item="") & ~Q(answer="")
            ),
            models.CheckConstraint(
                # What somebody says that there is, they say how they know.
                name="answer_with_words_says_how_known",
                condition=Q(words__isnull=True, known_how="", recency="", times__isnull=True)
                | Q(words__isnull=False, known_how__in=KNOWN_HOW),
            ),
        ]


class Brought(Record):
    """What one agency brought beside its answers: strengths, the child's view, anything else."""

    invitation = models.OneToOneField(Invitation, on_delete=models.PROTECT, related_name="brought")
    strengths = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    strengths_words = models.OneToOneField(
        Statement, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    child = models.OneToOneField(
        Statement,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="What the child says, or why nobody here has asked.",
    )
    more = models.OneToOneField(
        Statement, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
