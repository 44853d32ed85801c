"""Possible matches of a case: what is found, and what nobody is told of."""

from datetime import date
from uuid import uuid4

import pytest

from referrals.matching.models import Judgement
from referrals.matching.reading.matches import Found
from referrals.matching.reading.matches import alike as offered
from referrals.matching.vocabulary import Strength
from referrals.models import Case, Grant, Particulars, Statement, Wall
from referrals.services import Told, correct, end_grants, protect, remove
from referrals.services.particulars import sweep
from referrals.vocabulary import Conflict, KnownHow, Protect
from referrals.vocabulary.likeness import VERSION
from tests.cast import FAMILY, GIVEN, Cast, send

NHS, OTHER_NHS = "943 476 5919", "943 476 5870"
SCHOOL = "Example High School"
ADDRESS = "12 Example Road, Exampleton, EX1 2AB"


def told(**answers: str) -> dict[str, Told]:
    return {"saw": Told("A car at the gate.")} | {key: Told(text) for key, text in answers.items()}


def send_again(actor, **changes: object) -> Case:
    """The same child once more, under a name that somebody misheard."""
    given = {"given_name": "Rena", "family_name": "Sparowhawk", **changes}
    return send(actor, **given)


def alike(who, case: Case) -> list[Found]:
    """What is offered where this is all that was decided about the case."""
    held = Judgement.objects.current().about(case)
    return offered(who, case, {each.other_id(case): each for each in held})


def found(who, case: Case) -> list[Case]:
    return [Case.objects.get(pk=each.case_id) for each in alike(who, case)]


def test_a_child_is_found_under_a_misspelt_name(cast: Cast, sent: Case):
    other = send_again(cast.teacher)

    (match,) = alike(cast.coordinator, other)

    assert match.case_id == sent.pk
    assert match.alike.strength is Strength.LIKELY
    assert "same birth date" in match.alike.reasons
    assert found(cast.coordinator, sent) == [other]


@pytest.mark.parametrize(
    "changes",
    [
        {"given_name": FAMILY, "family_name": GIVEN},
        {"family_name": "Heron-Sparrowhawk"},
        {"date_of_birth": date(2013, 3, 27)},
        {"date_of_birth": date(2012, 3, 21)},
        {"date_of_birth": None, "age_estimate": 14},
        {"family_name": ""},
    ],
)
def test_a_child_is_found_with_one_thing_wrong_or_missing(cast: Cast, sent: Case, changes):
    other = send(cast.teacher, **changes)

    assert found(cast.coordinator, other) == [sent]


def test_a_child_with_nothing_in_common_is_not_offered(cast: Cast, sent: Case):
    other = send(
        cast.teacher, given_name="Oona", family_name="Finch", date_of_birth=date(2009, 1, 30)
    )

    assert found(cast.coordinator, other) == []


def test_a_child_without_a_name_has_no_matches(cast: Cast, sent: Case):
    other = send(cast.teacher, given_name="", family_name="", date_of_birth=None)

    assert found(cast.coordinator, other) == []


def test_different_nhs_numbers_are_two_children(cast: Cast):
    one = send(cast.teacher, answers=told(nhs_number=NHS, address=ADDRESS))
    other = send(cast.teacher, answers=told(nhs_number=OTHER_NHS, address=ADDRESS))
    third = send(cast.teacher, answers=told(address=ADDRESS))

    assert found(cast.coordinator, one) == [third]
    assert found(cast.coordinator, other) == [third]


def test_a_case_that_is_hidden_changes_nothing(cast: Cast, sent: Case):
    other = send_again(cast.teacher)
    third = send(cast.teacher)
    before = alike(cast.second_coordinator, third)
    Wall.objects.create(
        case=sent,
        user_id=cast.coordinator.user_id,
        why=Conflict.RELATIVE,
        raised_by_id=cast.manager.membership_id,
    )

    assert [each.case_id for each in before] == [sent.pk, other.pk]
    (left,) = alike(cast.coordinator, third)
    assert left.case_id == other.pk


def test_how_many_there_are_of_a_name_counts_only_who_is_known(cast: Cast, sent: Case):
    others = [send(cast.teacher, date_of_birth=date(2010, 5, day)) for day in range(1, 7)]
    weak = send(cast.teacher, date_of_birth=None)
    with_all = alike(cast.coordinator, weak)
    for case in (*others, sent):
        Wall.objects.create(
            case=case,
            user_id=cast.second_coordinator.user_id,
            why=Conflict.RELATIVE,
            raised_by_id=cast.manager.membership_id,
        )
    seen = send(cast.teacher, date_of_birth=date(2010, 5, 20))

    (only,) = (each for each in alike(cast.second_coordinator, weak) if each.case_id == seen.pk)
    assert only.alike.weight > max(each.alike.weight for each in with_all)


