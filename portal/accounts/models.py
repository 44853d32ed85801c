"""Partnerships, agencies, people, teams and memberships."""

from datetime import time, timedelta
from typing import ClassVar, Self

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, Group
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone

from portal.accounts.vocabulary import (
    FIRST_WORDS,
    IDLE_MINUTES,
    LONGEST_IDLE_MINUTES,
    SUPPORT_WORDS,
    AgencyKind,
    PartnerUnder,
    Principal,
    Role,
    default_escalation,
    default_language,
)
from portal.common.models import Record

PHONE_PATTERN = r"^\+?[0-9][0-9 ]{1,28}$"


class Partnership(Record):
    """A local safeguarding area, with the settings that areas differ on."""

    name = models.CharField(max_length=120)
    slug = models.SlugField(unique=True)
    office_opens = models.TimeField(default=time(9))
    office_closes = models.TimeField(default=time(17))
    decision_working_days = models.PositiveSmallIntegerField(default=1)
    panel_access_days = models.PositiveSmallIntegerField(default=28)
    request_working_days = models.PositiveSmallIntegerField(default=2)
    request_immediate_hours = models.PositiveSmallIntegerField(default=2)
    request_near_hours = models.PositiveSmallIntegerField(default=4)
    acknowledge_working_days = models.PositiveSmallIntegerField(default=1)
    immediate_name = models.CharField(max_length=30, default="Immediate")
    immediate_hours = models.PositiveSmallIntegerField(default=1)
    urgent_name = models.CharField(max_length=30, default="Urgent")
    urgent_hours = models.PositiveSmallIntegerField(default=4)
    standard_name = models.CharField(max_length=30, default="Standard")
    cure_hours = models.PositiveSmallIntegerField(default=4)
    near_minutes = models.PositiveSmallIntegerField(default=60)
    escalation = models.JSONField(default=default_escalation)
    front_door_phone = models.CharField(max_length=30)
    out_of_hours_phone = models.CharField(max_length=30)
    join_takes_two = models.BooleanField(default=False)
    suppress_below = models.PositiveSmallIntegerField(default=5)
    neutral_site = models.URLField(blank=True)
    language = models.TextField(blank=True, default=default_language)
    start_words = models.TextField(blank=True, max_length=600)
    support_words = models.TextField(max_length=600, default=SUPPORT_WORDS)
    first_words = models.TextField(max_length=400, default=FIRST_WORDS)
    idle_minutes = models.PositiveSmallIntegerField(default=IDLE_MINUTES)
    draft_days = models.PositiveSmallIntegerField(default=30)
    danger_draft_minutes = models.PositiveSmallIntegerField(default=60)
    before_time_minutes = models.PositiveSmallIntegerField(default=30)
    act_now_minutes = models.PositiveSmallIntegerField(default=60)
    digest_hour = models.PositiveSmallIntegerField(default=8)
    takes_pictures = models.BooleanField(default=False)
    file_megabytes = models.PositiveSmallIntegerField(default=10)
    files_per_referral = models.PositiveSmallIntegerField(default=20)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="partnership_files_fit",
                condition=Q(file_megabytes__range=(1, 20), files_per_referral__range=(1, 100)),
            ),
            models.CheckConstraint(
                name="partnership_opens_before_it_closes",
                condition=Q(office_opens__lt=F("office_closes")),
            ),
            models.CheckConstraint(
                name="partnership_decides_within_days", condition=Q(decision_working_days__gte=1)
            ),
            models.CheckConstraint(
                name="partnership_gives_time_to_answer",
                condition=Q(request_working_days__gte=1, request_immediate_hours__gte=1),
            ),
            models.CheckConstraint(
                name="partnership_chases_before_it_is_late",
                condition=Q(request_near_hours__range=(1, 40)),
            ),
            models.CheckConstraint(
                name="partnership_acknowledges_within_days",
                condition=Q(acknowledge_working_days__gte=1),
            ),
            models.CheckConstraint(
                name="partnership_bands_have_names_and_hours",
                condition=~Q(immediate_name="")
                & ~Q(urgent_name="")
                & ~Q(standard_name="")
                & Q(
                    immediate_hours__range=(1, 24),
                    urgent_hours__range=(1, 24),
                    cure_hours__range=(1, 24),
                    near_minutes__range=(5, 480),
                ),
            ),
            models.CheckConstraint(
                name="partnership_escalates_somewhere", condition=~Q(escalation=[])
            ),
            models.CheckConstraint(
                # A clock that runs for a year is no clock, and access for a day is no access.
                name="partnership_clocks_within_reason",
                condition=Q(
                    decision_working_days__lte=10,
                    request_working_days__lte=20,
                    request_immediate_hours__lte=24,
                    panel_access_days__range=(1, 365),
                ),
            ),
            models.CheckConstraint(
                # Below three, a total would point at one child.
                name="partnership_suppresses_small_numbers",
                condition=Q(suppress_below__range=(3, 50)),
            ),
            models.CheckConstraint(
                name="partnership_phones_can_be_called",
                condition=Q(
                    front_door_phone__regex=PHONE_PATTERN, out_of_hours_phone__regex=PHONE_PATTERN
                ),
            ),
            models.CheckConstraint(
                # Whoever sent something always hears where support is, and that it is being read.
                name="partnership_says_something",
                condition=~Q(support_words="") & ~Q(first_words=""),
            ),
            models.CheckConstraint(
                name="partnership_neutral_site_is_safe",
                condition=Q(neutral_site="") | Q(neutral_site__regex=r"^https://[!-~]+$"),
            ),
            models.CheckConstraint(
                name="partnership_waits_between_ten_minutes_and_an_hour",
                condition=Q(idle_minutes__gte=10, idle_minutes__lte=LONGEST_IDLE_MINUTES),
            ),
            models.CheckConstraint(
                # What is to be acted on now is not left for a day; a day has 24 hours.
                name="partnership_tells_in_time",
                condition=Q(act_now_minutes__range=(15, 480), digest_hour__range=(0, 23)),
            ),
            models.CheckConstraint(
                # A draft is announced a week before it goes, so it lives for longer than that.
                name="partnership_keeps_drafts",
                condition=Q(draft_days__gte=8, danger_draft_minutes__gte=1),
            ),
        ]


