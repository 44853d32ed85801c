"""What a reader may be shown of what follows a referral: rows whose words are final."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count
from django.utils import timezone

from portal.accounts.models import Membership, Team
from portal.accounts.vocabulary import Principal, Role
from portal.common.clock import start_of_clock
from portal.notifications import policies as notices
from referrals import policies as casework
from referrals.following import policies
from referrals.following.models import Challenge, Chase, Escalation, Message
from referrals.following.vocabulary import About, Result, Stage, Urgency, ladder, next_stage
from referrals.models import Case, Referral
from referrals.reading import Summary, next_due
from referrals.workflow import OVER, Status


def team_words(team: Team) -> str:
    """A team as people say it: "Agency lead, Example High School"."""
    return f"{Role(team.role).label}, {team.agency.name}"


def person_words(member: Membership) -> str:
    """Who did it: name, role, agency."""
    return f"{member.user.name}, {team_words(member.team)}"


# --- My referrals, and chasing --------------------------------------------------------------------


@dataclass(frozen=True, repr=False)
class Sent:
    """One row of My referrals: where it has got to, what is due, what is unread."""

    summary: Summary
    due: datetime | None
    unread: int
    may_chase: bool
    chased_today: bool


def sent(principal: Principal, rows: Iterable[Summary], cases: Sequence[Case]) -> list[Sent]:
    """The rows of a page of My referrals. A few queries, whatever the number of rows."""
    now = timezone.now()
    pks = [case.pk for case in cases]
    by_pk = {case.pk: case for case in cases}
    asked = dict(
        Message.objects.of_team(principal.team_id)
        .unanswered()
        .filter(case__in=pks, team_id=principal.team_id)
        .order_by("-answer_due_at")
        .values_list("case_id", "answer_due_at")
    )
    unread = dict(
        notices.visible(principal)
        .unread()
        .filter(case__in=pks)
        .values_list("case")
        .annotate(number=Count("pk"))
    )
    chased = dict(
        Chase.objects.filter(case__in=pks, team_id=principal.team_id)
        .order_by("working_day")
        .values_list("case_id", "working_day")
    )
    found = []
    for row in rows:
        case = by_pk[row.case_id]
        promised = [due for due in (next_due(case), asked.get(case.pk)) if due]
        due = min(promised, default=None)
        area = case.partnership
        today = start_of_clock(now, area.office_opens, area.office_closes).date()
        chased_today = chased.get(case.pk) == today
        late = due is not None and due < now
        found.append(
            Sent(
                summary=row,
                due=due,
                unread=unread.get(case.pk, 0),
                may_chase=late and not chased_today,
                chased_today=late and chased_today,
            )
        )
    return found


def next_promise(case: Case, team: int) -> datetime | None:
    """When this team, which sent a referral of the case, was promised to hear next, or None."""
    asked = (
        Message.objects.filter(case=case, team_id=team)
        .unanswered()
        .order_by("answer_due_at")
        .values_list("answer_due_at", flat=True)
        .first()
    )
    return min((due for due in (next_due(case), asked) if due), default=None)


def overdue_since(case: Case, team: int, at: datetime) -> datetime | None:
    """Since when a promise to this team is late at `at`; None when none is."""
    due = next_promise(case, team)
    return due if due is not None and due < at else None


# --- Adding ---------------------------------------------------------------------------------------


@dataclass(frozen=True, repr=False)
class Adding:
    """What the page for adding says: the case by its reference, and who will read it."""

    reference: str
    readers: tuple[str, ...]
    is_over: bool


def adding(case: Case) -> Adding:
    """Who reads what is added: the front door by name. Which other agencies have a share of the
    case is not told here: whoever sent a referral may not know it.
    """
    front = tuple(team_words(team) for team in casework.front_teams(case))
    return Adding(case.reference, front, is_over=case.status in OVER)


# --- Messages -------------------------------------------------------------------------------------


@dataclass(frozen=True, repr=False)
class Line:
    """One message, as somebody reads it who it was written by or to."""

    pk: UUID
    by: str
    readers: str
    text: str
    at: datetime
    about: str
    due: datetime | None
    is_answered: bool
    may_answer: bool
    answers: str = ""


@dataclass(frozen=True, repr=False)
class Messages:
    """The messages of a case that a reader may read, and whom they may write to."""

    reference: str
    lines: tuple[Line, ...]
    choices: tuple[tuple[str, str], ...]
    may_write: bool

    def line(self, pk: str) -> Line | None:
        """The message that somebody may answer, by its number as it stands in an address."""
        return next((one for one in self.lines if str(one.pk) == pk and one.may_answer), None)


def messages(principal: Principal, case: Case) -> Messages:
    """The messages written by or to the principal's team on a visible case, latest first."""
    stands = casework.standing(principal, case)
    may_write = not stands.only_reads
    rows = list(
        Message.objects.of_team(principal.team_id)
        .filter(case=case)
        .select_related("author__user", "author__team__agency", "answers", "answered_by")
        .order_by("-sent_at", "-pk")
    )
    teams = Team.objects.select_related("agency").in_bulk(
        {pk for row in rows for pk in row.readers}
    )
    senders = _senders(case)
    lines = []
    for row in rows:
        # A message and its answer are between the same teams, so who reads one reads the other.
        answered = hasattr(row, "answered_by")
        lines.append(
            Line(
                pk=row.pk,
                by=person_words(row.author),
                readers=_readers_words([teams[pk] for pk in row.readers], senders),
                text=row.text,
                at=row.sent_at,
                about=About(row.about).label,
                due=row.answer_due_at if row.answer_due_at and not answered else None,
                is_answered=answered,
                may_answer=may_write
                and not answered
                and principal.team_id in row.readers
                and row.team_id != principal.team_id,
                answers=row.answers.text if row.answers else "",
            )
        )
    offered = policies.may_write_to(principal, case) if may_write else []
    return Messages(
        reference=case.reference,
        lines=tuple(lines),
        choices=tuple(
            (choice(team.pk for team in them), _readers_words(them, senders)) for them in offered
        ),
        may_write=may_write,
    )


