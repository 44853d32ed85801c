"""Opening the home page: what it shows of cases is a reading like any other."""

from django.db import transaction

from portal.accounts.vocabulary import Principal
from portal.home.reports import SHOWN
from referrals import policies
from referrals.models import Case
from referrals.reading import Summary
from referrals.services import list_cases


@transaction.atomic
def latest_sent(*, actor: Principal) -> list[Summary]:
    """The last few referrals that the actor sent, as rows, on the record; none, no record."""
    if not policies.may_refer(actor):
        return []
    rows = Case.objects.of_page(policies.sent(actor).newest()[:SHOWN])
    return list_cases(actor=actor, cases=rows) if rows else []
