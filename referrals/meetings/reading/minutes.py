"""The minutes of a meeting, as one reader may read them. Every renderer is given this and no row.

An item that a conflict of interest keeps from the reader leaves nothing: the items are counted
among those the reader may know of, and so is who was in the room for what. What other agencies
said leaves one sentence and a number, in each item.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import cache
from json import dumps
from typing import Final
from uuid import UUID

from django.utils import timezone

from portal.accounts.vocabulary import Principal, Role
from portal.common.moments import day, london, until
from referrals.assessments.vocabulary import Level
from referrals.meetings import policies
from referrals.meetings.models import (
    AgendaItem,
    AgreedAction,
    Attendance,
    Conclusion,
    Line,
    Meeting,
    Minutes,
)
from referrals.meetings.policies import Reach
from referrals.meetings.reading.lines import Wordings
from referrals.meetings.vocabulary import Agreed, Came, Said
from referrals.meetings.workflow import ItemStatus
from referrals.vocabulary import State

NOBODY_HERE: Final = "Nobody"


@dataclass(frozen=True, repr=False)
class Passage:
    """One row of an item: whose words or which part, and the words, which are final."""

    label: str
    text: str
    state: State = State.SHOWN
    agency: UUID | None = None


@dataclass(frozen=True, repr=False)
class ActionRow:
    """An action as it was agreed: what, whose, by when, how we will know that it helped."""

    what: str
    owner: str
    agency: str
    due: str
    effect: str


@dataclass(frozen=True, repr=False)
class ItemMinutes:
    """One item of the minutes. `number` is its place among the items of this reader.

    `approval` says who approved it where the chair could not, or that nobody has yet.
    """

    pk: UUID
    number: int
    heading: str
    here: str
    passages: tuple[Passage, ...]
    actions: tuple[ActionRow, ...]
    withheld: int
    own: bool = False
    approval: str = ""

    @property
    def withheld_words(self) -> str:
        """How many passages of the item are not in this reader's minutes."""
        return _counted(self.withheld)


@dataclass(frozen=True, repr=False)
class MinutesReading:
    """The minutes, resolved for one reader."""

    meeting: UUID
    title: str
    held: str
    chair: str
    status: str
    is_approved: bool
    made_for: str
    quorum: str
    people: tuple[tuple[str, str, str], ...]
    not_represented: tuple[str, ...]
    items: tuple[ItemMinutes, ...]
    cases: tuple[UUID, ...]
    comments_until: datetime | None = None

    @property
    def people_head(self) -> tuple[str, str, str]:
        """What stands above those who were invited."""
        return "Who", "Agency", "Came"

    @property
    def withheld(self) -> int:
        """How many passages are not in this reader's minutes."""
        return sum(item.withheld for item in self.items)

    @property
    def variant(self) -> str:
        """The line that says whose copy this is, and how much of it is held back."""
        return f"Made for: {self.made_for}. {_counted(self.withheld)}"

    @property
    def fingerprint(self) -> str:
        """Tells these words from others, for a file that was made of them."""
        said = dumps(asdict(self), sort_keys=True, default=str)
        return hashlib.sha256(said.encode()).hexdigest()


def _counted(number: int) -> str:
    if number == 1:
        return "1 passage is withheld."
    return f"{number} passages are withheld." if number else "No passage is withheld."


@dataclass(frozen=True, repr=False)
class Told:
    """What was said and decided about one item, as rows."""

    here: Sequence[Attendance] = ()
    lines: Sequence[Line] = ()
    conclusion: Conclusion | None = None
    actions: Sequence[AgreedAction] = ()


def told_of(items: Iterable[AgendaItem]) -> dict[UUID, Told]:
    """What was said and decided about these items. Four queries, however many they are."""
    wanted = [item.pk for item in items]
    rooms: dict[UUID, list[Attendance]] = {}
    for each in (
        Attendance.objects.filter(item__in=wanted)
        .select_related("invitation__membership__user", "invitation__membership__team__agency")
        .order_by("from_at", "pk")
    ):
        rooms.setdefault(each.item_id, []).append(each)
    lines: dict[UUID, list[Line]] = {}
    standing = Line.objects.standing().filter(item__in=wanted)
    for line in standing.select_related("agency").order_by("agency__name", "pk"):
        lines.setdefault(line.item_id, []).append(line)
    concluded = Conclusion.objects.filter(item__in=wanted, superseded_at__isnull=True)
    conclusions = {each.item_id: each for each in concluded.select_related("holder")}
    agreed: dict[UUID, list[AgreedAction]] = {}
    rows = AgreedAction.objects.filter(conclusion__item__in=wanted)
    rows = rows.order_by("conclusion__written_at", "place")
    for row in rows.select_related("agency", "owner__user", "conclusion"):
        agreed.setdefault(row.conclusion.item_id, []).append(row)
    return {
        pk: Told(rooms.get(pk, ()), lines.get(pk, ()), conclusions.get(pk), agreed.get(pk, ()))
        for pk in wanted
    }


