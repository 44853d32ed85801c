"""What tests of actions do alike."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from portal.accounts.vocabulary import Principal
from referrals.actions import services
from referrals.actions.models import Action
from referrals.actions.services import Update
from referrals.models import Case
from tests.cast import Cast, membership
from tests.closing import open_case

WHAT = "Meet her at the gate every day."
EFFECT = "Nobody can wait for her in a car."
DIFFERENCE = "She came home alone and safe all week."


def soon(days: int = 10) -> date:
    """A day that is still to come."""
    return timezone.localdate() + timedelta(days=days)


def given(who: Principal, case: Case, owner: Principal, **changes) -> Action:
    """An action that somebody gave to an owner."""
    words = {"what": WHAT, "effect": EFFECT, "due": soon(), **changes}
    return services.give(actor=who, case=case, owner=membership(owner), **words)


def done(cast: Cast, action: Action, owner: Principal) -> None:
    """Its owner says that it is done, and the coordinator checks that."""
    services.claim(actor=owner, pk=action.pk, said=Update(DIFFERENCE))
    services.verify(actor=cast.coordinator, pk=action.pk, is_done=True, words="")
    action.refresh_from_db()


@pytest.fixture
def case(cast: Cast) -> Case:
    """A case with a plan, that the teacher referred and the coordinator has."""
    return open_case(cast)


@pytest.fixture
def action(cast: Cast, case: Case) -> Action:
    """An action of the lead of the school."""
    return given(cast.coordinator, case, cast.lead)
