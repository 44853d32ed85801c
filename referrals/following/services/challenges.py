"""Disagreeing with a decision: raised, taken further, answered; a row each, on the record.

What nobody answers in its time goes to the next step by itself.
"""

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from django.db import transaction
from django.utils import timezone

from portal.accounts.models import Membership, Partnership
from portal.accounts.vocabulary import Principal, Role
from portal.audit.services import record
from portal.common.clock import add_working_days, is_open
from portal.common.errors import DomainError
from portal.notifications.models import Notice
from portal.notifications.services import attended, owe
from portal.notifications.vocabulary import Kind
from referrals import policies as casework
from referrals.following import policies, reading
from referrals.following.models import Answer, Challenge, Escalation
from referrals.following.services.chased import working_day
from referrals.following.vocabulary import Result, Stage, Urgency, ladder, next_stage
from referrals.models import Case
from referrals.workflow import Status
from sharing.rules.vocabulary import Purpose

log = logging.getLogger(__name__)

NOTHING_YET = frozenset({Status.RECEIVED, Status.CHECKING, Status.WITHDRAWN})
"""Statuses in which there is nothing to disagree with."""


@dataclass(frozen=True, repr=False)
class Disagreement:
    """Why somebody disagrees, what should happen instead, and how soon it needs an answer."""

    reason: str
    wanted: str
    urgency: Urgency


@transaction.atomic
def read_challenges(*, actor: Principal, reference: str) -> reading.Challenges:
    """Read the disagreements on a case, on the record. Those who sent it see their own agency's.

    Raises NotVisible; Refused unless the actor follows the referral or oversees the case.
    """
    case = casework.case_for(actor, reference)
    policies.require_reads_challenges(actor, case)
    found = reading.challenges(actor, case)
    record(
        actor,
        "decision.challenge_read",
        case=case.pk,
        subjects=[case.child_id],
        purpose=Purpose.SCREEN,
        ids=[one.pk for one in found.raised],
    )
    return found


@transaction.atomic
def disagree(*, actor: Principal, case: Case, said: Disagreement, key: UUID) -> Challenge:
    """Disagree with a decision. The front door's managers and the sender's agency lead are told.

    When a child could come to harm the first stages are skipped. `key` names the form, so that a
    double press raises it once. Raises NotVisible; Refused unless the actor follows the referral;
    DomainError before there is anything to disagree with, without a reason or what should happen,
    while the agency's last disagreement waits for its answer, and for other words with a key.
    Clock: the partnership's escalation procedure; by default one working day, or four hours.
    """
    case = _locked(case)
    policies.require_follows(actor, case)
    before = Challenge.objects.filter(pk=key).first()
    if before is not None:
        return _raised_before(actor, case, before, said)
    _insist(actor, case, said)
    now = timezone.now()
    made = Challenge.objects.create(
        pk=key,
        case=case,
        agency_id=actor.agency_id,
        by_id=actor.membership_id,
        reason=said.reason.strip(),
        wanted=said.wanted.strip(),
        urgency=said.urgency,
        raised_at=now,
    )
    stages = ladder(case.partnership.escalation)
    first = next(
        (s for s in stages if said.urgency is Urgency.SOON or s.immediate_hours), stages[-1]
    )
    _take(actor, made, first, at=now)
    cause = _record(actor, "decision.challenged", made)
    _tell_stage(actor, made, first, cause)
    return made


@transaction.atomic
def escalate(*, actor: Principal, case: Case, why: str) -> Escalation:
    """Take the agency's disagreement to the next step of the ladder. The same press again, from
    the same person, changes nothing.

    Raises NotVisible; Refused unless the actor follows the referral; DomainError without a
    disagreement or a reason, while this step's time to answer runs, or when there is no step left.
    """
    case = _locked(case)
    policies.require_follows(actor, case)
    challenge = _latest(case, agency=actor.agency_id)
    step = reading.last_step(challenge)
    if not why.strip():
        raise DomainError("Write why you take it further. A sentence is enough.")
    now = timezone.now()
    if not Answer.objects.filter(step=step).exists() and now < step.due_at:
        if (step.by_id, step.why) == (actor.membership_id, why.strip()):
            return step
        raise DomainError("They still have time to answer this step. You can take it further then.")
    stages = ladder(case.partnership.escalation)
    ahead = next_stage(stages, step.stage, Urgency(challenge.urgency))
    if ahead is None:
        raise DomainError(
            "This was the last step of the procedure. Ring the safeguarding partners."
            f" The front door gives you the number: {case.partnership.front_door_phone}."
        )
    taken = _take(actor, challenge, ahead, at=now, why=why.strip())
    cause = _record(actor, "decision.escalated", challenge)
    _tell_stage(actor, challenge, ahead, cause)
    return taken


