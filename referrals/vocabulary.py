"""The words of a referral: its questions, how a thing is known, and why a part is protected."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

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


ASKED_TO_PROTECT: Final[Mapping[Protect, str]] = MappingProxyType(
    {
        Protect.POLICE: "it is police information",
        Protect.ADDRESS: "it says where somebody can be found",
        Protect.SOURCE: "it shows who told me",
        Protect.HEALTH: "it is about somebody's health",
        Protect.OTHER_PERSON: "it is about another person",
        Protect.LEGAL: "it is legal advice",
        Protect.PREVIOUS_IDENTITY: "it gives a name or a life from before",
        Protect.CHILD_ASKED: "the child asked us not to share it",
    }
)
"""The reasons as their author is asked for them, after "Yes: ". What conceals has its own words."""


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


class Sex(TextChoices):
    """The sex that is recorded for the child."""

    FEMALE = "female", "Female"
    MALE = "male", "Male"
    INDETERMINATE = "indeterminate", "Recorded as neither"


class YesNo(TextChoices):
    """A plain question."""

    YES = "yes", "Yes"
    NO = "no", "No"


class EthnicGroup(TextChoices):
    """The groups that the census of England and Wales counts (2021), for figures only."""

    BRITISH = "A1", "White: English, Welsh, Scottish, Northern Irish or British"
    IRISH = "A2", "White: Irish"
    TRAVELLER = "A3", "White: Gypsy or Irish Traveller"
    ROMA = "A4", "White: Roma"
    OTHER_WHITE = "A5", "White: another background"
    WHITE_CARIBBEAN = "B1", "Mixed: White and Black Caribbean"
    WHITE_AFRICAN = "B2", "Mixed: White and Black African"
    WHITE_ASIAN = "B3", "Mixed: White and Asian"
    OTHER_MIXED = "B4", "Mixed: another background"
    INDIAN = "C1", "Asian or Asian British: Indian"
    PAKISTANI = "C2", "Asian or Asian British: Pakistani"
    BANGLADESHI = "C3", "Asian or Asian British: Bangladeshi"
    CHINESE = "C4", "Asian or Asian British: Chinese"
    OTHER_ASIAN = "C5", "Asian or Asian British: another background"
    CARIBBEAN = "D1", "Black or Black British: Caribbean"
    AFRICAN = "D2", "Black or Black British: African"
    OTHER_BLACK = "D3", "Black or Black British: another background"
    ARAB = "E1", "Arab"
    ANOTHER = "E2", "Another group"


class CareStatus(TextChoices):
    """What children's social care is doing for the child, and under which part of the law."""

    EARLY_HELP = "early_help", "Early help"
    IN_NEED = "in_need", "A child in need plan"
    PROTECTION = "protection", "A child protection plan"
    S20 = "s20", "Looked after by agreement (section 20)"
    S31 = "s31", "Looked after under a care order (section 31 or 38)"
    SECURE = "secure", "Looked after in a secure home"
    LEAVER = "leaver", "A care leaver"
    ALONE = "alone", "Alone in this country, and seeking safety"
    YOUTH_JUSTICE = "youth_justice", "Working with youth justice"
    NONE = "none", "None of these"


class Frequency(TextChoices):
    """How often it happened."""

    ONCE = "once", "Once"
    SEVERAL = "several", "Several times"
    STILL = "still", "It is still happening"


class SignGroup(TextChoices):
    """Where a sign shows. The label is the question of its boxes."""

    AWAY = "away", "Where the child goes, and with whom"
    PEOPLE = "people", "People around the child"
    ONLINE = "online", "Phones and online"
    THINGS = "things", "Money and things"
    BODY = "body", "Health and feelings"
    SCHOOL = "school", "Home and school"


