"""The clocks of a case: what was promised, by when, by which settings; and where they stood still.

What was promised is stored as it was worked out. A setting that changes later rewrites nothing.
"""

from typing import Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from portal.accounts.models import Membership
from portal.common.models import Record
from referrals.models.case import Case
from referrals.vocabulary import ClockKind


class ClockQuerySet(models.QuerySet["Clock"]):
    """Clocks in domain words."""

    def running(self) -> Self:
        """What has not stopped, and does not stand still."""
        still = Pause.objects.filter(clock=OuterRef("pk"), until_at__isnull=True)
        return self.filter(~Exists(still), stopped_at__isnull=True)


class Clock(Record):
    """One promise about a case: from when, until when, by which settings; when it was kept.

    The time by which a decision is due is the case's own column, which orders the board: a trigger
    keeps this row equal to it while the clock runs. `elapsed` is working time, without pauses.
    Sooner it may fall due; later only by what a pause says (the database holds it).
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="clocks")
    kind = models.CharField(max_length=20, choices=ClockKind.choices)
    started_at = models.DateTimeField()
    due_at = models.DateTimeField()
    near_at = models.DateTimeField(help_text="From then on somebody is told that it is close.")
    settings = models.JSONField(default=dict, help_text="What it was worked out with.")
    stopped_at = models.DateTimeField(null=True, blank=True)
    elapsed = models.DurationField(null=True, blank=True)
    replaced = models.BooleanField(
        default=False,
        help_text="It was not kept: it stopped because one that ends sooner took over.",
    )
    near_told_at = models.DateTimeField(null=True, blank=True)
    passed_told_at = models.DateTimeField(null=True, blank=True)

    objects = ClockQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["near_at"],
                name="clock_near",
                condition=Q(stopped_at__isnull=True, near_told_at__isnull=True),
            ),
            models.Index(
                fields=["due_at"],
                name="clock_due",
                condition=Q(stopped_at__isnull=True, passed_told_at__isnull=True),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "kind"],
                condition=Q(stopped_at__isnull=True),
                name="clock_runs_once_for_a_case",
            ),
            models.CheckConstraint(name="clock_kind_known", condition=Q(kind__in=ClockKind.values)),
            models.CheckConstraint(
                name="clock_is_near_before_it_is_due", condition=Q(near_at__lte=F("due_at"))
            ),
            models.CheckConstraint(
                name="clock_stopped_says_how_long",
                condition=Q(stopped_at__isnull=True, elapsed__isnull=True)
                | Q(stopped_at__isnull=False, elapsed__isnull=False),
            ),
            models.CheckConstraint(
                name="clock_replaced_has_stopped",
                condition=Q(replaced=False)
                | Q(kind=ClockKind.FIRST_LOOK, stopped_at__isnull=False),
            ),
        ]


class Pause(Record):
    """A time in which a clock stood still: why, and who said so. Never silent."""

    clock = models.ForeignKey(Clock, on_delete=models.PROTECT, related_name="pauses")
    reason = models.TextField()
    paused_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    from_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    due_after = models.DateTimeField(
        null=True,
        blank=True,
        help_text="By when the decision was due, once somebody had let the clock run on.",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clock"],
                condition=Q(until_at__isnull=True),
                name="pause_once_at_a_time",
            ),
            models.CheckConstraint(name="pause_has_reason", condition=Q(reason__regex=r"\S")),
            models.CheckConstraint(
                # A clock that stops while it stands still ends the pause by itself.
                name="pause_ends_after_it_begins",
                condition=Q(until_at__isnull=True, ended_by__isnull=True)
                | Q(until_at__gte=F("from_at")),
            ),
            models.CheckConstraint(
                name="pause_puts_off_when_somebody_ends_it",
                condition=Q(due_after__isnull=True) | Q(ended_by__isnull=False),
            ),
        ]
