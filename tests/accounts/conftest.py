"""A small partnership: a council, a school, and a teacher who can sign in."""

import pytest
from django.core.cache import cache

from portal.accounts import services
from portal.accounts.models import Agency, Membership, Partnership
from portal.accounts.vocabulary import AgencyKind, PartnerUnder, Role
from tests.accounts.probe import PASSWORD


@pytest.fixture(autouse=True)
def fresh_limits(db):
    """Each test has its own budget of tries."""
    cache.clear()


@pytest.fixture
def partnership(db) -> Partnership:
    return services.found_partnership(
        name="Exampleshire",
        slug="exampleshire",
        front_door_phone="020 7946 0000",
        out_of_hours_phone="020 7946 0011",
    )


@pytest.fixture
def school(partnership) -> Agency:
    return services.join_agency(
        name="Example School",
        kind=AgencyKind.SCHOOL,
        partner_under=[PartnerUnder.S11],
        partnerships=[partnership],
    )


@pytest.fixture
def council(partnership) -> Agency:
    return services.join_agency(
        name="Example Council",
        kind=AgencyKind.COUNCIL,
        partner_under=[PartnerUnder.S10, PartnerUnder.S11],
        partnerships=[partnership],
    )


@pytest.fixture
def teacher(school) -> Membership:
    membership = services.enrol(
        email="T.Eacher@School.example.org ",
        name="Tess Eacher",
        agency=school,
        role=Role.PRACTITIONER,
        password=PASSWORD,
    )
    services.note_told_of_hiding(user=membership.user)
    return membership


@pytest.fixture
def second_hat(teacher, council) -> Membership:
    """The same person, also a coordinator at the council."""
    return services.enrol(
        email="t.eacher@school.example.org",
        name="Another Name",
        agency=council,
        role=Role.COORDINATOR,
    )
