"""A panel in session: children on its agenda, people in the room, what is said and decided."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from portal.accounts.vocabulary import Principal
from referrals.assessments.vocabulary import Level
from referrals.meetings import services
from referrals.meetings.models import AgendaItem, Meeting, Minutes, Series
from referrals.meetings.reading.room import boxes
from referrals.meetings.services import concluding, minutes, writing
from referrals.meetings.services.concluding import Concluded, Wanted
from referrals.meetings.vocabulary import Agreed, Says
from referrals.models import Case
from tests.cast import Cast
from tests.meetings.conftest import accepted, held, listed, planned

POLICE_SAID = "The silver car was stopped twice in May."
HEALTH_SAID = "She comes to the clinic, and comes alone."
DECIDED = "A joint visit this week, and the car is looked for."
REASONS = "The same car was named by two agencies."
POLICE_DOES = "Find out who keeps the car."
HEALTH_DOES = "See her at school and not at the clinic."
NO_DECISION = concluding.version(None)


@dataclass(frozen=True)
class Session:
    """A meeting that is being held, and its items in their order."""

    meeting: Meeting
    items: tuple[AgendaItem, ...]

    @property
    def item(self) -> AgendaItem:
        """The first item."""
        return self.items[0]


def begun(cast: Cast, panel: Series, *cases: Case, invited: Iterable[Principal] = ()) -> Session:
    """A meeting about these cases that is being held; its members came in for each of them."""
    meeting = planned(cast, panel, invited)
    items = listed(cast, meeting, *(accepted(cast, panel, case) for case in cases))
    meeting = held(cast, meeting)
    for item in items:
        services.open_item(actor=cast.coordinator, meeting=meeting.pk, item=item.pk)
    return Session(meeting, tuple(items))


def concluded(cast: Cast, **changes: Any) -> Concluded:
    """What the panel decides, with an action for the police and one for health."""
    soon = timezone.localdate() + timedelta(days=28)
    given = {
        "what": Agreed.KEEP,
        "words": DECIDED,
        "reasons": REASONS,
        "next_on": soon,
        "key": uuid4(),
        "level": Level.MODERATE,
        "actions": (
            Wanted(POLICE_DOES, cast.panel_officer.membership_id, soon, "The keeper is known."),
            Wanted(HEALTH_DOES, cast.panel_nurse.membership_id, soon, "She was seen."),
        ),
    }
    return Concluded(**{**given, **changes})


def say(cast: Cast, item: AgendaItem, writer: Principal) -> None:
    """What police and health say about an item, written by whoever holds the pen."""
    words = {cast.panel_officer.agency_id: POLICE_SAID, cast.panel_nurse.agency_id: HEALTH_SAID}
    seen = {box.agency: box.version for box in boxes(item)}
    said = {agency: (text, seen[agency]) for agency, text in words.items()}
    writing.write_all(actor=writer, item=item, said=said)


def conclude(cast: Cast, item: AgendaItem, writer: Principal, **changes: Any) -> None:
    """What is decided of an item of which nothing was decided before."""
    found = concluded(cast, **changes)
    concluding.conclude(actor=writer, item=item, found=found, seen=NO_DECISION)


def whole(cast: Cast, session: Session) -> Session:
    """Everything is said and decided, by the coordinator."""
    writing.take_pen(actor=cast.coordinator, meeting=session.meeting)
    for item in session.items:
        say(cast, item, cast.coordinator)
        conclude(cast, item, cast.coordinator)
    return session


def drafted(cast: Cast, session: Session) -> Minutes:
    """The meeting is over, and the minutes are with its members."""
    services.end(actor=cast.coordinator, pk=session.meeting.pk)
    return minutes.draft(actor=cast.coordinator, meeting=session.meeting)


def agree(cast: Cast, session: Session, *who: Principal) -> None:
    """These say that the lines of their agency are right."""
    for each in who:
        minutes.comment(
            actor=each,
            meeting=session.meeting,
            says=Says.RIGHT,
            item=None,
            words="",
            key=uuid4(),
        )


def approved(cast: Cast, session: Session) -> Minutes:
    """The minutes, approved: every agency said that its lines are right."""
    drafted(cast, session)
    agree(cast, session, cast.panel_officer, cast.panel_nurse)
    return minutes.approve(actor=cast.panel_chair, meeting=session.meeting)
