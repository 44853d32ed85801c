"""App configuration."""

from django.apps import AppConfig


class TriageConfig(AppConfig):
    name = "referrals.triage"
    label = "triage"
