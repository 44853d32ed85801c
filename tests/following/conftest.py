"""What tests of following a referral do alike."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from referrals.following import services
from referrals.following.services import Addition
from referrals.models import Case
from referrals.triage import services as triage
from referrals.vocabulary import KnownHow, Outcome
from tests.cast import Cast


def new(**changes) -> Addition:
    """Something new, as somebody writes it."""
    said = {"what": "The car came back.", "when": "Tuesday", "known_how": KnownHow.SAW}
    return Addition(**{**said, **changes})


def add(actor, case, key=None, **changes):
    """Add it by the service."""
    return services.add(actor=actor, case=case, added=new(**changes), key=key or uuid4())


def late(case: Case, by: timedelta = timedelta(days=3)) -> Case:
    """The case as if it had been received longer ago: what was promised is late."""
    now = timezone.now()
    Case.objects.filter(pk=case.pk).update(received_at=now - 4 * by, decision_due_at=now - by)
    case.refresh_from_db()
    return case


@pytest.fixture
def decided(cast: Cast, sent) -> Case:
    """A referral that a coordinator has decided."""
    triage.decide(
        actor=cast.coordinator,
        case=sent,
        outcome=Outcome.EARLY_HELP,
        reason="Help is there already.",
        told_referrer="We have asked early help to call you.",
    )
    sent.refresh_from_db()
    return sent
