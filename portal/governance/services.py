"""Audit trails: asked for, made by a worker, published to the board, signed for by its chair."""

import logging
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from portal.accounts import policies as people
from portal.accounts.models import Partnership
from portal.accounts.vocabulary import Principal, Role
from portal.audit.services import record
from portal.common.errors import DomainError, NotVisible, Refused
from portal.common.later import later
from portal.documents import services as documents
from portal.documents.models import Document
from portal.documents.vocabulary import Failure
from portal.documents.vocabulary import Status as Made
from portal.governance import policies
from portal.governance.models import AuditTrail
from portal.governance.reading import Trail, read_trail
from portal.governance.vocabulary import TRAIL, Audience
from portal.notifications.services import owe
from portal.notifications.vocabulary import Kind
from referrals import policies as casework
from referrals.models import Case
from sharing.rules.vocabulary import Purpose

log = logging.getLogger(__name__)


@transaction.atomic
def open_trail(*, actor: Principal, reference: str) -> Trail:
    """Read a case's trail on the record, as a page. Raises NotVisible or Refused."""
    case = casework.case_for(actor, reference)
    policies.require_may_make_trail(actor, case)
    trail = read_trail(actor, case, Audience.CASEWORK, 0, timezone.now())
    record(actor, "trail.read", case=case.pk, subjects=[case.child_id])
    return trail


@transaction.atomic
def request_trail(*, actor: Principal, reference: str, audience: Audience) -> AuditTrail:
    """Ask for a case's audit trail as a PDF. A row now; the PDF by a worker.

    Raises NotVisible, or Refused unless the actor coordinates or manages the case.
    """
    case = casework.case_for(actor, reference)
    policies.require_may_make_trail(actor, case)
    document = documents.request(owner=actor, kind=TRAIL, title="Audit trail", parameters={})
    trail = AuditTrail.objects.create(
        partnership_id=case.partnership_id,
        case=case,
        audience=audience,
        number=_number(case),
        document=document,
        requested_by_id=actor.membership_id,
    )
    record(
        actor,
        "trail.requested",
        case=case.pk,
        obj=("trail", trail.pk),
        subjects=[case.child_id],
        why=str(audience),
    )
    later("governance.make_trail", document.pk)
    return trail


def _number(case: Case) -> int:
    """What the board calls this case: as before, or the next number of the partnership."""
    Partnership.objects.select_for_update().get(pk=case.partnership_id)
    known = AuditTrail.objects.filter(case=case).first()
    if known is not None:
        return known.number
    found = AuditTrail.objects.filter(partnership_id=case.partnership_id)
    return (found.aggregate(last=Max("number"))["last"] or 0) + 1


def make_trail(*, pk: UUID) -> None:
    """Make the PDF of a trail that was asked for; `pk` is its document's. Safe to call twice.

    It is made with what the person who asked may see now, not with what they might see then: a
    right that has ended since means no PDF, and an event that says so.
    """
    document = documents.begin(pk=pk)
    if document is None:
        return
    trail = AuditTrail.objects.select_related("case", "requested_by__user").get(document=document)
    if document.status == Made.FAILED:
        _record_failure(trail, Failure(document.failure))
        return
    now = timezone.now()
    try:
        actor = _asker(trail)
        content = read_trail(actor, trail.case, Audience(trail.audience), trail.number, now)
        pdf = documents.render_pdf(
            template="pdf/trail.html",
            context={
                "trail": content,
                "made_for": content.made_for,
                "reference": content.called,
            },
            title=f"Audit trail of {content.called}",
        )
    except (NotVisible, Refused):
        _failed(trail, document, Failure.NOT_ALLOWED)
    except documents.RenderingFailed as error:
        _failed(trail, document, error.failure)
    else:
        _made(trail, document, content, pdf)


def _asker(trail: AuditTrail) -> Principal:
    member = trail.requested_by
    actor = people.principal_for(member.user, member.pk)
    if actor is None:
        raise NotVisible("membership", str(member.pk))
    case = casework.case_for(actor, trail.case.reference)
    policies.require_may_make_trail(actor, case)
    return actor


@transaction.atomic
def _made(trail: AuditTrail, document: Document, content: Trail, pdf: bytes) -> None:
    if not documents.finish(document=document, pdf=pdf):
        return
    trail.content = content.as_json()
    trail.save(update_fields=["content"])
    cause = record(
        None,
        "trail.made",
        case=trail.case_id,
        obj=("trail", trail.pk),
        subjects=[trail.case.child_id],
    )
    owe(
        recipient=trail.requested_by,
        kind=Kind.TRAIL_READY,
        reference=trail.case.reference,
        case=trail.case_id,
        cause=cause,
    )


@transaction.atomic
def _failed(trail: AuditTrail, document: Document, failure: Failure) -> None:
    if documents.fail(document=document, reason=failure):
        _record_failure(trail, failure)


@transaction.atomic
def _record_failure(trail: AuditTrail, failure: Failure) -> None:
    record(
        None,
        "trail.failed",
        case=trail.case_id,
        obj=("trail", trail.pk),
        subjects=[trail.case.child_id],
        why=str(failure),
        outcome="failed",
    )


def sweep() -> int:
    """Make every trail that is owed and that nobody is making. Returns how many were tried."""
    owed = documents.due(TRAIL)
    for pk in owed:
        make_trail(pk=pk)
    return len(owed)


