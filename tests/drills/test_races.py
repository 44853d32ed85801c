"""A few of each race. Three hundred of each are `python -m tests.drills.races`."""

import pytest

from tests.cast import Cast
from tests.drills import races

pytestmark = [pytest.mark.drill]


def test_of_two_at_once_one_wins_and_the_other_is_told(committed, cast: Cast):
    said = races.run(cast, 6)

    assert said.count("| 6 |") == 3
    assert "Deadlocks: 0" in said


def test_a_race_that_both_win_or_both_lose_is_noticed():
    race = races.Race("A race", ("one", "the other"))

    for answers in (["done", "done"], [ValueError("no"), ValueError("no")], ["done", ValueError()]):
        with pytest.raises(AssertionError, match="A race"):
            race.ran(answers, ("", ""))
