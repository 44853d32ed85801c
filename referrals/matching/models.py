"""What people decided about two cases that may be of one child. It never changes; it may end."""

from datetime import timedelta
from typing import Final, Self
from uuid import UUID

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from portal.accounts.models import Membership
from portal.common.models import Record
from referrals.matching.vocabulary import Verdict
from referrals.models import Case, Proposal

MAY_BE_UNDONE_FOR: Final = timedelta(days=30)

_ENDED_SAYS = Q(ended_at__isnull=True, ended_by__isnull=True, ended_why="") | (
    Q(ended_at__isnull=False, ended_by__isnull=False) & Q(ended_why__regex=r"\S")
)


class JudgementQuerySet(models.QuerySet["Judgement"]):
    """Judgements in domain words."""

    def current(self) -> Self:
        """Those that hold."""
        return self.filter(ended_at__isnull=True)

    def about(self, case: Case) -> Self:
        """Those of which this case is one of the two."""
        return self.filter(Q(first=case) | Q(second=case))


class Judgement(Record):
    """Somebody decided that two cases are about the same child, or are not.

    `first` and `second` stand in the order of their ids, so that a pair is one pair.
    `told_apart_by` is the version of what was known of both: when that has changed, the question
    is another one.
    """

    first = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    second = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    reason = models.TextField()
    told_apart_by = models.CharField(max_length=16)
    by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    judged_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, related_name="+")
    ended_why = models.TextField(blank=True)

    objects = JudgementQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["first", "second"],
                condition=Q(ended_at__isnull=True),
                name="judgement_one_current_per_pair",
            ),
            models.CheckConstraint(
                name="judgement_of_two_cases_in_order", condition=Q(first__lt=F("second"))
            ),
            models.CheckConstraint(
                name="judgement_verdict_known", condition=Q(verdict__in=Verdict.values)
            ),
            models.CheckConstraint(name="judgement_has_reason", condition=Q(reason__regex=r"\S")),
            models.CheckConstraint(
                name="judgement_ended_says_by_whom_and_why", condition=_ENDED_SAYS
            ),
        ]

    def other_id(self, case: Case) -> UUID:
        """The other one of the two."""
        return self.second_id if self.first_id == case.pk else self.first_id


class JoinQuerySet(models.QuerySet["Join"]):
    """Joins in domain words."""

    def current(self) -> Self:
        """Those that hold."""
        return self.filter(ended_at__isnull=True)


class Join(Record):
    """A referral whose work goes on in another case of the same child. It links; it moves nothing.

    Each case keeps its referral, its statements, its grants and its ledger, so nobody reads
    anything more by it, and to undo it is to end this row. `shown_first` says by question in
    which of the two cases the value stands that people should use.
    """

    joined = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="joins")
    leading = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="joined_here")
    judgement = models.ForeignKey(Judgement, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    shown_first = models.JSONField(default=dict, blank=True)
    by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    joined_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, related_name="+")
    ended_why = models.TextField(blank=True)

    objects = JoinQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["joined"],
                condition=Q(ended_at__isnull=True),
                name="join_one_current_per_joined_case",
            ),
            models.CheckConstraint(
                name="join_is_not_with_itself", condition=~Q(joined=F("leading"))
            ),
            models.CheckConstraint(name="join_has_reason", condition=Q(reason__regex=r"\S")),
            models.CheckConstraint(name="join_ended_says_by_whom_and_why", condition=_ENDED_SAYS),
            models.CheckConstraint(
                name="join_is_undone_within_thirty_days",
                condition=Q(ended_at__isnull=True)
                | Q(ended_at__lte=F("joined_at") + MAY_BE_UNDONE_FOR),
            ),
        ]


class ProposedJoin(Record):
    """What a decision to join would join, while it waits for a second person. Never changed."""

    proposal = models.OneToOneField(Proposal, on_delete=models.PROTECT, related_name="joining")
    leading = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    shown_first = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="proposed_join_has_reason", condition=Q(reason__regex=r"\S")
            ),
        ]
