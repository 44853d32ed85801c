"""App configuration."""

from django.apps import AppConfig


class RulesConfig(AppConfig):
    name = "sharing.rules"
    label = "rules"