@transaction.atomic
def answer_challenge(
    *, actor: Principal, case: Case, pk: UUID, stage: int, result: Result, words: str
) -> Answer:
    """Answer the step that a disagreement has reached, once; who raised it is told. The same
    answer from the same person again changes nothing.

    `stage` is the step that the actor has read. Raises NotVisible; Refused unless the actor is a
    manager of the case, and at the first stage when the decision is their own; DomainError without
    words, when it is answered already, or when it has gone on to another step since.
    """
    case = _locked(case)
    challenge = Challenge.objects.filter(case=case, pk=pk).first()
    last = reading.last_step(challenge) if challenge else None
    policies.require_answers_challenges(actor, case, stage=last.stage if last else 1)
    if challenge is None or last is None:
        raise DomainError("This disagreement is not here any more. Open the page again.")
    step = challenge.steps.filter(stage=stage).first() or last
    before = Answer.objects.filter(step=step).first()
    if before is not None:
        mine = before.by_id == actor.membership_id
        if mine and (before.result, before.words) == (result, words.strip()):
            return before
        who = "You have" if mine else "Somebody has"
        raise DomainError(
            f"{who} answered this step already. Nothing is lost: that answer stands as it was, and"
            " this one was not recorded."
        )
    if step != last or stage != last.stage:
        raise DomainError(
            f"This has gone on to step {last.stage} since you opened the page. Nothing is lost:"
            " your words are here, and they are not recorded yet. Read the page again first."
        )
    if not words.strip():
        raise DomainError("Write your answer. Say what will happen, and why.")
    made = Answer.objects.create(
        step=step, result=result, words=words.strip(), by_id=actor.membership_id
    )
    cause = _record(actor, "decision.answered", challenge)
    attended(case=case.pk, kinds=[Kind.DISAGREED])
    for member in _who_disagree(challenge):
        _owe(member, Kind.DISAGREE_ANSWERED, challenge, cause)
    return made


def climb() -> int:
    """Take each disagreement whose time to answer has passed to the next step, as the portal.

    The people of that step are told, and so are those who disagree. At the last step those who
    answer for it are told again, once a working day. Returns how many disagreements it did that
    for. Safe to call at any time, and twice at once: a case that somebody holds is left for next
    time.
    """
    waiting = (
        Challenge.objects.filter(steps__in=Escalation.objects.overdue(timezone.now()))
        .order_by("raised_at", "pk")
        .values_list("pk", "case")
    )
    climbed, failures = 0, []
    for pk, case in waiting:
        try:
            climbed += _climb(pk, case)
        except Exception as error:  # noqa: BLE001 - one that fails must not stop the others
            # The message may repeat what somebody wrote: the number and the class must do.
            log.error("Disagreement %s did not climb (%s)", pk, type(error).__name__)  # noqa: TRY400
            failures.append(error)
    if failures:
        raise failures[0]
    return climbed


@transaction.atomic
def _climb(pk: UUID, case: UUID) -> bool:
    held = Case.objects.select_for_update(of=("self",), skip_locked=True).filter(pk=case)
    if not held.exists():
        return False
    challenge = Challenge.objects.select_related("case__partnership", "by").get(pk=pk)
    step, now = reading.last_step(challenge), timezone.now()
    if now < step.due_at or Answer.objects.filter(step=step).exists():
        return False
    stages = ladder(challenge.case.partnership.escalation)
    ahead = next_stage(stages, step.stage, Urgency(challenge.urgency))
    if ahead is None:
        # Of its own number: nobody is told of a step that it never reached.
        here = next((rung for rung in stages if rung.number == step.stage), stages[-1])
        return _remind(challenge, step, here, now)
    _take(None, challenge, ahead, at=now)
    cause = _record(None, "decision.escalated", challenge)
    told = _tell_stage(None, challenge, ahead, cause)
    for member in _who_disagree(challenge):
        if member.pk not in told:
            _owe(member, Kind.CLIMBED, challenge, cause)
    return True


def _remind(challenge: Challenge, step: Escalation, top: Stage, now: datetime) -> bool:
    """Tell those who answer for the last step that its time has passed: once a working day."""
    area = challenge.case.partnership
    waits = Urgency(challenge.urgency) is Urgency.SOON
    if waits and not is_open(now, area.office_opens, area.office_closes):
        return False
    cause = uuid5(step.pk, f"overdue {working_day(area, now)}")
    if Notice.objects.filter(cause=cause).exists():
        return False
    return bool(_tell_stage(None, challenge, replace(top, roles=(*top.roles, Role.MANAGER)), cause))


