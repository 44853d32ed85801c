"""The whole journey, in a real browser: from a teacher's worry to a report that is signed for."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from portal.accounts.vocabulary import Role
from tests.browser import named_in, scrolls_sideways
from tests.journeys import steps
from tests.journeys.steps import Story
from tools import databases

pytestmark = pytest.mark.browser

WINDOWS = [
    pytest.param(1280, True, id="1280 px"),
    pytest.param(320, True, id="320 px"),
    pytest.param(1280, False, id="without JavaScript"),
]
# A PDF is usually ready in seconds; a busy machine gets a minute.
PDF_MILLISECONDS = 60_000


@pytest.fixture
def enter(page_at, sign_in, width, javascript) -> Callable[[Role], Page]:
    """Sign somebody in, in a window of their own."""

    def entered(role: Role) -> Page:
        page: Page = page_at(width, javascript=javascript)
        sign_in(page, role)
        return page

    return entered


@pytest.mark.parametrize(("width", "javascript"), WINDOWS)
def test_a_concern_travels_to_a_report_that_is_signed_for(site, people, enter, javascript):

    story = Story()
    teacher = enter(Role.PRACTITIONER)
    reference = _the_teacher_refers(site, teacher, story, javascript=javascript)

    coordinator = enter(Role.COORDINATOR)
    _the_coordinator_triages(coordinator, reference, story)

    _the_teacher_hears_back(teacher, reference)
    _the_panel_member_reads(enter(Role.PANEL_MEMBER), reference, story)

    _the_coordinator_makes_the_report(coordinator, reference, people, javascript=javascript)
    _the_coordinator_publishes(coordinator)

    _the_chair_signs(enter(Role.BOARD_CHAIR), people)
    _the_coordinator_sees_that_it_is_signed_for(coordinator)


def _the_teacher_refers(site, page: Page, story: Story, *, javascript: bool) -> str:
    draft = _begins_with_a_mistake(page, javascript=javascript)
    _goes_back_and_on(page)
    steps.name_the_child(page, story)
    _stops_and_comes_back(page, draft, story)
    steps.give_the_childs_view(page, story)
    steps.speak_of_the_parents(page)
    _leaves_the_phone_out(page, story)
    _checks_what_was_said(page, story)
    return _sends_twice(site, page, draft, javascript=javascript)


def _begins_with_a_mistake(page: Page, *, javascript: bool) -> str:
    draft = steps.begin(page)
    steps.press(page, steps.SAVE)
    steps.expect_error(page, "Select yes if a child is in immediate danger")
    if javascript:
        expect(page.locator(".govuk-error-summary")).to_be_focused()
    page.get_by_role("link", name="Select yes if a child is in immediate danger").click()
    if javascript:
        expect(page.get_by_label("Yes", exact=True)).to_be_focused()
    steps.say_no_danger(page)
    steps.expect_heading(page, "Who is the child?")
    return draft


def _goes_back_and_on(page: Page) -> None:
    page.get_by_role("link", name="Back", exact=True).click()
    expect(page.get_by_label("No", exact=True)).to_be_checked()
    steps.press(page, steps.SAVE)


def _stops_and_comes_back(page: Page, draft: str, story: Story) -> None:
    steps.expect_heading(page, "What have you seen, heard or been told?")
    page.locator("[name=saw]").fill(story.saw)
    page.locator("[name=child_said]").fill(story.child_said)
    steps.press(page, steps.LATER)
    steps.expect_heading(page, "Your draft")
    expect(page.get_by_text("Your draft is saved.")).to_be_visible()

    steps.go_to(page, "Home")
    page.locator(f'main a[href="{_path(draft)}"]').click()
    page.get_by_role("link", name="The concern").click()
    steps.expect_heading(page, "When did this happen?")
    page.goto(f"{draft}concern/")
    expect(page.locator("[name=saw]")).to_have_value(story.saw)
    steps.press(page, steps.SAVE)
    steps.go_past_the_signs(page)


def _leaves_the_phone_out(page: Page, story: Story) -> None:
    steps.press(page, steps.SAVE)
    steps.expect_error(page, "Enter a phone number we can use today")
    steps.say_how_to_reach_you(page, story)


def _checks_what_was_said(page: Page, story: Story) -> None:
    steps.expect_heading(page, "Check and send")
    main = page.locator("main")
    for words in (story.family_name, story.saw, story.child_said, story.child_wants):
        expect(main).to_contain_text(words)


def _sends_twice(site, page: Page, draft: str, *, javascript: bool) -> str:
    posts: list[str] = []
    page.on("request", lambda sent: posts.extend([sent.url] if sent.method == "POST" else []))
    send = page.get_by_role("button", name=steps.SEND)
    send.scroll_into_view_if_needed()
    box = send.bounding_box()
    assert box
    # On a slow line there is time to press again. The driver's own click would wait for the answer.
    line = page.context.new_cdp_session(page)
    line.send("Network.emulateNetworkConditions", _line(milliseconds=1500))
    for _ in range(2):
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.wait_for_timeout(200)
    line.send("Network.emulateNetworkConditions", _line(milliseconds=0))
    page.wait_for_url("**/sent/")
    expect(page.locator("main")).to_contain_text("Referral sent")
    # Without a script both presses go out, and the second gets the answer of the first.
    assert len(posts) == (1 if javascript else 2)
    assert _sent_from(site, draft) == 1
    return steps.reference_on(page)


def _line(milliseconds: int) -> dict[str, object]:
    speed = {"downloadThroughput": -1, "uploadThroughput": -1}
    return {"offline": False, "latency": milliseconds, **speed}


def _sent_from(site, draft: str) -> int:
    query = "SELECT count(*) FROM referrals_referral WHERE key = %s"
    key = draft.rstrip("/").rpartition("/")[2]
    return int(databases.ask(site.database_url, query, key)[0][0])


def _path(address: str) -> str:
    return "/" + address.split("/", 3)[3]


def _the_coordinator_triages(page: Page, reference: str, story: Story) -> None:
    steps.open_from_board(page, reference)
    main = page.locator("main")
    for words in (story.family_name, story.saw, story.child_said):
        expect(main).to_contain_text(words)
    steps.press(page, "Acknowledge")
    expect(page.get_by_text("Acknowledged. The person who referred has been told.")).to_be_visible()

    expect(main.locator("input:checked")).to_have_count(0)
    steps.press(page, "Check decision")
    steps.expect_error(page, "Select what should happen next")
    steps.decide(page)
    expect(page.get_by_text(f"Decision recorded for {reference}")).to_be_visible()


def _the_teacher_hears_back(page: Page, reference: str) -> None:
    steps.go_to(page, "My referrals")
    page.get_by_role("link", name=reference, exact=True).click()
    main = page.locator("main")
    expect(main).to_contain_text("A decision has been made.")
    expect(main).to_contain_text(steps.TOLD_REFERRER)


def _the_panel_member_reads(page: Page, reference: str, story: Story) -> None:
    steps.go_to(page, "Cases")
    page.get_by_role("link", name=reference, exact=True).click()
    main = page.locator("main")
    expect(main).to_contain_text(story.saw)
    expect(main.locator(".portal-withheld").first).to_be_visible()
    expect(main).to_contain_text("Other agencies may hold information that this page does not show")
    assert not scrolls_sideways(page)

    page.get_by_role("link", name="Why can I see this?").click()
    steps.expect_heading(page, "Why can I see this?")
    expect(page.locator("main")).to_contain_text(re.compile(r"[Rr]ule"))
    expect(page.locator("main")).to_contain_text("can open this case now")


def _the_coordinator_makes_the_report(
    page: Page, reference: str, people, *, javascript: bool
) -> None:
    steps.ask_for_the_boards_pdf(page, reference)
    ready = page.get_by_text(re.compile(r"^Ready: \d+ pages?, \d+ KB"))
    if javascript:
        # Nobody presses anything: the page follows the work by itself.
        expect(ready).to_be_visible(timeout=PDF_MILLISECONDS)
    else:
        _checks_again_until(page, ready)
    # The same words stand below, to be read before they are published.
    expect(page.get_by_role("heading", name="Every event, in order")).to_be_visible()
    shown = page.locator("main").inner_text()
    assert "Decision made" in shown
    assert not named_in(shown, people.names)
    assert reference not in shown


def _checks_again_until(page: Page, ready) -> None:
    for _ in range(PDF_MILLISECONDS // 500):
        if ready.is_visible():
            return
        page.get_by_role("button", name="Check again").click()
        page.wait_for_timeout(500)
    raise AssertionError("the PDF was not made in time")


def _the_coordinator_publishes(page: Page) -> None:
    steps.press(page, "Publish to the board")
    expect(page.get_by_text("Published. The board's chair has been told.")).to_be_visible()


def _the_chair_signs(page: Page, people) -> None:
    steps.go_to(page, "Audit reports")
    page.locator("main").get_by_role("link", name=re.compile("^Audit trail of Case ")).first.click()
    shown = page.locator("main").inner_text()
    assert not named_in(shown, people.names)
    assert not steps.REFERENCE.search(shown)
    assert not scrolls_sideways(page)

    with page.expect_download() as started:
        page.get_by_role("button", name="Download PDF").click()
    _expect_pdf(started.value.path(), started.value.suggested_filename)

    steps.press(page, "Mark as reviewed")
    steps.expect_error(page, "Write what you reviewed. A sentence is enough")
    page.get_by_label("What did you review").fill("I read every line. Thank the school for me.")
    steps.press(page, "Mark as reviewed")
    expect(page.get_by_text("You have signed for this report.")).to_be_visible()
    expect(page.get_by_role("heading", name="Signed for")).to_be_visible()


def _expect_pdf(file: Path, name: str) -> None:
    content = file.read_bytes()
    assert content.startswith(b"%PDF")
    assert len(content) > 5_000
    assert re.fullmatch(r"audit-trail-[0-9a-f]{8}\.pdf", name)


def _the_coordinator_sees_that_it_is_signed_for(page: Page) -> None:
    page.reload()
    expect(page.locator("main")).to_contain_text("The chair signed for it on")
