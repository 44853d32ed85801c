"""Documents: ask for one, take it up, render it, finish it. The row is the promise.

Files that people add are in `uploads`.
"""

import hashlib
import logging
import os
import re
import signal
import subprocess
import sys
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from uuid import UUID

import pikepdf
from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone

from portal.accounts.vocabulary import Principal
from portal.common.errors import DomainError
from portal.documents.models import Document
from portal.documents.vocabulary import Failure, Status

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
ATTEMPTS = 4
ROWS = 2_000

RENDERER = Path(__file__).parents[1] / "render.py"
FONTS = Path(__file__).parents[1] / "fonts" / "fonts.conf"
# How the renderer ends when it does not end well; see render.py. A signal is negative.
FAILURES = {
    3: Failure.REFUSED,
    4: Failure.TOO_LARGE,
    -signal.SIGXCPU: Failure.TOO_SLOW,
}
# A code or an identifier: nothing that a person wrote.
CODE = re.compile(r"[A-Za-z0-9_.:/-]{0,64}")


class RenderingFailed(DomainError):
    """There is no PDF. `failure` says why, in a sentence for the person who asked."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.label)
        self.failure = failure


@transaction.atomic
def request(
    *,
    owner: Principal,
    kind: str,
    title: str,
    parameters: Mapping[str, str],
    expires_at: datetime | None = None,
) -> Document:
    """Ask for a document and return its row, which is the promise that it will be made.

    `title` is neutral (never a name) and `parameters` holds identifiers and codes only. The
    caller says what the document is, so the caller records the asking and rings the doorbell.
    `expires_at` is an aware datetime after which the document is not shown.
    Raises ValueError when a parameter is not a code.
    """
    return Document.objects.create(
        owner_id=owner.membership_id,
        kind=kind,
        title=title,
        parameters=codes(parameters),
        asked_at=timezone.now(),
        expires_at=expires_at,
    )


def codes(parameters: Mapping[str, str]) -> dict[str, str]:
    """Return the parameters of a row. Raises ValueError when one is not a code."""
    if not all(CODE.fullmatch(value) for value in parameters.values()):
        raise ValueError("A document's parameters are identifiers and codes only")
    return dict(parameters)


@transaction.atomic
def begin(*, pk: UUID) -> Document | None:
    """Take a document up for five minutes, or return None when there is nothing to do.

    None means that it is ready, that it has failed, or that another worker has it. A document
    that was begun four times and never finished fails now (it is the document, not the worker):
    it comes back with the status FAILED, once, so that the caller can say so in the ledger.
    """
    now = timezone.now()
    document = Document.objects.due(now).select_for_update(skip_locked=True).filter(pk=pk).first()
    if document is None:
        return None
    if document.attempts >= ATTEMPTS:
        _settle(document, status=Status.FAILED, failure=Failure.GAVE_UP)
        document.status, document.failure = Status.FAILED, Failure.GAVE_UP
        return document
    document.status = Status.MAKING
    document.attempts += 1
    document.lease = uuid.uuid4()
    document.lease_until = now + LEASE
    document.save(update_fields=["status", "attempts", "lease", "lease_until"])
    return document


@transaction.atomic
def finish(*, document: Document, pdf: bytes, found: Mapping[str, str] | None = None) -> bool:
    """Keep the bytes of a document that was begun, and tell whether it was still ours to finish.

    `found` are codes about what it was made from, kept beside its parameters.

    False means that the lease passed to another worker: its bytes count, these do not, and the
    caller has nothing to record.
    """
    parameters = {**document.parameters, **codes(found or {})}
    with pikepdf.open(BytesIO(pdf)) as opened:
        pages = len(opened.pages)
    return _settle(
        document,
        status=Status.READY,
        parameters=parameters,
        content=pdf,
        sha256=hashlib.sha256(pdf).hexdigest(),
        pages=pages,
        bytes=len(pdf),
        ready_at=timezone.now(),
    )


@transaction.atomic
def fail(*, document: Document, reason: Failure) -> bool:
    """End a document that was begun, saying why, and tell whether it was still ours to end.

    For what another try would not mend; a worker that dies needs no call, its lease lapses. The
    person may ask again, which is a new document.
    """
    return _settle(document, status=Status.FAILED, failure=reason)


def _settle(document: Document, **changes: object) -> bool:
    """Write the end of a document unless its lease has passed to another worker."""
    held = Document.objects.filter(pk=document.pk, status=document.status, lease=document.lease)
    settled = held.update(lease=None, lease_until=None, **changes) == 1
    log.info("Document %s: %s", document.pk, changes["status"] if settled else "lease lost")
    return settled


def due(kind: str | None = None) -> list[UUID]:
    """Return the documents (of `kind`, or of all) that nobody is making, oldest first."""
    found = Document.objects.due(timezone.now())
    if kind is not None:
        found = found.filter(kind=kind)
    return list(found.order_by("asked_at").values_list("pk", flat=True))


def render_pdf(*, template: str, context: Mapping[str, object], title: str) -> bytes:
    """Return `template` as a tagged PDF (PDF/UA-1), rendered by a confined process of its own.

    `template` extends pdf/base.html; `context` holds plain values, among them `made_for` and
    `reference` for the foot of each page, and `title` (neutral) becomes the heading and the
    file's title. Equal input gives equal bytes. The database is not touched, so call it outside
    a transaction.

    Raises RenderingFailed, a DomainError, when the document has more rows than one PDF may hold
    and when the renderer gives none.
    """
    html = render_to_string(template, {**context, "title": title})
    if html.count("<tr") > ROWS:
        raise RenderingFailed(Failure.TOO_LARGE)
    return _run_renderer(html)


def _run_renderer(html: str) -> bytes:
    # Its warnings may repeat the text of the document, so nobody keeps them. -P and -s leave the
    # working directory and the user's own packages out; the environment holds no secret.
    command = [sys.executable, "-P", "-s", str(RENDERER)]
    limits = [str(settings.DOCUMENT_SECONDS), str(settings.DOCUMENT_MEGABYTES)]
    try:
        ended = subprocess.run(  # noqa: S603 - our own program, no word of it from outside
            [*command, *limits],
            input=html.encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # It limits its own time; a busy machine gives it half of what the clock says.
            timeout=2 * settings.DOCUMENT_SECONDS,
            env=environment(),
            cwd="/",
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise RenderingFailed(Failure.TOO_SLOW) from None
    if ended.returncode != 0:
        raise RenderingFailed(FAILURES.get(ended.returncode, Failure.CRASHED))
    return ended.stdout


def environment() -> dict[str, str]:
    """Where the libraries and our fonts are, and nothing else."""
    places = {"LD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH"} & os.environ.keys()
    return {
        **{name: os.environ[name] for name in places},
        "FONTCONFIG_FILE": str(FONTS),
        "LANG": "C.UTF-8",
        # Equal input gives equal bytes only if sets are walked in the same order.
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
