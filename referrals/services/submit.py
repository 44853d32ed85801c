"""Sending a referral."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from portal.accounts import policies as people
from portal.accounts.models import Agency, Membership, Partnership
from portal.accounts.vocabulary import AgencyKind, Principal, Role
from portal.audit.services import record
from portal.common.clock import LONDON, add_working_days
from portal.common.errors import DomainError, Refused
from portal.common.moments import london
from portal.notifications.services import owe
from portal.notifications.vocabulary import Kind
from referrals import policies
from referrals.models import Case, Child, Grant, Referral, Statement
from referrals.services import clocks
from referrals.services import items as lists
from referrals.services.files import add_clean_files
from referrals.services.grants import record_grants, share_by_rule, teams_of
from referrals.services.particulars import keep_particulars
from referrals.services.signs import keep_signs
from referrals.vocabulary import (
    ASKED,
    CHOSEN,
    FREE_ANSWERS,
    KEPT_APART,
    NO_ANSWER,
    QUESTIONS,
    Answer,
    ChildTold,
    ClockKind,
    Danger,
    ParentsTold,
    Priority,
    Protect,
    YesNo,
)
from sharing.rules.vocabulary import Purpose


@dataclass(frozen=True, repr=False)
class Told:
    """One answer of a referral: the words, or why there are none, and how they are protected."""

    text: str = ""
    answer: Answer = Answer.GIVEN
    protect: Protect = Protect.NONE
    spans: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, repr=False)
class Concern:
    """What a practitioner sends: who the child is, and the answers by question key.

    `answers` holds words for the keys of `FREE_ANSWERS`; a key that is missing is stored as not
    provided, so that nothing is ever just blank. `needed_by` is a time before which somebody must
    have looked, such as when the child goes home, and `time_matters` what it is; `called_at` is
    when the sender said that they had called 999; `earlier` is the reference of a referral of
    theirs, or of their own agency, about the same child.
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
    needed_by: datetime | None = None
    time_matters: str = ""
    called_at: datetime | None = None
    earlier: str = ""
    answers: Mapping[str, Told] = field(default_factory=dict)
    items: tuple[lists.Item, ...] = ()

    def digest(self) -> str:
        """A fingerprint (SHA-256, hexadecimal) that tells a repetition from another concern."""
        said = json.dumps(asdict(self), sort_keys=True, default=str)
        return hashlib.sha256(said.encode()).hexdigest()


PHONED_BEFORE: Final = timedelta(days=28)
"""How long before it is written down a concern may have reached us."""


SOONEST: Final = timedelta(minutes=15)
"""What a clock leaves at the least to those who check."""


def chosen(key: str, codes: Iterable[str]) -> Told:
    """The answer to a question of `CHOSEN` in the words of its labels, in their own order.

    A code of `NO_ANSWER` says why there is none. Raises ValueError for a code that is neither.
    """
    given = set(codes)
    if not given:
        return Told(answer=Answer.NOT_PROVIDED)
    missing = given & set(NO_ANSWER)
    if missing:
        return Told(answer=Answer(min(missing)))
    known = [CHOSEN[key](code) for code in given]
    return Told("; ".join(each.label for each in CHOSEN[key] if each in known))


def lacks_language(answers: Mapping[str, Told]) -> bool:
    """Whether an interpreter is needed and nothing is said of the language, known or not."""
    needs, which = answers.get("interpreter"), answers.get("interpreter_which")
    silent = which is None or which.answer is Answer.NOT_PROVIDED
    return needs is not None and needs.text == YesNo.YES.label and silent


