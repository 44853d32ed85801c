"""The tool's figures, one by one; and each of them changed, so that one of the tests must fail.

`EXPECTED` says what answers come to, in figures that were worked out by hand and are not read from
the file. A mutant is the file with one figure, word or condition changed: it is killed when some
expectation no longer holds, or when the file is refused.
"""

from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import pytest
import yaml
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from referrals.assessments.decision import (
    Earlier,
    Facts,
    Given,
    Tool,
    ToolError,
    advised,
    score,
    takes,
    together,
    tool_from,
)
from referrals.assessments.services import DATA
from referrals.assessments.vocabulary import Level, Prompt, Takes

NONE, EMERGING, MODERATE, SIGNIFICANT = Level
NOTHING, REASON, COUNTERSIGN, CHAIR = Takes
STRATEGY, POLICE = Prompt
NOW, YEAR, LONG = "last_3_months", "3_to_12_months", "over_12_months"

BODY: dict[str, Any] = yaml.safe_load((DATA / "cse-concern-1.0.0.yaml").read_text())
TOOL = tool_from(BODY)

# Tenths of a point for each item that is confirmed and lies less than three months back.
FULL = {
    code: tenths
    for tenths, codes in {
        100: "H1 H2 H4 H5 H7",
        80: "H3 H6",
        60: "P5 M3",
        50: "P1 P3 P4 O1 L3",
        40: "P2 O2 L1 L2 W1 W2 W3 E2",
        30: "M1 M2 E1 F1 F2",
        10: "C1 C2 C3 C4",
    }.items()
    for code in codes.split()
}
CAPS = {
    "people": 150,
    "online": 80,
    "places": 100,
    "missing": 120,
    "wellbeing": 100,
    "education": 60,
    "home": 60,
    "context": 40,
}


def sign(code: str, when: str = NOW, answer: str = "confirmed", times: int = 1) -> dict[str, Given]:
    return {code: Given(answer, (when,), times)}


def every(letter: str) -> dict[str, Given]:
    return {code: Given("confirmed", (NOW,), times=3) for code in FULL if code.startswith(letter)}


UNKNOWN = Facts()


@dataclass(frozen=True)
class Says:
    """What the tool must say of some answers; a figure that is None is not looked at."""

    given: Mapping[str, Given]
    facts: Facts = UNKNOWN
    total: int | None = None
    level: Level | None = None
    floor: Level | None = None
    prompts: tuple[Prompt, ...] | None = None
    insufficient: bool | None = None
    agreed: tuple[Level, Level | Earlier | None, Takes] | None = None
    recent_harm: bool | None = None

    def holds(self, tool: Tool) -> bool:
        found = score(tool, self.given, self.facts)
        looked_at = {
            "total": found.total,
            "level": found.level,
            "prompts": found.prompts,
            "insufficient": found.insufficient,
            "recent_harm": found.recent_harm,
        }
        right = all(
            getattr(self, name) is None or getattr(self, name) == value
            for name, value in looked_at.items()
        )
        if self.agreed is not None:
            agreed, previous, what = self.agreed
            earlier = previous if isinstance(previous, Earlier) else Earlier(previous)
            right = right and takes(tool, found, agreed, earlier) is what
        return right and found.floor == self.floor


def _harmless(code: str) -> Level | None:
    return SIGNIFICANT if code.startswith("H") else None


