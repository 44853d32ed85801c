"""The lives of a meeting, a nomination and an agenda item: from where, to where, by whom."""

from typing import Final

from django.db.models import TextChoices

from portal.common.workflow import Transition


class MeetingStatus(TextChoices):
    """Where a meeting is. It never goes back."""

    PLANNED = "planned", "Planned"
    PUBLISHED = "published", "Papers are out"
    HELD = "held", "Being held"
    ENDED = "ended", "Over"


class NominationStatus(TextChoices):
    """Where a nomination is."""

    NOMINATED = "nominated", "Waits for the sift"
    MORE = "more", "More information asked for"
    ACCEPTED = "accepted", "Ready for an agenda"
    DECLINED = "declined", "Not for the panel"
    CONSIDERED = "considered", "Considered by the panel"
    WITHDRAWN = "withdrawn", "Withdrawn"


class ItemStatus(TextChoices):
    """Where an item of an agenda is. A deferred one comes back to another meeting, counted."""

    LISTED = "listed", "On the agenda"
    DISCUSSED = "discussed", "Discussed"
    DEFERRED = "deferred", "Deferred"
    REMOVED = "removed", "Taken off the agenda"


class MeetingAction(TextChoices):
    """The verbs of a meeting."""

    PUBLISH = "publish", "Publish pack"
    HOLD = "hold", "Start the meeting"
    END = "end", "End the meeting"


class Sifting(TextChoices):
    """The verbs of a nomination."""

    ACCEPT = "accept", "Accept for the panel"
    DECLINE = "decline", "Decline"
    ASK = "ask", "Ask for more information"
    ANSWER = "answer", "Answer, and nominate again"
    WITHDRAW = "withdraw", "Withdraw the nomination"
    CONSIDER = "consider", "Considered"


class ItemAction(TextChoices):
    """The verbs of an item."""

    DISCUSS = "discuss", "Discussed"
    DEFER = "defer", "Defer"
    REMOVE = "remove", "Take off the agenda"
    LIST = "list", "Put back on the agenda"


RUNS: Final = "who runs the panel"
CHAIRS: Final = "chair"
NOMINATES: Final = "who nominated"

_RUNS = frozenset({RUNS, CHAIRS})

MEETING: Final[dict[MeetingAction, Transition]] = {
    MeetingAction.PUBLISH: Transition(
        frozenset({MeetingStatus.PLANNED, MeetingStatus.PUBLISHED}),
        MeetingStatus.PUBLISHED,
        _RUNS,
        "papers go out before a meeting is held",
    ),
    MeetingAction.HOLD: Transition(
        frozenset({MeetingStatus.PUBLISHED}),
        MeetingStatus.HELD,
        _RUNS,
        "a meeting begins once, after its papers are out",
    ),
    MeetingAction.END: Transition(
        frozenset({MeetingStatus.HELD}),
        MeetingStatus.ENDED,
        _RUNS,
        "only a meeting that is being held can end",
    ),
}

NOMINATION: Final[dict[Sifting, Transition]] = {
    Sifting.ACCEPT: Transition(
        frozenset({NominationStatus.NOMINATED}),
        NominationStatus.ACCEPTED,
        _RUNS,
        "only a nomination that waits for the sift can be accepted",
    ),
    Sifting.DECLINE: Transition(
        frozenset({NominationStatus.NOMINATED, NominationStatus.MORE}),
        NominationStatus.DECLINED,
        _RUNS,
        "only a nomination that waits for the sift can be declined",
    ),
    Sifting.ASK: Transition(
        frozenset({NominationStatus.NOMINATED}),
        NominationStatus.MORE,
        _RUNS,
        "only a nomination that waits for the sift can be asked about",
    ),
    Sifting.ANSWER: Transition(
        frozenset({NominationStatus.MORE}),
        NominationStatus.NOMINATED,
        frozenset({NOMINATES}),
        "nothing is asked about this nomination now",
    ),
    Sifting.WITHDRAW: Transition(
        frozenset({NominationStatus.NOMINATED, NominationStatus.MORE}),
        NominationStatus.WITHDRAWN,
        frozenset({NOMINATES}),
        "only a nomination that waits for the sift can be withdrawn",
    ),
    Sifting.CONSIDER: Transition(
        frozenset({NominationStatus.ACCEPTED}),
        NominationStatus.CONSIDERED,
        _RUNS,
        "only what was accepted for the panel can be considered by it",
    ),
}

ITEM: Final[dict[ItemAction, Transition]] = {
    ItemAction.DISCUSS: Transition(
        frozenset({ItemStatus.LISTED}),
        ItemStatus.DISCUSSED,
        _RUNS,
        "only an item on the agenda can be discussed",
    ),
    ItemAction.DEFER: Transition(
        frozenset({ItemStatus.LISTED}),
        ItemStatus.DEFERRED,
        _RUNS,
        "only an item on the agenda can be deferred",
    ),
    ItemAction.REMOVE: Transition(
        frozenset({ItemStatus.LISTED}),
        ItemStatus.REMOVED,
        _RUNS,
        "only an item on the agenda can be taken off it",
    ),
    ItemAction.LIST: Transition(
        frozenset({ItemStatus.REMOVED}),
        ItemStatus.LISTED,
        _RUNS,
        "only an item that was taken off can be put back",
    ),
}

OPEN_NOMINATION: Final = (
    NominationStatus.NOMINATED,
    NominationStatus.MORE,
    NominationStatus.ACCEPTED,
)
"""Statuses in which a nomination still wants something of somebody: one of a case in a series."""