@transaction.atomic
def submit(
    *,
    actor: Principal,
    concern: Concern,
    key: UUID,
    received_at: datetime | None = None,
    on_behalf_of: UUID | None = None,
) -> Case:
    """Send a referral: make the case, ask the law who may see it, tell who must know.

    `key` names the draft or the request; the same key sent twice answers the same case, so a
    double press, a retry and a second tab make one referral. `received_at` (aware) is when the
    concern reached us, if that was before it was written down: a phone call first, the form
    after. The clock runs from then; everything that is recorded is recorded as done now.
    `on_behalf_of` is the membership of a colleague of the same agency who has asked the actor to
    send it: the referral is theirs to follow, and the sender's answer names both. The caller has
    made sure that they asked.

    Raises Refused for a role that does not refer; DomainError when nothing was seen, heard or
    told, when the child is neither named nor described, when the reason for not telling a
    parent is missing, when `earlier` is not of the actor's agency, when `received_at`
    lies ahead or more than 28 days back, or when the actor's agency serves no partnership.
    Clock: earlier than `needed_by` by the partnership's minutes, where that comes first; otherwise
    a local authority decides within one working day of receipt (Working Together to
    Safeguard Children 2023, chapter 3; the partnership's settings hold the number).
    """
    policies.require_may_refer(actor)
    # The author's own row is the lock: two presses at once wait here for each other.
    author = (
        Membership.objects.live()
        .select_for_update(of=("self",))
        .select_related("team__agency", "user")
        .filter(pk=on_behalf_of or actor.membership_id, team__agency=actor.agency_id)
        .first()
    )
    if author is None:
        gone = "You no longer work in this role"
        if on_behalf_of not in (None, actor.membership_id):
            gone = "Whoever asked you to send this no longer works in their role"
        raise Refused(gone, kind="referral", action="submit")
    sent = Referral.objects.select_related("case").filter(key=key).first()
    if sent is not None:
        return _sent_before(author, sent, concern)
    _insist(concern)
    _insist_earlier_is_own(actor, concern.earlier)
    now = timezone.now()
    case = _new_case(actor, concern, _reached_us(received_at, now))
    referral = Referral.objects.create(
        case=case,
        agency=author.team.agency,
        author=author,
        danger=concern.danger,
        sent_at=now,
        key=key,
        digest=concern.digest(),
    )
    for_another = author.pk != actor.membership_id
    Statement.objects.bulk_create(_statements(concern, referral, author, actor))
    Statement.objects.bulk_create(lists.rows(concern.items, referral, author))
    add_clean_files(referral)
    keep_particulars(case)
    if "signs" in concern.answers:
        keep_signs(case)
    for clock in (ClockKind.FIRST_LOOK, ClockKind.DECISION):
        clocks.start(case, clock, case.received_at)
    grants = _open_to_those_who_check(case, author.team.agency, now)
    checkers = _insist_somebody_checks(case, grants)
    cause = record(
        actor,
        "referral.submitted",
        case=case.pk,
        obj=("referral", referral.pk),
        subjects=[case.child_id],
        purpose=Purpose.SCREEN,
        fields=sorted(str(category) for category in ASKED),
        why="on_behalf" if for_another else "",
        ids=[author.pk] if for_another else [],
    )
    record_grants(None, case, grants)
    owe(recipient=author, kind=Kind.RECEIVED, reference=case.reference, case=case.pk, cause=cause)
    for member in checkers:
        owe(
            recipient=member,
            kind=Kind.TO_TRIAGE,
            reference=case.reference,
            case=case.pk,
            cause=cause,
        )
    return case


def _insist_somebody_checks(case: Case, grants: list[Grant]) -> list[Membership]:
    """Return the people who will check it. A referral that nobody would see is not accepted.

    They are told by the grants themselves: a case that is this new has no conflict of interest, and
    the database's clock, which says what is live, may be a moment behind ours.
    """
    checkers = [
        member
        for member in people.live_memberships(teams_of(grants))
        if member.team.role in (Role.COORDINATOR, Role.MANAGER)
    ]
    if not checkers:
        raise DomainError(
            "This cannot be sent from here now: nobody at the front door would see it. Nothing is"
            f" lost. Ring the front door on {case.partnership.front_door_phone}."
        )
    return checkers


