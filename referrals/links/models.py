"""What a case names, as a row that another case's may be held against, and what people decided."""

from typing import Self
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from portal.accounts.models import Membership
from portal.common.models import Record
from referrals.links.vocabulary import Kind, Verdict
from referrals.models import Statement

LINE = 200
STORY = 1000
"""How many characters a field of one line may have, and one of several."""

_ENDED_SAYS = Q(ended_at__isnull=True, ended_by__isnull=True, ended_why="") | (
    Q(ended_at__isnull=False, ended_by__isnull=False) & Q(ended_why__regex=r"\S")
)


class MentionQuerySet(models.QuerySet["Mention"]):
    """Mentions in domain words."""

    def standing(self) -> Self:
        """Those that nobody has taken off."""
        return self.filter(ended_at__isnull=True)


class Mention(Record):
    """A person who may pose a risk, a place, a vehicle, a phone or an account that a case names.

    It rests on one statement. Whoever is shown that statement whole may be shown this, nobody
    else: so its category, its owner and its marking are the statement's, and when the statement is
    corrected, removed, protected or concealed this goes with it. It never changes; it may end.
    `keys` are by what it is found again (`vocabulary.keys`): as personal as what they are made of.
    """

    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="mentions")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    called = models.CharField(max_length=LINE, blank=True)
    also = models.CharField(max_length=LINE, blank=True, help_text="Other names of a person.")
    where = models.CharField(max_length=LINE, blank=True, help_text="Where a place is.")
    description = models.TextField(blank=True)
    keys = ArrayField(models.TextField(), default=list, blank=True)
    by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, related_name="+")
    ended_why = models.TextField(blank=True)

    objects = MentionQuerySet.as_manager()

    class Meta:
        indexes = [GinIndex(fields=["keys"], name="mention_by_key", fastupdate=False)]
        constraints = [
            models.CheckConstraint(name="mention_kind_known", condition=Q(kind__in=Kind.values)),
            models.CheckConstraint(
                name="mention_is_called_or_described",
                condition=Q(called__regex=r"\S") | Q(description__regex=r"\S"),
            ),
            models.CheckConstraint(
                name="mention_other_names_are_of_a_person",
                condition=Q(also="") | Q(kind=Kind.PERSON),
            ),
            models.CheckConstraint(
                name="mention_where_is_of_a_place", condition=Q(where="") | Q(kind=Kind.PLACE)
            ),
            models.CheckConstraint(
                name="mention_ended_says_by_whom_and_why", condition=_ENDED_SAYS
            ),
        ]


class Settling(Record):
    """Somebody looked at what went with its words: it was recorded again, or no more is to be done.

    `mention` rested on an answer that was corrected or removed since. `again` is what was recorded
    in its place from the right words; none where these do not name it, or there are none. It never
    changes and never ends.
    """

    mention = models.OneToOneField(Mention, on_delete=models.PROTECT, related_name="settling")
    again = models.ForeignKey(
        Mention,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="What was recorded in its place from the right words.",
    )
    by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    settled_at = models.DateTimeField(default=timezone.now)


class LinkQuerySet(models.QuerySet["Link"]):
    """Links in domain words."""

    def current(self) -> Self:
        """Those that hold."""
        return self.filter(ended_at__isnull=True)

    def between(self, one: UUID, other: UUID) -> Self:
        """Those of these two mentions, whichever came first."""
        first, second = sorted((one, other))
        return self.filter(first=first, second=second)


class Link(Record):
    """Somebody decided that what two cases name is the same one, or is not. It opens nothing.

    It is shown to whom both of its ends are shown, and to nobody else. `first` and `second` stand
    in the order of their ids, so that a pair is one pair.
    """

    first = models.ForeignKey(Mention, on_delete=models.PROTECT, related_name="+")
    second = models.ForeignKey(Mention, on_delete=models.PROTECT, related_name="+")
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    reason = models.TextField()
    by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    judged_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, related_name="+")
    ended_why = models.TextField(blank=True)

    objects = LinkQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["first", "second"],
                condition=Q(ended_at__isnull=True),
                name="link_one_current_per_pair",
            ),
            models.CheckConstraint(name="link_of_two_in_order", condition=Q(first__lt=F("second"))),
            models.CheckConstraint(
                name="link_verdict_known", condition=Q(verdict__in=Verdict.values)
            ),
            models.CheckConstraint(name="link_has_reason", condition=Q(reason__regex=r"\S")),
            models.CheckConstraint(name="link_ended_says_by_whom_and_why", condition=_ENDED_SAYS),
        ]