class Agency(Record):
    """An organisation around the child. It may serve several partnerships."""

    name = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=20, choices=AgencyKind.choices)
    partner_under = ArrayField(
        models.CharField(max_length=10, choices=PartnerUnder.choices),
        help_text="Which of Children Act 2004 s.10, s.11 and s.16E makes it a partner.",
    )
    partnerships = models.ManyToManyField(Partnership, related_name="agencies")

    class Meta:
        verbose_name_plural = "agencies"
        constraints = [
            models.CheckConstraint(
                name="agency_kind_known", condition=Q(kind__in=AgencyKind.values)
            ),
            models.CheckConstraint(
                name="agency_partner_under_known",
                condition=Q(partner_under__contained_by=PartnerUnder.values)
                & Q(partner_under__len__gte=1),
            ),
        ]


class Team(Group):
    """An agency x role. It is a Django group, so that a guardian grant can name it.

    An agency may have two teams of practitioners: those who only send and follow their own are in
    one apart, to which nothing is ever shared.
    """

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="teams")
    role = models.CharField(max_length=20, choices=Role.choices)
    sends_only = models.BooleanField(default=False)

    # Group's own manager would be typed to hand out groups.
    objects: ClassVar[models.Manager["Team"]] = models.Manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "role", "sends_only"], name="team_is_agency_and_role"
            ),
            models.CheckConstraint(
                name="team_only_practitioners_only_send",
                condition=Q(sends_only=False) | Q(role=Role.PRACTITIONER),
            ),
            models.CheckConstraint(name="team_role_known", condition=Q(role__in=Role.values)),
        ]

    def __str__(self) -> str:
        return f"Team {self.pk}"


