"""The words for who people are: roles, kinds of agency, and the principal who acts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final
from uuid import UUID

from django.db.models import TextChoices

IDLE_MINUTES: Final = 20
"""How long a session lasts without a press, unless the partnership says otherwise."""
LONGEST_IDLE_MINUTES: Final = 60

MOST_STEPS: Final = 10
MOST_DAYS: Final = 20
MOST_HOURS: Final = 72
LONGEST_WHO: Final = 150
"""What the steps of disagreeing with a decision may be: how many, how long each, in how many words.
"""


class Role(TextChoices):
    """What a membership lets a person be. One list for the whole product."""

    PRACTITIONER = "practitioner", "Practitioner"
    AGENCY_LEAD = "agency_lead", "Agency lead"
    COORDINATOR = "coordinator", "MASE coordinator"
    MANAGER = "manager", "Front door manager"
    PANEL_MEMBER = "panel_member", "Panel member"
    PANEL_CHAIR = "panel_chair", "Panel chair"
    LADO = "lado", "Local authority designated officer"
    BOARD_CHAIR = "board_chair", "Board chair"
    AUDITOR = "auditor", "Auditor"
    IG_LEAD = "ig_lead", "Information-governance lead"
    AGENCY_ADMIN = "agency_admin", "Agency administrator"
    PLATFORM_ADMIN = "platform_admin", "Platform administrator"
    SYSTEM = "system", "System"


class AgencyKind(TextChoices):
    """The kinds of agency around a child in England."""

    COUNCIL = "council", "Children's social care"
    POLICE = "police", "Police"
    HEALTH = "health", "Health"
    SCHOOL = "school", "School or college"
    YOUTH_JUSTICE = "youth_justice", "Youth justice"
    PROBATION = "probation", "Probation"
    HOUSING = "housing", "Housing"
    CHARITY = "charity", "Charity"
    DISTRICT = "district", "District council"
    BOARD = "board", "Safeguarding board"


FIRST_RESPONDERS: Final = frozenset({AgencyKind.COUNCIL, AgencyKind.POLICE})
"""The kinds of agency that may refer to the National Referral Mechanism themselves. Schools and
English health bodies are not among them: they ask the local authority to."""


class PartnerUnder(TextChoices):
    """Which section of the Children Act 2004 makes an agency a partner, or that it is invited."""

    S10 = "s10", "Children Act 2004 s.10 (co-operation)"
    S11 = "s11", "Children Act 2004 s.11 (safeguarding)"
    S16E = "s16E", "Children Act 2004 s.16E (local arrangements)"
    INVITED = "invited", "Invited by the partnership"


@dataclass(frozen=True)
class Principal:
    """A person acting in one membership: one agency, one role, for these partnerships.

    Plain values only, so that policies and the law can be asked without a database. `team_id` is
    the Django group (agency x role) that grants name. Two hats never add up: a person with two
    memberships is two principals, one at a time. Whoever `sends_only` sends referrals and follows
    their own, and is given nothing else by anybody.
    """

    user_id: UUID
    membership_id: UUID
    team_id: int
    agency_id: UUID
    agency_kind: AgencyKind
    role: Role
    partnership_ids: tuple[UUID, ...]
    name: str = field(repr=False)
    agency_name: str
    idle_minutes: int = IDLE_MINUTES
    sends_only: bool = False

    @property
    def working_as(self) -> str:
        """What the header says: the role, then the agency."""
        return f"{self.role.label}, {self.agency_name}"


_TOLD_OF_A_STEP: Final = (str(Role.MANAGER), str(Role.AGENCY_LEAD))


def default_escalation() -> list[dict[str, object]]:
    """The steps of disagreeing with a decision, until a partnership settles its own.

    Five stages, as local procedures in England have them. `roles` are told in the portal; `who`
    says everybody who hears it. A stage without `immediate_hours` is skipped when a child could
    come to harm.
    """
    steps = (
        ("The front door manager and your agency lead", 1, None),
        ("Service managers of both agencies", 1, None),
        ("Heads of service and named safeguarding leads", 1, 4),
        ("Directors of both agencies", 2, 4),
        ("The safeguarding partners and their independent scrutineer", 5, 24),
    )
    return [
        {"who": who, "roles": list(_TOLD_OF_A_STEP), "working_days": days, "immediate_hours": hours}
        for who, days, hours in steps
    ]


def steps_in_words(steps: Iterable[Mapping[str, object]]) -> str:
    """The steps of disagreeing as somebody types them, one a line: who | working days | hours."""
    return "\n".join(
        f"{step['who']} | {step['working_days']} | {step.get('immediate_hours') or ''}".rstrip()
        for step in steps
    )


def read_steps(text: str) -> list[dict[str, object]]:
    """Read steps as `steps_in_words` writes them.

    Raises ValueError with a sentence that says which line to mend.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    if not 1 <= len(lines) <= MOST_STEPS:
        raise ValueError(f"There must be from 1 to {MOST_STEPS} steps, one on each line")
    return [_step(number, line) for number, line in enumerate(lines, start=1)]


