"""What those who sent a referral do afterwards, and what they are answered."""

from referrals.following.services.added import (
    Addition,
    add,
    add_file,
    look_before_adding,
)
from referrals.following.services.challenges import (
    Disagreement,
    answer_challenge,
    climb,
    disagree,
    escalate,
    read_challenges,
)
from referrals.following.services.chased import chase, list_sent
from referrals.following.services.messages import (
    Words,
    ask_for_correction,
    read_messages,
    send_message,
)

__all__ = [
    "Addition",
    "Disagreement",
    "Words",
    "add",
    "add_file",
    "answer_challenge",
    "ask_for_correction",
    "chase",
    "climb",
    "disagree",
    "escalate",
    "list_sent",
    "look_before_adding",
    "read_challenges",
    "read_messages",
    "send_message",
]
