"""Joint risk assessment: begin, answer sealed, open at once, compare, agree, sign, look again."""

from referrals.assessments.services.agreeing import (
    Agreeing,
    BeforeAgreeing,
    Judging,
    agree,
    judge,
    look_before_agreeing,
)
from referrals.assessments.services.answering import open_own, page_of, save_page, submit
from referrals.assessments.services.due import sweep
from referrals.assessments.services.looking import Asked, compare, list_asked, look
from referrals.assessments.services.revealing import reveal
from referrals.assessments.services.signing import confirm, sign, withdraw
from referrals.assessments.services.starting import Asking, call_off, look_before_starting, start
from referrals.assessments.services.tools import DATA, approve_tool, load_tool

__all__ = [
    "DATA",
    "Agreeing",
    "Asked",
    "Asking",
    "BeforeAgreeing",
    "Judging",
    "agree",
    "approve_tool",
    "call_off",
    "compare",
    "confirm",
    "judge",
    "list_asked",
    "load_tool",
    "look",
    "look_before_agreeing",
    "look_before_starting",
    "open_own",
    "page_of",
    "reveal",
    "save_page",
    "sign",
    "start",
    "submit",
    "sweep",
    "withdraw",
]