def test_another_area_is_another_register(cast: Cast, sent: Case):
    assert found(cast.other_coordinator, sent) == []


def test_where_the_name_is_not_shared_nothing_is_offered(cast: Cast, sent: Case):
    other = send_again(cast.teacher)
    grants = Grant.objects.filter(content_object=sent, group_id=cast.coordinator.team_id)
    end_grants(cast.manager, sent, grants, "No longer needed.")

    assert found(cast.coordinator, other) == []
    assert found(cast.manager, other) == [sent]


def leave_the_identity_only(cast: Cast, case: Case) -> None:
    """The coordinators go on to read who the child is, and nothing else."""
    live = Grant.objects.live().filter(content_object=case, group_id=cast.coordinator.team_id)
    grant = live.filter(categories__contains=["IC1"]).get()
    end_grants(cast.manager, case, live, "Too much.")
    grant.pk, grant.categories, grant._state.adding = uuid4(), ["IC1"], True
    grant.save(force_insert=True)


def test_a_school_that_may_not_be_read_is_not_compared(cast: Cast):
    first = send(cast.teacher, date_of_birth=None, answers=told(school=SCHOOL))
    other = send(cast.teacher, date_of_birth=None, answers=told(school=SCHOOL))
    (whole,) = alike(cast.coordinator, other)
    leave_the_identity_only(cast, first)

    (part,) = alike(cast.coordinator, other)
    assert "same school" in whole.alike.reasons
    assert "same school" not in part.alike.reasons


@pytest.mark.parametrize("withheld", [0, 1])
def test_a_school_that_may_not_be_read_leads_to_nobody(cast: Cast, withheld: int):
    """One first name at one school: no other key leads from one of these two to the other."""
    like = {"date_of_birth": None, "answers": told(school=SCHOOL)}
    cases = [send(cast.teacher, family_name=name, **like) for name in (FAMILY, "Sparrowhank")]
    one, other = cases
    assert found(cast.coordinator, one) == [other]

    leave_the_identity_only(cast, cases[withheld])

    assert found(cast.coordinator, one) == found(cast.coordinator, other) == []
    assert found(cast.manager, one) == [other]


def particulars(case: Case) -> Particulars:
    return Particulars.objects.get(case=case)


def test_what_is_protected_is_not_compared(cast: Cast):
    protected = Told(ADDRESS, protect=Protect.ADDRESS)
    concealed = Told(NHS, protect=Protect.EXISTENCE)
    case = send(
        cast.teacher, answers=told(school=SCHOOL) | {"address": protected, "nhs_number": concealed}
    )

    kept = particulars(case)
    assert (kept.postcode, kept.door, kept.nhs_number, kept.school) == ("", "", "", "example")


def test_protecting_correcting_and_removing_an_answer_make_the_keys_again(cast: Cast):
    case = send(cast.teacher, answers=told(school=SCHOOL, address=ADDRESS, nhs_number=NHS))
    before = particulars(case)
    assert (before.postcode, before.nhs_number) == ("ex12ab", "9434765919")
    said = {each.question: each for each in Statement.objects.filter(case=case)}

    protect(actor=cast.teacher, statement=said["address"], protect=Protect.ADDRESS)
    remove(actor=cast.teacher, statement=said["nhs_number"], why="wrong child")
    correct(
        actor=cast.teacher,
        statement=said["school"],
        text="Oak Hill Academy",
        known_how=KnownHow.RECORD,
        why="moved",
    )

    after = particulars(case)
    assert (after.postcode, after.door, after.nhs_number) == ("", "", "")
    assert after.school == "hill oak"
    assert set(after.keys) != set(before.keys)


def test_the_sweep_makes_what_is_missing_and_what_is_old(cast: Cast, sent: Case):
    kept = particulars(sent)
    wanted = kept.keys
    other = send_again(cast.teacher)
    Particulars.objects.filter(case=sent).update(version=VERSION - 1, keys=[])
    Particulars.objects.filter(case=other).delete()

    assert sweep() == 2
    assert sweep() == 0
    assert particulars(sent).keys == wanted
    assert found(cast.coordinator, other) == [sent]
