"""How a file comes in, into memory and no more of it than can be kept; and how one goes out."""

from io import BytesIO
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.files.uploadedfile import InMemoryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpResponse

MOST: Final = 20 * 1024 * 1024
"""How many bytes of one request are held. A partnership's own limit is below this."""


class InMemory(FileUploadHandler):
    """Holds a file in memory, and stops holding what goes on past MOST.

    Django's own would write a large one to the disk in clear, where a crash leaves it.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.held = BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:  # noqa: ARG002
        """Keep the piece while there is room: one byte too many tells that it was too big."""
        room = MOST + 1 - self.held.tell()
        if room > 0:
            self.held.write(raw_data[:room])

    def file_complete(self, file_size: int) -> "UploadedFile[bytes]":  # noqa: ARG002
        size = self.held.tell()
        self.held.seek(0)
        return InMemoryUploadedFile(
            self.held, self.field_name, "file", self.content_type, size, self.charset
        )


def files_host() -> str:
    """The host that hands over what people added; nothing where the portal does so itself."""
    host = urlsplit(settings.FILES_URL).hostname or ""
    return "" if host == urlsplit(settings.SITE_URL).hostname else host


def as_attachment(content: bytes, name: str, kind: str) -> HttpResponse:
    """What somebody made outside: to be saved, never shown by a browser as a page of ours."""
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    return response
