"""Actions with one named owner, what was written about each, and reviews. Lines never change."""

from datetime import date, datetime
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from portal.accounts.models import Agency, Membership
from portal.common.models import Record
from referrals.actions.vocabulary import (
    ANSWERS,
    HELD,
    NEEDS_NO_WORDS,
    About,
    Climb,
    Effect,
    Result,
    Said,
)
from referrals.actions.workflow import RUNNING, UNFINISHED, State
from referrals.assessments.vocabulary import Level
from referrals.models import Case


class ActionQuerySet(models.QuerySet["Action"]):
    """Actions in domain words."""

    def running(self) -> Self:
        """Those with which their owners have something to do."""
        return self.filter(status__in=RUNNING)

    def unfinished(self) -> Self:
        """Those that keep a case from being closed."""
        return self.filter(status__in=UNFINISHED)

    def late(self, at: datetime) -> Self:
        """Those that should have been done by this moment."""
        return self.running().filter(due_at__lt=at)


class Action(Record):
    """What one named person of one agency does for a child, why, and by when.

    `climbed` is how far up those are who were told that it is late, since its day was last set.
    `cause` is what it follows from, such as a panel's decision.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="actions")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    owner = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    what = models.TextField()
    effect = models.TextField(help_text="Why: what it is to change for the child.")
    due_at = models.DateTimeField()
    status = models.CharField(max_length=20, choices=State.choices, default=State.OPEN)
    given_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField(default=timezone.now)
    cause = models.UUIDField(null=True, blank=True)
    climbed = models.PositiveSmallIntegerField(default=0)

    objects = ActionQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["owner", "due_at"],
                name="action_by_owner",
                condition=Q(status__in=UNFINISHED),
            ),
            models.Index(fields=["due_at"], name="action_running", condition=Q(status__in=RUNNING)),
            models.Index(fields=["agency", "due_at"], name="action_by_agency"),
        ]
        constraints = [
            models.CheckConstraint(
                name="action_says_what_and_why",
                condition=Q(what__regex=r"\S") & Q(effect__regex=r"\S"),
            ),
            models.CheckConstraint(
                name="action_status_known", condition=Q(status__in=State.values)
            ),
            models.CheckConstraint(
                name="action_due_after_given", condition=Q(due_at__gt=F("given_at"))
            ),
            models.CheckConstraint(
                name="action_climbs_so_far", condition=Q(climbed__lte=len(Climb))
            ),
        ]


class ReviewQuerySet(models.QuerySet["Review"]):
    """Reviews in domain words."""

    def planned(self) -> Self:
        """Those that are to come, or are late."""
        return self.filter(outcome="")

    def late(self, today: date) -> Self:
        """Those whose day has passed."""
        return self.planned().filter(on__lt=today)


class Review(Record):
    """A day on which a child's case is looked at again; then what was found and decided there.

    `after` is the review that planned this one, or whose day was changed to this. `agreed` is the
    level in force that whoever held it saw, and `differs` why they found another. Planned by
    nobody (`planned_by` is empty) when the portal itself saw that one was missing.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="reviews")
    about = models.CharField(max_length=20, choices=About.choices, default=About.PLANNED)
    on = models.DateField()
    why = models.TextField()
    planned_by = models.ForeignKey(
        Membership, on_delete=models.PROTECT, related_name="+", null=True
    )
    planned_at = models.DateTimeField(default=timezone.now)
    after = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="then")
    near_told_at = models.DateTimeField(null=True, blank=True)
    late_told_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=20, choices=Result.choices, blank=True)
    happened = models.TextField(blank=True)
    level = models.CharField(max_length=20, choices=Level.choices, blank=True)
    agreed = models.CharField(max_length=20, choices=Level.choices, blank=True)
    differs = models.TextField(blank=True)
    child_view = models.TextField(blank=True)
    reason = models.TextField(blank=True)
    agreed_by = models.CharField(max_length=200, blank=True)
    ended_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+", null=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["on"], name="review_to_come", condition=Q(outcome="")),
            models.Index(fields=["case", "ended_at"], name="review_by_case"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "about"],
                condition=Q(outcome=""),
                name="review_one_to_come_for_a_case",
            ),
            models.CheckConstraint(name="review_about_known", condition=Q(about__in=About.values)),
            models.CheckConstraint(name="review_says_why", condition=Q(why__regex=r"\S")),
            models.CheckConstraint(
                name="review_with_another_level_says_why",
                condition=Q(agreed="", differs="")
                | Q(agreed__in=Level.values, agreed=models.F("level"), differs="")
                | Q(agreed__in=Level.values, level__in=Level.values, differs__regex=r"\S"),
            ),
            models.CheckConstraint(
                name="review_is_to_come_moved_or_whole",
                condition=Q(
                    outcome="",
                    ended_at__isnull=True,
                    ended_by__isnull=True,
                    happened="",
                    level="",
                    child_view="",
                    reason="",
                    agreed_by="",
                )
                | Q(
                    outcome=Result.MOVED,
                    ended_at__isnull=False,
                    ended_by__isnull=False,
                    reason__regex=r"\S",
                    happened="",
                    level="",
                    child_view="",
                    agreed_by="",
                )
                | Q(
                    outcome__in=HELD,
                    ended_at__isnull=False,
                    ended_by__isnull=False,
                    happened__regex=r"\S",
                    level__in=Level.values,
                    child_view__regex=r"\S",
                    reason__regex=r"\S",
                    agreed_by__regex=r"\S",
                ),
            ),
        ]


