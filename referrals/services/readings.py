"""Reading on the record: one case, a page of a list, a receipt."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from portal.accounts.vocabulary import Principal
from portal.audit.services import record
from portal.common.clock import is_open
from portal.common.errors import DomainError, NotVisible
from referrals import policies
from referrals.models import Case, Statement
from referrals.policies import Standing
from referrals.reading import Item, Reading, Summary, read, summaries
from referrals.vocabulary import State
from referrals.workflow import WAITING
from sharing.rules.vocabulary import Purpose


@dataclass(frozen=True, repr=False)
class Receipt:
    """What is true of a referral that was sent, for the person who sent it."""

    reference: str
    due_at: datetime
    is_decided: bool
    is_watched: bool
    front_door_phone: str
    out_of_hours_phone: str
    support_words: str


@dataclass(frozen=True, repr=False)
class Opened:
    """A case as whoever opens its page sees it, and how they stand to it."""

    case: Case
    stands: Standing
    reading: Reading


@transaction.atomic
def open_case(*, actor: Principal, reference: str) -> Opened:
    """Open a case on the record, as `read_case` does, with what the actor may do with it now.

    Raises NotVisible or Refused.
    """
    case = policies.case_for(actor, reference)
    stands = policies.standing(actor, case)
    return Opened(case, stands, read_opened(actor=actor, case=case))


@transaction.atomic
def read_case(*, actor: Principal, reference: str) -> Reading:
    """Open a case on the record: find it among the visible, resolve it, write the reading down.

    Whichever door asks, opening a child's record is an act: one event with the categories shown
    and the number withheld, in this transaction, before any byte leaves.
    Raises NotVisible or Refused.
    """
    return read_opened(actor=actor, case=policies.case_for(actor, reference))


def read_opened(*, actor: Principal, case: Case, others: Iterable[UUID] = ()) -> Reading:
    """The same of a case that a page has found among the visible, in the page's transaction.

    `others` are the cases of which it shows a row beside this one: the event names them.
    """
    purpose = policies.purpose_of(actor)
    found = read(actor, case, purpose)
    record(
        actor,
        "case.read",
        case=case.pk,
        subjects=[case.child_id],
        purpose=purpose,
        why=", ".join(sorted({trace.code for trace in found.traces})),
        fields=found.shown,
        withheld=found.withheld,
        ids=others,
    )
    return found


@dataclass(frozen=True, repr=False)
class OwnAnswer:
    """One answer, for somebody who answers for it. `text` is all of it, or "" if it is held back
    from them too. `conceals`: they may conceal that there is such an answer.
    """

    reference: str
    pk: UUID
    item: Item
    text: str
    wrote: bool
    conceals: bool


@transaction.atomic
def read_answer(*, actor: Principal, statement: Statement) -> OwnAnswer:
    """Open one answer on the record, for whoever protects, corrects or removes it.

    It is the item of the case's reading: an agency's lead is not shown here what its author
    protects from them there. `statement` comes from `policies.statement_for`. Raises NotVisible
    or Refused; DomainError when it is removed, or holds no words.
    """
    statement = policies.statement_for(
        actor, statement.case.reference, statement.pk, to="read all of"
    )
    case = statement.case
    purpose = policies.purpose_of(actor)
    found = read(actor, case, purpose).answered_for
    item = next((item for item in found if item.statement == statement.pk), None)
    if item is None:
        raise DomainError("This answer has been removed already, or holds no words.")
    record(
        actor,
        "case.read",
        case=case.pk,
        subjects=[case.child_id],
        purpose=purpose,
        fields=[] if item.concealed else [str(item.category)],
    )
    whole = item.state is State.SHOWN
    wrote = statement.author_id == actor.membership_id
    return OwnAnswer(
        reference=case.reference,
        pk=statement.pk,
        item=item,
        text=item.value or "" if whole else "",
        wrote=wrote,
        conceals=wrote and policies.may_be_concealed(statement),
    )


@transaction.atomic
def read_receipt(*, actor: Principal, reference: str) -> Receipt:
    """What the person who sent a referral reads when it is sent, now or from a bookmark.

    It shows nothing of the case but its reference and its clock. Raises NotVisible to anybody
    else, Refused to a board chair.
    """
    case = policies.case_for(actor, reference)
    if not policies.sent_by(actor, case):
        raise NotVisible("referral", reference)
    record(actor, "case.read", case=case.pk, subjects=[case.child_id], purpose=Purpose.SCREEN)
    area = case.partnership
    return Receipt(
        reference=case.reference,
        due_at=case.decision_due_at,
        is_decided=case.status not in WAITING,
        is_watched=is_open(timezone.now(), area.office_opens, area.office_closes),
        front_door_phone=area.front_door_phone,
        out_of_hours_phone=area.out_of_hours_phone,
        support_words=area.support_words,
    )


@transaction.atomic
def list_cases(*, actor: Principal, cases: Iterable[Case]) -> list[Summary]:
    """Resolve one page of a list and write down which cases were on it.

    `cases` comes from `policies.sights(actor)` or `policies.visible(actor)`, already cut to the
    page: at most 200 rows.
    """
    rows = summaries(actor, list(cases))
    record(
        actor,
        "case.listed",
        purpose=policies.purpose_of(actor),
        ids=[row.case_id for row in rows],
        fields=sorted({code for row in rows for code in row.shown}),
    )
    return rows
