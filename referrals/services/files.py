"""Files that come with a referral: added to a draft, checked, part of the case, opened.

Until a file is clean nobody but its author knows of it. A clean file is a statement of the case
like an answer: with a category, an agency that holds it, an author and a protection; so grants,
walls and withholding hold for it, and it opens for whoever the reading shows it to.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from portal.accounts.models import Membership, Partnership
from portal.accounts.vocabulary import Principal
from portal.audit.services import record
from portal.common.errors import DomainError, NotVisible
from portal.common.later import later
from portal.documents import policies as files_of
from portal.documents.models import Upload
from portal.documents.services import uploads
from portal.documents.services.clamd import NoVerdict, ScannerDown
from portal.documents.services.sealing import Broken
from portal.documents.services.uploads import FileRefused, Rules
from portal.documents.vocabulary import Checked, FileKind, Refusal
from portal.notifications.services import owe
from portal.notifications.vocabulary import Kind
from referrals import policies
from referrals.models import Case, Referral, Statement
from referrals.reading import File, Item, read
from referrals.vocabulary import FILE_CATEGORIES, QUESTIONS, Answer, OpenedFor, Protect
from sharing.rules.vocabulary import Category

log = logging.getLogger(__name__)


@dataclass(frozen=True, repr=False)
class Added:
    """A file as its author sees it before it is part of a case."""

    pk: UUID
    label: str
    kind: FileKind
    size: str
    state: Checked
    words: str
    category: Category
    protect: Protect


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


def rules_for(actor: Principal) -> Rules:
    """What the actor's area lets people add."""
    area = Partnership.objects.get(pk=actor.partnership_ids[0])
    return Rules(area.takes_pictures, area.file_megabytes, area.files_per_referral)


# --- Before it is sent --------------------------------------------------------------------------


def add(
    *,
    actor: Principal,
    key: UUID,
    given: bytes,
    label: str,
    category: Category,
    protect: Protect = Protect.NONE,
    insist: Callable[[], object],
) -> UUID:
    """Add a file to the draft that `key` names, and have it checked for viruses.

    Looking into it takes its time, so `insist` is called in the transaction that keeps it: it locks
    the draft, or raises what is wrong with it now. `category` is what the file is mostly about: the
    law is asked about it when somebody wants to see the file.

    Raises Refused for a role that does not refer; FileRefused, a DomainError, when the file is not
    one that is kept, or one too many: then nothing of it is kept, and the ledger says so.
    """
    policies.require_may_refer(actor)
    if category not in FILE_CATEGORIES:
        raise DomainError("Select what the file is mostly about.")
    codes = {"category": str(category), "protect": str(protect)}
    try:
        return _add(actor, key, given, label=label.strip(), codes=codes, insist=insist)
    except FileRefused as refused:
        with transaction.atomic():
            record(
                actor,
                "file.refused",
                obj=("draft", key),
                why=str(refused.refusal),
                outcome="denied",
            )
        raise


def _add(
    actor: Principal,
    key: UUID,
    given: bytes,
    *,
    label: str,
    codes: dict[str, str],
    insist: Callable[[], object],
) -> UUID:
    found = uploads.examine(given, rules := rules_for(actor))
    with transaction.atomic():
        insist()
        if Referral.objects.filter(key=key).exists():
            raise DomainError("This has been sent, so no file can be added to it here.")
        upload = uploads.keep(
            owner=actor, key=key, label=label, found=found, rules=rules, parameters=codes
        )
        record(
            actor,
            "file.added",
            obj=("upload", upload.pk),
            fields=[codes["category"], upload.kind],
        )
        later("referrals.check_file", upload.pk)
    return upload.pk


def added_to(*, actor: Principal, key: UUID) -> list[Added]:
    """The files that the actor has added to the draft that `key` names."""
    return [_added(upload) for upload in files_of.uploads(actor).filter(key=key)]


