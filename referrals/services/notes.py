"""Working notes: what those who look after a case write down, as statements of their own agency."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from portal.accounts.models import Agency
from portal.accounts.vocabulary import Principal, Role
from portal.audit.services import record
from portal.common.errors import DomainError
from portal.notifications.services import owe
from portal.notifications.vocabulary import Kind
from referrals import policies
from referrals.models import Case, Statement
from referrals.vocabulary import QUESTIONS, Answer, KnownHow

NOTED_HOW: Final = (KnownHow.SAW, KnownHow.CHILD_SAID, KnownHow.TOLD, KnownHow.OPINION)
"""How what a note says may be known."""

NOTE_LENGTH: Final = 4000
"""How many characters a note may have."""


@dataclass(frozen=True, repr=False)
class Noting:
    """What the page for a note says of the case: its reference, and who will read the note."""

    reference: str
    readers: tuple[str, ...]


def look_before_noting(
    *, actor: Principal, reference: str, known_how: KnownHow = KnownHow.OPINION
) -> Noting:
    """Say which teams will read a note of this kind. It shows nothing else of the case.

    Raises NotVisible; Refused unless the actor coordinates or manages the case.
    """
    case = policies.case_for(actor, reference)
    policies.require_oversees(actor, case)
    category = QUESTIONS[_question(known_how)].category
    teams = policies.readers(case, category, Agency.objects.get(pk=actor.agency_id))
    words = tuple(f"{Role(team.role).label}, {team.agency.name}" for team in teams)
    return Noting(case.reference, words)


@transaction.atomic
def note(*, actor: Principal, case: Case, text: str, known_how: KnownHow, key: UUID) -> Statement:
    """Write a note on a case: why something is done, what was heard on the telephone.

    It is held by the actor's agency, like any other piece of information: read by whom a rule or a
    share lets read it, never changed, corrected or removed by whoever answers for it. The child's
    own words are kept as such. Whoever coordinates the case is told. `key` names the form, so that
    a double press writes once.

    Raises NotVisible; Refused unless the actor coordinates or manages the case; DomainError without
    words, with too many, or for a way of knowing that a note does not have.
    Legal source: Working Together to Safeguard Children 2023, chapter 3: record what is known, what
    is done and why.
    """
    case = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
    policies.require_oversees(actor, case)
    text = text.strip()
    before = Statement.objects.filter(pk=key).first()
    if before is not None:
        return _written_before(actor, case, before, text, known_how)
    if not 0 < len(text) <= NOTE_LENGTH:
        raise DomainError(f"Write the note, in {NOTE_LENGTH:,} characters or less.")
    if known_how not in NOTED_HOW:
        raise DomainError("Say how you know this.")
    question = _question(known_how)
    category = QUESTIONS[question].category
    made = Statement.objects.create(
        pk=key,
        case=case,
        question=question,
        category=category,
        answer=Answer.GIVEN,
        text=text,
        known_how=known_how,
        agency_id=actor.agency_id,
        author_id=actor.membership_id,
        stated_at=timezone.now(),
    )
    cause = record(
        actor,
        "note.written",
        case=case.pk,
        obj=("statement", made.pk),
        subjects=[case.child_id],
        purpose=policies.purpose_of(actor),
        fields=[str(category)],
    )
    for member in policies.on_duty(case):
        if member.pk == case.coordinator_id and member.pk != actor.membership_id:
            owe(
                recipient=member,
                kind=Kind.ADDED,
                reference=case.reference,
                case=case.pk,
                cause=cause,
            )
    return made


def _question(known_how: KnownHow) -> str:
    return "note_child_said" if known_how is KnownHow.CHILD_SAID else "note"


def _written_before(
    actor: Principal, case: Case, before: Statement, text: str, known_how: KnownHow
) -> Statement:
    mine = before.author_id == actor.membership_id and before.case_id == case.pk
    if mine and (before.text, before.known_how) == (text, known_how):
        return before
    raise DomainError(
        "This note was written before, with other words. Nothing is lost: that stands as it was,"
        " and this was not written. Correct it on the case page, or open this page again to write"
        " more."
    )
