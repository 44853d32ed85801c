"""What people decided about two cases that may be of one child. It never changes; it may end."""

from datetime import timedelta
from typing import Any, Final, Self
from uuid import UUID

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from portal.accounts.models import Membership
from portal.common.models import Record
from referrals.matching.vocabulary import Verdict
from referrals.models import Case, CaseQuerySet, Closure, Decision, Proposal
from referrals.vocabulary import Outcome
from referrals.workflow import Status

MAY_BE_UNDONE_FOR: Final = timedelta(days=30)

_ENDED_SAYS = Q(ended_at__isnull=True, ended_by__isnull=True, ended_why="") | (
    Q(ended_at__isnull=False, ended_by__isnull=False) & Q(ended_why__regex=r"\S")
)


AGAIN_WITHIN: Final = timedelta(days=365)
"""For how long after the work on a case ended another referral of the child is a referral again."""

NOT_TAKEN_ON: Final = (Outcome.ADVICE, Outcome.EARLY_HELP, Outcome.NFA, Outcome.WITHDRAWN)
"""Outcomes by which the partnership did not take a referral on."""


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


def with_end(cases: CaseQuerySet) -> CaseQuerySet:
    """These cases, each with when the work on it ended (`over_at`), if it did.

    It was closed, or the partnership did not take the referral on.
    """
    closed = Closure.objects.filter(case=OuterRef("pk"), reopened_at__isnull=True)
    decided = Decision.objects.filter(case=OuterRef("pk"), superseded_at__isnull=True)
    refused = decided.filter(Q(outcome__in=NOT_TAKEN_ON) | Q(case__status=Status.CLOSED))
    return cases.annotate(
        over_at=Coalesce(
            Subquery(closed.values("closed_at")[:1]), Subquery(refused.values("decided_at")[:1])
        )
    )


def same_child(cases: CaseQuerySet) -> tuple[CaseQuerySet, ...]:
    """Of these cases, the others that are surely of the child of the case of an outer query.

    Somebody decided so, or the NHS number or the pupil number is the same. One queryset for each
    way to know it, so that an index answers each.
    """
    others = cases.filter(partnership=OuterRef("partnership")).exclude(pk=OuterRef("pk"))
    same = Judgement.objects.current().filter(verdict=Verdict.SAME)
    ways = [
        others.filter(pk__in=same.filter(first=OuterRef(OuterRef("pk"))).values("second")),
        others.filter(pk__in=same.filter(second=OuterRef(OuterRef("pk"))).values("first")),
    ]
    for number in ("nhs_number", "upn"):
        name = f"particulars__{number}"
        ways.append(others.filter(**{name: OuterRef(name), f"{name}__gt": ""}))
    return tuple(ways)


def came_again(cases: CaseQuerySet) -> Q:
    """The condition on cases under which one of these came before, of the same child.

    The work on that one ended within twelve months before the case was received.
    """
    ended: Any = with_end(cases)  # with `over_at`
    before = ended.filter(
        over_at__lte=OuterRef("received_at"), over_at__gte=OuterRef("received_at") - AGAIN_WITHIN
    )
    condition = Q()
    for way in same_child(before):
        condition |= Q(Exists(way))
    return condition
