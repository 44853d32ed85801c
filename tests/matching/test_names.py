"""Names in the forms in which they are found again."""

from datetime import date

import pytest

from referrals.vocabulary.likeness import asked_keys, keys, likeness, school, turned
from referrals.vocabulary.names import circles, fold, parts, sound


def like(given: str = "", family: str = "", **more):
    said = {"known_as": "", "born": None, "born_about": None, "answers": {}, **more}
    return likeness(given_name=given, family_name=family, **said)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("O'Neill", ("oneill",)),
        ("O\u2019Neill-De Souza", ("oneill", "souza")),
        ("Mc Donald", ("mcdonald",)),
        ("Zoë", ("zoe",)),
        ("Łukasz", ("lukasz",)),
        ("  mary  JANE ", ("mary", "jane")),
        ("al Hassan", ("hassan",)),
        ("Smith-Smith", ("smith",)),
        ("Al", ("al",)),
        ("12", ()),
    ],
)
def test_a_name_has_its_parts_without_accents_and_what_only_leads_to_it(name, found):
    assert parts(name) == found


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("mohammed", "muhamad"),
        ("yusuf", "yousef"),
        ("aisha", "ayesha"),
        ("philips", "phillips"),
        ("catherine", "kathryn"),
        ("kowalski", "kovalsky"),
        ("shaikh", "sheikh"),
        ("stephen", "stefan"),
        ("knight", "night"),
    ],
)
def test_spellings_of_one_name_sound_alike(one, other):
    assert sound(one) == sound(other)


@pytest.mark.parametrize(
    ("one", "other"), [("brown", "green"), ("jack", "harry"), ("khan", "hussain")]
)
def test_other_names_do_not(one, other):
    assert sound(one) != sound(other)


def test_short_names_share_a_circle_with_the_long_one_and_with_no_other():
    assert circles("kate") & circles("katherine")
    assert circles("alex") & circles("alexander")
    assert circles("alex") & circles("alexandra")
    assert not circles("kate") & circles("william")
    assert circles("sparrowhawk") == frozenset()


def test_what_is_folded_holds_only_letters():
    assert fold("Anna-Maria (\u202eknown) as N\u00ba1 \u2460") == "anna maria known as no"


def test_an_answer_gives_up_what_is_compared():
    found = like(
        "Wrenna",
        "Sparrowhawk",
        answers={
            "address": ["12a Example Road, Exampleton, EX1 2AB"],
            "school": ["St Example's C of E Primary School"],
            "safe_contact": ["Text 07700 900123, or +44 7700 900 456 at night"],
            "nhs_number": ["NHS 999 000 0018"],
            "upn": ["a123456789012"],
        },
    )

    assert (found.door, found.postcode) == ("12a example", "ex12ab")
    assert found.school == "examples"
    assert found.phones == ("7700900123", "7700900456")
    assert found.upn == "a123456789012"


def test_a_number_with_a_wrong_check_digit_is_no_nhs_number():
    right = like(answers={"nhs_number": ["943 476 5919"]})
    wrong = like(answers={"nhs_number": ["943 476 5918"]})

    assert (right.nhs_number, wrong.nhs_number) == ("9434765919", "")


@pytest.mark.parametrize(
    ("day", "other"),
    [
        (date(2012, 3, 4), date(2012, 4, 3)),
        (date(2012, 3, 27), None),
        (date(2012, 5, 5), None),
    ],
)
def test_day_and_month_turn_where_they_can(day, other):
    assert turned(day) == other


def test_keys_are_found_again_and_say_nothing():
    stored = like("Wrenna", "Sparrowhawk", born=date(2012, 3, 4))
    typed = like("Sparowhawk", "Wrena", born=date(2012, 4, 3))

    assert set(keys(stored)) & set(asked_keys(typed))
    assert not set(keys(stored)) & set(asked_keys(like("Oona", "Heron", born=date(2009, 1, 30))))
    assert all(isinstance(key, int) and -(2**63) <= key < 2**63 for key in keys(stored))


def test_a_school_is_told_by_what_is_its_own():
    assert school("Oak Hill Academy") == school("oak hill school") == "hill oak"
    assert school("The High School") == "high school the"
