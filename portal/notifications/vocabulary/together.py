"""What the notices of joint work mean: assessments of risk, actions and reviews, panels."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from portal.notifications.vocabulary.kinds import Class, Kind, Meaning

TOGETHER: Final[Mapping[Kind, Meaning]] = MappingProxyType(
    {
        Kind.RISK_ASKED: Meaning(
            Class.TO_DO,
            "You work with this case for an agency that is asked. Others see nothing until all is"
            " opened.",
            "assessments:risk",
        ),
        Kind.RISK_LATE: Meaning(
            Class.ACT_NOW,
            "You answer for an agency that is asked, or you look after the case.",
            "assessments:risk",
        ),
        Kind.RISK_OPENED: Meaning(
            Class.TO_DO,
            "You look after this case, or your agency is asked. Read what others say.",
            "assessments:risk",
        ),
        Kind.RISK_AGREED: Meaning(
            Class.TO_DO,
            "Your agency took part. Say whether it agrees: nobody is outvoted.",
            "assessments:risk",
        ),
        Kind.RISK_SIGN: Meaning(
            Class.ACT_NOW,
            "You may sign it. Nobody lowers a level of concern alone.",
            "assessments:risk",
        ),
        Kind.RISK_SIGNED: Meaning(
            Class.TO_DO, "You put this level up for signature.", "assessments:risk"
        ),
        Kind.RISK_WITHDRAWN: Meaning(
            Class.TO_DO,
            "You signed it, or were asked to. Nobody needs your signature for it any more.",
            "assessments:risk",
        ),
        Kind.RISK_DUE: Meaning(
            Class.TO_DO,
            "You look after this case. The day for another look has come, or there is news.",
            "assessments:risk",
        ),
        Kind.ACTION_GIVEN: Meaning(
            Class.TO_DO,
            "You are its owner.",
            "actions:actions",
            by_reference=False,
        ),
        Kind.ACTION_OFFERED: Meaning(
            Class.TO_DO,
            "Somebody named you as its next owner. Say yes or no.",
            "actions:actions",
            by_reference=False,
        ),
        Kind.ACTION_ASKS: Meaning(
            Class.TO_DO,
            "You look after the case. Its owner asks, or says that it is done or cannot be.",
            "actions:actions",
            by_reference=False,
        ),
        Kind.ACTION_ANSWERED: Meaning(
            Class.FOR_INFORMATION,
            "You own it, or asked somebody to take it on.",
            "actions:actions",
            by_reference=False,
        ),
        Kind.ACTION_LATE: Meaning(
            Class.TO_DO,
            "You own it, lead its agency, look after the case or chair the panel.",
            "actions:actions",
            by_reference=False,
        ),
        Kind.ACTION_REMINDED: Meaning(
            Class.TO_DO,
            "You are its owner, and whoever coordinates the case waits for it.",
            "actions:actions",
            by_reference=False,
        ),
        Kind.EFFECT_ASKED: Meaning(
            Class.TO_DO,
            "An agency does not judge its own work, so yours is asked.",
            "actions:actions",
            by_reference=False,
        ),
        Kind.REVIEW_NEAR: Meaning(
            Class.TO_DO,
            "You look after the case.",
            "actions:reviews",
            by_reference=False,
        ),
        Kind.REVIEW_LATE: Meaning(
            Class.TO_DO,
            "You look after the case or manage the front door.",
            "actions:reviews",
            by_reference=False,
        ),
        Kind.NOMINATED: Meaning(
            Class.TO_DO,
            "You coordinate this partnership's panel. Somebody else than the nominator answers it.",
            "meetings:sift",
            by_reference=False,
        ),
        Kind.SIFTED: Meaning(
            Class.TO_DO,
            "You nominated it.",
            "meetings:sift",
            by_reference=False,
        ),
        Kind.PAPERS: Meaning(
            Class.TO_DO,
            "You are invited to this meeting. Read what you are to bring, and by when.",
            "meetings:meetings",
            by_reference=False,
        ),
        Kind.PAPERS_NEAR: Meaning(
            Class.TO_DO,
            "You are invited, and your agency has added nothing to your papers yet.",
            "meetings:meetings",
            by_reference=False,
        ),
        Kind.PAPERS_ADDED: Meaning(
            Class.FOR_INFORMATION,
            "You planned this meeting. A PDF that was made before does not hold what is new.",
            "meetings:meetings",
            by_reference=False,
        ),
        Kind.MINUTES_DRAFT: Meaning(
            Class.TO_DO,
            "You were at this meeting, or chaired it. Say if the lines of your agency are right.",
            "meetings:meetings",
            by_reference=False,
        ),
        Kind.MINUTES_COMMENT: Meaning(
            Class.TO_DO,
            "You sent out the draft of these minutes.",
            "meetings:meetings",
            by_reference=False,
        ),
        Kind.MINUTES_ITEM: Meaning(
            Class.TO_DO,
            "A conflict of interest keeps an item from the chair. Another person approves it.",
            "meetings:meetings",
            by_reference=False,
        ),
        Kind.MINUTES_APPROVED: Meaning(
            Class.FOR_INFORMATION,
            "You were at this meeting, or chaired it.",
            "meetings:meetings",
            by_reference=False,
        ),
    }
)