def choice(teams: Iterable[int]) -> str:
    """Some teams as the value of one choice."""
    return "-".join(str(pk) for pk in sorted(teams))


def _senders(case: Case) -> frozenset[int]:
    """The teams of practitioners of whom only the person who sent the referral knows the case."""
    sent = Referral.objects.filter(case=case, author__team__role=Role.PRACTITIONER)
    opened = {team.pk for team in casework.opened_teams(case)}
    return frozenset(sent.values_list("author__team", flat=True)) - opened


def _readers_words(teams: Sequence[Team], senders: frozenset[int]) -> str:
    """Teams in words; of a sender's team, the one person who reads it."""
    only = ": the person who sent the referral"
    return "; ".join(f"{team_words(team)}{only if team.pk in senders else ''}" for team in teams)


# --- Disagreeing ----------------------------------------------------------------------------------


THE_PORTAL = "the portal, because the time to answer had passed"
"""Who took a step that nobody took."""


@dataclass(frozen=True, repr=False)
class Taken:
    """One step of a disagreement, and its answer where there is one."""

    stage: int
    who: str
    why: str
    by: str
    at: datetime
    due: datetime | None
    result: str = ""
    words: str = ""
    answered_by: str = ""
    answered_at: datetime | None = None


@dataclass(frozen=True, repr=False)
class Raised:
    """One disagreement with all of its steps."""

    pk: UUID
    agency: str
    by: str
    at: datetime
    reason: str
    wanted: str
    urgency: str
    steps: tuple[Taken, ...]
    next_who: str
    may_escalate: bool
    may_answer: bool

    @property
    def stage(self) -> int:
        """The step that it has reached."""
        return self.steps[-1].stage


