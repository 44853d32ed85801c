"""One item in the room: what a member reads on their own screen, and what everybody reads together.

Who is in the room decides what is on its screen. Of the case it is what the person who presents
reads and every team in the room reads too; what its author protects is never on it, and no name.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.utils import timezone

from portal.accounts.models import Membership
from portal.accounts.vocabulary import Principal
from portal.common.models import version_of
from portal.common.moments import day, time_of_day
from referrals import policies as casework
from referrals.meetings import policies
from referrals.meetings.models import AgendaItem, Meeting, OnScreen, Pen
from referrals.meetings.reading.lines import Wordings
from referrals.meetings.reading.minutes import (
    ItemMinutes,
    Told,
    heading,
    read_item,
    told_of,
    was_here,
)
from referrals.meetings.reading.risk import (
    NO_RISK,
    RiskInShort,
    categories_of,
    risk_of,
    risk_together,
)
from referrals.meetings.reading.together import read_by_all
from referrals.meetings.vocabulary import Agreed, Said
from referrals.meetings.workflow import MeetingStatus
from referrals.models import Case
from referrals.reading import Item, read
from referrals.vocabulary import QUESTIONS, State
from referrals.vocabulary.questions import ADDED, ANSWERS, BROUGHT, CONCERN, LINKS, VIEW
from sharing.rules import policies as law

LOOKS_BACK: Final = timedelta(days=90)
"""How far back "what has changed" looks where the panel has not looked at the child before: as far
as the look back after a case was closed.
"""
MOST_CHANGES: Final = 12
_CHANGES: Final = frozenset({CONCERN, LINKS, ADDED, ANSWERS, BROUGHT})


@dataclass(frozen=True, repr=False)
class Box:
    """One agency's box for whoever holds the pen: what stands in it, and which words they are."""

    agency: UUID
    name: str
    kind: Said
    words: str
    version: str


@dataclass(frozen=True, repr=False)
class Pencil:
    """Who holds the pen, and what the reader may do about it."""

    holder: str
    since: str
    mine: bool
    may_take: bool
    hands_to: tuple[tuple[str, str], ...]


@dataclass(frozen=True, repr=False)
class RoomReading:
    """One item, for one member, on their own screen."""

    meeting: UUID
    item: UUID
    number: int
    of: int
    heading: str
    kind: str
    is_child: bool
    facts: tuple[str, ...]
    view: tuple[Item, ...]
    changed: tuple[Item, ...]
    risk: RiskInShort
    told: ItemMinutes
    pen: Pencil
    boxes: tuple[Box, ...]
    presents: bool
    shares: bool
    on_screen: bool
    is_open: bool
    case: UUID | None
    child: UUID | None
    next_item: UUID | None


@dataclass(frozen=True, repr=False)
class ScreenReading:
    """What the room sees: one item, or nothing."""

    meeting: UUID
    item: UUID | None = None
    heading: str = ""
    facts: tuple[str, ...] = ()
    view: tuple[Item, ...] = ()
    changed: tuple[Item, ...] = ()
    risk: RiskInShort = NO_RISK
    said: tuple[tuple[str, str], ...] = ()
    decision: str = ""
    actions: tuple[tuple[str, str], ...] = ()
    next_on: str = ""
    presents: bool = False
    case: UUID | None = None
    child: UUID | None = None
    shown: tuple[str, ...] = ()


