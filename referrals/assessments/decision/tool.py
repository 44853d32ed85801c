"""What a tool is made of, and how its file becomes one. A file that is not whole is refused."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from referrals.assessments.vocabulary import Fact, Level, Prompt, Takes, ToolKind

MOST_PERCENT: Final = 100


class ToolError(Exception):
    """A tool's file is not a tool. `reasons` says everything that is wrong with it."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = tuple(reasons)


@dataclass(frozen=True, repr=False)
class Answer:
    """One answer that an item can have. `certainty` in percent; None where it says nothing."""

    code: str
    label: str
    certainty: int | None

    @property
    def is_sign(self) -> bool:
        """Whether the answer says that there is something."""
        return bool(self.certainty)


@dataclass(frozen=True, repr=False)
class Recency:
    """How long ago. `within` is the number of months in which it lies; None for longer ago."""

    code: str
    label: str
    percent: int
    within: int | None


@dataclass(frozen=True, repr=False)
class Domain:
    """A part of the tool. `cap` in points, or None. `harm`: its items are signs of harm itself."""

    code: str
    label: str
    cap: int | None
    harm: bool


@dataclass(frozen=True, repr=False)
class Item:
    """One question, about what others do before what the child does.

    `weights` are (least number of times, points), the smallest first: one pair for most items.
    `dated`: when it was matters; then only the `recencies` count, or all if there are none.
    """

    code: str
    text: str
    domain: str
    weights: tuple[tuple[int, int], ...]
    dated: bool
    recencies: tuple[str, ...]

    @property
    def counted(self) -> bool:
        """Whether the item asks how many times."""
        return len(self.weights) > 1


@dataclass(frozen=True, repr=False)
class Band:
    """A level of the tool: from how many points, under which label of its own, and which of ours.

    A tool without points has None: a person chooses.
    """

    label: str
    level: Level
    from_points: int | None


@dataclass(frozen=True, repr=False)
class Condition:
    """One thing that must be so for a floor. Either about items or about a fact of the child.

    Items: at least one of these `domains` has one of these `answers`, in `within` months or, if
    that is None, at any time and not resolved. Fact: below `below`, at least `least`, or true.
    """

    domains: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    within: int | None = None
    fact: Fact | None = None
    below: int | None = None
    least: int | None = None


@dataclass(frozen=True, repr=False)
class Floor:
    """A level below which no score goes while all of its conditions hold."""

    code: str
    says: str
    level: Level
    conditions: tuple[Condition, ...]
    prompts: tuple[Prompt, ...]


@dataclass(frozen=True, repr=False)
class Tool:
    """A risk tool in one version: data, and nothing else. `adds`: every time counts, not the best.

    `gaps_above` is the share of answers not known, in percent, above which the information is
    insufficient. `overrides` says what an agreed level takes: "up", "down_one", "down_more",
    "below_floor", "down_with_recent_harm", and where too little is known "down_unknown" and, for a
    first level below `low_is_below`, "first_low_unknown".
    """

    code: str
    version: str
    title: str
    kind: ToolKind
    evidence: str
    answers: tuple[Answer, ...]
    recencies: tuple[Recency, ...]
    adds: bool
    domains: tuple[Domain, ...]
    items: tuple[Item, ...]
    strengths: tuple[tuple[str, str], ...]
    bands: tuple[Band, ...]
    floors: tuple[Floor, ...]
    gaps_above: int
    low_is_below: Level
    overrides: Mapping[str, Takes]

    @property
    def is_scored(self) -> bool:
        """Whether it counts points; where it does not, people choose a level by its words."""
        return bool(self.items)

    def label_of(self, level: Level) -> str:
        """The tool's own word for a level; ours where it has none."""
        return next((band.label for band in self.bands if band.level is level), level.label)


DOWN: Final = (
    "down_one",
    "down_more",
    "below_floor",
    "down_with_recent_harm",
    "down_unknown",
    "first_low_unknown",
)
OVERRIDES: Final = ("up", *DOWN)


def tool_from(body: Mapping[str, Any]) -> Tool:
    """Build the tool that a file describes. Raises ToolError with all that is wrong with it."""
    try:
        tool = _built(body)
    except (KeyError, TypeError, ValueError, AttributeError) as wrong:
        raise ToolError([f"something is missing or not a known word: {wrong}"]) from wrong
    reasons = [reason for check in _CHECKS for reason in check(tool)]
    if reasons:
        raise ToolError(reasons)
    return tool


