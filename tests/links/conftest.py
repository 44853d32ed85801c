"""What the tests of links begin with: two cases that name one van."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from portal.accounts.vocabulary import Principal
from referrals.links import services
from referrals.links.models import Link, Mention
from referrals.links.reading import Words
from referrals.links.vocabulary import Kind, Verdict
from referrals.models import Case, Statement
from tests.cast import Cast, send

MARK = "AB12 CDE"
WHY = "The same driver, says the school."


def answer(case: Case, question: str = "saw") -> Statement:
    """An answer of a case that stands."""
    return Statement.objects.get(case=case, question=question, answer="given", removed_at=None)


def recorded(
    actor: Principal,
    case: Case,
    called: str = MARK,
    kind: Kind = Kind.VEHICLE,
    *,
    on: Statement | None = None,
    instead: UUID | None = None,
    **more: Any,
) -> Mention:
    """Record what an answer of the case names, by the real service."""
    return services.mention(
        actor=actor,
        reference=case.reference,
        statement=(on or answer(case)).pk,
        words=Words(kind, called, **more),
        key=uuid4(),
        instead=instead,
    )


def judged(
    actor: Principal, mine: Mention, other: Mention, verdict: Verdict = Verdict.SAME
) -> Link:
    """Decide of two, from the side of the first, by the real service."""
    return services.judge(
        actor=actor,
        reference=mine.statement.case.reference,
        mine=mine.pk,
        other=other.pk,
        verdict=verdict,
        reason=WHY,
    )


@pytest.fixture
def other(cast: Cast) -> Case:
    """A referral of another child, which the lead of another school has sent."""
    return send(cast.outsider_lead, given_name="Robyn", family_name="Heron")


@pytest.fixture
def van(cast: Cast, sent: Case) -> Mention:
    """The van, as the first case names it."""
    return recorded(cast.coordinator, sent)


@pytest.fixture
def same_van(cast: Cast, other: Case) -> Mention:
    """The van, as the other case names it, with no space in its mark."""
    return recorded(cast.coordinator, other, "ab12cde")
