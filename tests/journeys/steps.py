"""What people do in the portal, step by step, with the words that they see."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.urls import reverse
from playwright.sync_api import Page, expect

REFERENCE = re.compile(r"R-[0-9A-Z]{4}-[0-9A-Z]{3}")
SAVE, SEND, LATER = "Save and continue", "Send referral", "Save and come back later"
TOLD_REFERRER = "We have acted on what you sent. A panel will plan how to keep her safe."


@dataclass(frozen=True)
class Story:
    """What a teacher is worried about."""

    given_name: str = "Wrenna"
    family_name: str = "Sparrowhawk"
    age: str = "14"
    saw: str = "She got into a silver car at the gate."
    child_said: str = "He buys me things and I cannot say no."
    child_wants: str = "She wants it to stop, and not to lose her friends."
    phone: str = "01632 960123"


def press(page: Page, name: str) -> None:
    """Press a button of the page itself, not of its frame."""
    page.locator("main").get_by_role("button", name=name, exact=True).click()


def choose(page: Page, question: str, answer: str) -> None:
    """Choose one answer of a question."""
    group = page.get_by_role("group", name=question)
    group.get_by_label(answer, exact=True).check()


def go_to(page: Page, name: str) -> None:
    """Follow an entry of the menu, opening it first where the window is narrow."""
    menu = page.get_by_role("navigation", name="Menu")
    toggle = page.get_by_role("button", name="Menu", exact=True)
    if toggle.is_visible() and toggle.get_attribute("aria-expanded") == "false":
        toggle.click()
    menu.get_by_role("link", name=name, exact=True).click()


def sign_out(page: Page) -> None:
    """Sign out, from the top of any page."""
    account = page.get_by_role("navigation", name="Your account")
    account.get_by_role("button", name="Sign out").click()


def reference_on(page: Page) -> str:
    """The reference that the page shows."""
    found = REFERENCE.search(page.locator("main").inner_text())
    assert found, page.url
    return found[0]


def expect_heading(page: Page, words: str) -> None:
    """Insist that this is the page."""
    expect(page.get_by_role("heading", level=1)).to_have_text(words)


def expect_error(page: Page, words: str) -> None:
    """Insist that the page says what has to be mended: in the title and above everything else."""
    expect(page).to_have_title(re.compile(r"^Error: "))
    summary = page.get_by_role("alert")
    expect(summary).to_contain_text("There is a problem")
    expect(summary.get_by_role("link", name=words)).to_be_visible()


FILE = "Attendance this term"


def add_file(page: Page, draft: str, given: bytes = b"She was away on three days.") -> None:
    """Add a file to a draft, and wait until it has been asked about."""
    page.goto(reverse("intake:files", args=[draft]))
    page.get_by_label("Choose a file").set_input_files(
        {"name": "a.txt", "mimeType": "text/plain", "buffer": given}
    )
    page.get_by_label("What is it?", exact=True).fill(FILE)
    choose(page, "What is it mostly about?", "The concern and its signs")
    choose(page, "Could it put someone at risk", "No")
    press(page, "Add this file")
    expect(page.get_by_text("The file is added.")).to_be_visible()
    for _ in range(100):
        if not page.get_by_text("Being checked for viruses", exact=True).is_visible():
            return
        page.wait_for_timeout(200)
        page.reload()


def begin(page: Page) -> str:
    """Begin a draft and stop at its first question. Returns the address of the draft's list."""
    page.goto("/home/")
    page.locator("main").get_by_role("button", name="Make a referral").click()
    press(page, "Start now")
    page.wait_for_url("**/danger/")
    return page.url.removesuffix("danger/")


def say_no_danger(page: Page) -> None:
    """Answer the first question: nobody is in danger now."""
    choose(page, "Is a child in immediate danger", "No")
    press(page, SAVE)


def fill_in_the_child(page: Page, story: Story) -> None:
    """Write who the child is."""
    page.get_by_label("First name").fill(story.given_name)
    page.get_by_label("Last name").fill(story.family_name)
    page.get_by_label("Or about how old?").fill(story.age)


