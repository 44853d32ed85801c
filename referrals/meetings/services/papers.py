"""The papers as a PDF for each who is invited, made by a worker with what that person may see.

A PDF is handed over only while it is still what its reader may see: what they may no longer know
of, they do not take away.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from portal.accounts import policies as people
from portal.accounts.vocabulary import Principal
from portal.audit.services import record
from portal.common.errors import DomainError, NotVisible, Refused
from portal.common.later import later
from portal.common.moments import day, london, time_of_day
from portal.documents import policies as documents_of
from portal.documents import services as documents
from portal.documents.models import Document
from portal.documents.vocabulary import Failure
from portal.documents.vocabulary import Status as Made
from referrals import policies as casework
from referrals.meetings import policies, reading
from referrals.meetings.models import Invitation, Meeting
from referrals.meetings.services.packs import brought_to
from referrals.meetings.workflow import MeetingStatus
from referrals.reading import STANDING_LINE, Reading, fingerprint, read

PACK: Final = "meeting_pack"
"""The kind of document that the papers of a meeting are."""

KEPT_AFTER: Final = timedelta(days=1)
"""For how long after the planned end of a meeting its papers are there to be taken."""


@dataclass(frozen=True, repr=False)
class Paper:
    """One item of somebody's papers: its line, and the case's reading or what agencies brought."""

    line: reading.AgendaLine
    reading: Reading | None
    brought: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, repr=False)
class Progress:
    """How far the PDFs of a meeting have got."""

    asked: int
    made: int
    failed: int

    @property
    def is_waiting(self) -> bool:
        """Whether some are still to be made."""
        return self.asked > self.made + self.failed


@dataclass(frozen=True, repr=False)
class Own:
    """How far one's own PDF has got."""

    pk: UUID
    waiting: bool
    ready: bool
    failure: str
    pages: int
    kilobytes: int


def ask_for_all(meeting: Meeting, invited: Iterable[Invitation]) -> None:
    """Ask for a PDF for each of those invited. The caller has a transaction."""
    for invitation in invited:
        membership = invitation.membership
        principal = people.principal_for(membership.user, membership.pk)
        if principal is not None:
            _ask(principal, meeting)


def _ask(owner: Principal, meeting: Meeting) -> Document:
    document = documents.request(
        owner=owner,
        kind=PACK,
        title="Papers of a meeting",
        parameters={"meeting": str(meeting.pk)},
        expires_at=max(meeting.ends_at, timezone.now()) + KEPT_AFTER,
    )
    later("meetings.make_pack", document.pk)
    return document


@transaction.atomic
def request_pack(*, actor: Principal, pk: UUID) -> UUID:
    """Ask for one's own papers as a PDF, made anew with what they hold then.

    Raises NotVisible, Refused; DomainError before they are out.
    """
    meeting = _invited(actor, pk)
    waits = _own(actor, meeting).filter(status__in=[Made.ASKED, Made.MAKING]).first()
    return (waits or _ask(actor, meeting)).pk


def _invited(actor: Principal, pk: UUID) -> Meeting:
    meeting = policies.meeting_for(actor, pk)
    if policies.invitation_of(actor, meeting) is None:
        raise NotVisible("invitation", str(pk))
    if meeting.status == MeetingStatus.PLANNED:
        raise DomainError("The papers are not out yet.")
    return meeting


def _own(actor: Principal, meeting: Meeting) -> QuerySet[Document]:
    found = documents_of.visible(actor).filter(kind=PACK, parameters__meeting=str(meeting.pk))
    return found.order_by("-asked_at", "-pk")


@dataclass(frozen=True, repr=False)
class Papers:
    """All that one's PDF holds: what the meeting before agreed, then the items."""

    previous: reading.Previous
    items: tuple[Paper, ...]

    @property
    def readings(self) -> tuple[Reading, ...]:
        """The readings of the cases among them."""
        return tuple(paper.reading for paper in self.items if paper.reading)

    @property
    def cases(self) -> list[UUID]:
        """The cases of which they show something, each once."""
        return list(
            dict.fromkeys([*(found.case_id for found in self.readings), *self.previous.cases])
        )

    @property
    def fields(self) -> list[str]:
        """The codes of the categories of which they show something."""
        shown = {code for found in self.readings for code in found.shown}
        return sorted(shown | {"IC16"} if self.previous.rows else shown)

    @property
    def fingerprint(self) -> str:
        """Tells these words from others, for the file that was made of them.

        How far an action has got is not among them: a step forward makes no file wrong to hold.
        """
        agreed = [(row.case, row.what, row.who, bool(row.state)) for row in self.previous.rows]
        digest = hashlib.sha256(repr(agreed).encode())
        for paper in self.items:
            line = paper.line
            said = fingerprint(paper.reading) if paper.reading else repr(paper.brought)
            for part in (str(line.pk), str(line.number), line.title, line.why, line.words, said):
                digest.update(part.encode() + b"\0")
        return digest.hexdigest()


