"""App configuration."""

from django.apps import AppConfig


class FollowingConfig(AppConfig):
    name = "referrals.following"
    label = "following"