def was_here(principal: Principal, told: Told) -> bool:
    """Tell whether this member was in the room for it, at any time."""
    mine = principal.membership_id
    return any(each.invitation.membership_id == mine for each in told.here)


def read_minutes(
    principal: Principal, meeting: Meeting, at: datetime | None = None
) -> MinutesReading:
    """Resolve the minutes of a meeting for this principal, now. The caller records the reading.

    `meeting` comes from the policies: visible to the principal. The number of queries does not
    depend on that of its items.
    """
    at = at or timezone.now()
    items = list(policies.minuted(principal, meeting))
    told = told_of(items)
    here = {pk for pk, found in told.items() if was_here(principal, found)}
    reach = policies.reach(principal, meeting, here, at)
    wordings = cache(lambda: Wordings(principal))
    made = Minutes.objects.filter(meeting=meeting).select_related("approved_by__user").first()
    people = _people(meeting)
    approvals = _approved_by_others(made, meeting) if made else {}
    return MinutesReading(
        meeting=meeting.pk,
        title=made.title if made else meeting.series.name,
        held=london(meeting.held_at or meeting.starts_at),
        chair=meeting.chair.user.name,
        status=_status(made),
        is_approved=bool(made and made.approved_at),
        made_for=principal.working_as,
        quorum=_quorum(meeting),
        people=tuple((name, agency, came.label) for name, agency, came in people),
        not_represented=_not_represented(people),
        items=tuple(
            replace(
                read_item(item, number, told[item.pk], reach, wordings),
                approval=approvals.get(item.pk, ""),
            )
            for number, item in enumerate(items, start=1)
        ),
        cases=tuple(item.nomination.case_id for item in items if item.nomination.case_id),
        comments_until=made.comments_until if made else None,
    )


def read_item(
    item: AgendaItem, number: int, told: Told, reach: Reach, wordings: Callable[[], Wordings]
) -> ItemMinutes:
    """Resolve one item for one reader, by what the law answers of each of its lines."""
    passages = [*_said(item, told, reach)]
    withheld = len(told.lines) - len(passages)
    if withheld:
        passages.append(_rest(reach))
    conclusion = told.conclusion
    if conclusion is not None:
        held, found = _concluded(item, conclusion, reach)
        passages.extend(found)
        withheld += held
    elif item.status == ItemStatus.DEFERRED:
        words = f"{Agreed.DEFERRED.label} ({_times(item.deferrals)}). Nothing was decided."
        passages.append(Passage("Decision", words))
    actions = _actions(item, told, reach)
    withheld += len(told.actions) - len(actions)
    return ItemMinutes(
        pk=item.pk,
        number=number,
        heading=heading(item, wordings),
        here=_in_the_room(told.here),
        passages=tuple(passages),
        actions=actions,
        withheld=withheld,
        own=any(passage.agency == reach.reader.agency_id for passage in passages),
    )


def heading(item: AgendaItem, wordings: Callable[[], Wordings]) -> str:
    """What an item is called: a child by the case's reference alone, anything else by its title,
    as far as this reader reads it.
    """
    case = item.nomination.case
    if case is not None:
        return case.reference
    return wordings().of(item.nomination, item.nomination.title)


def _said(item: AgendaItem, told: Told, reach: Reach) -> Iterable[Passage]:
    for kind in Said:
        for line in told.lines:
            if line.kind == kind and _reads(item, line, reach):
                says = "" if kind is Said.DISCUSSION else f": {kind.label.lower()}"
                yield Passage(f"{line.agency.name}{says}", line.words, agency=line.agency_id)


def _reads(item: AgendaItem, line: Line, reach: Reach) -> bool:
    return reach.opens_all(item) or policies.opens(reach.said(item, line.agency))


