"""Who hears of what the front door did."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

from portal.accounts.models import Membership
from portal.accounts.vocabulary import Principal
from portal.notifications.services import attended, owe
from portal.notifications.vocabulary import Kind
from referrals.models import Case, Referral
from referrals.services import clocks
from referrals.vocabulary import ClockKind
from referrals.workflow import ON_BOARD

_WAITED_FOR: Final = frozenset({Kind.TO_TRIAGE, Kind.CHASED, Kind.CLOCK_NEAR, Kind.CLOCK_PASSED})
_ASKED: Final = frozenset({Kind.SECOND_ASKED, Kind.HANDED_OVER})


def has_acted(case: Case) -> None:
    """What asked the front door to act on the case rests: nobody else is told that it has not."""
    attended(case=case.pk, kinds=_WAITED_FOR)


def has_answered(case: Case) -> None:
    """What asked for another's yes rests, whatever the answer was."""
    attended(case=case.pk, kinds=_ASKED)


def owe_what_is_late(case: Case, now: datetime, cause: UUID) -> None:
    """Tell whoever answers for the case that its decision is late, if it is, and owed again."""
    if case.status not in ON_BOARD or now <= case.decision_due_at:
        return
    if case.clocks.running().filter(kind=ClockKind.DECISION).exists():
        tell(clocks.to_tell(case, managers=True), Kind.CLOCK_PASSED, case, cause)


def tell(people: Iterable[Membership], kind: Kind, case: Case, cause: UUID) -> None:
    """Owe each of these people a notice about the case."""
    for member in people:
        owe(recipient=member, kind=kind, reference=case.reference, case=case.pk, cause=cause)


def tell_who_had_it(actor: Principal, case: Case, held: Membership | None, cause: UUID) -> None:
    """Tell whoever had the case that somebody else has it now, unless they did it or have left."""
    if held is None or held.has_ended or held.pk in (actor.membership_id, case.coordinator_id):
        return
    tell([held], Kind.PASSED_ON, case, cause)


def tell_referrers(case: Case, kind: Kind, cause: UUID) -> None:
    """Owe a notice to everybody who sent a referral of the case."""
    sent = Referral.objects.filter(case=case).select_related("author")
    tell((referral.author for referral in sent), kind, case, cause)
