"""Drafts: what a practitioner has written and not yet sent.

Their own, and that of the colleague whom they ask to send it.
"""

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import ExpressionWrapper, F, Q, Value
from django.utils import timezone

from portal.accounts.models import Membership
from portal.common.models import Record, version_of
from referrals.vocabulary import Danger

_ENDS = ExpressionWrapper(
    F("saved_at") + F("kept_days") * Value(timedelta(days=1)), models.DateTimeField()
)


class DraftQuerySet(models.QuerySet["Draft"]):
    """Drafts in domain words."""

    def unsent(self) -> Self:
        """Drafts that are still being written, the latest first."""
        kept = self.filter(sent_at__isnull=True).alias(ends=_ENDS)
        return kept.filter(ends__gt=timezone.now()).order_by("-saved_at")

    def forgotten(self) -> Self:
        """Unsent drafts that nobody has saved for as long as we keep them."""
        return self.filter(sent_at__isnull=True).alias(ends=_ENDS).filter(ends__lte=timezone.now())

    def going(self, within: timedelta) -> Self:
        """Unsent drafts that are deleted before long, unless somebody saves them."""
        return self.unsent().filter(ends__lte=timezone.now() + within)

    def about_danger(self) -> Self:
        """Unsent drafts whose first answer is that a child is, or may be, in danger."""
        danger = [Danger.YES, Danger.UNSURE]
        return self.filter(sent_at__isnull=True, answers__danger__danger__in=danger)


class Draft(Record):
    """A referral being written. Every press of the main button saves a page of it.

    `answers` holds one object for each page, by the page's name. It is emptied when the referral
    is sent: from then on the words live in the case's statements. `kept_days` is what its author
    was promised when it was begun; `called_at` is when they said that they had called 999.
    """

    author = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="drafts")
    answers = models.JSONField(default=dict)
    delegate = models.ForeignKey(
        Membership,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="delegated_drafts",
        help_text="The colleague whom the author has asked to finish and send it.",
    )
    sent_by = models.ForeignKey(
        Membership,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="Who pressed Send: the author, or the delegate.",
    )
    saved_at = models.DateTimeField(default=timezone.now)
    kept_days = models.PositiveSmallIntegerField(default=30)
    called_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    reference = models.CharField(max_length=10, blank=True)

    objects = DraftQuerySet.as_manager()

    @property
    def deleted_on(self) -> datetime:
        """When it goes, if nobody saves it again."""
        return self.saved_at + timedelta(days=self.kept_days)

    class Meta:
        indexes = [models.Index(fields=["author", "-saved_at"], name="draft_by_author")]
        constraints = [
            models.CheckConstraint(
                name="draft_delegate_is_somebody_else",
                condition=Q(delegate__isnull=True) | ~Q(delegate=models.F("author")),
            ),
            models.CheckConstraint(
                name="draft_unsent_has_no_sender",
                condition=Q(sent_by__isnull=True) | Q(sent_at__isnull=False),
            ),
            models.CheckConstraint(
                name="draft_sent_is_empty_and_has_reference",
                condition=Q(sent_at__isnull=True, reference="")
                | (Q(sent_at__isnull=False, answers={}) & ~Q(reference="")),
            ),
        ]

    def version(self, page: str) -> str:
        """Which words of this page are saved: another version, other words."""
        return version_of(self.answers.get(page, {}))

    @property
    def whole(self) -> str:
        """The version of everything that is sent."""
        said = {page: typed for page, typed in self.answers.items() if page != "check"}
        return version_of([said, str(self.called_at)])
