"""Who knows of a case from when until when, as rows that lists count and page."""

from datetime import datetime
from typing import Self
from uuid import UUID

from django.contrib.auth.models import Group
from django.db import models
from django.db.models import Count, Q

from portal.accounts.models import Membership, Partnership
from referrals.models.case import Case
from referrals.models.clock import Pause
from referrals.workflow import OVER, Status


def _nobody() -> Q:
    """Where nobody has the case, or somebody who has left: the sweep takes it off them soon."""
    # From the few who have left to their cases, and not from every case to who has it.
    left = Case.objects.filter(coordinator__in=Membership.objects.ended())
    return Q(unassigned=True) | Q(case__in=left.values("pk"))


class SightQuerySet(models.QuerySet["Sight"]):
    """Sights in domain words. Each is answered by one index, whatever the number of cases."""

    def newest(self) -> Self:
        """The latest received first."""
        return self.order_by("-received_at", "reference")

    def waiting(self) -> Self:
        """Where a decision is still owed: immediate danger first, then least time left."""
        return self.filter(waiting=True).order_by("rank", "due_at", "reference")

    def overdue(self, at: datetime) -> Self:
        """Where a decision is owed and late at `at`: not where its clock stands still."""
        return self.waiting().filter(_late(at))

    def oldest(self) -> Self:
        """The earliest received first."""
        return self.order_by("received_at", "-reference")

    def due(self, when: str, now: datetime, tonight: datetime) -> Self:
        """Where a decision is owed ("owed"), and when: "overdue", "today" or "later"."""
        ways = {
            "owed": Q(),
            "overdue": _late(now),
            "today": Q(due_at__gte=now, due_at__lt=tonight),
            "later": Q(due_at__gte=tonight),
        }
        return self.waiting().filter(ways[when])

    def counted(self, now: datetime, tonight: datetime, me: UUID) -> dict[str, int]:
        """How many wait in each view of the board, in one query."""
        ways = {
            "everything": Q(),
            "mine": Q(case__in=Case.objects.filter(coordinator=me).values("pk")),
            "unassigned": _nobody(),
            "overdue": _late(now),
            "today": Q(due_at__gte=now, due_at__lt=tonight),
            "immediate": Q(rank=0),
            "withdrawn": Q(case__in=Case.objects.filter(status=Status.WITHDRAWN).values("pk")),
        }
        # Not the row's own key, which is in no index beside the rest.
        counts = {f"n_{name}": Count("case_id", filter=way) for name, way in ways.items()}
        found = self.waiting().order_by().aggregate(**counts)
        return {name: found[f"n_{name}"] for name in ways}

    def unassigned(self) -> Self:
        """Where nobody has taken the case on yet, or whoever had has left."""
        return self.filter(_nobody())

    def assigned(self) -> Self:
        """Where somebody has."""
        return self.exclude(_nobody())

    def over(self, is_over: bool) -> Self:  # noqa: FBT001 - the word is the answer
        """Where the partnership's work on the case is over, or where it is not."""
        return (
            self.filter(case__status__in=OVER) if is_over else self.exclude(case__status__in=OVER)
        )

    def opened(self) -> Self:
        """Where the case is open for a plan."""
        return self.filter(opened=True)


def _late(at: datetime) -> Q:
    still = Pause.objects.filter(until_at__isnull=True, clock__stopped_at__isnull=True)
    return Q(due_at__lt=at) & ~Q(case__in=still.values("clock__case"))


class Sight(models.Model):
    """From when until when a team, or one person of it, knows of a case; with what orders a list.

    Nobody writes it: triggers keep it equal to the grants, the authors, the emergency accesses and
    the case itself (migration 0006), and the site may only read it. The windows of one team and
    case never overlap, so that at any moment at most one row is a person's. A wall is not in it.
    Read only through `policies.sights`; what a page shows of a case comes from the case.
    """

    # The rows that it is made from have the foreign keys; here they would only cost.
    group = models.ForeignKey(
        Group, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    case = models.ForeignKey(
        Case, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    only = models.ForeignKey(
        Membership,
        on_delete=models.DO_NOTHING,
        null=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
        help_text="The one person who sees it; empty for the whole team.",
    )
    partnership = models.ForeignKey(
        Partnership,
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    from_at = models.DateTimeField()
    until_at = models.DateTimeField(help_text="Infinity when there is no end.")
    reference = models.CharField(max_length=10)
    received_at = models.DateTimeField()
    due_at = models.DateTimeField()
    rank = models.PositiveSmallIntegerField(help_text="0 for immediate danger, 1 for the rest.")
    waiting = models.BooleanField()
    unassigned = models.BooleanField()
    opened = models.BooleanField()

    objects = SightQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(
                fields=["group", "-received_at", "reference"],
                name="sight_by_receipt",
                include=["case", "only", "partnership", "from_at", "until_at", "opened"],
            ),
            models.Index(
                fields=["group", "rank", "due_at", "reference"],
                name="sight_by_deadline",
                condition=Q(waiting=True),
                include=["case", "only", "partnership", "from_at", "until_at", "unassigned"],
            ),
            models.Index(
                fields=["group"],
                name="sight_opened",
                condition=Q(opened=True),
                include=["case", "only", "partnership", "from_at", "until_at"],
            ),
            models.Index(fields=["until_at"], name="sight_by_end"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "group", "from_at", "only"],
                name="sight_once_at_a_time",
                nulls_distinct=False,
                include=["partnership", "until_at"],
            ),
        ]

    def __str__(self) -> str:
        return f"Sight {self.pk}"
