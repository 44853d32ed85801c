"""A whole referral while something breaks: it is sent once, with every word that was typed."""

import os
import time
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Request, expect

from portal.accounts.vocabulary import Role
from tests.journeys import steps
from tests.journeys.steps import Story
from tests.site import Site
from tools import databases
from tools.commands import TESTS
from tools.servers import Postgres

pytestmark = [pytest.mark.browser, pytest.mark.drill]

STORY = Story()
OVER = "UPDATE django_session SET expire_date = now() - interval '1 minute' RETURNING session_key"
WORDS = """
    SELECT s.text FROM referrals_statement s
      JOIN referrals_case c ON c.id = s.case_id WHERE c.reference = %s
"""
SENT_FROM = "SELECT count(*) FROM referrals_referral WHERE key = %s"
KEPT = "SELECT count(*) FROM accounts_kept WHERE page || action LIKE '%%' || %s || '%%'"


def key_of(draft: str) -> str:
    """The key in the address of a draft's list."""
    return draft.rstrip("/").rpartition("/")[2]


def under_way(page: Page) -> set[Request]:
    """What the page has sent and not yet been answered, as time goes on."""
    sent: set[Request] = set()

    def answered(one: Request) -> None:
        # The driver marks its handlers, which a method of a set does not bear.
        sent.discard(one)

    page.on("request", lambda one: sent.add(one) if one.method == "POST" else None)
    page.on("requestfinished", answered)
    page.on("requestfailed", answered)
    return sent


def the_referral_is_whole(site: Site, page: Page, draft: str) -> None:
    """One referral was sent from this draft, and it says everything."""
    assert databases.ask(site.database_url, SENT_FROM, key_of(draft)) == [(1,)]
    said = " ".join(
        str(row[0]) for row in databases.ask(site.database_url, WORDS, steps.reference_on(page))
    )
    for words in (STORY.saw, STORY.child_said, STORY.child_wants, STORY.phone):
        assert words in said
    site.manage("audit_verify")


def finish(page: Page) -> None:
    """Send it."""
    steps.press(page, steps.SEND)
    page.wait_for_url("**/sent/")


@pytest.mark.parametrize("javascript", [False, True], ids=["without script", "with script"])
def test_the_session_ends_before_every_press(site, page_at, sign_in, javascript):
    page = page_at(javascript=javascript)
    sign_in(page, Role.PRACTITIONER)
    draft = steps.begin(page)
    sent = under_way(page)

    def kept() -> list[tuple[object, ...]]:
        """How many pages of this draft are kept for their author."""
        return databases.ask(site.database_url, KEPT, key_of(draft))

    def press(name: str) -> None:
        """The session ends, the button is pressed, one signs in and presses again."""
        # A save that is on its way would let the session that has ended begin again.
        for _ in range(100):
            page.wait_for_timeout(100)
            if not sent:
                break
        assert not sent
        assert databases.ask(site.database_url, OVER)
        steps.press(page, name)
        steps.expect_heading(page, "Sign in")
        expect(page.locator("main")).to_contain_text("We kept what you wrote")
        assert STORY.saw not in page.content()
        sign_in(page, Role.PRACTITIONER)
        expect(page.locator("main")).to_contain_text("We kept what you wrote")
        assert kept() == [(1,)]
        steps.press(page, name)

    steps.choose(page, "Is a child in immediate danger", "No")
    press(steps.SAVE)
    steps.fill_in_the_child(page, STORY)
    press(steps.SAVE)
    steps.go_past_seen_before(page, press)
    for heading in ("Where is the child", "What should we know"):
        expect(page.get_by_role("heading", level=1)).to_contain_text(heading)
        press(steps.SAVE)
    page.locator("[name=saw]").fill(STORY.saw)
    page.locator("[name=child_said]").fill(STORY.child_said)
    press(steps.SAVE)
    for heading in ("When did this happen?", "Do you know about any of these?"):
        steps.expect_heading(page, heading)
        press(steps.SAVE)
    steps.choose(page, "Have you talked with the child", "Yes")
    page.locator("[name=child_wants]").fill(STORY.child_wants)
    press(steps.SAVE)
    steps.choose(page, "Have you told a parent or carer?", "Yes, they agree")
    press(steps.SAVE)
    steps.choose(page, "Could anything here put someone at risk", "No")
    press(steps.SAVE)
    page.get_by_label("A phone number that we can use today").fill(STORY.phone)
    press(steps.SAVE)
    steps.expect_heading(page, "Check and send")
    press(steps.SEND)
    page.wait_for_url("**/sent/")

    the_referral_is_whole(site, page, draft)
    assert kept() == [(0,)], "what was sent is kept no longer"