def _rest(reach: Reach) -> Passage:
    """One sentence for all that is held back of what agencies said: never how much of whose."""
    left = reach.recorded().remains
    if left:
        said = f"Withheld. You see {left[:1].lower()}{left[1:]}"
        return Passage("What others said", said, State.PARTLY_WITHHELD)
    kind = reach.reader.agency_kind.label
    return Passage("What others said", f"Not shared with {kind}", State.NOT_SHARED)


def _concluded(item: AgendaItem, made: Conclusion, reach: Reach) -> tuple[int, list[Passage]]:
    """What was decided and why, as far as it is this reader's; and how much of it is not."""
    what = Agreed(made.what)
    whole = reach.opens_all(item)
    rows = []
    if whole or policies.leaves_a_part(reach.decided(item)):
        times = f" ({_times(item.deferrals)})" if what is Agreed.DEFERRED else ""
        rows.append(Passage("Decision", f"{what.label}{times}. {made.words}"))
        if whole:
            rows.append(Passage("Reasons", made.reasons))
            if made.level:
                rows.append(Passage("Level that the panel proposes", Level(made.level).label))
        rows.append(Passage("Looked at next", day(made.next_on)))
    of_all = 4 if made.level else 3
    return of_all - len(rows), rows


def _times(number: int) -> str:
    return "for the first time" if number <= 1 else f"{number} times"


def _actions(item: AgendaItem, told: Told, reach: Reach) -> tuple[ActionRow, ...]:
    whole = reach.opens_all(item)
    return tuple(
        ActionRow(
            what=row.what,
            owner=row.owner.user.name,
            agency=row.agency.name,
            due=day(row.due),
            effect=row.effect,
        )
        for row in told.actions
        if whole or row.agency_id == reach.reader.agency_id
    )


def _in_the_room(here: Sequence[Attendance]) -> str:
    found = {}
    for each in here:
        member = each.invitation.membership
        found[member.pk] = f"{member.user.name} ({member.team.agency.name})"
    return ", ".join(sorted(found.values())) or NOBODY_HERE


def _people(meeting: Meeting) -> list[tuple[str, str, Came]]:
    """Who was invited to the meeting, and whether they came. Nothing of any item."""
    invited = meeting.invitations.filter(withdrawn_at__isnull=True).select_related(
        "membership__user", "membership__team__agency"
    )
    found = [
        (
            f"{each.membership.user.name}, {Role(each.membership.team.role).label}",
            each.membership.team.agency.name,
            Came(each.came),
        )
        for each in invited
    ]
    return sorted(found, key=lambda row: (row[1], row[0]))


def _not_represented(people: Iterable[tuple[str, str, Came]]) -> tuple[str, ...]:
    """The agencies that were invited and from which nobody came."""
    came: dict[str, bool] = {}
    for _, agency, how in people:
        came[agency] = came.get(agency, False) or how is Came.PRESENT
    return tuple(sorted(agency for agency, is_so in came.items() if not is_so))


def _quorum(meeting: Meeting) -> str:
    if meeting.quorum_met is None:
        return "Not counted yet."
    said = "There was a quorum." if meeting.quorum_met else "There was no quorum."
    return f"{said} {meeting.quorum_words}".strip()


def _approved_by_others(made: Minutes, meeting: Meeting) -> dict[UUID, str]:
    """What the minutes say of each item that the chair did not see, or that another approved while
    a conflict of interest kept it from the chair. Two queries.
    """
    unseen = "The chair did not see this item: a conflict of interest."
    kept = policies.kept_from_chair(meeting, made.approved_at or timezone.now())
    nobody = f"{unseen} Nobody else has approved it yet."
    hidden = set(kept.values_list("pk", flat=True))
    found = dict.fromkeys(hidden, nobody)
    for row in made.item_approvals.select_related("by__user", "by__team__agency"):
        by = f"{row.by.user.name}, {row.by.team.agency.name}"
        said = f"{by}, approved it on {london(row.approved_at)}."
        # The conflict may have ended before the chair approved: then the chair did see it.
        found[row.item_id] = f"{unseen} {said}" if row.item_id in hidden else said
    return found


def _status(made: Minutes | None) -> str:
    if made is None:
        return "Not drafted yet. What stands here can still change."
    if made.approved_at is not None and made.approved_by is not None:
        return f"Approved by {made.approved_by.user.name} on {london(made.approved_at)}."
    return f"Draft. Members can comment until {until(made.comments_until)}."
