"""The questions of a referral: where each stands on a page, its category, how it is known."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from django.db.models import TextChoices

from referrals.vocabulary.answers import (
    Also,
    Answer,
    CareStatus,
    EthnicGroup,
    Frequency,
    KnownHow,
    LeadTold,
    ServiceAgreed,
    Sex,
    Sign,
    YesNo,
)
from sharing.rules.vocabulary import ABOUT_A_CHILD, Category


@dataclass(frozen=True)
class Question:
    """One question: its section on a page, its label, its category, how its answer is known."""

    section: str
    label: str
    category: Category
    known_how: KnownHow


CHILD = "The child"
REACH = "Where the child is, and how to reach them"
NEEDS = "What helps to work well with the child"
CONCERN = "The concern"
LINKS = "People and places"
VIEW = "What the child thinks and wants"
FAMILY = "Parents and carers"
SENDER = "Who sent this"
ADDED = "What was added later"
FILES = "Documents"
ANSWERS = "What other agencies answered"
BROUGHT = "What agencies brought to the panel"
NOTES = "Working notes"
DECISION = "What was decided"
STEPS = "Steps that needed a reason"

# The child's words come first, because they are why we are here.
SECTIONS = (
    CHILD,
    VIEW,
    CONCERN,
    LINKS,
    REACH,
    NEEDS,
    FAMILY,
    SENDER,
    ADDED,
    FILES,
    ANSWERS,
    BROUGHT,
    NOTES,
    DECISION,
    STEPS,
)

_SAW, _SAID, _TOLD = KnownHow.SAW, KnownHow.CHILD_SAID, KnownHow.TOLD
_OPINION, _RECORD = KnownHow.OPINION, KnownHow.RECORD

FILE_CATEGORIES = (
    Category.IC4,
    Category.IC10,
    Category.IC1,
    Category.IC11,
    Category.IC12,
    Category.IC5,
    Category.IC6,
    Category.IC7,
    Category.IC8,
)
"""What a file that comes with a referral may be about, in the order in which it is asked."""

PANEL_CATEGORIES = (
    Category.IC4,
    Category.IC10,
    Category.IC5,
    Category.IC7,
    Category.IC2,
    Category.IC6,
    Category.IC3,
    Category.IC8,
    Category.IC9,
)
"""What an agency's words for a panel may be about, in the order in which it is asked."""

