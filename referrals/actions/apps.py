"""App configuration."""

from django.apps import AppConfig


class ActionsConfig(AppConfig):
    name = "referrals.actions"
    label = "actions"
