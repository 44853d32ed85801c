"""What becomes of a level that was put up: what agencies say of it, who signs, who withdraws it."""

from django.db import transaction
from django.utils import timezone

from portal.accounts.vocabulary import Principal
from portal.common.errors import DomainError, Refused
from portal.common.workflow import next_status
from portal.notifications.services import attended
from portal.notifications.vocabulary import Kind
from referrals.assessments import policies, reading
from referrals.assessments.models import Agreement, Confirmation, Signature
from referrals.assessments.services.agreeing import put_in_force
from referrals.assessments.services.revealing import share_with_all
from referrals.assessments.services.telling import (
    insist_goes_on,
    lock,
    member,
    note,
    take,
    tell,
    write_down,
)
from referrals.assessments.vocabulary import SAID, View
from referrals.assessments.workflow import TRANSITIONS, Status, Step
from referrals.models import Case
from referrals.vocabulary import State


@transaction.atomic
def confirm(*, actor: Principal, agreement: Agreement, view: View, words: str = "") -> Confirmation:
    """Say for one's agency whether it agrees with a level. A dissent is kept and outvotes nobody,
    nor is it outvoted. A second press changes nothing.

    Raises NotVisible; Refused where the actor's agency did not answer in this assessment;
    DomainError where the judgement is not shared with the actor, or the agency said another thing.
    """
    lock(agreement.assessment.case)
    agreement = policies.agreement_for(actor, agreement.assessment.case.reference, agreement.pk)
    case = agreement.assessment.case
    before = agreement.confirmations.filter(agency=actor.agency_id).select_related("words").first()
    if before is not None:
        return _said_before(before, actor, view, words)
    if not agreement.stands:
        _insist_reads(actor, case, agreement)
    policies.insist_stands(agreement)
    insist_goes_on(case)
    if not policies.confirms(actor, agreement):
        raise Refused(
            "Only an agency that answered says whether it agrees",
            kind="agreement",
            pk=str(agreement.pk),
            action="confirm",
        )
    _insist_reads(actor, case, agreement)
    if view is not View.AGREES and not words.strip():
        raise DomainError("Write your note, or why you do not agree.")
    made = Confirmation.objects.create(
        agreement=agreement,
        agency_id=actor.agency_id,
        by_id=actor.membership_id,
        view=view,
        words=None if view is View.AGREES else note(case, SAID, words, by=member(actor)),
    )
    write_down(actor, "risk.confirmed", case, ("confirmation", made.pk))
    return made


def _said_before(before: Confirmation, actor: Principal, view: View, words: str) -> Confirmation:
    said = before.words.text if before.words is not None else ""
    typed = "" if view is View.AGREES else words.strip()
    if before.by_id == actor.membership_id and (before.view, said) == (view, typed):
        return before
    raise DomainError(
        "Your agency has said already whether it agrees. That stands, and this was not recorded."
    )


def _insist_reads(actor: Principal, case: Case, agreement: Agreement) -> None:
    """Insist that nobody answers for what they cannot read."""
    found = reading.said(actor, case)
    item = found.item(agreement.judgement.words_id)
    shown = item is not None and item.state is State.SHOWN
    if not (shown and found.sees_level(agreement)):
        raise DomainError(
            "The judgement is not shared with your team, so you cannot answer for it. Ask whoever"
            " looks after the case to share it. Nothing has been recorded."
        )


