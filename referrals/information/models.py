"""Information reports: what was told, what it names, who has read it, what it was linked with."""

from datetime import timedelta
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from portal.accounts.models import Agency, Membership, Partnership
from portal.common.models import Record, version_of
from referrals.information.vocabulary import A_CHILD, KINDS, SOURCES, TOLD, Verdict
from referrals.models import Case, Statement, new_reference
from referrals.services.items import ItemKind
from referrals.vocabulary import Certainty, KnownHow
from sharing.rules.vocabulary import Category

KEPT_FOR = timedelta(days=30)


def new_report_reference() -> str:
    """A new reference such as P-4KD7-92Q: as random as a case's, and never one of a case."""
    return f"P-{new_reference().removeprefix('R-')}"


class DraftQuerySet(models.QuerySet["Draft"]):
    """Drafts in domain words."""

    def unsent(self) -> Self:
        """Drafts that are still being written, the latest first."""
        since = timezone.now() - KEPT_FOR
        return self.filter(sent_at__isnull=True, saved_at__gt=since).order_by("-saved_at")

    def forgotten(self) -> Self:
        """Unsent drafts that nobody has saved for as long as we keep them."""
        return self.filter(sent_at__isnull=True, saved_at__lte=timezone.now() - KEPT_FOR)


class Draft(Record):
    """A report being written: its author's own. Emptied when it is sent."""

    author = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    answers = models.JSONField(default=dict)
    saved_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    reference = models.CharField(max_length=10, blank=True)

    objects = DraftQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["author", "-saved_at"], name="information_draft_by_author")]
        constraints = [
            models.CheckConstraint(
                name="information_draft_sent_is_empty",
                condition=Q(sent_at__isnull=True, reference="")
                | (Q(sent_at__isnull=False, answers={}) & ~Q(reference="")),
            ),
        ]

    @property
    def whole(self) -> str:
        """The version of everything that is sent: another version, other words."""
        return version_of(self.answers)


class ReportQuerySet(models.QuerySet["Report"]):
    """Reports in domain words."""

    def for_rows(self) -> Self:
        """With what one row of a list needs, the latest first."""
        return self.select_related("agency", "author__user", "receipt").order_by("-sent_at", "pk")


class Report(Record):
    """What one person told about people, places or means, with no known child. Never changed."""

    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="+")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    author = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    reference = models.CharField(max_length=10, unique=True, default=new_report_reference)
    what = models.TextField()
    known_how = models.CharField(max_length=20, choices=KnownHow.choices)
    told_by = models.CharField(max_length=200, blank=True, help_text="Who told the author.")
    sure = models.CharField(max_length=10, choices=Certainty.choices)
    from_day = models.DateField(null=True, blank=True)
    to_day = models.DateField(null=True, blank=True)
    name_withheld = models.BooleanField(
        help_text="Who told us is for those alone whom a rule names."
    )
    sent_at = models.DateTimeField()
    key = models.UUIDField(unique=True, help_text="The draft that it came from: sent once.")

    objects = ReportQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["partnership", "-sent_at"], name="information_by_area"),
            models.Index(fields=["author", "-sent_at"], name="information_by_author"),
        ]
        constraints = [
            models.CheckConstraint(name="information_says_something", condition=~Q(what="")),
            models.CheckConstraint(
                name="information_has_a_source", condition=Q(known_how__in=SOURCES)
            ),
            models.CheckConstraint(
                name="information_is_more_or_less_sure", condition=Q(sure__in=Certainty.values)
            ),
            models.CheckConstraint(
                name="information_days_in_order",
                condition=Q(to_day__isnull=True) | Q(from_day__lte=F("to_day")),
            ),
        ]


class Thing(Record):
    """One person, place, account, phone or vehicle that a report names. Never changed."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="things")
    place = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=ItemKind.choices)
    category = models.CharField(max_length=10, choices=Category.choices)
    known_how = models.CharField(max_length=20, choices=KnownHow.choices)
    details = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="information_thing_has_its_place", fields=["report", "place"]
            ),
            models.CheckConstraint(
                name="information_thing_is_of_a_kind", condition=Q(kind__in=KINDS)
            ),
            models.CheckConstraint(
                name="information_thing_is_told_or_a_child",
                condition=Q(category=TOLD) | Q(category=A_CHILD, kind=ItemKind.PEOPLE),
            ),
            models.CheckConstraint(
                name="information_thing_has_a_source", condition=Q(known_how__in=SOURCES)
            ),
            models.CheckConstraint(name="information_thing_is_described", condition=~Q(details={})),
        ]


class Receipt(Record):
    """That somebody has read a report, and when. Written once."""

    report = models.OneToOneField(Report, on_delete=models.PROTECT, related_name="receipt")
    reader = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)


class Link(Record):
    """What a person found about one that is named in a report and on a case. It opens nothing."""

    thing = models.ForeignKey(Thing, on_delete=models.PROTECT, related_name="links")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="+")
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    reason = models.CharField(max_length=1000)
    by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="information_link_decided_once", fields=["thing", "statement"]
            ),
            models.CheckConstraint(
                name="information_link_has_a_verdict", condition=Q(verdict__in=Verdict.values)
            ),
            models.CheckConstraint(name="information_link_says_why", condition=~Q(reason="")),
        ]
