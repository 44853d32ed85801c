"""Everything that changes a case at its core: send, grant, end a grant, read on the record."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.contrib.auth.models import Permission
from django.db import transaction
from django.utils import timezone

from portal.accounts import policies as people
from portal.accounts.models import Agency, Membership, Partnership, Team
from portal.accounts.vocabulary import AgencyKind, Principal, Role
from portal.audit.services import record
from portal.common.clock import LONDON, add_working_days
from portal.common.errors import DomainError
from portal.common.workflow import next_status
from portal.notifications.services import owe
from portal.notifications.vocabulary import Kind
from referrals import policies
from referrals.models import Case, Child, Grant, Referral, Statement
from referrals.reading import Reading, Summary, read, summaries
from referrals.vocabulary import (
    QUESTIONS,
    Answer,
    ChildTold,
    Danger,
    ParentsTold,
    Priority,
    Protect,
)
from referrals.workflow import TRANSITIONS, Action, Status
from sharing.rules.decision import Decision as Ruling
from sharing.rules.vocabulary import Category, Purpose
from sharing.rules.vocabulary import Outcome as RulingOutcome


@dataclass(frozen=True)
class Told:
    """One answer of a referral: the words, or why there are none, and how they are protected."""

    text: str = ""
    answer: Answer = Answer.GIVEN
    protect: Protect = Protect.NONE
    spans: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Concern:
    """What a practitioner sends: who the child is, and the answers by question key.

    `answers` holds words for the keys of `referrals.vocabulary.QUESTIONS` that a person answers;
    a key that is missing is stored as not provided, so that nothing is ever just blank.
    """

    danger: Danger
    given_name: str = ""
    family_name: str = ""
    known_as: str = ""
    date_of_birth: date | None = None
    age_estimate: int | None = None
    description: str = ""
    child_told: ChildTold | None = None
    parents_told: ParentsTold | None = None
    answers: Mapping[str, Told] = field(default_factory=dict)


PHONED_BEFORE: Final = timedelta(days=28)
"""How long before it is written down a concern may have reached us."""

REASON_LENGTH: Final = 60
"""How many characters the reason for a removal may have."""

FREE_ANSWERS = ("saw", "told", "child_said", "child_wants", "parents_why", "phone")
"""The questions answered in a person's own words."""


@transaction.atomic
def submit(
    *, actor: Principal, concern: Concern, key: UUID, received_at: datetime | None = None
) -> Case:
    """Send a referral: make the case, ask the law who may see it, tell who must know.

    `key` names the draft or the request; the same key sent twice answers the same case, so a
    double press, a retry and a second tab make one referral. `received_at` (aware) is when the
    concern reached us, if that was before it was written down: a phone call first, the form
    after. The clock runs from then; everything that is recorded is recorded as done now.

    Raises Refused for a role that does not refer; DomainError when nothing was seen, heard or
    told, when the child is neither named nor described, when the reason for not telling a parent
    is missing, when `received_at` lies ahead or more than 28 days back, or when the actor's
    agency serves no partnership.
    Clock: a local authority decides within one working day of receipt (Working Together to
    Safeguard Children 2023, chapter 3; the partnership's settings hold the number).
    """
    policies.require_may_refer(actor)
    # The author's own row is the lock: two presses at once wait here for each other.
    author = (
        Membership.objects.select_for_update(of=("self",))
        .select_related("team__agency", "user")
        .get(pk=actor.membership_id)
    )
    sent = Referral.objects.select_related("case").filter(key=key).first()
    if sent is not None:
        return _sent_before(actor, sent)
    _insist(concern)
    now = timezone.now()
    case = _new_case(actor, concern, _reached_us(received_at, now))
    referral = Referral.objects.create(
        case=case,
        agency=author.team.agency,
        author=author,
        danger=concern.danger,
        sent_at=now,
        key=key,
    )
    Statement.objects.bulk_create(_statements(concern, referral, author))
    grants = _open_to_those_who_check(case, author.team.agency, now)
    cause = record(
        actor,
        "referral.submitted",
        case=case.pk,
        obj=("referral", referral.pk),
        subjects=[case.child_id],
        purpose=Purpose.SCREEN,
        fields=sorted({str(q.category) for q in QUESTIONS.values()}),
    )
    record_grants(None, case, grants)
    owe(recipient=author, kind=Kind.RECEIVED, reference=case.reference, case=case.pk, cause=cause)
    for member in people.live_memberships(teams_of(grants)):
        if member.team.role in (Role.COORDINATOR, Role.MANAGER):
            owe(
                recipient=member,
                kind=Kind.TO_TRIAGE,
                reference=case.reference,
                case=case.pk,
                cause=cause,
            )
    return case


def _sent_before(actor: Principal, sent: Referral) -> Case:
    if sent.author_id != actor.membership_id:
        raise DomainError("This referral was sent by someone else. Start a new one.")
    return sent.case


