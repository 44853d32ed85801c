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


class OutsideParty(TextChoices):
    """Who may receive information without being an agency of the partnership, or anybody in one."""

    PARENT = "parent", "Parent or carer"
    DATA_SUBJECT = "data_subject", "Person who asks for their own information"
    PROSECUTION = "prosecution", "Prosecutor"
    DEFENCE = "defence", "Lawyer for the defence"
    PRISON = "prison", "Prison or secure establishment"
    IMMIGRATION = "immigration", "Immigration enforcement"
    COMMISSIONER = "commissioner", "Commissioner of services"
    TRAINER = "trainer", "Trainer"


class Relation(TextChoices):
    """How a recipient must stand to the information, beyond their agency and role."""

    ANYONE = "anyone", "in any case that is shared with them"
    OWN_AGENCY = "own_agency", "whose own agency holds it"
    AUTHOR = "author", "who wrote it"
    REFERRER = "referrer", "who made the referral or leads the agency that did"
    # These only ever narrow: no rule shows anything because of one of them.
    OTHER_AGENCY = "other_agency", "whose own agency does not hold it"
    NOT_AUTHOR = "not_author", "who did not write it"
    NO_AGREEMENT = "no_agreement", "whose agency does not hold it, and has no agreement in force"
    WALLED = "walled", "who has a conflict of interest in the case"


NARROWING: Final = frozenset(
    {Relation.OTHER_AGENCY, Relation.NOT_AUTHOR, Relation.NO_AGREEMENT, Relation.WALLED}
)


class Won(TextChoices):
    """Why one of the rules that speak gives the answer. The label ends "it answers because …"."""

    ALONE = "alone", "no other rule speaks"
    SILENT = "silent", "it says nothing, and another one would"
    MOST_SPECIFIC = "most_specific", "it is the most specific"
    NARROWEST = "narrowest", "none is more specific, and it shows least"
    FIRST = "first", "the others that are as specific say the same"


class Circumstance(TextChoices):
    """What must be known of the child before a rule speaks. The label follows "when"."""

    ALWAYS = "always", "always"
    SIGNIFICANT_HARM = "significant_harm", "there is reason to suspect significant harm"


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


class Origin(TextChoices):
    """Where a rule set came from."""

    FILE = "file", "A reviewed file"
    PORTAL = "portal", "A change approved in the portal"


class ChangeKind(TextChoices):
    """What a change does to the law."""

    AMEND = "amend", "Write the next version of a rule"
    ADD = "add", "Add a rule"
    END = "end", "End a rule"


class Standing(TextChoices):
    """How an agreement between agencies stands on a day."""

    TO_COME = "to_come", "Not yet in force"
    IN_FORCE = "in_force", "In force"
    REVIEW_DUE = "review_due", "In force, and its review is due"
    EXPIRED = "expired", "Expired: nothing is shared because of it"
    ENDED = "ended", "Ended: nothing is shared because of it"


class WorkStatus(TextChoices):
    """How far counting or examining has got."""

    ASKED = "asked", "Waiting to begin"
    DOING = "doing", "Being done"
    DONE = "done", "Done"


