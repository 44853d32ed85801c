"""What else it takes to agree a level that differs from what the tool advises."""

from dataclasses import dataclass

from referrals.assessments.decision.score import Score, advised
from referrals.assessments.decision.tool import Tool
from referrals.assessments.vocabulary import Level, Takes


@dataclass(frozen=True, repr=False)
class Earlier:
    """What agencies agreed before: the level in force, its floor, and harm of less than a year ago.

    Whoever is asked later may know nothing of it, and what they do not know undoes nothing.
    """

    level: Level | None = None
    floor: Level | None = None
    recent_harm: bool = False


NOTHING_EARLIER = Earlier()


def takes(tool: Tool, counted: Score, agreed: Level, earlier: Earlier = NOTHING_EARLIER) -> Takes:
    """Who else is needed for this level, beside whoever agrees it.

    Higher than advised takes a reason; one level lower another person's signature; two lower, or
    lower than a floor of now or of the level in force, the panel's chair and a second agency. So
    does a level of two below the previous one, and any below it while a sign of harm is less than
    a year old or too little is known. A first level that is low while too little is known takes
    another person. The tool's file says which of these takes what; the most that any of them takes
    is the answer.
    """
    below = _below(advised(counted), agreed)
    fallen = _below(earlier.level, agreed)
    unknown = counted.insufficient or not tool.is_scored
    ways = {
        "up": below < 0,
        "down_one": below == 1 or fallen == 1,
        "down_more": below > 1 or fallen > 1,
        "below_floor": _below(floor_of(counted, earlier), agreed) > 0,
        "down_with_recent_harm": fallen > 0 and (counted.recent_harm or earlier.recent_harm),
        "down_unknown": fallen > 0 and unknown,
        "first_low_unknown": (
            earlier.level is None and unknown and _below(tool.low_is_below, agreed) > 0
        ),
    }
    needed = [tool.overrides[way] for way, is_so in ways.items() if is_so]
    return max(needed, key=list(Takes).index, default=Takes.NOTHING)


def floor_of(counted: Score, earlier: Earlier) -> Level | None:
    """The higher of the floor of these answers and the one under the level in force."""
    there = [level for level in (counted.floor, earlier.floor) if level is not None]
    return max(there, key=lambda level: level.height, default=None)


def _below(level: Level | None, agreed: Level) -> int:
    """How many levels `agreed` lies below `level`; negative when it lies above, 0 without one."""
    return 0 if level is None else level.height - agreed.height