def _insist(concern: Concern) -> None:
    named = (concern.given_name, concern.family_name, concern.description)
    if not any(words.strip() for words in named):
        raise DomainError("Enter a name, or describe the child.")
    today = timezone.now().astimezone(LONDON).date()
    if concern.date_of_birth and concern.date_of_birth > today:
        raise DomainError("Date of birth must be in the past.")
    told = [concern.answers.get(key) for key in ("saw", "child_said", "told")]
    if not any(answer and answer.text.strip() for answer in told):
        raise DomainError("Tell us what you have seen, heard or been told. A short note is enough.")
    why = concern.answers.get("parents_why")
    if concern.parents_told == ParentsTold.RISK and not (why and why.text.strip()):
        raise DomainError("Write why telling a parent or carer could put the child at risk.")
    unknown = set(concern.answers) - set(FREE_ANSWERS)
    if unknown:
        raise DomainError(f"These are not questions of a referral: {', '.join(sorted(unknown))}.")


def _reached_us(received_at: datetime | None, now: datetime) -> datetime:
    if received_at is None:
        return now
    if received_at > now:
        raise DomainError("The concern cannot have reached us at a time that is still to come.")
    if now - received_at > PHONED_BEFORE:
        raise DomainError(
            f"The concern reached us more than {PHONED_BEFORE.days} days ago. Ring the front door:"
            " they will open it with you."
        )
    return received_at


def _new_case(actor: Principal, concern: Concern, received_at: datetime) -> Case:
    if len(actor.partnership_ids) != 1:
        raise DomainError(
            "Your agency serves several partnerships, or none. Ask your agency lead which one"
            " this child belongs to."
        )
    partnership = Partnership.objects.get(pk=actor.partnership_ids[0])
    child = Child.objects.create(
        partnership=partnership,
        given_name=concern.given_name,
        family_name=concern.family_name,
        known_as=concern.known_as,
        date_of_birth=concern.date_of_birth,
        age_estimate=concern.age_estimate,
        description=concern.description,
    )
    priority = {
        Danger.YES: Priority.IMMEDIATE,
        Danger.UNSURE: Priority.URGENT,
        Danger.NO: Priority.STANDARD,
    }[concern.danger]
    return Case.objects.create(
        partnership=partnership,
        child=child,
        priority=priority,
        received_at=received_at,
        decision_due_at=add_working_days(
            received_at,
            partnership.decision_working_days,
            partnership.office_opens,
            partnership.office_closes,
        ),
    )


def _statements(concern: Concern, referral: Referral, author: Membership) -> Iterable[Statement]:
    """The answers as rows: free text as written, choices in the words of their labels."""
    agency = author.team.agency
    fixed = {
        "danger": Danger(concern.danger).label,
        "child_told": ChildTold(concern.child_told).label if concern.child_told else "",
        "parents_told": ParentsTold(concern.parents_told).label if concern.parents_told else "",
        "sender": f"{author.user.name}, {Role(author.team.role).label.lower()}",
        "agency": f"{agency.name} ({AgencyKind(agency.kind).label})",
    }
    told = {
        key: Told(text) if text else Told(answer=Answer.NOT_PROVIDED) for key, text in fixed.items()
    }
    for key in FREE_ANSWERS:
        given = concern.answers.get(key, Told(answer=Answer.NOT_PROVIDED))
        empty = given.answer is Answer.GIVEN and not given.text.strip()
        told[key] = Told(answer=Answer.NOT_PROVIDED) if empty else given
    for key, answer in told.items():
        yield Statement(
            case=referral.case,
            referral=referral,
            question=key,
            category=QUESTIONS[key].category,
            known_how=QUESTIONS[key].known_how,
            answer=answer.answer,
            text=answer.text.strip(),
            agency=agency,
            author=author,
            stated_at=referral.sent_at,
            protect=answer.protect,
            protect_spans=[list(span) for span in answer.spans],
        )


def _open_to_those_who_check(case: Case, holder: Agency, now: datetime) -> list[Grant]:
    """Open a new case to the teams that the law lets see it."""
    return [
        grant
        for team in policies.checking_teams(case.partnership_id, holder.pk)
        for grant in share_by_rule(
            case=case, team=team, holder=holder, purpose=Purpose.SCREEN, service="sent", at=now
        )
    ]


