"""The transition table: from where, to where, by whom.

A table is data: buttons, API actions, services, documents and tests read the same rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from portal.common.errors import DomainError

Verb = TypeVar("Verb", bound=str)


@dataclass(frozen=True)
class Transition:
    """One verb of a life: where it may start, where it leads, and whose relation allows it.

    `says` completes the sentence "This cannot be done now: ..." for a person who is too late.
    """

    sources: frozenset[str]
    target: str
    by: frozenset[str]
    says: str


def next_status(table: Mapping[Verb, Transition], action: Verb, status: str) -> str:
    """Return the status that `action` leads to from `status`.

    Raises DomainError, in words for the person, when the table has no such step.
    """
    transition = table[action]
    if status not in transition.sources:
        raise DomainError(f"This cannot be done now: {transition.says}.")
    return transition.target
