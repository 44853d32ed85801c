"""Agreeing a level: words first, then what the tool says. Who else must sign: `signing`."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from portal.accounts.models import Membership
from portal.accounts.vocabulary import Principal
from portal.common.errors import DomainError
from portal.common.workflow import next_status
from portal.notifications.services import attended
from portal.notifications.vocabulary import Kind
from referrals.assessments import policies, reading
from referrals.assessments.decision import advised, floor_of, takes
from referrals.assessments.models import (
    Agreement,
    Assessment,
    Judgement,
)
from referrals.assessments.services.looking import compared
from referrals.assessments.services.revealing import share_with_all
from referrals.assessments.services.telling import (
    asked_people,
    begin,
    insist,
    member,
    note,
    take,
    tell,
    write_down,
)
from referrals.assessments.vocabulary import (
    CHILD,
    CHILD_WHY,
    DIFFERS,
    JUDGEMENT,
    Level,
    Takes,
)
from referrals.assessments.workflow import TRANSITIONS, Status, Step
from referrals.models import Case
from referrals.reading import Item

_MUST_DIFFER = (
    "This level is not what the tool or the last level says. Write why. Nothing has been changed."
)


@dataclass(frozen=True, repr=False)
class Judging:
    """The judgement in words, and what is known of the child beside the answers.

    `child` is what the child says of the result; `child_why` why nobody has asked. `missing` and
    `unsafe_home` are None where nobody knows.
    """

    words: str
    child: str = ""
    child_why: str = ""
    missing: int | None = None
    unsafe_home: bool | None = None


@dataclass(frozen=True, repr=False)
class Agreeing:
    """The level that people agreed, why it differs from what the tool says, and the next look."""

    level: Level
    review_on: date
    differs: str = ""


@dataclass(frozen=True, repr=False)
class BeforeAgreeing:
    """What the page says that agrees a level. `judgement` is the one that stands, if any; only then
    is there `comparison`, with the score.
    """

    reference: str
    pk: UUID
    judgement: UUID | None
    words: Item | None
    comparison: reading.Comparison | None
    advised: str
    floor: str
    before: str
    names: dict[Level, str]
    until: date


@transaction.atomic
def look_before_agreeing(*, actor: Principal, reference: str, pk: UUID) -> BeforeAgreeing:
    """Open the page on which a level is agreed, on the record. The score is not in it before the
    judgement is written.

    Raises NotVisible; Refused unless the actor coordinates or manages the case; DomainError while
    the answers lie sealed, and once a level is put up.
    """
    assessment = policies.assessment_for(actor, reference, pk)
    insist(actor, Step.AGREE, assessment)
    case = assessment.case
    written = assessment.judgements.filter(agreement__isnull=True).order_by("-written_at").first()
    said = reading.said(actor, case)
    found = compared(actor, assessment, said)
    next_status(TRANSITIONS, Step.AGREE, assessment.status)
    names = reading.names_of(case)
    counted = found.score
    suggests = advised(counted) if counted else None
    earlier = policies.earlier(case)
    before, floor = earlier.level, floor_of(counted, earlier) if counted else earlier.floor
    return BeforeAgreeing(
        reference=case.reference,
        pk=assessment.pk,
        judgement=written.pk if written else None,
        words=said.item(written.words_id) if written else None,
        comparison=found if written else None,
        advised=names[suggests] if suggests else "",
        floor=names[floor] if floor else "",
        before=names[before] if before else "",
        names=names,
        until=timezone.localdate() + timedelta(days=case.partnership.reassess_days),
    )


@transaction.atomic
def judge(*, actor: Principal, assessment: Assessment, judging: Judging, key: UUID) -> Judgement:
    """Write the professional judgement, before anybody sees what the tool counts.

    It is a statement of the case; the law is asked what those who take part may read of it. `key`
    names the form: a double press writes once.

    Raises NotVisible; Refused unless the actor coordinates or manages the case; DomainError while
    the answers lie sealed, once a level is put up, without words, or without what the child says
    or why nobody has asked.
    """
    assessment = begin(actor, assessment)
    insist(actor, Step.AGREE, assessment)
    written = Judgement.objects.filter(pk=key, assessment=assessment).first()
    if written is not None:
        return written
    next_status(TRANSITIONS, Step.AGREE, assessment.status)
    if not judging.words.strip():
        raise DomainError("Write your judgement \u2013 the score alone is not enough")
    if not (judging.child.strip() or judging.child_why.strip()):
        raise DomainError("Write what the child says, or why nobody has asked the child")
    case, me = assessment.case, member(actor)
    asked = bool(judging.child.strip())
    made = Judgement.objects.create(
        pk=key,
        assessment=assessment,
        words=note(case, JUDGEMENT, judging.words, by=me),
        child=note(
            case,
            CHILD if asked else CHILD_WHY,
            judging.child if asked else judging.child_why,
            by=me,
        ),
        missing=judging.missing,
        unsafe_home=judging.unsafe_home,
        by_id=actor.membership_id,
    )
    write_down(actor, "risk.judged", case, ("judgement", made.pk))
    share_with_all(actor, case, assessment, me)
    return made


@transaction.atomic
def agree(
    *, actor: Principal, assessment: Assessment, judgement: UUID, agreeing: Agreeing
) -> Agreement:
    """Agree a level, on the judgement that was written. The score advises, and decides nothing.

    Higher than the tool says takes a reason, and holds at once: nobody waits to protect a child.
    One level lower takes another person's signature; two lower, below a floor, or lower while a
    sign of harm is less than a year old or too little is known takes the panel's chair and a second
    agency. Floors and harm of the level in force count too. Until they have signed the level before
    stays in force. Every agency that answered is asked whether it agrees.

    Raises NotVisible; Refused unless the actor coordinates or manages the case; DomainError without
    a judgement, when the level differs without a reason, for a day that is past or too far off, and
    when somebody else was first.
    """
    assessment = begin(actor, assessment)
    insist(actor, Step.AGREE, assessment)
    made = Agreement.objects.filter(judgement=judgement, by=actor.membership_id).first()
    if made is not None and made.stands and made.level == agreeing.level:
        return made
    next_status(TRANSITIONS, Step.AGREE, assessment.status)
    written = assessment.judgements.filter(agreement__isnull=True).order_by("-written_at").first()
    if written is None or written.pk != judgement:
        raise DomainError(
            "Write your judgement first, or read the one that was written since. The score alone is"
            " not enough. Nothing has been changed."
        )
    case = assessment.case
    earlier = policies.earlier(case)
    before = earlier.level
    counted = reading.counted(assessment, written)
    needed = takes(assessment.tool.tool, counted, agreeing.level, earlier)
    _insist_on_day(case, agreeing, before)
    if needed is not Takes.NOTHING and not agreeing.differs.strip():
        raise DomainError(_MUST_DIFFER)
    at_once = needed in (Takes.NOTHING, Takes.REASON)
    take(actor, Step.AGREE if at_once else Step.PROPOSE, assessment)
    assessment.save(update_fields=["status"])
    said = agreeing.differs.strip()
    made = Agreement.objects.create(
        assessment=assessment,
        judgement=written,
        level=agreeing.level,
        before=before or "",
        advised=advised(counted) or "",
        floor=floor_of(counted, earlier) or "",
        recent_harm=counted.recent_harm,
        total=counted.total,
        gaps=counted.gaps,
        insufficient=counted.insufficient or _still_unknown(assessment),
        takes=needed,
        differs=note(case, DIFFERS, said, by=member(actor)) if said else None,
        by_id=actor.membership_id,
        review_on=agreeing.review_on,
    )
    act = "risk.agreed" if at_once else "risk.proposed"
    cause = write_down(actor, act, case, ("agreement", made.pk), why=str(needed))
    attended(case=case.pk, kinds=[Kind.RISK_OPENED])
    if at_once:
        put_in_force(case, made, timezone.now())
    else:
        tell(policies.who_signs(made), Kind.RISK_SIGN, case, cause)
    tell(_who_confirms(actor, assessment), Kind.RISK_AGREED, case, cause)
    return made


def _still_unknown(assessment: Assessment) -> bool:
    """Whether too little was known before, and this tool, which counts nothing, cannot say more."""
    latest = policies.latest_in_force(assessment.case)
    return not assessment.tool.tool.is_scored and latest is not None and latest.insufficient


def longest_until(case: Case, level: Level, before: Level | None) -> timedelta:
    """How long a level may stand before another look; half of it where the level was raised."""
    days = case.partnership.reassess_days
    raised = before is not None and level.height > before.height
    return timedelta(days=days // 2 if raised else days)


def _insist_on_day(case: Case, agreeing: Agreeing, before: Level | None) -> None:
    today = timezone.localdate()
    longest = longest_until(case, agreeing.level, before)
    if not today < agreeing.review_on <= today + longest:
        raise DomainError(
            f"Agencies look again within {longest.days} days. Choose a day after today and within"
            " that time. Nothing has been changed."
        )


def _who_confirms(actor: Principal, assessment: Assessment) -> list[Membership]:
    answered = assessment.invitations.filter(submitted_at__isnull=False)
    agencies = set(answered.values_list("agency_id", flat=True))
    people = asked_people(assessment, but=actor.membership_id)
    return [each for each in people if each.team.agency_id in agencies]


def put_in_force(case: Case, agreement: Agreement, at: datetime) -> None:
    """The level holds from now on; the assessment before gives its place."""
    agreement.in_force_at = at
    agreement.save(update_fields=["in_force_at"])
    earlier = Assessment.objects.filter(case=case, status=Status.AGREED)
    for each in earlier.exclude(pk=agreement.assessment_id):
        each.status = Status(next_status(TRANSITIONS, Step.SUPERSEDE, each.status))
        each.save(update_fields=["status"])
    case.level, case.level_by_id, case.level_at = agreement.level, agreement.by_id, at
    case.save(update_fields=["level", "level_by", "level_at"])
    attended(case=case.pk, kinds=[Kind.RISK_DUE])
