"""Adding to a referral: what is new becomes a statement of its sender's agency, words or a file."""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from portal.accounts.vocabulary import Principal
from portal.audit.services import record
from portal.common.errors import DomainError
from portal.notifications.services import owe
from portal.notifications.vocabulary import Kind
from referrals import policies as casework
from referrals.following import policies, reading
from referrals.following.vocabulary import ADDED_HOW, ADDED_PROTECT
from referrals.models import Case, Statement
from referrals.services import files
from referrals.vocabulary import QUESTIONS, Answer, KnownHow, Protect
from referrals.workflow import Status
from sharing.rules.vocabulary import Category, Purpose


@dataclass(frozen=True, repr=False)
class Addition:
    """What is new: the words, when it happened in words, how it is known, how it is protected."""

    what: str
    when: str
    known_how: KnownHow
    protect: Protect = Protect.NONE

    @property
    def text(self) -> str:
        """The words of the statement: what is new, then when."""
        return f"{self.what.strip()}\n\nWhen: {self.when.strip()}"


def look_before_adding(*, actor: Principal, reference: str) -> reading.Adding:
    """Say who will read what is added. It shows nothing of the case but its reference.

    Raises NotVisible or Refused.
    """
    case = casework.case_for(actor, reference)
    policies.require_follows(actor, case)
    return reading.adding(case)


@transaction.atomic
def add(*, actor: Principal, case: Case, added: Addition, key: UUID) -> Statement:
    """Add something new to a referral that was sent, with a date of its own; tell who looks after
    the case. What was sent before stays as it was.

    It is held by the sender's agency, so whoever may read this kind of what that agency holds may
    read it: nothing is shared that was not. `key` names the form, so that a double press adds it
    once. Raises NotVisible; Refused unless the actor sent it or leads the agency that did;
    DomainError without words or a time, for a way of knowing or a protection that an addition does
    not have, and when the case is no longer here.
    Legal source: Working Together to Safeguard Children 2023, chapter 1: share new information
    as it comes.
    """
    case = (
        Case.objects.select_for_update(of=("self",)).select_related("partnership").get(pk=case.pk)
    )
    referral = policies.sent_by_agency(actor, case)
    before = Statement.objects.filter(pk=key).first()
    if before is not None:
        return _added_before(actor, case, before, added)
    _insist_open(case)
    _insist(added)
    question = "added_child_said" if added.known_how is KnownHow.CHILD_SAID else "added"
    category = QUESTIONS[question].category
    statement = Statement.objects.create(
        pk=key,
        case=case,
        referral=referral,
        question=question,
        category=category,
        answer=Answer.GIVEN,
        text=added.text,
        known_how=added.known_how,
        agency=referral.agency,
        author_id=actor.membership_id,
        stated_at=timezone.now(),
        protect=added.protect,
    )
    cause = record(
        actor,
        "referral.added",
        case=case.pk,
        obj=("statement", statement.pk),
        subjects=[case.child_id],
        purpose=Purpose.SCREEN,
        fields=[str(category)],
    )
    for member in casework.on_duty(case):
        if member.pk != actor.membership_id:
            owe(
                recipient=member,
                kind=Kind.ADDED,
                reference=case.reference,
                case=case.pk,
                cause=cause,
            )
    return statement


def add_file(
    *,
    actor: Principal,
    case: Case,
    given: bytes,
    label: str,
    category: Category,
    protect: Protect,
    form: UUID,
) -> UUID:
    """Add a file to a referral that was sent. It is part of the case when it is clean, and those
    who look after the case are told then; until then nobody but the actor knows of it.

    It is held by the sender's agency, like words that are added, under the category that it is
    mostly about. `form` names the form, so that a double press adds the file once. The rules of
    the case's partnership hold, whichever others the actor's agency serves. Raises as `add` does
    when the actor may not, or when the case is no longer here; FileRefused and DomainError as
    `files.add` does.
    """
    key = policies.sent_by_agency(actor, case).key

    def insist() -> None:
        now = Case.objects.select_for_update(of=("self",)).select_related("partnership")
        found = now.get(referrals__key=key)
        # What the actor may is asked again now that the file has been looked into.
        policies.sent_by_agency(actor, found)
        _insist_open(found)

    _insist_open(case)
    _insist_told(protect)
    return files.add(
        actor=actor,
        key=key,
        given=given,
        label=label,
        category=category,
        protect=protect,
        insist=insist,
        case=case,
        form=form,
    )


def _added_before(actor: Principal, case: Case, before: Statement, added: Addition) -> Statement:
    mine = before.author_id == actor.membership_id and before.case_id == case.pk
    kept = (before.text, before.known_how, before.protect)
    if mine and kept == (added.text, added.known_how, added.protect):
        return before
    raise DomainError(
        "This was added before, with other words or another protection. Nothing is lost: that"
        " stands as it was, and this was not added. Protect or correct it on the case page, or"
        " open this page again to add more."
    )


def _insist_open(case: Case) -> None:
    if case.status == Status.WITHDRAWN:
        raise DomainError(
            "This referral was withdrawn, so nobody would act on what you add. Send a new one."
        )
    if case.status == Status.TRANSFERRED:
        raise DomainError(
            "This case was passed to another area, so nobody here would act on what you add."
            f" Nothing is lost. Ring the front door on {case.partnership.front_door_phone}."
        )


def _insist(added: Addition) -> None:
    if not added.what.strip():
        raise DomainError("Write what is new. A sentence is enough.")
    if not added.when.strip():
        raise DomainError("Write when it happened, or that you do not know.")
    if added.known_how not in ADDED_HOW:
        raise DomainError("Say how you know this.")
    _insist_told(added.protect)


def _insist_told(protect: Protect) -> None:
    if protect and protect not in ADDED_PROTECT:
        raise DomainError("What is added for others to read cannot be concealed from all of them.")
