"""How alike two children are, in words, and what never makes them one."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from referrals.matching.decision import compare, ranked
from referrals.matching.vocabulary import Strength
from referrals.vocabulary.likeness import Likeness

ANN = Likeness(
    given=("katherine",),
    family=("sparrowhawk", "heron"),
    born=date(2012, 3, 4),
    born_about=2012,
    postcode="ex12ab",
    door="12 example",
    school="example",
)
NHS, OTHER_NHS = "9434765919", "9434765870"


def words(**changes: object) -> tuple[str, tuple[str, ...]]:
    found = compare(ANN, replace(ANN, **changes))
    assert found is not None
    return found.strength.value, found.reasons


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, "same first name"),
        ({"given": ("kate",)}, "one first name may be short for the other"),
        ({"given": ("cathryn",)}, "first names sound alike"),
        ({"given": ("kathrine",)}, "first names sound alike"),
        ({"given": ("k",)}, "first names begin with the same letter"),
        ({"family": ("heron",)}, "part of the last name is the same"),
        ({"family": ("sparowhawk",)}, "last names sound alike"),
        ({"family": ("sparrowhank",)}, "last names look alike"),
        (
            {"given": ("sparrowhawk", "heron"), "family": ("katherine",)},
            "first and last name the other way round",
        ),
        ({"family": ()}, "same first name"),
        ({"born": date(2012, 4, 3)}, "birth dates with day and month the other way round"),
        ({"born": date(2013, 3, 4)}, "birth dates differ in the year only"),
        ({"born": date(2012, 3, 14)}, "birth dates differ in the day only"),
        ({"born": date(2012, 8, 4)}, "birth dates differ in the month only"),
        ({"born": None, "born_about": 2013}, "about the same age"),
        ({"postcode": "ex12ac"}, "same house number and street"),
        ({"door": "", "postcode": "ex12ac"}, "postcodes look alike"),
        ({"door": ""}, "same postcode"),
        ({"school": "example hill"}, "same school"),
    ],
)
def test_one_thing_that_differs_leaves_it_likely_and_is_said(changes, reason):
    strength, reasons = words(**changes)

    assert strength == Strength.LIKELY
    assert reason in reasons


@pytest.mark.parametrize("more", [{}, {"upn": "a123456789012"}])
def test_different_nhs_numbers_never_match_whatever_else_is_the_same(more):
    one = replace(ANN, nhs_number=NHS, **more)

    assert compare(one, replace(one, nhs_number=OTHER_NHS)) is None
    assert compare(one, replace(one, nhs_number="")) is not None


def test_the_same_nhs_number_is_likely_under_any_name():
    one = replace(ANN, nhs_number=NHS)
    other = Likeness(given=("oona",), family=("finch",), nhs_number=NHS)

    found = compare(one, other)
    assert found is not None
    assert (found.strength, found.reasons[0]) == (Strength.LIKELY, "same NHS number")


def test_a_twin_is_never_likely_and_stands_below_the_child():
    twin = replace(ANN, given=("oona",))
    child = replace(ANN, given=("kathrine",), born=date(2012, 4, 3))
    keys = UUID(int=1), UUID(int=2)

    found = ranked(ANN, {keys[0]: twin, keys[1]: child})

    assert [key for key, _ in found] == [keys[1], keys[0]]
    assert found[1][1].strength is Strength.POSSIBLE


def test_the_more_children_have_a_name_the_less_it_tells():
    bare = Likeness(given=("ali",), family=("khan",), born=date(2012, 3, 4))
    other = replace(bare, born=date(2012, 3, 14))

    alone, crowded = compare(bare, other, namesakes=1), compare(bare, other, namesakes=60)

    assert alone is not None
    assert crowded is not None
    assert alone.weight > crowded.weight
    assert (alone.strength, crowded.strength) == (Strength.LIKELY, Strength.POSSIBLE)


def test_children_with_nothing_in_common_are_not_offered():
    assert (
        compare(ANN, Likeness(given=("oona",), family=("finch",), born=date(2009, 1, 30))) is None
    )
    assert compare(ANN, Likeness()) is None


def test_names_too_short_to_have_a_sound_are_not_alike():
    ava, ivy, avy = (replace(ANN, given=(name,), born=None) for name in ("ava", "ivy", "avy"))

    assert "first names sound alike" not in compare(ava, ivy).reasons
    assert "first names sound alike" in compare(ava, avy).reasons


def test_reasons_hold_no_number_and_no_name():
    for changes in ({}, {"given": ("kate",)}, {"born": date(2013, 3, 4)}):
        said = " ".join(words(**changes)[1])
        assert not any(letter.isdigit() for letter in said)
        assert "katherine" not in said
        assert "sparrowhawk" not in said
