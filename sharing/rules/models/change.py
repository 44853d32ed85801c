"""Changes of the law, and the work that each one causes."""

from datetime import datetime
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from portal.accounts.models import Membership
from portal.common.models import Record
from sharing.rules.models.agreement import Agreement
from sharing.rules.models.line import RuleSet
from sharing.rules.vocabulary import ChangeKind, WorkStatus
from sharing.rules.workflow import Status

_APPROVED = (Status.APPROVED, Status.LIVE, Status.ROLLED_BACK)
_WAS_LIVE = (Status.LIVE, Status.ROLLED_BACK)


class ChangeQuerySet(models.QuerySet["Change"]):
    """Changes in domain words."""

    def due(self, day: object) -> Self:
        """Approved changes whose day has come."""
        return self.filter(status=Status.APPROVED, starts_on__lte=day)


class Change(Record):
    """A change of one rule: its next version, a new rule, or its end. `created_at` is when.

    `line` is the rule as a file of the law would say it, without its dates and its version; None
    for an end. `from_version` is the version that it changes. Once it is submitted nobody changes
    what it says (migration 0006).
    """

    kind = models.CharField(max_length=10, choices=ChangeKind.choices)
    number = models.CharField(max_length=4)
    from_version = models.PositiveSmallIntegerField(null=True)
    line = models.JSONField(null=True)
    reason = models.TextField()
    starts_on = models.DateField()
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.DRAFT)
    author = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    approver = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    approved_why = models.TextField(blank=True)
    failing = ArrayField(
        models.CharField(max_length=40),
        default=list,
        help_text="The statements that must hold and did not, when it was approved.",
    )
    live_in = models.OneToOneField(
        RuleSet, on_delete=models.PROTECT, null=True, related_name="change"
    )
    rejected_why = models.TextField(blank=True)
    rolled_back_in = models.OneToOneField(
        RuleSet, on_delete=models.PROTECT, null=True, related_name="undoes"
    )
    rolled_back_by = models.ForeignKey(
        Membership, on_delete=models.PROTECT, null=True, related_name="+"
    )
    rolled_back_why = models.TextField(blank=True)

    objects = ChangeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="change_kind_known", condition=Q(kind__in=ChangeKind.values)
            ),
            models.CheckConstraint(
                name="change_status_known", condition=Q(status__in=Status.values)
            ),
            models.CheckConstraint(name="change_says_why", condition=~Q(reason="")),
            models.CheckConstraint(
                name="change_says_its_line",
                condition=Q(kind=ChangeKind.END, line__isnull=True)
                | (~Q(kind=ChangeKind.END) & Q(line__isnull=False)),
            ),
            models.CheckConstraint(
                name="change_of_a_rule_names_its_version",
                condition=Q(kind=ChangeKind.ADD, from_version__isnull=True)
                | (~Q(kind=ChangeKind.ADD) & Q(from_version__isnull=False)),
            ),
            models.CheckConstraint(
                name="change_approver_is_not_its_author",
                condition=Q(approver__isnull=True) | ~Q(approver=F("author")),
            ),
            models.CheckConstraint(
                name="change_is_approved_by_somebody",
                condition=~Q(status__in=_APPROVED)
                | Q(approver__isnull=False, approved_at__isnull=False),
            ),
            models.CheckConstraint(
                name="change_with_failing_tests_is_argued",
                condition=Q(failing__len=0) | ~Q(approved_why=""),
            ),
            models.CheckConstraint(
                name="change_that_was_live_names_its_rule_set",
                condition=Q(status__in=_WAS_LIVE, live_in__isnull=False)
                | (~Q(status__in=_WAS_LIVE) & Q(live_in__isnull=True)),
            ),
            models.CheckConstraint(
                name="change_rejected_says_why",
                condition=(Q(status=Status.REJECTED) & ~Q(rejected_why=""))
                | (~Q(status=Status.REJECTED) & Q(rejected_why="")),
            ),
            models.CheckConstraint(
                name="change_rolled_back_says_why",
                condition=(
                    Q(
                        status=Status.ROLLED_BACK,
                        rolled_back_in__isnull=False,
                        rolled_back_by__isnull=False,
                    )
                    & ~Q(rolled_back_why="")
                )
                | (
                    ~Q(status=Status.ROLLED_BACK)
                    & Q(rolled_back_in__isnull=True, rolled_back_by__isnull=True)
                    & Q(rolled_back_why="")
                ),
            ),
            models.UniqueConstraint(
                fields=["number"],
                condition=Q(status__in=[Status.SUBMITTED, Status.APPROVED]),
                name="change_one_at_a_time",
            ),
        ]


