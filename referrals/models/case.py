"""The child and the case: who it is about, and the partnership's work for one episode."""

import secrets
from collections.abc import Iterable
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q

from portal.accounts.models import Membership, Partnership
from portal.common.models import Record
from referrals.vocabulary import Outcome, Priority
from referrals.workflow import Action, Status

if TYPE_CHECKING:
    from referrals.models.sight import Sight

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

    def for_rows(self) -> Self:
        """With what one row of a list needs, in four queries whatever the number of rows."""
        # A partnership is wide, and one for many rows: it is not read with each of them.
        return self.select_related("child", "coordinator__user").prefetch_related(
            "partnership", "referrals__agency"
        )

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
    harm_sign = models.BooleanField(
        default=False, help_text="A sign of harm was told openly, and told by choosing it."
    )
    sign_carried = models.BooleanField(
        default=False, help_text="It was told in a case that is joined to this one."
    )
    received_at = models.DateTimeField()
    decision_due_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    coordinator = models.ForeignKey(
        Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    level = models.CharField(
        max_length=20, blank=True, help_text="The level of concern that agencies agreed last."
    )
    level_by = models.ForeignKey(
        Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    level_at = models.DateTimeField(null=True, blank=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["status", "decision_due_at"], name="case_by_deadline")]
        constraints = [
            models.CheckConstraint(name="case_status_known", condition=Q(status__in=Status.values)),
            models.CheckConstraint(
                name="case_priority_known", condition=Q(priority__in=Priority.values)
            ),
            models.CheckConstraint(
                name="case_level_says_whose_and_since_when",
                condition=Q(level="", level_by__isnull=True, level_at__isnull=True)
                | (~Q(level="") & Q(level_by__isnull=False, level_at__isnull=False)),
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


class Decision(Record):
    """What was decided, why, by whom. A changed decision keeps the old one."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="decisions")
    outcome = models.CharField(max_length=20, choices=Outcome.choices)
    reason = models.TextField()
    told_referrer = models.TextField()
    late_reason = models.TextField(blank=True)
    decided_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    confirmed_by = models.ForeignKey(
        Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField()
    owner = models.ForeignKey(
        Membership,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        help_text="Who goes on with it.",
    )
    owner_words = models.CharField(
        max_length=200, blank=True, help_text="The same for somebody who does not work in here."
    )
    next_on = models.DateField(help_text="When somebody looks at it next.")
    next_told_at = models.DateTimeField(
        null=True, blank=True, help_text="When somebody heard that this day has come."
    )
    superseded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["next_on"],
                name="decision_looked_at_next",
                condition=Q(superseded_at__isnull=True, next_told_at__isnull=True),
            )
        ]
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
            models.CheckConstraint(
                name="decision_has_an_owner",
                condition=Q(owner__isnull=False) | Q(owner_words__regex=r"\S"),
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