class EntryQuerySet(models.QuerySet["Entry"]):
    """Lines about actions in domain words."""

    def waiting(self, *kinds: Said) -> Self:
        """The last of its kind about each action, where nobody has answered it."""
        later = Entry.objects.filter(
            action=models.OuterRef("action"),
            kind=models.OuterRef("kind"),
            at__gt=models.OuterRef("at"),
        )
        return self.filter(~models.Exists(later), kind__in=kinds, answered__isnull=True)


class Entry(Record):
    """One line about an action: what somebody did, asked, answered or found, and in which words.

    `to` is whom it asks; `until` the day that is asked for; `instead` what happens instead, or why
    nothing can; `told` who was told that it is late, by the portal itself (`by` is empty).
    """

    action = models.ForeignKey(Action, on_delete=models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=20, choices=Said.choices)
    words = models.TextField(blank=True)
    by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+", null=True)
    at = models.DateTimeField(default=timezone.now)
    answers = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="answered"
    )
    to = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+", null=True)
    until = models.DateField(null=True, blank=True)
    instead = models.TextField(blank=True)
    effect = models.CharField(max_length=10, choices=Effect.choices, blank=True)
    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="judged", null=True)
    step = models.CharField(max_length=1, choices=Climb.choices, blank=True)
    told = ArrayField(models.UUIDField(), default=list)
    working_day = models.DateField(null=True, blank=True)

    objects = EntryQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["action", "kind", "at"], name="entry_by_action"),
            models.Index(fields=["to", "kind"], name="entry_asks", condition=Q(to__isnull=False)),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["action", "working_day"],
                condition=Q(kind=Said.REMINDED),
                name="entry_reminds_once_a_working_day",
            ),
            models.CheckConstraint(name="entry_kind_known", condition=Q(kind__in=Said.values)),
            models.CheckConstraint(
                name="entry_says_something",
                condition=Q(words__regex=r"\S") | Q(kind__in=NEEDS_NO_WORDS),
            ),
            models.CheckConstraint(
                name="entry_is_somebodys_unless_it_climbs",
                condition=Q(kind=Said.CLIMBED, by__isnull=True, step__in=Climb.values)
                | Q(~Q(kind=Said.CLIMBED), by__isnull=False, step="", told=[]),
            ),
            models.CheckConstraint(
                name="entry_answers_what_was_asked",
                condition=Q(kind__in=list(ANSWERS), answers__isnull=False)
                | Q(kind=Said.JUDGED)
                | Q(~Q(kind__in=[*ANSWERS, Said.JUDGED]), answers__isnull=True),
            ),
            models.CheckConstraint(
                name="entry_names_whom_it_asks",
                condition=Q(kind__in=[Said.OFFERED, Said.ASKED_EFFECT], to__isnull=False)
                | Q(~Q(kind__in=[Said.OFFERED, Said.ASKED_EFFECT]), to__isnull=True),
            ),
            models.CheckConstraint(
                name="entry_asks_until_a_day",
                condition=Q(kind=Said.ASKED_TIME, until__isnull=False)
                | Q(~Q(kind=Said.ASKED_TIME), until__isnull=True),
            ),
            models.CheckConstraint(
                name="entry_not_possible_says_what_instead",
                condition=Q(kind=Said.NOT_POSSIBLE, instead__regex=r"\S")
                | Q(~Q(kind=Said.NOT_POSSIBLE), instead=""),
            ),
            models.CheckConstraint(
                name="entry_judges_the_effect",
                condition=Q(kind=Said.JUDGED, effect__in=Effect.values)
                | Q(~Q(kind=Said.JUDGED), effect="", review__isnull=True),
            ),
            models.CheckConstraint(
                name="entry_reminds_on_a_day",
                condition=Q(kind=Said.REMINDED, working_day__isnull=False)
                | Q(~Q(kind=Said.REMINDED), working_day__isnull=True),
            ),
        ]
