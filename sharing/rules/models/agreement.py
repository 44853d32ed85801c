"""Agreements between agencies to share information: without one in force, some rules say no."""

from datetime import date, datetime
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from portal.accounts.models import Agency, Membership
from portal.common.clock import LONDON, end_of
from portal.common.models import Record
from sharing.rules.vocabulary import Category, Purpose, Standing


class AgreementQuerySet(models.QuerySet["Agreement"]):
    """Agreements in domain words."""

    def in_force(self, at: datetime) -> Self:
        """Agreements that may be relied on at `at` (aware); their days are days in England."""
        day = at.astimezone(LONDON).date()
        return self.filter(
            Q(ended_at__isnull=True) | Q(ended_at__gt=at), signed_on__lte=day, ends_on__gte=day
        )


class Agreement(Record):
    """What agencies have signed: who, for what, about which kinds of information, until when.

    The days are days in England, both inside. On its review day it warns; after its last day it
    carries nothing. A renewal is a row of its own, so that what was in force on a past day can be
    told; an end is given once, with why.
    """

    title = models.CharField(max_length=120)
    parties = models.ManyToManyField(Agency, related_name="agreements")
    purposes = ArrayField(models.CharField(max_length=20, choices=Purpose.choices))
    categories = ArrayField(models.CharField(max_length=10, choices=Category.choices))
    signed_on = models.DateField()
    review_on = models.DateField()
    ends_on = models.DateField()
    signed_by = models.ForeignKey(
        Membership,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        help_text="Who put it in the register; nobody when the installation was set up.",
    )
    renews = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="renewals")
    ended_at = models.DateTimeField(null=True)
    ended_why = models.TextField(blank=True)

    objects = AgreementQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="agreement_has_a_title", condition=~Q(title="")),
            models.CheckConstraint(
                name="agreement_purposes_known",
                condition=Q(purposes__len__gte=1, purposes__contained_by=Purpose.values),
            ),
            models.CheckConstraint(
                name="agreement_categories_known",
                condition=Q(categories__len__gte=1, categories__contained_by=Category.values),
            ),
            models.CheckConstraint(
                name="agreement_is_reviewed_before_it_ends",
                condition=Q(review_on__gt=F("signed_on"), ends_on__gte=F("review_on")),
            ),
            models.CheckConstraint(
                name="agreement_ended_says_why",
                condition=Q(ended_at__isnull=True, ended_why="")
                | (Q(ended_at__isnull=False) & ~Q(ended_why="")),
            ),
        ]

    @property
    def until(self) -> datetime:
        """The first moment at which it carries nothing: its last day is over in England."""
        over = end_of(self.ends_on)
        return min(over, self.ended_at) if self.ended_at else over

    def standing(self, day: date) -> Standing:
        """How it stands on a day in England."""
        if self.ended_at is not None:
            return Standing.ENDED
        if day > self.ends_on:
            return Standing.EXPIRED
        if day < self.signed_on:
            return Standing.TO_COME
        return Standing.REVIEW_DUE if day >= self.review_on else Standing.IN_FORCE
