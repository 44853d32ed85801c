"""The picture of how a level went: a line of steps, readable in black and white, with its words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from portal.common.moments import day
from referrals.assessments.vocabulary import Level

WIDTH, TOP, ROW, EDGE = 320, 8, 52, 24
MOST = 6
"""How many levels the picture shows: the latest. The table has all of them."""


@dataclass(frozen=True, repr=False)
class Mark:
    """One level: where its point stands, and what is printed beside it."""

    x: int
    y: int
    label: str


@dataclass(frozen=True, repr=False)
class Picture:
    """The picture's measures, lines and words; the template writes it as SVG."""

    height: int
    levels: tuple[Mark, ...]
    line: str
    marks: tuple[Mark, ...]
    describes: str
    width: int = WIDTH


def picture(steps: Sequence[tuple[date, Level, str]], names: dict[Level, str]) -> Picture | None:
    """Draw levels in the order of their days; `names` are the partnership's own. None for none.

    Each step is (day, level, its name). The line goes on at one height until the next day, and
    then straight up or down: nobody knows of anything between.
    """
    shown = sorted(steps, key=lambda step: step[0])[-MOST:]
    if not shown:
        return None
    heights = {level: TOP + ROW * (len(Level) - 1 - level.height) + ROW // 2 for level in Level}
    gap = (WIDTH - 3 * EDGE) // len(shown)
    marks = tuple(
        Mark(EDGE + gap * place, heights[level], _short(on))
        for place, (on, level, _) in enumerate(shown)
    )
    steps_up_and_down = "".join(f"H{mark.x}V{mark.y}" for mark in marks[1:])
    return Picture(
        height=TOP + ROW * len(Level),
        levels=tuple(Mark(0, heights[level], names[level]) for level in reversed(Level)),
        line=f"M{marks[0].x} {marks[0].y}{steps_up_and_down}H{WIDTH}",
        marks=marks,
        describes=" ".join(f"{day(on)}: {name}." for on, _, name in shown),
    )


def _short(on: date) -> str:
    return f"{on.day}/{on.month}/{on:%y}"