def share_by_rule(
    *,
    case: Case,
    team: Team,
    holder: Agency,
    purpose: Purpose,
    at: datetime,
    service: str = "",
    by: UUID | None = None,
    until: datetime | None = None,
) -> list[Grant]:
    """Ask the law about each category of what `holder` holds; remember every yes as a grant.

    One grant for each rule that said yes, naming its version, gateway and reason; no grant where
    the law says ask, redact or deny. `by` is the membership whose decision this is; without one,
    `service` completes "the portal, by rule, when the referral was ...".
    """
    allowed: dict[tuple[str, int], tuple[Ruling, list[Category]]] = {}
    answers = policies.rulings(team, AgencyKind(holder.kind), holder.pk, purpose, at)
    for category, ruling in answers.items():
        if ruling.outcome is RulingOutcome.ALLOW:
            allowed.setdefault((ruling.rule, ruling.version), (ruling, []))[1].append(category)
    return [
        Grant.objects.create(
            content_object=case,
            group=team,
            permission=_view_case(),
            holder=holder,
            categories=categories,
            purpose=purpose,
            gateway=ruling.gateway,
            rule=ruling.rule,
            rule_version=ruling.version,
            reason=ruling.reason,
            granted_by_id=by,
            granted_by_service=service,
            from_at=at,
            until_at=until,
        )
        for ruling, categories in allowed.values()
    ]


def _view_case() -> Permission:
    return Permission.objects.get(content_type__app_label="referrals", codename="view_case")


def teams_of(grants: Iterable[Grant]) -> list[Team]:
    """Return the teams that these grants name, each once."""
    return list(Team.objects.filter(pk__in={grant.group_id for grant in grants}))


def record_grants(actor: Principal | None, case: Case, grants: Iterable[Grant]) -> None:
    """Write a disclosure to the ledger for each grant: to which team, what, why, by which rule."""
    for grant in grants:
        record(
            actor,
            "grant.given",
            case=case.pk,
            obj=("grant", grant.pk),
            subjects=[case.child_id],
            recipient=("team", grant.group.name),
            purpose=grant.purpose,
            basis=grant.gateway,
            why=f"rule:{grant.rule}/{grant.rule_version}",
            fields=[str(category) for category in grant.categories],
        )


@transaction.atomic
def end_grant(*, actor: Principal, grant: Grant, why: str) -> Grant:
    """End a grant now, keeping it as the memory of what was shared.

    Raises NotVisible or Refused unless the actor coordinates or manages the case, DomainError
    without a reason or when it has ended already. What was read or printed stays read.
    """
    case = Case.objects.select_for_update().get(pk=grant.content_object_id)
    policies.require(actor, Action.CLOSE, case)
    grant = Grant.objects.select_for_update().get(pk=grant.pk)
    if not why.strip():
        raise DomainError("Write why sharing stops. A sentence is enough.")
    if grant.ended_at is not None:
        raise DomainError("This share has already ended.")
    _end(grant, why.strip())
    record(actor, "grant.ended", case=case.pk, obj=("grant", grant.pk), subjects=[case.child_id])
    return grant


def end_panel_grants(actor: Principal, case: Case, why: str) -> None:
    """End what the panel was given, because its work on the case is over. The caller has the lock.

    The front door keeps its own sight of the case: it answers for the record.
    """
    live = Grant.objects.live().filter(content_object=case, purpose=Purpose.PANEL)
    for grant in live.select_for_update().order_by("pk"):
        _end(grant, why)
        record(
            actor, "grant.ended", case=case.pk, obj=("grant", grant.pk), subjects=[case.child_id]
        )


def _end(grant: Grant, why: str) -> None:
    grant.ended_at = timezone.now()
    grant.ended_why = why
    grant.save(update_fields=["ended_at", "ended_why"])


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
    record(
        actor,
        "statement.removed",
        case=case.pk,
        obj=("statement", statement.pk),
        subjects=[case.child_id],
        fields=[str(statement.category)],
    )
    return statement


def begin(actor: Principal, action: Action, case: Case) -> Case:
    """Lock the case, then insist on policy and on the table; return the locked, fresh row.

    Every verb starts here, inside its transaction. The status is set on the row and not saved.
    Raises NotVisible, Refused, or DomainError when somebody else was first.
    """
    locked = Case.objects.select_for_update().get(pk=case.pk)
    policies.require(actor, action, locked)
    locked.status = next_status(TRANSITIONS, action, Status(locked.status))
    return locked


@transaction.atomic
def read_case(*, actor: Principal, reference: str, purpose: Purpose = Purpose.SCREEN) -> Reading:
    """Open a case on the record: find it among the visible, resolve it, write the reading down.

    Whichever door asks, opening a child's record is an act: one event with the categories shown
    and the number withheld, in this transaction, before any byte leaves.
    Raises NotVisible or Refused.
    """
    case = policies.case_for(actor, reference)
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
    )
    return found


@transaction.atomic
def list_cases(*, actor: Principal, cases: Iterable[Case], purpose: Purpose) -> list[Summary]:
    """Resolve one page of a list and write down which cases were on it.

    `cases` comes from `policies.visible(actor)`, already cut to the page: at most 200 rows.
    """
    rows = summaries(actor, list(cases))
    record(actor, "case.listed", purpose=purpose, ids=[row.case_id for row in rows], fields=["IC1"])
    return rows