@transaction.atomic
def sign(*, actor: Principal, agreement: Agreement, signs: bool, words: str = "") -> Signature:
    """Sign a level that somebody else put up, or say why not. The last signature puts it in force.

    Where somebody does not sign, the level before stays, and whoever leads the assessment thinks
    again: they are told, and the law is asked who may read why. Nobody signs their own, or twice.

    Raises NotVisible; Refused to whoever may not sign it; DomainError when nothing waits for them,
    when somebody has said no meanwhile or withdrew it, or for a no without words.
    """
    lock(agreement.assessment.case)
    agreement = policies.agreement_for(actor, agreement.assessment.case.reference, agreement.pk)
    assessment, case = agreement.assessment, agreement.assessment.case
    before = agreement.signatures.filter(by=actor.membership_id, signs=signs).first()
    if before is not None:
        return before
    if not agreement.stands:
        _insist_reads(actor, case, agreement)
    policies.insist_stands(agreement)
    insist_goes_on(case)
    next_status(TRANSITIONS, Step.SIGN, assessment.status)
    capacity = policies.signs_as(actor, agreement)
    if capacity is None:
        raise Refused(
            "This level takes another person's signature, or another agency's",
            kind="agreement",
            pk=str(agreement.pk),
            action="sign",
        )
    _insist_reads(actor, case, agreement)
    if not signs and not words.strip():
        raise DomainError("Write why you do not sign. A sentence is enough.")
    made = Signature.objects.create(
        agreement=agreement,
        capacity=capacity,
        by_id=actor.membership_id,
        signs=signs,
        words=None if signs else note(case, SAID, words, by=member(actor)),
    )
    act = "risk.signed" if signs else "risk.declined"
    cause = write_down(actor, act, case, ("signature", made.pk), why=str(capacity))
    now = timezone.now()
    if not signs:
        assessment.status = Status(next_status(TRANSITIONS, Step.DECLINE, assessment.status))
        assessment.save(update_fields=["status"])
        agreement.declined_at = now
        agreement.save(update_fields=["declined_at"])
        # Whoever put it up, and the others who were asked to sign, learn why.
        share_with_all(actor, case, assessment, made.by)
    elif not policies.still_to_sign(agreement):
        assessment.status = Status(next_status(TRANSITIONS, Step.SIGN, assessment.status))
        assessment.save(update_fields=["status"])
        put_in_force(case, agreement, now)
    if assessment.status != Status.WAITING:
        attended(case=case.pk, kinds=[Kind.RISK_SIGN])
        tell([agreement.by], Kind.RISK_SIGNED, case, cause)
    return made


@transaction.atomic
def withdraw(*, actor: Principal, agreement: Agreement, why: str) -> Agreement:
    """Withdraw a level that waits for a signature, and say why: another can be agreed.

    The answers stay open, so the case is not closed or handed on before a level is agreed. What was
    withdrawn stays listed, with what agencies said of it; who signed it has not signed another.
    Those who were asked to sign and those who answered it are told, and the law is asked who may
    read why. A second press changes nothing.

    Raises NotVisible; Refused to whoever may not withdraw it; DomainError when it is signed, or
    somebody said no or withdrew it meanwhile, without words, or where its judgement is not shared
    with the actor.
    """
    lock(agreement.assessment.case)
    agreement = policies.agreement_for(actor, agreement.assessment.case.reference, agreement.pk)
    assessment, case, words = agreement.assessment, agreement.assessment.case, why.strip()
    if agreement.withdrawn_by_id == actor.membership_id and _why_withdrawn(agreement) == words:
        return agreement
    if not agreement.stands:
        _insist_reads(actor, case, agreement)
    policies.insist_stands(agreement)
    insist_goes_on(case)
    next_status(TRANSITIONS, Step.WITHDRAW, assessment.status)
    policies.require_withdraws(actor, agreement)
    _insist_reads(actor, case, agreement)
    if not words:
        raise DomainError("Write why it is withdrawn. A sentence is enough.")
    by = member(actor)
    asked = policies.who_was_asked_to_sign(agreement)
    agreement.withdrawn_at, agreement.withdrawn_by = timezone.now(), by
    agreement.withdrawn_why = note(case, SAID, words, by=by)
    agreement.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_why"])
    take(actor, Step.WITHDRAW, assessment)
    assessment.save(update_fields=["status"])
    share_with_all(actor, case, assessment, by)
    cause = write_down(actor, "risk.withdrawn", case, ("agreement", agreement.pk))
    attended(case=case.pk, kinds=[Kind.RISK_SIGN])
    told = {each.pk: each for each in (*asked, *policies.who_confirmed(agreement))}
    others = (each for each in told.values() if each.user_id != actor.user_id)
    tell(others, Kind.RISK_WITHDRAWN, case, cause)
    return agreement


def _why_withdrawn(agreement: Agreement) -> str:
    return agreement.withdrawn_why.text if agreement.withdrawn_why is not None else ""
