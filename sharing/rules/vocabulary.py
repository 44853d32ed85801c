"""The words of the law: what is shared, for what, with whom, and with which answer."""

from typing import Final

from django.db.models import TextChoices


class Category(TextChoices):
    """What a piece of information is. The law is asked about each category by itself."""

    IC0 = "IC0", "Figures and examples that name nobody"
    IC1 = "IC1", "Who the child is and how to reach them"
    IC2 = "IC2", "Which services are working with the child"
    IC3 = "IC3", "Sensitive services: sexual or mental health, substance use, termination"
    IC4 = "IC4", "The concern and its signs"
    IC5 = "IC5", "Education"
    IC6 = "IC6", "Clinical detail"
    IC7 = "IC7", "Social care history and plan"
    IC8 = "IC8", "Suspected or proven offending"
    IC9 = "IC9", "Police intelligence"
    IC10 = "IC10", "The child's own words"
    IC11 = "IC11", "Other adults in the family"
    IC12 = "IC12", "A protected place"
    IC13 = "IC13", "Immigration and modern slavery referral"
    IC14 = "IC14", "Interviews and evidence"
    IC15 = "IC15", "Who told us about the concern"
    IC16 = "IC16", "Panel minutes"
    # Not a category of the agreements between agencies: the one line that a referrer must get.
    OUTCOME = "OUTCOME", "What was decided (one line)"


ABOUT_A_CHILD: Final = frozenset(Category) - {Category.IC0}


class Purpose(TextChoices):
    """What the information is for. The label completes "to …"."""

    DANGER = "DANGER", "Keep a child safe from danger now"
    ENQUIRY = "ENQUIRY", "Enquire whether a child is being harmed (section 47)"
    SCREEN = "SCREEN", "Check a new concern and decide what happens"
    PLAN = "PLAN", "Plan and give support or protection"
    PANEL = "PANEL", "Consider a child at the panel"
    DISRUPT = "DISRUPT", "Stop people who may be harming children"
    PROSECUTE = "PROSECUTE", "Prosecute an offence"
    EARLY_HELP = "EARLY_HELP", "Offer early help"
    QA_AUDIT = "QA_AUDIT", "Check the quality of the work"
    REPORT = "REPORT", "Report to the board"
    RIGHTS = "RIGHTS", "Answer a person who asks for their own information"
    TRAINING = "TRAINING", "Train staff"
    COMMISSION = "COMMISSION", "Plan and buy services"

    @property
    def protects_a_child(self) -> bool:
        """Whether an unanswered question is asked of a person, never silently refused."""
        return self in CHILD_PROTECTION


CHILD_PROTECTION: Final = frozenset(
    {
        Purpose.DANGER,
        Purpose.ENQUIRY,
        Purpose.SCREEN,
        Purpose.PLAN,
        Purpose.PANEL,
        Purpose.DISRUPT,
    }
)


class Outcome(TextChoices):
    """The answer, from the narrowest to the widest. The label is the verb of the sentence."""

    DENY = "deny", "does not see"
    ASK = "ask", "must ask for"
    REDACT = "redact", "sees part of"
    ALLOW = "allow", "sees"


class Step(TextChoices):
    """The order in which rules are asked: the first step that has an answer gives it."""

    HARD_STOP = "hard_stop", "Hard stop"
    DANGER = "danger", "Danger"
    SPECIFIC = "specific", "Specific rule"


class Relation(TextChoices):
    """How a recipient must stand to the information, beyond their agency and role."""

    ANYONE = "anyone", "in any case that is shared with them"
    OWN_AGENCY = "own_agency", "whose own agency holds it"
    AUTHOR = "author", "who wrote it"
    REFERRER = "referrer", "who made the referral or leads the agency that did"


class GatewayKind(TextChoices):
    """What a provision does for the person who relies on it."""

    DUTY = "duty", "Duty: must"
    POWER = "power", "Power: may"
    BASIS = "basis", "Lawful basis in data protection law"
    PRINCIPLE = "principle", "Principle: limits, never permits"


class Commencement(TextChoices):
    """Whether a provision is law today."""

    IN_FORCE = "in_force", "In force"
    AWAITING = "awaiting", "Passed, not yet in force"
    BILL = "bill", "Not law when last checked"
    HISTORIC = "historic", "Historic: not used"


class Obligation(TextChoices):
    """What the person who shares or receives must do. The label is the sentence they read."""

    RECORD_THE_ANSWER = (
        "record_the_answer",
        "Record the answer and the reason, whether or not the information is shared.",
    )
    RECORD_IN_ONE_WORKING_DAY = (
        "record_in_one_working_day",
        "Nobody's approval is needed first. Record what was shared, and why, in 1 working day.",
    )
    SAY_WHETHER_TOLD = (
        "say_whether_told",
        "Record whether the child and the parents were told and, if not, why not.",
    )
    PROTECT_WHO_TOLD = (
        "protect_who_told",
        "Do not tell the family or another agency who reported it unless that person agrees.",
    )
    SIGNED_AGREEMENT = (
        "signed_agreement",
        "Only for agencies that have signed the partnership's information-sharing agreement.",
    )
    ENDS_AFTER_PANEL = (
        "ends_after_panel",
        "Access ends when the partnership's time for the panel's papers ends.",
    )
    NOTHING_OF_OTHERS = (
        "nothing_of_others",
        "Say only what was decided: nothing that another agency wrote.",
    )
    SUPPRESS_SMALL_COUNTS = (
        "suppress_small_counts",
        "Counts under the partnership's limit are not shown as numbers.",
    )
    FICTIONAL_EXAMPLES = "fictional_examples", "Examples are fictional."
