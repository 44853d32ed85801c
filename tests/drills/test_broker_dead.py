"""The broker dies, or stops answering, while somebody sends a referral."""

import os
import signal
import time
from collections.abc import Callable, Iterator

import pytest

from portal.accounts.vocabulary import Role
from tests.browser import named_in
from tests.journeys import steps
from tests.site import Site
from tools import databases

pytestmark = [pytest.mark.browser, pytest.mark.drill]

# The requirement: somebody who presses Send is not kept waiting for a dead broker.
SECONDS = 2.0
# From pressing the button to the first byte of the confirmation, the redirect included.
ANSWERED = "() => performance.getEntriesByType('navigation')[0].responseStart / 1000"


def notices(site: Site, reference: str) -> dict[str, int]:
    """How many notices of a case are in which state."""
    query = "SELECT status, count(*) FROM notifications_notice WHERE reference = %s GROUP BY 1"
    return dict(databases.ask(site.database_url, query, reference))


def wait_until(held: Callable[[], bool], what: str, seconds: float = 90) -> None:
    """Wait for what the worker does; a busy machine gets time."""
    deadline = time.monotonic() + seconds
    while not held():
        assert time.monotonic() < deadline, what
        time.sleep(0.2)


@pytest.fixture(params=["killed", "frozen"])
def fail_the_broker(site: Site, request) -> Iterator[Callable[[], None]]:
    """Let the broker fail in one of two ways, and have it back at the end."""

    def fail() -> None:
        if request.param == "killed":
            site.broker.kill()
        else:
            os.kill(site.broker.pid, signal.SIGSTOP)

    yield fail

    if not site.broker.alive:
        site.start_broker()
    os.kill(site.broker.pid, signal.SIGCONT)


def test_a_referral_is_sent_and_everybody_is_told_without_the_broker(
    site, page_at, sign_in, people, fail_the_broker
):
    page = page_at()
    sign_in(page, Role.PRACTITIONER)
    # Sent while all is well, so that the web server has open connections to lose.
    steps.refer(page)
    steps.write_all(page, steps.Story())
    mail = set(site.mail.glob("*.eml"))
    fail_the_broker()

    steps.press(page, steps.SEND)
    page.wait_for_url("**/sent/")

    assert page.evaluate(ANSWERED) < SECONDS
    reference = steps.reference_on(page)
    steps.go_to(page, "My referrals")
    assert page.get_by_role("link", name=reference, exact=True).is_visible()
    owed = notices(site, reference)
    assert set(owed) == {"pending", "digest"}
    assert owed["pending"] >= 2, "the two coordinators at least"
    assert owed["digest"] == 1, "the teacher's receipt, in the email of tomorrow"

    site.manage("sweep")

    assert notices(site, reference) == {"sent": owed["pending"], "digest": 1}
    new = [message.read_text() for message in set(site.mail.glob("*.eml")) - mail]
    assert any(people.one(Role.COORDINATOR).email in message for message in new)
    assert not named_in("".join(new), people.children)
    site.manage("audit_verify")


def test_the_worker_goes_on_when_the_broker_is_back(site, page_at, sign_in):
    page = page_at()
    sign_in(page, Role.PRACTITIONER)
    site.broker.kill()
    time.sleep(1)
    site.start_broker()
    # The web server leaves a bell that did not ring alone for a while.
    wait_until(lambda: _rings(site, page), "no notice went out by the worker")


def _rings(site: Site, page) -> bool:
    reference = steps.refer(page)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if set(notices(site, reference)) == {"sent", "digest"}:
            return True
        time.sleep(0.2)
    return False