def _built(body: Mapping[str, Any]) -> Tool:
    return Tool(
        code=body["code"],
        version=str(body["version"]),
        title=body["title"],
        kind=ToolKind(body["kind"]),
        evidence=body["evidence_statement"],
        answers=tuple(
            Answer(code, each["label"], each["certainty"])
            for code, each in body.get("answers", {}).items()
        ),
        recencies=tuple(
            Recency(code, each["label"], each["percent"], each["within_months"])
            for code, each in body.get("recency", {}).items()
        ),
        adds=bool(body.get("recency_adds", False)),
        domains=tuple(
            Domain(code, each["label"], each["cap"], bool(each.get("harm", False)))
            for code, each in body.get("domains", {}).items()
        ),
        items=tuple(_item(code, each) for code, each in body.get("items", {}).items()),
        strengths=tuple(body.get("strengths", {}).items()),
        bands=tuple(
            Band(each["label"], Level(each["level"]), each["from"]) for each in body["bands"]
        ),
        floors=tuple(_floor(code, each) for code, each in body.get("floors", {}).items()),
        gaps_above=int(body["gaps_above_percent"]),
        low_is_below=Level(body["low_is_below"]),
        overrides={each: Takes(body["overrides"][each]) for each in OVERRIDES},
    )


def _item(code: str, each: Mapping[str, Any]) -> Item:
    weight = each["weight"]
    steps = weight if isinstance(weight, Mapping) else {1: weight}
    return Item(
        code=code,
        text=each["text"],
        domain=each["domain"],
        weights=tuple(sorted((int(least), int(points)) for least, points in steps.items())),
        dated=bool(each.get("dated", True)),
        recencies=tuple(each.get("recency", ())),
    )


def _floor(code: str, each: Mapping[str, Any]) -> Floor:
    return Floor(
        code=code,
        says=each["says"],
        level=Level(each["level"]),
        conditions=tuple(_condition(one) for one in each["when"]),
        prompts=tuple(Prompt(one) for one in each.get("prompts", ())),
    )


def _condition(each: Mapping[str, Any]) -> Condition:
    if "fact" in each:
        return Condition(
            fact=Fact(each["fact"]), below=each.get("below"), least=each.get("at_least")
        )
    return Condition(
        domains=tuple(each["any_of"]),
        answers=tuple(each["answers"]),
        within=each["within_months"],
    )


def _wrong_words(tool: Tool) -> list[str]:
    """Words that stand where the tool has none of that name."""
    domains = {each.code for each in tool.domains}
    times = {each.code for each in tool.recencies}
    answers = {each.code for each in tool.answers}
    asked = [condition for floor in tool.floors for condition in floor.conditions]
    return [
        *(
            f"{each.code} is in no known domain"
            for each in tool.items
            if each.domain not in domains
        ),
        *(
            f"{each.code} counts a time that is not there"
            for each in tool.items
            if set(each.recencies) - times
        ),
        *("a floor asks an unknown domain" for each in asked if set(each.domains) - domains),
        *("a floor asks an unknown answer" for each in asked if set(each.answers) - answers),
    ]


def _wrong_figures(tool: Tool) -> list[str]:
    """Figures that no tool can have."""
    percents = [
        *(each.certainty for each in tool.answers if each.certainty is not None),
        *(each.percent for each in tool.recencies),
        tool.gaps_above,
    ]
    return [
        *(
            "a percentage is not from 0 to 100"
            for each in percents
            if not 0 <= each <= MOST_PERCENT
        ),
        *(f"{each.code} has a cap below one" for each in tool.domains if (each.cap or 1) < 1),
        *(
            f"{each.code} has a weight below one"
            for each in tool.items
            if any(points < 1 for _, points in each.weights)
        ),
    ]


def _wrong_bands(tool: Tool) -> list[str]:
    """Levels out of order, twice, or without the points that the tool counts."""
    heights = [band.level.height for band in tool.bands]
    points = [band.from_points for band in tool.bands]
    if not tool.bands or heights != sorted(set(heights)):
        return ["the levels are not in order, from the least concern to the greatest, each once"]
    if not tool.is_scored:
        return ["a tool without items has no points"] if any(p is not None for p in points) else []
    known = [each for each in points if each is not None]
    if len(known) != len(points) or known != sorted(set(known)) or known[0] != 0:
        return ["the points of the levels do not rise from 0"]
    return []


def _nothing_said(tool: Tool) -> list[str]:
    """Parts without which the tool says less than it must."""
    said = {
        "it has no code": tool.code,
        "it has no evidence statement": tool.evidence.strip(),
        "a floor has no condition": all(each.conditions for each in tool.floors),
        "items need answers": tool.answers or not tool.items,
        "no answer leaves it open": not tool.items
        or any(each.certainty is None for each in tool.answers),
        "one person alone could lower a level": all(
            tool.overrides[way] in (Takes.COUNTERSIGN, Takes.CHAIR_AND_SECOND_AGENCY)
            for way in DOWN
        ),
        "less could lower a level below a floor than the chair and a second agency": (
            tool.overrides["below_floor"] is Takes.CHAIR_AND_SECOND_AGENCY
        ),
    }
    return [reason for reason, there in said.items() if not there]


_CHECKS: Final[tuple[Callable[[Tool], list[str]], ...]] = (
    _nothing_said,
    _wrong_words,
    _wrong_figures,
    _wrong_bands,
)
