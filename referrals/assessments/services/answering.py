"""Answering for one's own agency: saved as one goes, sent once, sealed until all is opened."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from portal.accounts.vocabulary import Principal
from portal.audit.services import record
from portal.common.errors import DomainError, Refused, SavedElsewhere
from portal.common.models import version_of
from portal.common.moments import london
from referrals.assessments import policies, reading
from referrals.assessments.models import Invitation
from referrals.assessments.services.telling import insist_goes_on, lock, write_down
from referrals.assessments.vocabulary import ABOUT
from referrals.assessments.workflow import Status


def page_of(invitation: Invitation, page: str) -> dict[str, Any]:
    """What is saved of one page: the answers of a part of the tool, or what is said beside it."""
    if page == ABOUT:
        return dict(invitation.sealed.get(ABOUT, {}))
    tool = invitation.assessment.tool.tool
    codes = [item.code for item in tool.items if item.domain == page]
    saved = invitation.sealed.get("items", {})
    return {code: saved[code] for code in codes if code in saved}


def open_own(*, actor: Principal, reference: str, pk: UUID) -> reading.Own:
    """Open one's own agency's answers. Nobody else's are in it.

    Raises NotVisible; Refused where the actor's agency is not asked.
    """
    return reading.own(actor, policies.invitation_for(actor, reference, pk))


@transaction.atomic
def save_page(
    *,
    actor: Principal,
    reference: str,
    pk: UUID,
    page: str,
    typed: Mapping[str, Any],
    seen: str | None,
) -> Invitation:
    """Save one page of an agency's answers as it was typed, whole or not.

    The first who saves writes for the agency; whom the law lets read it as their agency's own may
    take over. The ledger learns which page was saved, apart from the case, and nothing of it.

    Raises NotVisible; Refused where a colleague writes; SavedElsewhere when the page was saved in
    another window; DomainError when the answers are sent, or all have been opened.
    """
    invitation = _writable(actor, reference, pk)
    if seen is not None and seen != version_of(page_of(invitation, page)):
        raise SavedElsewhere
    sealed = dict(invitation.sealed)
    if page == ABOUT:
        sealed[ABOUT] = dict(typed)
    else:
        sealed["items"] = {**sealed.get("items", {}), **typed}
    invitation.sealed = sealed
    invitation.by_id = actor.membership_id
    invitation.save(update_fields=["sealed", "by"])
    record(actor, "draft.saved", obj=("risk_invitation", invitation.pk), fields=[page])
    return invitation


@transaction.atomic
def submit(*, actor: Principal, reference: str, pk: UUID) -> Invitation:
    """Send an agency's answers. They lie sealed until the answers of all are opened at once.

    The ledger learns that the agency has answered, and not what. A second press changes nothing.

    Raises NotVisible; Refused where a colleague writes; DomainError when something lacks an
    answer, or all have been opened.
    """
    found = policies.invitation_for(actor, reference, pk)
    lock(found.assessment.case)
    if Invitation.objects.filter(pk=found.pk, submitted_at__isnull=False).exists():
        return found
    invitation = _writable(actor, reference, pk)
    tool = invitation.assessment.tool.tool
    lacking = sum(page.lacks for page in reading.own(actor, invitation).pages)
    if lacking:
        raise DomainError(
            f"{lacking} answer{' is' if lacking == 1 else 's are'} missing. Choose “not known”"
            " where your agency does not know. What you wrote is saved."
        )
    invitation.sealed = {**invitation.sealed, "tool": f"{tool.code}/{tool.version}"}
    invitation.submitted_at, invitation.by_id = timezone.now(), actor.membership_id
    invitation.save(update_fields=["sealed", "submitted_at", "by"])
    case = invitation.assessment.case
    write_down(actor, "risk.answered", case, ("risk_invitation", invitation.pk))
    return invitation


def _writable(actor: Principal, reference: str, pk: UUID) -> Invitation:
    """The invitation of the actor's agency, locked with its case, for whoever may write it."""
    found = policies.invitation_for(actor, reference, pk)
    lock(found.assessment.case)
    invitation = (
        Invitation.objects.select_for_update(of=("self",))
        .select_related("assessment__case", "assessment__tool", "agency", "by__user")
        .get(pk=found.pk)
    )
    assessment = invitation.assessment
    insist_goes_on(assessment.case)
    if assessment.revealed_at is not None:
        raise DomainError(
            f"All answers were opened on {london(assessment.revealed_at)}, so yours can no longer"
            " be sent. Say what you know to whoever leads the assessment."
        )
    if assessment.status != Status.ASKED:
        raise DomainError("This assessment was called off. What you wrote is not sent.")
    if invitation.submitted_at is not None:
        raise DomainError("Your agency has sent its answers. They lie sealed until all are opened.")
    if not policies.writes(actor, invitation):
        raise Refused(
            "A colleague writes for your agency. Speak to them, or to your agency's lead",
            kind="risk_invitation",
            pk=str(invitation.pk),
            action="answer",
        )
    return invitation