def _added(upload: Upload) -> Added:
    state = Checked(upload.state)
    refusal = Refusal(upload.refusal).label if upload.refusal else ""
    file = File(upload.pk, FileKind(upload.kind), upload.bytes, upload.pages)
    return Added(
        pk=upload.pk,
        label=upload.label,
        kind=file.kind,
        size=file.size,
        state=state,
        words=refusal or state.label,
        category=Category(upload.parameters["category"]),
        protect=Protect(upload.parameters["protect"]),
    )


@transaction.atomic
def remove(*, actor: Principal, key: UUID, pk: UUID) -> None:
    """Take a file back out of an unsent draft: nothing of it is left but the event.

    Raises NotVisible when it is not the actor's own; DomainError when it has been sent.
    """
    mine = files_of.uploads(actor).filter(key=key, pk=pk)
    upload = mine.select_for_update(of=("self",)).first()
    if upload is None:
        raise NotVisible("upload", str(pk))
    if Referral.objects.filter(key=key).exists():
        raise DomainError("This has been sent. Remove the file on the page of the case.")
    upload.delete()
    record(actor, "file.removed", obj=("upload", pk))


def forget(*, keys: list[UUID]) -> int:
    """Delete the files of drafts that are deleted unsent. The caller records it."""
    return uploads.forget(keys=keys)


# --- The virus check ----------------------------------------------------------------------------


def check(*, pk: UUID) -> bool:
    """Have a file checked, and make it part of its case if it has been sent. Safe to call twice.

    Returns whether there is a scanner. Without a verdict the file is held, and the sweep asks
    again. Raises sealing.Broken when its bytes do not open any more.
    """
    try:
        clean = uploads.ask_scanner(pk=pk)
    except NoVerdict as none:
        uploads.hold(pks=[pk])
        return not isinstance(none, ScannerDown)
    if clean is not None:
        _settle(pk, clean=clean)
    return True


@transaction.atomic
def _settle(pk: UUID, *, clean: bool) -> None:
    # The author's row is the lock, as in `submit`: a verdict comes before the sending or after it.
    owners = Membership.objects.select_for_update(of=("self",))
    if owners.filter(uploads__pk=pk).first() is None:
        return
    upload = uploads.settle(pk=pk, clean=clean)
    if upload is None:
        return
    cause = record(
        None,
        "file.checked",
        obj=("upload", pk),
        why=str(upload.refusal or upload.state),
        outcome="allowed" if clean else "denied",
    )
    referral = _referral_of(upload)
    if referral is None:
        return
    if clean:
        add_clean_files(referral, late=True)
    else:
        owe(
            recipient=referral.author,
            kind=Kind.FILE_REFUSED,
            reference=referral.case.reference,
            case=referral.case_id,
            cause=cause,
        )


def _referral_of(upload: Upload) -> Referral | None:
    sent = Referral.objects.select_related("case__coordinator", "author", "agency")
    return sent.filter(key=upload.key, author_id=upload.owner_id).first()


def sweep() -> int:
    """Make part of its case whatever is clean and sent; have all others checked, if one can.

    Returns how many had no verdict. A file whose bytes do not open stops no other; the first such
    failure is raised when all have had their turn, so that whoever calls knows.
    """
    for referral in _with_clean_files():
        with transaction.atomic():
            add_clean_files(referral, late=True)
    failures: list[Broken] = []
    waiting = uploads.unchecked()
    for done, pk in enumerate(waiting):
        try:
            reached = check(pk=pk)
        except Broken as error:
            log.error("Upload %s could not be checked (%s)", pk, type(error).__name__)  # noqa: TRY400
            uploads.hold(pks=[pk])
            failures.append(error)
        else:
            if not reached:
                uploads.hold(pks=waiting[done:])
                break
    if failures:
        raise failures[0]
    return len(waiting)


def _with_clean_files() -> list[Referral]:
    """Referrals whose author's clean files are not part of the case yet."""
    left = Upload.objects.filter(key=OuterRef("key"), owner_id=OuterRef("author_id"))
    left = left.filter(state=Checked.READY).exclude(Exists(_statements_of(OuterRef("pk"))))
    sent = Referral.objects.select_related("case__coordinator", "author", "agency")
    return list(sent.filter(Exists(left)))