QUESTIONS: dict[str, Question] = {
    "name": Question(CHILD, "Name", Category.IC1, KnownHow.RECORD),
    "known_as": Question(CHILD, "Also known as", Category.IC1, KnownHow.RECORD),
    "birth": Question(CHILD, "Date of birth or age", Category.IC1, KnownHow.RECORD),
    "description": Question(CHILD, "How to recognise the child", Category.IC1, KnownHow.SAW),
    "sex": Question(CHILD, "Sex", Category.IC1, _RECORD),
    "describes": Question(CHILD, "How they describe themselves", Category.IC10, _SAID),
    "nhs_number": Question(CHILD, "NHS number", Category.IC1, _RECORD),
    "upn": Question(CHILD, "Unique pupil number", Category.IC1, _RECORD),
    "other_number": Question(CHILD, "Another number, and whose it is", Category.IC1, _RECORD),
    "child_said": Question(VIEW, "What the child said", Category.IC10, KnownHow.CHILD_SAID),
    "child_wants": Question(
        VIEW, "What the child thinks and wants", Category.IC10, KnownHow.CHILD_SAID
    ),
    "child_told": Question(
        VIEW, "Talked with the child about this referral", Category.IC10, KnownHow.RECORD
    ),
    "child_why": Question(VIEW, "Why not talked yet", Category.IC10, _OPINION),
    "child_sharing": Question(VIEW, "What they want kept private", Category.IC10, _SAID),
    "trusted": Question(VIEW, "An adult they trust", Category.IC10, _SAID),
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
    "called_999": Question(CONCERN, "999 called", Category.IC4, _RECORD),
    "time_matters": Question(CONCERN, "A time we need to know about", Category.IC4, _SAW),
    "happened": Question(CONCERN, "How often it happened", Category.IC4, _SAW),
    "happened_when": Question(CONCERN, "When it happened", Category.IC4, _SAW),
    "signs": Question(CONCERN, "Signs that were noticed", Category.IC4, _SAW),
    "changed": Question(CONCERN, "What has changed, and why now", Category.IC4, _OPINION),
    "before": Question(CONCERN, "Earlier concerns", Category.IC4, _RECORD),
    "earlier": Question(CONCERN, "An earlier referral of this child", Category.IC4, _RECORD),
    "also": Question(CONCERN, "What else the sender knows about", Category.IC4, _RECORD),
    "child_now": Question(REACH, "Where the child is now, and who with", Category.IC1, _SAW),
    "address": Question(REACH, "Where the child lives", Category.IC1, _RECORD),
    # A place that must stay secret is another category in law: nobody reads it to check a concern.
    "protected_address": Question(REACH, "The protected address", Category.IC12, _RECORD),
    "safe_contact": Question(REACH, "A safe way to contact the child", Category.IC1, _OPINION),
    "avoid_words": Question(REACH, "What not to say or do", Category.IC1, _OPINION),
    "school": Question(REACH, "School or college", Category.IC5, _RECORD),
    "school_life": Question(REACH, "How school is going", Category.IC5, _RECORD),
    "gp": Question(REACH, "GP or health centre", Category.IC2, _RECORD),
    "language": Question(NEEDS, "First language", Category.IC1, _RECORD),
    "interpreter": Question(NEEDS, "Needs an interpreter", Category.IC1, _RECORD),
    "interpreter_which": Question(NEEDS, "Interpreter for", Category.IC1, _RECORD),
    "communication": Question(NEEDS, "How they communicate best", Category.IC1, _OPINION),
    # What we do about it is needed by whoever meets the child; the diagnosis is `health`.
    "disability": Question(NEEDS, "Disability, and what it means", Category.IC1, _OPINION),
    "learning": Question(NEEDS, "Special educational needs", Category.IC5, _RECORD),
    "health": Question(NEEDS, "Health conditions and treatment", Category.IC6, _RECORD),
    "sensitive": Question(NEEDS, "Sensitive services", Category.IC3, _RECORD),
    "ethnicity": Question(NEEDS, "Ethnicity, in their own words", Category.IC1, _SAID),
    "ethnic_group": Question(NEEDS, "Ethnic group, for figures", Category.IC1, _RECORD),
    "religion": Question(NEEDS, "Religion or belief", Category.IC1, _SAID),
    "immigration": Question(NEEDS, "Nationality and immigration", Category.IC13, _RECORD),
    "care_status": Question(NEEDS, "Social care and legal status", Category.IC7, _RECORD),
    "workers": Question(NEEDS, "Workers and agencies involved", Category.IC2, _RECORD),
    "parents_told": Question(FAMILY, "Parent or carer told", Category.IC11, KnownHow.RECORD),
    "parents_why": Question(FAMILY, "Why, or why not", Category.IC11, KnownHow.OPINION),
    "contact_parents": Question(FAMILY, "Safe to contact home", Category.IC11, _OPINION),
    "carers": Question(FAMILY, "Parents and carers", Category.IC11, _RECORD),
    "lives_with": Question(FAMILY, "Who the child lives with", Category.IC11, _RECORD),
    "siblings": Question(FAMILY, "Brothers and sisters", Category.IC11, _RECORD),
    "protective": Question(FAMILY, "How the family keeps them safe", Category.IC11, _OPINION),
    "parents_language": Question(FAMILY, "Interpreter for parents", Category.IC11, _RECORD),
    "service_agreed": Question(FAMILY, "Agreed to a service", Category.IC11, _RECORD),
    "keep_quiet": Question(FAMILY, "Who must not know of this referral", Category.IC11, _OPINION),
    "sender": Question(SENDER, "Name and role", Category.IC15, KnownHow.RECORD),
    "phone": Question(SENDER, "Phone today", Category.IC15, KnownHow.RECORD),
    "agency": Question(SENDER, "Agency", Category.IC15, KnownHow.RECORD),
    "job": Question(SENDER, "Job and team", Category.IC15, _RECORD),
    "knows_child": Question(SENDER, "How they know the child", Category.IC15, _RECORD),
    "best_time": Question(SENDER, "Best time today", Category.IC15, _RECORD),
    "lead_told": Question(SENDER, "Safeguarding lead told", Category.IC15, _RECORD),
    "manager": Question(SENDER, "Manager or safeguarding lead", Category.IC15, _RECORD),
    "phoned": Question(SENDER, "Already phoned", Category.IC15, _RECORD),
    "on_behalf": Question(SENDER, "Sent on behalf of", Category.IC15, _RECORD),
    "not_named": Question(
        SENDER, "Why the family must not learn who sent this", Category.IC15, _OPINION
    ),
    "protected_why": Question(SENDER, "Why parts are protected", Category.IC15, _OPINION),
    # A file that came with a referral, by what it is mostly about: `file_IC4`. Nobody is asked for
    # one, so a referral without a file has no line that says so.
    **{
        f"file_{category}": Question(FILES, category.label, category, KnownHow.RECORD)
        for category in FILE_CATEGORIES
    },
    # What those who sent it add afterwards: the child's own words, and everything else.
    "added_child_said": Question(ADDED, "What the child said", Category.IC10, KnownHow.CHILD_SAID),
    "added": Question(ADDED, "What is new", Category.IC4, KnownHow.SAW),
    # What an agency answers when it is asked, by category: `answer_IC5`.
    **{
        f"answer_{category}": Question(ANSWERS, category.label, category, KnownHow.RECORD)
        for category in sorted(ABOUT_A_CHILD - {Category.OUTCOME})
    },
    # What an agency brings to a panel that looks at the child, by what it is mostly about.
    **{
        f"panel_{category}": Question(BROUGHT, category.label, category, KnownHow.RECORD)
        for category in PANEL_CATEGORIES
    },
    # What those who look after a case write down as they work on it.
    "note_child_said": Question(NOTES, "What the child said", Category.IC10, KnownHow.CHILD_SAID),
    "note": Question(NOTES, "Note", Category.IC7, KnownHow.OPINION),
    # What agencies say in a joint risk assessment, from the moment at which all of it is opened.
    "note_risk_child": Question(
        NOTES, "Risk assessment: what the child said", Category.IC10, KnownHow.CHILD_SAID
    ),
    **{
        f"note_risk_{what}": Question(NOTES, f"Risk assessment: {label}", Category.IC4, _OPINION)
        for what, label in (
            ("child_why", "why the child was not asked"),
            ("seen", "what an agency knows"),
            ("strengths", "what keeps the child safe"),
            ("else", "what else an agency knows"),
            ("judgement", "judgement in words"),
            ("differs", "why the level differs"),
            ("said", "what an agency says of the level"),
        )
    },
    "level": Question(DECISION, "Agreed level of concern", Category.IC4, _OPINION),
    "outcome": Question(DECISION, "Outcome", Category.OUTCOME, KnownHow.RECORD),
    "told_referrer": Question(DECISION, "What we can tell you", Category.OUTCOME, KnownHow.RECORD),
    "told_closed": Question(
        DECISION, "What we can tell you now that it is closed", Category.OUTCOME, KnownHow.RECORD
    ),
    "reason": Question(DECISION, "Why this was decided", Category.IC7, KnownHow.OPINION),
    # Each step of the case's life that needed a reason, under its own name: `step-…`. Who sent a
    # referral withdraws it for what they know of the concern.
    "step": Question(STEPS, "Step", Category.IC7, KnownHow.OPINION),
    "withdrawn": Question(STEPS, "Withdraw referral", Category.IC4, KnownHow.OPINION),
    "late": Question(STEPS, "Decided late", Category.IC7, KnownHow.OPINION),
}

