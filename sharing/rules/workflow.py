"""The life of a change of the law: who may take which step, from where."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from django.db.models import TextChoices

from portal.common.workflow import Transition


class Status(TextChoices):
    """Where a change of the law has got to."""

    DRAFT = "draft", "Draft"
    SUBMITTED = "submitted", "Waiting for a second person"
    APPROVED = "approved", "Approved"
    LIVE = "live", "Live"
    ROLLED_BACK = "rolled_back", "Rolled back"
    REJECTED = "rejected", "Not taken further"


class Action(TextChoices):
    """What may be done with a change of the law."""

    SUBMIT = "submit", "Submit the change"
    APPROVE = "approve", "Approve the change"
    REJECT = "reject", "Take the change no further"
    GO_LIVE = "go_live", "Go live"
    ROLL_BACK = "roll_back", "Roll the change back"


class Who(TextChoices):
    """How an information-governance lead stands to a change; the service makes it live."""

    AUTHOR = "author", "author"
    SECOND = "second", "second person"
    SERVICE = "service", "service"


_EITHER: Final = frozenset({Who.AUTHOR, Who.SECOND})

TRANSITIONS: Final[Mapping[Action, Transition]] = MappingProxyType(
    {
        Action.SUBMIT: Transition(
            frozenset({Status.DRAFT}),
            Status.SUBMITTED,
            frozenset({Who.AUTHOR}),
            "it has been submitted already",
        ),
        # Nobody changes the law alone.
        Action.APPROVE: Transition(
            frozenset({Status.SUBMITTED}),
            Status.APPROVED,
            frozenset({Who.SECOND}),
            "it does not wait for approval",
        ),
        Action.REJECT: Transition(
            frozenset({Status.DRAFT, Status.SUBMITTED, Status.APPROVED}),
            Status.REJECTED,
            _EITHER,
            "it is live, or over",
        ),
        Action.GO_LIVE: Transition(
            frozenset({Status.APPROVED}),
            Status.LIVE,
            frozenset({Who.SERVICE}),
            "it is not approved",
        ),
        # It restores what two people approved before, and may be urgent: one is enough.
        Action.ROLL_BACK: Transition(
            frozenset({Status.LIVE}), Status.ROLLED_BACK, _EITHER, "it is not live"
        ),
    }
)
"""Every step of a change's life. Trigger rules_change_keeps_its_life holds the same steps."""
