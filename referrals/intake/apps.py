"""App configuration."""

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "referrals.intake"
    label = "intake"
