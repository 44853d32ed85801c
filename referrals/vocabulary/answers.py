"""What people answer: how a thing is known, what they choose from, why a part is protected."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from django.db.models import TextChoices


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


HARM_SIGNS: Final = frozenset(
    {
        Sign.PLACES,
        Sign.TRAVEL,
        Sign.CONTROL,
        Sign.THREATS,
        Sign.IMAGES,
        Sign.DEBT,
        Sign.SUBSTANCES,
        Sign.HARM,
        Sign.SEXUAL_HEALTH,
    }
)
"""The signs that abuse may be happening already, which is never treated as mere risk: the child is
taken to places, controlled by force, threat or debt, given drugs; images; what may be an injury."""


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