def _step(number: int, line: str) -> dict[str, object]:
    who, *clocks = (" ".join(part.split()) for part in line.split("|"))
    days, hours = (*clocks, "", "")[:2]
    if not who or len(who) > LONGEST_WHO or len(clocks) > 2:
        raise ValueError(
            f"Line {number} must say who hears it, in {LONGEST_WHO} characters or less,"
            " then the times, with a | before each"
        )
    if not _is_from(days, 1, MOST_DAYS):
        raise ValueError(f"Line {number} must have from 1 to {MOST_DAYS} working days")
    if hours and not _is_from(hours, 1, MOST_HOURS):
        raise ValueError(f"Line {number} must have from 1 to {MOST_HOURS} hours, or none")
    return {
        "who": who,
        "roles": list(_TOLD_OF_A_STEP),
        "working_days": int(days),
        "immediate_hours": int(hours) if hours else None,
    }


def _is_from(number: str, least: int, most: int) -> bool:
    return number.isdecimal() and least <= int(number) <= most


def default_language() -> str:
    """The list of phrases that a partnership begins with: phrase | why not | another way."""
    return (Path(__file__).parent / "language.txt").read_text(encoding="utf-8")


FIRST_WORDS: Final = (
    "Thank you. I am reading your referral now. You will hear what we decide [when]. If things get"
    " worse, ring the front door."
)
"""What whoever acknowledges a referral begins with; [when] becomes the time of the decision."""
SUPPORT_WORDS: Final = (
    "Reading and writing about harm is hard. Talk with your safeguarding lead or your supervisor"
    " today."
)


@dataclass(frozen=True)
class Setting:
    """One setting of a partnership, as its page asks for it: the question, and what it changes.

    `least` and `most` bound a number; the database has the same bounds or wider.
    """

    label: str
    says: str
    least: int = 1
    most: int = 365


