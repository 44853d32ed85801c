"""What a principal may be shown of joint risk assessments: the law of the case decides it."""

from referrals.assessments.reading.compare import (
    Cell,
    Comparison,
    Differences,
    Line,
    Part,
    comparison,
    counted,
    differences,
)
from referrals.assessments.reading.own import Own, own
from referrals.assessments.reading.page import RiskPage, names_of, risk_page
from referrals.assessments.reading.picture import Picture, picture
from referrals.assessments.reading.reach import Said, level_seen, said

__all__ = [
    "Cell",
    "Comparison",
    "Differences",
    "Line",
    "Own",
    "Part",
    "Picture",
    "RiskPage",
    "Said",
    "comparison",
    "counted",
    "differences",
    "level_seen",
    "names_of",
    "own",
    "picture",
    "risk_page",
    "said",
]