ALONE = {
    f"{code} alone": Says(sign(code), total=tenths, floor=_harmless(code))
    for code, tenths in FULL.items()
}
AT_MOST = {
    f"all of {name}": Says(every(name[0].upper()), total=tenths)
    for name, tenths in CAPS.items()
    if name not in {"people", "places", "home"}
}
FIGURES = {
    "all of people": Says(every("P"), total=150, level=MODERATE),
    "all of places": Says(every("L"), total=100, level=EMERGING),
    "all of home": Says(every("F"), total=60, level=EMERGING),
    "signs of harm have no cap": Says(every("H"), total=660, floor=SIGNIFICANT, level=SIGNIFICANT),
    "suspected": Says(sign("H1", NOW, "suspected"), total=70, floor=MODERATE),
    "within a year": Says(sign("H1", YEAR), total=60, floor=SIGNIFICANT),
    "longer ago": Says(sign("H1", LONG), total=30, floor=SIGNIFICANT),
    "half a tenth goes up": Says(sign("P1", LONG, "suspected"), total=11),
    "no is nothing": Says({"H1": Given("no")}, total=0),
    "not known is no figure": Says({"H1": Given("not_known")}, total=0),
    "not asked is no figure": Says({"H1": Given("not_asked")}, total=0),
    "the background has no date": Says(
        {f"C{n}": Given("confirmed", (LONG,)) for n in range(1, 5)}, total=40
    ),
    "missing twice": Says(sign("M1", times=2), total=50),
    "missing three times": Says(sign("M1", times=3), total=70),
    "missing nine times": Says(sign("M1", times=9), total=70),
    "just under emerging": Says(sign("M1", NOW, "suspected", 3), total=49, level=NONE),
    "emerging": Says(sign("P1"), total=50, level=EMERGING),
    "just under moderate": Says(
        {**every("M"), **sign("W1", NOW, "suspected")}, total=148, level=EMERGING
    ),
    "just under significant": Says(
        {**every("P"), **every("M"), **sign("W1", NOW, "suspected")}, total=298, level=MODERATE
    ),
    "significant": Says({**every("P"), **every("M"), **sign("F1")}, total=300, level=SIGNIFICANT),
}
FLOORS = {
    "harm suspected now": Says(
        sign("H2", NOW, "suspected"), floor=MODERATE, prompts=(STRATEGY,), recent_harm=True
    ),
    "harm suspected in the year": Says(
        sign("H3", YEAR, "suspected"), floor=MODERATE, prompts=(STRATEGY,), recent_harm=True
    ),
    "harm suspected long ago": Says(sign("H3", LONG, "suspected"), prompts=(), recent_harm=False),
    "harm suspected, nobody knows when": Says({"H4": Given("suspected")}, floor=MODERATE),
    "harm confirmed long ago": Says(
        sign("H5", LONG), floor=SIGNIFICANT, prompts=(STRATEGY, POLICE), recent_harm=False
    ),
    "harm confirmed now": Says(
        sign("H6"), floor=SIGNIFICANT, prompts=(STRATEGY, POLICE), recent_harm=True
    ),
    "harm that the panel found over": Says(
        {"H7": Given("confirmed", (LONG,), resolved=True)}, prompts=()
    ),
    "a sign about people is no harm": Says(sign("P5"), prompts=(), recent_harm=False),
    "12, and a person": Says(sign("P1", LONG, "suspected"), Facts(age=12), floor=SIGNIFICANT),
    "12, and a person for certain": Says(sign("P1", LONG), Facts(age=12), floor=SIGNIFICANT),
    "12, and harm long ago": Says(sign("H1", LONG, "suspected"), Facts(age=12), floor=SIGNIFICANT),
    "12, and neither": Says(sign("O1"), Facts(age=12)),
    "13, and a person": Says(sign("P1"), Facts(age=13)),
    "nobody knows the age": Says(sign("P1"), Facts()),
    "missing 3 times, and a person": Says(
        sign("P1", LONG, "suspected"), Facts(missing_90_days=3), floor=MODERATE
    ),
    "missing 3 times, and a place": Says(
        sign("L1", LONG), Facts(missing_90_days=3), floor=MODERATE
    ),
    "missing 4 times, and a place": Says(
        sign("L1", NOW, "suspected"), Facts(missing_90_days=4), floor=MODERATE
    ),
    "missing 3 times, and neither": Says(sign("O1"), Facts(missing_90_days=3)),
    "missing twice, and a person": Says(sign("P1"), Facts(missing_90_days=2)),
    "home is not safe": Says({}, Facts(cannot_return_home=True), floor=SIGNIFICANT, prompts=()),
    "home is safe": Says({}, Facts(cannot_return_home=False)),
}