def _statements_of(upload: UUID | OuterRef) -> QuerySet[Statement]:
    return Statement.objects.filter(upload_id=upload)


def add_clean_files(referral: Referral, *, late: bool = False) -> int:
    """Make each clean file that was added to a referral's draft a statement of its case, once.

    `late`: the virus check ended after the referral was sent, so the ledger says when each joined.
    Runs in the caller's transaction. Returns how many joined.
    """
    found = Upload.objects.filter(
        key=referral.key, owner_id=referral.author_id, state=Checked.READY
    )
    clean = found.defer("content").select_for_update(of=("self",)).order_by("added_at", "pk")
    joined = 0
    for upload in clean:
        if not _statements_of(upload.pk).exists():
            joined += 1
            statement = _join(referral, upload)
            if late:
                _record_join(referral, statement)
    return joined


def _join(referral: Referral, upload: Upload) -> Statement:
    category = Category(upload.parameters["category"])
    key = f"file_{category}"
    return Statement.objects.create(
        case=referral.case,
        referral=referral,
        question=key,
        category=category,
        known_how=QUESTIONS[key].known_how,
        answer=Answer.GIVEN,
        text=upload.label,
        agency_id=referral.agency_id,
        author_id=referral.author_id,
        stated_at=referral.sent_at,
        protect=upload.parameters["protect"],
        upload=upload,
    )


def _record_join(referral: Referral, statement: Statement) -> None:
    case = referral.case
    if statement.protect == Protect.EXISTENCE:
        # The case's own trail is read by people who may not know that there is such a file.
        record(None, "file.joined", obj=("statement", statement.pk))
        return
    cause = record(
        None,
        "file.joined",
        case=case.pk,
        obj=("statement", statement.pk),
        subjects=[case.child_id],
        fields=[str(statement.category)],
    )
    if case.coordinator is not None:
        owe(
            recipient=case.coordinator,
            kind=Kind.CHANGED,
            reference=case.reference,
            case=case.pk,
            cause=cause,
        )


# --- On the case --------------------------------------------------------------------------------


@transaction.atomic
def read_files(*, actor: Principal, reference: str) -> CaseFiles:
    """The documents of a case as the actor may know of them, on the record.

    With them what the actor sent and is not ready, which nobody else is told of.
    Raises NotVisible or Refused.
    """
    case = policies.case_for(actor, reference)
    purpose = policies.purpose_of(actor)
    found = read(actor, case, purpose)
    mine = case.referrals.filter(author_id=actor.membership_id).values("key")
    coming = files_of.uploads(actor).filter(key__in=mine).exclude(state=Checked.READY)
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
        coming=tuple(_added(upload) for upload in coming),
        may_open=policies.standing(actor, case).may_take_copy,
    )


@transaction.atomic
def look_at_file(*, actor: Principal, reference: str, pk: UUID) -> tuple[str, Item]:
    """The case's reference and the one document, for the page that asks what it is opened for.

    Raises NotVisible when the actor's reading does not show it; Refused in an emergency.
    """
    case = policies.case_for(actor, reference)
    policies.require_may_take_copy(actor, case)
    item, _ = _shown(actor, case, pk)
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
    case = policies.case_for(actor, reference)
    policies.require_may_take_copy(actor, case)
    item, file = _shown(actor, case, pk)
    upload = Upload.objects.get(pk=file.upload)
    content = uploads.opened(upload)
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
    return Opened(
        content=content,
        name=f"{case.reference}-{str(pk)[:8]}.{file.kind}",
        content_type=file.kind.content_type,
    )


def _shown(actor: Principal, case: Case, pk: UUID) -> tuple[Item, File]:
    for item in read(actor, case, policies.purpose_of(actor)).files:
        if item.statement == pk and item.file is not None:
            return item, item.file
    raise NotVisible("statement", str(pk))
