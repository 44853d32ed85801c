"""The Celery application: a doorbell for work whose promise is a row in PostgreSQL."""

import os

from celery import Celery
from celery.signals import setup_logging
from django.conf import settings
from django.utils.log import configure_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def _log_as_the_site_does(**_: object) -> None:
    """Celery's own loggers would write an error with its words, which repeat what was refused."""
    configure_logging(settings.LOGGING_CONFIG, settings.LOGGING)
