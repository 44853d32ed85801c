"""What a page weighs: people open it on a phone, on a slow line, between two lessons."""

import gzip

import pytest
from playwright.sync_api import Page

from portal.accounts.vocabulary import Role
from tests.cast import send, signed_in

KILOBYTE = 1024
FIRST_VISIT = 100 * KILOBYTE
REPEAT_VISIT = 15 * KILOBYTE
REQUESTS = 8
BOARD = 12 * KILOBYTE


class Wire:
    """What went over the wire for a page, as the browser's network layer counts it."""

    def __init__(self, page: Page) -> None:
        self.answers: list[int] = []
        devtools = page.context.new_cdp_session(page)
        devtools.send("Network.enable")
        devtools.on("Network.loadingFinished", self._finished)

    def _finished(self, event: dict[str, float]) -> None:
        # What the browser had kept has crossed no wire.
        if size := int(event["encodedDataLength"]):
            self.answers.append(size)

    def load(self, page: Page, address: str) -> tuple[int, int]:
        """Open a page. Returns the bytes and the number of requests that it took."""
        self.answers.clear()
        page.goto(address)
        page.wait_for_load_state("networkidle")
        return sum(self.answers), len(self.answers)


@pytest.mark.browser
@pytest.mark.parametrize("address", ["/", "/account/sign-in/"])
def test_first_visit(page_at, address):
    page = page_at()
    weight, requests = Wire(page).load(page, address)

    # The pages themselves are not compressed here: a proxy does it, or nobody.
    assert 0 < weight <= FIRST_VISIT
    assert 0 < requests <= REQUESTS


@pytest.mark.browser
@pytest.mark.parametrize("role", [Role.PRACTITIONER, Role.COORDINATOR])
def test_first_and_repeated_visit_of_somebody_who_has_signed_in(page_at, sessions, role):
    page = page_at(state=sessions(role))
    wire = Wire(page)

    weight, requests = wire.load(page, "/home/")
    assert weight <= FIRST_VISIT
    assert requests <= REQUESTS

    weight, requests = wire.load(page, "/notifications/")
    assert requests == 1, "style sheets and scripts are kept for a year"
    # Until all of it has come: what is late must not count for the next page.
    wire.load(page, "/help/")
    weight, _ = wire.load(page, "/home/")
    assert weight <= REPEAT_VISIT


@pytest.mark.browser
def test_style_sheets_and_scripts_travel_compressed_and_are_kept(page_at):
    page = page_at()
    files = []
    page.on("response", lambda file: "/static/" in file.url and files.append(file))
    page.goto("/")
    page.wait_for_load_state("networkidle")

    assert len(files) >= 5
    for file in files:
        assert "immutable" in (file.header_value("cache-control") or ""), file.url
        small = len(file.body()) < KILOBYTE
        assert small or file.header_value("content-encoding") in ("gzip", "br"), file.url


def test_board_of_twenty_five_referrals(cast):
    for _ in range(26):
        send(cast.teacher)

    board = signed_in(cast.coordinator).get("/triage/").content

    assert board.count(b"<tr ") == 26, "the heading and 25 rows"
    assert len(gzip.compress(board)) <= BOARD
