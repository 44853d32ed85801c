"""A concern that reached us by telephone before it was written down."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.utils import timezone

from portal.common.errors import DomainError
from referrals.models import Case
from referrals.services import submit
from tests.cast import Cast, concern


def phoned(cast: Cast, received_at: datetime) -> Case:
    return submit(actor=cast.teacher, concern=concern(), key=uuid4(), received_at=received_at)


def test_the_clock_runs_from_the_call_and_the_sending_is_recorded_now(cast: Cast):
    tuesday = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
    with time_machine.travel(datetime(2026, 11, 25, 9, 30, tzinfo=UTC), tick=False):
        case = phoned(cast, tuesday)

    assert case.received_at == tuesday
    assert case.decision_due_at == datetime(2026, 11, 25, 11, 0, tzinfo=UTC)
    assert case.referrals.get().sent_at == datetime(2026, 11, 25, 9, 30, tzinfo=UTC)
    assert case.statements.get(question="saw").stated_at == case.referrals.get().sent_at


def test_without_a_call_it_is_received_when_it_is_sent(cast: Cast):
    case = submit(actor=cast.teacher, concern=concern(), key=uuid4())

    assert case.received_at == case.referrals.get().sent_at


def test_it_may_have_reached_us_up_to_28_days_ago(cast: Cast):
    assert phoned(cast, timezone.now() - timedelta(days=27, hours=23)).pk


@pytest.mark.parametrize(
    ("ago", "says"),
    [
        (timedelta(minutes=-5), "still to come"),
        (timedelta(days=28, minutes=5), "more than 28 days ago"),
    ],
)
def test_a_time_that_cannot_be_right_is_refused(cast: Cast, ago, says):
    with pytest.raises(DomainError, match=says):
        phoned(cast, timezone.now() - ago)

    assert not Case.objects.exists()