def _raised_before(
    actor: Principal, case: Case, before: Challenge, said: Disagreement
) -> Challenge:
    mine = before.by_id == actor.membership_id and before.case_id == case.pk
    kept = (before.reason, before.wanted, before.urgency)
    if mine and kept == (said.reason.strip(), said.wanted.strip(), said.urgency):
        return before
    raise DomainError(
        "This was sent before, in other words. Nothing is lost: that stands as it was, and this"
        " was not sent. Read it on this page. You can write a message if there is more to say."
    )


def _who_disagree(challenge: Challenge) -> list[Membership]:
    """Who raised it, and the leads of that agency who may know of the case."""
    teams = [
        team
        for team in casework.opened_teams(challenge.case)
        if team.agency_id == challenge.agency_id and team.role == Role.AGENCY_LEAD
    ]
    leads = casework.people_of(challenge.case, teams)
    return list({member.pk: member for member in (challenge.by, *leads)}.values())


def _locked(case: Case) -> Case:
    rows = Case.objects.select_for_update(of=("self",)).select_related("partnership")
    return rows.get(pk=case.pk)


def _insist(actor: Principal, case: Case, said: Disagreement) -> None:
    if case.status in NOTHING_YET:
        raise DomainError(
            "Nothing has been decided yet, so there is nothing to disagree with. If it takes too"
            " long, chase it from My referrals."
        )
    if not said.reason.strip() or not said.wanted.strip():
        raise DomainError("Write why you disagree, and what you think should happen.")
    ours = Challenge.objects.filter(case=case, agency_id=actor.agency_id)
    latest = ours.order_by("-raised_at").first()
    if latest is not None and not Answer.objects.filter(step=reading.last_step(latest)).exists():
        raise DomainError(
            "Your agency's disagreement waits for its answer. You can take it further when the"
            " time has passed."
        )


def _latest(case: Case, *, agency: UUID) -> Challenge:
    found = (
        Challenge.objects.filter(case=case, agency_id=agency)
        .select_related("case__partnership")
        .order_by("-raised_at")
        .first()
    )
    if found is None:
        raise DomainError("Your agency has not disagreed with this decision.")
    return found


def _take(
    actor: Principal | None, challenge: Challenge, stage: Stage, *, at: datetime, why: str = ""
) -> Escalation:
    return Escalation.objects.create(
        challenge=challenge,
        stage=stage.number,
        who=stage.who,
        why=why,
        by_id=actor.membership_id if actor else None,
        taken_at=at,
        due_at=_due(challenge.case.partnership, stage, Urgency(challenge.urgency), at),
    )


def _due(area: Partnership, stage: Stage, urgency: Urgency, at: datetime) -> datetime:
    if urgency is Urgency.NOW and stage.immediate_hours:
        return at + timedelta(hours=stage.immediate_hours)
    return add_working_days(at, stage.working_days, area.office_opens, area.office_closes)


def _record(actor: Principal | None, act: str, challenge: Challenge) -> UUID:
    case = challenge.case
    return record(
        actor,
        act,
        case=case.pk,
        obj=("challenge", challenge.pk),
        subjects=[case.child_id],
        purpose=Purpose.SCREEN,
    )


def _tell_stage(
    actor: Principal | None, challenge: Challenge, stage: Stage, cause: UUID
) -> set[UUID]:
    """Tell the roles of a stage: of the front door, and of the agency that disagrees. Returns the
    memberships that were told.
    """
    # Who was told of the step before need not be waited for.
    attended(case=challenge.case_id, kinds=[Kind.DISAGREED])
    front_or_ours = [
        team
        for team in casework.opened_teams(challenge.case)
        if Role(team.role) in stage.roles
        and (Role(team.role) in casework.FRONT_DOOR or team.agency_id == challenge.agency_id)
    ]
    people = casework.people_of(challenge.case, front_or_ours)
    others = [each for each in people if actor is None or each.pk != actor.membership_id]
    for member in others:
        _owe(member, Kind.DISAGREED, challenge, cause)
    return {member.pk for member in others}


def _owe(member: Membership, kind: Kind, challenge: Challenge, cause: UUID) -> None:
    case = challenge.case
    owe(recipient=member, kind=kind, reference=case.reference, case=case.pk, cause=cause)
