"""What happens in the room: who holds the pen, what is on the screen, what each agency says.

One person writes at a time. Everybody else's attempt is refused, and keeps its words. A line is
the information of the agency whose words it is. Once the minutes are approved nothing is written.
"""

from collections.abc import Iterable, Mapping
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from portal.accounts.vocabulary import Principal
from portal.audit.services import record
from portal.common.errors import DomainError
from portal.common.models import version_of
from portal.common.moments import time_of_day
from referrals.meetings import policies
from referrals.meetings.models import (
    AgendaItem,
    Attendance,
    ItemApproval,
    Line,
    Meeting,
    Minutes,
    OnScreen,
    Pen,
)
from referrals.meetings.reading.risk import categories_of
from referrals.meetings.reading.room import (
    RoomReading,
    ScreenReading,
    read_in_the_room,
    read_screen,
)
from referrals.meetings.services import attendance
from referrals.meetings.services.nominating import insist_no_reference
from referrals.meetings.vocabulary import Said
from referrals.meetings.workflow import MeetingStatus
from sharing.rules.vocabulary import Category, Purpose

LINE_LENGTH = 4000
"""How many characters one agency's words about one item may have."""


def hold(meeting: Meeting) -> Meeting:
    """Lock a meeting and return it as it stands: what is written in the room goes one by one."""
    return (
        Meeting.objects.select_for_update(of=("self",))
        .select_related(
            "series__partnership", "chair__user", "chair__team__agency", "planned_by__team__agency"
        )
        .get(pk=meeting.pk)
    )


def insist_open(meeting: Meeting) -> None:
    """Insist that the record can still be written. Raises DomainError. The meeting is held."""
    if meeting.status not in (MeetingStatus.HELD, MeetingStatus.ENDED):
        raise DomainError("The meeting has not begun. Nothing was written.")
    if Minutes.objects.filter(meeting=meeting, approved_at__isnull=False).exists():
        raise DomainError(
            "The minutes are approved, so nothing in them changes. Your words stand below: say at"
            " the next meeting what was wrong."
        )


def insist_item_open(item: AgendaItem) -> None:
    """Insist that nobody has approved this item. Raises DomainError. The meeting is held."""
    if ItemApproval.objects.filter(item=item).exists():
        raise DomainError(
            "This item of the minutes is approved, so nothing in it changes. Your words stand"
            " below: say at the next meeting what was wrong."
        )


def insist_pen(actor: Principal, meeting: Meeting) -> None:
    """Insist that the actor holds the pen. Raises DomainError that says who does."""
    policies.require_runs_meeting(actor, meeting)
    pen = _standing(meeting)
    if pen is None:
        raise DomainError("Nobody holds the pen. Take it, and press again. Nothing was written.")
    if pen.holder_id != actor.membership_id:
        raise DomainError(
            f"{pen.holder.user.name} has held the pen since {time_of_day(pen.from_at)}. What you"
            " wrote is not saved: it stands below. Ask them to hand the pen over, and press again."
        )


def _standing(meeting: Meeting) -> Pen | None:
    held = Pen.objects.filter(meeting=meeting, until_at__isnull=True)
    return held.select_related("holder__user").first()


@transaction.atomic
def take_pen(*, actor: Principal, meeting: Meeting) -> Pen:
    """Take the pen that nobody holds; the chair takes it from anybody. Twice is once.

    Raises Refused unless the actor chairs the meeting, or runs it and is invited; DomainError
    while somebody else holds it, or when the minutes are approved.
    """
    meeting = hold(meeting)
    policies.require_writes(actor, meeting)
    insist_open(meeting)
    pen = _standing(meeting)
    if pen is not None and pen.holder_id == actor.membership_id:
        return pen
    if pen is not None and meeting.chair_id != actor.membership_id:
        raise DomainError(
            f"{pen.holder.user.name} holds the pen. Ask them to hand it over, or ask the chair."
        )
    return _given(actor, meeting, pen, actor.membership_id)


