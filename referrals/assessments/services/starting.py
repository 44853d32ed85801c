"""Beginning a joint risk assessment, and calling one off."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from portal.accounts.vocabulary import Principal
from portal.common.clock import add_working_days, add_working_time, end_of, working_time
from portal.common.errors import DomainError
from portal.notifications.services import attended
from portal.notifications.vocabulary import Kind
from referrals import policies as casework
from referrals.assessments import policies
from referrals.assessments.models import Agreement, Assessment, Invitation, ToolVersion
from referrals.assessments.services.telling import (
    asked_people,
    lock,
    take,
    tell,
    write_down,
)
from referrals.assessments.vocabulary import WORDS, ToolKind
from referrals.assessments.workflow import Status, Step
from referrals.models import Case

FEWEST = 2
"""How many agencies look together at least: one alone is no joint assessment."""
LONGEST = timedelta(days=42)


@dataclass(frozen=True, repr=False)
class Asking:
    """What is asked: with which tool, of whom, by when, and what to look at."""

    tool: UUID
    agencies: Sequence[UUID]
    due_on: date
    look_at: str


@dataclass(frozen=True, repr=False)
class Before:
    """What the page that begins an assessment says: which tools and agencies, and the usual day."""

    reference: str
    tools: tuple[tuple[str, str], ...]
    agencies: tuple[tuple[str, str], ...]
    due_on: date


def look_before_starting(*, actor: Principal, reference: str) -> Before:
    """Say with which tools and agencies an assessment may begin. It shows nothing of the case.

    An agency can be asked when somebody there may know of the case. Raises NotVisible; Refused
    unless the actor coordinates or manages the case.
    """
    case = casework.case_for(actor, reference)
    _insist(actor, case)
    area = case.partnership
    due = add_working_days(
        timezone.now(), area.assess_working_days, area.office_opens, area.office_closes
    )
    tools = tuple((str(each.pk), f"{each.tool.title}, version {each.version}") for each in _tools())
    agencies = tuple((str(each.pk), each.name) for each in policies.may_be_asked(case))
    return Before(case.reference, tools, agencies, timezone.localdate(due))


def _insist(actor: Principal, case: Case) -> None:
    casework.require_oversees(actor, case)
    casework.require_more_than_emergency(actor, case)


@transaction.atomic
def start(*, actor: Principal, case: Case, asking: Asking, key: UUID) -> Assessment:
    """Begin a joint risk assessment: ask at least two agencies what they know, each unseen.

    Nobody sees more of the case by being asked: only agencies with somebody who may know of it can
    be. `key` names the form, so that a double press begins one.

    Raises NotVisible; Refused unless the actor coordinates or manages the case; DomainError while
    one is under way, when work on the case is over, for a tool that no body has approved, fewer
    than two agencies, one that cannot be asked, a day that is past or far off, or without words.
    Legal source: Working Together to Safeguard Children 2023, chapter 3, on assessing together.
    """
    case = lock(case)
    _insist(actor, case)
    before = Assessment.objects.filter(pk=key, case=case).first()
    if before is not None:
        return before
    due = _insist_on(case, asking)
    now = timezone.now()
    made = Assessment.objects.create(
        pk=key,
        case=case,
        tool=_tool(asking.tool),
        look_at=asking.look_at.strip(),
        started_by_id=actor.membership_id,
        started_at=now,
        due_at=due,
    )
    able = {each.pk: each for each in policies.may_be_asked(case)}
    for pk in dict.fromkeys(asking.agencies):
        if pk not in able:
            raise DomainError(
                "One of these agencies cannot be asked: nobody there can open the case. Share it"
                " with them first. Nothing has been begun."
            )
        Invitation.objects.create(assessment=made, agency=able[pk], chase_at=_chase(case, now, due))
    cause = write_down(
        actor, "risk.opened", case, ("assessment", made.pk), ids=sorted(set(asking.agencies))
    )
    attended(case=case.pk, kinds=[Kind.RISK_DUE])
    tell(asked_people(made, but=actor.membership_id), Kind.RISK_ASKED, case, cause)
    return made


def _insist_on(case: Case, asking: Asking) -> datetime:
    """The moment at which the time to answer is over. Raises DomainError."""
    if case.status in policies.GONE:
        raise DomainError("Work on this case is over. Reopen it first. Nothing has been begun.")
    if Assessment.objects.filter(case=case).under_way().exists():
        raise DomainError(
            "An assessment of this child is under way already. Go on with that one, or call it"
            " off. Nothing has been begun."
        )
    if len(set(asking.agencies)) < FEWEST:
        raise DomainError("Select at least two agencies")
    if not 0 < len(asking.look_at.strip()) <= WORDS:
        raise DomainError(f"Write what to look at, in {WORDS:,} characters or less.")
    due, now = end_of(asking.due_on), timezone.now()
    if not now < due < now + LONGEST:
        raise DomainError("The day must be in the next six weeks, and must not have passed.")
    return due


def _tools() -> list[ToolVersion]:
    """The approved tools with which agencies assess; one for screening agrees no level."""
    found = ToolVersion.objects.in_force()
    return [each for each in found if each.tool.kind is ToolKind.ASSESSMENT]


def _tool(pk: UUID) -> ToolVersion:
    tool = next((each for each in _tools() if each.pk == pk), None)
    if tool is None:
        raise DomainError("Select a risk tool that is approved. Nothing has been begun.")
    return tool


def _chase(case: Case, now: datetime, due: datetime) -> datetime:
    """When those who have not answered are chased: when half of the working time is over."""
    opens, closes = case.partnership.office_opens, case.partnership.office_closes
    half = working_time(now, due, opens, closes) / 2
    return min(add_working_time(now, half, opens, closes), due)


@transaction.atomic
def call_off(*, actor: Principal, assessment: Assessment, why: str) -> Assessment:
    """Call an assessment off before the answers are opened. What was sent stays sealed for ever.

    Once they are open a level is agreed on them: whoever began again with others would leave out
    the answers that raised a floor. One that stands on a case that was withdrawn can be called off.

    Raises NotVisible; Refused unless the actor coordinates or manages the case; DomainError
    without a reason, or when the answers are open.
    """
    case = lock(assessment.case)
    assessment = policies.assessment_for(actor, case.reference, assessment.pk)
    take(actor, Step.CALL_OFF, assessment)
    if not why.strip():
        raise DomainError("Write why it is called off. A sentence is enough.")
    assessment.ended_at, assessment.ended_why = timezone.now(), why.strip()
    assessment.save(update_fields=["status", "ended_at", "ended_why"])
    # What asked for it asks again.
    Agreement.objects.filter(
        assessment__case=assessment.case_id, assessment__status=Status.AGREED
    ).update(review_told_at=None, sign_told_at=None)
    write_down(actor, "risk.called_off", assessment.case, ("assessment", assessment.pk))
    attended(case=assessment.case_id, kinds=[Kind.RISK_ASKED, Kind.RISK_LATE])
    return assessment
