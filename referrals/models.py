"""The core of the casework. Rows that carry a child's story never change once written."""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Self

from django.contrib.auth.models import Group
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from guardian.models import GroupObjectPermissionBase

from portal.accounts.models import Agency, Membership, Partnership, User
from portal.common.models import Record
from portal.documents.models import Upload
from referrals.vocabulary import (
    Answer,
    Conflict,
    Danger,
    Emergency,
    Extent,
    KnownHow,
    Outcome,
    Priority,
    Protect,
    Reviewed,
)
from referrals.workflow import WAITING, Action, Status
from sharing.rules.vocabulary import Category, Purpose

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford base 32: no I, L, O, U


def _check_value(body: str) -> int:
    """The weighted sum modulo 37: any one wrong character or swap of neighbours changes it."""
    return sum(place * _ALPHABET.index(c) for place, c in enumerate(body, start=2)) % 37


def new_reference() -> str:
    """Return a new case reference such as R-4KD7-92Q: random, so that it tells no volume."""
    while True:
        body = "".join(secrets.choice(_ALPHABET) for _ in range(6))
        check = _check_value(body)
        if check < len(_ALPHABET):
            whole = body + _ALPHABET[check]
            return f"R-{whole[:4]}-{whole[4:]}"


def tidy_reference(typed: str) -> str:
    """Return the reference that a person meant, or "" when a character must be wrong.

    Letters read as digits over the phone (I, L, O) are read as Crockford reads them.
    """
    meant = typed.strip().upper().translate(str.maketrans("ILO", "110"))
    body = "".join(c for c in meant if c in _ALPHABET)
    # "R-" is never part of the number; without the dash only the length tells.
    if meant.startswith("R-") or len(body) == 8:
        body = body.removeprefix("R")
    if len(body) != 7 or _check_value(body[:6]) != _ALPHABET.index(body[6]):
        return ""
    return f"R-{body[:4]}-{body[4:]}"


class Child(Record):
    """Who the work is about. Read only through a case."""

    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT)
    given_name = models.CharField(max_length=100, blank=True)
    family_name = models.CharField(max_length=100, blank=True)
    known_as = models.CharField(max_length=100, blank=True)
    date_of_birth = models.DateField(null=True, blank=True)
    age_estimate = models.PositiveSmallIntegerField(null=True, blank=True)
    description = models.TextField(blank=True)

    class Meta:
        verbose_name_plural = "children"
        constraints = [
            models.CheckConstraint(
                name="child_is_named_or_described",
                condition=~Q(given_name="") | ~Q(family_name="") | ~Q(description=""),
                violation_error_message="Enter a name, or describe the child",
            ),
        ]


class CaseQuerySet(models.QuerySet["Case"]):
    """Cases in domain words."""

    def waiting(self) -> Self:
        """Cases whose decision is still owed: immediate danger first, then least time left."""
        first = Q(priority=Priority.IMMEDIATE)
        return self.filter(status__in=WAITING).order_by(
            models.Case(models.When(first, then=0), default=1), "decision_due_at", "reference"
        )

    def unassigned(self) -> Self:
        """Cases that nobody has taken on yet."""
        return self.filter(coordinator__isnull=True)

    def for_rows(self) -> Self:
        """With what one row of a list needs, in three queries whatever the number of rows."""
        return self.select_related("child", "coordinator__user").prefetch_related(
            "referrals__agency"
        )

    def overdue(self, at: datetime) -> Self:
        """Cases whose decision is owed and late at `at`."""
        return self.waiting().filter(decision_due_at__lt=at)

    def of_page(self, page: Iterable["Sight"]) -> "list[Case]":
        """The cases of one page of sights, with what a row needs, in the page's order."""
        wanted = [sight.case_id for sight in page]
        found = self.for_rows().in_bulk(wanted)
        return [found[pk] for pk in wanted]