@transaction.atomic
def hand_pen(*, actor: Principal, meeting: Meeting, to: UUID) -> Pen:
    """Hand the pen to somebody else who runs or chairs the meeting.

    Raises Refused, or DomainError unless the actor holds it and `to` may.
    """
    meeting = hold(meeting)
    insist_open(meeting)
    insist_pen(actor, meeting)
    if to not in {each.pk for each in policies.may_write(meeting)}:
        raise DomainError("Select who takes the pen. You still hold it.")
    return _given(actor, meeting, _standing(meeting), to)


def _given(actor: Principal, meeting: Meeting, before: Pen | None, to: UUID) -> Pen:
    now = timezone.now()
    if before is not None:
        if before.holder_id == to:
            return before
        before.until_at = now
        before.save(update_fields=["until_at"])
    pen = Pen.objects.create(meeting=meeting, holder_id=to, from_at=now)
    record(actor, "meeting.pen", obj=("meeting", meeting.pk), ids=[to])
    return pen


@transaction.atomic
def present(*, actor: Principal, item: AgendaItem) -> OnScreen:
    """Show one item to the room. What was on the screen before goes. Twice is once.

    Unless somebody is in the room for it already, everybody who is here and may comes in for it.

    Raises NotVisible; Refused unless the actor runs or chairs the meeting; DomainError unless it is
    being held.
    """
    meeting = hold(item.meeting)
    policies.item_for(actor, meeting, item.pk)
    policies.require_runs_meeting(actor, meeting)
    if meeting.status != MeetingStatus.HELD:
        raise DomainError("Only a meeting that is being held shows its items. Nothing is shown.")
    if not Attendance.objects.in_the_room().filter(item=item).exists():
        attendance.open_item(actor=actor, meeting=meeting.pk, item=item.pk)
    shown = OnScreen.objects.filter(meeting=meeting, until_at__isnull=True).first()
    if shown is not None and shown.item_id == item.pk:
        return shown
    _leave(meeting)
    made = OnScreen.objects.create(meeting=meeting, item=item, by_id=actor.membership_id)
    record_of(actor, "meeting.presented", item)
    return made


@transaction.atomic
def clear_screen(*, actor: Principal, meeting: Meeting) -> UUID | None:
    """Leave the item that is on the screen: it goes off it, and closes to everybody in the room.

    Returns which item that was, if the actor may know of it.

    Raises Refused unless the actor runs or chairs the meeting.
    """
    meeting = hold(meeting)
    policies.require_runs_meeting(actor, meeting)
    left = _leave(meeting)
    if left is None or not policies.items(actor, meeting).filter(pk=left).exists():
        return None
    if meeting.status == MeetingStatus.HELD:
        attendance.close_item(actor=actor, meeting=meeting.pk, item=left)
    return left


def _leave(meeting: Meeting) -> UUID | None:
    shown = OnScreen.objects.filter(meeting=meeting, until_at__isnull=True).first()
    if shown is None:
        return None
    shown.until_at = timezone.now()
    shown.save(update_fields=["until_at"])
    return shown.item_id


@transaction.atomic
def look_at_item(*, actor: Principal, item: AgendaItem) -> RoomReading:
    """One item for a member, on their own screen, on the record. `item` comes from the policies."""
    found = read_in_the_room(actor, item)
    shown = categories_of(found.view, found.changed, found.risk)
    record_of(
        actor,
        "meeting.item",
        item,
        fields=shown,
        ids=found.risk.shown_ids,
        withheld=found.told.withheld + found.risk.withheld,
    )
    return found


@transaction.atomic
def look_at_screen(*, actor: Principal, meeting: UUID) -> ScreenReading:
    """What the room sees, on the record. Raises NotVisible."""
    found = read_screen(actor, policies.meeting_for(actor, meeting))
    record(
        actor,
        "meeting.screen",
        case=found.case,
        obj=("meeting", found.meeting),
        subjects=[found.child] if found.child else [],
        purpose=Purpose.PANEL,
        fields=found.shown,
        ids=found.risk.shown_ids,
        withheld=found.risk.withheld,
    )
    return found


