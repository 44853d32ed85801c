"""How a case was closed, what a later look found, and who handed a case over to whom."""

from django.db import models
from django.db.models import F, Q

from portal.accounts.models import Membership
from portal.common.models import Record
from referrals.models.case import Case, Move
from referrals.vocabulary import Closing, Found


class Closure(Record):
    """A case was closed: for what reason, by which answers, with whose agreement.

    `answers` maps each question of the closure test to its answer and words; a trigger refuses one
    that is not whole. Why, in words, is the reason of the step. It never changes; when the case is
    reopened it stays as it is, and `reopened_at` says that it holds no longer.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="closures")
    move = models.OneToOneField(Move, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=20, choices=Closing.choices)
    goes_on_with = models.CharField(
        max_length=200, help_text="Who works with the child from now on, or who accepted."
    )
    answers = models.JSONField()
    agreed_by = models.CharField(max_length=200, help_text="Who agreed to close, and from where.")
    told_referrer = models.TextField()
    closed_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField()
    look_back_on = models.DateField(null=True)
    reopened_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(reopened_at__isnull=True),
                name="closure_one_stands_per_case",
            ),
            models.CheckConstraint(
                name="closure_reason_known", condition=Q(reason__in=Closing.values)
            ),
            models.CheckConstraint(
                name="closure_says_who_goes_on_who_agreed_and_what_is_told",
                condition=Q(goes_on_with__regex=r"\S")
                & Q(agreed_by__regex=r"\S")
                & Q(told_referrer__regex=r"\S"),
            ),
            models.CheckConstraint(
                name="closure_is_reopened_after_it_was_closed",
                condition=Q(reopened_at__isnull=True) | Q(reopened_at__gte=F("closed_at")),
            ),
            models.CheckConstraint(
                name="closure_is_looked_back_on_unless_the_child_died",
                condition=Q(reason=Closing.DIED, look_back_on__isnull=True)
                | Q(~Q(reason=Closing.DIED), look_back_on__isnull=False),
            ),
        ]


class LookBack(Record):
    """What somebody found who asked after the child when a case had been closed for a while.

    Until one of them finds the child safe and sees no reason to reopen, another is asked for.
    """

    closure = models.ForeignKey(Closure, on_delete=models.PROTECT, related_name="look_backs")
    safe = models.CharField(max_length=10, choices=Found.choices)
    asked = models.CharField(max_length=200, help_text="Who was asked.")
    words = models.TextField()
    reopens = models.BooleanField()
    looked_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    looked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="look_back_safe_known", condition=Q(safe__in=Found.values)),
            models.CheckConstraint(
                name="look_back_says_who_was_asked_and_what_they_said",
                condition=Q(asked__regex=r"\S") & Q(words__regex=r"\S"),
            ),
        ]


class Assignment(Record):
    """A case went from one person to another, with a note; or from somebody who has left.

    Then the portal itself took it off them: it is given by nobody, to nobody, until somebody takes
    it on.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="assignments")
    held_by = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, related_name="+")
    to = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, related_name="+")
    note = models.TextField(blank=True)
    given_by = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, related_name="+")
    given_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["case", "-given_at"], name="assignment_by_case")]
        constraints = [
            models.CheckConstraint(
                name="assignment_by_a_person_has_a_note",
                condition=Q(given_by__isnull=True, to__isnull=True, held_by__isnull=False, note="")
                | Q(given_by__isnull=False, to__isnull=False, note__regex=r"\S"),
            ),
            models.CheckConstraint(
                name="assignment_goes_to_somebody_else",
                condition=Q(held_by__isnull=True) | Q(to__isnull=True) | ~Q(to=F("held_by")),
            ),
        ]
