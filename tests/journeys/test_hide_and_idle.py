"""A shared desk: hiding a page, the warning before a session ends, and saving while one writes."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from portal.accounts.vocabulary import Role
from tests.browser import accessibility_faults, named_in, scrolls_sideways
from tests.journeys import steps
from tests.journeys.steps import Story
from tests.site import NEUTRAL
from tools import databases

pytestmark = pytest.mark.browser

STORY = Story()
OVER = "UPDATE django_session SET expire_date = now() - interval '1 minute' RETURNING session_key"
EIGHTEEN_MINUTES = 18 * 60 * 1000


def answer_for_the_neutral_site(context: BrowserContext) -> None:
    """Answer in the place of the neutral site: nothing leaves this machine."""
    weather = "<!DOCTYPE html><title>Weather</title><h1>Sunny spells</h1>"
    context.route(
        f"{NEUTRAL}**", lambda route: route.fulfill(body=weather, content_type="text/html")
    )


@pytest.fixture(params=[True, False], ids=["with script", "without script"])
def teacher(request, page_at, sign_in) -> Page:
    """A teacher who has just signed in."""
    page: Page = page_at(javascript=request.param)
    answer_for_the_neutral_site(page.context)
    sign_in(page, Role.PRACTITIONER)
    return page


@pytest.fixture
def scripted(page_at, sign_in) -> Page:
    """The same, with script."""
    page: Page = page_at()
    answer_for_the_neutral_site(page.context)
    sign_in(page, Role.PRACTITIONER)
    return page


def to_the_concern(page: Page) -> str:
    steps.begin(page)
    steps.say_no_danger(page)
    steps.name_the_child(page, STORY)
    steps.expect_heading(page, "What have you seen, heard or been told?")
    page.wait_for_load_state("load")  # its scripts listen by then
    return page.url


def unlock(page: Page, people) -> None:
    steps.expect_heading(page, "Unlock this page")
    page.get_by_label("Password", exact=True).fill(people.demo.password)
    steps.press(page, "Unlock this page")


def test_back_from_the_neutral_site_shows_the_lock_and_then_the_same_page(teacher, people, site):
    databases.ask(site.database_url, "DELETE FROM django_cache")
    there = to_the_concern(teacher)
    for heading in ("What should we know", "Where is the child", "Who is the child?"):
        teacher.get_by_role("link", name="Back", exact=True).click()
        expect(teacher.get_by_role("heading", level=1)).to_contain_text(heading)
    expect(teacher.get_by_label("First name")).to_have_value(STORY.given_name)
    here = teacher.url

    teacher.get_by_role("button", name="Hide this page").click()
    teacher.wait_for_url(NEUTRAL)
    teacher.go_back()

    steps.expect_heading(teacher, "Unlock this page")
    assert not named_in(teacher.content(), [STORY.given_name, STORY.family_name])
    unlock(teacher, people)
    teacher.wait_for_url(here)
    expect(teacher.get_by_label("First name")).to_have_value(STORY.given_name)
    assert there != here


@pytest.mark.parametrize("width", [1280, 320])
def test_shift_three_times_hides_what_is_being_written_and_keeps_it(
    scripted, people, site, width, tmp_path
):
    databases.ask(site.database_url, "DELETE FROM django_cache")
    scripted.set_viewport_size({"width": width, "height": 900})
    to_the_concern(scripted)
    scripted.locator("[name=saw]").press_sequentially(STORY.saw)

    for _ in range(3):
        scripted.keyboard.press("Shift")
    scripted.wait_for_url(NEUTRAL)
    scripted.goto(f"{site.base_url}/account/unlock/")

    assert not accessibility_faults(scripted)
    assert not scrolls_sideways(scripted)
    unlock(scripted, people)
    expect(scripted.locator("main")).to_contain_text("We kept what you wrote")
    expect(scripted.locator("[name=saw]")).to_have_value(STORY.saw)
    assert not accessibility_faults(scripted)
    assert not scrolls_sideways(scripted)


def test_every_tick_of_a_group_is_kept(scripted, people, site):
    databases.ask(site.database_url, "DELETE FROM django_cache")
    concern = to_the_concern(scripted)
    scripted.goto(concern.replace("/concern/", "/when-and-signs/"))
    ticks = scripted.locator("[name=signs_away]")
    for place in range(3):
        ticks.nth(place).check()

    scripted.get_by_role("button", name="Hide this page").click()
    scripted.wait_for_url(NEUTRAL)
    scripted.goto(f"{site.base_url}/account/unlock/")
    unlock(scripted, people)

    for place in range(4):
        expect(ticks.nth(place)).to_be_checked(checked=place < 3)


def test_writing_in_capitals_hides_nothing(scripted):
    to_the_concern(scripted)
    here = scripted.url
    for letter in "ABCD":
        scripted.locator("[name=saw]").press(f"Shift+{letter}")
    scripted.wait_for_timeout(500)
    assert scripted.url == here


@pytest.fixture
def waiting(scripted) -> Callable[[int], None]:
    """Let time pass in the browser, and only there."""
    scripted.clock.install()

    def wait(milliseconds: int) -> None:
        scripted.clock.fast_forward(milliseconds)

    return wait


def test_the_warning_is_a_dialog_and_one_press_extends(scripted, waiting):
    scripted.goto("/home/")
    dialog = scripted.get_by_role("dialog", name="You will be signed out soon")
    expect(dialog).to_be_hidden()

    waiting(EIGHTEEN_MINUTES + 2000)

    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text("signed out in 2 minutes")
    assert not accessibility_faults(scripted)
    assert scripted.evaluate("document.activeElement.textContent") == "Stay signed in"
    scripted.keyboard.press("Enter")
    expect(dialog).to_be_hidden()


def test_windows_keep_in_step(scripted, waiting):
    scripted.goto("/home/")
    waiting(EIGHTEEN_MINUTES + 2000)
    expect(scripted.get_by_role("dialog")).to_be_visible()

    other = scripted.context.new_page()
    other.clock.install()
    other.goto("/help/")
    other.clock.fast_forward(EIGHTEEN_MINUTES + 30_000)
    other.get_by_role("button", name="Stay signed in").click()

    expect(other.get_by_role("dialog")).to_be_hidden()
    expect(scripted.get_by_role("dialog")).to_be_hidden()


def test_when_the_time_is_up_the_words_are_held_and_the_screen_is_cleared(
    scripted, waiting, site, sign_in
):
    to_the_concern(scripted)
    scripted.locator("[name=saw]").fill(STORY.saw)
    databases.ask(site.database_url, OVER)

    waiting(21 * 60 * 1000)

    steps.expect_heading(scripted, "Sign in")
    expect(scripted.locator("main")).to_contain_text("We kept what you wrote")
    assert STORY.saw not in scripted.content()
    sign_in(scripted, Role.PRACTITIONER)
    expect(scripted.locator("[name=saw]")).to_have_value(STORY.saw)


def test_what_is_typed_is_saved_while_one_writes(scripted):
    here = to_the_concern(scripted)
    scripted.locator("[name=saw]").fill(STORY.saw)
    scripted.locator("[name=child_said]").focus()

    saved = scripted.get_by_role("status").filter(has_text="Saved at")
    expect(saved).to_be_visible(timeout=15_000)
    other = scripted.context.new_page()
    other.goto(here)
    expect(other.locator("[name=saw]")).to_have_value(STORY.saw)
    other.close()
    scripted.locator("[name=child_said]").fill(STORY.child_said)
    steps.press(scripted, steps.SAVE)
    steps.expect_heading(scripted, "When did this happen?")


def test_without_a_network_it_says_so_and_saves_when_it_is_back(scripted):
    to_the_concern(scripted)
    scripted.context.set_offline(True)
    scripted.locator("[name=saw]").fill(STORY.saw)
    scripted.locator("[name=child_said]").focus()
    expect(scripted.get_by_text("We will try again.")).to_be_visible()

    scripted.context.set_offline(False)

    # At once; or, if a try was just failing, with the next one, 20 seconds later at most.
    expect(scripted.get_by_text("Saved at")).to_be_visible(timeout=25_000)


@pytest.mark.parametrize("width", [1280, 320])
def test_two_windows_show_both_texts(scripted, width):
    scripted.set_viewport_size({"width": width, "height": 900})
    here = to_the_concern(scripted)
    other = scripted.context.new_page()
    other.goto(here)
    other.locator("[name=saw]").fill("A grey van, twice.")
    steps.press(other, steps.SAVE)
    scripted.locator("[name=saw]").fill(STORY.saw)

    steps.press(scripted, steps.SAVE)

    steps.expect_heading(scripted, "You wrote this in two windows")
    expect(scripted.locator("main")).to_contain_text("A grey van, twice.")
    expect(scripted.locator("[name=saw]")).to_have_value(STORY.saw)
    assert not accessibility_faults(scripted)
    assert not scrolls_sideways(scripted)
    scripted.locator("[name=saw]").fill(f"{STORY.saw} A grey van, twice.")
    steps.press(scripted, "Keep what is in this window")
    steps.expect_heading(scripted, "When did this happen?")
