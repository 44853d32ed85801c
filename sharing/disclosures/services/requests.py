"""Asking an agency what it holds.

Asking discloses too: it may say who the child is. So a request has a disclosure and a grant of
its own, with an end, and the person who asks sees first exactly what the asked agency will learn.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from portal.accounts.models import Agency, Membership, Team
from portal.accounts.vocabulary import Principal
from portal.audit.services import record
from portal.common.clock import add_working_days, add_working_time, working_time
from portal.common.errors import DomainError
from portal.notifications.services import owe
from portal.notifications.vocabulary import Kind
from referrals import policies as casework
from referrals.models import Case, Grant
from referrals.reading import Item, read
from referrals.services import record_grants, view_case
from referrals.vocabulary import Extent
from sharing.disclosures.models import Disclosure, Request
from sharing.disclosures.policies import requests as policies
from sharing.disclosures.policies import told_of
from sharing.disclosures.reading import requests as reading
from sharing.disclosures.reading.teams import member_of, team_words
from sharing.disclosures.services.held import held_case
from sharing.disclosures.vocabulary import Result, Told
from sharing.rules import policies as law
from sharing.rules.vocabulary import Category, ConsentLimb, Obligation, Purpose

STAYS_OPEN: Final = 10
"""For how many working days after the answer is due the asked agency may still read who it is."""


@dataclass(frozen=True, repr=False)
class Record:
    """What a person must say for the record of a decision to share, or not to."""

    proportionality: str = ""
    child_told: Told = Told.NOT_YET
    parents_told: Told = Told.NOT_YET
    not_told_why: str = ""
    consent_limb: ConsentLimb | None = None


@dataclass(frozen=True, repr=False)
class Question:
    """What is asked of which team, what for, and on which provision it may answer."""

    team: Team
    purpose: Purpose
    categories: tuple[Category, ...]
    question: str
    why: str
    gateway: str
    immediate: bool = False
    record: Record = Record()


@dataclass(frozen=True, repr=False)
class Prospect:
    """What asking this team for this purpose means, before the question is written."""

    team: Team
    team_words: str
    purpose: Purpose
    gateways: tuple[tuple[str, str], ...]
    names_child: bool
    why_not: str
    consent: bool
    now: str
    soon: str
    ready: tuple[policies.Ready, ...]


@dataclass(frozen=True, repr=False)
class Preview:
    """What the asked agency will learn from the request itself, before it is sent."""

    team: str
    names_child: bool
    why_not: str
    items: tuple[Item, ...]
    law: str
    asking_law: str
    due_at: datetime
    until_at: datetime


def prospect(*, actor: Principal, reference: str, team: Team, purpose: Purpose) -> Prospect:
    """Say what asking would mean: on which law they may answer, and whether a child is named.

    Shows nothing of the case, and writes nothing. Raises NotVisible or Refused.
    """
    case = casework.case_for(actor, reference)
    policies.require_may_ask(actor, case)
    now = timezone.now()
    naming = policies.naming(actor, case, team, purpose, chosen="", at=now)
    asker = _team(actor)
    area = case.partnership
    basis = (
        None if naming.why_not else policies.rests_on(naming.holder, [Category.IC1], purpose, now)
    )
    leads = (row.value().cited_as for row in policies.gateways(team.agency, asker, now))
    return Prospect(
        team=team,
        team_words=team_words(team),
        purpose=purpose,
        gateways=tuple((cited, law.gateway_words(cited)) for cited in leads),
        names_child=basis is not None,
        why_not=naming.why_not,
        consent=basis is not None and basis.consent_limb,
        now=f"Now: in {_count(area.request_immediate_hours, 'hour')}",
        soon=f"In {_count(area.request_working_days, 'working day')}",
        ready=policies.ready_questions(area),
    )


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}{'' if number == 1 else 's'}"


@transaction.atomic
def preview(*, actor: Principal, reference: str, question: Question) -> Preview:
    """Show what the asked team would read if the question were sent now, and record that.

    It is the reading of that team with the grant that sending would give. Raises NotVisible,
    Refused, DomainError.
    """
    case = casework.case_for(actor, reference)
    policies.require_may_ask(actor, case)
    now = timezone.now()
    naming = _insist(actor, case, question, now)
    due_at = _due(case, question, now)
    grant = None if naming.why_not else _grant(actor, case, question, naming, at=now, due_at=due_at)
    record(
        actor,
        "share.previewed",
        case=case.pk,
        subjects=[case.child_id],
        purpose=question.purpose,
        fields=[Category.IC1] if grant else [],
    )
    return Preview(
        team=team_words(question.team),
        names_child=grant is not None,
        why_not=naming.why_not,
        items=_learns(case, question, grant),
        law=law.gateway_words(question.gateway),
        asking_law=law.gateway_words(naming.gateway) if grant else "",
        due_at=due_at,
        until_at=_until(case, due_at),
    )


@transaction.atomic
def ask(*, actor: Principal, reference: str, question: Question) -> Request:
    """Ask an agency. It learns who the child is, if the law and the actor's role allow that.

    The same question of the same team, while it is open, is answered with the request that there
    is: a double press asks once. The asked team has two working days, or two hours when the
    question is immediate: the partnership's settings hold the numbers.

    Raises NotVisible, Refused unless the actor may ask about the case, DomainError when nobody
    would read it, when no provision leads from the asked agency to the actor's team, or when what
    the record needs is missing.
    Legal source: Working Together to Safeguard Children, chapter 1; the provision is the actor's
    choice among those in force.
    """
    case = held_case(actor, reference)
    policies.require_may_ask(actor, case)
    now = timezone.now()
    naming = _insist(actor, case, question, now)
    if before := _asked_before(actor, case, question):
        return before
    due_at = _due(case, question, now)
    request = Request.objects.create(
        case=case,
        asked_by_id=actor.membership_id,
        team=question.team,
        categories=sorted(question.categories),
        question=question.question.strip(),
        why=question.why.strip(),
        purpose=question.purpose,
        gateway=question.gateway,
        asked_at=now,
        due_at=due_at,
        near_at=_near(case, question, now, due_at),
    )
    grants = []
    if not naming.why_not:
        grants = [_name_the_child(actor, case, question, naming, request)]
    cause = record(
        actor,
        "request.sent",
        case=case.pk,
        obj=("request", request.pk),
        subjects=[case.child_id],
        recipient=("team", question.team.name),
        purpose=question.purpose,
        basis=question.gateway,
        fields=[Category.IC1] if grants else [],
    )
    record_grants(actor, case, grants)
    for member in told_of(case, [question.team]):
        owe(
            recipient=member,
            kind=Kind.REQUESTED,
            reference=case.reference,
            case=case.pk,
            cause=cause,
        )
    return request


def _insist(actor: Principal, case: Case, question: Question, at: datetime) -> policies.Naming:
    """Insist on everything that a request needs; return whether it may name the child."""
    if question.team not in policies.may_be_asked(actor, case):
        raise DomainError("Select who to ask.")
    if not question.question.strip() or not question.why.strip():
        raise DomainError("Write what you need to know and why.")
    if not question.categories or not set(question.categories) <= set(policies.MAY_BE_ASKED):
        raise DomainError("Select what kinds of information you ask for.")
    if question.purpose not in policies.ASKED_FOR:
        raise DomainError("Ask here only to help or protect a child.")
    asker = _team(actor)
    leads = [row.value().cited_as for row in policies.gateways(question.team.agency, asker, at)]
    if question.gateway not in leads:
        raise DomainError("Select the reason in law on which they may answer you.")
    if not told_of(case, [question.team]):
        raise DomainError(
            "Nobody would read this now: nobody works in that team. Nothing is lost. Ring the"
            " agency, and write down what it says."
        )
    naming = policies.naming(
        actor, case, question.team, question.purpose, chosen=question.gateway, at=at
    )
    if not naming.why_not:
        insist_on_record(naming.holder, [Category.IC1], question.purpose, question.record, at)
    return naming


def insist_on_record(
    holder: Agency,
    categories: Iterable[Category],
    purpose: Purpose,
    said: Record,
    at: datetime,
) -> None:
    """Insist on what the record of a disclosure needs a person to say. Raises DomainError."""
    if not said.proportionality.strip():
        raise DomainError("Write why less would not do.")
    told = (said.child_told, said.parents_told)
    if told != (Told.YES, Told.YES) and not said.not_told_why.strip():
        raise DomainError("Write why the child or the parents are not told.")
    if policies.rests_on(holder, categories, purpose, at).consent_limb and not said.consent_limb:
        raise DomainError("Select why consent is not relied on.")


def _asked_before(actor: Principal, case: Case, question: Question) -> Request | None:
    return Request.objects.filter(
        case=case,
        team=question.team,
        asked_by__team_id=actor.team_id,
        question=question.question.strip(),
        categories=sorted(question.categories),
        purpose=question.purpose,
        reply="",
    ).first()


def _team(principal: Principal) -> Team:
    return Team.objects.select_related("agency").get(pk=principal.team_id)


def _due(case: Case, question: Question, at: datetime) -> datetime:
    area = case.partnership
    if question.immediate:
        return at + timedelta(hours=area.request_immediate_hours)
    return add_working_days(at, area.request_working_days, area.office_opens, area.office_closes)


def _near(case: Case, question: Question, at: datetime, due_at: datetime) -> datetime:
    """From when on they are chased: so many office hours before it is due, or when half of the time
    is over, if that is later. What cannot wait is counted by the clock on the wall.
    """
    area = case.partnership
    ahead = timedelta(hours=area.request_near_hours)
    if question.immediate:
        return max(due_at - ahead, at + (due_at - at) / 2)
    office = (area.office_opens, area.office_closes)
    lasts = working_time(at, due_at, *office)
    return min(add_working_time(at, max(lasts - ahead, lasts / 2), *office), due_at)


def _until(case: Case, due_at: datetime) -> datetime:
    """When the asked team's sight of the child ends: fixed when it is asked, answered or not.

    An end in the grant itself holds with every worker stopped. It outlives the deadline so that a
    late answer, and a question about an answer, are still possible.
    """
    area = case.partnership
    return add_working_days(due_at, STAYS_OPEN, area.office_opens, area.office_closes)


def _grant(
    actor: Principal,
    case: Case,
    question: Question,
    naming: policies.Naming,
    *,
    at: datetime,
    due_at: datetime,
) -> Grant:
    """The grant that asking gives, not saved yet: who the child is, to answer, for a time."""
    ruling = naming.ruled.answer
    told = {*map(str, ruling.obligations), str(Obligation.NO_ONWARD_USE), str(Obligation.EXPIRES)}
    return Grant(
        content_object=case,
        group=question.team,
        permission=view_case(),
        holder=naming.holder,
        categories=[Category.IC1],
        extent=Extent.ANSWER,
        purpose=question.purpose,
        gateway=naming.gateway,
        rule=ruling.rule,
        rule_version=ruling.version,
        reason="You are asked what your agency knows, and must know of whom.",
        necessity=question.why.strip(),
        proportionality=question.record.proportionality.strip(),
        obligations=sorted(told),
        granted_by=Membership.objects.select_related("user", "team__agency").get(
            pk=actor.membership_id
        ),
        from_at=at,
        until_at=_until(case, due_at),
    )


def _learns(case: Case, question: Question, grant: Grant | None) -> tuple[Item, ...]:
    """What the asked team would read of the child if this were sent."""
    if grant is None:
        return ()
    asked = member_of(question.team)
    return reading.shown(read(asked, case, question.purpose, also=[grant]), grant.holder_id)


def _name_the_child(
    actor: Principal,
    case: Case,
    question: Question,
    naming: policies.Naming,
    request: Request,
) -> Grant:
    """Give the grant that asking gives, on the record of the decision to ask."""
    said, ruled, at = question.record, naming.ruled, request.asked_at
    grant = _grant(actor, case, question, naming, at=at, due_at=request.due_at)
    learned = _learns(case, question, grant)
    grant.save(force_insert=True)
    pair = policies.rests_on(naming.holder, [Category.IC1], question.purpose, at)
    words = [request.question, request.why, *(f"{item.label}: {item.text}" for item in learned)]
    disclosure = Disclosure.objects.create(
        case=case,
        decided_at=at,
        decider_id=actor.membership_id,
        holder=naming.holder,
        recipient=question.team,
        purpose=question.purpose,
        categories=[Category.IC1],
        result=Result.SHARED,
        rulings={str(Category.IC1): ruled.as_json()},
        rule=ruled.answer.rule,
        rule_version=ruled.answer.version,
        gateway=naming.gateway,
        article_6=pair.article_6[0],
        article_9=pair.article_9[0],
        article_10=pair.article_10[0] if pair.article_10 else "",
        condition=pair.condition,
        consent_limb=(said.consent_limb or "") if pair.consent_limb else "",
        necessity=grant.necessity,
        proportionality=grant.proportionality,
        child_told=said.child_told,
        parents_told=said.parents_told,
        not_told_why=said.not_told_why.strip(),
        onward="Only to answer this question.",
        until_at=grant.until_at,
        preview=hashlib.sha256("\n".join(words).encode()).hexdigest(),
        request=request,
    )
    disclosure.grants.add(grant)
    return grant
