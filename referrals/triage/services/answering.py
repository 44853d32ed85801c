"""Saying yes or no to a decision that somebody else proposed."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from portal.accounts.vocabulary import Principal
from portal.common.errors import DomainError, NotVisible
from portal.common.moments import london
from portal.notifications.vocabulary import Kind
from referrals import policies as casework
from referrals.matching.models import Join
from referrals.models import Case, Decision, Proposal
from referrals.services import clocks
from referrals.triage import policies
from referrals.triage.services.asking import record_step
from referrals.triage.services.decisions import insist_on_time, settle
from referrals.triage.services.joining import insist_no_chain, link
from referrals.triage.services.telling import has_answered, owe_what_is_late, tell
from referrals.vocabulary import Asks, Outcome

_ANSWERED_LATE = "Whoever was asked to take the child on said yes after the decision was due."


@transaction.atomic
def answer(
    *, actor: Principal, pk: UUID, accepts: bool, words: str = "", late_reason: str = ""
) -> Decision | Proposal:
    """Say yes or no to a decision that was proposed; yes makes it the decision.

    A second person at the front door confirms it. An allocated worker or an area takes the child
    on; for one that does not work in here somebody who oversees the case writes down, in `words`,
    who said yes and when. It is never who proposed it, who may only take it back. No says why.
    Where those who take the child on say yes late, that is kept, and they are not asked why.

    Raises NotVisible; Refused to who proposed it, and to whoever would speak for a worker or an
    area that answers in here; DomainError when it is answered already (it says by whom), without
    words where they are needed, or when it is late by now and nothing says why.
    """
    case, leading = _held(pk)
    found = Proposal.objects.select_related(
        "case__partnership",
        "to_area",
        "owner",
        "proposed_by__user",
        "proposed_by__team__agency",
        "answered_by__user",
        "joining",
    )
    made = found.get(pk=pk)
    made.case = case
    now, words = timezone.now(), words.strip()
    _insist_not_answered(actor, case, made)
    taken_back = not accepts and made.proposed_by_id == actor.membership_id
    if taken_back:
        casework.require_oversees(actor, case)
    else:
        policies.require_answers(actor, made)
    takes_on = made.asks != Asks.SECOND
    by_hand = takes_on and not policies.works_in_here(made)
    if not words and (by_hand or not accepts):
        raise DomainError(
            "Write who said yes, and when." if accepts else "Write why not. A sentence is enough."
        )
    if accepts:
        if leading is not None:
            _join(actor, case, leading, made)
        clocks.carry_on(actor, case, now)
        asked_late = _ANSWERED_LATE if takes_on and not by_hand else ""
        given = made.late_reason or late_reason.strip() or asked_late
        made.late_reason = insist_on_time(case, given, now)
    made.answered_at, made.answered_by_id = now, actor.membership_id
    made.accepted, made.answer_words = accepts, words
    made.save(update_fields=["answered_at", "answered_by", "accepted", "answer_words"])
    act = "decision.confirmed" if accepts else "decision.declined"
    cause = record_step(actor, act, case, ("proposal", made.pk), Outcome(made.outcome))
    has_answered(case)
    if not taken_back:
        tell([made.proposed_by], Kind.SECOND_ANSWERED, case, cause)
    if not accepts:
        owe_what_is_late(case, now, cause)
        return made
    return settle(actor, case, made, now, confirmed_by=actor.membership_id)


def _insist_not_answered(actor: Principal, case: Case, made: Proposal) -> None:
    """Say by whom, and when, if somebody has answered, or withdrew what it was about."""
    if made.answered_at is None or made.answered_by is None:
        return
    casework.require_oversees(actor, case)
    at = london(made.answered_at)
    if case.referrals.filter(author=made.answered_by).exists():
        raise DomainError(
            f"The person who sent this withdrew it on {at}. Your answer was not recorded. Read why"
            " they did, and decide then."
        )
    raise DomainError(
        f"{made.answered_by.user.name} answered this already, on {at}. Nothing has changed."
    )


def _join(actor: Principal, case: Case, leading: Case, made: Proposal) -> None:
    """Join them as it was proposed, before anything is written to one trail alone."""
    insist_no_chain(actor, case, leading)
    why, first = made.joining.reason, made.joining.shown_first
    link(actor, case, leading, Join(reason=why, shown_first=first, by_id=made.proposed_by_id))


def _held(pk: UUID) -> tuple[Case, Case | None]:
    """Lock the case that was proposed about, and the one that it would be joined to, in order."""
    known = Proposal.objects.filter(pk=pk).values_list("case_id", "joining__leading_id").first()
    if known is None:
        raise NotVisible("proposal", str(pk))
    locked = Case.objects.select_for_update(of=("self",)).select_related("partnership")
    found = {case.pk: case for case in locked.filter(pk__in=filter(None, known)).order_by("pk")}
    return found[known[0]], found.get(known[1])
