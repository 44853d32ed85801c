"""A board chair who asks for documents."""

import pytest

from portal.accounts import services as accounts
from portal.accounts.models import Membership
from portal.accounts.vocabulary import AgencyKind, PartnerUnder, Role


@pytest.fixture
def people(request) -> list[Membership]:
    """Two board chairs of one small partnership, in the database of this test."""
    if "committed" not in request.fixturenames:
        request.getfixturevalue("db")
    partnership = accounts.found_partnership(
        name="Exampleshire",
        slug="exampleshire",
        front_door_phone="020 7946 0000",
        out_of_hours_phone="020 7946 0011",
    )
    board = accounts.join_agency(
        name="Example Board",
        kind=AgencyKind.BOARD,
        partner_under=[PartnerUnder.S16E],
        partnerships=[partnership],
    )
    return [
        accounts.enrol(
            email=f"{name}@board.example.org", name=name, agency=board, role=Role.BOARD_CHAIR
        )
        for name in ("chair", "other")
    ]


@pytest.fixture
def chair(people) -> Membership:
    return people[0]