def read_in_the_room(principal: Principal, item: AgendaItem) -> RoomReading:
    """Resolve an item for a member, on their own screen. The caller records the reading.

    `item` comes from `policies.item_for`, so that its case is visible to the principal.
    """
    meeting, now = item.meeting, timezone.now()
    listed = [each.pk for each in policies.items(principal, meeting)]
    place = listed.index(item.pk)
    told = told_of([item])[item.pk]
    here = {item.pk} if was_here(principal, told) else set()
    reach = policies.reach(principal, meeting, here, now)
    minutes = read_item(item, place + 1, told, reach, lambda: Wordings(principal))
    runs = policies.runs_meeting(principal, meeting)
    pen = _pencil(principal, meeting)
    case = item.nomination.case
    view: tuple[Item, ...] = ()
    changed: tuple[Item, ...] = ()
    facts: tuple[str, ...] = ()
    risk = NO_RISK
    if case is not None:
        found = read(principal, case, casework.purpose_of(principal))
        view, changed = _of_the_child(found.items, _since(item, now))
        risk = risk_of(principal, case)
        facts = tuple(filter(None, (found.initials, found.age)))
    shown = OnScreen.objects.filter(meeting=meeting, until_at__isnull=True).first()
    is_open = policies.is_open(meeting)
    return RoomReading(
        meeting=meeting.pk,
        item=item.pk,
        number=place + 1,
        of=len(listed),
        heading=minutes.heading,
        kind=item.nomination.get_kind_display(),
        is_child=case is not None,
        facts=facts,
        view=view,
        changed=changed,
        risk=risk,
        told=minutes,
        pen=pen,
        boxes=_boxes(told) if pen.mine and is_open else (),
        presents=runs and meeting.status == MeetingStatus.HELD,
        shares=pen.mine and told.conclusion is not None and _may_share(principal, case),
        on_screen=shown is not None and shown.item_id == item.pk,
        is_open=is_open,
        case=case.pk if case else None,
        child=case.child_id if case else None,
        next_item=listed[place + 1] if place + 1 < len(listed) else None,
    )


def _may_share(principal: Principal, case: Case | None) -> bool:
    return case is not None and casework.standing(principal, case).may_share


def read_screen(principal: Principal, meeting: Meeting) -> ScreenReading:
    """Resolve what is on the screen of a meeting, for everybody in the room together.

    To somebody who may not know of the item nothing is on it, nor to a member outside the room.
    Who runs the meeting from outside reads no more of it than their own minutes tell them.
    """
    presents = policies.runs_meeting(principal, meeting)
    shown = OnScreen.objects.filter(meeting=meeting, until_at__isnull=True).first()
    items = {each.pk: each for each in policies.items(principal, meeting)}
    item = items.get(shown.item_id) if shown else None
    if item is None:
        return ScreenReading(meeting.pk, presents=presents)
    item.meeting = meeting
    told = told_of([item])[item.pk]
    inside = _inside(told)
    if not presents and principal.membership_id not in {member.pk for member in inside}:
        return ScreenReading(meeting.pk, presents=presents)
    here = {item.pk} if was_here(principal, told) else set()
    own = policies.reach(principal, meeting, here, timezone.now())
    case = item.nomination.case
    facts: tuple[str, ...] = ()
    together: list[Item] = []
    risk = NO_RISK
    if case is not None:
        found = read(principal, case, casework.purpose_of(principal))
        together, given = read_by_all(case, found.items, inside)
        shown_to_all = frozenset(each.statement for each in together if each.statement)
        risk = risk_together(principal, case, inside, given, shown_to_all)
        if any(each.key == "name" for each in together):
            facts = tuple(filter(None, (found.initials, found.age)))
    view, changed = _of_the_child(together, _since(item, timezone.now()))
    made = told.conclusion
    return ScreenReading(
        meeting=meeting.pk,
        item=item.pk,
        heading=_called(item, inside),
        facts=facts,
        view=view,
        changed=changed,
        risk=risk,
        said=tuple(_said_together(item, told, inside, own)),
        decision=_decided_together(item, told, own),
        actions=tuple(_counted(row.agency.name for row in told.actions)),
        next_on=day(made.next_on) if made else "",
        presents=presents,
        case=case.pk if case else None,
        child=case.child_id if case else None,
        shown=categories_of(view, changed, risk),
    )


def _of_the_child(
    items: Iterable[Item], since: datetime
) -> tuple[tuple[Item, ...], tuple[Item, ...]]:
    """The child's view, and what is new since then, the newest first."""
    told = [each for each in items if each.state in (State.SHOWN, State.PARTLY_WITHHELD)]
    section = {each.key: QUESTIONS[each.question].section for each in told}
    view = tuple(each for each in told if section[each.key] == VIEW)
    new = [
        each
        for each in told
        if section[each.key] in _CHANGES and each.at is not None and each.at >= since
    ]
    new.sort(key=lambda each: (each.at, each.key), reverse=True)
    return view, tuple(new[:MOST_CHANGES])


