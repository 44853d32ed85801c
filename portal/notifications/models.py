"""What is owed to whom, and whether the e-mail that says so has gone."""

from base64 import b32encode
from datetime import datetime
from typing import Self, TypeVar

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from portal.accounts.models import Membership, User
from portal.common.models import Record
from portal.notifications.vocabulary import MEANINGS, NEXT, Class, Kind, Meaning, Status, When

Row = TypeVar("Row", bound="Outgoing")


class OutgoingQuerySet(models.QuerySet[Row]):
    """What goes out by e-mail, in domain words."""

    def due(self, at: datetime) -> Self:
        """What to send at this moment: waiting, or left in the hands of a process that died.

        Nothing while outgoing mail is stopped.
        """
        return self.filter(
            Q(status=Status.PENDING, next_at__lte=at)
            | Q(status=Status.LEASED, lease_until__lte=at),
            ~models.Exists(MailStop.objects.standing()),
        )


class Outgoing(Record):
    """An e-mail that is owed: how far it is, how often it was tried, when it is tried again."""

    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(default=timezone.now)
    lease = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=80, blank=True, help_text="A class name, no message.")
    message_id = models.CharField(max_length=200, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                name="%(class)s_status_known", condition=Q(status__in=Status.values)
            ),
            models.CheckConstraint(
                name="%(class)s_sent_has_message_id",
                condition=~Q(status=Status.SENT) | ~Q(message_id=""),
            ),
            models.CheckConstraint(
                name="%(class)s_leased_has_lease",
                condition=Q(status=Status.LEASED, lease__isnull=False, lease_until__isnull=False)
                | (~Q(status=Status.LEASED) & Q(lease__isnull=True, lease_until__isnull=True)),
            ),
        ]
        indexes = [
            models.Index(
                name="%(class)s_due", fields=["next_at"], condition=Q(status=Status.PENDING)
            ),
            models.Index(
                name="%(class)s_lease", fields=["lease_until"], condition=Q(status=Status.LEASED)
            ),
        ]


class Digest(Outgoing):
    """The one e-mail of a day that says how many updates wait for a person in one role."""

    recipient = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="digests")
    day = models.DateField()

    objects = OutgoingQuerySet["Digest"].as_manager()

    class Meta(Outgoing.Meta):
        abstract = False
        constraints = [
            *Outgoing.Meta.constraints,
            models.UniqueConstraint(fields=["recipient", "day"], name="digest_once_a_day"),
            models.CheckConstraint(
                name="digest_waits_for_no_digest", condition=~Q(status=Status.DIGEST)
            ),
        ]


class NoticeQuerySet(OutgoingQuerySet["Notice"]):
    """Notices in domain words."""

    def unread(self) -> Self:
        """Notices that their reader has not marked as read."""
        return self.filter(read_at__isnull=True)

    def to_show(self, since: datetime) -> Self:
        """What is not read, the newest first, then what is and is no older than this."""
        shown = self.filter(Q(read_at__isnull=True) | Q(created_at__gte=since))
        is_unread = models.ExpressionWrapper(
            Q(read_at__isnull=True), output_field=models.BooleanField()
        )
        return shown.order_by(is_unread.desc(), "-created_at", "pk")

    def of_class(self, asks: Class) -> Self:
        """Notices that ask this much of their reader."""
        return self.filter(kind__in=[kind for kind in Kind if MEANINGS[kind].asks is asks])

    def to_escalate(self, at: datetime) -> Self:
        """Notices that nobody acknowledged in time, and of which nobody else has been told."""
        return self.unread().filter(escalate_at__lte=at)


