"""The papers of a meeting, for one reader: what they are invited to, as their role sees it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from portal.accounts.models import Agency, Membership
from portal.accounts.vocabulary import Principal
from portal.audit.services import record
from portal.common.errors import DomainError, NotVisible
from portal.notifications.services import owe
from portal.notifications.vocabulary import Kind
from referrals import policies as casework
from referrals.meetings import policies, reading
from referrals.meetings.models import AgendaItem, Contribution, Invitation, Meeting
from referrals.meetings.services.nominating import insist_no_reference
from referrals.meetings.services.opening import moment, reach
from referrals.meetings.workflow import MeetingStatus
from referrals.models import Case, Statement
from referrals.reading import Reading
from referrals.services import read_opened, record_grants
from referrals.vocabulary import PANEL_CATEGORIES, QUESTIONS, Answer, KnownHow
from sharing.rules.vocabulary import Category

LONGEST: int = 4000
"""How many characters one agency's words for one item may have."""


@dataclass(frozen=True, repr=False)
class Pack:
    """The papers as one reader has them. `lines` are counted among what they may know of.

    `previous` stands first: what the meeting before agreed, once the papers are out, and sooner for
    who runs the meeting.
    """

    meeting: Meeting
    name: str
    lines: list[reading.AgendaLine]
    total: int
    is_invited: bool
    read_at: datetime | None
    may_contribute: bool
    runs: bool
    previous: reading.Previous
    brought: tuple[UUID, ...] = ()


@transaction.atomic
def read_pack(*, actor: Principal, pk: UUID) -> Pack:
    """Open one's own papers of a meeting: one event that names the cases of which they show a row.

    Raises NotVisible, Refused.
    """
    meeting = policies.meeting_for(actor, pk)
    invitation = policies.invitation_of(actor, meeting)
    lines, known = reading.agenda_lines(actor, policies.pack_items(actor, meeting))
    runs = policies.runs_meeting(actor, meeting)
    previous = reading.Previous()
    if invitation is not None and (runs or meeting.status != MeetingStatus.PLANNED):
        previous = reading.previous_actions(actor, meeting)
    shown = {"IC1": bool(known.cases), "IC16": bool(previous.rows)}
    record(
        actor,
        "meeting.pack_opened",
        obj=("meeting", meeting.pk),
        purpose=previous.purpose(actor),
        ids=list(dict.fromkeys([*(case.pk for case in known.cases), *previous.cases])),
        fields=[code for code, is_so in shown.items() if is_so],
    )
    mine = Contribution.objects.filter(item__in=[line.pk for line in lines], agency=actor.agency_id)
    return Pack(
        meeting=meeting,
        name=meeting.series.name,
        lines=lines,
        total=sum(line.minutes for line in lines),
        is_invited=invitation is not None,
        read_at=invitation.read_at if invitation else None,
        may_contribute=may_contribute(meeting),
        runs=runs,
        previous=previous,
        brought=tuple(mine.values_list("item_id", flat=True)),
    )


def may_contribute(meeting: Meeting) -> bool:
    """Tell whether agencies may still add to the papers."""
    is_out = meeting.status == MeetingStatus.PUBLISHED
    return is_out and timezone.now() <= meeting.contributions_by


@dataclass(frozen=True, repr=False)
class PackItem:
    """One item of one's papers. `reading` is the case's own, for a child; `brought` are what
    agencies brought to another kind of item: (agency, words).
    """

    meeting: Meeting
    name: str
    line: reading.AgendaLine
    reading: Reading | None
    brought: tuple[tuple[str, str], ...]
    may_contribute: bool
    following: UUID | None
    count: int


@transaction.atomic
def read_pack_item(*, actor: Principal, pk: UUID, item: UUID) -> PackItem:
    """Open one item of one's papers: of a child, the same reading as the page of the case.

    One event: the case was read. Raises NotVisible, Refused.
    """
    meeting = policies.meeting_for(actor, pk)
    lines, known = reading.agenda_lines(actor, policies.pack_items(actor, meeting))
    line = next((each for each in lines if each.pk == item), None)
    if line is None:
        raise NotVisible("item", str(item))
    found = None
    brought: tuple[tuple[str, str], ...] = ()
    if line.case is not None:
        case = next(each for each in known.cases if each.pk == line.case)
        others = [each.pk for each in known.cases if each.pk != case.pk]
        found = read_opened(actor=actor, case=case, others=others)
    else:
        brought = brought_to(actor, item)
        record(actor, "meeting.pack_opened", obj=("item", item), fields=["IC4"])
    later = [each.pk for each in lines if each.number == line.number + 1]
    return PackItem(
        meeting=meeting,
        name=meeting.series.name,
        line=line,
        reading=found,
        brought=brought,
        may_contribute=may_contribute(meeting),
        following=later[0] if later else None,
        count=len(lines),
    )


