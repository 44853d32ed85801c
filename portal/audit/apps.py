"""App configuration."""

from importlib import import_module

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "portal.audit"
    label = "audit"

    def ready(self) -> None:
        # The listeners for signing in and out connect when their module is read.
        import_module("portal.audit.http")
