"""The minutes of a meeting: drafted for comment, commented on, approved by the chair, locked.

They are made of what was recorded in the room, and of nothing else. Once they are approved the
database refuses every change of it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from portal.accounts.models import Agency, Membership
from portal.accounts.vocabulary import Principal
from portal.audit.services import record
from portal.common.clock import add_working_days
from portal.common.errors import DomainError, NotVisible
from portal.common.moments import until
from portal.notifications.services import owe
from portal.notifications.vocabulary import Kind
from referrals.meetings import policies
from referrals.meetings.models import Comment, ItemApproval, Meeting, Minutes, OnScreen
from referrals.meetings.reading.minutes import ItemMinutes, MinutesReading, read_minutes
from referrals.meetings.services.writing import hold, record_of
from referrals.meetings.vocabulary import CHAIRS, Came, Says
from referrals.meetings.workflow import MeetingStatus
from sharing.rules.vocabulary import Category, Purpose

COMMENT_DAYS: Final = 3
"""Working days for members to look at their own agency's lines: long enough to ask a colleague who
is away for a day, short enough that actions are on paper within the week.
"""

COMMENT_LENGTH: Final = 2000
_READS_A_PART: Final = (
    "You read a part of these minutes only, so you cannot approve them. Ask the agency that"
    " convenes the panel to share them with you. Nothing was approved."
)


@dataclass(frozen=True, repr=False)
class Stage:
    """What the reader of minutes may do with them now.

    `unread`: for whoever drafts, the items that a conflict of interest keeps from the chair and
    that nobody else has approved. `lends`: which of them the reader may approve.
    """

    drafts: bool
    writes: bool
    comments: bool
    approves: bool
    unread: tuple[str, ...] = ()
    lends: tuple[UUID, ...] = ()


@dataclass(frozen=True, repr=False)
class Approving:
    """What the chair looks at before the minutes are approved."""

    meeting: UUID
    waiting: tuple[str, ...]
    until: datetime
    comments: tuple[tuple[str, str, str], ...]
    may_now: bool
    head: tuple[str, str, str] = ("Who", "About", "What")


@transaction.atomic
def open_minutes(*, actor: Principal, meeting: UUID) -> tuple[MinutesReading, Stage]:
    """Read the minutes as the actor may, on the record; with what they may do.

    Raises NotVisible.
    """
    found = policies.meeting_for(actor, meeting)
    reading = read_minutes(actor, found)
    made = Minutes.objects.filter(meeting=found).select_related("drafted_by").first()
    if made is not None:
        made.meeting = found
    is_draft = made is not None and made.approved_at is None
    stage = Stage(
        drafts=made is None
        and found.status == MeetingStatus.ENDED
        and policies.drafts(actor, found),
        writes=policies.is_open(found) and policies.runs_meeting(actor, found),
        comments=is_draft
        and made is not None
        and timezone.now() < made.comments_until
        and policies.took_part(actor, found),
        approves=is_draft and found.chair_id == actor.membership_id,
        unread=_unread(actor, found, reading, made),
        lends=_lends(actor, found, reading, made),
    )
    record(
        actor,
        "minutes.read",
        obj=("meeting", found.pk),
        purpose=Purpose.PANEL,
        ids=reading.cases,
        fields=[str(Category.IC16)] if reading.items else [],
        withheld=reading.withheld,
    )
    return reading, stage


def _waiting(meeting: Meeting, found: MinutesReading, made: Minutes | None) -> list[ItemMinutes]:
    """The items of a reader's minutes that the chair does not see and nobody has approved."""
    at = made.approved_at if made and made.approved_at else timezone.now()
    kept = policies.kept_from_chair(meeting, at).filter(approval__isnull=True)
    waiting = set(kept.values_list("pk", flat=True))
    return [item for item in found.items if item.pk in waiting]


def _lends(
    actor: Principal, meeting: Meeting, found: MinutesReading, made: Minutes | None
) -> tuple[UUID, ...]:
    """The items that the actor may approve for the chair, of those that they read whole."""
    if made is None or actor.role not in CHAIRS:
        return ()
    whole = [item.pk for item in _waiting(meeting, found, made) if not item.withheld]
    may = policies.approves_of(actor, made, whole)
    return tuple(pk for pk in whole if pk in may)


def _unread(
    actor: Principal, meeting: Meeting, found: MinutesReading, made: Minutes | None
) -> tuple[str, ...]:
    """What of the reader's minutes the chair cannot approve and nobody else has: the list is for
    who drafts them. The chair is told nothing of it; who reads such an item reads it there.
    """
    if not policies.drafts(actor, meeting):
        return ()
    return tuple(f"{item.number}. {item.heading}" for item in _waiting(meeting, found, made))


def own_items(*, actor: Principal, meeting: Meeting) -> list[tuple[str, str]]:
    """The items of which the actor's agency said something, by number and heading.

    Raises Refused for whoever did not take part.
    """
    policies.require_took_part(actor, meeting)
    found = read_minutes(actor, meeting).items
    return [(str(each.pk), f"{each.number}. {each.heading}") for each in found if each.own]


