"""App configuration."""

from django.apps import AppConfig


class InformationConfig(AppConfig):
    name = "referrals.information"
    label = "information"
