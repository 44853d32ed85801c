"""The areas, the agencies in them, and whom to ring at each."""

from datetime import time

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from portal.accounts.vocabulary import (
    FIRST_WORDS,
    IDLE_MINUTES,
    LONGEST_IDLE_MINUTES,
    SUPPORT_WORDS,
    AgencyKind,
    PartnerUnder,
    default_decided,
    default_escalation,
    default_language,
    default_questions,
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
    none_indicated_name = models.CharField(max_length=40, default="Nothing indicated so far")
    emerging_name = models.CharField(max_length=40, default="Emerging concern")
    moderate_name = models.CharField(max_length=40, default="Moderate concern")
    significant_name = models.CharField(max_length=40, default="Significant concern")
    assess_working_days = models.PositiveSmallIntegerField(default=5)
    reassess_days = models.PositiveSmallIntegerField(default=90)
    review_days_high = models.PositiveSmallIntegerField(default=28)
    review_days_medium = models.PositiveSmallIntegerField(default=42)
    review_days_emerging = models.PositiveSmallIntegerField(default=84)
    action_lead_days = models.PositiveSmallIntegerField(default=1)
    action_coordinator_days = models.PositiveSmallIntegerField(default=3)
    action_chair_days = models.PositiveSmallIntegerField(default=5)
    transition_months = models.PositiveSmallIntegerField(default=6)
    suppress_below = models.PositiveSmallIntegerField(default=5)
    neutral_site = models.URLField(blank=True)
    language = models.TextField(blank=True, default=default_language)
    ready_questions = models.TextField(blank=True, default=default_questions)
    start_words = models.TextField(blank=True, max_length=600)
    support_words = models.TextField(max_length=600, default=SUPPORT_WORDS)
    first_words = models.TextField(max_length=400, default=FIRST_WORDS)
    decided_words = models.TextField(blank=True, default=default_decided)
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
                # Children were harmed for long at a level that nobody looked at again.
                name="partnership_names_levels_and_looks_again",
                condition=~Q(none_indicated_name="")
                & ~Q(emerging_name="")
                & ~Q(moderate_name="")
                & ~Q(significant_name="")
                & Q(assess_working_days__range=(1, 20), reassess_days__range=(7, 90)),
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
                # The higher the risk, the sooner it is looked at again.
                name="partnership_reviews_by_level",
                condition=Q(
                    review_days_high__range=(1, F("review_days_medium")),
                    review_days_medium__lte=F("review_days_emerging"),
                    review_days_emerging__lte=365,
                ),
            ),
            models.CheckConstraint(
                name="partnership_late_actions_climb",
                condition=Q(
                    action_lead_days__range=(1, F("action_coordinator_days")),
                    action_coordinator_days__lte=F("action_chair_days"),
                    action_chair_days__lte=40,
                ),
            ),
            models.CheckConstraint(
                name="partnership_prepares_for_eighteen",
                condition=Q(transition_months__range=(1, 24)),
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
    refers_to_nrm = models.BooleanField(
        default=False,
        help_text="Whether it is a first responder of the National Referral Mechanism.",
    )

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
