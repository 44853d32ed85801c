"""What follows a referral: chases, messages, disagreements. None of it changes once written."""

from datetime import datetime
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from portal.accounts.models import Agency, Membership, Team
from portal.common.models import Record
from referrals.following.vocabulary import About, Result, Urgency
from referrals.models import Case


class Chase(Record):
    """A sender's team asked, because a time had passed, what has become of a referral."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="chases")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    working_day = models.DateField(help_text="The working day to which the moment belongs.")
    chased_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "team", "working_day"], name="chase_once_a_working_day"
            ),
        ]


class MessageQuerySet(models.QuerySet["Message"]):
    """Messages in domain words."""

    def of_team(self, team: int) -> Self:
        """What this team wrote, and what was written to it."""
        return self.filter(Q(team_id=team) | Q(readers__contains=[team]))

    def unanswered(self) -> Self:
        """Messages that need an answer and have none."""
        return self.filter(answer_due_at__isnull=False, answered_by__isnull=True)


class Message(Record):
    """What one team wrote to others about a case, for those teams and nobody else.

    `readers` are the teams that it was written to. Each reads it only while the case is open to
    them: the case decides, and then the names.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="messages")
    about = models.CharField(max_length=20, choices=About.choices)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    author = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    readers = ArrayField(models.PositiveIntegerField())
    text = models.TextField()
    sent_at = models.DateTimeField(default=timezone.now)
    answer_due_at = models.DateTimeField(null=True, blank=True)
    answers = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="answered_by"
    )

    objects = MessageQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["case", "sent_at"], name="message_by_case")]
        constraints = [
            models.CheckConstraint(name="message_about_known", condition=Q(about__in=About.values)),
            models.CheckConstraint(name="message_says_something", condition=Q(text__regex=r"\S")),
            models.CheckConstraint(
                name="message_names_its_readers", condition=Q(readers__len__gte=1)
            ),
            models.CheckConstraint(
                name="message_answer_due_after_sent",
                condition=Q(answer_due_at__isnull=True) | Q(answer_due_at__gt=F("sent_at")),
            ),
            models.CheckConstraint(
                name="message_correction_needs_an_answer",
                condition=~Q(about=About.CORRECTION) | Q(answer_due_at__isnull=False),
            ),
        ]


class Challenge(Record):
    """An agency that referred disagrees with a decision: why, and what should happen instead."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="challenges")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    wanted = models.TextField(help_text="What should happen instead.")
    urgency = models.CharField(max_length=10, choices=Urgency.choices)
    raised_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["case", "raised_at"], name="challenge_by_case")]
        constraints = [
            models.CheckConstraint(
                name="challenge_says_why_and_what_instead",
                condition=Q(reason__regex=r"\S") & Q(wanted__regex=r"\S"),
            ),
            models.CheckConstraint(
                name="challenge_urgency_known", condition=Q(urgency__in=Urgency.values)
            ),
        ]


class EscalationQuerySet(models.QuerySet["Escalation"]):
    """Steps of disagreements in domain words."""

    def overdue(self, at: datetime) -> Self:
        """The last steps of disagreements whose time has passed at this moment, unanswered."""
        further = Escalation.objects.filter(
            challenge=OuterRef("challenge"), stage__gt=OuterRef("stage")
        )
        return self.filter(~Exists(further), due_at__lte=at, answer__isnull=True)


class Escalation(Record):
    """One step of a disagreement: who hears it, by when, and why it was taken there.

    `who` and `due_at` are kept as they were when it was taken: a changed setting rewrites nothing.
    It was taken by nobody (`by` is empty) when the time of the step before had passed.
    """

    challenge = models.ForeignKey(Challenge, on_delete=models.PROTECT, related_name="steps")
    stage = models.PositiveSmallIntegerField()
    who = models.CharField(max_length=200)
    why = models.TextField(blank=True)
    by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+", null=True)
    taken_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField()

    objects = EscalationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["challenge", "stage"], name="escalation_takes_each_stage_once"
            ),
            models.CheckConstraint(
                name="escalation_due_after_taken",
                condition=Q(due_at__gt=F("taken_at"), stage__gte=1) & ~Q(who=""),
            ),
            models.CheckConstraint(
                name="escalation_by_nobody_only_climbs",
                condition=Q(by__isnull=False) | Q(why="", stage__gte=2),
            ),
        ]


class Answer(Record):
    """What was answered at one step of a disagreement, and by whom."""

    step = models.OneToOneField(Escalation, on_delete=models.PROTECT, related_name="answer")
    result = models.CharField(max_length=10, choices=Result.choices)
    words = models.TextField()
    by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="answer_result_known", condition=Q(result__in=Result.values)
            ),
            models.CheckConstraint(name="answer_says_something", condition=Q(words__regex=r"\S")),
        ]