def brought_to(actor: Principal, item: UUID) -> tuple[tuple[str, str], ...]:
    """What agencies brought to a person, place or theme, as this reader may read it."""
    wordings = reading.Wordings(actor)
    rows = Contribution.objects.filter(item=item).select_related("agency").order_by("at", "pk")
    shut = f"Not shared with {actor.agency_kind.label}"
    return tuple(
        (
            row.agency.name,
            row.words if wordings.may_read(row.agency, author=row.by_id) else shut,
        )
        for row in rows
    )


@transaction.atomic
def tick_read(*, actor: Principal, pk: UUID) -> Invitation:
    """Say that one has read the papers. Pressed again, the first time stands.

    Raises NotVisible when the actor is not invited, Refused; DomainError before they are out.
    """
    meeting = policies.meeting_for(actor, pk)
    mine = policies.invitation_of(actor, meeting)
    if mine is None:
        raise NotVisible("invitation", str(pk))
    if meeting.status == MeetingStatus.PLANNED:
        raise DomainError("The papers are not out yet.")
    invitation = Invitation.objects.select_for_update(of=("self",)).get(pk=mine.pk)
    if invitation.read_at is None:
        invitation.read_at = timezone.now()
        invitation.save(update_fields=["read_at"])
        cases = policies.pack_items(actor, meeting).filter(nomination__case__isnull=False)
        record(
            actor,
            "meeting.pack_read",
            obj=("meeting", meeting.pk),
            ids=list(cases.values_list("nomination__case", flat=True)),
        )
    return invitation


@transaction.atomic
def contribute(
    *, actor: Principal, pk: UUID, item: UUID, words: str, about: Category, key: UUID
) -> Contribution:
    """Bring what one's agency knows to one item, until the deadline.

    Of a child it is a statement of the case under what it is mostly about: the law says who of the
    panel reads it, and who already may see the case by rule may see what this agency holds as far
    as it says so. `key` names the form, so that a double press adds once.
    Whoever planned the meeting is told that something was added.
    Raises NotVisible, Refused; DomainError without words or after the deadline.
    """
    meeting = policies.meeting_for(actor, pk)
    found = policies.item_for(actor, meeting, item, own=True)
    words = words.strip()
    before = Contribution.objects.filter(pk=key, by_id=actor.membership_id, item=found).first()
    if before is not None:
        return before
    if not may_contribute(meeting):
        raise DomainError(
            "The time to add to these papers is over. Nothing is lost: say it in the meeting, or"
            " ring the coordinators."
        )
    if not 0 < len(words) <= LONGEST:
        raise DomainError(f"Write what your agency knows, in {LONGEST:,} characters or less.")
    case = found.nomination.case
    if case is None:
        insist_no_reference(words)
        return _brought(actor, found, key, words=words)
    held = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
    casework.require_more_than_emergency(actor, held)
    if about not in PANEL_CATEGORIES:
        raise DomainError("Say what it is mostly about.")
    question = f"panel_{about}"
    statement = Statement.objects.create(
        case=held,
        question=question,
        category=QUESTIONS[question].category,
        answer=Answer.GIVEN,
        text=words,
        known_how=KnownHow.RECORD,
        agency_id=actor.agency_id,
        author_id=actor.membership_id,
        stated_at=timezone.now(),
    )
    made = _brought(actor, found, key, statement=statement)
    agency = Agency.objects.get(pk=actor.agency_id)
    record_grants(actor, held, reach(held, agency, moment(), actor.membership_id))
    return made


def _brought(
    actor: Principal,
    item: AgendaItem,
    key: UUID,
    *,
    statement: Statement | None = None,
    words: str = "",
) -> Contribution:
    made = Contribution.objects.create(
        pk=key,
        item=item,
        agency_id=actor.agency_id,
        by_id=actor.membership_id,
        statement=statement,
        words=words,
    )
    case = item.nomination.case
    cause = record(
        actor,
        "meeting.contributed",
        case=case.pk if case else None,
        obj=("contribution", made.pk),
        subjects=[case.child_id] if case else [],
        fields=[str(statement.category)] if statement else [],
    )
    _tell_who_planned(actor, item, cause)
    return made


def _tell_who_planned(actor: Principal, item: AgendaItem, cause: UUID) -> None:
    """The papers are out, and this is not in their PDF: whoever planned the meeting hears of it, if
    they may know of the item. The notice is about no case.
    """
    planner = Membership.objects.live().filter(pk=item.meeting.planned_by_id).first()
    if planner is None or planner.user_id == actor.user_id:
        return
    if policies.items(planner.principal(), item.meeting).filter(pk=item.pk).exists():
        owe(recipient=planner, kind=Kind.PAPERS_ADDED, reference="", case=None, cause=cause)
