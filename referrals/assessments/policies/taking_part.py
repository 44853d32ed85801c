"""Who takes part in a joint risk assessment and who leads it, and what keeps a case open."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from portal.accounts.models import Agency, Membership, MembershipQuerySet
from portal.accounts.vocabulary import AgencyKind, Principal, Role
from portal.common.errors import DomainError, NotVisible, Refused
from referrals import policies as casework
from referrals.assessments.decision import Earlier
from referrals.assessments.models import (
    Agreement,
    Assessment,
    AssessmentQuerySet,
    Invitation,
)
from referrals.assessments.vocabulary import Level
from referrals.assessments.workflow import Status
from referrals.models import Case
from referrals.policies import Standing
from referrals.workflow import OVER, Relation
from referrals.workflow import Status as CaseStatus
from sharing.rules import policies as law
from sharing.rules.decision import Facts, decide
from sharing.rules.vocabulary import Category
from sharing.rules.vocabulary import Outcome as Ruling

GONE: Final = (*OVER, CaseStatus.ROUTED)
"""Statuses of a case in which nobody assesses its risk here: it is over, or with another worker."""

ANSWERS = frozenset(
    {
        Role.PRACTITIONER,
        Role.AGENCY_LEAD,
        Role.COORDINATOR,
        Role.MANAGER,
        Role.PANEL_MEMBER,
        Role.PANEL_CHAIR,
    }
)
"""The roles in which somebody may answer for their agency, where the case is open to them."""


def assessments(principal: Principal) -> AssessmentQuerySet:
    """The assessments that the principal leads, or in which their agency is asked.

    Only of cases of which they may know, and never by emergency access alone.
    """
    return Assessment.objects.filter(case__in=casework.visible(principal))


def assessment_for(principal: Principal, reference: str, pk: UUID) -> Assessment:
    """Return an assessment in which the principal takes part, of a visible case.

    Raises NotVisible; Refused where they read the case and are not asked.
    """
    case = casework.case_for(principal, reference)
    found = (
        assessments(principal)
        .select_related("case__partnership", "case__child", "tool", "started_by__team__agency")
        .filter(case=case, pk=pk)
        .first()
    )
    if found is None:
        raise NotVisible("assessment", str(pk))
    require_takes_part(principal, found)
    return found


def invitation_of(principal: Principal, assessment: Assessment) -> Invitation | None:
    """The invitation of the principal's agency, if they may answer for it."""
    if principal.role not in ANSWERS:
        return None
    found = assessment.invitations.filter(agency=principal.agency_id)
    return found.select_related("by__user", "agency").first()


def writes(principal: Principal, invitation: Invitation) -> bool:
    """Tell whether the principal may read and write what their agency answers, before it is opened.

    Whoever began to write; else whom the law lets read it as their own agency's record, who may
    then take it over.
    """
    if invitation.by_id in (None, principal.membership_id):
        return True
    now = timezone.now()
    facts = Facts(
        rules=casework.about_own(law.in_force(now)),
        holder_kind=AgencyKind(invitation.agency.kind),
        holder_agency=invitation.agency_id,
    )
    purpose = casework.purpose_of(principal)
    return decide(principal, facts, Category.IC4, purpose, now).outcome is Ruling.ALLOW


def is_asked(principal: Principal, assessment: Assessment) -> bool:
    """Tell whether the principal's agency is asked, and they are in a role that answers for it."""
    asked = {each.agency_id for each in assessment.invitations.all()}
    return principal.role in ANSWERS and principal.agency_id in asked


def takes_part(
    principal: Principal, assessment: Assessment, stands: Standing | None = None
) -> bool:
    """Tell whether the principal leads this assessment, chairs the panel of the case, or may answer
    for an agency that is asked. `stands`: how they stand to the case, where that is known already.
    """
    stands = stands or casework.standing(principal, assessment.case)
    if stands.only_reads or not stands.relations:
        return False
    if stands.oversees or Relation.PANEL_CHAIR in stands.relations:
        return True
    return is_asked(principal, assessment)


def require_takes_part(principal: Principal, assessment: Assessment) -> None:
    """Insist on it. Raises Refused; the case is visible to the principal."""
    if not takes_part(principal, assessment):
        raise Refused(
            "Only agencies that are asked take part in this assessment",
            kind="assessment",
            pk=str(assessment.pk),
            action="take-part",
        )


def invitation_for(principal: Principal, reference: str, pk: UUID) -> Invitation:
    """Return the invitation of the principal's agency in this assessment.

    Raises NotVisible; Refused where their agency is not asked, or they do not answer for it.
    """
    assessment = assessment_for(principal, reference, pk)
    found = invitation_of(principal, assessment)
    if found is None:
        raise Refused(
            "Your agency is not asked in this assessment",
            kind="assessment",
            pk=str(assessment.pk),
            action="answer",
        )
    found.assessment = assessment
    return found


