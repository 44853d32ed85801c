"""Files that people add: look inside, seal, keep, have them checked for viruses, and open.

What a file is called and what its sender says it is are not asked: its content decides.
"""

import hashlib
import json
import logging
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Sum
from django.utils import timezone

from portal.accounts.models import Membership
from portal.accounts.vocabulary import Principal
from portal.common.errors import DomainError
from portal.documents.models import Upload
from portal.documents.services import codes, environment
from portal.documents.services.clamd import MOST, is_clean
from portal.documents.services.sealing import seal, unseal
from portal.documents.vocabulary import Checked, FileKind, Refusal

log = logging.getLogger(__name__)

EXAMINER: Final = Path(__file__).with_name("examine.py")
COLUMN: Final = "upload.content"
LABEL_LENGTH: Final = 100


class FileRefused(DomainError):
    """The file is not kept. The message says why and what to do; `refusal` is its code."""

    def __init__(self, refusal: Refusal, words: str = "") -> None:
        self.words = words or refusal.label
        super().__init__(f"{self.words}.")
        self.refusal = refusal


@dataclass(frozen=True, repr=False)
class Rules:
    """What an area lets people add: pictures or none, how large, how many to one referral."""

    pictures: bool = False
    megabytes: int = 10
    files: int = 20


@dataclass(frozen=True, repr=False)
class Examined:
    """What a file turned out to be, and what is kept of it."""

    kind: FileKind
    pages: int | None
    content: bytes


def examine(given: bytes, rules: Rules) -> Examined:
    """Find out what a file is, in a confined process; call it outside a transaction.

    What is kept is what was looked at: of a PDF what its pages reach, of an office document its
    known parts, of a picture its pixels. Raises FileRefused.
    """
    if len(given) > rules.megabytes * 1024 * 1024:
        limit = f"This file must be smaller than {rules.megabytes}MB"
        raise FileRefused(Refusal.TOO_BIG, limit)
    asked = {
        "pictures": rules.pictures,
        "pages": settings.UPLOAD_PAGES,
        "pixels": settings.UPLOAD_PIXELS,
    }
    limits = [str(settings.UPLOAD_SECONDS), str(settings.UPLOAD_MEGABYTES)]
    try:
        ended = subprocess.run(  # noqa: S603 - our own program, no word of it from outside
            [sys.executable, "-P", "-s", str(EXAMINER), *limits, json.dumps(asked)],
            input=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=2 * settings.UPLOAD_SECONDS,
            env=environment(),
            cwd="/",
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise FileRefused(Refusal.BOMB) from None
    if ended.returncode != 0:
        log.warning("A file could not be examined: the program ended with %d", ended.returncode)
        raise FileRefused(Refusal.DAMAGED)
    verdict, _, content = ended.stdout.partition(b"\n")
    said = json.loads(verdict)
    if "refused" in said:
        raise FileRefused(Refusal(said["refused"]))
    if len(content) > min(MOST, 2 * rules.megabytes * 1024 * 1024):
        raise FileRefused(Refusal.TOO_BIG)
    return Examined(FileKind(said["kind"]), said["pages"], content)


@transaction.atomic
def keep(
    *,
    owner: Principal,
    pk: UUID,
    key: UUID,
    label: str,
    found: Examined,
    rules: Rules,
    parameters: Mapping[str, str],
) -> Upload:
    """Keep a file for its owner alone, sealed, until it has been checked for viruses.

    `pk` is its own number, `key` what it is added to, `label` what its owner says it is,
    `parameters` codes for the caller, who records the adding and rings the doorbell. Raises
    FileRefused for one too many.
    """
    # The owner's own row is the lock: two files at once are counted one after the other.
    Membership.objects.select_for_update(of=("self",)).get(pk=owner.membership_id)
    if Upload.objects.filter(key=key).exclude(state=Checked.REFUSED).count() >= rules.files:
        raise FileRefused(Refusal.TOO_MANY)
    now = timezone.now()
    lately = Upload.objects.filter(
        owner_id=owner.membership_id, added_at__gt=now - timedelta(days=1)
    )
    used = lately.aggregate(bytes=Sum("bytes"))["bytes"] or 0
    if used + len(found.content) > settings.UPLOAD_MEGABYTES_A_DAY * 1024 * 1024:
        raise FileRefused(Refusal.TODAY)
    return Upload.objects.create(
        pk=pk,
        key=key,
        owner_id=owner.membership_id,
        label=label,
        parameters=codes(parameters),
        kind=found.kind,
        content=seal(found.content, column=COLUMN, row=pk),
        sha256=hashlib.sha256(found.content).hexdigest(),
        bytes=len(found.content),
        pages=found.pages,
        added_at=now,
    )


def unchecked() -> list[UUID]:
    """The files that have not been through the virus check, oldest first.

    Those that were asked about without a verdict come last, what was asked about last at the end.
    """
    # "checking" sorts before "held".
    turn = ("state", F("checked_at").asc(nulls_first=True), "added_at")
    return list(Upload.objects.unchecked().order_by(*turn).values_list("pk", flat=True))


def ask_scanner(*, pk: UUID) -> bool | None:
    """Ask the scanner about a file that has no verdict yet: True when it is clean.

    None means that there is nothing to ask: it has a verdict, or it is gone. Writes nothing; call
    it outside a transaction. Raises clamd.NoVerdict, and sealing.Broken as `opened` does.
    """
    upload = Upload.objects.unchecked().filter(pk=pk).first()
    return None if upload is None else is_clean(opened(upload))


@transaction.atomic
def settle(*, pk: UUID, clean: bool) -> Upload | None:
    """Write the verdict on a file, once; of one with a virus no byte is kept.

    Returns the file, or None when somebody else wrote the verdict first, or it is gone.
    """
    upload = Upload.objects.unchecked().select_for_update().filter(pk=pk).first()
    if upload is None:
        return None
    upload.state, upload.checked_at = Checked.READY, timezone.now()
    if not clean:
        upload.state, upload.refusal, upload.content = Checked.REFUSED, Refusal.VIRUS, None
    upload.save(update_fields=["state", "checked_at", "refusal", "content"])
    log.info("Upload %s: %s", pk, upload.state)
    return upload


def hold(*, pks: Iterable[UUID], asked: bool) -> int:
    """Say of these files that there is no verdict. They are asked about again by the sweep.

    `asked`: the scanner was asked just now, so that all others have their turn before them.
    """
    waiting = Upload.objects.unchecked().filter(pk__in=list(pks))
    if asked:
        return waiting.update(state=Checked.HELD, checked_at=timezone.now())
    return waiting.update(state=Checked.HELD)


def opened(upload: Upload) -> bytes:
    """The bytes of a file, as they were kept. Raises sealing.Broken when they are not those.

    The caller decides who may have them, and records it before they leave.
    """
    return unseal(bytes(upload.content or b""), column=COLUMN, row=upload.pk)


def forget(*, keys: Iterable[UUID]) -> int:
    """Delete every file that was added to these, and return how many there were."""
    return Upload.objects.filter(key__in=list(keys)).delete()[0]
