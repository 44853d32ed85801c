"""What the page of a partnership's settings asks."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from portal.accounts.vocabulary.people import LONGEST_IDLE_MINUTES


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
        "none_indicated_name": Setting(
            "What the least level of concern is called",
            "Case pages and risk pages say this. Nobody has shown that such a child is safe.",
        ),
        "emerging_name": Setting(
            "What the second level of concern is called", "Case pages and risk pages say this."
        ),
        "moderate_name": Setting(
            "What the third level of concern is called", "Case pages and risk pages say this."
        ),
        "significant_name": Setting(
            "What the greatest level of concern is called", "Case pages and risk pages say this."
        ),
        "assess_working_days": Setting(
            "Working days to answer in a joint risk assessment",
            "Each agency that is asked has this long, unless whoever asks chooses another day.",
            most=20,
        ),
        "reassess_days": Setting(
            "Days after which agencies look at the level together again",
            "No level stands for longer without another look. It counts from the agreement.",
            least=7,
            most=90,
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
        "review_days_high": Setting(
            "Days until the next review, where the risk is significant",
            "A review that goes on plans the next one by its level. Plans that stand stay.",
        ),
        "review_days_medium": Setting(
            "Days until the next review, where the risk is moderate",
            "Not sooner than where the risk is significant.",
        ),
        "review_days_emerging": Setting(
            "Days until the next review, where the risk is emerging",
            "Not sooner than where the risk is moderate.",
        ),
        "action_lead_days": Setting(
            "Working days until an agency's lead hears of a late action",
            "Its owner hears on the day.",
            most=40,
        ),
        "action_coordinator_days": Setting(
            "Working days until the coordinator hears of a late action",
            "Not sooner than the agency's lead.",
            most=40,
        ),
        "action_chair_days": Setting(
            "Working days until the managers and the panel's chair hear of a late action",
            "Not sooner than the coordinator.",
            most=40,
        ),
        "transition_months": Setting(
            "Months before the 18th birthday in which a review is planned",
            "Nobody is closed because they turn 18. Adult services are brought in.",
            most=24,
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
        "ready_questions": Setting(
            "Questions that are often asked of agencies",
            "One line for each: the question | the kind of information that answers it, in the"
            " words of the page that asks. Where no kind stands, whoever asks selects it.",
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
        "decided_words": Setting(
            "Usual words to whoever sent a referral, once it is decided",
            "One line for each: the decision, in the words of the page that asks | what they read."
            " They stand on the page that checks a decision where whoever decides wrote none. Where"
            " a decision has no line here, or ends the work, the words are always written.",
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
    (
        "Joint risk assessment",
        (
            "none_indicated_name",
            "emerging_name",
            "moderate_name",
            "significant_name",
            "assess_working_days",
            "reassess_days",
        ),
    ),
    (
        "Actions and reviews",
        (
            "review_days_high",
            "review_days_medium",
            "review_days_emerging",
            "action_lead_days",
            "action_coordinator_days",
            "action_chair_days",
            "transition_months",
        ),
    ),
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
    ("Asking agencies", ("ready_questions",)),
    ("Words to those who refer", ("start_words", "first_words", "decided_words", "support_words")),
)
"""The settings as their page shows them: a heading, and what stands under it."""
