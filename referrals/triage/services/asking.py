"""Asking somebody for their yes to a decision, and ending what was only asked."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from portal.accounts import policies as people
from portal.accounts.models import Membership
from portal.accounts.vocabulary import Principal, Role
from portal.audit.services import record
from portal.common.errors import DomainError
from portal.notifications.services import owe
from portal.notifications.vocabulary import Kind
from referrals import policies as casework
from referrals.models import Case, Proposal
from referrals.triage import policies
from referrals.triage.services.telling import has_answered, tell
from referrals.vocabulary import Asks, Outcome
from sharing.rules.vocabulary import Purpose


def ask(
    actor: Principal, case: Case, made: Proposal, cause: UUID, *, joins: UUID | None = None
) -> None:
    """Tell whoever can say yes that it is asked. `joins`: another case, which they oversee too.

    Raises DomainError when it takes a second person and nobody else who may know of the case at
    this moment could be one.
    """
    if made.asks == Asks.SECOND:
        me = Membership.objects.select_related("team").get(pk=actor.membership_id)
        can = [each for each in casework.at_front_door(case) if policies.seconds(case, me, each)]
        if joins is not None:
            can = [each for each in can if policies.may_join(each.principal(), case.pk, joins)]
        if not can:
            raise DomainError(
                "This takes a second person, and nobody else at the front door could be one."
                " Nothing is recorded. Choose another outcome, or ring a manager."
            )
        tell(can, Kind.SECOND_ASKED, case, cause)
        return
    asked: Iterable[Membership] = [made.owner] if made.owner else []
    if made.to_area:
        teams = people.teams_in(made.to_area, Role.COORDINATOR, Role.MANAGER)
        asked = people.live_memberships(teams).exclude(user=actor.user_id)
    for member in asked:
        # They read nothing of the case by being asked: whoever hands it over tells them.
        owe(recipient=member, kind=Kind.HANDED_OVER, reference="", case=case.pk, cause=cause)


def end_what_waits(
    actor: Principal, case: Case, now: datetime, why: str, *, on_record_as: Principal | None
) -> None:
    """End a decision that only waits for a yes, if there is one; whoever proposed it hears so.

    `on_record_as`: under whose name the case's trail says so, or the portal's own.
    The caller holds the case.
    """
    waits = case.proposals.filter(answered_at__isnull=True).select_related("proposed_by").first()
    if waits is None:
        return
    waits.answered_at, waits.accepted = now, False
    waits.answered_by_id, waits.answer_words = actor.membership_id, why
    waits.save(update_fields=["answered_at", "accepted", "answered_by", "answer_words"])
    outcome = Outcome(waits.outcome)
    cause = record_step(on_record_as, "decision.declined", case, ("proposal", waits.pk), outcome)
    has_answered(case)
    if waits.proposed_by_id != actor.membership_id:
        tell([waits.proposed_by], Kind.SECOND_ANSWERED, case, cause)


def record_step(
    actor: Principal | None, act: str, case: Case, obj: tuple[str, UUID], outcome: Outcome
) -> UUID:
    """Write into the ledger what became of a decision, and return the event's id."""
    return record(
        actor,
        act,
        case=case.pk,
        obj=obj,
        subjects=[case.child_id],
        purpose=Purpose.SCREEN,
        why=str(outcome),
    )
