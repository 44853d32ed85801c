"""What tests of the law share: the rules without a database, people, and odd rules."""

from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from typing import Any
from uuid import UUID, uuid4

from portal.accounts.vocabulary import AgencyKind, Role
from sharing.rules import services
from sharing.rules.decision import Facts, Gateway, Rule, TeamRecipient
from sharing.rules.vocabulary import (
    Category,
    Commencement,
    Outcome,
    Purpose,
    Relation,
    Step,
)

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
HERE, ELSEWHERE = uuid4(), uuid4()


@cache
def newest_rules() -> tuple[Rule, ...]:
    """The rules of the newest file, as the pure function knows them."""
    return tuple(row.value() for row in services.read(services.newest()).rules)


def somebody(kind: AgencyKind, role: Role, agency: UUID = ELSEWHERE) -> TeamRecipient:
    return TeamRecipient(agency_id=agency, agency_kind=kind, role=role)


def held_by(kind: AgencyKind, **facts: Any) -> Facts:
    """The question about something that an agency of this kind holds, under the newest rules."""
    return replace(Facts(newest_rules(), kind, HERE), **facts)


STATUTE = Gateway("ACT", 1, "An Act, section 1", Commencement.IN_FORCE, None, None)
WIDE = Rule(
    number="1",
    version=1,
    step=Step.SPECIFIC,
    title="Everything for everybody",
    holders=frozenset(AgencyKind),
    recipient_kinds=frozenset(AgencyKind),
    recipient_roles=frozenset(Role),
    relation=Relation.ANYONE,
    categories=frozenset(Category),
    purposes=frozenset(Purpose),
    outcome=Outcome.ALLOW,
    gateway=STATUTE,
    also=(),
    because="the test says so",
    instead="",
    obligations=(),
    effective_from=date(2026, 1, 1),
    effective_to=None,
    verified_on=None,
    verified_by="Nobody",
)
"""A rule that speaks to every question; tests narrow it with `replace`."""
