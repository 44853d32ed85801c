"""The minutes as a PDF, for one reader: a row now, the file by a worker, with what they may read.

It is made with what its asker may read when it is made, and handed over only while that is still
what they read. Each file that leaves is an act of disclosure in the ledger, to who takes it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from portal.accounts import policies as people
from portal.accounts.vocabulary import Principal
from portal.audit.services import record
from portal.common.errors import DomainError, NotVisible, Refused
from portal.common.later import later
from portal.common.moments import london
from portal.documents import policies as documents_of
from portal.documents import services as documents
from portal.documents.models import Document
from portal.documents.vocabulary import Failure
from portal.documents.vocabulary import Status as Made
from referrals.meetings import policies
from referrals.meetings.models import Meeting
from referrals.meetings.reading.minutes import MinutesReading, read_minutes
from sharing.rules.vocabulary import Category, Purpose

PRINTED: Final = "minutes"
"""The kind of document that the minutes of a meeting are."""

KEPT_FOR: Final = timedelta(hours=24)


@dataclass(frozen=True, repr=False)
class Printed:
    """How far the PDF of the minutes has got."""

    pk: UUID
    meeting: UUID
    waiting: bool
    ready: bool
    failure: str
    asked_at: datetime
    until: datetime | None
    pages: int
    kilobytes: int


@transaction.atomic
def request(*, actor: Principal, meeting: UUID) -> UUID:
    """Ask for the minutes as a PDF; return the number of what will be made. Raises NotVisible."""
    found = policies.meeting_for(actor, meeting)
    document = documents.request(
        owner=actor,
        kind=PRINTED,
        title="Minutes of a meeting",
        parameters={"meeting": str(found.pk)},
        expires_at=timezone.now() + KEPT_FOR,
    )
    record(actor, "minutes.asked", obj=("document", document.pk), purpose=Purpose.PANEL)
    later("meetings.make_minutes", document.pk)
    return document.pk


def make(*, pk: UUID) -> None:
    """Make the PDF that was asked for. Safe to call twice."""
    document = documents.begin(pk=pk)
    if document is None:
        return
    if document.status == Made.FAILED:
        _record_outcome(document, "minutes.failed", Failure(document.failure))
        return
    try:
        _, found = _read(_asker(document), document)
        pdf = as_pdf(found)
    except (NotVisible, Refused):
        _failed(document, Failure.NOT_ALLOWED)
    except documents.RenderingFailed as error:
        _failed(document, error.failure)
    else:
        _made(document, pdf, found)


def as_pdf(found: MinutesReading) -> bytes:
    """The minutes as one reader reads them, as a PDF. Raises RenderingFailed.

    Call it outside a transaction.
    """
    return documents.render_pdf(
        template="pdf/minutes.html",
        context={
            "reading": found,
            "made_at": london(timezone.now()),
            "made_for": found.made_for,
            "reference": f"M-{str(found.meeting)[:8]}",
        },
        title="Minutes of a MASE panel",
    )


def _asker(document: Document) -> Principal:
    owner = document.owner
    actor = people.principal_for(owner.user, owner.pk)
    if actor is None:
        raise NotVisible("membership", str(owner.pk))
    return actor


def _read(actor: Principal, document: Document) -> tuple[Meeting, MinutesReading]:
    meeting = policies.meeting_for(actor, UUID(document.parameters["meeting"]))
    return meeting, read_minutes(actor, meeting)


@transaction.atomic
def _made(document: Document, pdf: bytes, found: MinutesReading) -> None:
    if documents.finish(document=document, pdf=pdf, found={"reading": found.fingerprint}):
        _record_outcome(document, "minutes.made")


@transaction.atomic
def _failed(document: Document, failure: Failure) -> None:
    if documents.fail(document=document, reason=failure):
        _record_outcome(document, "minutes.failed", failure)


@transaction.atomic
def _record_outcome(document: Document, act: str, failure: Failure | None = None) -> None:
    record(
        None,
        act,
        obj=("document", document.pk),
        why=str(failure or ""),
        outcome="failed" if failure else "allowed",
    )


def sweep() -> int:
    """Make every PDF that is owed and that nobody is making. Returns how many were tried."""
    owed = documents.due(PRINTED)
    for pk in owed:
        make(pk=pk)
    return len(owed)


def look_at(*, actor: Principal, pk: UUID) -> Printed:
    """Look at how far a PDF has got. It shows nothing of the meeting.

    Raises NotVisible when it is not the actor's own, is too old, or the meeting is no longer
    theirs to know of.
    """
    document, meeting = _own(actor, pk)
    return Printed(
        pk=document.pk,
        meeting=meeting.pk,
        waiting=document.status in (Made.ASKED, Made.MAKING),
        ready=document.status == Made.READY,
        failure=Failure(document.failure).label if document.failure else "",
        asked_at=document.asked_at,
        until=document.expires_at,
        pages=document.pages or 0,
        kilobytes=-(-(document.bytes or 0) // 1024),
    )


@transaction.atomic
def download(*, actor: Principal, pk: UUID) -> bytes:
    """Return the PDF's bytes, on the record.

    Raises NotVisible as `look_at` does; DomainError when it is not ready, or when what the
    actor may read of the minutes is no longer what the PDF holds.
    """
    document, meeting = _own(actor, pk)
    _, found = _read(actor, document)
    if document.status != Made.READY:
        raise DomainError("This PDF is not ready yet. Nothing is lost: look again in a minute.")
    if document.parameters.get("reading") != found.fingerprint:
        raise DomainError(
            "What you can read of these minutes has changed since this PDF was made. Nothing is"
            " lost: ask for a new one on the page of the minutes."
        )
    record(
        actor,
        "minutes.exported",
        obj=("meeting", meeting.pk),
        recipient=("user", actor.user_id),
        purpose=Purpose.PANEL,
        ids=found.cases,
        fields=[str(Category.IC16)],
        withheld=found.withheld,
    )
    return bytes(document.content or b"")


def _own(actor: Principal, pk: UUID) -> tuple[Document, Meeting]:
    document = documents_of.visible(actor).filter(pk=pk, kind=PRINTED).first()
    if document is None:
        raise NotVisible("paper", str(pk))
    return document, policies.meeting_for(actor, UUID(document.parameters["meeting"]))
