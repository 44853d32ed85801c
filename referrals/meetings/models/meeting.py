"""One meeting: who is invited, what is on its agenda, what agencies bring, who was in the room."""

from typing import Self

from django.db import models
from django.db.models import Deferrable, F, Q
from django.utils import timezone

from portal.accounts.models import Agency, Membership
from portal.common.models import Record
from referrals.meetings.models.series import SOMETHING, Nomination, Series
from referrals.meetings.vocabulary import Came
from referrals.meetings.workflow import ItemStatus, MeetingStatus
from referrals.models import Grant, Statement


class MeetingQuerySet(models.QuerySet["Meeting"]):
    """Meetings in domain words."""

    def coming(self) -> Self:
        """Meetings that are not over, the next first."""
        return self.exclude(status=MeetingStatus.ENDED).order_by("starts_at", "pk")

    def over(self) -> Self:
        """Meetings that are over, the latest first."""
        return self.filter(status=MeetingStatus.ENDED).order_by("-starts_at", "pk")


class Meeting(Record):
    """One meeting of a series, with what it was given when it was planned.

    `ends_at` is when it is to end; `ended_at` when it did. `quorum_met` and `quorum_words` are
    written when it begins: who was missing then is part of the minutes.
    """

    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="meetings")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    place = models.CharField(max_length=200, blank=True)
    link = models.URLField(max_length=300, blank=True)
    chair = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    confidentiality = models.TextField(max_length=1000)
    contributions_by = models.DateTimeField(help_text="Until when agencies add to the pack.")
    status = models.CharField(
        max_length=10, choices=MeetingStatus.choices, default=MeetingStatus.PLANNED
    )
    planned_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField(null=True, blank=True)
    reminded_at = models.DateTimeField(
        null=True, blank=True, help_text="When those who had brought nothing yet were reminded."
    )
    held_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    quorum_met = models.BooleanField(null=True, blank=True)
    quorum_words = models.TextField(blank=True)
    version = models.PositiveIntegerField(
        default=1, help_text="Of its agenda, and of who is invited to what."
    )
    published_version = models.PositiveIntegerField(
        null=True, blank=True, help_text="The version that the papers went out with last."
    )

    objects = MeetingQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["series", "starts_at"], name="meeting_by_series")]
        constraints = [
            models.CheckConstraint(
                name="meeting_status_known", condition=Q(status__in=MeetingStatus.values)
            ),
            models.CheckConstraint(
                name="meeting_ends_after_it_starts", condition=Q(ends_at__gt=F("starts_at"))
            ),
            models.CheckConstraint(
                name="meeting_is_somewhere",
                condition=Q(place__regex=SOMETHING) | Q(link__regex=r"^https://[!-~]+$"),
            ),
            models.CheckConstraint(
                name="meeting_hears_agencies_before_it_starts",
                condition=Q(contributions_by__lte=F("starts_at")),
            ),
            models.CheckConstraint(
                name="meeting_moments_follow_its_status",
                condition=Q(
                    status=MeetingStatus.PLANNED,
                    published_at__isnull=True,
                    held_at__isnull=True,
                    ended_at__isnull=True,
                )
                | Q(
                    status=MeetingStatus.PUBLISHED,
                    published_at__isnull=False,
                    held_at__isnull=True,
                    ended_at__isnull=True,
                )
                | Q(
                    status=MeetingStatus.HELD,
                    published_at__isnull=False,
                    held_at__isnull=False,
                    ended_at__isnull=True,
                )
                | Q(
                    status=MeetingStatus.ENDED,
                    published_at__isnull=False,
                    held_at__isnull=False,
                    ended_at__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="meeting_quorum_is_known_once_it_is_held",
                condition=Q(held_at__isnull=True, quorum_met__isnull=True)
                | Q(held_at__isnull=False, quorum_met__isnull=False),
            ),
        ]


class InvitedQuerySet(models.QuerySet["Invitation"]):
    """Invitations in domain words."""

    def standing(self) -> Self:
        """Invitations that nobody took back."""
        return self.filter(withdrawn_at__isnull=True)

    def here(self) -> Self:
        """Of those who came in."""
        return self.standing().filter(came=Came.PRESENT)


class Invitation(Record):
    """Somebody invited to a meeting, in one membership; what became of it.

    `read_at` is their receipt for the pack. Whoever sent somebody else has come as `SENT`; the one
    who was sent has an invitation `instead_of` theirs.
    """

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="invitations")
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    invited_at = models.DateTimeField(default=timezone.now)
    instead_of = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="deputies"
    )
    told_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    came = models.CharField(max_length=10, choices=Came.choices, blank=True)
    accepted_at = models.DateTimeField(
        null=True, blank=True, help_text="When they accepted the confidentiality statement."
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = InvitedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "membership"], name="invitation_once_for_a_membership"
            ),
            models.CheckConstraint(name="invitation_came_known", condition=Q(came__in=Came.values)),
            models.CheckConstraint(
                name="invitation_nobody_stands_in_for_themselves",
                condition=Q(instead_of__isnull=True) | ~Q(instead_of=F("id")),
            ),
            models.CheckConstraint(
                # Nobody is in the room who has not accepted what is said about it.
                name="invitation_present_has_accepted",
                condition=~Q(came=Came.PRESENT) | Q(accepted_at__isnull=False),
            ),
        ]


