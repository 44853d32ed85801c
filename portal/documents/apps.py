"""App configuration, and what `check --deploy` says of the files' own host."""

from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core import checks


class DocumentsConfig(AppConfig):
    name = "portal.documents"
    label = "documents"

    def ready(self) -> None:
        """Have the settings looked at before a release."""
        checks.register(files_have_a_host, checks.Tags.security, deploy=True)


def files_have_a_host(**_: Any) -> list[checks.CheckMessage]:
    """Warn unless files that people added are handed over by a host of their own, over HTTPS."""
    files, site = urlsplit(settings.FILES_URL), urlsplit(settings.SITE_URL)
    if not files.hostname or files.hostname == site.hostname:
        said = "Files that people add are handed over by the site's own host."
    elif files.path or files.query or files.scheme not in ("http", "https"):
        said = "FILES_URL is more than an origin: its host would answer nothing."
    elif settings.HTTPS_ONLY and files.scheme != "https":
        said = "FILES_URL is without HTTPS, and the site is with it."
    else:
        return []
    hint = "Set FILES_URL to another host that leads here, such as https://files.example.org."
    return [checks.Warning(said, hint=hint, id="documents.W001")]
