"""The words of actions and reviews: what can happen to one, and what came of it."""

from typing import Final

from django.db.models import TextChoices

from portal.accounts.vocabulary import Role
from referrals.assessments.vocabulary import Level


class Said(TextChoices):
    """What can be written about an action. Each is one line that never changes."""

    TAKEN_UP = "taken_up", "Started"
    EVIDENCE = "evidence", "What happened so far"
    ASKED_TIME = "asked_time", "More time asked for"
    GAVE_TIME = "gave_time", "More time given"
    KEPT_TIME = "kept_time", "More time not given"
    OFFERED = "offered", "To be handed over"
    ACCEPTED = "accepted", "Taken on"
    DECLINED = "declined", "Not taken on"
    CLAIMED = "claimed", "Said to be done"
    VERIFIED = "verified", "Checked: it is done"
    SENT_BACK = "sent_back", "Checked: it is not done yet"
    NOT_POSSIBLE = "not_possible", "Not possible"
    REMINDED = "reminded", "Owner reminded"
    CLIMBED = "climbed", "Late: others told"
    ASKED_EFFECT = "asked_effect", "Another agency asked what it changed"
    JUDGED = "judged", "What it changed"


ANSWERS: Final = {
    Said.GAVE_TIME: Said.ASKED_TIME,
    Said.KEPT_TIME: Said.ASKED_TIME,
    Said.ACCEPTED: Said.OFFERED,
    Said.DECLINED: Said.OFFERED,
    Said.VERIFIED: Said.CLAIMED,
    Said.SENT_BACK: Said.CLAIMED,
}
"""What answers what. Each is answered once."""

NEEDS_NO_WORDS: Final = (
    Said.TAKEN_UP,
    Said.GAVE_TIME,
    Said.ACCEPTED,
    Said.VERIFIED,
    Said.REMINDED,
    Said.CLIMBED,
    Said.ASKED_EFFECT,
)

FROM_ABOVE: Final = (Said.GAVE_TIME, Said.KEPT_TIME, Said.VERIFIED, Said.SENT_BACK, Said.CLIMBED)
"""What those who oversee the case say to whoever has the action, of whichever agency."""


class Effect(TextChoices):
    """What an action that was done has changed for the child. Done is not the same as effective."""

    WORKED = "worked", "It had the effect that was hoped for"
    PARTLY = "partly", "It had some of it"
    NONE = "none", "It changed nothing for the child"
    WORSE = "worse", "It made things worse"
    EARLY = "early", "It is too early to say"


class Climb(TextChoices):
    """Who is told, one after another, when an action is late."""

    OWNER = "1", "Its owner"
    LEAD = "2", "The lead of the owner's agency"
    COORDINATOR = "3", "Whoever coordinates the case"
    ABOVE = "4", "The managers and the panel's chair"


OWNERS: Final = (
    Role.PRACTITIONER,
    Role.AGENCY_LEAD,
    Role.COORDINATOR,
    Role.MANAGER,
    Role.PANEL_MEMBER,
    Role.PANEL_CHAIR,
    Role.LADO,
)
"""Roles in which somebody can have an action."""


class About(TextChoices):
    """What a review is for."""

    PLANNED = "planned", "Review"
    TRANSITION = "transition", "Review before the 18th birthday"


REVIEWED_AFTER: Final = {
    Level.SIGNIFICANT: "review_days_high",
    Level.MODERATE: "review_days_medium",
    Level.EMERGING: "review_days_emerging",
    Level.NONE_INDICATED: "review_days_emerging",
}
"""The setting that says after how many days a case of this level is looked at again."""


class Result(TextChoices):
    """What a review came to; or that its day was changed."""

    CONTINUE = "continue", "Go on, and look again"
    STEP_DOWN = "step_down", "Step down"
    CLOSE = "close", "Close"
    MOVED = "moved", "The day was changed"


HELD: Final = (Result.CONTINUE, Result.STEP_DOWN, Result.CLOSE)

WORDS: Final = 4000
"""How many characters one box takes."""


class Leaving(TextChoices):
    """How the work on a child ended, or became less."""

    CLOSED = "closed", "Closed"
    STEPPED_DOWN = "stepped_down", "Stepped down"
    TRANSFERRED = "transferred", "Transferred to another area"
    NFA = "nfa", "No further action"
