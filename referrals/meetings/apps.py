"""App configuration."""

from django.apps import AppConfig


class MeetingsConfig(AppConfig):
    name = "referrals.meetings"
    label = "meetings"