class Case(Record):
    """The partnership's work about one child for one episode."""

    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT)
    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="cases")
    reference = models.CharField(max_length=10, unique=True, default=new_reference)
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.RECEIVED)
    priority = models.CharField(max_length=10, choices=Priority.choices)
    received_at = models.DateTimeField()
    decision_due_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    coordinator = models.ForeignKey(
        Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = CaseQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["status", "decision_due_at"], name="case_by_deadline")]
        constraints = [
            models.CheckConstraint(name="case_status_known", condition=Q(status__in=Status.values)),
            models.CheckConstraint(
                name="case_priority_known", condition=Q(priority__in=Priority.values)
            ),
            models.CheckConstraint(
                name="case_due_after_received", condition=Q(decision_due_at__gt=F("received_at"))
            ),
            models.CheckConstraint(
                # It has a coordinator too, unless a wall took them off: a trigger sees to that.
                name="case_decided_has_time",
                condition=~Q(
                    status__in=[Status.DECIDED, Status.OPEN, Status.STEPPING_DOWN, Status.CLOSED]
                )
                | Q(decided_at__isnull=False),
            ),
        ]


class Referral(Record):
    """What one person at one agency reported. Immutable once sent."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="referrals")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    author = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="referrals")
    danger = models.CharField(max_length=10, choices=Danger.choices)
    sent_at = models.DateTimeField()
    key = models.UUIDField(unique=True, help_text="The draft or request it came from: sent once.")
    digest = models.CharField(max_length=64, help_text="Tells a repetition from another concern.")

    class Meta:
        indexes = [models.Index(fields=["author", "-sent_at"], name="referral_by_author")]
        constraints = [
            models.CheckConstraint(
                name="referral_danger_answered", condition=Q(danger__in=Danger.values)
            ),
        ]


class Statement(Record):
    """One piece of information on a case: what, whose, how it is known, and how it is protected."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="statements")
    referral = models.ForeignKey(
        Referral,
        on_delete=models.PROTECT,
        null=True,
        related_name="statements",
        help_text="What it was sent with; an answer to another agency's question has none.",
    )
    corrects = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="corrected_by"
    )
    question = models.CharField(max_length=30)
    category = models.CharField(max_length=10, choices=Category.choices)
    answer = models.CharField(max_length=20, choices=Answer.choices)
    text = models.TextField(blank=True)
    known_how = models.CharField(max_length=20, choices=KnownHow.choices)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    author = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    stated_at = models.DateTimeField()
    protect = models.CharField(max_length=20, choices=Protect.choices, blank=True)
    protect_spans = ArrayField(
        ArrayField(models.PositiveIntegerField(), size=2),
        default=list,
        help_text="Parts of the text that are protected, as [start, end); empty means all of it.",
    )
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_why = models.CharField(max_length=60, blank=True)
    upload = models.ForeignKey(
        Upload,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        help_text="The file that it is, whose label is the text.",
    )

    class Meta:
        indexes = [models.Index(fields=["case", "question"], name="statement_by_case")]
        constraints = [
            models.CheckConstraint(
                name="statement_given_has_text",
                condition=(Q(answer=Answer.GIVEN) & ~Q(text=""))
                | (~Q(answer=Answer.GIVEN) & Q(text="")),
            ),
            models.CheckConstraint(
                name="statement_category_known", condition=Q(category__in=Category.values)
            ),
            models.CheckConstraint(
                name="statement_spans_say_why", condition=Q(protect_spans__len=0) | ~Q(protect="")
            ),
            models.CheckConstraint(
                name="statement_was_sent_or_answers",
                condition=Q(referral__isnull=False) | Q(question__startswith="answer_"),
            ),
            models.CheckConstraint(
                name="statement_is_a_file_or_words",
                condition=Q(upload__isnull=True) ^ Q(question__startswith="file_"),
            ),
            models.CheckConstraint(
                name="statement_removed_says_why",
                condition=Q(removed_at__isnull=True, removed_why="")
                | (Q(removed_at__isnull=False) & ~Q(removed_why="")),
            ),
        ]


