"""The risk tool as a value, and what it says of answers. Pure: it reads nothing, writes nothing.

A score supports a person's judgement and never replaces it. So there is no function here that
decides a level: `score` advises, and `takes` says who else is needed for the level that people
agreed.
"""

from referrals.assessments.decision.levels import Earlier, floor_of, takes
from referrals.assessments.decision.score import (
    Facts,
    FloorHit,
    Given,
    Score,
    advised,
    score,
    together,
)
from referrals.assessments.decision.tool import (
    Answer,
    Band,
    Domain,
    Floor,
    Item,
    Recency,
    Tool,
    ToolError,
    tool_from,
)

__all__ = [
    "Answer",
    "Band",
    "Domain",
    "Earlier",
    "Facts",
    "Floor",
    "FloorHit",
    "Given",
    "Item",
    "Recency",
    "Score",
    "Tool",
    "ToolError",
    "advised",
    "floor_of",
    "score",
    "takes",
    "together",
    "tool_from",
]
