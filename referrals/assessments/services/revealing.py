"""Opening: the one act by which every agency's answers become visible, at the same moment."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from portal.accounts.models import Membership, Team
from portal.accounts.vocabulary import Principal, Role
from portal.common.errors import DomainError
from portal.notifications.services import attended
from portal.notifications.vocabulary import Kind
from referrals import policies as casework
from referrals.assessments import policies
from referrals.assessments.models import Answer, Assessment, Brought, Invitation
from referrals.assessments.services.telling import (
    asked_people,
    begin,
    note,
    take,
    tell,
    write_down,
)
from referrals.assessments.vocabulary import ABOUT, CHILD, CHILD_WHY, ELSE, SEEN, STRENGTHS
from referrals.assessments.workflow import Step
from referrals.models import Case, Grant
from referrals.services import record_grants, share_by_rule
from referrals.vocabulary import Extent, KnownHow, Protect
from sharing.rules.vocabulary import Category, Purpose

WRITTEN = (Category.IC4, Category.IC10)
"""What agencies write here: of the concern and its signs, and what the child says."""
WHEN = "assessed together"
"""Completes "the portal, by rule, when the referral was ..."."""


@transaction.atomic
def reveal(*, actor: Principal, assessment: Assessment) -> Assessment:
    """Open the answers of all agencies at once, for good.

    What each wrote becomes statements of the case, held by its agency, and the law is asked, agency
    by agency, what those who take part may see of it. Those who answer later are too late: they
    would have read the others.

    Raises NotVisible; Refused unless the actor coordinates or manages the case; DomainError while
    an agency has time left to answer, while none has answered, and the second time.
    """
    assessment = begin(actor, assessment)
    take(actor, Step.REVEAL, assessment)
    if not policies.may_open(assessment):
        raise DomainError(
            "An agency still has time to answer, or none has answered yet. The answers stay sealed"
            " until all have answered or the time is over."
        )
    case, now = assessment.case, timezone.now()
    assessment.revealed_at, assessment.revealed_by_id = now, actor.membership_id
    assessment.save(update_fields=["status", "revealed_at", "revealed_by"])
    sent = assessment.invitations.select_for_update(of=("self",)).select_related(
        "agency", "by__team__agency", "assessment__tool"
    )
    answered = [each for each in sent.order_by("pk") if each.submitted_at is not None]
    for invitation in answered:
        _open(case, invitation)
    # What an agency had begun and not sent was never its answer.
    Invitation.objects.filter(assessment=assessment).exclude(sealed={}).update(sealed={})
    cause = write_down(
        actor,
        "risk.revealed",
        case,
        ("assessment", assessment.pk),
        ids=[each.agency_id for each in answered],
    )
    record_grants(actor, case, _share(actor, case, assessment, answered))
    attended(case=case.pk, kinds=[Kind.RISK_ASKED, Kind.RISK_LATE])
    others = asked_people(assessment, but=actor.membership_id)
    tell(others, Kind.RISK_OPENED, case, cause)
    return assessment


def _open(case: Case, invitation: Invitation) -> None:
    """Make answers and statements of what an agency sent."""
    tool, sealed = invitation.assessment.tool.tool, invitation.sealed
    signs = {each.code for each in tool.answers if each.is_sign}
    for code, given in sealed.get("items", {}).items():
        answer = Answer(invitation=invitation, item=code, answer=given["answer"])
        if answer.answer in signs:
            answer.recency, answer.known_how = given.get("when", ""), given["how"]
            answer.times = int(given["times"]) if given.get("times") else None
            answer.words = note(
                case,
                SEEN,
                given["words"],
                by=_author(invitation),
                at=invitation.submitted_at,
                known_how=KnownHow(given["how"]),
                protect=Protect(given.get("keep", "")),
            )
        answer.save()
    about = sealed.get(ABOUT, {})
    asked = "child" if about.get("child", "").strip() else "child_why"
    child = _said(case, invitation, CHILD if asked == "child" else CHILD_WHY, about[asked])
    assert child is not None  # noqa: S101
    Brought.objects.create(
        invitation=invitation,
        strengths=[code for code, _ in tool.strengths if code in about.get("strengths", [])],
        strengths_words_id=_said(case, invitation, STRENGTHS, about.get("safe", "")),
        child_id=child,
        more_id=_said(case, invitation, ELSE, about.get("more", "")),
    )


def _said(case: Case, invitation: Invitation, question: str, text: str) -> UUID | None:
    """The words, as their author stated them when they were sent; None where there are none."""
    if not text.strip():
        return None
    return note(case, question, text, by=_author(invitation), at=invitation.submitted_at).pk


def _author(invitation: Invitation) -> Membership:
    assert invitation.by is not None  # noqa: S101
    return invitation.by


def share_with_all(
    actor: Principal, case: Case, assessment: Assessment, holder: Membership
) -> None:
    """Ask the law what those who take part may see of what this person's agency holds."""
    invitations = list(assessment.invitations.all())
    grants = _given(actor, case, _teams(case, invitations), [holder])
    record_grants(actor, case, grants)


def _share(
    actor: Principal, case: Case, assessment: Assessment, answered: Iterable[Invitation]
) -> list[Grant]:
    teams = _teams(case, assessment.invitations.all())
    return _given(actor, case, teams, [each.by for each in answered if each.by is not None])


def _teams(case: Case, invitations: Iterable[Invitation]) -> list[Team]:
    """Of the teams to which the case is open: the front door, the panel's chair, and the agencies
    that are asked.
    """
    asked = {each.agency_id for each in invitations}
    leads = {Role.COORDINATOR, Role.MANAGER, Role.PANEL_CHAIR}
    return [
        team
        for team in casework.opened_teams(case)
        if Role(team.role) in leads or team.agency_id in asked
    ]


def _given(
    actor: Principal, case: Case, teams: Iterable[Team], holders: Iterable[Membership]
) -> list[Grant]:
    made = []
    agencies = {each.team.agency_id: each.team.agency for each in holders}
    for team in teams:
        panel = Role(team.role) in (Role.PANEL_CHAIR, Role.PANEL_MEMBER)
        live = Grant.objects.live().filter(content_object=case, group_id=team.pk)
        # No longer than what opens the case to the team now.
        ends = list(live.values_list("until_at", flat=True))
        until = None if None in ends else max(filter(None, ends))
        whole = live.filter(extent=Extent.WHOLE, categories__contains=[Category.IC4])
        held = set(whole.values_list("holder_id", flat=True))
        stopped = _stopped(case, team)
        for agency in agencies.values():
            if agency.pk in held | stopped:
                continue
            made += share_by_rule(
                case=case,
                team=team,
                holder=agency,
                purpose=Purpose.PANEL if panel else Purpose.SCREEN,
                at=timezone.now(),
                service=WHEN,
                by=actor.membership_id,
                until=until,
                categories=WRITTEN,
            )
    return made


def _stopped(case: Case, team: Team) -> set[UUID]:
    """The agencies of which somebody shared such words with this team and then stopped it.

    What a person decided a rule does not open again. A share that was renewed is open still.
    """
    decided = Grant.objects.filter(
        content_object=case,
        group_id=team.pk,
        granted_by_service="",
        categories__overlap=list(WRITTEN),
    )
    live = set(decided.live().values_list("holder_id", flat=True))
    return set(decided.filter(ended_at__isnull=False).values_list("holder_id", flat=True)) - live