def _left(at: datetime) -> Q:
    """Work that nobody does: just asked for, or left by a worker that stopped."""
    return Q(status=WorkStatus.ASKED) | Q(status=WorkStatus.DOING, lease_until__lte=at)


class ImpactQuerySet(models.QuerySet["Impact"]):
    """Counts in domain words."""

    def due(self, at: datetime) -> Self:
        """Counts that nobody does."""
        return self.filter(_left(at))


class ExaminationQuerySet(models.QuerySet["Examination"]):
    """Examinations in domain words."""

    def due(self, at: datetime) -> Self:
        """Examinations that nobody does."""
        return self.filter(_left(at))


class Work(Record):
    """Something long that a worker does. The row is the promise, `done` of `total` the progress.

    `lease` names the worker's turn: whoever comes back with an older lease changes nothing.
    """

    status = models.CharField(max_length=10, choices=WorkStatus.choices, default=WorkStatus.ASKED)
    lease = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True

    @property
    def is_done(self) -> bool:
        """Whether it is finished."""
        return self.status == WorkStatus.DONE


def _finished(model: str) -> list[models.CheckConstraint]:
    return [
        models.CheckConstraint(
            name=f"{model}_status_known", condition=Q(status__in=WorkStatus.values)
        ),
        models.CheckConstraint(
            name=f"{model}_done_says_when",
            condition=Q(status=WorkStatus.DONE, finished_at__isnull=False)
            | (~Q(status=WorkStatus.DONE) & Q(finished_at__isnull=True)),
        ),
        models.CheckConstraint(
            name=f"{model}_being_done_has_lease",
            condition=Q(status=WorkStatus.DOING, lease__isnull=False, lease_until__isnull=False)
            | (~Q(status=WorkStatus.DOING) & Q(lease__isnull=True, lease_until__isnull=True)),
        ),
    ]


class Impact(Work):
    """Who would gain and lose sight of what, by a change as it read when this was asked.

    `of` is the fingerprint of what the change said; `result` is counts and identifiers, no names.
    """

    change = models.ForeignKey(Change, on_delete=models.PROTECT, related_name="impacts")
    of = models.CharField(max_length=64)
    result = models.JSONField(null=True)

    objects = ImpactQuerySet.as_manager()

    class Meta:
        constraints = [
            *_finished("impact"),
            models.CheckConstraint(
                name="impact_done_has_a_result",
                condition=Q(status=WorkStatus.DONE, result__isnull=False)
                | (~Q(status=WorkStatus.DONE) & Q(result__isnull=True)),
            ),
            models.UniqueConstraint(fields=["change", "of"], name="impact_once_for_each_text"),
        ]


class Examination(Work):
    """Every live grant that a rule gave, held against the law again because something changed.

    `reached` is the last grant that was looked at; the next batch goes on after it.
    """

    rule_set = models.ForeignKey(
        RuleSet, on_delete=models.PROTECT, null=True, related_name="examinations"
    )
    agreement = models.ForeignKey(
        Agreement, on_delete=models.PROTECT, null=True, related_name="examinations"
    )
    day = models.DateField(
        null=True,
        unique=True,
        help_text="The day on which a line began or ended, where only the calendar asked.",
    )
    reached = models.UUIDField(null=True)
    kept = models.PositiveIntegerField(default=0)
    narrowed = models.PositiveIntegerField(default=0)
    ended = models.PositiveIntegerField(default=0)

    objects = ExaminationQuerySet.as_manager()

    class Meta:
        constraints = [
            *_finished("examination"),
            models.CheckConstraint(
                name="examination_has_one_cause",
                condition=Q(rule_set__isnull=False, agreement__isnull=True)
                | Q(rule_set__isnull=True, agreement__isnull=False),
            ),
        ]
