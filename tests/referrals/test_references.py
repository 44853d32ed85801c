"""References: read out over the phone, mistyped, and telling nothing."""

from itertools import pairwise

import pytest

from referrals.models import new_reference, tidy_reference

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SAMPLES = [new_reference() for _ in range(200)]


def body(reference: str) -> str:
    return reference.replace("-", "")[1:]


def test_a_reference_is_its_own_tidy_form():
    assert all(tidy_reference(each) == each for each in SAMPLES)


def test_any_one_wrong_character_is_noticed():
    taken = [
        (each, place, wrong)
        for each in SAMPLES
        for place in range(7)
        for wrong in ALPHABET
        if wrong != body(each)[place]
        if tidy_reference(f"R{body(each)[:place]}{wrong}{body(each)[place + 1 :]}")
    ]

    assert not taken


def test_any_swap_of_two_neighbours_is_noticed():
    taken = [
        (each, place)
        for each in SAMPLES
        for place in range(6)
        for one, two in [tuple(body(each)[place : place + 2])]
        if one != two
        if tidy_reference(f"R{body(each)[:place]}{two}{one}{body(each)[place + 2 :]}")
    ]

    assert not taken


@pytest.mark.parametrize("place", range(7))
def test_a_missing_or_a_doubled_character_is_noticed(place):
    for each in SAMPLES:
        short = body(each)[:place] + body(each)[place + 1 :]
        long = body(each)[: place + 1] + body(each)[place:]

        assert tidy_reference(f"R-{short}") == ""
        assert tidy_reference(f"R-{long}") == ""


def test_what_a_person_hears_or_types_is_understood():
    for each in SAMPLES:
        spoken = body(each).translate(str.maketrans("10", "IO"))

        assert tidy_reference(f"  r {spoken.lower()} ") == each
        assert tidy_reference(f"R-{spoken.replace('I', 'l')}") == each
        assert tidy_reference(f"R{body(each)}") == each


@pytest.mark.parametrize("typed", ["", "R", "R-", "-" * 10, "R-4KD7-92", "١٢٣٤٥٦٧", "R-\x00" * 9])
def test_what_cannot_be_a_reference_is_none(typed):
    assert tidy_reference(typed) == ""


def test_references_tell_neither_order_nor_volume():
    """Made one after another they neither rise nor share a beginning."""
    made = [new_reference() for _ in range(500)]

    rises = sum(one < two for one, two in pairwise(made))
    assert len(set(made)) == 500
    assert 150 < rises < 350
    assert len({each[2] for each in made}) == len(ALPHABET)