def test_somebody_else_at_the_same_desk_sees_no_word(site, page_at, sign_in, people):
    page = page_at(javascript=False)
    sign_in(page, Role.PRACTITIONER)
    steps.begin(page)
    steps.say_no_danger(page)
    steps.name_the_child(page, STORY)
    page.locator("[name=saw]").fill(STORY.saw)
    databases.ask(site.database_url, OVER)
    steps.press(page, steps.SAVE)
    there = page.url

    sign_in(page, people.another(Role.PRACTITIONER))

    steps.expect_heading(page, "There is nothing here for you")
    assert STORY.saw not in page.content()
    # The page has no form in its frame: it leads to the page that asks.
    page.get_by_role("link", name="Sign out").click()
    steps.press(page, "Sign out")
    page.goto(there)
    sign_in(page, Role.PRACTITIONER)
    expect(page.locator("[name=saw]")).to_have_value(STORY.saw)


def test_the_broker_is_dead_from_beginning_to_end(site, page_at, sign_in):
    page = page_at(javascript=False)
    site.broker.kill()
    try:
        sign_in(page, Role.PRACTITIONER)
        draft = steps.write_all(page, STORY)
        finish(page)
        the_referral_is_whole(site, page, draft)
    finally:
        site.start_broker()


@pytest.fixture
def postgres() -> Iterator[Postgres]:
    """The tests' own PostgreSQL, up again at the end."""
    server = Postgres(TESTS, forgetful=True)
    given = urlsplit(os.environ["ADMIN_DATABASE_URL"]).port
    if not server.is_up or urlsplit(server.admin_url).port != given:
        pytest.skip("These tests have a database server that is not theirs to stop.")
    yield server
    server.start()


def is_back(site: Site) -> Callable[[], bool]:
    """Whether the database answers."""

    def asked() -> bool:
        try:
            return databases.ask(site.database_url, "SELECT 1") == [(1,)]
        except Exception:  # noqa: BLE001 - it is down, in whatever words
            return False

    return asked


def up_again(site: Site, postgres: Postgres) -> None:
    """Start the database and wait until it answers."""
    postgres.start()
    deadline = time.monotonic() + 30
    while not is_back(site)():
        assert time.monotonic() < deadline
        time.sleep(0.2)


@pytest.mark.parametrize("javascript", [False, True], ids=["without script", "with script"])
def test_the_database_restarts_between_two_presses(site, page_at, sign_in, postgres, javascript):
    page = page_at(javascript=javascript)
    sign_in(page, Role.PRACTITIONER)
    draft = steps.write_all(page, STORY)

    postgres.stop()
    up_again(site, postgres)
    finish(page)

    the_referral_is_whole(site, page, draft)


@pytest.mark.parametrize("javascript", [False, True], ids=["without script", "with script"])
def test_the_database_is_gone_at_a_press(site, page_at, sign_in, postgres, javascript):
    page = page_at(javascript=javascript)
    sign_in(page, Role.PRACTITIONER)
    draft = steps.begin(page)
    steps.say_no_danger(page)
    steps.name_the_child(page, STORY)
    page.locator("[name=saw]").fill(STORY.saw)
    page.locator("[name=child_said]").fill(STORY.child_said)

    def press(name: str) -> None:
        """The database is gone, the button is pressed; it is back, and "Try again" is."""
        postgres.stop()
        try:
            steps.press(page, name)
            steps.expect_heading(page, "Sorry, the service is not available")
            expect(page.locator("main")).to_contain_text("Nothing you wrote is lost")
            page.get_by_role("button", name="Try again").click()
            steps.expect_heading(page, "Sorry, the service is not available")
        finally:
            up_again(site, postgres)
        page.get_by_role("button", name="Try again").click()

    press(steps.SAVE)
    steps.go_past_the_signs(page)
    steps.give_the_childs_view(page, STORY)
    steps.speak_of_the_parents(page)
    steps.say_how_to_reach_you(page, STORY)
    press(steps.SEND)
    page.wait_for_url("**/sent/")

    the_referral_is_whole(site, page, draft)
