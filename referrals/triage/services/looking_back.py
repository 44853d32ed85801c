"""Looking back: how a case was closed, and what those find who ask after the child again."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.utils import timezone

from portal.accounts.vocabulary import Principal, Role
from portal.audit.services import record
from portal.common.errors import DomainError
from portal.notifications.vocabulary import Kind
from referrals import policies
from referrals.models import Case, Closure, LookBack
from referrals.reading import Summary
from referrals.services import clocks, list_cases
from referrals.triage import policies as waiting
from referrals.triage.services.telling import tell
from referrals.vocabulary import ClockKind, Closing, ClosingQuestion, Found
from sharing.rules.vocabulary import Purpose

_REOPENED: Final = (
    "This case has been reopened meanwhile, so what you found is not recorded. Nothing that you"
    " wrote is lost. Copy it into a note, so that whoever works on the case reads it."
)


@dataclass(frozen=True, repr=False)
class Looked:
    """What one look at a closed case found."""

    by: str
    at: datetime
    safe: str
    words: str
    reopens: bool


@dataclass(frozen=True, repr=False)
class Closed:
    """A closure that holds, for those who oversee the case; and what a later look found."""

    pk: UUID
    reason: str
    words: str
    goes_on_with: str
    agreed_by: str
    told_referrer: str
    by: str
    at: datetime
    look_back_on: date | None
    answers: tuple[tuple[str, str, str], ...]
    looks: tuple[Looked, ...]
    is_due: bool


def closed(*, actor: Principal, case: Case) -> Closed | None:
    """How the case was closed; None while it is not, or to anybody who does not oversee it."""
    if not policies.oversees(actor, case):
        return None
    found = (
        case.closures.filter(reopened_at__isnull=True)
        .select_related("move", "closed_by__user", "closed_by__team")
        .first()
    )
    if found is None:
        return None
    return Closed(
        pk=found.pk,
        reason=Closing(found.reason).label,
        words=found.move.reason,
        goes_on_with=found.goes_on_with,
        agreed_by=found.agreed_by,
        told_referrer=found.told_referrer,
        by=f"{found.closed_by.user.name}, {Role(found.closed_by.team.role).label}",
        at=found.closed_at,
        look_back_on=found.look_back_on,
        answers=tuple(
            (asked.label, Found(said["answer"]).label, said["words"])
            for asked in ClosingQuestion
            if (said := found.answers.get(asked))
        ),
        looks=tuple(
            Looked(
                by=look.looked_by.user.name,
                at=look.looked_at,
                safe=Found(look.safe).label,
                words=f"{look.asked}: {look.words}",
                reopens=look.reopens,
            )
            for look in found.look_backs.select_related("looked_by__user").order_by("looked_at")
        ),
        is_due=waiting.look_backs(actor).filter(pk=case.pk).exists(),
    )


@transaction.atomic
def read_closure(*, actor: Principal, reference: str) -> Closed:
    """How a case was closed, on the record, for those who oversee it.

    Raises NotVisible, Refused; DomainError when it is not closed.
    """
    found = reread_closure(actor=actor, reference=reference)
    if found is None:
        raise DomainError("This case is not closed by a closure test.")
    return found


@transaction.atomic
def reread_closure(*, actor: Principal, reference: str) -> Closed | None:
    """The same for somebody who has typed something: None where it is not closed any more."""
    case = policies.case_for(actor, reference)
    policies.require_oversees(actor, case)
    found = closed(actor=actor, case=case)
    if found is None:
        return None
    record(
        actor,
        "case.read",
        case=case.pk,
        obj=("closure", found.pk),
        subjects=[case.child_id],
        purpose=policies.purpose_of(actor),
    )
    return found


@transaction.atomic
def look_back(
    *,
    actor: Principal,
    case: Case,
    safe: Found,
    asked: str,
    words: str,
    reopens: bool,
    seen: int = 0,
) -> LookBack:
    """Write down what somebody found who asked after the child of a closed case.

    `reopens` says that the case should be reopened, which is an act of its own. Where it says so,
    or does not find the child safe, whoever coordinates the case and its managers are told, and
    somebody is to look again until all is well. `seen` is how many looks the actor has read of.
    Raises NotVisible, Refused; DomainError when the case is not closed, when somebody has looked
    meanwhile, when its day has not come, or without who was asked and what they said.
    """
    case = Case.objects.select_for_update().get(pk=case.pk)
    policies.require_oversees(actor, case)
    standing = case.closures.filter(reopened_at__isnull=True)
    closure = standing.first()
    if closure is None and case.closures.exists():
        raise DomainError(_REOPENED)
    if closure is None:
        raise DomainError("This case is not closed by a closure test. Nothing has changed.")
    is_due = waiting.look_backs(actor).filter(pk=case.pk).exists()
    looks = closure.look_backs.count()
    if looks and not is_due:
        raise DomainError("Somebody has looked already. What you wrote is not recorded.")
    if looks != seen:
        raise DomainError(
            "Somebody else has looked meanwhile. Read what they found. Save again if yours adds"
            " to it: it is not recorded yet."
        )
    if not is_due:
        raise DomainError(
            "It is too early to look back. If you are worried about the child, reopen the case."
        )
    if not asked.strip() or not words.strip():
        raise DomainError("Write who was asked, and what they said.")
    now = timezone.now()
    made = LookBack.objects.create(
        closure=closure,
        safe=safe,
        asked=asked.strip(),
        words=words.strip(),
        reopens=reopens,
        looked_by_id=actor.membership_id,
        looked_at=now,
    )
    clocks.stop(case, [ClockKind.LOOK_BACK], now)
    cause = record(
        actor,
        "case.looked_back",
        case=case.pk,
        obj=("look_back", made.pk),
        subjects=[case.child_id],
        purpose=Purpose.SCREEN,
        why=str(safe),
    )
    if reopens or safe is not Found.YES:
        told = clocks.to_tell(case, managers=True)
        others = [each for each in told if each.pk != actor.membership_id]
        tell(others, Kind.LOOK_BACK, case, cause)
    return made


@transaction.atomic
def look_backs(*, actor: Principal) -> list[tuple[Summary, date]]:
    """The closed cases at which somebody is to look again now, the longest due first, recorded."""
    policies.require_triage(actor)
    standing = Closure.objects.filter(case=OuterRef("pk"), reopened_at__isnull=True)
    due = (
        waiting.look_backs(actor)
        .for_rows()
        .annotate(look_on=Subquery(standing.values("look_back_on")[:1]))
        .filter(look_on__isnull=False)
        .order_by("look_on", "reference")[:200]
    )
    found = {case.pk: case for case in due}
    rows = list_cases(actor=actor, cases=list(found.values()))
    return [(row, found[row.case_id].look_on) for row in rows]  # type: ignore[attr-defined]
