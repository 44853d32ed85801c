"""Reading information reports, following one's own, and linking them to cases."""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from django.db import transaction

from portal.accounts.models import Membership
from portal.accounts.vocabulary import Principal
from portal.audit.services import record
from portal.common.errors import DomainError, NotVisible, Refused
from portal.notifications.services import owe
from portal.notifications.vocabulary import Kind
from referrals import policies as casework
from referrals.information import policies
from referrals.information.models import Link, Receipt, Report
from referrals.information.reading import Proposal, Reading, Row, resolve, rows
from referrals.information.vocabulary import (
    Verdict,
)

MOST_OWN: Final = 200


@transaction.atomic
def list_reports(*, actor: Principal, page: Iterable[Report]) -> list[Row]:
    """Resolve one page of the list, and write down which reports were on it. Raises Refused."""
    purpose = policies.require_reader(actor)
    found = rows(page)
    record(actor, "information.listed", purpose=purpose, ids=[row.pk for row in found])
    return found


@transaction.atomic
def read_report(*, actor: Principal, reference: str) -> Reading:
    """Open a report on the record. Raises NotVisible to whom it is not for."""
    report = policies.report_for(actor, reference)
    found = resolve(actor, report)
    record(
        actor,
        "information.read",
        obj=("information", report.pk),
        purpose=policies.reads_for(actor) or "",
        why=found.why,
        basis=found.basis,
        fields=found.fields,
        # Comparing opens the cases that are proposed.
        ids=sorted({proposal.case for proposal in found.proposals}),
        withheld=found.withheld,
    )
    return found


@transaction.atomic
def mark_read(*, actor: Principal, reference: str) -> Receipt:
    """Say that a report has been read, once; its author is told that, and nothing more.

    Raises NotVisible, or Refused to the author, in whatever role: somebody else reads it.
    """
    pk = policies.report_for(actor, reference).pk
    Report.objects.select_for_update().get(pk=pk)
    report = policies.report_for(actor, reference)
    if report.author.user_id == actor.user_id:
        raise Refused(
            "You sent this. Somebody else says that they have read it",
            kind="information",
            pk=str(report.pk),
            action="mark as read",
        )
    before = Receipt.objects.filter(report=report).first()
    if before is not None:
        return before
    made = Receipt.objects.create(report=report, reader_id=actor.membership_id)
    cause = record(actor, "information.acknowledged", obj=("information", report.pk))
    owe(
        recipient=Membership.objects.get(pk=report.author_id),
        kind=Kind.INFORMATION_READ,
        reference="",
        case=None,
        cause=cause,
    )
    return made


@transaction.atomic
def list_own(*, actor: Principal) -> list[Row]:
    """What the actor has sent and how far it has got, the latest first, on the record."""
    found = rows(policies.sent(actor).for_rows()[:MOST_OWN])
    record(actor, "information.followed", ids=[row.pk for row in found])
    return found


@transaction.atomic
def follow(*, actor: Principal, reference: str) -> Row:
    """How far a report has got, for the person who sent it: received, read, and nothing more.

    Raises NotVisible to anybody else.
    """
    report = policies.sent_for(actor, reference)
    record(actor, "information.followed", obj=("information", report.pk))
    (row,) = rows([report])
    return row


@transaction.atomic
def open_proposal(*, actor: Principal, reference: str, thing: UUID, statement: UUID) -> Proposal:
    """One link that is proposed to the actor, on the record. Raises NotVisible for any other."""
    found = _proposal(actor, policies.report_for(actor, reference), thing, statement)
    record(
        actor,
        "information.read",
        obj=("information_thing", thing),
        purpose=policies.reads_for(actor) or "",
        ids=[found.case],
    )
    return found


def _proposal(actor: Principal, report: Report, thing: UUID, statement: UUID) -> Proposal:
    for proposal in resolve(actor, report).proposals:
        if (proposal.thing, proposal.statement) == (thing, statement):
            return proposal
    raise NotVisible("information", report.reference)


@transaction.atomic
def decide_link(
    *,
    actor: Principal,
    reference: str,
    thing: UUID,
    statement: UUID,
    verdict: Verdict,
    reason: str,
) -> Link:
    """Say whether one that is named in a report and on a case is the same, and why.

    It opens neither the case nor the report to anybody. The same from the same person again
    changes nothing. Raises NotVisible unless it is proposed to the actor, or was decided on a case
    of theirs; Refused to somebody who reads the case in an emergency only; DomainError without a
    reason, or when it was decided otherwise.
    """
    report = policies.report_for(actor, reference)
    Report.objects.select_for_update().get(pk=report.pk)
    before = (
        policies.links(actor).filter(thing=thing, thing__report=report, statement=statement).first()
    )
    if before is not None:
        return _decided_before(actor, before, verdict, reason)
    proposal = _proposal(actor, report, thing, statement)
    case = casework.visible(actor).get(pk=proposal.case)
    casework.require_more_than_emergency(actor, case)
    if not reason.strip():
        raise DomainError("Write why. A sentence is enough.")
    made = Link.objects.create(
        thing_id=thing,
        statement_id=statement,
        case=case,
        verdict=verdict,
        reason=reason.strip(),
        by_id=actor.membership_id,
    )
    confirmed = verdict is Verdict.CONFIRMED
    # Not in the case's own trail: its readers may not know of the report.
    record(
        actor,
        "information.linked" if confirmed else "information.not_linked",
        obj=("information_link", made.pk),
        subjects=[case.child_id],
        ids=[report.pk, case.pk],
    )
    return made


def _decided_before(actor: Principal, before: Link, verdict: Verdict, reason: str) -> Link:
    mine = before.by_id == actor.membership_id
    if mine and (before.verdict, before.reason) == (verdict, reason.strip()):
        return before
    who = "You have" if mine else "Somebody has"
    raise DomainError(
        f"{who} decided this already. Nothing is lost: that stands as it was, and this was not"
        " recorded. Read it on the page of the report."
    )
