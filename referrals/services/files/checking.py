"""The virus check of files, and how a clean one becomes part of its case, now or later."""

import logging
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from portal.accounts.models import Membership
from portal.audit.services import record
from portal.documents.models import Upload
from portal.documents.services import uploads
from portal.documents.services.clamd import NoVerdict, ScannerDown, ScannerSlow
from portal.documents.services.sealing import Broken
from portal.documents.vocabulary import Checked
from portal.notifications.services import owe
from portal.notifications.vocabulary import Kind
from referrals import policies
from referrals.models import Handover, Referral, Statement
from referrals.vocabulary import QUESTIONS, Answer, Protect
from sharing.rules.vocabulary import Category

log = logging.getLogger(__name__)

SLOW: Final = 2
"""How many files may get no answer in time before a sweep asks about no more of them.

One may be a file on which a scanner works for ever; two say that it answers nobody. What was not
asked about has its turn first in the next sweep.
"""


def check(*, pk: UUID) -> bool:
    """Have a file checked, and make it part of its case if it has been sent. Safe to call twice.

    Returns whether there is a scanner. Without a verdict the file is held, and the sweep asks
    again. Raises sealing.Broken when its bytes do not open any more.
    """
    try:
        _check(pk)
    except NoVerdict as none:
        return not isinstance(none, ScannerDown)
    return True


def _check(pk: UUID) -> None:
    try:
        clean = uploads.ask_scanner(pk=pk)
    except (NoVerdict, Broken):
        uploads.hold(pks=[pk], asked=True)
        raise
    if clean is not None:
        _settle(pk, clean=clean)


@transaction.atomic
def _settle(pk: UUID, *, clean: bool) -> None:
    # The owner's row, then the file's, as in `submit`: a verdict comes before the sending or after.
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
            recipient=author_of(upload, referral),
            kind=Kind.FILE_REFUSED,
            reference=referral.case.reference,
            case=referral.case_id,
            cause=cause,
        )


def _referral_of(upload: Upload) -> Referral | None:
    sent = Referral.objects.select_related("case__coordinator", "author", "agency")
    return sent.filter(key=upload.key, agency=upload.owner.team.agency_id).first()


def author_of(upload: Upload, referral: Referral) -> Membership:
    """Whose statement a file is, or would be.

    What was added to the draft is the referral's author's, like all words of it, whoever of the two
    added it; what was added afterwards is that of the person who did.
    """
    return upload.owner if upload.added_at > referral.sent_at else referral.author


def sweep() -> int:
    """Make part of its case whatever is clean and sent; have all others checked, if one can.

    Returns how many had no verdict. A file whose bytes do not open stops no other; the first such
    failure is raised when all have had their turn, so that whoever calls knows. What was handed
    over to the files' own host and never fetched is forgotten.
    """
    Handover.objects.filter(until__lte=timezone.now()).delete()
    for referral in _with_clean_files():
        with transaction.atomic():
            add_clean_files(referral, late=True)
    failures: list[Broken] = []
    slow = 0
    waiting = uploads.unchecked()
    for done, pk in enumerate(waiting, start=1):
        try:
            _check(pk)
        except Broken as error:
            log.error("Upload %s could not be checked (%s)", pk, type(error).__name__)  # noqa: TRY400
            failures.append(error)
        except NoVerdict as none:
            slow += isinstance(none, ScannerSlow)
            if isinstance(none, ScannerDown) or slow == SLOW:
                uploads.hold(pks=waiting[done:], asked=False)
                break
    if failures:
        raise failures[0]
    return len(waiting)


def _with_clean_files() -> list[Referral]:
    """Referrals with clean files that are not part of the case yet."""
    left = Upload.objects.filter(key=OuterRef("key"), owner__team__agency=OuterRef("agency"))
    left = left.filter(state=Checked.READY).exclude(Exists(_statements_of(OuterRef("pk"))))
    sent = Referral.objects.select_related("case__coordinator", "author", "agency")
    return list(sent.filter(Exists(left)))


def _statements_of(upload: UUID | OuterRef) -> QuerySet[Statement]:
    return Statement.objects.filter(upload_id=upload)


def add_clean_files(referral: Referral, *, late: bool = False) -> int:
    """Make each clean file that was added to a referral or its draft a statement of its case, once.

    By whoever of its agency may write there: `add` has insisted on that. `late`: the virus check
    ended after the referral was sent, so the ledger says when each joined.
    Runs in the caller's transaction. Returns how many joined.
    """
    ours = Upload.objects.filter(key=referral.key, owner__team__agency=referral.agency_id)
    locked = ours.select_for_update(of=("self",))
    if not late:
        # Also those without a verdict, whoever added them: it comes before this, or finds it sent.
        list(locked.order_by("pk").values_list("pk"))
    joined = 0
    clean = locked.filter(state=Checked.READY).defer("content").select_related("owner")
    for upload in clean.order_by("added_at", "pk"):
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
        author=author_of(upload, referral),
        stated_at=max(referral.sent_at, upload.added_at),
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
    # With what was just sent those who check it are told of that; here nothing else tells them.
    came_later = statement.stated_at > referral.sent_at
    for reader in policies.on_duty(case) if case.coordinator_id or came_later else []:
        owe(
            recipient=reader,
            kind=Kind.CHANGED,
            reference=case.reference,
            case=case.pk,
            cause=cause,
        )