@dataclass(frozen=True, repr=False)
class Challenges:
    """The page of disagreeing: what was raised, the ladder, and what the reader may do now."""

    reference: str
    raised: tuple[Raised, ...]
    stages: tuple[tuple[int, str, str], ...]
    follows: bool
    may_raise: bool
    decided: bool

    @property
    def to_answer(self) -> Raised | None:
        """The one that this reader answers first: who has waited longest."""
        return next((one for one in reversed(self.raised) if one.may_answer), None)

    @property
    def to_escalate(self) -> Raised | None:
        """The one that this reader may take further now."""
        return next((one for one in self.raised if one.may_escalate), None)


def last_step(challenge: Challenge) -> Escalation:
    """The step that a disagreement has reached."""
    return Escalation.objects.filter(challenge=challenge).order_by("-stage")[0]


def challenges(principal: Principal, case: Case) -> Challenges:
    """The disagreements on a case: of their own agency for those who sent it, else all."""
    stands = casework.standing(principal, case)
    rows = Challenge.objects.filter(case=case)
    if not stands.oversees:
        rows = rows.filter(agency_id=principal.agency_id)
    rows = rows.select_related("agency", "by__user", "by__team__agency").prefetch_related(
        "steps__by__user",
        "steps__by__team__agency",
        "steps__answer__by__user",
        "steps__answer__by__team__agency",
    )
    ordered = list(rows.order_by("-raised_at", "pk"))
    follows = policies.follows(stands)
    answers = policies.answers_challenges(principal, case)
    stages = ladder(case.partnership.escalation)
    raised = tuple(
        _raised(row, principal, follows=follows, answers=answers, stages=stages) for row in ordered
    )
    waits = any(
        one.steps[-1].answered_at is None
        for one, row in zip(raised, ordered, strict=True)
        if row.agency_id == principal.agency_id
    )
    decided = case.status not in (Status.RECEIVED, Status.CHECKING, Status.WITHDRAWN)
    return Challenges(
        reference=case.reference,
        raised=raised,
        stages=tuple((s.number, s.who, _clock_words(s)) for s in stages),
        follows=follows,
        may_raise=follows and decided and not waits,
        decided=decided,
    )


def _clock_words(step: Stage) -> str:
    """How long a step has: as a rule, and when a child could come to harm."""
    days, hours = step.working_days, step.immediate_hours
    rule = f"{days} working day{'s' if days > 1 else ''}"
    return f"{rule}, or {hours} hour{'s' if hours > 1 else ''}" if hours else rule


def _raised(
    row: Challenge,
    principal: Principal,
    *,
    follows: bool,
    answers: bool,
    stages: Sequence[Stage],
) -> Raised:
    steps = sorted(row.steps.all(), key=lambda step: step.stage)
    taken = tuple(_taken(step) for step in steps)
    here = taken[-1]
    answered = here.answered_at is not None
    ours = follows and row.agency_id == principal.agency_id
    late = steps[-1].due_at <= timezone.now()
    ahead = next_stage(stages, here.stage, Urgency(row.urgency))
    return Raised(
        pk=row.pk,
        agency=row.agency.name,
        by=person_words(row.by),
        at=row.raised_at,
        reason=row.reason,
        wanted=row.wanted,
        urgency=Urgency(row.urgency).label,
        steps=taken,
        next_who=ahead.who if ahead else "",
        may_escalate=ours and (answered or late) and ahead is not None,
        may_answer=answers and not answered,
    )


def _taken(step: Escalation) -> Taken:
    answer = getattr(step, "answer", None)
    return Taken(
        stage=step.stage,
        who=step.who,
        why=step.why,
        by=person_words(step.by) if step.by else THE_PORTAL,
        at=step.taken_at,
        due=None if answer else step.due_at,
        result=Result(answer.result).label if answer else "",
        words=answer.words if answer else "",
        answered_by=person_words(answer.by) if answer else "",
        answered_at=answer.answered_at if answer else None,
    )