SETTINGS: Final[Mapping[str, Setting]] = MappingProxyType(
    {
        "office_opens": Setting(
            "When the office opens",
            "Referrals are read from this time on working days. Every clock starts here.",
        ),
        "office_closes": Setting(
            "When the office closes",
            "After this the start page says that nobody is reading, and gives the other number.",
        ),
        "front_door_phone": Setting(
            "Phone number of the front door", "It stands at the foot of every page."
        ),
        "out_of_hours_phone": Setting(
            "Phone number when the office is closed",
            "It stands at the foot of every page, and on the start page at night.",
        ),
        "decision_working_days": Setting(
            "Working days for a decision",
            "A new referral is due this many working days after it is sent. It counts from now on.",
            most=10,
        ),
        "acknowledge_working_days": Setting(
            "Working days until a sender hears that somebody is reading",
            "A referral that nobody acknowledged in this time can be chased.",
            most=10,
        ),
        "immediate_name": Setting(
            "What the most pressing referrals are called",
            "A child may be in danger now. The board and the case say this.",
        ),
        "immediate_hours": Setting(
            "Hours until the most pressing referrals are read",
            "These hours run by night too. They count from now on.",
            most=24,
        ),
        "urgent_name": Setting(
            "What urgent referrals are called",
            "The sender was not sure whether the child is in danger, or gave a time.",
        ),
        "urgent_hours": Setting(
            "Office hours until urgent referrals are read",
            "They run while the office is open. They count from now on.",
            most=24,
        ),
        "standard_name": Setting(
            "What all other referrals are called",
            "They are read in the working days that stand above.",
        ),
        "cure_hours": Setting(
            "Office hours to send what was missing",
            "When they are over, checking carries on with what is known.",
            most=24,
        ),
        "near_minutes": Setting(
            "Minutes before a time runs out in which somebody is told",
            "Whoever has the referral is told first. The managers are told when it has run out.",
            least=5,
            most=480,
        ),
        "request_working_days": Setting(
            "Working days to answer a question",
            "An agency that is asked has this long. Questions that are open keep their time.",
            most=20,
        ),
        "request_immediate_hours": Setting(
            "Hours to answer a question that cannot wait",
            "These hours run by night too.",
            most=24,
        ),
        "request_near_hours": Setting(
            "Office hours before an answer is due in which the agency is chased",
            "Where less time was given, it is chased when half of it is over. When the answer is"
            " late it is chased again, and whoever asked is told.",
            most=40,
        ),
        "escalation": Setting(
            "Steps of a disagreement with a decision",
            "One line for each step: who hears it | working days to answer | hours to answer when a"
            " child could come to harm. A step without hours is skipped then. A disagreement that"
            " has begun keeps the step and the time that it has.",
        ),
        "panel_access_days": Setting(
            "Days for which the panel can read a case",
            "They count from the day on which the case goes to the panel.",
        ),
        "join_takes_two": Setting(
            "Joining two cases takes a second person",
            "Whoever joins a referral to another case proposes it. It waits for another's yes.",
        ),
        "suppress_below": Setting(
            "Smallest number that the board sees",
            "A smaller total is hidden in reports, so that it points at no child.",
            least=3,
            most=50,
        ),
        "idle_minutes": Setting(
            "Minutes after which a page that nobody uses is closed",
            "What was written is kept. A shorter time is safer at a shared desk.",
            least=10,
            most=LONGEST_IDLE_MINUTES,
        ),
        "draft_days": Setting(
            "Days for which a draft is kept",
            "They count from the last save. Drafts already begun keep their time.",
            least=8,
            most=90,
        ),
        "danger_draft_minutes": Setting(
            "Minutes after which a draft about danger is asked about",
            "Its author and the agency's lead are told that it has not been sent.",
            least=5,
            most=240,
        ),
        "before_time_minutes": Setting(
            "Minutes before a time that matters",
            "A decision is due this long before the time that the sender gave.",
            most=240,
        ),
        "act_now_minutes": Setting(
            "Working minutes until the next person is told",
            "When nobody acknowledges a notice that asks to act now, the next people hear of it"
            " after this time. They are the lead of the agency, or the front door's managers.",
            least=15,
            most=480,
        ),
        "digest_hour": Setting(
            "Hour of the daily email",
            "From 0 to 23. What can wait comes in one email at this hour. People can choose another"
            " hour for themselves.",
            least=0,
            most=23,
        ),
        "takes_pictures": Setting(
            "Pictures can be added",
            "They are drawn anew without where and when they were taken.",
        ),
        "file_megabytes": Setting(
            "Largest file, in megabytes", "A larger one is refused with a sentence.", most=20
        ),
        "files_per_referral": Setting(
            "Files for one referral", "When there are as many, no more can be added.", most=100
        ),
        "neutral_site": Setting(
            "Website shown by “Hide this page”",
            "Choose one that anybody might read at work. Leave it empty to use our own choice.",
        ),
        "language": Setting(
            "Words to look at again",
            "One line for each phrase: the phrase | why not | another way to say it."
            " Put / between forms of a phrase. A star stands for any ending of a word."
            " Writers are shown these, and are never stopped.",
        ),
        "start_words": Setting(
            "What else the start page says",
            "For example, whom to ring about something that is no referral. It may stay empty.",
        ),
        "first_words": Setting(
            "First words to whoever sent a referral",
            "They stand in the box of whoever acknowledges it, who can change them. [when] becomes"
            " the time by which the decision is due.",
        ),
        "support_words": Setting(
            "Support for whoever sent a referral",
            "It stands on the page that says that it has been sent.",
        ),
    }
)
"""Every setting that the partnership's own page has, by its column. Add a line to add a setting:
the kind of answer is that of the column."""

SECTIONS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    (
        "Hours and phone numbers",
        ("office_opens", "office_closes", "front_door_phone", "out_of_hours_phone"),
    ),
    (
        "How long things may take",
        (
            "decision_working_days",
            "acknowledge_working_days",
            "before_time_minutes",
            "immediate_name",
            "immediate_hours",
            "urgent_name",
            "urgent_hours",
            "standard_name",
            "cure_hours",
            "near_minutes",
            "request_working_days",
            "request_immediate_hours",
            "request_near_hours",
            "escalation",
        ),
    ),
    ("Who sees what", ("panel_access_days", "suppress_below")),
    ("Decisions", ("join_takes_two",)),
    ("Notifications", ("act_now_minutes", "digest_hour")),
    (
        "Drafts and files",
        (
            "draft_days",
            "danger_draft_minutes",
            "takes_pictures",
            "file_megabytes",
            "files_per_referral",
        ),
    ),
    ("Shared desks", ("idle_minutes", "neutral_site")),
    ("Words about children", ("language",)),
    ("Words to those who refer", ("start_words", "first_words", "support_words")),
)
"""The settings as their page shows them: a heading, and what stands under it."""
