"""How long `decide` takes for a whole case under the newest rules. Run by hand; no database.

    DJANGO_SETTINGS_MODULE=tests.settings python -m tests.benchmarks.bench_decide

An item is one piece of information, and is asked about in each category, which is sixteen times as
much as a page asks: the worst that a preview, a simulation or the door matrix can do. The time is
the processor's, so that another busy process does not show.
"""

import statistics
import time
from itertools import cycle, islice
from uuid import uuid4

import django

django.setup()

from portal.accounts.vocabulary import AgencyKind, Role  # noqa: E402 - after the settings
from sharing.rules.decision import Facts, TeamRecipient, decide  # noqa: E402
from sharing.rules.vocabulary import Category, Purpose  # noqa: E402
from tests.sharing.rules.law import NOW, newest_rules  # noqa: E402

ITEMS, RUNS = 20, 30
CATEGORIES = [each for each in Category if each not in (Category.IC0, Category.OUTCOME)]
READERS = [
    (AgencyKind.COUNCIL, Role.COORDINATOR, Purpose.SCREEN),
    (AgencyKind.HEALTH, Role.PANEL_MEMBER, Purpose.PANEL),
    (AgencyKind.POLICE, Role.PRACTITIONER, Purpose.DISRUPT),
    (AgencyKind.CHARITY, Role.PRACTITIONER, Purpose.PLAN),
]


def microseconds_per_item(kind: AgencyKind, role: Role, purpose: Purpose) -> float:
    """Decide a case of twenty items, held by agencies of every kind in turn, in each category."""
    rules = newest_rules()
    reader = TeamRecipient(uuid4(), kind, role)
    items = [Facts(rules, holder, uuid4()) for holder in islice(cycle(AgencyKind), ITEMS)]
    began = time.process_time()
    for facts in items:
        for category in CATEGORIES:
            decide(reader, facts, category, purpose, NOW)
    return (time.process_time() - began) / ITEMS * 1e6


if __name__ == "__main__":
    print(f"{len(newest_rules())} rules, {ITEMS} items, {len(CATEGORIES)} categories each")
    for reader in READERS:
        times = sorted(microseconds_per_item(*reader) for _ in range(RUNS))
        decision = statistics.median(times) / len(CATEGORIES)
        print(
            f"{reader[0]:8} {reader[1]:12} {reader[2]:8} "
            f"median {statistics.median(times):6.0f} us per item, worst {times[-1]:6.0f}, "
            f"{decision:5.1f} us per decision"
        )
