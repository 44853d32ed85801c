"""The words of a referral: its questions, how a thing is known, and why a part is protected."""

from dataclasses import dataclass
from enum import StrEnum

from django.db.models import TextChoices

from sharing.rules.vocabulary import ABOUT_A_CHILD, Category


class Danger(TextChoices):
    """Is a child in immediate danger, or has a serious offence just happened?"""

    YES = "yes", "Yes"
    NO = "no", "No"
    UNSURE = "unsure", "I am not sure"


class Priority(TextChoices):
    """How soon people must look."""

    IMMEDIATE = "immediate", "Immediate"
    URGENT = "urgent", "Urgent"
    STANDARD = "standard", "Standard"


class KnownHow(TextChoices):
    """How a piece of information is known. Carried everywhere the information goes."""

    SAW = "saw", "Seen or heard by the person who wrote it"
    CHILD_SAID = "child_said", "Said by the child"
    TOLD = "told", "Told by someone else"
    OPINION = "opinion", "Professional opinion"
    WORKED_OUT = "worked_out", "Worked out from other things"
    RECORD = "record", "From a record"


class Certainty(TextChoices):
    """How sure the person is who names somebody, something or some time."""

    SURE = "sure", "Sure"
    FAIRLY = "fairly", "Fairly sure"
    UNSURE = "unsure", "Not sure"


class Known(TextChoices):
    """An answer to a question that many people cannot answer."""

    YES = "yes", "Yes"
    NO = "no", "No"
    NOT_KNOWN = "not_known", "Not known"


class Mark(StrEnum):
    """What must be noticed about a person of concern, whoever reads of them."""

    MAY_BE_A_CHILD = "May be a child"
    WORKS_WITH_CHILDREN = "Works or volunteers with children"


class Answer(TextChoices):
    """What kind of answer a question got. Nothing is ever just blank."""

    GIVEN = "given", "Given"
    NOT_PROVIDED = "not_provided", "Not provided"
    NOT_KNOWN = "not_known", "Not known"
    NOT_ASKED = "not_asked", "Not asked"
    DECLINED = "declined", "Declined to say"


class Protect(TextChoices):
    """Why the author protects a piece of information. `EXISTENCE` conceals it altogether."""

    NONE = "", "Not protected"
    POLICE = "police", "police-sensitive"
    ADDRESS = "address", "confidential address"
    SOURCE = "source", "identifies a source"
    HEALTH = "health", "health information"
    OTHER_PERSON = "other_person", "about another person"
    LEGAL = "legal", "legal advice"
    PREVIOUS_IDENTITY = "previous_identity", "previous identity"
    CHILD_ASKED = "child_asked", "the child asked us not to share"
    EXISTENCE = "existence", "existence concealed"


class ChildTold(TextChoices):
    """Have you talked with the child about this referral?"""

    YES = "yes", "Yes"
    NOT_YET = "not_yet", "Not yet"
    UNSAFE = "unsafe", "No, it would not be safe"
    OTHER = "other", "No, for another reason"


class ParentsTold(TextChoices):
    """Have you told a parent or carer?"""

    AGREE = "agree", "Yes, they agree"
    DISAGREE = "disagree", "Yes, they do not agree"
    RISK = "risk", "No, telling them could put the child at risk"
    NOT_YET = "not_yet", "Not yet"


class Outcome(TextChoices):
    """What a coordinator or manager decides."""

    STRATEGY = "strategy", "Strategy discussion now"
    PANEL = "panel", "MASE panel agenda"
    ASSESSMENT = "assessment", "Children's social care assessment"
    EARLY_HELP = "early_help", "Early help"
    ADVICE = "advice", "Advice, no further multi-agency action"


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


@dataclass(frozen=True)
class Question:
    """One question: its section on a page, its label, its category, how its answer is known."""

    section: str
    label: str
    category: Category
    known_how: KnownHow


