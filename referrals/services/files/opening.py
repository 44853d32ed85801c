"""The files of a case: which there are for a reader, and how the bytes of one leave, on the record.

They leave at once, or through the files' own host: there a ticket opens one file, once, within a
minute, and nothing else is answered.
"""

import hashlib
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from portal.accounts import policies as people
from portal.accounts.vocabulary import Principal
from portal.audit.services import record
from portal.audit.vocabulary import Outcome
from portal.common.errors import NotVisible, Refused
from portal.documents import policies as files_of
from portal.documents.models import Upload
from portal.documents.services import uploads
from portal.documents.vocabulary import Checked
from referrals import policies
from referrals.models import Case, Handover
from referrals.reading import File, Item, read
from referrals.services.files.adding import Added, as_added
from referrals.services.files.checking import author_of
from referrals.vocabulary import OpenedFor

LASTS: Final = timedelta(seconds=60)
"""How long a ticket for the files' own host opens its file: a redirect takes less than a second."""


@dataclass(frozen=True, repr=False)
class CaseFiles:
    """The documents of a case, resolved for one reader, and those of their own still to come."""

    reference: str
    items: tuple[Item, ...]
    coming: tuple[Added, ...]
    may_open: bool


@dataclass(frozen=True, repr=False)
class Opened:
    """A file on its way out: its bytes, and a name that tells nothing."""

    content: bytes
    name: str
    content_type: str


@transaction.atomic
def read_files(*, actor: Principal, reference: str) -> CaseFiles:
    """The documents of a case as the actor may know of them, on the record.

    With them what the actor sent and is not ready, which nobody else is told of.
    Raises NotVisible or Refused.
    """
    case = policies.case_for(actor, reference)
    purpose = policies.purpose_of(actor)
    found = read(actor, case, purpose)
    sent = {referral.key: referral for referral in case.referrals.select_related("author")}
    waiting = files_of.added_to(sent).exclude(state=Checked.READY).select_related("owner")
    coming = [f for f in waiting if author_of(f, sent[f.key]).pk == actor.membership_id]
    told = [item for item in found.files if item.file and not item.concealed]
    record(
        actor,
        "file.listed",
        case=case.pk,
        subjects=[case.child_id],
        purpose=purpose,
        fields=sorted({str(item.category) for item in told}),
        withheld=len([item for item in found.files if item in found.held_back]),
    )
    return CaseFiles(
        reference=case.reference,
        items=found.files,
        coming=tuple(as_added(upload) for upload in coming),
        may_open=policies.standing(actor, case).may_take_copy,
    )


@transaction.atomic
def look_at_file(*, actor: Principal, reference: str, pk: UUID) -> tuple[str, Item]:
    """The case's reference and the one document, for the page that asks what it is opened for.

    Raises NotVisible when the actor's reading does not show it; Refused in an emergency.
    """
    case, item, _ = _shown(actor, reference, pk)
    record(
        actor,
        "file.listed",
        case=case.pk,
        subjects=[case.child_id],
        purpose=policies.purpose_of(actor),
        fields=[] if item.concealed else [str(item.category)],
    )
    return case.reference, item


@transaction.atomic
def open_file(*, actor: Principal, reference: str, pk: UUID, opened_for: OpenedFor) -> Opened:
    """Hand over a document of a case, on the record, to somebody whose reading shows it.

    The event is written before any byte leaves: it says who, which, and what for.
    Raises NotVisible; Refused in an emergency, which is to read here and take nothing away.
    """
    case, file = _opened(actor, reference, pk, opened_for)
    return _bytes_of(case, pk, file)


@transaction.atomic
def hand_over(*, actor: Principal, reference: str, pk: UUID, opened_for: OpenedFor) -> str:
    """Record the opening as `open_file` does, and return a ticket for the files' own host.

    The ticket is chance and says nothing; the row that it opens has its hash alone. Raises as
    `open_file` does.
    """
    _opened(actor, reference, pk, opened_for)
    ticket = secrets.token_urlsafe(32)
    Handover.objects.create(
        digest=_digest(ticket),
        statement_id=pk,
        owner_id=actor.membership_id,
        until=timezone.now() + LASTS,
    )
    return ticket


def collect(*, ticket: str) -> Opened:
    """Hand over what a ticket opens, once, if whoever got it still sees the document.

    Raises NotVisible for a ticket that was used, is too old or never was, and for a right that has
    ended since: that is on the record too.
    """
    with transaction.atomic():
        live = Handover.objects.filter(digest=_digest(ticket), until__gt=timezone.now())
        found = live.select_for_update(of=("self",)).first()
        if found is None:
            raise NotVisible("handover", "")
        # It is used up by this, whatever comes of it.
        found.delete()
    actor = people.principal_for(found.owner.user, found.owner_id)
    if actor is not None:
        with suppress(NotVisible, Refused), transaction.atomic():
            case, _, file = _shown(actor, found.statement.case.reference, found.statement_id)
            return _bytes_of(case, found.statement_id, file)
    with transaction.atomic():
        about = ("statement", found.statement_id)
        record(actor, "access.refused", obj=about, why="handover", outcome=Outcome.DENIED)
    raise NotVisible("handover", "")


def _digest(ticket: str) -> str:
    return hashlib.sha256(ticket.encode()).hexdigest()


def _opened(actor: Principal, reference: str, pk: UUID, opened_for: OpenedFor) -> tuple[Case, File]:
    case, item, file = _shown(actor, reference, pk)
    mine = ("user", actor.user_id)
    if item.concealed:
        record(actor, "file.opened", obj=("statement", pk), recipient=mine, why=str(opened_for))
    else:
        record(
            actor,
            "file.opened",
            case=case.pk,
            obj=("statement", pk),
            subjects=[case.child_id],
            recipient=mine,
            purpose=policies.purpose_of(actor),
            why=str(opened_for),
            fields=[str(item.category)],
        )
    return case, file


def _bytes_of(case: Case, pk: UUID, file: File) -> Opened:
    return Opened(
        content=uploads.opened(Upload.objects.get(pk=file.upload)),
        name=f"{case.reference}-{str(pk)[:8]}.{file.kind}",
        content_type=file.kind.content_type,
    )


def _shown(actor: Principal, reference: str, pk: UUID) -> tuple[Case, Item, File]:
    """The case and the document in it, for somebody who may take a copy of what they read."""
    case = policies.case_for(actor, reference)
    policies.require_may_take_copy(actor, case)
    for item in read(actor, case, policies.purpose_of(actor)).files:
        if item.statement == pk and item.file is not None:
            return case, item, item.file
    raise NotVisible("statement", str(pk))
