"""The worker is killed in the middle of a PDF: the document is made again."""

import time
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from portal.accounts.vocabulary import Role
from tests.journeys import steps
from tests.site import Site
from tools import databases

pytestmark = [pytest.mark.browser, pytest.mark.drill]

STATE = """
    SELECT d.status, d.attempts, d.id FROM documents_document d
      JOIN governance_audittrail t ON t.document_id = d.id WHERE t.id = %s
"""
LAPSE = "UPDATE documents_document SET lease_until = now() - interval '1 second' WHERE id = %s"
MADE = """
    SELECT count(*) FROM audit.event
    WHERE convert_from(body, 'UTF8')::json ->> 'act' = 'trail.made'
      AND convert_from(body, 'UTF8')::json ->> 'obj' LIKE '%%' || %s || '%%'
"""


def state(site: Site, report: str) -> tuple[str, int, UUID]:
    """How far the report's document is: its status, how often it was begun, its id."""
    return databases.ask(site.database_url, STATE, report)[0]  # type: ignore[return-value]


def wait_until_it_is_being_made(site: Site, report: str) -> None:
    """Return at once when the worker has begun; it takes a second or two to finish."""
    deadline = time.monotonic() + 60
    while state(site, report)[0] != "making":
        assert time.monotonic() < deadline, state(site, report)
        time.sleep(0.005)


@pytest.fixture
def coordinator(page_at, sign_in) -> Page:
    """A coordinator who has just signed in."""
    page: Page = page_at()
    sign_in(page, Role.COORDINATOR)
    return page


def test_a_pdf_whose_worker_was_killed_is_made_again(site, coordinator):
    worker, sweep = site.processes["worker"], site.processes["sweep"]
    coordinator.goto("/cases/")
    reference = steps.reference_on(coordinator)
    steps.ask_for_the_boards_pdf(coordinator, reference)
    report = coordinator.url.rstrip("/").rpartition("/")[2]
    wait_until_it_is_being_made(site, report)

    worker.kill()
    assert not worker.alive
    assert state(site, report)[:2] == ("making", 1)
    site.manage("sweep")
    assert state(site, report)[:2] == ("making", 1), "nobody takes it while its lease runs"
    expect(coordinator.locator("main")).to_contain_text("We are making your PDF")

    databases.ask(site.database_url, LAPSE, state(site, report)[2])
    worker.start()
    sweep.start()
    try:
        ready = coordinator.locator("main").get_by_text("Ready:")
        expect(ready).to_be_visible(timeout=90_000)
    finally:
        sweep.stop()

    assert state(site, report)[:2] == ("ready", 2)
    assert databases.ask(site.database_url, MADE, report) == [(1,)]
    with coordinator.expect_download() as started:
        coordinator.get_by_role("button", name="Download").click()
    assert started.value.path().read_bytes().startswith(b"%PDF")
    site.manage("audit_verify")