def may_be_asked(case: Case) -> list[Agency]:
    """The agencies that may be asked: somebody there may know of the case and could answer."""
    people = casework.who_may_know(case.pk, Membership.objects.live())
    able = people.filter(team__role__in=ANSWERS)
    return list(Agency.objects.filter(pk__in=able.values("team__agency")).order_by("name"))


def who_answers(invitation: Invitation) -> MembershipQuerySet:
    """The people of an agency who may answer, of those to whom the case is open now."""
    people = casework.who_may_know(invitation.assessment.case_id, Membership.objects.live())
    return people.filter(team__agency=invitation.agency_id, team__role__in=ANSWERS)


def to_answer(principal: Principal) -> QuerySet[Invitation]:
    """What the principal's agency is asked and has not answered, in cases open to them."""
    if principal.role not in ANSWERS:
        return Invitation.objects.none()
    mine = Invitation.objects.unanswered().filter(agency=principal.agency_id)
    mine = mine.exclude(assessment__case__status__in=GONE)
    return mine.filter(assessment__case__in=casework.visible(principal))


def may_open(assessment: Assessment) -> bool:
    """Tell whether the answers may be opened: all have answered, or the time is over.

    Never while nobody has answered: there is nothing to open.
    """
    invitations = list(assessment.invitations.all())
    answered = [each for each in invitations if each.submitted_at is not None]
    is_over = assessment.due_at <= timezone.now()
    return bool(answered) and (is_over or len(answered) == len(invitations))


def level_of(case: Case) -> Level | None:
    """The level in force for the child, or None. Not for the eye: a reading says who may see it."""
    return Level(case.level) if case.level else None


def latest_in_force(case: Case) -> Agreement | None:
    """The agreement on which the level in force rests."""
    found = Agreement.objects.filter(
        assessment__case=case, in_force_at__isnull=False, assessment__status=Status.AGREED
    )
    return found.select_related("assessment__tool", "by__team__agency", "judgement").first()


def latest_opened(case: Case) -> Assessment | None:
    """The assessment of a case whose answers were opened last. Two queries."""
    opened = Assessment.objects.filter(case=case, revealed_at__isnull=False)
    asked = Prefetch("invitations", Invitation.objects.select_related("agency", "by"))
    found = opened.select_related("tool").prefetch_related(asked).order_by("-revealed_at").first()
    if found is not None:
        found.case = case
    return found


def earlier(case: Case) -> Earlier:
    """What was agreed of the child before: the level in force, its floor, and recent harm.

    A sign of harm counts for a year from the day on which a level was agreed with it, also when a
    later assessment asked agencies that knew nothing of it.
    """
    latest = latest_in_force(case)
    a_year_ago = timezone.now() - timedelta(days=365)
    harm = Agreement.objects.filter(
        assessment__case=case,
        in_force_at__isnull=False,
        recent_harm=True,
        agreed_at__gt=a_year_ago,
    )
    floor = Level(latest.floor) if latest is not None and latest.floor else None
    return Earlier(level_of(case), floor, harm.exists())


def insist_none_under_way(case: Case, *, names: bool = True) -> None:
    """Insist that no joint assessment is under way where a case is closed or handed on.

    Whoever does so asks this under lock; a trigger holds it too. Without `names`, for somebody who
    does not oversee the case, the sentence does not tell that there is one. Raises DomainError.
    """
    found = Assessment.objects.filter(case=case).under_way().first()
    if found is None:
        return
    if not names:
        raise DomainError(
            "Work that was agreed here is not finished yet. Ask whoever sent you this to finish it"
            " first. Your answer was not recorded."
        )
    first = {
        Status.ASKED: "Open the answers and agree a level, or call it off,",
        Status.WAITING: "A level waits for a signature. Somebody signs it, or says why not, or"
        " it is withdrawn and another agreed,",
    }.get(Status(found.status), "Its answers are open. Agree a level")
    raise DomainError(
        f"A joint risk assessment of this child is under way. {first} before the case is closed or"
        " handed on. Nothing has changed."
    )


def insist_may_close(case: Case) -> None:
    """Insist that nothing of a joint assessment keeps this case open.

    Raises DomainError while one is under way, and when more was not known than the tool allows as
    agencies last agreed on the child: nobody ends the work on what nobody could answer.
    """
    insist_none_under_way(case)
    latest = latest_in_force(case)
    if latest is not None and latest.insufficient:
        raise DomainError(
            "Too little was known when agencies last assessed the risk together. Find out more, and"
            " assess it again: the case is not closed."
        )
