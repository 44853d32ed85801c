"""What is decided about a case, who may see it, and what a reading makes of it."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from django.db.models import TextChoices


class Outcome(TextChoices):
    """What a coordinator or manager decides."""

    STRATEGY = "strategy", "Strategy discussion now"
    PANEL = "panel", "MASE panel agenda"
    ASSESSMENT = "assessment", "Children's social care assessment"
    OPEN_CASE = "open_case", "Already has an allocated worker, who takes it on"
    EARLY_HELP = "early_help", "Early help"
    TRANSFER = "transfer", "Another area takes it on"
    ADVICE = "advice", "Advice, no further multi-agency action"
    NFA = "nfa", "No further action"
    WITHDRAWN = "withdrawn", "Withdrawn by the person who sent it"
    # Whoever referred reads this too, so it does not say that there is another case.
    JOINED = "joined", "Taken further with other information"
    REOPENED = "reopened", "Reopened: the work goes on"


CHOSEN_OUTCOMES = tuple(each for each in Outcome if each not in (Outcome.JOINED, Outcome.REOPENED))
"""What somebody chooses from who decides. A case is joined on the page that compares two, and
reopened on a page of its own.
"""


LOOKED_AT_AGAIN: Final[Mapping[Outcome, int]] = MappingProxyType(
    {
        Outcome.STRATEGY: 1,
        Outcome.PANEL: 28,
        Outcome.ASSESSMENT: 14,
        Outcome.OPEN_CASE: 7,
        Outcome.EARLY_HELP: 28,
        Outcome.TRANSFER: 7,
        Outcome.ADVICE: 90,
        Outcome.NFA: 90,
        Outcome.WITHDRAWN: 90,
        # While a join may still be undone.
        Outcome.JOINED: 28,
        Outcome.REOPENED: 7,
    }
)
"""After how many days somebody looks at it again, unless whoever decides gives another day. A case
that ended is looked at once more too: children were taken off lists too early."""


class Asks(TextChoices):
    """Whose yes a decision waits for."""

    SECOND = "second", "A second person at the front door"
    WORKER = "worker", "The allocated worker"
    AREA = "area", "The other area"


class Side(TextChoices):
    """What else a decision sets going, beside its outcome."""

    POLICE = "police", "Report a crime to the police"
    INTELLIGENCE = "intelligence", "Send the police an information report"
    LADO = "lado", "Tell the LADO: a person of concern works with children"
    NRM = "nrm", "Refer to the National Referral Mechanism"
    MISSING = "missing", "Missing: offer a return interview"
    HEALTH = "health", "Urgent health care"
    SIBLINGS = "siblings", "Look at the brothers and sisters"
    CHILD_OF_CONCERN = "child_of_concern", "A person of concern is a child: refer them too"


SIDE_DAYS: Final[Mapping[Side, int]] = MappingProxyType(
    {
        Side.POLICE: 1,
        Side.INTELLIGENCE: 1,
        Side.LADO: 1,
        Side.NRM: 5,
        Side.MISSING: 2,
        Side.HEALTH: 1,
        Side.SIBLINGS: 2,
        Side.CHILD_OF_CONCERN: 1,
    }
)
"""Within how many working days each is done."""


class ClockKind(TextChoices):
    """What a clock of a case counts."""

    FIRST_LOOK = "first_look", "Somebody reads it"
    DECISION = "decision", "Decision"
    CURE = "cure", "The sender says what was missing"
    LOOK_BACK = "look_back", "A look at the child after the case was closed"


class OpenedFor(TextChoices):
    """What somebody opens a document of a case for. It goes to the ledger."""

    WORK = "work", "To work on this case now"
    MEETING = "meeting", "For a meeting about the child"
    COURT = "court", "For court"
    OUR_RECORD = "our_record", "For our agency's own record"
    OTHER = "other", "For something else"


class Extent(TextChoices):
    """What a grant opens: all of its categories, named pieces of information only, or (`ANSWER`)
    all of its categories on the page of a question, and not the case.
    """

    WHOLE = "whole", "All of it"
    PART = "part", "Part of it"
    ANSWER = "answer", "To answer a question"


class Fate(StrEnum):
    """What becomes of a live grant when it is held against the law again."""

    KEPT = "kept"
    NARROWED = "narrowed"
    ENDED = "ended"


class Conflict(TextChoices):
    """Why a person must not see a case. Never shown to them, nor that there is such a case."""

    RELATIVE = "relative", "A relative or close friend of somebody in the case"
    NAMED = "named", "They are named in the case themselves"
    ALLEGATION = "allegation", "An allegation about them is being looked into"
    OWN_FILE = "own_file", "They, or their own child, had support in a case linked to this one"
    OTHER = "other", "Another reason"


class Emergency(TextChoices):
    """Why the normal way would be too slow."""

    LIFE = "life", "Somebody's life could be in danger"
    MISSING = "missing", "The child is missing, or about to be taken somewhere"
    WITH_CHILD = "with_child", "I am with the child, and must decide now how to keep them safe"
    OTHER = "other", "Another risk to somebody's safety, now"


class Reviewed(TextChoices):
    """What a second person found about an emergency access."""

    RIGHT = "right", "It was right"
    LEARN = "learn", "It was right, and we can learn from it"
    NOT_RIGHT = "not_right", "It was not right, and becomes an incident"


class State(StrEnum):
    """What becomes of one item in a reading. The seventh outcome, concealed, leaves no item."""

    SHOWN = "shown"
    PARTLY_WITHHELD = "partly_withheld"
    WITHHELD = "withheld"
    NOT_SHARED = "not_shared"
    NOT_PROVIDED = "not_provided"
    NOT_KNOWN = "not_known"
    REMOVED = "removed"


class Strand(TextChoices):
    """What an entry of a chronology is about."""

    HAPPENED = "happened", "What happened, and what was said"
    WORK = "work", "Steps and decisions"
    SHARING = "sharing", "Sharing"
    NOTES = "notes", "Working notes"
    DOCUMENTS = "documents", "Documents"
