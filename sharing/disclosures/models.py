"""The record of decisions to share, or not to; requests between agencies; drafts of shares."""

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from portal.accounts.models import Agency, Membership, Team
from portal.common.models import Record
from referrals.models import Case, Grant, Statement, new_reference
from sharing.disclosures.vocabulary import (
    ENDED,
    OPENS,
    Channel,
    ChaserKind,
    Reply,
    Result,
    Told,
)
from sharing.rules.vocabulary import (
    Article6,
    Article9,
    Category,
    Condition,
    ConfidenceLimb,
    ConsentLimb,
    Purpose,
)

_WORDS = r"\S"


def new_number() -> str:
    """Return the number of a new record, such as S-4KD7-92Q: random, as a case's reference is."""
    return f"S{new_reference()[1:]}"


class RequestQuerySet(models.QuerySet["Request"]):
    """Requests in domain words."""

    def waiting(self) -> Self:
        """What nobody has answered."""
        return self.filter(reply="")

    def waited_for(self) -> Self:
        """What nobody has answered, on cases on which work goes on."""
        return self.waiting().exclude(case__status__in=ENDED)


class Request(Record):
    """A team is asked what its agency holds. Asking tells something too: it has a disclosure.

    `due_at` and `near_at`, from which on it is chased, stay as they were worked out when it was
    asked. `given_to` is who of the team is to answer; while it is nobody, its leads are.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="requests")
    asked_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="requests")
    categories = ArrayField(models.CharField(max_length=10, choices=Category.choices))
    question = models.TextField()
    why = models.TextField(help_text="What the answer is for, as the asked agency reads it.")
    purpose = models.CharField(max_length=20, choices=Purpose.choices)
    gateway = models.CharField(max_length=30)
    asked_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField()
    near_at = models.DateTimeField()
    given_to = models.ForeignKey(
        Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reply = models.CharField(max_length=10, choices=Reply.choices, blank=True)
    reply_words = models.TextField(blank=True)
    answered_by = models.ForeignKey(
        Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    statements = models.ManyToManyField(Statement, related_name="+")

    objects = RequestQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="request_late", condition=Q(reply="")),
            models.Index(fields=["near_at"], name="request_near", condition=Q(reply="")),
            models.Index(fields=["given_to"], name="request_given", condition=Q(reply="")),
            models.Index(fields=["-answered_at"], name="request_answered", condition=~Q(reply="")),
            models.Index(fields=["team", "due_at"], name="request_by_team"),
            models.Index(fields=["case", "asked_at"], name="request_by_case"),
        ]
        constraints = [
            models.CheckConstraint(
                name="request_says_what_and_why",
                condition=Q(question__regex=_WORDS) & Q(why__regex=_WORDS) & ~Q(gateway=""),
            ),
            models.CheckConstraint(
                name="request_categories_known",
                condition=Q(categories__len__gte=1) & Q(categories__contained_by=Category.values),
            ),
            models.CheckConstraint(
                name="request_purpose_known", condition=Q(purpose__in=Purpose.values)
            ),
            models.CheckConstraint(
                name="request_due_after_asked", condition=Q(due_at__gt=F("asked_at"))
            ),
            models.CheckConstraint(
                name="request_is_near_between_asked_and_due",
                condition=Q(near_at__gte=F("asked_at"), near_at__lte=F("due_at")),
            ),
            models.CheckConstraint(
                name="request_answered_says_what_and_by_whom",
                condition=Q(reply="", answered_by__isnull=True, answered_at__isnull=True)
                | Q(
                    reply__in=Reply.values,
                    answered_by__isnull=False,
                    answered_at__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="request_declined_says_why",
                condition=~Q(reply__in=[Reply.DECLINE, Reply.NOT_US])
                | Q(reply_words__regex=_WORDS),
            ),
        ]


class Chaser(Record):
    """The agency that is asked was told once more that somebody waits: by the clock, or by hand.

    The clock chases once when the time is nearly over and once when it is; people once a working
    day.
    """

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="chasers")
    kind = models.CharField(max_length=10, choices=ChaserKind.choices)
    by = models.ForeignKey(
        Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    working_day = models.DateField(help_text="The working day to which the moment belongs.")
    chased_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="chaser_kind_known", condition=Q(kind__in=ChaserKind.values)
            ),
            models.CheckConstraint(
                name="chaser_by_hand_is_somebodys",
                condition=Q(kind=ChaserKind.HAND, by__isnull=False)
                | (~Q(kind=ChaserKind.HAND) & Q(by__isnull=True)),
            ),
            models.UniqueConstraint(
                fields=["request", "kind"],
                condition=~Q(kind=ChaserKind.HAND),
                name="chaser_of_each_kind_once",
            ),
            models.UniqueConstraint(
                fields=["request", "working_day"],
                condition=Q(kind=ChaserKind.HAND),
                name="chaser_by_hand_once_a_working_day",
            ),
        ]


class Disclosure(Record):
    """One decision to share, to share part, to wait or to refuse. Never changed, never deleted.

    `rulings` holds, for each category asked, what the law answered and the inputs with which the
    answer can be given again. What it opened are its `grants`.
    """

    number = models.CharField(max_length=10, unique=True, default=new_number)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="disclosures")
    decided_at = models.DateTimeField(default=timezone.now)
    decider = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    holder = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    recipient = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="disclosures")
    recipient_person = models.CharField(max_length=120, blank=True)
    purpose = models.CharField(max_length=20, choices=Purpose.choices)
    categories = ArrayField(models.CharField(max_length=10, choices=Category.choices))
    statements = ArrayField(models.UUIDField(), default=list, blank=True)
    result = models.CharField(max_length=10, choices=Result.choices)
    rulings = models.JSONField(help_text="What the law answered, by category, with its inputs.")
    rule = models.CharField(max_length=20)
    rule_version = models.PositiveIntegerField()
    gateway = models.CharField(max_length=30)
    article_6 = models.CharField(max_length=40, choices=Article6.choices)
    article_9 = models.CharField(max_length=40, choices=Article9.choices)
    article_10 = models.CharField(max_length=40, choices=Condition.choices, blank=True)
    condition = models.CharField(max_length=40, choices=Condition.choices)
    consent_limb = models.CharField(max_length=40, choices=ConsentLimb.choices, blank=True)
    confidence_limb = models.CharField(max_length=40, choices=ConfidenceLimb.choices, blank=True)
    necessity = models.TextField()
    proportionality = models.TextField(help_text="Why a smaller amount would not do.")
    relevance = models.TextField(blank=True)
    accuracy = models.JSONField(default=dict, help_text="How many statements, by how known.")
    harm_suspected = models.TextField(blank=True, help_text="Why significant harm is suspected.")
    requested_at = models.DateTimeField(null=True, blank=True)
    channel = models.CharField(max_length=10, choices=Channel.choices, default=Channel.PORTAL)
    child_view = models.TextField(blank=True)
    child_told = models.CharField(max_length=20, choices=Told.choices)
    parents_told = models.CharField(max_length=20, choices=Told.choices)
    not_told_why = models.TextField(blank=True)
    protects = models.TextField(blank=True, help_text="Whose identity must be protected.")
    redactions = ArrayField(models.CharField(max_length=10), default=list, blank=True)
    detriment = models.TextField(blank=True, help_text="The harm that sharing would have done.")
    advice_from = models.CharField(max_length=200, blank=True)
    advice = models.TextField(blank=True)
    onward = models.TextField(blank=True, help_text="What the recipient may not do with it.")
    review_on = models.DateField(null=True, blank=True)
    until_at = models.DateTimeField(null=True, blank=True)
    preview = models.CharField(max_length=64, blank=True, help_text="SHA-256 of the preview.")
    request = models.ForeignKey(
        Request, on_delete=models.PROTECT, null=True, blank=True, related_name="disclosures"
    )
    corrects = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    grants = models.ManyToManyField(Grant, related_name="disclosures")

    class Meta:
        indexes = [
            models.Index(fields=["case", "-decided_at"], name="disclosure_by_case"),
            models.Index(fields=["-decided_at"], name="disclosure_by_time"),
        ]
        constraints = [
            models.CheckConstraint(
                name="disclosure_says_what_decided_it",
                condition=~Q(gateway="") & ~Q(rule="") & Q(rule_version__gte=1) & ~Q(rulings={}),
            ),
            models.CheckConstraint(
                name="disclosure_is_necessary_and_proportionate",
                condition=Q(necessity__regex=_WORDS) & Q(proportionality__regex=_WORDS),
            ),
            models.CheckConstraint(
                name="disclosure_result_known", condition=Q(result__in=Result.values)
            ),
            models.CheckConstraint(
                name="disclosure_purpose_known", condition=Q(purpose__in=Purpose.values)
            ),
            models.CheckConstraint(
                name="disclosure_categories_known",
                condition=Q(categories__len__gte=1) & Q(categories__contained_by=Category.values),
            ),
            models.CheckConstraint(
                name="disclosure_rests_on_data_protection_law",
                condition=Q(article_6__in=Article6.values)
                & Q(article_9__in=Article9.values)
                & Q(condition__in=Condition.values),
            ),
            models.CheckConstraint(
                name="disclosure_says_why_no_consent",
                condition=~Q(condition=Condition.SAFEGUARDING)
                | Q(consent_limb__in=ConsentLimb.values),
            ),
            models.CheckConstraint(
                name="disclosure_says_who_was_told",
                condition=Q(child_told__in=Told.values, parents_told__in=Told.values)
                & (Q(child_told=Told.YES, parents_told=Told.YES) | Q(not_told_why__regex=_WORDS)),
            ),
            models.CheckConstraint(
                name="disclosure_refused_says_the_harm",
                condition=Q(result__in=OPENS) | Q(detriment__regex=_WORDS),
            ),
        ]


class Acknowledgement(Record):
    """A recipient says that they have the share and read what goes with it. Once for a team."""

    disclosure = models.OneToOneField(
        Disclosure, on_delete=models.PROTECT, related_name="acknowledgement"
    )
    by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)


class ShareDraftQuerySet(models.QuerySet["ShareDraft"]):
    """Drafts of shares, in domain words."""

    def open(self) -> Self:
        """Drafts that have not become a decision."""
        return self.filter(disclosed_at__isnull=True)


class ShareDraft(Record):
    """A share being prepared: the answers of each page. It can be left, and taken up again.

    It waits for advice while `asked_at` is set and `advised_at` is not. It is emptied when it
    becomes a decision.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="share_drafts")
    author = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="share_drafts")
    request = models.ForeignKey(Request, on_delete=models.PROTECT, null=True, related_name="+")
    answers = models.JSONField(default=dict, blank=True)
    saved_at = models.DateTimeField(default=timezone.now)
    asked_at = models.DateTimeField(null=True, blank=True)
    question = models.TextField(blank=True)
    advised_at = models.DateTimeField(null=True, blank=True)
    advised_by = models.ForeignKey(
        Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    advice = models.TextField(blank=True)
    disclosed_at = models.DateTimeField(null=True, blank=True)

    objects = ShareDraftQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="sharedraft_asked_says_what",
                condition=Q(asked_at__isnull=True) | Q(question__regex=_WORDS),
            ),
            models.CheckConstraint(
                name="sharedraft_advised_says_what_and_by_whom",
                condition=Q(advised_at__isnull=True, advised_by__isnull=True, advice="")
                | (
                    Q(asked_at__isnull=False, advised_at__isnull=False, advised_by__isnull=False)
                    & Q(advice__regex=_WORDS)
                ),
            ),
            models.CheckConstraint(
                name="sharedraft_disclosed_is_empty",
                condition=Q(disclosed_at__isnull=True) | Q(answers={}),
            ),
        ]