class Decision(Record):
    """What was decided, why, by whom. A changed decision keeps the old one."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="decisions")
    outcome = models.CharField(max_length=20, choices=Outcome.choices)
    reason = models.TextField()
    told_referrer = models.TextField()
    late_reason = models.TextField(blank=True)
    decided_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(superseded_at__isnull=True),
                name="decision_one_current_per_case",
            ),
            models.CheckConstraint(
                name="decision_outcome_known", condition=Q(outcome__in=Outcome.values)
            ),
            models.CheckConstraint(
                name="decision_has_reason_and_feedback",
                condition=~Q(reason="") & ~Q(told_referrer=""),
            ),
        ]


class Move(Record):
    """One step of a case's life that needed a reason: which, why, by whom. Never changed."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="moves")
    action = models.CharField(max_length=20, choices=Action.choices)
    reason = models.TextField()
    moved_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(name="move_action_known", condition=Q(action__in=Action.values)),
            models.CheckConstraint(name="move_has_reason", condition=~Q(reason="")),
        ]


class GrantQuerySet(models.QuerySet["Grant"]):
    """Grants in domain words."""

    def live(self) -> Self:
        """Grants that open a case at this moment: begun, not ended, not expired.

        The database's own clock decides, inside the query, so expiry holds to the second with
        every worker stopped.
        """
        now = Now()
        return self.filter(
            Q(until_at__isnull=True) | Q(until_at__gt=now), from_at__lte=now, ended_at__isnull=True
        )


class Grant(Record, GroupObjectPermissionBase):
    """A share, remembered: one team, one case, one holder's information of some categories, a
    purpose, a gateway, an end.

    The law is asked about one holder at a time, so a grant opens what that agency holds and
    nothing that another agency adds to the case.
    A django-guardian row with a direct foreign key. It carries what decided it in columns that
    cannot be empty. `granted_by_service` names the moment at which a rule opened it by itself; a
    grant without one rests on a person's own decision, which the database looks for: a disclosure
    must hold it before the transaction ends. Read only by `policies` and `reading`; guardian's own
    lookups are not used, because they know nothing of an end date.
    """

    content_object = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="grants")
    holder = models.ForeignKey(
        Agency, on_delete=models.PROTECT, related_name="+", help_text="Whose information it opens."
    )
    categories = ArrayField(models.CharField(max_length=10, choices=Category.choices))
    extent = models.CharField(max_length=10, choices=Extent.choices, default=Extent.WHOLE)
    statements = ArrayField(models.UUIDField(), default=list, blank=True)
    purpose = models.CharField(max_length=20, choices=Purpose.choices)
    gateway = models.CharField(max_length=30)
    rule = models.CharField(max_length=20)
    rule_version = models.PositiveIntegerField()
    reason = models.TextField()
    necessity = models.TextField(help_text="What the team does with it, and could not without it.")
    proportionality = models.TextField(help_text="Why less would not do.")
    obligations = ArrayField(
        models.CharField(max_length=40), default=list, blank=True, help_text="What goes with it."
    )
    granted_by = models.ForeignKey(
        Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    granted_by_service = models.CharField(max_length=40, blank=True)
    from_at = models.DateTimeField(default=timezone.now)
    until_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_why = models.TextField(blank=True)

    objects = GrantQuerySet.as_manager()  # type: ignore[assignment, misc]

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["group", "content_object"], name="grant_by_team")]
        constraints = [
            models.CheckConstraint(
                name="grant_says_what_decided_it",
                condition=~Q(gateway="") & ~Q(rule="") & ~Q(reason="") & Q(rule_version__gte=1),
            ),
            models.CheckConstraint(
                name="grant_is_necessary_and_proportionate",
                condition=Q(necessity__regex=r"\S") & Q(proportionality__regex=r"\S"),
            ),
            models.CheckConstraint(
                name="grant_purpose_known", condition=Q(purpose__in=Purpose.values)
            ),
            models.CheckConstraint(
                name="grant_categories_known",
                condition=Q(categories__len__gte=1) & Q(categories__contained_by=Category.values),
            ),
            models.CheckConstraint(
                name="grant_by_a_person_or_a_service",
                condition=Q(granted_by__isnull=False) | ~Q(granted_by_service=""),
            ),
            models.CheckConstraint(
                name="grant_part_names_statements",
                condition=Q(extent__in=[Extent.WHOLE, Extent.ANSWER], statements__len=0)
                | Q(extent=Extent.PART, statements__len__gte=1),
            ),
            models.CheckConstraint(
                name="grant_ends_after_it_starts",
                condition=Q(until_at__isnull=True) | Q(until_at__gt=F("from_at")),
            ),
            models.CheckConstraint(
                name="grant_ended_says_why",
                condition=Q(ended_at__isnull=True, ended_why="")
                | (Q(ended_at__isnull=False) & ~Q(ended_why="")),
            ),
        ]

    def __str__(self) -> str:
        return f"Grant {self.pk}"