def papers(actor: Principal, meeting: Meeting) -> Papers:
    """All of one's papers, read now: the same readings as on the pages of the cases."""
    lines, known = reading.agenda_lines(actor, policies.pack_items(actor, meeting))
    by_id = {case.pk: case for case in known.cases}
    purpose = casework.purpose_of(actor)
    items = tuple(
        Paper(
            line=line,
            reading=read(actor, by_id[line.case], purpose) if line.case else None,
            brought=() if line.case else brought_to(actor, line.pk),
        )
        for line in lines
    )
    return Papers(reading.previous_actions(actor, meeting), items)


def make_pack(*, pk: UUID) -> None:
    """Make the PDF that was asked for. Safe to call twice.

    It is made with what its reader may see now. A right that has ended since means no PDF.
    """
    document = documents.begin(pk=pk)
    if document is None:
        return
    if document.status == Made.FAILED:
        _record(document, "meeting.pack_failed", Failure(document.failure))
        return
    try:
        actor = _asker(document)
        meeting = _invited(actor, UUID(document.parameters["meeting"]))
        found = papers(actor, meeting)
        pdf = as_pdf(meeting, found, made_for=actor.working_as)
    except (NotVisible, Refused):
        _failed(document, Failure.NOT_ALLOWED)
    except documents.RenderingFailed as error:
        _failed(document, error.failure)
    else:
        _made(document, pdf, found.fingerprint)


def as_pdf(meeting: Meeting, found: Papers, *, made_for: str) -> bytes:
    """Somebody's papers as a PDF. Raises RenderingFailed. Call it outside a transaction."""
    return documents.render_pdf(
        template="pdf/pack.html",
        context={
            "meeting": meeting,
            "name": meeting.series.name,
            "previous": found.previous,
            "papers": found.items,
            "total": sum(paper.line.minutes for paper in found.items),
            "made_at": london(timezone.now()),
            "made_for": made_for,
            "reference": f"{day(meeting.starts_at)}, {time_of_day(meeting.starts_at)}",
            "standing_line": STANDING_LINE,
        },
        title=f"Papers for {day(meeting.starts_at)}",
    )


def _asker(document: Document) -> Principal:
    owner = document.owner
    actor = people.principal_for(owner.user, owner.pk)
    if actor is None:
        raise NotVisible("membership", str(owner.pk))
    return actor


@transaction.atomic
def _made(document: Document, pdf: bytes, found: str) -> None:
    if documents.finish(document=document, pdf=pdf, found={"papers": found}):
        _record(document, "meeting.pack_made")


@transaction.atomic
def _failed(document: Document, failure: Failure) -> None:
    if documents.fail(document=document, reason=failure):
        _record(document, "meeting.pack_failed", failure)


@transaction.atomic
def _record(document: Document, act: str, failure: Failure | None = None) -> None:
    record(
        None,
        act,
        obj=("document", document.pk),
        why=str(failure or ""),
        outcome="failed" if failure else "allowed",
    )


def sweep() -> int:
    """Make every PDF of a meeting that is owed and that nobody is making. Returns how many."""
    owed = documents.due(PACK)
    for pk in owed:
        make_pack(pk=pk)
    return len(owed)


def own_pack(*, actor: Principal, pk: UUID) -> Own | None:
    """How far one's own newest PDF of a meeting has got; None when there is none.

    Raises NotVisible, Refused.
    """
    meeting = policies.meeting_for(actor, pk)
    document = _own(actor, meeting).defer("content").first()
    if document is None:
        return None
    return Own(
        pk=document.pk,
        waiting=document.status in (Made.ASKED, Made.MAKING),
        ready=document.status == Made.READY,
        failure=Failure(document.failure).label if document.failure else "",
        pages=document.pages or 0,
        kilobytes=-(-(document.bytes or 0) // 1024),
    )


def progress(meeting: Meeting) -> Progress:
    """How many of the PDFs that a meeting owes are made: for each who is invited, the newest."""
    members = meeting.invitations.standing().values("membership")
    newest = (
        Document.objects.filter(kind=PACK, parameters__meeting=str(meeting.pk), owner__in=members)
        .order_by("owner", "-asked_at", "-pk")
        .distinct("owner")
        .values_list("status", flat=True)
    )
    states = list(newest)
    return Progress(len(states), states.count(Made.READY), states.count(Made.FAILED))


@transaction.atomic
def download_pack(*, actor: Principal, pk: UUID) -> tuple[bytes, str]:
    """Return one's own newest PDF and a neutral file name, on the record: which cases it holds.

    Raises NotVisible, Refused; DomainError when it is not ready, or no longer what one may see.
    """
    meeting = _invited(actor, pk)
    document = _own(actor, meeting).first()
    if document is None:
        raise NotVisible("pack", str(pk))
    if document.status != Made.READY:
        raise DomainError("This PDF is not ready yet. Nothing is lost: look again in a minute.")
    found = papers(actor, meeting)
    if document.parameters.get("papers") != found.fingerprint:
        raise DomainError(
            "What you can see of these papers has changed since this PDF was made. Nothing is"
            " lost: make a new one on the page of the papers."
        )
    record(
        actor,
        "meeting.pack_taken",
        obj=("meeting", meeting.pk),
        recipient=("user", actor.user_id),
        purpose=found.previous.purpose(actor),
        ids=found.cases,
        fields=found.fields,
        withheld=sum(case.withheld for case in found.readings),
    )
    return bytes(document.content or b""), f"papers-{meeting.starts_at:%Y-%m-%d}.pdf"
