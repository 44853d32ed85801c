"""The measure of docs/matching.md on a small district, in memory: no clock, no database."""

from collections import Counter, defaultdict
from uuid import UUID

import pytest

from referrals.matching.decision import ranked
from referrals.matching.vocabulary import Strength
from referrals.vocabulary.likeness import asked_keys, keys
from tests.benchmarks.fictional import ERRORS, District, Report

SEED = 7
CHILDREN, AGAIN, STRANGERS = 2_000, 400, 200


class Register:
    """The first reports, found by their keys as the database finds them."""

    def __init__(self, reports: list[Report]) -> None:
        self.known = {UUID(int=each.child): each.likeness() for each in reports}
        self.by_key = defaultdict(set)
        for child, likeness in self.known.items():
            for key in keys(likeness):
                self.by_key[key].add(child)

    def alike(self, report: Report):
        asked = report.likeness()
        near = set().union(*(self.by_key[key] for key in asked_keys(asked)))
        return ranked(asked, {child: self.known[child] for child in near})[:5]


@pytest.fixture(scope="module")
def district() -> District:
    return District(SEED, CHILDREN)


@pytest.fixture(scope="module")
def register(district) -> Register:
    return Register(district.reports)


@pytest.fixture(scope="module")
def second_reports(district) -> list[Report]:
    return district.again(AGAIN)


def test_a_child_who_is_reported_again_is_found(register, second_reports):
    offered = [[child.int for child, _ in register.alike(each)] for each in second_reports]
    wanted = [each.child for each in second_reports]

    found = sum(child in five for child, five in zip(wanted, offered, strict=True))
    first = sum(five[:1] == [child] for child, five in zip(wanted, offered, strict=True))
    assert found >= 0.99 * AGAIN
    assert first >= 0.975 * AGAIN


def test_hardly_any_stranger_is_called_likely(register, district):
    strangers = district.strangers(STRANGERS)
    likely = [
        each
        for each in strangers
        if any(how.strength is Strength.LIKELY for _, how in register.alike(each))
    ]

    assert len(likely) <= 0.01 * STRANGERS


def test_no_two_different_nhs_numbers_are_offered(register, district, second_reports):
    numbers = {each.child: each.likeness().nhs_number for each in district.reports}
    for report in second_reports:
        mine = report.likeness().nhs_number
        theirs = {numbers[child.int] for child, _ in register.alike(report)}
        assert not mine or theirs <= {"", mine}


def test_every_way_of_erring_is_in_the_measure(second_reports):
    made = Counter(error for each in second_reports for error in each.errs)

    assert set(ERRORS) <= set(made)
    assert min(made[name] for name in ERRORS) >= 5


def test_a_seed_makes_the_same_children():
    assert District(SEED, 50).again(5) == District(SEED, 50).again(5)