class Sign(TextChoices):
    """What somebody may notice when a child is being exploited: what others do, and its effect.

    The value begins with its group, so that a form can lay the signs out.
    """

    MISSING = "away_missing", "Has been missing, or comes back late"
    DRIVEN = "away_driven", "Is picked up or dropped off by people we do not know"
    PLACES = "away_places", "Is taken to flats, hotels or other places they cannot explain"
    TRAVEL = "away_travel", "Is taken to other towns"
    ADULTS = "people_adults", "Adults or older children seek the child out"
    CONTROL = "people_control", "Somebody controls what the child does, or speaks for them"
    THREATS = "people_threats", "Somebody threatens the child or their family"
    FRIENDS = "people_friends", "Friends of the child are being exploited"
    CONTACTS = "online_contacts", "Somebody they have met online asks to meet, or sends a lot"
    PHONES = "online_phones", "Has been given a second phone, or calls come at all hours"
    IMAGES = "online_images", "Somebody asks for images, or threatens to share them"
    SECRET = "online_secret", "Is made to hide what is on their phone"
    GIFTS = "things_gifts", "Has new clothes, money or things that nobody can explain"
    DEBT = "things_debt", "Is told that they owe somebody"
    SUBSTANCES = "things_substances", "Is given alcohol or drugs"
    HARM = "body_harm", "Marks or pain that nobody can explain, or self-harm"
    FEAR = "body_fear", "Is frightened, withdrawn or very changed"
    SEXUAL_HEALTH = "body_sexual_health", "Worries about sexual health or pregnancy"
    ABSENCE = "school_absence", "Is away from school more"
    APART = "school_apart", "Has been cut off from friends and family"
    UNHAPPY = "school_unhappy", "Home is not safe, or care has just changed"

    @property
    def group(self) -> SignGroup:
        """Where this sign shows."""
        return SignGroup(self.value.partition("_")[0])


class Also(TextChoices):
    """What else the person who refers may know about. Each has its own pages."""

    PEOPLE = "people", "People who may pose a risk"
    PLACES = "places", "Places or venues"
    ONLINE = "online", "Online accounts, phones or vehicles"
    CHILDREN = "children", "Other children who may be at risk"
    MISSING = "missing", "Times when the child has been missing"
    NONE = "none", "None that I know of"


class ServiceAgreed(TextChoices):
    """Who has agreed to help from a service. Sharing to protect a child does not rest on it."""

    CHILD = "child", "The child has agreed"
    PARENT = "parent", "A parent or carer has agreed"
    NOBODY = "nobody", "Nobody has agreed yet"


class LeadTold(TextChoices):
    """Does the safeguarding lead of the person who refers know?"""

    YES = "yes", "Yes"
    AM = "am", "I am the safeguarding lead"
    NOT_YET = "not_yet", "Not yet"


class Outcome(TextChoices):
    """What a coordinator or manager decides."""

    STRATEGY = "strategy", "Strategy discussion now"
    PANEL = "panel", "MASE panel agenda"
    ASSESSMENT = "assessment", "Children's social care assessment"
    EARLY_HELP = "early_help", "Early help"
    ADVICE = "advice", "Advice, no further multi-agency action"


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
DECISION = "What was decided"

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
    DECISION,
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
    "outcome": Question(DECISION, "Outcome", Category.OUTCOME, KnownHow.RECORD),
    "told_referrer": Question(DECISION, "What we can tell you", Category.OUTCOME, KnownHow.RECORD),
    "reason": Question(DECISION, "Why this was decided", Category.IC7, KnownHow.OPINION),
}

ASKED = frozenset(
    q.category for q in QUESTIONS.values() if q.section not in (ADDED, FILES, ANSWERS, DECISION)
)
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
    if question.section not in (LINKS, ADDED, FILES, ANSWERS, DECISION)
    and key not in SENT_WITH_EVERY_REFERRAL
    and key not in SENT_WITH_EVERY_REFERRAL
)
"""The questions that a person answers in their own words, or by choosing from `CHOSEN`."""
KEPT_APART: Final = frozenset(
    {"protected_address", "health", "sensitive", "immigration", "care_status"}
)
"""Questions that those who check may not read. One that nobody answered has no row: a line that
says "not shared" where there is nothing would make them ask for it.
"""
