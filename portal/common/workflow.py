"""The transition table: from where, to where, by whom.

A table is data: buttons, API actions, services, documents and tests read the same rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from portal.common.errors import DomainError


@dataclass(frozen=True)
class Transition:
    """One verb of a life: where it may start, where it leads, and whose relation allows it."""

    sources: frozenset[StrEnum]
    target: StrEnum
    by: frozenset[StrEnum]
    says: str


def next_status(
    table: Mapping[StrEnum, Transition], action: StrEnum, status: StrEnum
) -> StrEnum:
    """Return the status that `action` leads to from `status`.

    Raises DomainError, in words for the person, when the table has no such step.
    """
    transition = table[action]
    if status not in transition.sources:
        raise DomainError(f"This cannot be done now: {transition.says}.")
    return transition.target
