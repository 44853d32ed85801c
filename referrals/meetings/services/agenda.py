"""Building an agenda: several at once, up and down by buttons, minutes, who is missing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from portal.accounts.vocabulary import Principal
from portal.audit.services import record
from portal.common.errors import DomainError, NotVisible
from portal.common.workflow import next_status
from referrals.meetings import policies, reading
from referrals.meetings.models import AgendaItem, Meeting, Nomination
from referrals.meetings.services.nominating import considered
from referrals.meetings.services.opening import close_papers
from referrals.meetings.services.papers import Progress, progress
from referrals.meetings.services.planning import invitations_of, locked
from referrals.meetings.vocabulary import HEADINGS, MOST_ITEMS
from referrals.meetings.workflow import (
    ITEM,
    MEETING,
    ItemAction,
    ItemStatus,
    MeetingAction,
    MeetingStatus,
    NominationStatus,
)


@dataclass(frozen=True, repr=False)
class AgendaPage:
    """An agenda for whoever runs the meeting: what is ready, what is on it, who comes."""

    meeting: Meeting
    name: str
    ready: list[reading.NominationLine]
    lines: list[reading.AgendaLine]
    guests: list[reading.Guest]
    total: int
    progress: Progress
    previous: reading.Previous

    @property
    def groups(self) -> list[tuple[str, list[reading.AgendaLine]]]:
        """The agenda under its headings, in its own order."""
        return [
            (HEADINGS[kind], list(lines))
            for kind, lines in groupby(self.lines, key=lambda line: line.kind)
        ]

    @property
    def places(self) -> list[int]:
        """The places to which an item may be moved."""
        return [line.number for line in self.lines]

    @property
    def missing(self) -> int:
        """On how many items somebody who holds information is not invited."""
        return sum(bool(line.missing) for line in self.lines)

    @property
    def may_change(self) -> bool:
        """Whether the agenda may be changed: until the meeting is over."""
        return self.meeting.status != MeetingStatus.ENDED

    @property
    def is_published(self) -> bool:
        """Whether its papers are out."""
        return self.meeting.status != MeetingStatus.PLANNED

    @property
    def may_publish(self) -> bool:
        """Whether papers may be sent out, for the first time or again."""
        return self.meeting.status in MEETING[MeetingAction.PUBLISH].sources

    @property
    def planned_minutes(self) -> int:
        """How long the meeting is to last."""
        return int((self.meeting.ends_at - self.meeting.starts_at).total_seconds() // 60)


@transaction.atomic
def read_agenda(*, actor: Principal, pk: UUID) -> AgendaPage:
    """Read an agenda with what is ready for it, on the record: which cases were shown.

    Raises NotVisible; Refused unless the actor runs the meeting.
    """
    meeting = policies.meeting_for(actor, pk)
    policies.require_runs_meeting(actor, meeting)
    invited = invitations_of(meeting)
    found = policies.nominations(actor).filter(series=meeting.series_id).ready()
    waiting = found.select_related("by__user", "by__team__agency").order_by("made_at", "pk")
    ready = list(waiting[:100])
    items = policies.items(actor, meeting)
    lines, known = reading.agenda_lines(actor, items, invited, ready)
    previous = reading.previous_actions(actor, meeting)
    record(
        actor,
        "case.listed",
        purpose=previous.purpose(actor),
        ids=list(dict.fromkeys([*(case.pk for case in known.cases), *previous.cases])),
        fields=["IC1", "IC16"] if previous.rows else ["IC1"],
    )
    return AgendaPage(
        meeting=meeting,
        name=meeting.series.name,
        ready=reading.nomination_lines(actor, ready, known),
        lines=lines,
        guests=reading.guests(invited),
        total=sum(line.minutes for line in lines),
        progress=progress(meeting),
        previous=previous,
    )


def _open(actor: Principal, pk: UUID) -> Meeting:
    meeting = locked(actor, pk)
    if meeting.status == MeetingStatus.ENDED:
        raise DomainError("This meeting is over, so its agenda stays as it was.")
    return meeting


@transaction.atomic
def add(*, actor: Principal, meeting: UUID, nominations: Iterable[UUID]) -> int:
    """Put what was accepted on an agenda, each kind in the panel's own order. Returns how many.

    What is on it already stays where it is. Raises NotVisible, Refused; DomainError when nothing
    is selected, or there would be too much, or it is on another agenda now.
    """
    held = _open(actor, meeting)
    wanted = set(nominations)
    if not wanted:
        raise DomainError("Select at least one. Nothing has been changed.")
    found = policies.nominations(actor).filter(pk__in=wanted, series=held.series_id)
    known = Nomination.objects.select_for_update(of=("self",)).filter(pk__in=found.values("pk"))
    chosen = list(known.order_by("made_at", "pk"))
    if wanted - {each.pk for each in chosen}:
        raise NotVisible("nomination", str(next(iter(wanted - {each.pk for each in chosen}))))
    now = timezone.now()
    there = {item.nomination_id: item for item in held.items.all()}
    order = _order(held)
    if len(order) + len(chosen) > MOST_ITEMS:
        raise DomainError(f"An agenda holds at most {MOST_ITEMS} items. Nothing has been added.")
    added: list[AgendaItem] = []
    for each in chosen:
        before = there.get(each.pk)
        if before is not None and before.status != ItemStatus.REMOVED:
            continue
        _insist_ready(each)
        if before is not None:
            before.status = next_status(ITEM, ItemAction.LIST, ItemStatus(before.status))
            added.append(before)
            continue
        put_off = max((item.deferrals for item in each.items.all()), default=0)
        added.append(
            AgendaItem(
                meeting=held,
                nomination=each,
                minutes=each.minutes,
                deferrals=put_off,
                listed_by_id=actor.membership_id,
                listed_at=now,
            )
        )
    _place(held, _in_order(held, order, added))
    record_items(actor, added)
    return len(added)


def _insist_ready(nomination: Nomination) -> None:
    if nomination.status != NominationStatus.ACCEPTED:
        raise DomainError("Only what was accepted for the panel goes on an agenda.")
    if nomination.items.filter(status=ItemStatus.LISTED).exists():
        raise DomainError("One of these is on the agenda of another meeting now.")


def _order(meeting: Meeting) -> list[AgendaItem]:
    """All of the agenda in its order, also what the actor may not know of: it keeps its place."""
    found = AgendaItem.objects.on_agenda().filter(meeting=meeting)
    return list(found.select_related("nomination"))


def _in_order(
    meeting: Meeting, order: list[AgendaItem], added: list[AgendaItem]
) -> list[AgendaItem]:
    """Each new item after the last one of its kind, or of the kinds that come before it."""
    rank = {kind: place for place, kind in enumerate(meeting.series.order)}
    found = list(order)
    for item in added:
        after = [
            place
            for place, each in enumerate(found)
            if rank[each.nomination.kind] <= rank[item.nomination.kind]
        ]
        found.insert(max(after, default=-1) + 1, item)
    return found


def _place(meeting: Meeting, order: list[AgendaItem]) -> None:
    """Write the order down. The database looks at the places when the transaction ends."""
    new = []
    for place, item in enumerate(order, start=1):
        item.position = place
        if item._state.adding:
            new.append(item)
    AgendaItem.objects.bulk_create(new)
    AgendaItem.objects.bulk_update(
        [item for item in order if item not in new], ["position", "status"]
    )
    meeting.version += 1
    meeting.save(update_fields=["version"])


def record_items(actor: Principal, items: Iterable[AgendaItem]) -> None:
    """Write what was done with items of an agenda, each to the stream of its own case."""
    for item in items:
        case = item.nomination.case
        record(
            actor,
            "meeting.agenda",
            case=case.pk if case else None,
            obj=("item", item.pk),
            subjects=[case.child_id] if case else [],
            why=str(item.status),
        )


@transaction.atomic
def move(*, actor: Principal, meeting: UUID, item: UUID, to: int) -> None:
    """Move an item to the place `to`, counted among what the actor may know of.

    What they may not know of stays beside what it stood beside. Raises NotVisible, Refused;
    DomainError for a place that there is not.
    """
    held = _open(actor, meeting)
    mine = list(policies.items(actor, held))
    moved = next((each for each in mine if each.pk == item), None)
    if moved is None:
        raise NotVisible("item", str(item))
    if not 1 <= to <= len(mine):
        raise DomainError("There is no such place on this agenda. Nothing has been moved.")
    order = _order(held)
    here = mine.index(moved)
    if to - 1 == here:
        return
    beside = mine[to - 1]
    order = [each for each in order if each.pk != moved.pk]
    place = next(n for n, each in enumerate(order) if each.pk == beside.pk)
    order.insert(place + (to - 1 > here), moved)
    _place(held, order)
    record_items(actor, [moved])


@transaction.atomic
def set_minutes(*, actor: Principal, meeting: UUID, minutes: Mapping[UUID, int]) -> None:
    """Say how many minutes each of these items has. Raises NotVisible, Refused, DomainError."""
    held = _open(actor, meeting)
    mine = {each.pk: each for each in policies.items(actor, held)}
    changed = []
    for pk, count in minutes.items():
        if pk not in mine:
            raise NotVisible("item", str(pk))
        if not 1 <= count <= 120:
            raise DomainError("An item has from 1 to 120 minutes. Nothing has been changed.")
        if mine[pk].minutes != count:
            mine[pk].minutes = count
            changed.append(mine[pk])
    AgendaItem.objects.bulk_update(changed, ["minutes"])
    if changed:
        record_items(actor, changed)


@transaction.atomic
def remove(*, actor: Principal, meeting: UUID, item: UUID) -> None:
    """Take an item off an agenda: it is ready for another one. Its papers close at once.

    Raises NotVisible, Refused; DomainError when it was discussed or deferred, or the meeting has
    begun: then it is deferred.
    """
    held = _open(actor, meeting)
    found = policies.item_for(actor, held, item)
    if held.status == MeetingStatus.HELD:
        raise DomainError("The meeting has begun. Defer this item instead: that is counted.")
    found.status = next_status(ITEM, ItemAction.REMOVE, ItemStatus(found.status))
    found.position = None
    found.save(update_fields=["status", "position"])
    _place(held, _order(held))
    close_papers(actor, held, item=found, why="Taken off the agenda.")
    record_items(actor, [found])


@transaction.atomic
def discussed(*, actor: Principal, item: AgendaItem) -> AgendaItem:
    """Say that the panel has discussed an item of a meeting that is being held.

    Raises NotVisible, Refused; DomainError when it was settled before.
    """
    _, found = _of_room(actor, item)
    found.status = next_status(ITEM, ItemAction.DISCUSS, ItemStatus(found.status))
    found.save(update_fields=["status"])
    nomination = Nomination.objects.select_for_update(of=("self",)).get(pk=found.nomination_id)
    considered(actor, nomination, timezone.now())
    record_items(actor, [found])
    return found


@transaction.atomic
def defer(*, actor: Principal, item: AgendaItem) -> AgendaItem:
    """Put an item off to another meeting. How often that happened is counted.

    Raises NotVisible, Refused; DomainError when it was settled before.
    """
    _, found = _of_room(actor, item)
    put_off(found)
    record_items(actor, [found])
    return found


def put_off(item: AgendaItem) -> None:
    """Defer an item of a meeting that the caller holds. Raises DomainError."""
    item.status = next_status(ITEM, ItemAction.DEFER, ItemStatus(item.status))
    item.deferrals += 1
    item.save(update_fields=["status", "deferrals"])


def _of_room(actor: Principal, item: AgendaItem) -> tuple[Meeting, AgendaItem]:
    held = locked(actor, item.meeting_id)
    if held.status != MeetingStatus.HELD:
        raise DomainError("This is done while the meeting is being held.")
    return held, policies.item_for(actor, held, item.pk)
