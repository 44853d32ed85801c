"""Files on their way to a case: added to a draft or to what was sent, and taken out of a draft."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from uuid import UUID, uuid4, uuid5

from django.db import transaction

from portal.accounts.models import Partnership
from portal.accounts.vocabulary import Principal
from portal.audit.services import record
from portal.common.errors import DomainError, NotVisible
from portal.common.later import later
from portal.documents import policies as files_of
from portal.documents.models import Upload
from portal.documents.services import uploads
from portal.documents.services.uploads import FileRefused, Rules
from portal.documents.vocabulary import Checked, FileKind, Refusal
from referrals import policies
from referrals.models import Case, Referral
from referrals.reading import File
from referrals.vocabulary import FILE_CATEGORIES, Protect
from sharing.rules.vocabulary import Category


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


def rules_for(actor: Principal, case: Case | None = None) -> Rules:
    """What people may add: what the case's area lets them; to a draft, what the actor's does."""
    area = case.partnership if case else Partnership.objects.get(pk=actor.partnership_ids[0])
    return Rules(area.takes_pictures, area.file_megabytes, area.files_per_referral)


def add(
    *,
    actor: Principal,
    key: UUID,
    given: bytes,
    label: str,
    category: Category,
    protect: Protect = Protect.NONE,
    insist: Callable[[], object],
    case: Case | None = None,
    form: UUID | None = None,
) -> UUID:
    """Add a file to the draft, or to the referral, that `key` names; have it checked for viruses.

    Looking into it takes its time, so `insist` is called in the transaction that keeps it: it locks
    the draft or the case, and raises what is wrong with it now, such as that the actor may not
    write in it. `category` is what the file is mostly about: the law is asked about it when
    somebody wants to see the file. `case` is that of the referral, once it is sent: its area's
    rules hold. `form` names the form: pressed again, it adds the same file once.

    Raises Refused for a role that does not refer, before it is sent; FileRefused, a DomainError,
    when the file is not one that is kept, or one too many: then nothing of it is kept, and the
    ledger says so; DomainError for other words or another protection with the same form and file.
    """
    if case is None:
        policies.require_may_refer(actor)
    if category not in FILE_CATEGORIES:
        raise DomainError("Select what the file is mostly about.")
    codes = {"category": str(category), "protect": str(protect)}
    rules, pk = rules_for(actor, case), _number(actor, key, given, form)
    try:
        return _add(actor, key, given, rules, pk, label=label.strip(), codes=codes, insist=insist)
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


def _number(actor: Principal, key: UUID, given: bytes, form: UUID | None) -> UUID:
    """The file's own number: chance, or the same for the same file of the same form and person."""
    if form is None:
        return uuid4()
    return uuid5(form, f"{key} {actor.membership_id} {hashlib.sha256(given).hexdigest()}")


def _add(
    actor: Principal,
    key: UUID,
    given: bytes,
    rules: Rules,
    pk: UUID,
    *,
    label: str,
    codes: dict[str, str],
    insist: Callable[[], object],
) -> UUID:
    if _was_added(pk, label, codes):
        return pk
    found = uploads.examine(given, rules)
    with transaction.atomic():
        insist()
        # Asked again under the lock: the other press may have come while this one looked into it.
        if _was_added(pk, label, codes):
            return pk
        upload = uploads.keep(
            owner=actor, pk=pk, key=key, label=label, found=found, rules=rules, parameters=codes
        )
        record(
            actor,
            "file.added",
            obj=("upload", upload.pk),
            fields=[codes["category"], upload.kind],
        )
        later("referrals.check_file", upload.pk)
    return pk


def _was_added(pk: UUID, label: str, codes: dict[str, str]) -> bool:
    before = Upload.objects.filter(pk=pk).only("label", "parameters").first()
    if before is not None and (before.label, before.parameters) != (label, codes):
        raise DomainError(
            "This file was added before, with other words or another protection. Nothing is lost:"
            " that stands as it was, and this was not added. Protect or correct it on the case"
            " page, or open this page again to add more."
        )
    return before is not None


def added_to(*, key: UUID) -> list[Added]:
    """The files that were added to the draft that `key` names. The caller asks who may know."""
    return [as_added(upload) for upload in files_of.added_to([key])]


def as_added(upload: Upload) -> Added:
    """A file as its author sees it."""
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

    The caller has made sure that the actor may write in the draft that `key` names, under its lock.
    Raises NotVisible when there is no such file in it; DomainError when it has been sent.
    """
    upload = files_of.added_to([key]).filter(pk=pk).select_for_update(of=("self",)).first()
    if upload is None:
        raise NotVisible("upload", str(pk))
    if Referral.objects.filter(key=key).exists():
        raise DomainError("This has been sent. Remove the file on the page of the case.")
    upload.delete()
    record(actor, "file.removed", obj=("upload", pk))


def forget(*, keys: Iterable[UUID]) -> int:
    """Delete the files of drafts that are deleted unsent. The caller records it."""
    return uploads.forget(keys=keys)
