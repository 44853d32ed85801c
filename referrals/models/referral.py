"""What was reported, and each piece of information in it. It never changes once written."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from portal.accounts.models import Agency, Membership
from portal.common.models import Record
from portal.documents.models import Upload
from referrals.models.case import Case
from referrals.vocabulary import Answer, Danger, KnownHow, Protect
from sharing.rules.vocabulary import Category


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
        help_text="What it was sent with; an answer, a note or words for a panel have none.",
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
    item = models.UUIDField(
        null=True, blank=True, help_text="Which one of a list it is; a correction is the same one."
    )
    details = models.JSONField(
        default=dict, blank=True, help_text="The words of one of a list, as fields to find it by."
    )
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
                name="statement_was_sent_answers_or_notes",
                condition=Q(referral__isnull=False)
                | Q(question__startswith="answer_")
                | Q(question__startswith="note")
                | Q(question__startswith="panel_"),
            ),
            models.CheckConstraint(
                # A line without words would tell that there was one.
                name="statement_note_is_given",
                condition=~Q(question__startswith="note") | Q(answer=Answer.GIVEN),
            ),
            models.CheckConstraint(
                # The line of a list that nobody filled in is no item: it would count what is not.
                name="statement_item_is_given",
                condition=Q(item__isnull=True) | Q(answer=Answer.GIVEN),
            ),
            models.CheckConstraint(
                name="statement_details_are_of_an_item",
                condition=Q(details={}) | Q(item__isnull=False),
            ),
            models.CheckConstraint(
                name="statement_is_a_file_or_words",
                condition=Q(upload__isnull=True) ^ Q(question__startswith="file_"),
            ),
            models.UniqueConstraint(
                name="statement_joins_a_file_once",
                fields=["upload"],
                condition=Q(corrects__isnull=True, upload__isnull=False),
            ),
            models.CheckConstraint(
                name="statement_removed_says_why",
                condition=Q(removed_at__isnull=True, removed_why="")
                | (Q(removed_at__isnull=False) & ~Q(removed_why="")),
            ),
        ]
