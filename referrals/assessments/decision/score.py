"""What a tool says of answers: points, the level that they suggest, floors, and what is not known.

Points are counted in tenths, as whole numbers, so that no rounding of a machine decides on which
side of an edge a child stands. What is not known is counted and never taken for nought. Strengths
carry no points: nothing that protects a child makes what others do to them smaller.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from referrals.assessments.decision.tool import Condition, Item, Tool
from referrals.assessments.vocabulary import Fact, Level, Prompt

TENTHS: Final = 10
YEAR: Final = 12


@dataclass(frozen=True, repr=False)
class Given:
    """How one item was answered. `recencies`: when it was; `times`: how often, where it counts.

    `resolved`: the panel has decided that a confirmed sign is over. Nobody else can.
    """

    answer: str
    recencies: tuple[str, ...] = ()
    times: int = 1
    resolved: bool = False


@dataclass(frozen=True, repr=False)
class Facts:
    """What is known of the child beside the answers. None where nobody knows."""

    age: int | None = None
    missing_90_days: int | None = None
    cannot_return_home: bool | None = None

    def value(self, fact: Fact) -> int | None:
        """What is known of one of them, as a number."""
        known = {
            Fact.AGE: self.age,
            Fact.MISSING: self.missing_90_days,
            Fact.UNSAFE_HOME: self.cannot_return_home,
        }[fact]
        return None if known is None else int(known)


@dataclass(frozen=True, repr=False)
class FloorHit:
    """A floor that holds: what it is called, why in words, and the least level."""

    code: str
    says: str
    level: Level


@dataclass(frozen=True, repr=False)
class Score:
    """What the tool says. `total` and `by_domain` are tenths of a point.

    `level` is what the points alone suggest, None where the tool counts none; `floor` is the
    highest level below which it must not go. `recent_harm`: a sign of harm itself within a year.
    """

    total: int
    by_domain: Mapping[str, int]
    level: Level | None
    floors: tuple[FloorHit, ...]
    floor: Level | None
    gaps: int
    asked: int
    insufficient: bool
    prompts: tuple[Prompt, ...]
    recent_harm: bool


def score(tool: Tool, given: Mapping[str, Given], facts: Facts) -> Score:
    """Count what these answers come to. An item that nobody answered counts as not known.

    Raises KeyError for an answer, a time or an item that the tool does not have.
    """
    items = {item.code: item for item in tool.items}
    points = {code: points_of(tool, items[code], each) for code, each in given.items()}
    by_domain = {
        domain.code: _capped(
            sum(points.get(item.code, 0) for item in tool.items if item.domain == domain.code),
            domain.cap,
        )
        for domain in tool.domains
    }
    total = sum(by_domain.values())
    hit = [
        floor
        for floor in tool.floors
        if all(_holds(tool, c, given, facts) for c in floor.conditions)
    ]
    gaps = sum(_is_gap(tool, given.get(item.code)) for item in tool.items)
    harms = tuple(domain.code for domain in tool.domains if domain.harm)
    signs = tuple(answer.code for answer in tool.answers if answer.is_sign)
    return Score(
        total=total,
        by_domain=by_domain,
        level=_level(tool, total),
        floors=tuple(FloorHit(floor.code, floor.says, floor.level) for floor in hit),
        floor=max((floor.level for floor in hit), key=lambda level: level.height, default=None),
        gaps=gaps,
        asked=len(tool.items),
        insufficient=gaps * 100 > tool.gaps_above * len(tool.items),
        prompts=tuple(dict.fromkeys(prompt for floor in hit for prompt in floor.prompts)),
        recent_harm=_holds(tool, Condition(harms, signs, YEAR), given, facts),
    )


def advised(counted: Score) -> Level | None:
    """The level that points and floors come to together. None where the tool suggests none."""
    there = [level for level in (counted.level, counted.floor) if level is not None]
    return max(there, key=lambda level: level.height, default=None)


def points_of(tool: Tool, item: Item, given: Given) -> int:
    """The tenths of a point that one answer is worth: weight, certainty and time; half goes up."""
    certainty = _certainty(tool, given.answer) or 0
    weight = max(
        (points for least, points in item.weights if given.times >= least),
        default=item.weights[0][1],
    )
    return _half_up(weight * TENTHS * certainty * _share(tool, item, given), 100 * 100)


def together(tool: Tool, of_agencies: Iterable[Mapping[str, Given]]) -> dict[str, Given]:
    """For each item the strongest sign that any agency knows of; never a mean.

    Where no agency has seen a sign, somebody's "no" comes before nobody's knowing.
    """
    items = {item.code: item for item in tool.items}
    strongest: dict[str, Given] = {}
    for answers in of_agencies:
        for code, each in answers.items():
            rank = _rank(tool, items[code], each)
            if code not in strongest or rank > _rank(tool, items[code], strongest[code]):
                strongest[code] = each
    return strongest


def _rank(tool: Tool, item: Item, given: Given) -> tuple[bool, int, int]:
    certainty = _certainty(tool, given.answer)
    unresolved = 0 if given.resolved else certainty or 0
    return certainty is not None, points_of(tool, item, given), unresolved


def _share(tool: Tool, item: Item, given: Given) -> int:
    """How much its time lets an answer count, in percent. What nobody dated counts in full."""
    if not item.dated or not given.recencies:
        return 100
    percents = {each.code: each.percent for each in tool.recencies}
    counted = [
        percents[code] for code in given.recencies if not item.recencies or code in item.recencies
    ]
    return sum(counted) if tool.adds else max(counted, default=0)


def _certainty(tool: Tool, answer: str) -> int | None:
    return {each.code: each.certainty for each in tool.answers}[answer]


def _half_up(numerator: int, denominator: int) -> int:
    return (2 * numerator + denominator) // (2 * denominator)


def _capped(tenths: int, cap: int | None) -> int:
    return tenths if cap is None else min(tenths, cap * TENTHS)


def _level(tool: Tool, total: int) -> Level | None:
    reached = [
        band.level
        for band in tool.bands
        if band.from_points is not None and total >= band.from_points * TENTHS
    ]
    return reached[-1] if reached else None


def _is_gap(tool: Tool, given: Given | None) -> bool:
    return given is None or _certainty(tool, given.answer) is None


def _holds(tool: Tool, condition: Condition, given: Mapping[str, Given], facts: Facts) -> bool:
    if condition.fact is not None:
        return _is_so(condition, facts.value(condition.fact))
    near = {
        each.code
        for each in tool.recencies
        if condition.within is None or (each.within is not None and each.within <= condition.within)
    }
    return any(
        _speaks(condition, given[item.code], near)
        for item in tool.items
        if item.domain in condition.domains and item.code in given
    )


def _speaks(condition: Condition, given: Given, near: set[str]) -> bool:
    if given.answer not in condition.answers or given.resolved:
        return False
    # What nobody could date may have been yesterday.
    return not given.recencies or bool(near.intersection(given.recencies))


def _is_so(condition: Condition, known: int | None) -> bool:
    if known is None:
        return False
    if condition.below is not None:
        return known < condition.below
    return known >= (1 if condition.least is None else condition.least)
