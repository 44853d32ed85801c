"""Who is in the room, item by item: to come in opens the item to that person, to leave closes it.

Everything opens and ends by the database's clock, in the transaction that says so.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from portal.accounts.models import Agency
from portal.accounts.vocabulary import Principal
from portal.audit.services import record
from portal.common.errors import DomainError, NotVisible
from referrals import policies as casework
from referrals.meetings import policies, reading
from referrals.meetings.models import AgendaItem, Attendance, Invitation, Meeting
from referrals.meetings.services.opening import (
    ROOM,
    at_latest,
    close_papers,
    holders_of,
    is_walled,
    leave_all,
    moment,
    open_to,
    record_attendance,
    walls_of,
)
from referrals.meetings.services.planning import invitations_of, locked
from referrals.meetings.vocabulary import Came
from referrals.meetings.workflow import MeetingStatus
from referrals.models import Case
from referrals.workflow import CONSIDERED


@dataclass(frozen=True, repr=False)
class RoomItem:
    """One item, who is in the room for it now, and who is here and outside: (invitation, name).

    Whom a conflict of interest keeps away is in neither, nor who is not invited to it.
    """

    line: reading.AgendaLine
    inside: tuple[tuple[UUID, str], ...]
    outside: tuple[tuple[UUID, str], ...]


@dataclass(frozen=True, repr=False)
class Room:
    """Who came, what is missing for a quorum, and the agenda with who is there for each item.

    `absent`: the agencies of the panel that nobody came for.
    """

    meeting: Meeting
    guests: list[reading.Guest]
    items: list[RoomItem]
    missing: tuple[str, ...]
    absent: tuple[str, ...]


@transaction.atomic
def read_room(*, actor: Principal, pk: UUID) -> Room:
    """Look at who came and who is in the room, on the record: which cases were shown.

    Raises NotVisible; Refused unless the actor runs the meeting.
    """
    meeting = policies.meeting_for(actor, pk)
    policies.require_runs_meeting(actor, meeting)
    invited = invitations_of(meeting)
    lines, known = reading.agenda_lines(actor, policies.items(actor, meeting), invited)
    rooms = Attendance.objects.in_the_room().filter(item__in=[line.pk for line in lines])
    inside = set(rooms.values_list("item_id", "invitation_id"))
    here = [guest for guest in reading.guests(invited) if guest.came == Came.PRESENT]
    items = [
        RoomItem(
            line=line,
            inside=tuple((g.pk, g.name) for g in here if (line.pk, g.pk) in inside),
            outside=tuple(
                (g.pk, g.name)
                for g in here
                if (line.pk, g.pk) not in inside and g.pk not in line.away
            ),
        )
        for line in lines
    ]
    record(
        actor,
        "case.listed",
        purpose=casework.purpose_of(actor),
        ids=[case.pk for case in known.cases],
        fields=["IC1"],
    )
    missing: tuple[str, ...] = policies.quorum(meeting.series, _there(invited))
    if meeting.held_at is not None:
        missing = (meeting.quorum_words,) if meeting.quorum_words else ()
    return Room(meeting, reading.guests(invited), items, missing, absent(invited))


def _there(invited: Iterable[Invitation]) -> list[Agency]:
    return [each.membership.team.agency for each in invited if each.came == Came.PRESENT]


def absent(invited: Iterable[Invitation]) -> tuple[str, ...]:
    """The agencies that were invited and that nobody came for, by name: a line of the minutes."""
    people = list(invited)
    there = {agency.pk for agency in _there(people)}
    named = {
        each.membership.team.agency.name
        for each in people
        if each.membership.team.agency_id not in there
    }
    return tuple(sorted(named))


@transaction.atomic
def note_who_came(
    *, actor: Principal, pk: UUID, came: Mapping[UUID, Came], accepted: bool
) -> Meeting:
    """Write down who is here, and who sent apologies. Whoever is here has accepted what is said
    about confidence.

    Whoever leaves the room during an item is written down there. Raises NotVisible, Refused;
    DomainError before the papers are out, once it is over, and when somebody is here and nothing
    was accepted.
    """
    held = locked(actor, pk)
    if held.status not in (MeetingStatus.PUBLISHED, MeetingStatus.HELD):
        raise DomainError("Who came is written down from when the papers are out until the end.")
    known = {each.pk: each for each in Invitation.objects.standing().filter(meeting=held)}
    if came.keys() - known.keys():
        raise NotVisible("invitation", str(next(iter(came.keys() - known.keys()))))
    if Came.PRESENT in came.values() and not accepted:
        raise DomainError(
            "Everybody who is here must have accepted the confidentiality statement first."
        )
    now = moment()
    changed = [known[each] for each, how in came.items() if known[each].came != how]
    for invitation in changed:
        invitation.came = came[invitation.pk]
        if invitation.came == Came.PRESENT and invitation.accepted_at is None:
            invitation.accepted_at = now
        invitation.save(update_fields=["came", "accepted_at"])
    _gone(actor, held, [each for each in changed if each.came != Came.PRESENT], now)
    record(actor, "meeting.attendance", obj=("meeting", held.pk), ids=[each.pk for each in changed])
    return held


def _gone(actor: Principal, held: Meeting, people: list[Invitation], now: datetime) -> None:
    rooms = Attendance.objects.in_the_room().filter(invitation__in=people, item__meeting=held)
    leave_all(actor, rooms, now, "They left the meeting.")
    if held.status == MeetingStatus.HELD:
        for each in people:
            close_papers(actor, held, member=each.membership_id, why="They left the meeting.")


@transaction.atomic
def open_item(*, actor: Principal, meeting: UUID, item: UUID) -> AgendaItem:
    """Bring an item into the room: everybody who is here and invited to it comes in for it.

    Whatever was open in the room before closes in the same moment. Not for whom a conflict of
    interest keeps away. The papers of the item close to whoever sent apologies, or somebody else.
    Raises NotVisible, Refused; DomainError unless the meeting is being held, and for a case that
    is over.
    """
    held, found = _in_session(actor, meeting, item)
    now = moment()
    others = Attendance.objects.in_the_room().filter(item__meeting=held).exclude(item=found)
    leave_all(actor, others, now, "The panel went on to another item.")
    absent_now = held.invitations.filter(came__in=(Came.APOLOGIES, Came.SENT))
    for member in absent_now.values_list("membership_id", flat=True):
        close_papers(actor, held, member=member, item=found, why="Discussed without them.")
    _let_in(actor, held, found, list(_may_enter(held, found)), now)
    return found


@transaction.atomic
def close_item(*, actor: Principal, meeting: UUID, item: UUID) -> AgendaItem:
    """Take an item out of the room: it closes to everybody at once. Raises as `open_item`."""
    held, found = _in_session(actor, meeting, item)
    rooms = Attendance.objects.in_the_room().filter(item=found, item__meeting=held)
    leave_all(actor, rooms, moment(), "The panel has finished with this item.")
    return found


@transaction.atomic
def arrive(*, actor: Principal, meeting: UUID, item: UUID, invitation: UUID) -> Attendance:
    """Somebody who is here comes in for an item that is in the room. It opens to them now.

    Raises NotVisible, also for somebody whom a conflict of interest keeps away; Refused;
    DomainError for who is not here, and unless the meeting is being held.
    """
    held, found = _in_session(actor, meeting, item)
    person = next((each for each in _may_enter(held, found) if each.pk == invitation), None)
    if person is None:
        raise NotVisible("invitation", str(invitation))
    _let_in(actor, held, found, [person], moment())
    return Attendance.objects.in_the_room().get(item=found, invitation=person)


@transaction.atomic
def leave(*, actor: Principal, meeting: UUID, item: UUID, invitation: UUID) -> None:
    """Somebody leaves the room during an item: it and its papers close to them in this second.

    Raises as `arrive`; somebody who has left already has left.
    """
    held, found = _in_session(actor, meeting, item)
    person = held.invitations.filter(pk=invitation).first()
    if person is None:
        raise NotVisible("invitation", str(invitation))
    rooms = Attendance.objects.in_the_room().filter(item=found, invitation=person)
    leave_all(actor, rooms, moment(), "They left the room.")
    close_papers(actor, held, member=person.membership_id, item=found, why="They left the room.")


def _in_session(actor: Principal, meeting: UUID, item: UUID) -> tuple[Meeting, AgendaItem]:
    held = locked(actor, meeting)
    found = policies.item_for(actor, held, item)
    if held.status != MeetingStatus.HELD:
        raise DomainError("An item is in the room only while the meeting is being held.")
    return held, found


def _may_enter(held: Meeting, item: AgendaItem) -> Iterable[Invitation]:
    """Who is here and may come in for this item."""
    here = held.invitations.here().select_related("membership__user", "membership__team__agency")
    out = item.not_invited.filter(ended_at__isnull=True).values("invitation")
    case = item.nomination.case_id
    walls = walls_of([case]) if case else []
    return [
        each
        for each in here.exclude(pk__in=out).order_by("pk")
        if not is_walled(walls, case, each.membership)
    ]


def _let_in(
    actor: Principal, held: Meeting, item: AgendaItem, people: list[Invitation], now: datetime
) -> None:
    inside = set(
        Attendance.objects.in_the_room().filter(item=item).values_list("invitation_id", flat=True)
    )
    coming = [each for each in people if each.pk not in inside]
    if not coming:
        return
    pk = item.nomination.case_id
    case = Case.objects.select_for_update(of=("self",)).get(pk=pk) if pk else None
    if case is not None and case.status not in CONSIDERED:
        raise DomainError(
            "The work on this case is over, so it is opened to nobody. Put the item off: nothing"
            " of it was shown."
        )
    holders = holders_of([case.pk])[case.pk] if case else []
    made = []
    for each in coming:
        attendance = Attendance.objects.create(
            item=item, invitation=each, from_at=now, by_id=actor.membership_id
        )
        if case is not None:
            grants = open_to(
                actor,
                case,
                each.membership,
                holders,
                until=at_latest(held, now),
                now=now,
                service=ROOM,
            )
            attendance.grants.add(*grants)
        made.append(attendance)
    record_attendance(actor, item, made)
