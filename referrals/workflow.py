"""The life of a case: its statuses, its verbs, and who may use each verb from where."""

from enum import StrEnum

from django.db.models import TextChoices

from portal.common.workflow import Transition


class Status(TextChoices):
    """Where a case is. What a referrer reads is in `SAYS_TO_REFERRER`."""

    RECEIVED = "received", "Received"
    CHECKING = "checking", "Being checked"
    DECIDED = "decided", "Decided"
    OPEN = "open", "Open"
    STEPPING_DOWN = "stepping_down", "Stepping down"
    CLOSED = "closed", "Closed"
    RETURNED = "returned", "Returned for more information"
    ROUTED = "routed", "Routed to the allocated worker"
    TRANSFERRED = "transferred", "Transferred to another area"
    WITHDRAWN = "withdrawn", "Withdrawn"


class Relation(StrEnum):
    """How a principal stands to a case. A relation is not a role: it is found, case by case."""

    REFERRER = "referrer"
    COORDINATOR = "coordinator"
    MANAGER = "manager"
    PANEL_CHAIR = "panel chair"
    PANEL_MEMBER = "panel member"
    AGENCY_LEAD = "agency lead"
    READER = "reader"


class Action(TextChoices):
    """The verbs. Each names its service, address, template, audit event and test."""

    ACKNOWLEDGE = "acknowledge", "Acknowledge"
    DECIDE = "decide", "Record decision"
    CHANGE = "change", "Change the decision"
    RETURN = "return", "Return for more information"
    RESUME = "resume", "Carry on checking"
    ROUTE = "route", "Route to the allocated worker"
    TRANSFER = "transfer", "Transfer to another area"
    WITHDRAW = "withdraw", "Withdraw referral"
    OPEN = "open", "Open a plan"
    STEP_DOWN = "step-down", "Step down"
    CLOSE = "close", "Close case"
    REOPEN = "reopen", "Reopen case"


_CHECKS = frozenset({Relation.COORDINATOR, Relation.MANAGER})

TRANSITIONS: dict[Action, Transition] = {
    Action.ACKNOWLEDGE: Transition(
        frozenset({Status.RECEIVED}),
        Status.CHECKING,
        _CHECKS,
        "only a referral that nobody has acknowledged can be acknowledged",
    ),
    Action.DECIDE: Transition(
        frozenset({Status.RECEIVED, Status.CHECKING, Status.WITHDRAWN}),
        Status.DECIDED,
        _CHECKS,
        "only a referral that is waiting for its decision can be decided",
    ),
    Action.CHANGE: Transition(
        frozenset({Status.DECIDED}),
        Status.DECIDED,
        _CHECKS,
        "only a decision that nobody has acted on yet can be changed",
    ),
    Action.RETURN: Transition(
        frozenset({Status.RECEIVED, Status.CHECKING}),
        Status.RETURNED,
        _CHECKS,
        "only a referral that is being checked can be returned",
    ),
    Action.RESUME: Transition(
        frozenset({Status.RETURNED}),
        Status.CHECKING,
        _CHECKS,
        "only a returned referral can be carried on",
    ),
    Action.ROUTE: Transition(
        frozenset({Status.RECEIVED, Status.CHECKING, Status.DECIDED}),
        Status.ROUTED,
        _CHECKS,
        "only a referral that is being checked can be routed to an allocated worker",
    ),
    Action.TRANSFER: Transition(
        frozenset({Status.RECEIVED, Status.CHECKING, Status.DECIDED, Status.OPEN}),
        Status.TRANSFERRED,
        frozenset({Relation.MANAGER}),
        "only a referral or case that is not closed can be transferred",
    ),
    Action.WITHDRAW: Transition(
        frozenset({Status.RECEIVED}),
        Status.WITHDRAWN,
        frozenset({Relation.REFERRER}),
        "this referral is already being checked, so it can no longer be withdrawn",
    ),
    Action.OPEN: Transition(
        frozenset({Status.DECIDED}),
        Status.OPEN,
        _CHECKS,
        "only a decided case can be opened for a plan",
    ),
    Action.STEP_DOWN: Transition(
        frozenset({Status.OPEN}),
        Status.STEPPING_DOWN,
        _CHECKS,
        "only an open case can be stepped down",
    ),
    Action.CLOSE: Transition(
        frozenset({Status.DECIDED, Status.STEPPING_DOWN}),
        Status.CLOSED,
        _CHECKS,
        "a case is closed after its decision or after stepping down",
    ),
    Action.REOPEN: Transition(
        frozenset({Status.CLOSED}),
        Status.OPEN,
        _CHECKS,
        "only a closed case can be reopened",
    ),
}

WAITING = (Status.RECEIVED, Status.CHECKING, Status.RETURNED)
"""Statuses in which the decision is still owed to whoever sent it."""

ON_BOARD = (*WAITING, Status.WITHDRAWN)
"""Statuses of the triage board. A withdrawal is on it until somebody has decided about it too."""

LEAVES_BOARD = frozenset({Action.DECIDE, Action.ROUTE, Action.TRANSFER})
"""The only verbs by which a case leaves the board: each is a decision, with a reason, an owner and
the day on which it is looked at next. The last two take the receiver's yes as well."""

LOOKED_AFTER = (*ON_BOARD, Status.DECIDED, Status.OPEN, Status.STEPPING_DOWN)
"""Statuses in which somebody at the front door has to look after the case."""

CONSIDERED = (Status.DECIDED, Status.OPEN, Status.STEPPING_DOWN)
"""Statuses in which a panel may look at the child: it is decided, and the work is not over."""

BY_REASON = (
    Action.RETURN,
    Action.RESUME,
    Action.WITHDRAW,
    Action.OPEN,
    Action.STEP_DOWN,
)
"""Verbs that need nothing but a reason. Every other verb has a page of its own."""

OVER = (Status.CLOSED, Status.TRANSFERRED, Status.WITHDRAWN)
"""Statuses in which the partnership's work on the case is over."""

SAYS_TO_REFERRER: dict[Status, tuple[int, str]] = {
    Status.RECEIVED: (1, "Sent. It has reached the coordinators."),
    Status.CHECKING: (3, "A coordinator has read it and is checking what is known."),
    Status.DECIDED: (4, "A decision has been made."),
    Status.OPEN: (5, "Support is in place."),
    Status.STEPPING_DOWN: (5, "Support is in place, and is being reduced with care."),
    Status.CLOSED: (5, "Closed."),
    Status.RETURNED: (3, "More information is needed. A coordinator will contact you."),
    Status.ROUTED: (4, "Passed to the worker who already supports this child."),
    Status.TRANSFERRED: (4, "Passed to another area."),
    Status.WITHDRAWN: (1, "Withdrawn."),
}
STEPS = ("Sent", "Acknowledged", "Being checked", "Decision made", "Support in place or closed")
