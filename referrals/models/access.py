"""What opens a case to somebody, and what keeps it closed to them."""

from datetime import timedelta
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from guardian.models import GroupObjectPermissionBase

from portal.accounts.models import Agency, Membership, User
from portal.common.models import Record
from referrals.models.case import Case
from referrals.vocabulary import Conflict, Emergency, Extent, Reviewed
from sharing.rules.vocabulary import Category, Purpose


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

    def of_teams(self) -> Self:
        """Of these those that open to a whole team, and not to one person of it."""
        return self.filter(only__isnull=True)


class Grant(Record, GroupObjectPermissionBase):
    """A share, remembered: one team, one case, one holder's information of some categories, a
    purpose, a gateway, an end.

    The law is asked about one holder at a time, so a grant opens what that agency holds and
    nothing that another agency adds to the case.
    A django-guardian row with a direct foreign key. It carries what decided it in columns that
    cannot be empty. `granted_by_service` names the moment at which a rule opened it by itself; a
    grant without one rests on a person's own decision, which the database looks for: a disclosure
    must hold it before the transaction ends. One that names a person (`only`) opens to them alone,
    as to somebody in the room where a panel discusses the child, and always has an end. Read only
    by `policies` and `reading`; guardian's own lookups are not used, because they know nothing of
    an end date.
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
    only = models.ForeignKey(
        Membership,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="The one person of the team to whom it opens; empty for the whole team.",
    )
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
                name="grant_to_one_person_ends",
                condition=Q(only__isnull=True) | Q(until_at__isnull=False),
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
    Where somebody who works with children is a person of concern it stands against their agency:
    nobody who acts for it sees or knows of the case, until the LADO ends that.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="walls")
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, null=True, related_name="+")
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
            models.UniqueConstraint(
                fields=["agency", "case"],
                condition=Q(lifted_at__isnull=True),
                name="wall_stands_once_for_an_agency_and_case",
            ),
            models.CheckConstraint(
                name="wall_is_against_a_person_or_an_agency",
                condition=Q(user__isnull=True) ^ Q(agency__isnull=True),
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
