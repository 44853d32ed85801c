"""App configuration."""

from django.apps import AppConfig


class LinksConfig(AppConfig):
    name = "referrals.links"
    label = "links"