class Wall(Record):
    """A conflict of interest: this person, in none of their roles, sees or knows of this case.

    It beats every grant, authorship and emergency access. Domain table of rules, rule 1.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="walls")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    why = models.CharField(max_length=20, choices=Conflict.choices)
    words = models.TextField(blank=True)
    raised_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    raised_at = models.DateTimeField(default=timezone.now)
    lifted_by = models.ForeignKey(
        Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_why = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "case"],
                condition=Q(lifted_at__isnull=True),
                name="wall_stands_once_for_a_person_and_case",
            ),
            models.CheckConstraint(name="wall_why_known", condition=Q(why__in=Conflict.values)),
            models.CheckConstraint(
                name="wall_lifted_says_by_whom_and_why",
                condition=Q(lifted_at__isnull=True, lifted_by__isnull=True, lifted_why="")
                | (
                    Q(lifted_at__isnull=False, lifted_by__isnull=False) & Q(lifted_why__regex=r"\S")
                ),
            ),
        ]


class EmergencyAccess(Record):
    """One person opens one case to read for an hour, because somebody could come to harm first.

    Reviewed by another person within the partnership's working days.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="emergencies")
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    why = models.CharField(max_length=20, choices=Emergency.choices)
    next_step = models.TextField(help_text="What they will do with it in the next hour.")
    authorised_by = models.CharField(max_length=120, blank=True)
    from_at = models.DateTimeField(default=timezone.now)
    until_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    review_due_at = models.DateTimeField()
    reviewed_by = models.ForeignKey(
        Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reviewed_at = models.DateTimeField(null=True, blank=True)
    found = models.CharField(max_length=20, choices=Reviewed.choices, blank=True)
    found_words = models.TextField(blank=True)

    class Meta:
        verbose_name_plural = "emergency accesses"
        indexes = [models.Index(fields=["membership", "case"], name="emergency_by_person")]
        constraints = [
            models.CheckConstraint(
                name="emergency_why_known", condition=Q(why__in=Emergency.values)
            ),
            models.CheckConstraint(
                name="emergency_says_the_next_step",
                condition=Q(next_step__regex=r"\S(.|\n){18,}\S"),
            ),
            models.CheckConstraint(
                name="emergency_is_an_hour_at_most",
                condition=Q(
                    until_at__gt=F("from_at"), until_at__lte=F("from_at") + timedelta(hours=1)
                ),
            ),
            models.CheckConstraint(
                name="emergency_reviewed_by_another_with_words",
                condition=Q(
                    reviewed_at__isnull=True, reviewed_by__isnull=True, found="", found_words=""
                )
                | (
                    Q(reviewed_at__isnull=False, reviewed_by__isnull=False)
                    & Q(found__in=Reviewed.values)
                    & Q(found_words__regex=r"\S")
                    & ~Q(reviewed_by=F("membership"))
                ),
            ),
        ]


class SightQuerySet(models.QuerySet["Sight"]):
    """Sights in domain words. Each is answered by one index, whatever the number of cases."""

    def newest(self) -> Self:
        """The latest received first."""
        return self.order_by("-received_at", "reference")

    def waiting(self) -> Self:
        """Where a decision is still owed: immediate danger first, then least time left."""
        return self.filter(waiting=True).order_by("rank", "due_at", "reference")

    def overdue(self, at: datetime) -> Self:
        """Where a decision is owed and late at `at`."""
        return self.waiting().filter(due_at__lt=at)

    def unassigned(self) -> Self:
        """Where nobody has taken the case on yet."""
        return self.filter(unassigned=True)

    def opened(self) -> Self:
        """Where the case is open for a plan."""
        return self.filter(opened=True)


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
