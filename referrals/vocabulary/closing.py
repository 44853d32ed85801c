"""The words of closing a case: why, the closure test, and what a later look found."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from django.db.models import TextChoices

LOOK_BACK_DAYS: Final = 90
"""How many days after it was closed somebody looks at the child again."""

MOST_GAPS: Final = 30
"""How many percent of the closure test may be "not known". With more, too little is known."""


class Closing(TextChoices):
    """Why the partnership's work on a case ends.

    That a child or a family does not work with us, or has moved, is no reason: it is not here.
    """

    SAFE = "safe", "The child is safer, and their plan goes on with others"
    EARLY_HELP = "early_help", "Early help goes on with the family"
    PROTECTION = "protection", "A child protection plan goes on"
    LOOKED_AFTER = "looked_after", "The child is looked after, and that plan goes on"
    TRANSFERRED = "transferred", "Another area has accepted the child"
    ADULT = "adult", "They are 18, and adult services have accepted them"
    NOT_EXPLOITATION = "not_exploitation", "It was not exploitation, and other needs are met"
    JOINED = "joined", "The work goes on in another case about this child"
    DIED = "died", "The child has died, and the child death process goes on"


class Found(TextChoices):
    """An answer of the closure test, or of a later look."""

    YES = "yes", "Yes"
    NO = "no", "No"
    NOT_KNOWN = "not_known", "Not known"


class ClosingQuestion(TextChoices):
    """What the closure test asks."""

    CHILD_VIEW = "child_view", "Has the child told us what they think of closing?"
    NEW_HARM = "new_harm", "Was there a new sign of harm in the last 90 days?"
    MISSING = "missing", "Has the child been missing in the last 90 days?"
    CONTACT = "contact", "Is a person of concern still in contact with the child?"
    PLAN = "plan", "Does a lead worker go on with a plan for the child?"
    FAMILY = "family", "Has the family been told, where that is safe?"
    REFERRER = "referrer", "Has somebody spoken with the person who referred?"
    POLICE = "police", "Do the police agree that nothing they know stands against it?"
    GAPS = "gaps", "Do we know now what we did not know when we decided?"


@dataclass(frozen=True)
class Test:
    """One question of the closure test: the answer that needs no more words, and the hint."""

    fine: Found | None
    hint: str


TESTS: Final[Mapping[ClosingQuestion, Test]] = MappingProxyType(
    {
        ClosingQuestion.CHILD_VIEW: Test(
            None, "Write what they said, or why nobody has asked them."
        ),
        ClosingQuestion.NEW_HARM: Test(
            Found.NO, "If there was, or nobody knows, write what is done."
        ),
        ClosingQuestion.MISSING: Test(
            Found.NO, "If they were, or nobody knows, write what is done."
        ),
        ClosingQuestion.CONTACT: Test(
            Found.NO, "If so, or nobody knows, write what keeps the child safe."
        ),
        ClosingQuestion.PLAN: Test(None, "Write who it is, or why the child needs no plan."),
        ClosingQuestion.FAMILY: Test(Found.YES, "If not, write why."),
        ClosingQuestion.REFERRER: Test(Found.YES, "If not, write why."),
        ClosingQuestion.POLICE: Test(Found.YES, "If not, write what they say."),
        ClosingQuestion.GAPS: Test(Found.YES, "If not, write what is still not known."),
    }
)
"""What goes with each question. A trigger holds every closure to the same list."""

SIGNS_OF_HARM: Final = (ClosingQuestion.NEW_HARM, ClosingQuestion.MISSING, ClosingQuestion.CONTACT)
"""The questions whose answer takes a manager, unless it is a plain no."""