@transaction.atomic
def download(*, actor: Principal, trail: AuditTrail) -> tuple[bytes, str]:
    """Return the PDF's bytes and a neutral file name, on the record.

    Raises NotVisible when the trail is not the actor's, or no longer: a coordinator whose case it
    no longer is cannot fetch what they once asked for. DomainError when it is not ready.
    """
    trail = policies.trail_for(actor, trail.pk)
    if actor.role is not Role.BOARD_CHAIR:
        policies.require_may_make_trail(actor, casework.case_for(actor, trail.case.reference))
    if trail.document.status != Made.READY:
        raise DomainError("This PDF is not ready yet. Nothing is lost: look again in a minute.")
    record(
        actor,
        "trail.downloaded",
        case=trail.case_id,
        obj=("trail", trail.pk),
        subjects=[trail.case.child_id],
        recipient=("user", actor.user_id),
        purpose=Purpose.REPORT if trail.audience == Audience.BOARD else Purpose.SCREEN,
    )
    content = trail.document.content
    return bytes(content or b""), f"audit-trail-{str(trail.pk)[:8]}.pdf"


@transaction.atomic
def open_made(*, actor: Principal, trail: AuditTrail) -> AuditTrail:
    """Look at how far a trail has got; once it is made, read its words on the record.

    Raises NotVisible when it is not the actor's or the case is no longer theirs to know of,
    Refused when they no longer oversee it: what they once asked for does not outlive their right.
    """
    trail = policies.trail_for(actor, trail.pk)
    case = casework.case_for(actor, trail.case.reference)
    policies.require_may_make_trail(actor, case)
    if trail.content is not None:
        record(
            actor,
            "trail.read",
            case=case.pk,
            obj=("trail", trail.pk),
            subjects=[case.child_id],
            why=trail.audience,
        )
    return trail


@transaction.atomic
def list_reports(*, actor: Principal) -> list[AuditTrail]:
    """The reports published to the chair's board, the newest hundred, on the record.

    Raises Refused for anybody else.
    """
    policies.require_board(actor)
    found = list(policies.visible(actor).order_by("-published_at")[:100])
    record(actor, "trail.listed", purpose=Purpose.REPORT, ids=[trail.pk for trail in found])
    return found


@transaction.atomic
def publish(*, actor: Principal, trail: AuditTrail) -> AuditTrail:
    """Publish a board's trail to the board, and tell its chair.

    Raises NotVisible or Refused; DomainError when it is not the board's version, is not ready,
    has been published already, or its chain does not hold.
    """
    policies.trail_for(actor, trail.pk)
    trail = _locked(trail)
    policies.require_may_make_trail(actor, casework.case_for(actor, trail.case.reference))
    if trail.audience != Audience.BOARD:
        raise DomainError("Only the board's version is published: it names nobody.")
    if trail.content is None:
        raise DomainError("This report is not ready yet. Look again in a minute.")
    if not trail.content["intact"]:
        raise DomainError(
            "The ledger did not check out when this report was made. Do not publish it: tell the"
            " information-governance lead, and run audit_verify."
        )
    if trail.published_at is not None:
        raise DomainError("This report has been published already.")
    trail.published_at = timezone.now()
    trail.published_by_id = actor.membership_id
    trail.save(update_fields=["published_at", "published_by"])
    cause = record(
        actor,
        "trail.published",
        case=trail.case_id,
        obj=("trail", trail.pk),
        subjects=[trail.case.child_id],
        recipient=("partnership", trail.partnership_id),
        purpose=Purpose.REPORT,
    )
    chairs = people.teams_in(trail.partnership_id, Role.BOARD_CHAIR)
    for member in people.live_memberships(chairs):
        owe(
            recipient=member,
            kind=Kind.PUBLISHED,
            reference=f"Case {trail.number}",
            case=trail.case_id,
            cause=cause,
        )
    return trail


def _locked(trail: AuditTrail) -> AuditTrail:
    """The fresh row under lock, its case beside it and not locked."""
    rows = AuditTrail.objects.select_for_update(of=("self",)).select_related("case")
    return rows.get(pk=trail.pk)


@transaction.atomic
def open_report(*, actor: Principal, trail: AuditTrail) -> AuditTrail:
    """Read a published report on the record. Raises NotVisible or Refused."""
    policies.require_board(actor)
    trail = policies.trail_for(actor, trail.pk)
    record(
        actor,
        "trail.read",
        case=trail.case_id,
        obj=("trail", trail.pk),
        subjects=[trail.case.child_id],
        purpose=Purpose.REPORT,
        fields=["IC0"],
    )
    return trail


@transaction.atomic
def review(*, actor: Principal, trail: AuditTrail, comment: str) -> AuditTrail:
    """Sign for a published report: the chair says what they reviewed.

    Raises NotVisible or Refused; DomainError without a comment, or when it has been signed for.
    """
    policies.require_board(actor)
    policies.trail_for(actor, trail.pk)
    trail = _locked(trail)
    if not comment.strip():
        raise DomainError("Write what you reviewed. A sentence is enough.")
    if trail.reviewed_at is not None:
        raise DomainError("This report has been signed for already.")
    trail.reviewed_at = timezone.now()
    trail.reviewed_by_id = actor.membership_id
    trail.comment = comment.strip()
    trail.save(update_fields=["reviewed_at", "reviewed_by", "comment"])
    record(
        actor,
        "trail.reviewed",
        case=trail.case_id,
        obj=("trail", trail.pk),
        subjects=[trail.case.child_id],
        purpose=Purpose.REPORT,
    )
    return trail
