"""Joining a referral to the case in which the work goes on: a decision like any, undone in time."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.utils import timezone

from portal.accounts.vocabulary import Principal, Role
from portal.common.errors import DomainError
from portal.notifications.vocabulary import Kind
from referrals import policies as casework
from referrals.matching import policies as pairs
from referrals.matching import services as matching
from referrals.matching.models import MAY_BE_UNDONE_FOR, Join, Judgement, ProposedJoin
from referrals.matching.reading import Row
from referrals.matching.vocabulary import Verdict
from referrals.models import Case, Decision, Proposal
from referrals.reading import Summary
from referrals.services import clocks
from referrals.services.signs import keep_signs
from referrals.triage import policies
from referrals.triage.services.decisions import Then, decide, insist_first
from referrals.triage.services.prioritising import give
from referrals.triage.services.telling import tell
from referrals.triage.workflow import APART
from referrals.vocabulary import ClockKind, Outcome, Priority
from referrals.workflow import OVER, WAITING, Status

DECIDED: Final = "It is taken further together with what is known already."
RAISED: Final = "What is known by now makes it more pressing."
"""Why a join makes a case more pressing. Whoever reads it need not know of the other case."""
_NOT_NOW: Final = "These two cannot be joined now. Ask a manager."
_JOINED_ALREADY: Final = "This case is joined to another one already."
_LEADS_OTHERS: Final = "Other cases are joined to this one. Undo those joins first."
_LEADS_NOT: Final = "The other case is itself joined to another one. Join this one to that."
_URGENCY: Final = (Priority.IMMEDIATE, Priority.URGENT, Priority.STANDARD)
_WHO_IT_IS: Final = ("name", "birth")


@dataclass(frozen=True, repr=False)
class Joining:
    """What joining a referral to another case would do: to whom nothing is shown, and is it late.

    `differing` are the questions that the two answer in different words. `unseen` are the teams
    that work on the other case and do not see this referral. `takes_two`: it waits for another's
    yes.
    """

    mine: Summary
    theirs: Summary
    differing: tuple[Row, ...]
    unseen: tuple[str, ...]
    is_late: bool
    takes_two: bool

    @property
    def who_differs(self) -> tuple[Row, ...]:
        """The name and the birth date, where both differ: then it may well be another child."""
        found = tuple(row for row in self.differing if row.key in _WHO_IT_IS)
        return found if len(found) == len(_WHO_IT_IS) else ()


@transaction.atomic
def look_before_joining(*, actor: Principal, reference: str, other: str) -> Joining:
    """What joining this referral to the other case would do, on the record of both.

    Raises NotVisible; Refused unless the actor coordinates or manages both.
    """
    found = matching.compare(actor=actor, reference=reference, other=other)
    case = pairs.case_to_match(actor, reference)
    here, there = (_teams(each) for each in (case, pairs.other_case(actor, case, other)))
    return Joining(
        mine=found.mine,
        theirs=found.theirs,
        differing=tuple(row for row in found.rows if row.differs),
        unseen=tuple(sorted(there - here)),
        is_late=case.status in WAITING and case.decision_due_at < timezone.now(),
        takes_two=policies.asks(actor, case, Outcome.JOINED) is not None,
    )


def _teams(case: Case) -> set[str]:
    return {f"{Role(team.role).label}, {team.agency.name}" for team in casework.opened_teams(case)}


@transaction.atomic
def join(
    *,
    actor: Principal,
    reference: str,
    other: str,
    reason: str,
    told_referrer: str,
    late_reason: str = "",
    shown_first: Mapping[str, str] | None = None,
) -> Join | Proposal:
    """Join a referral that waits for its decision to the other case, where the work goes on.

    Same child and same case: that is the decision on this referral, recorded as any decision is,
    and whoever sent it hears. It links the two and moves nothing. Grants stay bound to the case
    that they were given for, so nobody sees anything more; what somebody needs of the joined
    referral is shared with them as ever. The other case becomes as urgent as this one, and a sign
    of harm that was told here counts there. `shown_first` says by question which case's value
    people should use: "mine" (this one's) or "theirs"; both are kept. Where the partnership's
    settings ask for a second person it is a proposal until they say yes, and is returned as one.

    Raises NotVisible; Refused unless the actor coordinates or manages both; DomainError when
    somebody else has decided (it says who and when), when this case does not wait for a decision,
    when either is joined already or leads others, when the children have different NHS numbers, or
    when words are missing.
    """
    case, leading = matching.hold_both(actor, reference, other)
    if not reason.strip():
        raise DomainError("Write why it is the same child and the same case.")
    insist_first(case)
    if case.status not in WAITING:
        raise DomainError(
            "Only a referral that waits for its decision is joined to another case. Mark the two"
            " as the same child instead. Nothing has been changed."
        )
    insist_no_chain(actor, case, leading)
    first = dict(shown_first or {})
    made = None
    if policies.asks(actor, case, Outcome.JOINED) is None:
        # Before the decision: both trails are written in one order, whoever writes to both.
        made = Join(reason=reason.strip(), shown_first=first, by_id=actor.membership_id)
        link(actor, case, leading, made)
    decision = decide(
        actor=actor,
        case=case,
        outcome=Outcome.JOINED,
        # Whoever reads the decision need not know of the other case: why stands with the join.
        reason=DECIDED,
        told_referrer=told_referrer,
        late_reason=late_reason,
        then=Then(joins=leading.pk),
    )
    if made is not None:
        return made
    assert isinstance(decision, Proposal)  # noqa: S101
    matching.insist_may_be_one(case, leading)
    ProposedJoin.objects.create(
        proposal=decision, leading=leading, reason=reason.strip(), shown_first=first
    )
    return decision


def link(actor: Principal, case: Case, leading: Case, made: Join) -> Join:
    """Link the two, which the caller holds and about which it has decided; tell who goes on.

    That they are one child is the judgement of `made.by`. Raises DomainError where they are two.
    """
    matching.insist_may_be_one(case, leading)
    judged = Judgement.objects.current().about(case).about(leading).first()
    if judged is None or judged.verdict != Verdict.SAME:
        judged = matching.mark(actor, case, leading, Verdict.SAME, made.reason, by=made.by_id)
    made.joined, made.leading, made.judgement = case, leading, judged
    made.save()
    cause = matching.record_both(actor, "match.joined", ("join", made.pk), case, leading)
    _carry(actor, case, leading, made)
    tell(casework.on_duty(leading), Kind.ADDED, leading, cause)
    return made


def _carry(actor: Principal, case: Case, leading: Case, made: Join) -> None:
    """Who goes on with the work answers for the more urgent of the two, and for a sign of harm.

    Both are held, and both trails were written to, in their order. What was told openly counts, and
    nothing that is concealed.
    """
    to = Priority(min(leading.priority, case.priority, key=_URGENCY.index))
    if to != leading.priority:
        give(actor, leading, to, RAISED, by=made.by_id)
    clocks.read_sooner(leading, timezone.now())
    if case.harm_sign:
        leading.sign_carried = True
        keep_signs(leading)


def _give_back(leading: Case) -> None:
    """Take back a sign of harm that no case tells any more that is joined to this one.

    Its priority stays: nothing says whether it would be urgent for another reason by now, and a
    child is not made less pressing without somebody who says why.
    """
    told = Join.objects.current().filter(leading=leading, joined__harm_sign=True).exists()
    if leading.sign_carried and not told:
        leading.sign_carried = False
        keep_signs(leading)


def insist_no_chain(actor: Principal, case: Case, leading: Case) -> None:
    """Raise DomainError where the other case does not lead, or is over. Both are held.

    Of a third case it speaks only to whoever may know of that one.
    """
    if leading.status in OVER:
        raise DomainError(
            "The work on the other case is over, so nobody would go on with this one. Decide this"
            " referral, and mark the two as the same child. Nothing has been changed."
        )
    current = Join.objects.current()
    for joins, third, why in (
        (current.filter(joined=case), "leading", _JOINED_ALREADY),
        (current.filter(leading=case), "joined", _LEADS_OTHERS),
        (current.filter(joined=leading), "leading", _LEADS_NOT),
    ):
        thirds = set(joins.values_list(third, flat=True))
        if thirds:
            known = casework.visible(actor).filter(pk__in=thirds).exists()
            raise DomainError(why if known else _NOT_NOW)


@transaction.atomic
def undo(*, actor: Principal, reference: str, other: str, why: str) -> Join:
    """Undo a join within 30 days: the link ends, and a decision on the referral is owed again.

    The join, its decision and its events stay on record. That it is the same child still holds,
    until that is taken back. A case that has gone on since it was joined stays where it is. A sign
    of harm that was told in the joined case alone no longer counts in the other one; how urgent
    that one has become stays, until a person changes it.

    Raises NotVisible; Refused unless the actor coordinates or manages both; DomainError without a
    reason, when the two are not joined, while the joined case is closed, and after 30 days.
    """
    case, beside = matching.hold_both(actor, reference, other)
    if not why.strip():
        raise DomainError("Write why. A sentence is enough.")
    pair = (case, beside)
    held = Join.objects.current().filter(joined__in=pair, leading__in=pair).first()
    if held is None:
        raise DomainError("These two cases are not joined now. Nothing has been changed.")
    if timezone.now() > held.joined_at + MAY_BE_UNDONE_FOR:
        raise DomainError(
            f"This was joined more than {MAY_BE_UNDONE_FOR.days} days ago, so it stays joined."
            " Send a new referral if the child needs one."
        )
    joined = case if held.joined_id == case.pk else beside
    if joined.status == Status.CLOSED:
        raise DomainError(
            f"{joined.reference} is closed, so nobody would go on with it. Reopen it first, then"
            " undo the join. Nothing has been changed."
        )
    matching.end(actor, held, why.strip())
    _give_back(case if held.leading_id == case.pk else beside)
    cause = matching.record_both(actor, "match.undone", ("join", held.pk), case, beside)
    if _owe_a_decision(joined):
        tell(casework.on_duty(joined), Kind.TO_TRIAGE, joined, cause)
    return held


def _owe_a_decision(case: Case) -> bool:
    """Put the referral back on the board if its decision was to join it; tell whether it was.

    Its clock runs again, to the time that was promised at first.
    """
    decision = Decision.objects.filter(
        case=case, superseded_at__isnull=True, outcome=Outcome.JOINED
    ).first()
    if decision is None or case.status not in APART.sources:
        return False
    now = timezone.now()
    decision.superseded_at = now
    decision.save(update_fields=["superseded_at"])
    case.status, case.decided_at = Status(APART.target), None
    case.save(update_fields=["status", "decided_at"])
    clocks.start(case, ClockKind.DECISION, now)
    return True
