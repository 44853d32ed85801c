"""Closing a case with the closure test, looking at the child again, and reopening.

Children were taken off lists too early, while they were still being harmed (Independent Inquiry
into Child Sexual Abuse, 2022): so a case is closed by answers and not by a sentence alone, and
somebody asks after the child once more.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from portal.accounts import policies as people
from portal.accounts.models import Membership
from portal.accounts.vocabulary import Principal, Role
from portal.audit.services import record
from portal.common.clock import LONDON
from portal.common.errors import DomainError
from portal.common.workflow import next_status
from portal.notifications.services import owe
from portal.notifications.vocabulary import Kind
from referrals import policies
from referrals.actions.services import insist_none_open
from referrals.assessments import policies as assessments
from referrals.matching.models import Join
from referrals.models import Case, Closure, Decision, Move
from referrals.services import begin, clocks, end_panel_grants
from referrals.triage import policies as waiting
from referrals.triage.services.telling import (
    has_acted,
    tell,
    tell_referrers,
    tell_who_had_it,
)
from referrals.vocabulary import (
    MOST_GAPS,
    SIGNS_OF_HARM,
    TESTS,
    ClockKind,
    Closing,
    ClosingQuestion,
    Found,
    Outcome,
)
from referrals.workflow import TRANSITIONS, Action, Status
from sharing.rules.vocabulary import Purpose


@dataclass(frozen=True, repr=False)
class Answered:
    """One answer of the closure test, with the words that go with it."""

    answer: Found
    words: str = ""


@dataclass(frozen=True, repr=False)
class Ending:
    """How a case is to be closed, as it was typed.

    `words` say why; `goes_on_with` is who works with the child from now on, or who accepted them;
    `agreed_by` is who agreed; `answers` has one for each question of the closure test.
    """

    reason: Closing
    words: str
    goes_on_with: str
    agreed_by: str
    told_referrer: str
    answers: Mapping[ClosingQuestion, Answered]


@transaction.atomic
def close(*, actor: Principal, case: Case, ending: Ending) -> Closure:
    """Close a case by the closure test, and return the closure, which never changes.

    What the panel was given ends; whoever else could read the case is told that work on it is
    over, and who referred reads what is written for them. Ninety days on somebody looks at the
    child again, unless the child has died.

    Raises NotVisible, Refused, or DomainError: somebody else was first; a step beside the decision
    is not done, or a decision waits for a yes; an answer or its words are missing; more than 30 %
    of the answers are "not known"; it takes a manager, because there may be a sign of harm; another
    person has not said yes to the end of the work before; or the work is to go on in a case to
    which this one is not joined.
    """
    case = begin(actor, Action.CLOSE, case)
    # As it stands in the database: the step is not written yet.
    insist_may_close(actor, Case.objects.get(pk=case.pk))
    if ending.reason is Closing.JOINED and not Join.objects.current().filter(joined=case).exists():
        raise DomainError(
            "This case is not joined to another one, so the work goes on nowhere else. Join it"
            " first, or select another reason. Nothing has changed."
        )
    answers = _insist_on_answers(ending)
    signs = any(ending.answers[asked].answer is not Found.NO for asked in SIGNS_OF_HARM)
    if signs and actor.role is not Role.MANAGER:
        raise DomainError(waiting.TAKES_A_MANAGER)
    now = timezone.now()
    case.coordinator_id = case.coordinator_id or actor.membership_id
    case.save(update_fields=["status", "coordinator"])
    clocks.stop(case, ClockKind, now)
    # Nobody asks after a child who has died: what happened to them is for the child death process.
    died = ending.reason is Closing.DIED
    clock = None if died else clocks.start(case, ClockKind.LOOK_BACK, now)
    move = Move.objects.create(
        case=case,
        action=Action.CLOSE,
        reason=ending.words.strip(),
        moved_by_id=actor.membership_id,
    )
    closure = Closure.objects.create(
        case=case,
        move=move,
        reason=ending.reason,
        goes_on_with=ending.goes_on_with.strip(),
        answers=answers,
        agreed_by=ending.agreed_by.strip(),
        told_referrer=ending.told_referrer.strip(),
        closed_by_id=actor.membership_id,
        closed_at=now,
        look_back_on=clock.due_at.astimezone(LONDON).date() if clock else None,
    )
    readers = _readers(case)
    end_panel_grants(actor, case, "The case was closed.")
    cause = _record(actor, "case.closed", case, ("closure", closure.pk), str(ending.reason))
    for member in readers:
        owe(recipient=member, kind=Kind.CLOSED, reference="", case=case.pk, cause=cause)
    tell_referrers(case, Kind.MOVED, cause)
    has_acted(case)
    return closure


def insist_may_close(actor: Principal, case: Case) -> None:
    """Insist, before anybody answers a question, that nothing but the answers is missing.

    Raises DomainError: it is closed, or not decided; it takes another person or a manager; or
    something is not done yet.
    """
    next_status(TRANSITIONS, Action.CLOSE, Status(case.status))
    waiting.require_closes(actor, case)
    insist_none_open(case)
    if case.sides.filter(done_at__isnull=True).exists():
        raise DomainError(
            "A step beside the decision is not done. Finish it first: the case is not closed."
        )
    if case.proposals.filter(answered_at__isnull=True).exists():
        raise DomainError("A decision waits for a yes. Answer it first: the case is not closed.")
    assessments.insist_may_close(case)


def _insist_on_answers(ending: Ending) -> dict[str, dict[str, str]]:
    """The answers as they are kept. Raises DomainError for what is missing."""
    needed = {
        "Write why the case is closed. A sentence is enough.": ending.words,
        "Write who works with the child from now on.": ending.goes_on_with,
        "Write who agreed to close the case.": ending.agreed_by,
        "Write what we can tell the person who referred.": ending.told_referrer,
    }
    for says, words in needed.items():
        if not words.strip():
            raise DomainError(says)
    for asked, test in TESTS.items():
        said = ending.answers.get(asked)
        if said is None:
            raise DomainError(f"Answer every question: {asked.label}")
        if said.answer is not test.fine and not said.words.strip():
            raise DomainError(f"{asked.label} {test.hint}")
    gaps = [each for each in ending.answers.values() if each.answer is Found.NOT_KNOWN]
    if len(gaps) * 100 > MOST_GAPS * len(TESTS):
        raise DomainError(
            f"Too little is known to close this case: {len(gaps)} of {len(TESTS)} answers are"
            " not known. Find out more first. The case stays open, and nothing is lost."
        )
    return {
        str(asked): {"answer": str(said.answer), "words": said.words.strip()}
        for asked, said in ending.answers.items()
    }


def _readers(case: Case) -> list[Membership]:
    """Whoever can read the case now, but for the front door and those who sent it."""
    teams = [
        team for team in policies.opened_teams(case) if Role(team.role) not in policies.FRONT_DOOR
    ]
    sent = case.referrals.values("author")
    return list(people.live_memberships(teams).exclude(pk__in=sent))


@dataclass(frozen=True, repr=False)
class Again:
    """How a case is to be reopened: why, what who referred is told, whose it is, and until when."""

    reason: str
    told_referrer: str
    owner: UUID
    next_on: date


@transaction.atomic
def reopen(*, actor: Principal, case: Case, again: Again) -> Decision:
    """Open a closed case once more, by a decision with a reason, an owner and the next date.

    The closure stays as it was written. Nobody sees more than before: what the panel was given has
    ended, and is given again only by another recorded decision.

    Raises NotVisible, Refused, or DomainError: it is not closed; a reason or the words for who
    referred are missing; the day has passed; or the owner does not work at its front door.
    """
    case = begin(actor, Action.REOPEN, case)
    reason, told = again.reason.strip(), again.told_referrer.strip()
    if not reason:
        raise DomainError("Write why the case is reopened. A sentence is enough.")
    if not told:
        raise DomainError("Write what we can tell the person who referred.")
    now = timezone.now()
    if again.next_on < now.astimezone(LONDON).date():
        raise DomainError("The day on which it is looked at next cannot have passed.")
    owner = _owner(case, again.owner)
    held = case.coordinator
    case.coordinator = owner
    case.save(update_fields=["status", "coordinator"])
    case.closures.filter(reopened_at__isnull=True).update(reopened_at=now)
    case.decisions.filter(superseded_at__isnull=True).update(superseded_at=now)
    decision = Decision.objects.create(
        case=case,
        outcome=Outcome.REOPENED,
        reason=reason,
        told_referrer=told,
        decided_by_id=actor.membership_id,
        decided_at=now,
        owner=owner,
        next_on=again.next_on,
    )
    clocks.stop(case, [ClockKind.LOOK_BACK], now)
    cause = _record(
        actor, "case.reopened", case, ("decision", decision.pk), str(Outcome.REOPENED), owner.pk
    )
    tell_referrers(case, Kind.DECIDED, cause)
    if owner.pk != actor.membership_id:
        tell([owner], Kind.GIVEN, case, cause)
    tell_who_had_it(actor, case, held, cause)
    return decision


def insist_may_reopen(case: Case) -> None:
    """Insist, before anybody writes why, that the case is closed. Raises DomainError."""
    next_status(TRANSITIONS, Action.REOPEN, Status(case.status))


def owners(actor: Principal, case: Case) -> list[tuple[str, str]]:
    """Who may go on with the case, as choices: the actor first."""
    door = sorted(policies.at_front_door(case), key=lambda each: each.pk != actor.membership_id)
    return [(str(each.pk), f"{each.user.name}, {Role(each.team.role).label}") for each in door]


def _owner(case: Case, pk: UUID) -> Membership:
    member = next((each for each in policies.at_front_door(case) if each.pk == pk), None)
    if member is None:
        raise DomainError("Select who goes on with it. Nothing has been changed.")
    return member


def _record(
    actor: Principal, act: str, case: Case, obj: tuple[str, UUID], why: str, *ids: UUID
) -> UUID:
    return record(
        actor,
        act,
        case=case.pk,
        obj=obj,
        subjects=[case.child_id],
        purpose=Purpose.SCREEN,
        why=why,
        ids=ids,
    )