@transaction.atomic
def look_before_approving(*, actor: Principal, meeting: Meeting) -> Approving:
    """What members said of the draft, for the chair, as far as the chair may know of its items.

    Raises Refused to anybody else; DomainError without a draft, or when they are approved.
    """
    made = Minutes.objects.filter(meeting=meeting).first()
    if made is None or made.approved_at is not None:
        raise DomainError("There is no draft of these minutes that waits. Nothing was approved.")
    made.meeting = meeting
    policies.require_approves(actor, made)
    number = {
        each.pk: place for place, each in enumerate(policies.minuted(actor, meeting), start=1)
    }
    said = made.comments.select_related("agency", "by__user").order_by("written_at", "pk")
    waiting = tuple(sorted(agency.name for agency in still_to_answer(made)))
    record(actor, "minutes.read", obj=("meeting", meeting.pk), purpose=Purpose.PANEL)
    return Approving(
        meeting=meeting.pk,
        waiting=waiting,
        until=made.comments_until,
        comments=tuple(
            (
                f"{each.by.user.name}, {each.agency.name}",
                f"Item {number[each.item_id]}" if each.item_id else "All",
                each.words or Says(each.says).label,
            )
            for each in said
            if each.item_id is None or each.item_id in number
        ),
        may_now=not waiting or timezone.now() >= made.comments_until,
    )


@transaction.atomic
def draft(*, actor: Principal, meeting: Meeting) -> Minutes:
    """Put the minutes of a meeting that is over to its members for comment. Twice is once.

    Another person drafts than approves them, in whatever role they act. Raises Refused unless the
    actor runs the meeting, and to its chair; DomainError while it is held.
    """
    meeting = hold(meeting)
    policies.require_runs_meeting(actor, meeting)
    policies.require_drafts(actor, meeting)
    if meeting.status != MeetingStatus.ENDED:
        raise DomainError("Minutes are drafted when the meeting is over. End it first.")
    made = Minutes.objects.filter(meeting=meeting).first()
    if made is not None:
        return made
    now, area = timezone.now(), meeting.series.partnership
    OnScreen.objects.filter(meeting=meeting, until_at__isnull=True).update(until_at=now)
    made = Minutes.objects.create(
        meeting=meeting,
        title=meeting.series.name,
        drafted_by_id=actor.membership_id,
        drafted_at=now,
        comments_until=add_working_days(now, COMMENT_DAYS, area.office_opens, area.office_closes),
    )
    cause = record(actor, "minutes.drafted", obj=("meeting", meeting.pk), purpose=Purpose.PANEL)
    _tell(meeting, Kind.MINUTES_DRAFT, cause, but=actor.membership_id)
    _ask_others(meeting, made, cause)
    return made


def _ask_others(meeting: Meeting, made: Minutes, cause: UUID) -> None:
    """Tell those who may approve what the chair does not see, and who read the whole of it. The
    notice names no item.
    """
    made.meeting = meeting
    asked: dict[Membership, set[UUID]] = {}
    for item in policies.kept_from_chair(meeting, made.drafted_at).select_related("nomination"):
        for member in policies.who_approves_item(made, item):
            asked.setdefault(member, set()).add(item.pk)
    for member, theirs in asked.items():
        read = read_minutes(member.principal(), meeting).items
        if any(item.pk in theirs and not item.withheld for item in read):
            owe(recipient=member, kind=Kind.MINUTES_ITEM, reference="", case=None, cause=cause)


@transaction.atomic
def comment(
    *, actor: Principal, meeting: Meeting, says: Says, item: UUID | None, words: str, key: UUID
) -> Comment:
    """Say that one's own agency's lines are right, or what should change in one item.

    `key` names the form, so that a double press writes once. Whoever drafted the minutes is told.
    Raises Refused for whoever did not take part; DomainError without a draft, when the time is
    over, without words, or for an item of which the actor's agency said nothing.
    """
    meeting = hold(meeting)
    made = _draft(meeting)
    before = Comment.objects.filter(key=key).first()
    words = words.strip()
    if before is not None:
        if (before.by_id, before.words, before.says) == (actor.membership_id, words, says):
            return before
        raise DomainError("This was sent before, with other words. That stands as it was.")
    policies.require_took_part(actor, meeting)
    if timezone.now() >= made.comments_until:
        raise DomainError(
            f"The time for comments was until {until(made.comments_until)}. What you wrote stands"
            " below. Tell the chair."
        )
    if says is Says.CHANGE:
        if not 0 < len(words) <= COMMENT_LENGTH:
            raise DomainError(
                f"Write what should change, in {COMMENT_LENGTH:,} characters or less."
            )
        own = {each.pk for each in read_minutes(actor, meeting).items if each.own}
        if item not in own:
            raise DomainError("Select an item of which your agency said something.")
    written = Comment.objects.create(
        minutes=made,
        agency_id=actor.agency_id,
        by_id=actor.membership_id,
        says=says,
        item_id=item if says is Says.CHANGE else None,
        words=words if says is Says.CHANGE else "",
        key=key,
    )
    cause = record(
        actor,
        "minutes.commented",
        obj=("meeting", meeting.pk),
        purpose=Purpose.PANEL,
        why=str(says),
    )
    if says is Says.CHANGE:
        owe(
            recipient=made.drafted_by,
            kind=Kind.MINUTES_COMMENT,
            reference="",
            case=None,
            cause=cause,
        )
    return written


