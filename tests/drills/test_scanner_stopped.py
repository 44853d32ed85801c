"""The virus scanner is stopped while somebody refers: the file waits, and nothing else does."""

import time

import pytest
from django.urls import reverse
from playwright.sync_api import Request, expect

from portal.accounts.vocabulary import Role
from tests.documents.corpus import EICAR
from tests.journeys import steps
from tests.site import FOLDER, Site
from tools import databases, servers

pytestmark = [pytest.mark.browser, pytest.mark.drill]

WAITING = "Waiting: the virus check is not working now"


@pytest.fixture
def stopped(site: Site):
    """The site without its scanner, which is back at the end."""
    scanner = site.processes["scanner"]
    scanner.stop()

    def back() -> None:
        scanner.start()
        port = servers.kept_port(FOLDER, "scanner")
        servers.wait_for_port(port, scanner.log)

    yield back

    if not scanner.alive:
        back()


def test_a_referral_is_sent_and_its_file_follows_when_the_scanner_is_back(
    site, page_at, sign_in, stopped
):
    teacher, coordinator = page_at(), page_at()
    sign_in(teacher, Role.PRACTITIONER)
    sign_in(coordinator, Role.COORDINATOR)
    address = steps.write_all(teacher, steps.Story())
    draft = address.rstrip("/").rpartition("/")[2]
    steps.add_file(teacher, draft)
    expect(teacher.get_by_text(WAITING)).to_be_visible()

    teacher.goto(f"{address}check/")
    steps.press(teacher, steps.SEND)
    teacher.wait_for_url("**/sent/")
    documents = reverse("referrals:documents", args=[steps.reference_on(teacher)])

    teacher.goto(documents)
    expect(teacher.get_by_text(WAITING)).to_be_visible()
    coordinator.goto(documents)
    expect(coordinator.get_by_text("There is no document here that you can see")).to_be_visible()

    stopped()
    site.manage("sweep")

    coordinator.goto(documents)
    coordinator.get_by_role("link", name=f"Open {steps.FILE}").click()
    steps.choose(coordinator, "What do you need it for?", "To work on this case now")
    with coordinator.expect_download() as download:
        steps.press(coordinator, "Save a copy to read")
    assert download.value.path().read_bytes() == b"She was away on three days."
    assert download.value.suggested_filename.startswith("R-")


def test_a_file_leaves_by_its_own_host_to_which_a_browser_sends_no_cookie(page_at, sign_in, site):
    page = page_at()
    sign_in(page, Role.PRACTITIONER)
    address = steps.write_all(page, steps.Story())
    steps.add_file(page, address.rstrip("/").rpartition("/")[2])
    page.goto(f"{address}check/")
    steps.press(page, steps.SEND)
    page.wait_for_url("**/sent/")
    page.goto(reverse("referrals:documents", args=[steps.reference_on(page)]))
    page.get_by_role("link", name=f"Open {steps.FILE}").click()
    steps.choose(page, "What do you need it for?", "To work on this case now")
    asked: list[Request] = []
    page.on("request", lambda each: asked.append(each))  # noqa: PLW0108 - the driver marks it
    with page.expect_download() as download:
        steps.press(page, "Save a copy to read")

    address = download.value.url
    assert address.startswith(f"{site.files_url}/")
    assert download.value.path().read_bytes() == b"She was away on three days."
    (request,) = (each for each in asked if each.url == address)
    sent = request.all_headers()
    assert sent["host"] in address
    assert not {"cookie", "referer"} & set(sent)
    assert {cookie["domain"] for cookie in page.context.cookies()} == {"localhost"}
    again = page.context.request.get(address)
    assert again.status == 404
    assert "set-cookie" not in again.headers


def test_what_is_held_and_has_a_virus_is_gone_when_the_scanner_is_back(
    site, page_at, sign_in, stopped
):
    page = page_at()
    sign_in(page, Role.PRACTITIONER)
    draft = steps.begin(page).rstrip("/").rpartition("/")[2]
    steps.add_file(page, draft, EICAR)
    expect(page.get_by_text(WAITING)).to_be_visible()

    stopped()
    site.manage("sweep")

    page.reload()
    expect(page.get_by_text("A virus was found in this file. We have not kept it")).to_be_visible()
    query = "SELECT content IS NULL, state FROM documents_upload WHERE key = %s"
    assert databases.ask(site.database_url, query, draft) == [(True, "refused")]


def test_a_scanner_that_answers_in_the_moment_makes_the_file_ready(page_at, sign_in, site):
    page = page_at()
    sign_in(page, Role.PRACTITIONER)
    draft = steps.begin(page).rstrip("/").rpartition("/")[2]

    began = time.monotonic()
    steps.add_file(page, draft)

    expect(page.get_by_text("Ready", exact=True)).to_be_visible()
    assert time.monotonic() - began < 30
