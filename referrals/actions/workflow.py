"""The life of an action: its verbs, from where to where, and who may use each."""

from enum import StrEnum
from typing import Final

from django.db.models import TextChoices

from portal.common.workflow import Transition


class State(TextChoices):
    """Where an action is. That it is late is no state: its day says so."""

    OPEN = "open", "Not started"
    IN_PROGRESS = "in_progress", "Started"
    DONE_CLAIMED = "done_claimed", "Said to be done"
    VERIFIED = "verified", "Done"
    NOT_POSSIBLE = "not_possible", "Not possible"


RUNNING: Final = (State.OPEN, State.IN_PROGRESS)
"""States in which its owner has something to do."""

UNFINISHED: Final = (*RUNNING, State.DONE_CLAIMED)
"""States in which nobody closes the case or steps it down."""


class Relation(StrEnum):
    """How somebody stands to an action. It is found, action by action."""

    OWNER = "owner"
    LEAD = "lead of its agency"
    OVERSEER = "coordinator or manager of the case"
    CHAIR = "panel chair"
    GIVER = "who gave it"
    ASKED = "who is asked to take it on"
    JUDGE = "who is asked what it changed"


class Verb(TextChoices):
    """What can be done with an action."""

    TAKE_UP = "take-up", "Start"
    ADD = "add", "Say what happened so far"
    CLAIM = "claim", "Say that it is done"
    NOT_POSSIBLE = "not-possible", "Say that it cannot be done"
    ASK_TIME = "ask-time", "Ask for more time"
    ANSWER_TIME = "answer-time", "Answer about more time"
    HAND_OVER = "hand-over", "Hand over"
    ACCEPT = "accept", "Take on, or not"
    VERIFY = "verify", "Check that it is done"
    SEND_BACK = "send-back", "Send back"
    REMIND = "remind", "Remind"
    JUDGE = "judge", "Say what it changed"


_RUNNING = frozenset(RUNNING)
_OVERSEES = frozenset({Relation.OVERSEER})
_OWNS = frozenset({Relation.OWNER})
_HANDS = frozenset({Relation.OWNER, Relation.LEAD, Relation.OVERSEER})

TRANSITIONS: dict[Verb, Transition] = {
    Verb.TAKE_UP: Transition(
        frozenset({State.OPEN}), State.IN_PROGRESS, _OWNS, "this action has been started already"
    ),
    Verb.CLAIM: Transition(
        _RUNNING, State.DONE_CLAIMED, _OWNS, "somebody has said already that it is done, or ended"
    ),
    Verb.VERIFY: Transition(
        frozenset({State.DONE_CLAIMED}),
        State.VERIFIED,
        _OVERSEES,
        "only an action that its owner calls done can be checked",
    ),
    Verb.SEND_BACK: Transition(
        frozenset({State.DONE_CLAIMED}),
        State.IN_PROGRESS,
        _OVERSEES,
        "only an action that its owner calls done can be sent back",
    ),
    Verb.NOT_POSSIBLE: Transition(
        _RUNNING,
        State.NOT_POSSIBLE,
        _OWNS | _OVERSEES,
        "only an action that nobody has finished can be given up",
    ),
}
"""The verbs that move an action from one state to another."""

WHILE: dict[Verb, tuple[frozenset[State], frozenset[Relation]]] = {
    Verb.ADD: (_RUNNING | {State.DONE_CLAIMED}, _OWNS),
    Verb.ASK_TIME: (_RUNNING, _OWNS),
    Verb.ANSWER_TIME: (_RUNNING, _OVERSEES),
    Verb.HAND_OVER: (_RUNNING, _HANDS),
    Verb.ACCEPT: (_RUNNING, frozenset({Relation.ASKED})),
    Verb.REMIND: (_RUNNING, _OVERSEES),
    Verb.JUDGE: (frozenset({State.VERIFIED}), _OVERSEES | {Relation.JUDGE}),
}
"""The verbs that leave it where it is: in which states, and whose relation allows them."""


def by_whom(verb: Verb) -> frozenset[str]:
    """Whose relation allows this verb."""
    return TRANSITIONS[verb].by if verb in TRANSITIONS else frozenset(WHILE[verb][1])


def is_open_to(verb: Verb, state: str) -> bool:
    """Whether this verb can be used on an action in this state."""
    sources = TRANSITIONS[verb].sources if verb in TRANSITIONS else WHILE[verb][0]
    return state in sources
