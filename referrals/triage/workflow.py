"""The way back of a case that was joined to another one and is taken apart again."""

from typing import Final

from portal.common.workflow import Transition
from referrals.workflow import Relation, Status

APART: Final = Transition(
    frozenset({Status.DECIDED}),
    Status.CHECKING,
    frozenset({Relation.COORDINATOR, Relation.MANAGER}),
    "a case that has gone on since stays where it is",
)
"""Its decision was to join it. When that no longer holds, a decision is owed again."""
