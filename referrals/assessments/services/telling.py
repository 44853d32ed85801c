"""What each step has in common: the lock, the table, the ledger, notices, and words that stay."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from portal.accounts.models import Membership
from portal.accounts.vocabulary import Principal
from portal.audit.services import record
from portal.common.errors import DomainError, Refused
from portal.common.workflow import next_status
from portal.notifications.services import owe
from portal.notifications.vocabulary import Kind
from referrals import policies as casework
from referrals.assessments import policies
from referrals.assessments.models import Assessment
from referrals.assessments.vocabulary import WORDS
from referrals.assessments.workflow import TRANSITIONS, Status, Step
from referrals.models import Case, Statement
from referrals.vocabulary import QUESTIONS, Answer, KnownHow, Protect
from sharing.rules.vocabulary import Purpose


def lock(case: Case) -> Case:
    """Lock the case: whatever is done in an assessment takes this first."""
    return Case.objects.select_for_update(of=("self",)).get(pk=case.pk)


def begin(actor: Principal, assessment: Assessment) -> Assessment:
    """Lock the case of an assessment, and return the assessment fresh, where the actor takes part.

    Raises NotVisible or Refused; DomainError where the work on the case is over.
    """
    case = lock(assessment.case)
    found = policies.assessment_for(actor, case.reference, assessment.pk)
    insist_goes_on(case)
    return found


def insist_goes_on(case: Case) -> None:
    """Raise DomainError where the work on a case is over: nobody assesses its risk any more."""
    if case.status in policies.GONE:
        raise DomainError("The work on this case is over. Nothing has been changed.")


def insist(actor: Principal, step: Step, assessment: Assessment) -> None:
    """Insist that the actor stands to the case as the table asks for this step. Raises Refused."""
    transition = TRANSITIONS[step]
    if not transition.by & casework.relations(actor, assessment.case):
        raise Refused(
            f"Only the {' or '.join(sorted(transition.by))} can do this",
            kind="assessment",
            pk=str(assessment.pk),
            action=str(step),
        )


def take(actor: Principal, step: Step, assessment: Assessment) -> None:
    """Take a step of the table: insist on who may and from where, and set where it leads.

    Raises Refused, or DomainError when somebody else was first.
    """
    insist(actor, step, assessment)
    assessment.status = Status(next_status(TRANSITIONS, step, assessment.status))


def note(
    case: Case,
    question: str,
    text: str,
    *,
    by: Membership,
    known_how: KnownHow | None = None,
    at: datetime | None = None,
    protect: Protect = Protect.NONE,
) -> Statement:
    """Keep words as a statement of the case, held by the agency of whoever wrote them.

    Raises DomainError where there are none, or too many.
    """
    text = text.strip()
    if not 0 < len(text) <= WORDS:
        raise DomainError(
            f"Write it in words, in {WORDS:,} characters or less. Nothing has been changed."
        )
    return Statement.objects.create(
        case=case,
        question=question,
        category=QUESTIONS[question].category,
        answer=Answer.GIVEN,
        text=text,
        known_how=known_how or QUESTIONS[question].known_how,
        agency_id=by.team.agency_id,
        author=by,
        stated_at=at or timezone.now(),
        protect=protect,
    )


def member(actor: Principal) -> Membership:
    """The membership in which the actor acts, with its agency."""
    return Membership.objects.select_related("team__agency").get(pk=actor.membership_id)


def write_down(
    actor: Principal | None,
    act: str,
    case: Case,
    obj: tuple[str, UUID],
    *,
    why: str = "",
    ids: Iterable[UUID] = (),
) -> UUID:
    """Record a step: who, what, of which child. Never what somebody answered."""
    return record(
        actor,
        act,
        case=case.pk,
        obj=obj,
        subjects=[case.child_id],
        purpose=casework.purpose_of(actor) if actor else Purpose.SCREEN,
        why=why,
        ids=ids,
    )


def tell(people: Iterable[Membership], kind: Kind, case: Case, cause: UUID) -> None:
    """Owe each of these people a notice."""
    for member in people:
        owe(recipient=member, kind=kind, reference=case.reference, case=case.pk, cause=cause)


def asked_people(assessment: Assessment, *, but: UUID | None = None) -> list[Membership]:
    """Everybody who may answer for an agency that is asked, each person once."""
    found: dict[UUID, Membership] = {}
    for invitation in assessment.invitations.select_related("assessment"):
        for member in policies.who_answers(invitation):
            found.setdefault(member.user_id, member)
    return [each for each in found.values() if each.pk != but]
