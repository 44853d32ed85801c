"""App configuration."""

from django.apps import AppConfig


class AssessmentsConfig(AppConfig):
    name = "referrals.assessments"
    label = "assessments"
