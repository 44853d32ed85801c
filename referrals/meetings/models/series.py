"""A panel as a series of meetings, and what is nominated for it."""

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from portal.accounts.models import Membership, Partnership
from portal.accounts.vocabulary import AgencyKind
from portal.common.models import Record
from referrals.meetings.vocabulary import CONFIDENTIALITY, ORDER, ItemKind, Origin, default_order
from referrals.meetings.workflow import OPEN_NOMINATION, NominationStatus, Sifting
from referrals.models import Case

SOMETHING = r"\S"


class Series(Record):
    """A panel that meets again and again, as one partnership calls it and runs it.

    What it is called, what it is for, the order of its agendas and who must be there are settings:
    areas differ. A meeting keeps what it was given, so a changed setting rewrites nothing.
    """

    partnership = models.ForeignKey(
        Partnership, on_delete=models.PROTECT, related_name="panel_series"
    )
    name = models.CharField(max_length=80)
    remit = models.TextField(max_length=2000, blank=True, help_text="What the panel is for.")
    order = ArrayField(
        models.CharField(max_length=10, choices=ItemKind.choices), default=default_order
    )
    quorum_agencies = models.PositiveSmallIntegerField(
        default=3, help_text="How many agencies must be there, at least."
    )
    quorum_kinds = ArrayField(
        models.CharField(max_length=20, choices=AgencyKind.choices),
        default=list,
        blank=True,
        help_text="The kinds of agency that must be there.",
    )
    papers_out_days = models.PositiveSmallIntegerField(
        default=5, help_text="Working days before a meeting by which its papers go out."
    )
    confidentiality = models.TextField(max_length=1000, default=CONFIDENTIALITY)
    chair = models.ForeignKey(
        Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    members = models.ManyToManyField(
        Membership, related_name="panel_series", blank=True, help_text="Who is invited as a rule."
    )
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name_plural = "series"
        constraints = [
            models.UniqueConstraint(fields=["partnership", "name"], name="series_named_once"),
            models.CheckConstraint(
                name="series_has_a_name_and_a_confidentiality_statement",
                condition=Q(name__regex=SOMETHING, confidentiality__regex=SOMETHING),
            ),
            models.CheckConstraint(
                name="series_orders_every_kind_once",
                condition=Q(order__len=len(ORDER), order__contains=list(ORDER)),
            ),
            models.CheckConstraint(
                name="series_quorum_within_reason",
                condition=Q(quorum_agencies__range=(2, 12))
                & Q(quorum_kinds__contained_by=AgencyKind.values),
            ),
            models.CheckConstraint(
                name="series_papers_go_out_in_time", condition=Q(papers_out_days__range=(1, 20))
            ),
        ]


class NominationQuerySet(models.QuerySet["Nomination"]):
    """Nominations in domain words."""

    def waiting(self) -> Self:
        """What still wants a sift, or an answer to one."""
        return self.filter(status__in=[NominationStatus.NOMINATED, NominationStatus.MORE])

    def ready(self) -> Self:
        """What was accepted, and stands on no agenda: also what a meeting deferred."""
        return self.filter(status=NominationStatus.ACCEPTED).exclude(items__status="listed")


class Nomination(Record):
    """A child, or a person, place or theme, put forward for a panel: why, by whom, from where.

    A child is a case, and nothing of it stands here but why it is nominated. Whatever else is
    nominated holds its own words, which name no child: its `holder` is the nominator's agency, and
    the law about the concern says who of the panel reads them.
    """

    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="nominations")
    kind = models.CharField(max_length=10, choices=ItemKind.choices)
    case = models.ForeignKey(
        Case, on_delete=models.PROTECT, null=True, blank=True, related_name="nominations"
    )
    title = models.CharField(max_length=120, blank=True)
    words = models.TextField(max_length=4000, blank=True)
    why = models.TextField()
    minutes = models.PositiveSmallIntegerField(default=10, help_text="Time it needs.")
    origin = models.CharField(max_length=10, choices=Origin.choices)
    by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    status = models.CharField(
        max_length=12, choices=NominationStatus.choices, default=NominationStatus.NOMINATED
    )

    objects = NominationQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["series", "status", "made_at"], name="nomination_waiting")]
        constraints = [
            models.CheckConstraint(
                name="nomination_kind_known", condition=Q(kind__in=ItemKind.values)
            ),
            models.CheckConstraint(
                name="nomination_is_a_case_or_its_own_words",
                condition=Q(kind=ItemKind.CHILD, case__isnull=False, title="", words="")
                | (
                    ~Q(kind=ItemKind.CHILD)
                    & Q(case__isnull=True, title__regex=SOMETHING, words__regex=SOMETHING)
                ),
            ),
            models.CheckConstraint(name="nomination_says_why", condition=Q(why__regex=SOMETHING)),
            models.CheckConstraint(
                name="nomination_needs_minutes", condition=Q(minutes__range=(1, 120))
            ),
            models.CheckConstraint(
                name="nomination_origin_known", condition=Q(origin__in=Origin.values)
            ),
            models.CheckConstraint(
                name="nomination_status_known", condition=Q(status__in=NominationStatus.values)
            ),
            models.UniqueConstraint(
                fields=["series", "case"],
                condition=Q(status__in=OPEN_NOMINATION),
                name="nomination_of_a_case_once_at_a_time",
            ),
        ]


class Sift(Record):
    """One step of the sift: accepted, declined, asked about, answered. Each by whom and why."""

    nomination = models.ForeignKey(Nomination, on_delete=models.PROTECT, related_name="sifts")
    step = models.CharField(max_length=10, choices=Sifting.choices)
    reason = models.TextField(blank=True)
    alternative = models.TextField(blank=True, help_text="What happens instead of the panel.")
    by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["nomination", "at"], name="sift_by_nomination")]
        constraints = [
            models.CheckConstraint(name="sift_step_known", condition=Q(step__in=Sifting.values)),
            models.CheckConstraint(
                name="sift_says_why",
                condition=Q(step__in=[Sifting.ACCEPT, Sifting.CONSIDER])
                | Q(reason__regex=SOMETHING),
            ),
            models.CheckConstraint(
                name="sift_declined_says_what_instead",
                condition=(Q(step=Sifting.DECLINE) & Q(alternative__regex=SOMETHING))
                | (~Q(step=Sifting.DECLINE) & Q(alternative="")),
            ),
        ]