def _sent_before(author: Membership, sent: Referral, concern: Concern) -> Case:
    if sent.author_id != author.pk:
        raise DomainError("This referral was sent by someone else. Start a new one.")
    # Who has a conflict of interest since is not told again of what they sent.
    case = policies.case_for(author.principal(), sent.case.reference)
    if sent.digest != concern.digest():
        raise DomainError(
            f"This was sent before, with other words, as {case.reference}. Send it with a new"
            " key if it is about another child; add to the first if it is about the same one."
        )
    return case


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
    lists.insist(concern.items)
    if lacks_language(concern.answers):
        raise DomainError("Tell us which language the interpreter is for.")
    unknown = set(concern.answers) - set(FREE_ANSWERS)
    if unknown:
        raise DomainError(f"These are not questions of a referral: {', '.join(sorted(unknown))}.")


def _insist_earlier_is_own(actor: Principal, earlier: str) -> None:
    """Whatever is not of the sender's own agency does not exist here, for them."""
    if earlier and not policies.sent_from_agency(actor).filter(reference=earlier).exists():
        raise DomainError("Your agency has not sent a referral with this reference.")


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
    due_at = add_working_days(
        received_at,
        partnership.decision_working_days,
        partnership.office_opens,
        partnership.office_closes,
    )
    priority = {
        Danger.YES: Priority.IMMEDIATE,
        Danger.UNSURE: Priority.URGENT,
        Danger.NO: Priority.STANDARD,
    }[concern.danger]
    if concern.needed_by and concern.needed_by < due_at:
        before = concern.needed_by - timedelta(minutes=partnership.before_time_minutes)
        due_at = min(due_at, max(before, received_at + SOONEST))
        priority = Priority.URGENT if priority is Priority.STANDARD else priority
    return Case.objects.create(
        partnership=partnership,
        child=child,
        priority=priority,
        received_at=received_at,
        decision_due_at=due_at,
    )


def _statements(
    concern: Concern, referral: Referral, author: Membership, actor: Principal
) -> Iterable[Statement]:
    """The answers as rows: free text as written, choices in the words of their labels."""
    agency = author.team.agency
    sender = f"{author.user.name}, {Role(author.team.role).label.lower()}"
    if author.pk != actor.membership_id:
        sender = f"{actor.name}, {actor.role.label.lower()}, on behalf of {sender}"
    fixed = {
        "danger": Danger(concern.danger).label,
        "child_told": ChildTold(concern.child_told).label if concern.child_told else "",
        "parents_told": ParentsTold(concern.parents_told).label if concern.parents_told else "",
        "called_999": f"Yes, said on {london(concern.called_at)}" if concern.called_at else "",
        "time_matters": _time_words(concern),
        "earlier": f"The same child as in {concern.earlier}" if concern.earlier else "",
        "sender": sender,
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
        rows = [answer]
        if answer.protect is Protect.EXISTENCE:
            # A question without an answer would be a hole in the shape of what is concealed.
            rows.append(Told(answer=Answer.NOT_PROVIDED))
        if key in KEPT_APART:
            rows = [row for row in rows if row.answer is not Answer.NOT_PROVIDED]
        for row in rows:
            yield Statement(
                case=referral.case,
                referral=referral,
                question=key,
                category=QUESTIONS[key].category,
                known_how=QUESTIONS[key].known_how,
                answer=row.answer,
                text=row.text.strip(),
                agency=agency,
                author=author,
                stated_at=referral.sent_at,
                protect=row.protect,
                protect_spans=[list(span) for span in row.spans],
            )


def _time_words(concern: Concern) -> str:
    at = london(concern.needed_by)
    return ": ".join(filter(None, (at, concern.time_matters.strip())))


def _open_to_those_who_check(case: Case, holder: Agency, now: datetime) -> list[Grant]:
    """Open a new case to the teams that the law lets see it."""
    return [
        grant
        for team in policies.checking_teams(case.partnership_id, holder.pk)
        for grant in share_by_rule(
            case=case, team=team, holder=holder, purpose=Purpose.SCREEN, service="sent", at=now
        )
    ]
