"""Taking a case out of the portal as a file: at once as CSV, or as a PDF that a worker makes.

What leaves can be passed on, so each file is an act of disclosure of its own in the ledger, to the
person who takes it. A PDF is made with what its asker may see when it is made, not when it was
asked for, and is handed over only while that is still what they see.
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
from referrals import policies
from referrals.models import Case
from referrals.reading import STANDING_LINE, Reading, as_csv, fingerprint, read

COPY: Final = "case_copy"
"""The kind of document that a copy of a case is."""

KEPT_FOR: Final = timedelta(hours=24)


@dataclass(frozen=True, repr=False)
class Copy:
    """How far the PDF of a case has got."""

    pk: UUID
    reference: str
    waiting: bool
    ready: bool
    failure: str
    asked_at: datetime
    until: datetime | None
    pages: int
    kilobytes: int


@transaction.atomic
def export_csv(*, actor: Principal, reference: str) -> bytes:
    """Return the case as the actor reads it, as CSV, on the record. Raises NotVisible or Refused.

    It tells nothing that the page does not: taking it away is the act.
    """
    case, found = _read(actor, reference)
    _record_export(actor, case, found)
    notes = (found.withheld_words, STANDING_LINE)
    return as_csv(found, *(note for note in notes if note))


@transaction.atomic
def request_copy(*, actor: Principal, reference: str) -> UUID:
    """Ask for the case as a PDF and return the number of what will be made: a row now, the PDF by
    a worker. Raises NotVisible or Refused.
    """
    case = policies.case_for(actor, reference)
    policies.require_may_take_copy(actor, case)
    document = documents.request(
        owner=actor,
        kind=COPY,
        title="Copy of a case",
        parameters={"reference": case.reference},
        expires_at=timezone.now() + KEPT_FOR,
    )
    record(
        actor,
        "copy.asked",
        case=case.pk,
        obj=("document", document.pk),
        subjects=[case.child_id],
        purpose=policies.purpose_of(actor),
    )
    later("referrals.make_copy", document.pk)
    return document.pk


def make_copy(*, pk: UUID) -> None:
    """Make the PDF that was asked for. Safe to call twice.

    It is made with what the person who asked may see now. A right that has ended since means no
    PDF, and an event that says so.
    """
    document = documents.begin(pk=pk)
    if document is None:
        return
    if document.status == Made.FAILED:
        _record_outcome(document, "copy.failed", Failure(document.failure))
        return
    try:
        actor = _asker(document)
        _, found = _read(actor, document.parameters["reference"])
        pdf = as_pdf(found, made_for=actor.working_as)
    except (NotVisible, Refused):
        _failed(document, Failure.NOT_ALLOWED)
    except documents.RenderingFailed as error:
        _failed(document, error.failure)
    else:
        _made(document, pdf, found)


def as_pdf(found: Reading, *, made_for: str) -> bytes:
    """A reading as a PDF, whoever reads it: its words and nothing else of the case.

    Raises RenderingFailed. Call it outside a transaction.
    """
    return documents.render_pdf(
        template="pdf/case.html",
        context={
            "reading": found,
            "made_at": london(timezone.now()),
            "made_for": made_for,
            "reference": found.reference,
            "standing_line": STANDING_LINE,
        },
        title=f"Case {found.reference}",
    )


def _asker(document: Document) -> Principal:
    owner = document.owner
    actor = people.principal_for(owner.user, owner.pk)
    if actor is None:
        raise NotVisible("membership", str(owner.pk))
    return actor


def _read(actor: Principal, reference: str) -> tuple[Case, Reading]:
    case = policies.case_for(actor, reference)
    policies.require_may_take_copy(actor, case)
    return case, read(actor, case, policies.purpose_of(actor))


@transaction.atomic
def _made(document: Document, pdf: bytes, found: Reading) -> None:
    if documents.finish(document=document, pdf=pdf, found={"reading": fingerprint(found)}):
        _record_outcome(document, "copy.made")


@transaction.atomic
def _failed(document: Document, failure: Failure) -> None:
    if documents.fail(document=document, reason=failure):
        _record_outcome(document, "copy.failed", failure)


@transaction.atomic
def _record_outcome(document: Document, act: str, failure: Failure | None = None) -> None:
    case = Case.objects.get(reference=document.parameters["reference"])
    record(
        None,
        act,
        case=case.pk,
        obj=("document", document.pk),
        subjects=[case.child_id],
        why=str(failure or ""),
        outcome="failed" if failure else "allowed",
    )


def sweep() -> int:
    """Make every copy that is owed and that nobody is making. Returns how many were tried."""
    owed = documents.due(COPY)
    for pk in owed:
        make_copy(pk=pk)
    return len(owed)


def look_at_copy(*, actor: Principal, pk: UUID) -> Copy:
    """Look at how far a PDF has got. It shows nothing of the case but its reference.

    Raises NotVisible when it is not the actor's own, is too old, or the case is no longer theirs
    to know of; Refused when they may take no copy.
    """
    document, case = _own(actor, pk)
    policies.require_may_take_copy(actor, case)
    return Copy(
        pk=document.pk,
        reference=case.reference,
        waiting=document.status in (Made.ASKED, Made.MAKING),
        ready=document.status == Made.READY,
        failure=Failure(document.failure).label if document.failure else "",
        asked_at=document.asked_at,
        until=document.expires_at,
        pages=document.pages or 0,
        kilobytes=-(-(document.bytes or 0) // 1024),
    )


@transaction.atomic
def download_copy(*, actor: Principal, pk: UUID) -> tuple[bytes, str]:
    """Return the PDF's bytes and a neutral file name, on the record.

    Raises NotVisible or Refused as `look_at_copy` does; DomainError when it is not ready, or when
    what the actor may see of the case is no longer what the PDF holds.
    """
    document, _ = _own(actor, pk)
    case, found = _read(actor, document.parameters["reference"])
    if document.status != Made.READY:
        raise DomainError("This PDF is not ready yet. Nothing is lost: look again in a minute.")
    if document.parameters.get("reading") != fingerprint(found):
        raise DomainError(
            "What you can see of this case has changed since this PDF was made."
            " Nothing is lost: ask for a new one on the page of the case."
        )
    _record_export(actor, case, found)
    return bytes(document.content or b""), f"{case.reference}.pdf"


def _own(actor: Principal, pk: UUID) -> tuple[Document, Case]:
    document = documents_of.visible(actor).filter(pk=pk, kind=COPY).first()
    if document is None:
        raise NotVisible("copy", str(pk))
    return document, policies.case_for(actor, document.parameters["reference"])


def _record_export(actor: Principal, case: Case, found: Reading) -> None:
    record(
        actor,
        "case.exported",
        case=case.pk,
        subjects=[case.child_id],
        recipient=("user", actor.user_id),
        purpose=found.purpose,
        why=", ".join(sorted({trace.code for trace in found.traces})),
        fields=found.shown,
        withheld=found.withheld,
    )
