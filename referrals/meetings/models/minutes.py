"""What is said and decided in the room, and the minutes made of it. Locked once they are approved.

A line or a decision is never rewritten: new words are a new row, and the old one ends. Once the
minutes of a meeting are approved, triggers refuse every change of any of this (migration 0010).
"""

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from portal.accounts.models import Agency, Membership
from portal.common.models import Record
from referrals.actions.models import Action
from referrals.assessments.vocabulary import Level
from referrals.meetings.models.meeting import AgendaItem, Meeting
from referrals.meetings.vocabulary import Agreed, Said, Says


class Pen(Record):
    """Who writes the minutes of a meeting, from when until when. One person at a time."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="pens")
    holder = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    from_at = models.DateTimeField(default=timezone.now)
    until_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["meeting"],
                condition=Q(until_at__isnull=True),
                name="pen_is_held_by_one",
            ),
            models.CheckConstraint(
                name="pen_ends_after_it_starts",
                condition=Q(until_at__isnull=True) | Q(until_at__gte=F("from_at")),
            ),
        ]


class OnScreen(Record):
    """An item that was shown to the room: by whom, from when until when. One at a time."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="shown")
    item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, related_name="shown")
    by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    from_at = models.DateTimeField(default=timezone.now)
    until_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["meeting"],
                condition=Q(until_at__isnull=True),
                name="on_screen_is_one_item",
            ),
            models.CheckConstraint(
                name="on_screen_ends_after_it_starts",
                condition=Q(until_at__isnull=True) | Q(until_at__gte=F("from_at")),
            ),
        ]


class LineQuerySet(models.QuerySet["Line"]):
    """Lines in domain words."""

    def standing(self) -> Self:
        """Those that nobody has written anew."""
        return self.filter(superseded_at__isnull=True)


class Line(Record):
    """What one agency said about one item, or why it disagrees, as the minute-taker wrote it.

    `agency` holds it: it is that agency's information, whoever held the pen.
    """

    item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, related_name="lines")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Said.choices)
    words = models.TextField()
    written_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField(default=timezone.now)
    superseded_at = models.DateTimeField(null=True, blank=True)

    objects = LineQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["item", "agency", "kind"],
                condition=Q(superseded_at__isnull=True),
                name="line_stands_once_for_an_agency",
            ),
            models.CheckConstraint(name="line_kind_known", condition=Q(kind__in=Said.values)),
            models.CheckConstraint(name="line_says_something", condition=Q(words__regex=r"\S")),
        ]


class Conclusion(Record):
    """What the panel decided about one item, and why; or that it put the item off, and why.

    `holder` is the agency that convenes the panel: the decision is in its record. `key` names the
    form, so that a double press decides once.
    """

    item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, related_name="conclusions")
    holder = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    what = models.CharField(max_length=10, choices=Agreed.choices)
    words = models.TextField()
    reasons = models.TextField()
    level = models.CharField(
        max_length=20, choices=Level.choices, blank=True, help_text="What the panel proposes."
    )
    next_on = models.DateField()
    key = models.UUIDField(unique=True)
    written_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField(default=timezone.now)
    superseded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["item"],
                condition=Q(superseded_at__isnull=True),
                name="conclusion_stands_once_for_an_item",
            ),
            models.CheckConstraint(
                name="conclusion_what_known", condition=Q(what__in=Agreed.values)
            ),
            models.CheckConstraint(
                name="conclusion_says_what_and_why",
                condition=Q(words__regex=r"\S") & Q(reasons__regex=r"\S"),
            ),
            models.CheckConstraint(
                name="conclusion_level_known", condition=Q(level__in=["", *Level.values])
            ),
            models.CheckConstraint(
                name="conclusion_put_off_proposes_no_level",
                condition=~Q(what=Agreed.DEFERRED) | Q(level=""),
            ),
        ]


class AgreedAction(Record):
    """An action as it was agreed in the room: whose, what, by when, how we will know.

    The action itself goes on in its own life; the minutes keep what was agreed.
    """

    conclusion = models.ForeignKey(Conclusion, on_delete=models.PROTECT, related_name="actions")
    place = models.PositiveSmallIntegerField()
    action = models.OneToOneField(Action, on_delete=models.PROTECT, related_name="+")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    owner = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    what = models.TextField()
    effect = models.TextField(help_text="How we will know that it helped.")
    due = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["conclusion", "place"], name="agreed_action_has_a_place"
            ),
            models.CheckConstraint(
                name="agreed_action_says_what_and_how_we_know",
                condition=Q(what__regex=r"\S") & Q(effect__regex=r"\S"),
            ),
        ]


class Minutes(Record):
    """The minutes of a meeting: a draft for comment until `comments_until`, then approved.

    What stands in them is the meeting's own rows; this row says how far they have got.
    """

    meeting = models.OneToOneField(Meeting, on_delete=models.PROTECT, related_name="minutes")
    title = models.CharField(max_length=80, help_text="The panel's name as it was then.")
    drafted_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField(default=timezone.now)
    comments_until = models.DateTimeField()
    approved_by = models.ForeignKey(
        Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "minutes"
        constraints = [
            models.CheckConstraint(
                name="minutes_comments_end_after_the_draft",
                condition=Q(comments_until__gt=F("drafted_at")),
            ),
            models.CheckConstraint(
                name="minutes_approved_by_somebody_at_some_time",
                condition=Q(approved_at__isnull=True, approved_by__isnull=True)
                | Q(approved_at__isnull=False, approved_by__isnull=False),
            ),
            models.CheckConstraint(
                name="minutes_approved_by_another_than_drafted",
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("drafted_by")),
            ),
        ]


class ItemApproval(Record):
    """Somebody else approves one item of the minutes, from which the chair is kept.

    Somebody who may chair: never the chair, who drafted the minutes or wrote what stands of the
    item, or somebody with a conflict of interest in it. From then on nothing in the item changes
    (migration 0012).
    """

    minutes = models.ForeignKey(Minutes, on_delete=models.PROTECT, related_name="item_approvals")
    item = models.OneToOneField(AgendaItem, on_delete=models.PROTECT, related_name="approval")
    by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(default=timezone.now)


class Comment(Record):
    """What a member says of their own agency's lines in the draft: right, or what should change."""

    minutes = models.ForeignKey(Minutes, on_delete=models.PROTECT, related_name="comments")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    says = models.CharField(max_length=10, choices=Says.choices)
    item = models.ForeignKey(
        AgendaItem,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="comments",
        help_text="Which item it is about; none where all is right.",
    )
    words = models.TextField(blank=True)
    key = models.UUIDField(unique=True, help_text="The form it came from: written once.")
    written_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="comment_for_change_says_what",
                condition=Q(says=Says.RIGHT, item__isnull=True, words="")
                | (Q(says=Says.CHANGE, item__isnull=False) & Q(words__regex=r"\S")),
            ),
        ]