def go_past_seen_before(page: Page, pressed: Callable[[str], None]) -> None:
    """Where another test of this run has told of the same child, say that it is not the same."""
    page.wait_for_url(re.compile("/(where|seen-before)/$"))
    if page.url.endswith("/seen-before/"):
        choose(page, "Is it the same child?", "No, it is a different child")
        pressed(SAVE)
        page.wait_for_url("**/where/")


def name_the_child(page: Page, story: Story) -> None:
    """Say who the child is, and go past where they are and what they need."""
    fill_in_the_child(page, story)
    press(page, SAVE)
    go_past_seen_before(page, lambda name: press(page, name))
    press(page, SAVE)
    expect_heading(page, "What should we know to work well with this child?")
    press(page, SAVE)


def tell_the_concern(page: Page, story: Story) -> None:
    """Say what was seen, and what the child said."""
    page.locator("[name=saw]").fill(story.saw)
    page.locator("[name=child_said]").fill(story.child_said)
    press(page, SAVE)
    go_past_the_signs(page)


def go_past_the_signs(page: Page) -> None:
    """Leave open when it happened, and what else is known."""
    expect_heading(page, "When did this happen?")
    press(page, SAVE)
    expect_heading(page, "Do you know about any of these?")
    press(page, SAVE)


def give_the_childs_view(page: Page, story: Story) -> None:
    """Say what the child wants."""
    choose(page, "Have you talked with the child", "Yes")
    page.locator("[name=child_wants]").fill(story.child_wants)
    press(page, SAVE)


def speak_of_the_parents(page: Page) -> None:
    """Say whether the parents know, and that nothing has to be protected."""
    choose(page, "Have you told a parent or carer?", "Yes, they agree")
    press(page, SAVE)
    choose(page, "Could anything here put someone at risk", "No")
    press(page, SAVE)


def say_how_to_reach_you(page: Page, story: Story) -> None:
    """Give a phone number, and stop at the last page."""
    page.get_by_label("A phone number that we can use today").fill(story.phone)
    press(page, SAVE)
    expect_heading(page, "Check and send")


def write_all(page: Page, story: Story) -> str:
    """Answer every question and stop before sending. Returns the address of the draft's list."""
    address = begin(page)
    say_no_danger(page)
    name_the_child(page, story)
    tell_the_concern(page, story)
    give_the_childs_view(page, story)
    speak_of_the_parents(page)
    say_how_to_reach_you(page, story)
    return address


def refer(page: Page, story: Story | None = None) -> str:
    """Send a referral from beginning to end and return its reference."""
    write_all(page, story or Story())
    press(page, SEND)
    page.wait_for_url("**/sent/")
    return reference_on(page)


def open_from_board(page: Page, reference: str) -> None:
    """Find a referral on the triage board, page by page, and open it."""
    go_to(page, "Triage")
    expect_heading(page, "Triage")
    link, number = page.get_by_role("link", name=reference, exact=True), 1
    while not link.count():
        number += 1
        page.get_by_role("link", name="Next page").click()
        expect(page).to_have_title(re.compile(rf"\(page {number} of "))
    link.click()
    expect_heading(page, f"Triage {reference}")


def decide(page: Page, outcome: str = "MASE panel agenda") -> None:
    """Record the decision in the triage workspace that is open."""
    choose(page, "What should happen next?", outcome)
    page.get_by_label("Why?", exact=True).fill("A child is at risk and several agencies know.")
    page.get_by_label("What can we tell the person who referred?").fill(TOLD_REFERRER)
    press(page, "Check decision")
    press(page, "Confirm decision")
    page.wait_for_url("**/triage/")


def ask_for_the_boards_pdf(page: Page, reference: str) -> None:
    """Ask for the board's version of a case's audit trail, and stop at the page that follows it."""
    page.goto(f"/referrals/{reference}/")
    page.get_by_role("link", name="Audit trail of this case").click()
    choose(page, "Who is it for?", "The safeguarding board")
    press(page, "Make PDF")
    expect_heading(page, "Audit trail PDF")


def download(page: Page, name: str) -> Path:
    """Press a button that hands over a file."""
    with page.expect_download() as started:
        press(page, name)
    return started.value.path()


def cookies_of(page: Page) -> dict[str, str]:
    """The cookies of a page's browser."""
    return {str(one.get("name")): str(one.get("value")) for one in page.context.cookies()}