CHILD = "The child"
CONCERN = "The concern"
LINKS = "People and places"
VIEW = "What the child thinks and wants"
FAMILY = "Parents and carers"
SENDER = "Who sent this"
ANSWERS = "What other agencies answered"
DECISION = "What was decided"

# The child's words come first, because they are why we are here.
SECTIONS = (CHILD, VIEW, CONCERN, LINKS, FAMILY, SENDER, ANSWERS, DECISION)

QUESTIONS: dict[str, Question] = {
    "name": Question(CHILD, "Name", Category.IC1, KnownHow.RECORD),
    "known_as": Question(CHILD, "Also known as", Category.IC1, KnownHow.RECORD),
    "birth": Question(CHILD, "Date of birth or age", Category.IC1, KnownHow.RECORD),
    "description": Question(CHILD, "How to recognise the child", Category.IC1, KnownHow.SAW),
    "child_said": Question(VIEW, "What the child said", Category.IC10, KnownHow.CHILD_SAID),
    "child_wants": Question(
        VIEW, "What the child thinks and wants", Category.IC10, KnownHow.CHILD_SAID
    ),
    "child_told": Question(
        VIEW, "Talked with the child about this referral", Category.IC10, KnownHow.RECORD
    ),
    "danger": Question(CONCERN, "Immediate danger", Category.IC4, KnownHow.SAW),
    "saw": Question(CONCERN, "What was seen or heard", Category.IC4, KnownHow.SAW),
    "told": Question(CONCERN, "What others told us", Category.IC4, KnownHow.TOLD),
    # Lists: a statement for each one that is named. Who may pose a risk, where and by what means is
    # the concern itself; what police and council know of an offence is theirs to add, as IC8.
    "person": Question(LINKS, "Person who may pose a risk", Category.IC4, KnownHow.TOLD),
    # A child is a child first: never by rule before a whole panel, as IC4 would be.
    "young_person": Question(
        LINKS, "Person who may pose a risk, and may be a child", Category.IC11, KnownHow.TOLD
    ),
    "place": Question(LINKS, "Place", Category.IC4, KnownHow.TOLD),
    "online": Question(LINKS, "Online account, phone or vehicle", Category.IC4, KnownHow.TOLD),
    # The narrowest that the front door may read of somebody who is not the child of the case.
    "other_child": Question(
        LINKS, "Another child who may be at risk", Category.IC11, KnownHow.TOLD
    ),
    "missing": Question(LINKS, "Time the child was missing", Category.IC4, KnownHow.TOLD),
    "parents_told": Question(FAMILY, "Parent or carer told", Category.IC11, KnownHow.RECORD),
    "parents_why": Question(FAMILY, "Why, or why not", Category.IC11, KnownHow.OPINION),
    "sender": Question(SENDER, "Name and role", Category.IC15, KnownHow.RECORD),
    "phone": Question(SENDER, "Phone today", Category.IC15, KnownHow.RECORD),
    "agency": Question(SENDER, "Agency", Category.IC15, KnownHow.RECORD),
    # What an agency answers when it is asked, by category: `answer_IC5`.
    **{
        f"answer_{category}": Question(ANSWERS, category.label, category, KnownHow.RECORD)
        for category in sorted(ABOUT_A_CHILD - {Category.OUTCOME})
    },
    "outcome": Question(DECISION, "Outcome", Category.OUTCOME, KnownHow.RECORD),
    "told_referrer": Question(DECISION, "What we can tell you", Category.OUTCOME, KnownHow.RECORD),
    "reason": Question(DECISION, "Why this was decided", Category.IC7, KnownHow.OPINION),
}

ASKED = frozenset(q.category for q in QUESTIONS.values() if q.section not in (ANSWERS, DECISION))
"""The categories that a referral can hold, of which the person who sends it is told."""

LISTED = frozenset(key for key, question in QUESTIONS.items() if question.section == LINKS)
"""The questions that are answered by a list: nothing to several statements, each by itself."""
