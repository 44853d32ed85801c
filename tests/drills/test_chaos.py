"""A short storm: twenty referrals, two kills. The long one is `python -m tests.drills.chaos`."""

import random
from uuid import uuid4

import pytest

from tests.drills import chaos, failpoints, invariants
from tests.site import Site

pytestmark = [pytest.mark.drill]

SEED = 5
WHOLE = "Complete and unaltered: 1 event in 1 stream."


def test_twenty_referrals_and_two_kills_lose_nothing_and_double_nothing(site: Site):
    before = set(site.mail.glob("*.eml"))
    chance = random.Random(SEED)  # noqa: S311 - to be played again
    faults = {name: chaos.killed(site.processes[name], chance) for name in ("web", "worker")}
    storm = chaos.Storm(site.base_url, site.database_url, SEED, faults)
    sweep = site.processes["sweep"]
    sweep.start()
    try:
        storm.blow(20, faults=2, pause=1)
        storm.drain()
    finally:
        sweep.stop()

    assert storm.happened.total() == 2
    mails = invariants.mails_in(set(site.mail.glob("*.eml")) - before)
    given = {"tried": storm.tried, "receipts": storm.receipts, "mails": mails}
    found = invariants.check(site.database_url, **given, verify=lambda: chaos.verified(site.stage))
    assert found.receipts == found.referrals == 20

    # A checker that says yes to everything would be worth nothing.
    for changed, otherwise in (
        ({"receipts": dict(list(storm.receipts.items())[1:])}, "20 are stored and 19 receipts"),
        ({"mails": []}, "marked as sent and never came"),
        ({"mails": [*mails, invariants.Mail(mails[0].message_id, "x@example.org")]}, "two people"),
        ({"verify": lambda: "Event 7 was changed."}, "the ledger does not verify"),
    ):
        with pytest.raises(AssertionError, match=otherwise):
            invariants.check(site.database_url, **{"verify": lambda: WHOLE, **given, **changed})


def test_gone_at_every_point_nothing_is_lost(site: Site):
    before = set(site.mail.glob("*.eml"))

    for point in failpoints.POINTS:
        keys = [uuid4(), uuid4()]
        failpoints.run(site.stage, point, keys)
        failpoints.hold(
            site.stage,
            point,
            keys,
            lambda: invariants.mails_in(set(site.mail.glob("*.eml")) - before),
        )
    assert "Complete and unaltered" in chaos.verified(site.stage)
