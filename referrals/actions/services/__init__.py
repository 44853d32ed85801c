"""Everything that changes an action or a review, and the lists and pages that are read of them."""

from referrals.actions.services.checking import ask_effect, judge, verify
from referrals.actions.services.climbing import climb
from referrals.actions.services.departures import departures, export_departures
from referrals.actions.services.doing import (
    Update,
    answer_offer,
    answer_time,
    ask_time,
    claim,
    give_up,
    offer,
    take_up,
    tell,
)
from referrals.actions.services.giving import give, insist_none_open, remind
from referrals.actions.services.looking import (
    list_actions,
    list_of_case,
    list_reviews,
    people,
    read_action,
    read_review,
)
from referrals.actions.services.planning import plan
from referrals.actions.services.reviews import Held, hold_review, plan_review

__all__ = [
    "Held",
    "Update",
    "answer_offer",
    "answer_time",
    "ask_effect",
    "ask_time",
    "claim",
    "climb",
    "departures",
    "export_departures",
    "give",
    "give_up",
    "hold_review",
    "insist_none_open",
    "judge",
    "list_actions",
    "list_of_case",
    "list_reviews",
    "offer",
    "people",
    "plan",
    "plan_review",
    "read_action",
    "read_review",
    "remind",
    "take_up",
    "tell",
    "verify",
]