def _since(item: AgendaItem, now: datetime) -> datetime:
    """When the panel looked at this child before; else as far back as it looks."""
    before = (
        AgendaItem.objects.filter(
            nomination__case=item.nomination.case_id,
            meeting__series=item.meeting.series_id,
            meeting__held_at__lt=item.meeting.held_at or now,
        )
        .exclude(pk=item.pk)
        .order_by("-meeting__held_at")
        .values_list("meeting__held_at", flat=True)
        .first()
    )
    return before or now - LOOKS_BACK


def _called(item: AgendaItem, inside: Sequence[Membership]) -> str:
    """A child by the reference; anything else by its title where all in the room may read it."""
    nomination = item.nomination
    if nomination.case is not None:
        return nomination.case.reference
    titles = {_title(item, member) for member in inside}
    return nomination.title if titles == {nomination.title} else nomination.get_kind_display()


def _title(item: AgendaItem, member: Membership) -> str:
    return heading(item, lambda: Wordings(member.principal()))


def _inside(told: Told) -> list[Membership]:
    """Who is in the room for it now."""
    inside = {each.invitation.membership for each in told.here if each.to_at is None}
    return sorted(inside, key=lambda member: member.pk)


def _said_together(
    item: AgendaItem, told: Told, inside: Sequence[Membership], own: policies.Reach
) -> Iterable[tuple[str, str]]:
    """Each agency that spoke: its words where the law opens them to all here and to the reader
    (`own`), or "Noted"."""
    teams = {member.team for member in inside}
    reaches = policies.reaches_of_teams(map(law.recipient, teams), item.meeting, {item.pk}, own)
    for line in told.lines:
        if line.kind != Said.DISCUSSION:
            continue
        opens = reaches and all(
            policies.opens(reach.said(item, line.agency)) for reach in (*reaches, own)
        )
        yield line.agency.name, line.words if opens else "Noted"


def _decided_together(item: AgendaItem, told: Told, own: policies.Reach) -> str:
    """What was decided, in its words where the law opens them to the reader."""
    made = told.conclusion
    if made is None:
        return ""
    label = Agreed(made.what).label
    opens = own.opens_all(item) or policies.opens(own.decided(item))
    return f"{label}. {made.words}" if opens else f"{label}."


def _counted(agencies: Iterable[str]) -> Iterable[tuple[str, str]]:
    found = list(agencies)
    for name in sorted(set(found)):
        count = found.count(name)
        yield name, f"{count} action{'' if count == 1 else 's'}"


def _pencil(principal: Principal, meeting: Meeting) -> Pencil:
    held = Pen.objects.filter(meeting=meeting, until_at__isnull=True)
    pen = held.select_related("holder__user").first()
    mine = pen is not None and pen.holder_id == principal.membership_id
    is_chair = meeting.chair_id == principal.membership_id
    others: Collection[tuple[str, str]] = ()
    if mine:
        others = [
            (str(each.pk), each.user.name)
            for each in policies.may_write(meeting)
            if each.pk != principal.membership_id
        ]
    return Pencil(
        holder=pen.holder.user.name if pen else "",
        since=time_of_day(pen.from_at) if pen else "",
        mine=mine,
        may_take=not mine and (pen is None or is_chair) and policies.writes(principal, meeting),
        hands_to=tuple(others),
    )


def boxes(item: AgendaItem) -> tuple[Box, ...]:
    """The boxes of an item as they stand, for a form that comes back: never shown by itself."""
    return _boxes(told_of([item])[item.pk])


def _boxes(told: Told) -> tuple[Box, ...]:
    """A box for each agency that was in the room, and for each of which something stands."""
    agencies = {
        each.invitation.membership.team.agency_id: each.invitation.membership.team.agency
        for each in told.here
    }
    agencies.update({line.agency_id: line.agency for line in told.lines})
    found = {(line.agency_id, line.kind): line.words for line in told.lines}
    ordered = sorted(agencies.values(), key=lambda agency: (agency.name, str(agency.pk)))
    return tuple(
        Box(
            agency=agency.pk,
            name=agency.name,
            kind=kind,
            words=found.get((agency.pk, kind), ""),
            version=version_of(found.get((agency.pk, kind), "")),
        )
        for agency in ordered
        for kind in (Said.DISCUSSION,)
    )