def who_may_take_the_pen(*, actor: Principal, meeting: Meeting) -> list[tuple[str, str]]:
    """Those to whom the actor can hand the pen, by number and name.

    Raises Refused unless the actor runs or chairs the meeting.
    """
    policies.require_runs_meeting(actor, meeting)
    return [
        (str(each.pk), each.user.name)
        for each in policies.may_write(meeting)
        if each.pk != actor.membership_id
    ]


@transaction.atomic
def write_all(*, actor: Principal, item: AgendaItem, said: Mapping[UUID, tuple[str, str]]) -> None:
    """Write what each agency said: of each, its words and which words its page showed. Raises as
    `write`; then nothing of it is written.
    """
    insist_pen(actor, hold(item.meeting))
    for agency, (words, seen) in said.items():
        write(actor=actor, item=item, agency=agency, kind=Said.DISCUSSION, words=words, seen=seen)


@transaction.atomic
def write(
    *, actor: Principal, item: AgendaItem, agency: UUID, kind: Said, words: str, seen: str
) -> Line | None:
    """Write what one agency says about an item, or why it disagrees. New words end the old line.

    `seen` is the version of the words on the page that was pressed; no words take the line out.
    The same words again change nothing. Returns the line that stands, or None.

    Raises NotVisible, Refused; DomainError unless the actor holds the pen, for an agency that was
    not in the room, for too many words, when the line has changed meanwhile, and after approval.
    Legal source: Working Together to Safeguard Children 2023, chapter 3: record what each agency
    says, and where they differ.
    """
    meeting = hold(item.meeting)
    policies.item_for(actor, meeting, item.pk)
    insist_open(meeting)
    insist_item_open(item)
    insist_pen(actor, meeting)
    if item.nomination.case_id is None:
        insist_no_reference(words)
    words = words.strip()
    if len(words) > LINE_LENGTH:
        raise DomainError(f"Write {LINE_LENGTH:,} characters or less.")
    standing = Line.objects.standing().filter(item=item, agency=agency, kind=kind).first()
    if standing is None and agency not in {each.pk for each in policies.agencies_here(item)}:
        raise DomainError("This agency was not in the room for this item. Nothing was written.")
    if (standing.words if standing else "") == words:
        return standing
    if version_of(standing.words if standing else "") != seen:
        raise DomainError(
            "These words have changed since you opened this page. Yours are not saved: they stand"
            " below. Put the two together, and press again."
        )
    return _written(
        actor,
        item,
        standing,
        Line(
            item=item,
            agency_id=agency,
            kind=kind,
            words=words,
            written_by_id=actor.membership_id,
        ),
    )


def _written(actor: Principal, item: AgendaItem, before: Line | None, line: Line) -> Line | None:
    now = timezone.now()
    if before is not None:
        before.superseded_at = now
        before.save(update_fields=["superseded_at"])
    if line.words:
        line.written_at = now
        line.save(force_insert=True)
    record_of(actor, "meeting.line_written", item, fields=[str(Category.IC16)])
    return line if line.words else None


def record_of(
    actor: Principal,
    act: str,
    item: AgendaItem,
    *,
    fields: Iterable[str] = (),
    obj: tuple[str, UUID] | None = None,
    ids: Iterable[UUID] = (),
    withheld: int = 0,
) -> UUID:
    """Write an act about an item to the stream of its case, or of the agency where it has none."""
    case = item.nomination.case
    return record(
        actor,
        act,
        case=case.pk if case else None,
        obj=obj or ("item", item.pk),
        subjects=[case.child_id] if case else [],
        purpose=Purpose.PANEL,
        fields=fields,
        ids=ids,
        withheld=withheld,
    )
