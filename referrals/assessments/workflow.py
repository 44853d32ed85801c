"""The life of a joint risk assessment: from where, to where, by whom."""

from django.db.models import TextChoices

from portal.common.workflow import Transition
from referrals.workflow import Relation


class Status(TextChoices):
    """Where an assessment is. Until it is opened nobody sees another agency's answers."""

    ASKED = "asked", "Agencies are answering"
    OPENED = "opened", "The answers are open. No level is agreed yet"
    WAITING = "waiting", "A level waits for another signature"
    AGREED = "agreed", "A level is agreed"
    SUPERSEDED = "superseded", "A later assessment has taken its place"
    CALLED_OFF = "called_off", "Called off"


class Step(TextChoices):
    """The verbs of an assessment."""

    REVEAL = "reveal", "Open the answers"
    AGREE = "agree", "Agree a level"
    PROPOSE = "propose", "Put a level up for signature"
    SIGN = "sign", "Sign, as the last who must"
    DECLINE = "decline", "Do not sign"
    WITHDRAW = "withdraw", "Withdraw a level that waits for a signature"
    SUPERSEDE = "supersede", "Take the place of an earlier one"
    CALL_OFF = "call-off", "Call off"


_OVERSEES = frozenset({Relation.COORDINATOR, Relation.MANAGER})
_SIGNS = frozenset(
    {Relation.COORDINATOR, Relation.MANAGER, Relation.PANEL_CHAIR, Relation.PANEL_MEMBER}
)
_NOT_OPEN = "only an assessment whose answers are open, with no level agreed, can be agreed"
_NOT_WAITING = "no level of this assessment waits for a signature"

TRANSITIONS: dict[Step, Transition] = {
    Step.REVEAL: Transition(
        frozenset({Status.ASKED}), Status.OPENED, _OVERSEES, "the answers are open already"
    ),
    Step.AGREE: Transition(frozenset({Status.OPENED}), Status.AGREED, _OVERSEES, _NOT_OPEN),
    Step.PROPOSE: Transition(frozenset({Status.OPENED}), Status.WAITING, _OVERSEES, _NOT_OPEN),
    Step.SIGN: Transition(frozenset({Status.WAITING}), Status.AGREED, _SIGNS, _NOT_WAITING),
    Step.DECLINE: Transition(frozenset({Status.WAITING}), Status.OPENED, _SIGNS, _NOT_WAITING),
    # Whoever put it up, or who oversees the case once they have left: `policies.withdraws`.
    Step.WITHDRAW: Transition(frozenset({Status.WAITING}), Status.OPENED, _OVERSEES, _NOT_WAITING),
    Step.SUPERSEDE: Transition(
        frozenset({Status.AGREED}),
        Status.SUPERSEDED,
        _SIGNS,
        "only an agreed assessment gives its place to a later one",
    ),
    Step.CALL_OFF: Transition(
        # Not once the answers are open: nobody makes a sign of harm forgotten by beginning again.
        frozenset({Status.ASKED}),
        Status.CALLED_OFF,
        _OVERSEES,
        "the answers were opened, so it can no longer be called off: agree a level on them",
    ),
}

UNDER_WAY = (Status.ASKED, Status.OPENED, Status.WAITING)
"""A case has one of these at a time."""

AGREED = (Status.AGREED, Status.SUPERSEDED)
"""What stays as the history of a case."""