class Notice(Outgoing):
    """One thing that one person in one role is told. The row is the promise that they are.

    In the portal it is seen as soon as it is committed, exactly once. The e-mail only says that
    there is something to see. `case` and `cause` are ids without a foreign key, because what they
    name stands above this floor. To mark one that asks to act now as read is to acknowledge it;
    until somebody does, `escalate_at` says when the next people are told, as it was worked out
    when it was owed.
    """

    recipient = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="notices")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    reference = models.CharField(max_length=20, help_text="The case's; shown in the portal only.")
    case = models.UUIDField(null=True, help_text="Nothing where it is about no case.")
    cause = models.UUIDField()
    dedupe_key = models.CharField(max_length=64)
    read_at = models.DateTimeField(null=True, blank=True)
    digest = models.ForeignKey(
        Digest, on_delete=models.PROTECT, null=True, blank=True, related_name="notices"
    )
    escalate_at = models.DateTimeField(
        null=True, blank=True, help_text="Nothing when it never will be, or has been."
    )
    escalated_at = models.DateTimeField(null=True, blank=True)
    escalates = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="escalations",
        help_text="The notice that nobody acknowledged, for which this one came.",
    )
    act_of = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Whose own act it is about, where somebody else must attend to that.",
    )

    objects = NoticeQuerySet.as_manager()

    class Meta(Outgoing.Meta):
        abstract = False
        constraints = [
            *Outgoing.Meta.constraints,
            models.UniqueConstraint(fields=["dedupe_key"], name="notice_once_per_cause"),
            models.CheckConstraint(name="notice_kind_known", condition=Q(kind__in=Kind.values)),
            models.CheckConstraint(
                name="notice_in_a_digest_has_no_mail_of_its_own",
                condition=Q(digest__isnull=True)
                | Q(status__in=[Status.DIGEST, Status.SENT, Status.SUPPRESSED]),
            ),
            models.CheckConstraint(
                name="notice_is_escalated_once",
                condition=Q(escalated_at__isnull=True) | Q(escalate_at__isnull=True),
            ),
        ]
        indexes = [
            *Outgoing.Meta.indexes,
            models.Index(
                name="notice_unread", fields=["recipient"], condition=Q(read_at__isnull=True)
            ),
            models.Index(name="notice_by_cause", fields=["cause"]),
            models.Index(name="notice_of_recipient", fields=["recipient", "-created_at"]),
            models.Index(
                name="notice_to_gather",
                fields=["next_at"],
                condition=Q(status=Status.DIGEST, digest__isnull=True),
            ),
            models.Index(
                name="notice_to_escalate",
                fields=["escalate_at"],
                condition=Q(escalate_at__isnull=False, read_at__isnull=True),
            ),
            models.Index(
                name="notice_dead", fields=["created_at"], condition=Q(status=Status.DEAD)
            ),
        ]

    @property
    def meaning(self) -> Meaning:
        """What this kind of notice asks, why it came, and the page that it is about."""
        return MEANINGS[Kind(self.kind)]

    @property
    def why(self) -> str:
        """Why this reader got it."""
        return self.meaning.why if self.escalates_id is None else NEXT

    @property
    def is_urgent(self) -> bool:
        """Whether it cannot wait."""
        return self.meaning.asks is Class.ACT_NOW

    @property
    def is_in_digest(self) -> bool:
        """Whether the daily e-mail says that it is there, and no e-mail of its own."""
        return self.digest_id is not None or self.status == Status.DIGEST

    @property
    def short_reference(self) -> str:
        """Eight characters that the e-mail and the portal both show, and that say nothing else.

        They come from the notice's own random id, so the same notice sent twice shows the same.
        """
        letters = b32encode(self.pk.bytes).decode()
        return f"N-{letters[:4]}-{letters[4:8]}"

    def get_absolute_url(self) -> str:
        """The page that the notice is about."""
        arguments = [self.reference] if self.meaning.by_reference else []
        return reverse(self.meaning.page, args=arguments)


class Preference(Record):
    """How somebody wants to hear by e-mail, in one role. Who has no row hears as everybody does.

    What asks to act now always comes at once, so there is no column for it. In the portal
    everything stands at once, whatever is chosen here.
    """

    membership = models.OneToOneField(
        Membership, on_delete=models.CASCADE, related_name="preference"
    )
    to_do = models.CharField(max_length=10, choices=When.choices, default=When.AT_ONCE)
    for_information = models.CharField(max_length=10, choices=When.choices, default=When.DIGEST)
    digest_hour = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Nothing where the partnership's hour will do."
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="preference_known",
                condition=Q(to_do__in=When.values, for_information__in=When.values),
            ),
            models.CheckConstraint(
                name="preference_hour_is_of_a_day",
                condition=Q(digest_hour__isnull=True) | Q(digest_hour__range=(0, 23)),
            ),
        ]


class MailStopQuerySet(models.QuerySet["MailStop"]):
    """Stops of outgoing mail, in domain words."""

    def standing(self) -> Self:
        """The stop that holds now; there is one at most."""
        return self.filter(resumed_at__isnull=True)


class MailStop(Record):
    """Outgoing mail was stopped: by whom, when and why, and who let it go on."""

    stopped_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    why = models.CharField(max_length=200)
    stopped_at = models.DateTimeField(default=timezone.now)
    resumed_by = models.ForeignKey(
        Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    resumed_at = models.DateTimeField(null=True, blank=True)

    objects = MailStopQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["resumed_at"],
                nulls_distinct=False,
                name="mailstop_one_at_a_time",
                condition=Q(resumed_at__isnull=True),
            ),
            models.CheckConstraint(name="mailstop_says_why", condition=~Q(why="")),
            models.CheckConstraint(
                name="mailstop_resumed_by_somebody",
                condition=Q(resumed_at__isnull=True, resumed_by__isnull=True)
                | Q(resumed_at__isnull=False, resumed_by__isnull=False),
            ),
        ]


class Pulse(Record):
    """When a part of the portal that works by the clock was last at work."""

    part = models.CharField(max_length=20)
    beat_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["part"], name="pulse_one_for_each_part")]