def _left_open(open_items: int) -> dict[str, Given]:
    codes = list(FULL)
    return {
        **{code: Given("not_known") for code in codes[: open_items // 2]},
        **{code: Given("no") for code in codes[open_items:]},
    }


GAPS = {
    "9 of 31 open": Says(_left_open(9), insufficient=False),
    "10 of 31 open": Says(_left_open(10), insufficient=True),
    "not asked is open": Says({**_left_open(9), "C4": Given("not_asked")}, insufficient=True),
}
NO = {code: Given("no") for code in FULL}
SAFE_NOW = {**NO, **every("P")}
HARM_IN_YEAR = {**NO, **sign("H3", YEAR, "suspected")}
OVERRIDES = {
    "as advised": Says(SAFE_NOW, agreed=(MODERATE, None, NOTHING)),
    "one up": Says(SAFE_NOW, agreed=(SIGNIFICANT, None, REASON)),
    "one down": Says(SAFE_NOW, agreed=(EMERGING, None, COUNTERSIGN)),
    "two down": Says(SAFE_NOW, agreed=(NONE, None, CHAIR)),
    "below a floor": Says(
        {},
        Facts(cannot_return_home=True),
        floor=SIGNIFICANT,
        agreed=(MODERATE, None, CHAIR),
    ),
    "one below the last": Says(SAFE_NOW, agreed=(MODERATE, SIGNIFICANT, COUNTERSIGN)),
    "two below the last": Says({**NO, **sign("P1")}, agreed=(EMERGING, SIGNIFICANT, CHAIR)),
    "one below the last, harm in the year": Says(
        HARM_IN_YEAR, floor=MODERATE, agreed=(MODERATE, SIGNIFICANT, CHAIR)
    ),
    "as the last, harm in the year": Says(
        HARM_IN_YEAR, floor=MODERATE, agreed=(MODERATE, MODERATE, NOTHING)
    ),
    "below the floor under the last": Says(
        SAFE_NOW, agreed=(MODERATE, Earlier(SIGNIFICANT, SIGNIFICANT), CHAIR)
    ),
    "as the floor under the last": Says(
        SAFE_NOW, agreed=(MODERATE, Earlier(SIGNIFICANT, MODERATE), COUNTERSIGN)
    ),
    "one below the last, harm known before": Says(
        SAFE_NOW, agreed=(MODERATE, Earlier(SIGNIFICANT, recent_harm=True), CHAIR)
    ),
    "as the last, harm known before": Says(
        SAFE_NOW, agreed=(MODERATE, Earlier(MODERATE, recent_harm=True), NOTHING)
    ),
    "one below the last, and too little known": Says(
        every("P"), agreed=(MODERATE, SIGNIFICANT, CHAIR)
    ),
    "as the last, and too little known": Says(every("P"), agreed=(MODERATE, MODERATE, NOTHING)),
    "nothing known, and nothing indicated": Says({}, agreed=(NONE, None, COUNTERSIGN)),
    "a low first level, and too little known": Says(
        sign("P1"), agreed=(EMERGING, None, COUNTERSIGN)
    ),
    "a first level in the middle, and too little known": Says(
        every("P"), agreed=(MODERATE, None, NOTHING)
    ),
    "a low first level, and enough known": Says(NO, agreed=(NONE, None, NOTHING)),
    "above the last": Says(SAFE_NOW, agreed=(MODERATE, EMERGING, NOTHING)),
}
EXPECTED = {**ALONE, **AT_MOST, **FIGURES, **FLOORS, **GAPS, **OVERRIDES}

PARTS = {"floors", "items", "answers", "recency", "domains"}

# Mutants that are the same tool in other words.
SAME = {
    "domains.home.cap 9": "its items come to six",
    "domains.home.cap 7": "its items come to six",
    "domains.context.cap 5": "its items come to four",
    "recency.3_to_12_months.within_months 11": "no floor asks for 11 months",
    "recency.last_3_months.within_months 4": "no floor asks for so short a time",
    "recency.last_3_months.within_months 2": "no floor asks for so short a time",
    "floors.harm_suspected.when.0.answers.1 dropped": "a confirmed sign has a higher floor",
    "floors.harm_suspected.when.0.within_months 13": "no answer lies at 13 months",
}


@pytest.mark.parametrize("name", EXPECTED)
def test_the_tool_says_what_was_worked_out_by_hand(name):
    assert EXPECTED[name].holds(TOOL)


def test_every_item_has_an_expectation():
    assert set(FULL) == set(BODY["items"])
    assert set(CAPS) | {"harm"} == set(BODY["domains"])


def _places(body: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place of the file in which something stands that is no text for people."""
    pairs = body.items() if isinstance(body, dict) else enumerate(body)
    for key, value in pairs:
        here = (*path, key)
        if isinstance(value, dict | list) and value:
            yield from _places(value, here)
        if here[-1] not in {"label", "text", "says", "title", "code", "version", "kind"}:
            yield here


def _at(body: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        body = body[key]
    return body


def _changed(path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    body = deepcopy(BODY)
    _at(body, path[:-1])[path[-1]] = value
    return body


def _dropped(path: tuple[Any, ...]) -> dict[str, Any]:
    body = deepcopy(BODY)
    del _at(body, path[:-1])[path[-1]]
    return body


def _mutants() -> Iterator[tuple[str, dict[str, Any]]]:
    for path in _places({name: BODY[name] for name in BODY if name != "strengths"}):
        value, name = _at(BODY, path), ".".join(map(str, path))
        for other in _others(path, value):
            yield f"{name} {other}", _changed(path, other)
        if path[0] in PARTS and not isinstance(value, bool | int):
            yield f"{name} dropped", _dropped(path)


def _others(path: tuple[Any, ...], value: Any) -> Iterable[Any]:
    """What else might stand in this place."""
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        # Of 31 items no count lies between 31 and 32 in a hundred.
        return [value - 1, value + (3 if path[0] == "gaps_above_percent" else 1)]
    words = Level.values if value in Level.values else list(map(str, Takes))
    return [word for word in words if word != value] if value in words else []


MUTANTS = dict(_mutants())


@pytest.mark.parametrize("name", MUTANTS)
def test_whatever_is_changed_in_the_file_changes_the_tool(name):
    assert _lives(MUTANTS[name]) == (name in SAME), SAME.get(name)


def _lives(body: dict[str, Any]) -> bool:
    try:
        tool = tool_from(body)
        return all(each.holds(tool) for each in EXPECTED.values())
    except (ToolError, KeyError):
        return False


def test_there_are_mutants_of_every_kind():
    assert len(MUTANTS) > 250
    assert set(SAME) <= set(MUTANTS)


ANSWERS = st.dictionaries(
    st.sampled_from(list(FULL)),
    st.builds(
        Given,
        st.sampled_from(["confirmed", "suspected", "no", "not_known"]),
        st.sampled_from([(NOW,), (YEAR,), (LONG,), ()]),
        st.integers(1, 5),
    ),
)
FACTS = st.builds(
    Facts, st.none() | st.integers(0, 17), st.none() | st.integers(0, 9), st.none() | st.booleans()
)


@settings(max_examples=200)
@for_all(ANSWERS, FACTS, st.sampled_from(list(FULL)))
def test_a_further_sign_never_makes_the_concern_smaller(answers, facts, code):
    before = score(TOOL, {**answers, code: Given("no")}, facts)
    after = score(TOOL, {**answers, **sign(code)}, facts)
    assert after.total >= before.total
    assert (advised(after) or NONE).height >= (advised(before) or NONE).height


@settings(max_examples=200)
@for_all(ANSWERS, ANSWERS, FACTS)
def test_together_is_never_less_than_what_one_agency_saw(ours, theirs, facts):
    joint = score(TOOL, together(TOOL, [ours, theirs]), facts)
    for one in (ours, theirs):
        assert joint.total >= score(TOOL, one, facts).total
        assert joint.gaps <= score(TOOL, one, facts).gaps


def test_together_takes_the_strongest_sign_and_no_mean():
    saw = {"P1": Given("suspected", (NOW,)), "H1": Given("not_known"), "O1": Given("no")}
    sure = {"P1": Given("confirmed", (NOW,)), "H1": Given("no"), "O1": Given("not_known")}
    joint = together(TOOL, [saw, sure])
    assert {code: each.answer for code, each in joint.items()} == {
        "P1": "confirmed",
        "H1": "no",
        "O1": "no",
    }
    assert together(TOOL, [sure, saw]) == joint


def test_an_answer_that_the_tool_does_not_have_is_an_error():
    with pytest.raises(KeyError):
        score(TOOL, {"H1": Given("perhaps")}, Facts())
    with pytest.raises(KeyError):
        score(TOOL, {"X9": Given("no")}, Facts())


class TestOtherTools:
    """Tools of other areas keep their own labels beside our levels."""

    def tool(self, name: str) -> Tool:
        return tool_from(yaml.safe_load((DATA / name).read_text()))

    def test_categories_are_chosen_and_mapped(self):
        tool = self.tool("three-categories-1.0.0.yaml")
        assert not tool.is_scored
        assert [tool.label_of(level) for level in Level] == [
            "No category",
            "Category 1",
            "Category 2",
            "Category 3",
        ]
        found = score(tool, {}, Facts())
        assert (found.level, found.floor, found.insufficient) == (None, None, False)
        assert takes(tool, found, SIGNIFICANT) is NOTHING
        assert takes(tool, found, EMERGING) is COUNTERSIGN
        assert takes(tool, found, MODERATE, Earlier(SIGNIFICANT)) is CHAIR

    @pytest.mark.parametrize(
        ("when", "tenths"),
        [
            (("last_6_months",), 50),
            (("6_to_12_months",), 10),
            (("last_6_months", "6_to_12_months"), 60),
        ],
    )
    def test_a_weighted_sign_adds_both_times(self, when, tenths):
        tool = self.tool("weighted-signs-1.0.0.yaml")
        assert score(tool, {"S1": Given("yes", when)}, Facts()).total == tenths

    def test_a_weighted_sign_of_concern_counts_only_when_it_is_new(self):
        tool = self.tool("weighted-signs-1.0.0.yaml")
        assert score(tool, {"M1": Given("yes", ("last_6_months",))}, Facts()).total == 10
        assert score(tool, {"M1": Given("yes", ("6_to_12_months",))}, Facts()).total == 0

    @pytest.mark.parametrize(
        ("signs", "background", "level", "label"),
        [
            (1, 0, NONE, "Not at risk"),
            (1, 1, EMERGING, "Mild"),
            (2, 0, EMERGING, "Mild"),
            (2, 1, MODERATE, "Moderate"),
            (3, 0, MODERATE, "Moderate"),
            (3, 1, SIGNIFICANT, "Significant"),
        ],
    )
    def test_edges_of_weighted_signs(self, signs, background, level, label):
        tool = self.tool("weighted-signs-1.0.0.yaml")
        given = {f"S{n}": Given("yes", ("last_6_months",)) for n in range(1, signs + 1)}
        given |= {f"V{n}": Given("yes") for n in range(1, background + 1)}
        assert score(tool, given, Facts()).level is level
        assert tool.label_of(level) == label
