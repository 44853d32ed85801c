"""A short storm: twenty referrals, two kills. The long one is `python -m tests.drills.chaos`."""

import random

import pytest

from tests.drills import chaos, invariants
from tests.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.drill]

SEED = 5


def test_twenty_referrals_and_two_kills_lose_nothing_and_double_nothing(site: Site):
    before = set(site.mail.glob("*.eml"))
    chance = random.Random(SEED)  # noqa: S311 - to be played again
    faults = {name: chaos.killed(site.processes[name], chance) for name in ("web", "worker")}
    storm = chaos.Storm(site.base_url, site.database_url, SEED, faults)
    sweep = site.processes["sweep"]
    sweep.start()
    try:
        storm.blow(20, most=2, pause=1)
        storm.drain()
    finally:
        sweep.stop()

    assert storm.happened.total() == 2
    found = invariants.check(
        site.database_url,
        tried=storm.tried,
        receipts=storm.receipts,
        mails=invariants.mails_in(set(site.mail.glob("*.eml")) - before),
        verify=lambda: chaos.verified(site.stage),
    )
    assert found.receipts == found.referrals == 20


def test_the_checker_sees_what_is_lost(site: Site):
    """A checker that says yes to everything would be worth nothing."""
    before = set(site.mail.glob("*.eml"))
    storm = chaos.Storm(site.base_url, site.database_url, SEED + 1, {})
    sweep = site.processes["sweep"]
    sweep.start()
    try:
        storm.blow(2, most=0)
        storm.drain()
    finally:
        sweep.stop()
    mails = invariants.mails_in(set(site.mail.glob("*.eml")) - before)
    given = {"tried": storm.tried, "verify": lambda: chaos.verified(site.stage)}

    invariants.check(site.database_url, receipts=storm.receipts, mails=mails, **given)
    one_lost = dict(list(storm.receipts.items())[1:])
    with pytest.raises(AssertionError, match="2 are stored and 1 receipts given"):
        invariants.check(site.database_url, receipts=one_lost, mails=mails, **given)
    with pytest.raises(AssertionError, match="marked as sent and never came"):
        invariants.check(site.database_url, receipts=storm.receipts, mails=[], **given)
