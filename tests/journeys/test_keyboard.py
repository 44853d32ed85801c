"""The shortest referral by keyboard alone: no mouse, and never a box that is filled by its name."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import pytest
from playwright.sync_api import Page, expect

from portal.accounts.vocabulary import Role
from tests.journeys import steps
from tests.keyboard import Stop, focused

pytestmark = pytest.mark.browser

MOST_TABS: Final = 120
SKIP: Final = "Skip to main content"


@dataclass
class Hands:
    """Somebody at a keyboard, who looks at every stop."""

    page: Page
    at: Stop | None = None

    def stop(self) -> Stop:
        """Look at what has focus; insist that it can be seen."""
        stop = focused(self.page)
        assert stop.kind != "body", f"nothing has focus on {self.page.url}"
        assert not stop.faults, f"{stop.faults} on {self.page.url}"
        return stop

    def tab(self, *, back: bool = False) -> Stop:
        """Go to the next stop, or to the one before, and insist that it is the next one to see."""
        before = self.at
        self.page.keyboard.press("Shift+Tab" if back else "Tab")
        self.at = now = self.stop()
        if before is not None:
            first, then = (now, before) if back else (before, now)
            assert then.comes_after(first), f"“{then.name}” before “{first.name}”: {self.page.url}"
        return now

    def reach(self, name: str, *, back: bool = False) -> Stop:
        """Go on until this has focus."""
        return self._until(lambda stop: stop.name == name, name, back=back)

    def skip(self) -> None:
        """Go past what every page begins with, unless the address leads past it already.

        The page before may have been skipped: a press of its button carries that along.
        """
        self.at = None
        if self.page.url.endswith("#main-content"):
            return
        assert self.tab().name == SKIP
        self.page.keyboard.press("Enter")
        expect(self.page.locator("main")).to_be_focused()
        self.at = None

    def press(self, name: str, *, back: bool = False) -> None:
        """Press a button or follow a link, and wait for the next page."""
        self.reach(name, back=back)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        self.at = None

    def write(self, name: str, words: str) -> None:
        """Go to a box and write in it."""
        self.reach(name)
        self.page.keyboard.type(words)

    def choose(self, question: str, answer: str) -> None:
        """Go to a question, and down its answers to one of them."""
        self._until(lambda stop: stop.question.startswith(question), question)
        self.down_to(answer)

    def down_to(self, answer: str) -> None:
        """Choose an answer of the question that has focus: the arrows go round all of them."""
        at = self.stop()
        for _ in range(MOST_TABS):
            if at.name == answer:
                break
            self.page.keyboard.press("ArrowDown")
            at = self.stop()
        if not at.checked:
            self.page.keyboard.press("Space")
        self.at = at = self.stop()
        assert (at.name, at.checked) == (answer, True)

    def _until(self, found: Callable[[Stop], bool], wanted: str, *, back: bool = False) -> Stop:
        passed = []
        for _ in range(MOST_TABS):
            stop = self.tab(back=back)
            if found(stop):
                return stop
            passed.append(stop.name)
        raise AssertionError(f"“{wanted}” was not reached on {self.page.url}: {passed}")


@pytest.mark.parametrize("width", [1280, 320])
def test_a_referral_from_its_first_page_to_its_reference(page_at, sessions, width):
    page = page_at(width, state=sessions(Role.PRACTITIONER))
    story, hands = steps.Story(), Hands(page)
    page.goto("/home/")

    # The first page with all that stands above it.
    hands.press("Make a referral")
    steps.expect_heading(page, "Tell us about a child you are worried about")
    hands.skip()
    hands.press("Start now")
    send_it_off_unanswered(page, hands)
    stop_for_danger_and_come_back(page, hands)

    steps.expect_heading(page, "Who is the child?")
    hands.skip()
    hands.write("First name", story.given_name)
    hands.write("Last name", story.family_name)
    hands.write("Or about how old?", story.age)
    hands.press(steps.SAVE)
    go_past_the_same_child(page, hands)
    go_past(page, hands, "Where is the child, and how can we reach them safely?")
    go_past(page, hands, "What should we know to work well with this child?")

    steps.expect_heading(page, "What have you seen, heard or been told?")
    hands.skip()
    hands.write("What you saw or heard yourself", story.saw)
    hands.write("What the child said", story.child_said)
    # One step back shows what was written.
    hands.reach("What you saw or heard yourself", back=True)
    hands.press(steps.SAVE)
    go_past(page, hands, "When did this happen?")
    go_past(page, hands, "Do you know about any of these?")

    steps.expect_heading(page, "What does the child think and want?")
    hands.skip()
    hands.choose("Have you talked with the child", "Yes")
    hands.write("What does the child think and want?", story.child_wants)
    hands.press(steps.SAVE)
    steps.expect_heading(page, "Parents and carers")
    hands.skip()
    hands.choose("Have you told a parent or carer?", "Yes, they agree")
    hands.press(steps.SAVE)
    go_past(page, hands, "Could anything here put someone at risk if the wrong person saw it?")

    steps.expect_heading(page, "You and who else is involved")
    hands.skip()
    hands.write("A phone number that we can use today", story.phone)
    hands.press(steps.SAVE)
    go_past(page, hands, "Check and send", steps.SEND)

    expect(page.get_by_role("heading", level=1)).to_contain_text("Referral sent")
    assert steps.reference_on(page)


@pytest.mark.parametrize("width", [1280, 320])
def test_the_board_narrowed_and_two_given_another_priority(page_at, sessions, width):
    page = page_at(width, state=sessions(Role.COORDINATOR))
    hands = Hands(page)
    page.goto("/triage/")

    hands.skip()
    hands.reach("Skip to filters")
    page.keyboard.press("Enter")
    hands.at = None
    for label in ("Decision due", "Priority", "Status", "Assigned to", "Sent by", "Flag"):
        hands.reach(label)
    hands.reach("Age of the child", back=True)
    page.keyboard.type("Not known")
    hands.press("Show these")
    steps.expect_heading(page, "Triage")
    assert "age=not-known" in page.url

    page.goto("/triage/")
    hands.at = None
    hands.skip()
    hands.reach("Skip to the list")
    page.keyboard.press("Enter")
    hands.at = None
    selects = select_two(page, hands)
    assert len(selects) == 2
    expect(page.get_by_role("status").filter(has_text="selected")).to_contain_text("2 of ")
    hands.press("Change their priority")
    steps.expect_heading(page, "Change the priority of 2 referrals")
    hands.skip()
    hands.choose("Which priority do they get?", "Immediate")
    hands.write("Why does it change?", "The school rang again.")
    hands.press("Change the priority")

    # What became of it has the focus, and is read out.
    expect(page.locator(".govuk-notification-banner")).to_be_focused()


def select_two(page: Page, hands: Hands) -> list[str]:
    """Select the first two rows that can become more pressing, with the space bar."""
    standard = page.locator("tr", has=page.locator("td", has_text="Standard"))
    names = standard.locator("label").all_inner_texts()[:2]
    for name in names:
        hands.reach(name.strip())
        page.keyboard.press("Space")
    return names


def send_it_off_unanswered(page: Page, hands: Hands) -> None:
    """Press on without an answer: the summary has focus, and leads to the question."""
    hands.skip()
    hands.press(steps.SAVE)
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    hands.at = hands.stop()
    hands.reach("Select yes if a child is in immediate danger")
    page.keyboard.press("Enter")
    hands.at = at = hands.stop()
    assert (at.kind, at.question) == (
        "radio",
        "Is a child in immediate danger, or has a serious offence just happened?",
    )


def stop_for_danger_and_come_back(page: Page, hands: Hands) -> None:
    """Say that there is danger, be stopped for it, and go back to say that there is none."""
    hands.down_to("Yes")
    hands.press(steps.SAVE)
    expect(page.get_by_role("heading", level=1)).to_have_text("Call 999 now")
    hands.skip()
    hands.reach("I have called 999 \N{EN DASH} continue")
    hands.press("Back", back=True)
    hands.skip()
    hands.choose("Is a child in immediate danger", "No")
    hands.press(steps.SAVE)


def go_past_the_same_child(page: Page, hands: Hands) -> None:
    """Where another test has told of the same child, say that it is not the same."""
    if "/seen-before/" in page.url:
        hands.skip()
        hands.choose("Is it the same child?", "No, it is a different child")
        hands.press(steps.SAVE)


def go_past(page: Page, hands: Hands, heading: str, button: str = steps.SAVE) -> None:
    """Go past a question that may be left open."""
    steps.expect_heading(page, heading)
    hands.skip()
    hands.press(button)