class Obligation(TextChoices):
    """What the person who shares or receives must do. The label is the sentence they read."""

    SILENT = (
        "silent",
        "Say nothing to this person, not even that something is held back.",
    )
    ALERT_A_CLEAN_MANAGER = (
        "alert_a_clean_manager",
        "Tell an information-governance lead and a manager who has no conflict of interest.",
    )
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
    PROXY_CONTACT = (
        "proxy_contact",
        "Show the contact through whom the child can be reached, never the place.",
    )
    CHILDS_INTERESTS_FIRST = (
        "childs_interests_first",
        "Put the child's interests first, and ask an information-governance lead.",
    )
    JOINT_ENQUIRY_REFERENCE = (
        "joint_enquiry_reference",
        "Record the reference of the joint enquiry.",
    )
    FACTS_WITH_SOURCE_AND_DATE = (
        "facts_with_source_and_date",
        "Share facts, each with its source and its date; mark what is only suspected.",
    )
    MINIMUM_EXTRACT = (
        "minimum_extract",
        "Share the extract that is relevant, not the record.",
    )
    NAMED_CLINICIAN = "named_clinician", "Record the clinician who chose what is shared."
    CALDICOTT_NOTE = (
        "caldicott_note",
        "Record the advice of the Caldicott Guardian, if it was asked.",
    )
    ASK_CALDICOTT_GUARDIAN = (
        "ask_caldicott_guardian",
        "Ask the Caldicott Guardian of the health body that holds it.",
    )
    SIGNED_AGREEMENT = (
        "signed_agreement",
        "Only for agencies that have signed the partnership's information-sharing agreement.",
    )
    ENDS_AFTER_PANEL = (
        "ends_after_panel",
        "Access ends when the partnership's time for the panel's papers ends.",
    )
    NO_ONWARD_USE = (
        "no_onward_use",
        "Do not use it for anything else, and do not pass it on.",
    )
    OFFENCE_CONDITION = (
        "offence_condition",
        "It is about an offence: record the condition (Data Protection Act 2018, Schedule 1).",
    )
    SANITISED_TEXT_ONLY = (
        "sanitised_text_only",
        "Share only the words that the police intelligence handler has cleared.",
    )
    EXPIRES = "expires", "Give it a day on which it ends."
    SEPARATE_INTELLIGENCE_FORM = (
        "separate_intelligence_form",
        "Send it on the police's own intelligence form as well.",
    )
    WATERMARK = "watermark", "Each copy carries the name of who received it."
    DESIGNATED_LEAD_ONLY = (
        "designated_lead_only",
        "For the designated safeguarding lead, who tells other staff only what they must do.",
    )
    NAMED_WORKER = (
        "named_worker",
        "Only for a worker who is named, under a contract with the council.",
    )
    HOUSING_NEED_ONLY = (
        "housing_need_only",
        "Say what housing is needed and what keeps the child safe, not what happened.",
    )
    MAPPA_CHECK = (
        "mappa_check",
        "Check first whether the person is managed under the arrangements for dangerous offenders.",
    )
    ASK_WHETHER_SAFE = (
        "ask_whether_safe",
        "Ask the child's social worker whether it is safe: a parent may be a person of concern.",
    )
    NAMED_AUDIT = (
        "named_audit",
        "Only the sample of a named audit, masked first, for a limited time.",
    )
    THIRD_PARTY_MATERIAL = (
        "third_party_material",
        "Follow the protocol for material that third parties hold.",
    )
    EXEMPTION_PER_PASSAGE = (
        "exemption_per_passage",
        "Decide passage by passage, and record the exemption for each one that is left out.",
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


class Article6(TextChoices):
    """The lawful bases of UK GDPR article 6(1), the usual choice first, and for law enforcement."""

    PUBLIC_TASK = "public_task", "6(1)(e): a task in the public interest"
    RECOGNISED_SAFEGUARDING = (
        "recognised_safeguarding",
        "6(1)(ea): recognised legitimate interest, safeguarding",
    )
    RECOGNISED_REQUEST = (
        "recognised_request",
        "6(1)(ea): recognised legitimate interest, a public body asked",
    )
    LEGITIMATE_INTERESTS = "legitimate_interests", "6(1)(f): legitimate interests, balanced"
    LEGAL_DUTY = "legal_duty", "6(1)(c): a legal duty"
    VITAL_INTERESTS = "vital_interests", "6(1)(d): somebody's life is in danger"
    LAW_ENFORCEMENT = "law_enforcement", "Data Protection Act 2018, section 35: law enforcement"


class Article9(TextChoices):
    """What lets special categories of data be used, and what replaces it for law enforcement."""

    SUBSTANTIAL_PUBLIC_INTEREST = (
        "substantial_public_interest",
        "9(2)(g): substantial public interest",
    )
    HEALTH_OR_CARE = "health_or_care", "9(2)(h): health or social care"
    SOCIAL_PROTECTION = "social_protection", "9(2)(b): social protection"
    STRICTLY_NECESSARY = (
        "strictly_necessary",
        "Data Protection Act 2018, section 35(5): strictly necessary for law enforcement",
    )


class Condition(TextChoices):
    """The condition in the Data Protection Act 2018 that goes with it."""

    SAFEGUARDING = "safeguarding", "Schedule 1, paragraph 18: safeguarding of children"
    UNLAWFUL_ACTS = (
        "unlawful_acts",
        "Schedule 1, paragraph 10: preventing or detecting unlawful acts",
    )
    LAW_ENFORCEMENT_SAFEGUARDING = (
        "law_enforcement_safeguarding",
        "Schedule 8, paragraph 4: safeguarding of children",
    )


class ConsentLimb(TextChoices):
    """Why consent is not relied on. Schedule 1, paragraph 18(2) wants one of the three."""

    CANNOT_BE_GIVEN = "cannot_be_given", "Consent cannot be given"
    NOT_REASONABLE = "not_reasonable", "It is not reasonable to obtain consent"
    WOULD_PREJUDICE = "would_prejudice", "Asking for consent would prejudice the protection"


class ConfidenceLimb(TextChoices):
    """How the common-law duty of confidence is lifted."""

    AGREEMENT = "agreement", "The person agrees"
    STATUTE = "statute", "A statute says so"
    PUBLIC_INTEREST = "public_interest", "The public interest in sharing is greater"


ABOUT_AN_OFFENCE: Final = frozenset({Category.IC8, Category.IC9, Category.IC14})
"""The categories to which UK GDPR article 10 applies outside law enforcement."""
