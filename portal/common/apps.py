"""App configuration."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class CommonConfig(AppConfig):
    name = "portal.common"
    label = "common"

    def ready(self) -> None:
        # Celery finds tasks lazily; the web process must know their names to ring the doorbell.
        autodiscover_modules("tasks")
