"""The words of following a referral: how urgent a disagreement is, what a message is about."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import TextChoices

from portal.accounts.vocabulary import Role
from referrals.vocabulary import KnownHow, Protect


class Urgency(TextChoices):
    """How soon a disagreement needs an answer."""

    NOW = "now", "A child could come to harm before the next working day"
    SOON = "soon", "It can wait for the next working day"


class About(TextChoices):
    """What a message is about. A correction is asked for once checking has begun."""

    QUESTION = "question", "Message"
    CORRECTION = "correction", "Correction asked for"


class Result(TextChoices):
    """What an answer to a disagreement comes to."""

    CHANGES = "changes", "Something will change"
    STANDS = "stands", "The decision stands"


ADDED_HOW = (KnownHow.SAW, KnownHow.CHILD_SAID, KnownHow.TOLD, KnownHow.OPINION)
"""How something that is added may be known."""

ADDED_PROTECT = tuple(why for why in Protect if why and why is not Protect.EXISTENCE)
"""Why something that is added may be protected. What nobody may know of is not sent to anybody."""


@dataclass(frozen=True)
class Stage:
    """One step of the ladder: who hears it there, and how long they have.

    `roles` are told in the portal; `who` names everybody, also those who have no account.
    `immediate_hours` is the clock when a child could come to harm; a stage without one is skipped.
    """

    number: int
    who: str
    roles: tuple[Role, ...]
    working_days: int
    immediate_hours: int | None


def next_stage(stages: Iterable[Stage], reached: int, urgency: Urgency) -> Stage | None:
    """The step after the one that a disagreement has reached; None after the last.

    When a child could come to harm, a step without a clock for that is skipped.
    """
    urgent = urgency is Urgency.NOW
    ahead = (s for s in stages if s.number > reached and (s.immediate_hours or not urgent))
    return next(ahead, None)


def ladder(kept: Iterable[Mapping[str, Any]]) -> tuple[Stage, ...]:
    """The steps of a partnership's escalation procedure, from its setting, in order."""
    return tuple(
        Stage(
            number=number,
            who=step["who"],
            roles=tuple(Role(role) for role in step["roles"]),
            working_days=step["working_days"],
            immediate_hours=step.get("immediate_hours"),
        )
        for number, step in enumerate(kept, start=1)
    )
