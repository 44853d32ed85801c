"""What each kind of notice asks, why it came, and the page that it is about."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from portal.notifications.vocabulary.kinds import Class, Kind, Meaning
from portal.notifications.vocabulary.together import TOGETHER

MEANINGS: Final[Mapping[Kind, Meaning]] = MappingProxyType(
    {
        Kind.RECEIVED: Meaning(Class.FOR_INFORMATION, "You sent this referral.", "referrals:case"),
        Kind.ACKNOWLEDGED: Meaning(
            Class.FOR_INFORMATION,
            "You sent this referral, and a coordinator has begun to check it.",
            "referrals:case",
        ),
        Kind.DECIDED: Meaning(
            Class.TO_DO,
            "You sent this referral. Whoever reports a concern always hears back.",
            "referrals:case",
        ),
        Kind.MOVED: Meaning(
            Class.TO_DO,
            "You sent this referral. Whoever reports a concern always hears back.",
            "referrals:case",
        ),
        Kind.WITHDRAWN: Meaning(
            Class.TO_DO,
            "Your team checks the referrals of this partnership. Read why it was withdrawn.",
            "referrals:case",
        ),
        Kind.CHANGED: Meaning(
            Class.TO_DO,
            "You coordinate this case or manage the front door, and a decision may rest on it.",
            "referrals:case",
        ),
        Kind.ADDED: Meaning(
            Class.TO_DO,
            "You look after this case, and those who sent the referral have told us more.",
            "referrals:case",
        ),
        Kind.CHASED: Meaning(
            Class.ACT_NOW,
            "You look after this case. A time that we promised has passed.",
            "triage:workspace",
        ),
        Kind.MESSAGE: Meaning(
            Class.TO_DO, "It was written to your team, about this case.", "following:messages"
        ),
        Kind.DISAGREED: Meaning(
            Class.ACT_NOW,
            "You manage the front door, or lead the agency that sent it. The clock is running.",
            "following:disagree",
        ),
        Kind.DISAGREE_ANSWERED: Meaning(
            Class.TO_DO,
            "Your agency disagreed with a decision on this case.",
            "following:disagree",
        ),
        Kind.CLIMBED: Meaning(
            Class.TO_DO,
            "Your agency disagreed with a decision on this case, and nobody answered in time.",
            "following:disagree",
        ),
        Kind.TO_TRIAGE: Meaning(
            Class.ACT_NOW,
            "Your team checks the referrals of this partnership, and the clock is running.",
            "triage:workspace",
        ),
        Kind.SHARED: Meaning(
            Class.TO_DO,
            "A decision shared part of this case with your team. The case page says which rule"
            " allowed it.",
            "referrals:case",
        ),
        Kind.REQUESTED: Meaning(
            Class.ACT_NOW,
            "Your team answers what is asked of your agency, and the clock is running.",
            "disclosures:requests",
            by_reference=False,
        ),
        Kind.ANSWERED: Meaning(
            Class.TO_DO,
            "You asked an agency for information on this case, or you look after it.",
            "disclosures:sharing",
        ),
        Kind.CORRECTED: Meaning(
            Class.ACT_NOW,
            "You or your team could read a part of this case that was wrong.",
            "referrals:case",
        ),
        Kind.STOPPED: Meaning(
            Class.FOR_INFORMATION,
            "Your team could open this share until now.",
            "home:home",
            by_reference=False,
        ),
        Kind.ADVICE_ASKED: Meaning(
            Class.TO_DO,
            "You advise this partnership on sharing information.",
            "disclosures:advice",
            by_reference=False,
        ),
        Kind.ADVISED: Meaning(
            Class.TO_DO,
            "You asked an information-governance lead before sharing.",
            "disclosures:sharing",
        ),
        Kind.CONFLICT: Meaning(
            Class.TO_DO,
            "You manage this partnership's cases, or its information.",
            "disclosures:walls",
            by_reference=False,
        ),
        Kind.EMERGENCY: Meaning(
            Class.ACT_NOW,
            "Your agency holds what was opened, or you look after this partnership's information.",
            "disclosures:emergencies",
            by_reference=False,
        ),
        Kind.EMERGENCY_REVIEWED: Meaning(
            Class.TO_DO,
            "You used emergency access, and somebody else has looked at it.",
            "disclosures:emergencies",
            by_reference=False,
        ),
        Kind.AGREEMENT_DUE: Meaning(
            Class.TO_DO,
            "You look after this partnership's information-sharing agreements.",
            "rules:agreements",
            by_reference=False,
        ),
        Kind.CHANGE_WAITS: Meaning(
            Class.TO_DO,
            "You look after this partnership's sharing rules.",
            "rules:changes",
            by_reference=False,
        ),
        Kind.TRAIL_READY: Meaning(
            Class.FOR_INFORMATION, "You asked for this document.", "referrals:case"
        ),
        Kind.DELEGATED: Meaning(
            Class.TO_DO,
            "They began it and named you to send it. It is on your home page.",
            "home:home",
            by_reference=False,
        ),
        Kind.PUBLISHED: Meaning(
            Class.TO_DO,
            "You receive audit reports for the safeguarding board.",
            "governance:reports",
            by_reference=False,
        ),
        Kind.DRAFT_DANGER: Meaning(
            Class.ACT_NOW,
            "You began this draft or were asked to send it, or you lead its agency.",
            "home:home",
            by_reference=False,
        ),
        Kind.DRAFT_GOES: Meaning(
            Class.TO_DO,
            "You began this draft and have not sent it.",
            "home:home",
            by_reference=False,
        ),
        Kind.FILE_REFUSED: Meaning(
            Class.TO_DO,
            "You sent this file. Nobody else has it, so say in words what it shows.",
            "referrals:documents",
        ),
        Kind.INFORMATION: Meaning(
            Class.TO_DO,
            "You lead for the police here, or coordinate this partnership's cases.",
            "information:reports",
            by_reference=False,
        ),
        Kind.INFORMATION_READ: Meaning(
            Class.FOR_INFORMATION,
            "You sent this report.",
            "information:mine",
            by_reference=False,
        ),
        Kind.CLOCK_NEAR: Meaning(
            Class.ACT_NOW,
            "You check this referral, or your team does while nobody has taken it.",
            "triage:workspace",
        ),
        Kind.CLOCK_PASSED: Meaning(
            Class.ACT_NOW,
            "You check this referral or manage the front door. It is late now.",
            "triage:workspace",
        ),
        Kind.ASSIGNED: Meaning(
            Class.TO_DO, "Somebody at the front door chose you to check it.", "triage:workspace"
        ),
        Kind.SECOND_ASKED: Meaning(
            Class.ACT_NOW,
            "You work at the front door. One person alone does not end this work.",
            "triage:workspace",
        ),
        Kind.SECOND_ANSWERED: Meaning(
            Class.TO_DO, "You proposed this decision.", "triage:workspace"
        ),
        Kind.HANDED_OVER: Meaning(
            Class.ACT_NOW,
            "You are named as the person, or the front door, that would take it on.",
            "triage:handovers",
            by_reference=False,
        ),
        Kind.SIDE_ROUTE: Meaning(
            Class.TO_DO,
            "You are named as the person who sees to it.",
            "triage:tasks",
            by_reference=False,
        ),
        Kind.STEP_LATE: Meaning(
            Class.TO_DO,
            "You are named as the person who sees to it, and its day has passed.",
            "triage:tasks",
            by_reference=False,
        ),
        Kind.STEP_WAITS: Meaning(
            Class.TO_DO,
            "You look after this case or manage the front door. Ask whoever sees to the step.",
            "triage:workspace",
        ),
        Kind.LOOK_DUE: Meaning(
            Class.TO_DO,
            "A decision named the day, and you as the person who goes on with it, or you look"
            " after the case.",
            "referrals:case",
        ),
        Kind.REQUEST_CHASED: Meaning(
            Class.ACT_NOW,
            "You answer for your agency. The time to answer is nearly over, or it is late.",
            "disclosures:requests",
            by_reference=False,
        ),
        Kind.REQUEST_LATE: Meaning(
            Class.TO_DO,
            "You asked it, or you look after the case. You can chase it, or ring the agency.",
            "disclosures:requests",
            by_reference=False,
        ),
        Kind.REQUEST_GIVEN: Meaning(
            Class.ACT_NOW,
            "A colleague passed it on to you, or whoever had it can no longer answer.",
            "disclosures:requests",
            by_reference=False,
        ),
        Kind.REQUEST_MOVED: Meaning(
            Class.FOR_INFORMATION,
            "You had it until now. There is nothing that you must do.",
            "disclosures:requests",
            by_reference=False,
        ),
        Kind.CLOSED: Meaning(
            Class.FOR_INFORMATION,
            "Your team could read this case when it was closed.",
            "home:home",
            by_reference=False,
        ),
        Kind.LOOK_BACK: Meaning(
            Class.TO_DO,
            "You look after this case or manage the front door. Children were let go too early.",
            "triage:look-back",
        ),
        Kind.GIVEN: Meaning(
            Class.TO_DO,
            "They chose you to go on with it. Their note is on its page.",
            "triage:workspace",
        ),
        Kind.PASSED_ON: Meaning(
            Class.FOR_INFORMATION,
            "You had it until now. There is nothing that you must do.",
            "triage:workspace",
        ),
        Kind.LEFT: Meaning(
            Class.TO_DO,
            "You manage the front door, or lead the agency that they worked for.",
            "triage:left",
            by_reference=False,
        ),
        **TOGETHER,
    }
)