def still_to_answer(made: Minutes) -> list[Agency]:
    """The agencies in the room that have not said last that their lines are right.

    Not the chair's own: its word is the approval.
    """
    meeting = made.meeting
    here = {
        each.membership.team.agency
        for each in meeting.invitations.filter(came=Came.PRESENT).select_related(
            "membership__team__agency"
        )
    }
    last: dict[UUID, str] = {}
    for agency, says in made.comments.order_by("written_at", "pk").values_list("agency", "says"):
        last[agency] = says
    waiting = [each for each in here if last.get(each.pk) != Says.RIGHT]
    return [each for each in waiting if each.pk != meeting.chair.team.agency_id]


@transaction.atomic
def approve(*, actor: Principal, meeting: Meeting) -> Minutes:
    """Approve the minutes: from then on nothing in them changes. Twice is once.

    Raises Refused to anybody but the chair of the meeting; DomainError without a draft, and while
    members have time to comment and not all have said that their lines are right.
    """
    meeting = hold(meeting)
    made = Minutes.objects.select_for_update(of=("self",)).filter(meeting=meeting).first()
    if made is None:
        raise DomainError("There is no draft of these minutes yet. Nothing was approved.")
    made.meeting = meeting
    policies.require_approves(actor, made)
    if made.approved_at is not None:
        return made
    _insist_on_time(made)
    if read_minutes(actor, meeting).withheld:
        raise DomainError(_READS_A_PART)
    made.approved_by_id, made.approved_at = actor.membership_id, timezone.now()
    made.save(update_fields=["approved_by", "approved_at"])
    cause = record(actor, "minutes.approved", obj=("meeting", meeting.pk), purpose=Purpose.PANEL)
    _tell(meeting, Kind.MINUTES_APPROVED, cause, but=actor.membership_id)
    return made


@transaction.atomic
def approve_item(*, actor: Principal, meeting: Meeting, item: UUID) -> ItemApproval:
    """Approve one item from which a conflict of interest keeps the chair. Twice is once.

    The minutes say who did. From then on nothing in the item changes. It may be before the chair
    approves the rest or after: the chair is not told of it, and so does not wait for it.

    Raises NotVisible for an item that is not in the actor's minutes; Refused to the chair, to who
    drafted them or wrote the item, and to who may not chair; DomainError without a draft, for an
    item that the chair sees, while members have time to comment, where the actor reads a part of it
    only, and when somebody else has approved it.
    """
    meeting = hold(meeting)
    made = Minutes.objects.filter(meeting=meeting).select_related("drafted_by").first()
    if made is None:
        raise DomainError("There is no draft of these minutes yet. Nothing was approved.")
    made.meeting = meeting
    found = policies.minuted(actor, meeting).filter(pk=item).first()
    if found is None:
        raise NotVisible("item", str(item))
    before = ItemApproval.objects.filter(item=found).select_related("by__user").first()
    if before is not None and before.by_id == actor.membership_id:
        return before
    policies.require_approves_item(actor, made, found)
    kept = policies.kept_from_chair(meeting, made.approved_at or timezone.now())
    if before is None and not kept.filter(pk=found.pk).exists():
        raise DomainError("The chair sees this item, and approves it. Nothing was changed.")
    if before is not None:
        raise DomainError(f"{before.by.user.name} has approved this item. Nothing was changed.")
    _insist_on_time(made)
    if any(each.withheld for each in read_minutes(actor, meeting).items if each.pk == found.pk):
        raise DomainError(_READS_A_PART)
    written = ItemApproval.objects.create(minutes=made, item=found, by_id=actor.membership_id)
    record_of(actor, "minutes.item_approved", found)
    return written


def _insist_on_time(made: Minutes) -> None:
    """Raise DomainError while members have time to comment and not all have answered."""
    if timezone.now() < made.comments_until and still_to_answer(made):
        raise DomainError(
            f"Members can comment until {until(made.comments_until)}, and not every agency has said"
            " that its lines are right. Nothing was approved."
        )


def _draft(meeting: Meeting) -> Minutes:
    made = Minutes.objects.filter(meeting=meeting).select_related("drafted_by").first()
    if made is None:
        raise DomainError("There is no draft of these minutes yet.")
    if made.approved_at is not None:
        raise DomainError(
            "The minutes are approved, so nothing in them changes. What you wrote stands below:"
            " say it at the next meeting."
        )
    return made


def _tell(meeting: Meeting, kind: Kind, cause: UUID, *, but: UUID) -> None:
    """Tell those who were in the room, and the chair; of nothing but that there are minutes."""
    present = meeting.invitations.filter(came=Came.PRESENT).values("membership")
    members = Membership.objects.live().filter(pk__in=present)
    for member in {*members, meeting.chair}:
        if member.pk != but:
            owe(recipient=member, kind=kind, reference="", case=None, cause=cause)
