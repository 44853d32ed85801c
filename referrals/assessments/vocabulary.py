"""The words of the joint risk assessment."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from django.db.models import TextChoices

from referrals.vocabulary import KnownHow


class ToolKind(TextChoices):
    """What a tool is for. The page that uses it says which."""

    SCREENING = "screening", "Screening: is there something to look at?"
    ASSESSMENT = "assessment", "Assessment: what is happening, and how great is the concern?"


class Level(TextChoices):
    """How great the concern is, from the least to the greatest. Partnerships name them as they do.

    Every tool's own levels map to these. There is no "low risk": nobody has shown that there is.
    """

    NONE_INDICATED = "none_indicated", "Nothing indicated so far"
    EMERGING = "emerging", "Emerging concern"
    MODERATE = "moderate", "Moderate concern"
    SIGNIFICANT = "significant", "Significant concern"

    @property
    def height(self) -> int:
        """0 for the least concern, 3 for the greatest: levels are compared, never averaged."""
        return list(Level).index(self)


class Takes(StrEnum):
    """What else it takes to agree a level. From the least to the most."""

    NOTHING = "nothing"
    REASON = "reason"
    COUNTERSIGN = "countersign"
    CHAIR_AND_SECOND_AGENCY = "chair_and_second_agency"


class Prompt(TextChoices):
    """What a floor asks whoever assesses to think of at once."""

    STRATEGY = "strategy", "Ask for a strategy discussion"
    POLICE = "police", "Tell the police, if nobody has"


class Fact(TextChoices):
    """What is known of the child beside the answers, and a floor may look at."""

    AGE = "age", "Age in years"
    MISSING = "missing_90_days", "Times reported missing in the last 90 days"
    UNSAFE_HOME = "cannot_return_home", "Cannot safely return home"


class View(TextChoices):
    """What one agency says of the level that was agreed. None of them undoes another."""

    AGREES = "agrees", "We agree"
    NOTE = "note", "We agree, with a note"
    DISSENTS = "dissents", "We do not agree"


class Capacity(TextChoices):
    """For whom somebody signs a level that is lower than what the tool or the last level says."""

    SECOND = "second", "Another person"
    CHAIR = "chair", "The panel's chair"
    AGENCY = "agency", "A second agency"


SIGNATURES: Final[Mapping[Takes, tuple[Capacity, ...]]] = MappingProxyType(
    {
        Takes.NOTHING: (),
        Takes.REASON: (),
        Takes.COUNTERSIGN: (Capacity.SECOND,),
        Takes.CHAIR_AND_SECOND_AGENCY: (Capacity.CHAIR, Capacity.AGENCY),
    }
)
"""Whose signatures each way of agreeing a level takes."""

KNOWN_HOW: Final = (
    KnownHow.SAW,
    KnownHow.CHILD_SAID,
    KnownHow.TOLD,
    KnownHow.RECORD,
    KnownHow.OPINION,
)
"""How an agency may know what it answers."""

WORDS: Final = 2000
"""How many characters the words of one answer may have."""

ABOUT: Final = "about"
"""The page of an agency's answers that belongs to no part of the tool."""

SEEN, STRENGTHS, CHILD, CHILD_WHY, ELSE = (
    "note_risk_seen",
    "note_risk_strengths",
    "note_risk_child",
    "note_risk_child_why",
    "note_risk_else",
)
JUDGEMENT, DIFFERS, SAID = "note_risk_judgement", "note_risk_differs", "note_risk_said"
