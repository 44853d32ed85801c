"""The beginning that every verb shares, and taking an answer out of sight."""

from typing import Final

from django.db import transaction
from django.utils import timezone

from portal.accounts.vocabulary import Principal
from portal.audit.services import record
from portal.common.errors import DomainError
from portal.common.workflow import next_status
from portal.notifications.services import owe
from portal.notifications.vocabulary import Kind
from referrals import policies
from referrals.models import Case, Statement
from referrals.vocabulary import (
    Protect,
)
from referrals.workflow import TRANSITIONS, Action, Status

REASON_LENGTH: Final = 60
"""How many characters the reason for a removal may have."""


@transaction.atomic
def remove(*, actor: Principal, statement: Statement, why: str) -> Statement:
    """Take one answer out of everybody's sight, leaving a line that says when and why.

    Whoever wrote it, or leads the agency that holds it, decides that it is wrong or no longer
    needed. The words stay in the database, which never loses what was once sent. `why` is a few
    words that everybody with the case reads, such as "corrected record": at most 60 characters.

    Raises NotVisible; Refused to anybody else; DomainError without a reason, or with one that is
    too long, or when it has been removed before.
    Legal source: rectification and erasure, UK GDPR articles 16 and 17.
    """
    case = policies.case_for(actor, statement.case.reference)
    policies.require_more_than_emergency(actor, case)
    Case.objects.select_for_update().get(pk=case.pk)
    statement = Statement.objects.select_for_update().get(pk=statement.pk)
    policies.require_answers_for(actor, statement)
    why = why.strip()
    if not 0 < len(why) <= REASON_LENGTH:
        raise DomainError("Write why it is removed, in 60 characters or less.")
    if statement.removed_at is not None:
        raise DomainError("This has been removed already.")
    statement.removed_at = timezone.now()
    statement.removed_why = why
    statement.save(update_fields=["removed_at", "removed_why"])
    _record_removal(actor, case, statement)
    return statement


def _record_removal(actor: Principal, case: Case, statement: Statement) -> None:
    if statement.protect == Protect.EXISTENCE:
        # The case's own trail is read by people who may not know that there was such an answer.
        record(actor, "statement.removed", obj=("statement", statement.pk))
        return
    cause = record(
        actor,
        "statement.removed",
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


def begin(actor: Principal, action: Action, case: Case) -> Case:
    """Lock the case, then insist on policy and on the table; return the locked, fresh row.

    Every verb starts here, inside its transaction. The status is set on the row and not saved.
    Raises NotVisible, Refused, or DomainError when somebody else was first.
    """
    locked = Case.objects.select_for_update().get(pk=case.pk)
    policies.require(actor, action, locked)
    locked.status = next_status(TRANSITIONS, action, Status(locked.status))
    return locked
