"""What a disclosure rests on in data protection law: articles 6, 9 and 10, by kind of agency."""

from datetime import UTC, datetime
from functools import cache

import pytest

from portal.accounts.vocabulary import AgencyKind
from sharing.rules import policies, services
from sharing.rules.decision import Basis, articles
from sharing.rules.vocabulary import (
    Article6,
    Article9,
    Category,
    Condition,
    ConfidenceLimb,
    ConsentLimb,
    Purpose,
)
from tests.sharing.rules.law import NOW

CHARITY, POLICE, SCHOOL = AgencyKind.CHARITY, AgencyKind.POLICE, AgencyKind.SCHOOL
PLAN = Purpose.PLAN


@cache
def bases() -> tuple[Basis, ...]:
    return tuple(row.value() for row in services.read(services.newest()).bases)


def pair(holder, purpose=PLAN, category=Category.IC4, at=NOW, **facts):
    return articles(bases(), holder, category, purpose, at, **facts)


PUBLIC = [kind for kind in AgencyKind if kind not in (CHARITY, AgencyKind.HOUSING, POLICE)]


@pytest.mark.parametrize("kind", PUBLIC)
def test_a_public_body_acts_in_a_public_task(kind):
    found = pair(kind)

    assert found.article_6 == (Article6.PUBLIC_TASK,)
    assert found.article_9[0] == Article9.SUBSTANTIAL_PUBLIC_INTEREST
    assert (found.condition, found.consent_limb) == (Condition.SAFEGUARDING, True)


def test_a_duty_and_a_danger_open_another_choice_and_change_the_usual_one_never():
    assert pair(AgencyKind.COUNCIL, duty=True).article_6 == (
        Article6.PUBLIC_TASK,
        Article6.LEGAL_DUTY,
    )
    assert pair(AgencyKind.HEALTH, danger=True).article_6 == (
        Article6.PUBLIC_TASK,
        Article6.VITAL_INTERESTS,
    )


@pytest.mark.parametrize("purpose", [Purpose.ENQUIRY, Purpose.DISRUPT, Purpose.PROSECUTE])
def test_the_police_enforce_the_law_under_their_own_part_of_the_act(purpose):
    found = pair(POLICE, purpose, Category.IC8)

    assert found.article_6 == (Article6.LAW_ENFORCEMENT,)
    assert found.article_9 == (Article9.STRICTLY_NECESSARY,)
    assert found.article_10 == ()
    assert found.condition == Condition.LAW_ENFORCEMENT_SAFEGUARDING
    assert not found.consent_limb


def test_the_police_are_a_public_body_like_the_others_where_they_do_not():
    assert pair(POLICE, Purpose.SCREEN).article_6 == (Article6.PUBLIC_TASK,)


@pytest.mark.parametrize("kind", [CHARITY, AgencyKind.HOUSING])
def test_a_charity_and_a_housing_association_have_no_public_task(kind):
    assert pair(kind).article_6 == (
        Article6.RECOGNISED_SAFEGUARDING,
        Article6.RECOGNISED_REQUEST,
        Article6.LEGITIMATE_INTERESTS,
    )


def test_an_independent_school_is_not_a_public_body():
    assert pair(SCHOOL).basis == "PUBLIC_BODY"
    assert pair(SCHOOL, public_body=False).basis == "NOT_PUBLIC/2"


def test_recognised_legitimate_interests_began_on_a_day():
    last, first = datetime(2026, 2, 4, 23, 59, tzinfo=UTC), datetime(2026, 2, 5, tzinfo=UTC)

    assert pair(CHARITY, at=last).article_6 == (Article6.LEGITIMATE_INTERESTS,)
    assert pair(CHARITY, at=first).article_6[0] == Article6.RECOGNISED_SAFEGUARDING


@pytest.mark.parametrize("category", Category)
def test_information_about_an_offence_needs_a_condition_of_its_own(category):
    offence = category in (Category.IC8, Category.IC9, Category.IC14)

    found = pair(SCHOOL, category=category)

    assert found.article_10 == (
        (Condition.SAFEGUARDING, Condition.UNLAWFUL_ACTS) if offence else ()
    )


@pytest.mark.parametrize("purpose", Purpose)
@pytest.mark.parametrize("kind", AgencyKind)
def test_every_agency_has_one_basis_for_every_purpose(kind, purpose):
    for public_body in (True, False):
        assert pair(kind, purpose, public_body=public_body).article_6


def test_without_a_basis_there_is_no_share():
    with pytest.raises(LookupError, match="0 lawful bases for charity"):
        articles((), CHARITY, Category.IC4, PLAN, NOW)


def test_why_consent_is_not_relied_on_is_one_of_three():
    assert len(ConsentLimb) == len(ConfidenceLimb) == 3


def test_the_bases_are_kept_as_they_are_written(law):
    assert set(policies.bases(law.version)) == set(bases())
