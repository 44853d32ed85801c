"""Who acts in the ledger's tests, and connections as other roles than the site's."""

import os
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import psycopg2
from django.db import connection

from portal.accounts import services as accounts
from portal.accounts.vocabulary import AgencyKind, PartnerUnder, Principal, Role


@dataclass(frozen=True)
class Login:
    """A connection to the same database as another role than the site's."""

    connection: Any

    def run(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        with self.connection.cursor() as cursor:
            cursor.execute(statement, values or None)
            return list(cursor.fetchall()) if cursor.description else []


def login(url_name: str) -> Any:
    """Connect by the address in the environment, to the database that the test uses."""
    return psycopg2.connect(os.environ[url_name], dbname=connection.settings_dict["NAME"])


def someone(role: Role = Role.COORDINATOR) -> Principal:
    """A person at an agency of their own."""
    mark = uuid4().hex[:8]
    partnership = accounts.found_partnership(
        name="Northmoor",
        slug=f"northmoor-{mark}",
        front_door_phone="020 7946 0000",
        out_of_hours_phone="020 7946 0011",
    )
    agency = accounts.join_agency(
        name=f"Northmoor Council {mark}",
        kind=AgencyKind.COUNCIL,
        partner_under=[PartnerUnder.S11],
        partnerships=[partnership],
    )
    return accounts.enrol(
        email=f"{mark}@example.org", name="Asha Okafor", agency=agency, role=role
    ).principal()


def principal_without_rows() -> Principal:
    """A principal for events whose names nobody looks up."""
    return Principal(
        user_id=UUID("00000000-0000-4000-8000-0000000000aa"),
        membership_id=UUID("00000000-0000-4000-8000-0000000000bb"),
        team_id=1,
        agency_id=UUID("00000000-0000-4000-8000-0000000000cc"),
        agency_kind=AgencyKind.SCHOOL,
        role=Role.PRACTITIONER,
        partnership_ids=(),
        name="Asha Okafor",
        agency_name="Northmoor Academy",
    )