class AgendaItemQuerySet(models.QuerySet["AgendaItem"]):
    """Agenda items in domain words."""

    def on_agenda(self) -> Self:
        """What is on the agenda, in its order: all but what was taken off it."""
        return self.exclude(status=ItemStatus.REMOVED).order_by("position")


class AgendaItem(Record):
    """One thing on one agenda. Its place is its own; two items never have one place.

    What a reader is told of its place is counted among what that reader may know of: an item
    behind a conflict of interest leaves no gap. `deferrals` is how often it was put off before and
    with this meeting.
    """

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="items")
    nomination = models.ForeignKey(Nomination, on_delete=models.PROTECT, related_name="items")
    position = models.PositiveSmallIntegerField(null=True, blank=True)
    minutes = models.PositiveSmallIntegerField(default=10)
    status = models.CharField(max_length=10, choices=ItemStatus.choices, default=ItemStatus.LISTED)
    deferrals = models.PositiveSmallIntegerField(default=0)
    listed_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    listed_at = models.DateTimeField(default=timezone.now)

    objects = AgendaItemQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "position"],
                name="agenda_item_has_a_place_of_its_own",
                deferrable=Deferrable.DEFERRED,
            ),
            models.UniqueConstraint(
                fields=["meeting", "nomination"], name="agenda_item_once_in_a_meeting"
            ),
            models.CheckConstraint(
                name="agenda_item_status_known", condition=Q(status__in=ItemStatus.values)
            ),
            models.CheckConstraint(
                name="agenda_item_has_a_place_unless_taken_off",
                condition=Q(status=ItemStatus.REMOVED, position__isnull=True)
                | (~Q(status=ItemStatus.REMOVED) & Q(position__isnull=False, position__gte=1)),
            ),
            models.CheckConstraint(
                name="agenda_item_needs_minutes", condition=Q(minutes__range=(1, 120))
            ),
            models.CheckConstraint(
                name="agenda_item_deferred_is_counted",
                condition=~Q(status=ItemStatus.DEFERRED) | Q(deferrals__gte=1),
            ),
        ]


class NotInvited(Record):
    """Somebody who is invited to the meeting and not to one item of it, until that is taken back.

    A conflict of interest is no such row: it is a wall, and stands in no meeting's records.
    """

    item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, related_name="not_invited")
    invitation = models.ForeignKey(
        Invitation, on_delete=models.PROTECT, related_name="not_invited_to"
    )
    by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "not invited"
        constraints = [
            models.UniqueConstraint(
                fields=["item", "invitation"],
                condition=Q(ended_at__isnull=True),
                name="not_invited_once_at_a_time",
            ),
        ]


class Contribution(Record):
    """What one agency brings to one item before the meeting.

    Of a child it is a statement of the case, which the case's reading shows to whom the law lets
    read it. Of a person, place or theme it is words of its own, read as the item's are.
    """

    item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, related_name="contributions")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    statement = models.OneToOneField(
        Statement, on_delete=models.PROTECT, null=True, blank=True, related_name="contribution"
    )
    words = models.TextField(max_length=4000, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="contribution_is_a_statement_or_words",
                condition=Q(statement__isnull=False, words="")
                | Q(statement__isnull=True, words__regex=SOMETHING),
            ),
        ]


class AttendanceQuerySet(models.QuerySet["Attendance"]):
    """Attendances in domain words."""

    def in_the_room(self) -> Self:
        """Who is there now."""
        return self.filter(to_at__isnull=True)


class Attendance(Record):
    """One person in the room for one item, from when until when, and the grants that opened.

    There are none where no rule of the law opens the item to them: they see what they saw before.
    """

    item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, related_name="attendances")
    invitation = models.ForeignKey(Invitation, on_delete=models.PROTECT, related_name="attendances")
    from_at = models.DateTimeField()
    to_at = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    grants = models.ManyToManyField(Grant, related_name="attendances", blank=True)

    objects = AttendanceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["item", "invitation"],
                condition=Q(to_at__isnull=True),
                name="attendance_once_at_a_time",
            ),
            models.CheckConstraint(
                name="attendance_ends_after_it_starts",
                condition=Q(to_at__isnull=True) | Q(to_at__gte=F("from_at")),
            ),
        ]
