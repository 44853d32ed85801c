"""What a decision waits for, and what it sets going beside its outcome."""

from django.db import models
from django.db.models import Q

from portal.accounts.models import Membership, Partnership
from portal.common.models import Record
from referrals.models.access import Wall
from referrals.models.case import Case
from referrals.vocabulary import Asks, Outcome, Priority, Side


class PriorityChange(Record):
    """Somebody at the front door gave a case another priority, and why. Never changed."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="priority_changes")
    was = models.CharField(max_length=10, choices=Priority.choices)
    now = models.CharField(max_length=10, choices=Priority.choices)
    reason = models.TextField()
    changed_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="priority_change_between_known_ones",
                condition=Q(was__in=Priority.values, now__in=Priority.values),
            ),
            models.CheckConstraint(
                name="priority_change_is_to_another", condition=~Q(was=models.F("now"))
            ),
            models.CheckConstraint(
                name="priority_change_has_reason", condition=Q(reason__regex=r"\S")
            ),
        ]


class KeptView(Record):
    """How somebody narrows the board, kept for themselves. Codes, which open nothing."""

    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    codes = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["membership", "codes"], name="kept_view_once"),
            models.CheckConstraint(
                # As they stand in an address. No name that somebody typed is among them.
                name="kept_view_holds_codes",
                condition=Q(codes__regex=r"^[a-z]+=[A-Za-z0-9_-]+(&[a-z]+=[A-Za-z0-9_-]+)*$"),
            ),
        ]


class Proposal(Record):
    """A decision that takes another's yes. Until then the case stays on the board, on its clock.

    `asks` says whose: a second person at the front door, the allocated worker, or another area.
    Whoever does not work in here says yes on the telephone, and somebody writes down who it was.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="proposals")
    asks = models.CharField(max_length=10, choices=Asks.choices)
    outcome = models.CharField(max_length=20, choices=Outcome.choices)
    reason = models.TextField()
    told_referrer = models.TextField()
    late_reason = models.TextField(blank=True)
    owner = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, related_name="+")
    owner_words = models.CharField(max_length=200, blank=True)
    next_on = models.DateField()
    to_area = models.ForeignKey(Partnership, on_delete=models.PROTECT, null=True, related_name="+")
    proposed_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    answered_by = models.ForeignKey(
        Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    accepted = models.BooleanField(null=True)
    answer_words = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(answered_at__isnull=True),
                name="proposal_one_open_per_case",
            ),
            models.CheckConstraint(name="proposal_asks_known", condition=Q(asks__in=Asks.values)),
            models.CheckConstraint(
                name="proposal_asks_whom_the_outcome_takes",
                condition=Q(asks=Asks.WORKER, outcome=Outcome.OPEN_CASE)
                | Q(asks=Asks.AREA, outcome=Outcome.TRANSFER)
                | Q(~Q(outcome__in=[Outcome.OPEN_CASE, Outcome.TRANSFER]), asks=Asks.SECOND),
            ),
            models.CheckConstraint(
                name="proposal_outcome_known",
                condition=Q(outcome__in=Outcome.values),
            ),
            models.CheckConstraint(
                name="proposal_has_reason_and_feedback",
                condition=Q(reason__regex=r"\S") & Q(told_referrer__regex=r"\S"),
            ),
            models.CheckConstraint(
                name="proposal_has_an_owner",
                condition=Q(owner__isnull=False)
                | Q(owner_words__regex=r"\S")
                | Q(to_area__isnull=False),
            ),
            models.CheckConstraint(
                name="proposal_answered_by_somebody",
                condition=Q(answered_at__isnull=True, answered_by__isnull=True, accepted=None)
                | Q(answered_at__isnull=False, answered_by__isnull=False, accepted__isnull=False),
            ),
            models.CheckConstraint(
                name="proposal_declined_says_why",
                condition=~Q(accepted=False) | Q(answer_words__regex=r"\S"),
            ),
        ]


class SideRoute(Record):
    """Something that a decision sets going: whose it is, by when, and what came of it."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="sides")
    side = models.CharField(max_length=20, choices=Side.choices)
    owner = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    due_at = models.DateTimeField()
    raised_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    raised_at = models.DateTimeField()
    wall = models.ForeignKey(Wall, on_delete=models.PROTECT, null=True, related_name="+")
    told_at = models.DateTimeField(
        null=True, blank=True, help_text="When its owner and the front door heard that it is late."
    )
    done_by = models.ForeignKey(
        Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    done_at = models.DateTimeField(null=True, blank=True)
    done_words = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["owner", "due_at"],
                name="side_route_by_owner",
                condition=Q(done_at__isnull=True),
            ),
            models.Index(
                fields=["due_at"],
                name="side_route_late",
                condition=Q(done_at__isnull=True, told_at__isnull=True),
            ),
        ]
        constraints = [
            # One for each agency that it hides the case from: two people of concern are two steps.
            models.UniqueConstraint(
                fields=["case", "side", "wall"],
                condition=Q(done_at__isnull=True),
                name="side_route_once_at_a_time",
                nulls_distinct=False,
            ),
            models.CheckConstraint(name="side_route_known", condition=Q(side__in=Side.values)),
            models.CheckConstraint(
                name="side_route_only_the_lado_hides",
                condition=Q(wall__isnull=True) | Q(side=Side.LADO),
            ),
            models.CheckConstraint(
                name="side_route_done_says_what_came_of_it",
                condition=Q(done_at__isnull=True, done_by__isnull=True, done_words="")
                | Q(done_at__isnull=False, done_by__isnull=False, done_words__regex=r"\S"),
            ),
        ]