_AFTERWARDS: Final = frozenset({ADDED, FILES, ANSWERS, BROUGHT, NOTES, DECISION, STEPS})

ASKED = frozenset(q.category for q in QUESTIONS.values() if q.section not in _AFTERWARDS)
"""The categories that a referral can hold, of which the person who sends it is told."""

LISTED = frozenset(key for key, question in QUESTIONS.items() if question.section == LINKS)
"""The questions that are answered by a list: nothing to several statements, each by itself."""
CHOSEN: Final[Mapping[str, type[TextChoices]]] = MappingProxyType(
    {
        "sex": Sex,
        "interpreter": YesNo,
        "ethnic_group": EthnicGroup,
        "care_status": CareStatus,
        "happened": Frequency,
        "signs": Sign,
        "also": Also,
        "contact_parents": YesNo,
        "service_agreed": ServiceAgreed,
        "lead_told": LeadTold,
    }
)
"""The questions that are answered by choosing, and from what."""
SEVERAL: Final = frozenset({"care_status", "signs", "also", "service_agreed"})
"""Those of them that may have more than one answer."""
NO_ANSWER: Final = (Answer.NOT_KNOWN, Answer.NOT_ASKED, Answer.DECLINED)
"""What somebody may say in place of an answer, so that nothing is left to guess."""
SENT_WITH_EVERY_REFERRAL: Final = frozenset(
    {
        *("name", "known_as", "birth", "description"),
        *("danger", "child_told", "parents_told", "called_999", "time_matters", "earlier"),
        *("sender", "agency"),
    }
)
"""The questions whose answers are fields of a referral of their own."""
FREE_ANSWERS: Final = tuple(
    key
    for key, question in QUESTIONS.items()
    if question.section not in {LINKS, *_AFTERWARDS} and key not in SENT_WITH_EVERY_REFERRAL
)
"""The questions that a person answers in their own words, or by choosing from `CHOSEN`."""
KEPT_APART: Final = frozenset(
    {"protected_address", "health", "sensitive", "immigration", "care_status"}
)
"""Questions that those who check may not read. One that nobody answered has no row: a line that
says "not shared" where there is nothing would make them ask for it.
"""