class UserManager(BaseUserManager["User"]):
    """Finds users. `services.enrol` makes them; there is no superuser to make."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser, Record):
    """A person who signs in with their work e-mail. Nobody is a superuser, by construction."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    is_active = models.BooleanField(default=True)
    hiding_told_at = models.DateTimeField(
        null=True, help_text="When they were told how to hide a page. Nobody is told twice."
    )

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects = UserManager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="user_email_lower_case", condition=Q(email=Lower("email"))),
            # Two addresses that look alike to the eye are never two people.
            models.CheckConstraint(
                name="user_email_plain_letters", condition=Q(email__regex=r"^[!-~]+$")
            ),
        ]

    def __str__(self) -> str:
        return f"User {self.pk}"

    @property
    def is_staff(self) -> bool:
        """Nobody is staff: there is no administration site."""
        return False

    @property
    def is_superuser(self) -> bool:
        """Nobody is a superuser: guardian's and Django's bypasses stay shut."""
        return False


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Memberships in domain words."""

    def live(self) -> Self:
        """Memberships in which a person may act at this moment."""
        now = timezone.now()
        return self.filter(
            Q(until_at__isnull=True) | Q(until_at__gt=now), from_at__lte=now, user__is_active=True
        )


class Membership(Record):
    """A person in a team: person x agency x role, from a day until a day."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="memberships")
    from_at = models.DateTimeField(default=timezone.now)
    until_at = models.DateTimeField(null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "team"],
                condition=Q(until_at__isnull=True),
                name="membership_once_at_a_time",
            ),
            models.CheckConstraint(
                name="membership_ends_after_it_starts",
                condition=Q(until_at__isnull=True) | Q(until_at__gte=F("from_at")),
            ),
        ]

    def principal(self) -> Principal:
        """The principal that this membership makes of its person. Two queries when not joined."""
        agency = self.team.agency
        partnerships = agency.partnerships.all()
        return Principal(
            user_id=self.user_id,
            membership_id=self.pk,
            team_id=self.team_id,
            agency_id=agency.pk,
            agency_kind=AgencyKind(agency.kind),
            role=Role(self.team.role),
            partnership_ids=tuple(sorted(p.pk for p in partnerships)),
            name=self.user.name,
            agency_name=agency.name,
            sends_only=self.team.sends_only,
            idle_minutes=min((p.idle_minutes for p in partnerships), default=IDLE_MINUTES),
        )


class Contact(Record):
    """Whom to ring at an agency: the single point of contact, and who covers for them.

    How to reach somebody at work, and nothing else about them.
    """

    agency = models.OneToOneField(Agency, on_delete=models.PROTECT, related_name="contact")
    name = models.CharField(max_length=120)
    phone = models.CharField(max_length=30)
    hours = models.CharField(max_length=120)
    deputy_name = models.CharField(max_length=120, blank=True)
    deputy_phone = models.CharField(max_length=30, blank=True)
    cover_from = models.DateField(null=True, blank=True)
    cover_until = models.DateField(null=True, blank=True)
    kept_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="contact_can_be_reached",
                condition=~Q(name="") & ~Q(phone="") & ~Q(hours=""),
            ),
            models.CheckConstraint(
                name="contact_deputy_can_be_reached",
                condition=Q(deputy_name="", deputy_phone="")
                | (~Q(deputy_name="") & ~Q(deputy_phone="")),
            ),
            models.CheckConstraint(
                name="contact_cover_has_both_days_and_a_deputy",
                condition=Q(cover_from__isnull=True, cover_until__isnull=True)
                | (
                    # A comparison with an empty day is neither true nor false, and would pass.
                    Q(cover_from__isnull=False, cover_until__isnull=False)
                    & Q(cover_from__lte=F("cover_until"))
                    & ~Q(deputy_name="")
                ),
            ),
        ]


KEPT_FOR = timedelta(minutes=30)


class KeptQuerySet(models.QuerySet["Kept"]):
    """What is kept, in domain words."""

    def lasting(self) -> Self:
        """What may still be given back."""
        return self.filter(until_at__gt=timezone.now())

    def over(self) -> Self:
        """What is kept no longer."""
        return self.filter(until_at__lte=timezone.now())


class Kept(Record):
    """What somebody wrote when their session had ended, for half an hour, for them alone.

    `words` is encrypted, and can be read for this person, this page and this row only. `page` is
    where it was written, `action` where it was sent.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="kept")
    membership = models.ForeignKey(
        Membership, on_delete=models.CASCADE, null=True, related_name="kept"
    )
    page = models.CharField(max_length=500)
    action = models.CharField(max_length=500)
    words = models.BinaryField()
    kept_at = models.DateTimeField(default=timezone.now)
    until_at = models.DateTimeField()

    objects = KeptQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["user", "until_at"], name="kept_by_user")]
        constraints = [
            models.CheckConstraint(
                name="kept_for_half_an_hour_at_most",
                condition=Q(until_at__lte=F("kept_at") + KEPT_FOR),
            ),
        ]
