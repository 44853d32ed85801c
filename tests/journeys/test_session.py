"""Sessions and windows: what ends while somebody works, what Back shows, and two tabs at once."""

import re

import pytest
from playwright.sync_api import Page, expect

from portal.accounts.vocabulary import Role
from tests.browser import named_in
from tests.journeys import steps
from tests.journeys.steps import Story
from tools import databases

pytestmark = pytest.mark.browser

STORY = Story()


@pytest.fixture
def teacher(page_at, sign_in) -> Page:
    """A teacher who has just signed in."""
    page: Page = page_at()
    sign_in(page, Role.PRACTITIONER)
    return page


def end_session(site, page: Page) -> None:
    """End the session on the server, as the clock does after twenty idle minutes."""
    (key,) = [c.get("value") for c in page.context.cookies() if c.get("name") == "session"]
    query = "DELETE FROM django_session WHERE session_key = %s RETURNING session_key"
    assert databases.ask(site.database_url, query, key)


def referrals_from(site, draft: str) -> int:
    """How many referrals were sent from the draft at this address."""
    query = "SELECT count(*) FROM referrals_referral WHERE key = %s"
    return int(databases.ask(site.database_url, query, draft.rstrip("/").rpartition("/")[2])[0][0])


def test_what_was_saved_is_there_after_the_session_has_ended(site, teacher, sign_in):
    steps.begin(teacher)
    steps.say_no_danger(teacher)
    steps.name_the_child(teacher, STORY)
    teacher.locator("[name=saw]").fill(STORY.saw)
    end_session(site, teacher)

    steps.press(teacher, steps.SAVE)

    steps.expect_heading(teacher, "Sign in")
    assert STORY.saw not in teacher.content()
    sign_in(teacher, Role.PRACTITIONER)
    steps.expect_heading(teacher, "What have you seen, heard or been told?")
    for heading in ("What should we know", "Where is the child", "Who is the child?"):
        teacher.get_by_role("link", name="Back", exact=True).click()
        expect(teacher.get_by_role("heading", level=1)).to_contain_text(heading)
    expect(teacher.get_by_label("First name")).to_have_value(STORY.given_name)


def test_somebody_else_who_signs_in_at_this_desk_does_not_get_the_draft(
    site, teacher, sign_in, people
):
    steps.begin(teacher)
    steps.say_no_danger(teacher)
    steps.name_the_child(teacher, STORY)
    end_session(site, teacher)
    teacher.reload()

    sign_in(teacher, people.another(Role.PRACTITIONER))

    steps.expect_heading(teacher, "We cannot find that page")
    assert not named_in(teacher.content(), [STORY.given_name, STORY.family_name])


def test_back_shows_nothing_after_signing_out(teacher):
    reference = steps.refer(teacher)
    teacher.goto(f"/referrals/{reference}/")
    expect(teacher.locator("main")).to_contain_text(STORY.family_name)
    teacher.goto("/help/")

    steps.sign_out(teacher)
    steps.expect_heading(teacher, "You have signed out")
    assert not [c for c in teacher.context.cookies() if c.get("name") == "session"]

    for _ in range(3):
        teacher.go_back()
        shown = teacher.locator("body").inner_text()
        assert not named_in(shown, [STORY.given_name, STORY.family_name])
        assert STORY.saw not in shown
    steps.expect_heading(teacher, "Sign in")


def test_back_after_sending_does_not_send_again(site, teacher):
    draft = steps.write_all(teacher, STORY)
    steps.press(teacher, steps.SEND)
    teacher.wait_for_url("**/sent/")
    sent = teacher.url

    teacher.go_back()

    teacher.wait_for_url(sent)
    assert referrals_from(site, draft) == 1


ROLES = """
from portal.accounts import services
from portal.accounts.models import Membership
last = Membership.objects.filter(user__email="{email}").order_by("-created_at").first()
"""
END_ROLE = ROLES + "services.end_membership(membership=last)"
GIVE_ROLE_BACK = ROLES + (
    "services.enrol(email=last.user.email, name=last.user.name, agency=last.team.agency,"
    " role=last.team.role)"
)


def test_a_role_that_ends_counts_from_the_next_press(site, page_at, sign_in, people):
    person = people.another(Role.PRACTITIONER)
    page = page_at()
    sign_in(page, person)
    steps.begin(page)
    steps.say_no_danger(page)
    page.get_by_label("First name").fill(STORY.given_name)
    site.manage("shell", "-c", END_ROLE.format(email=person.email))
    try:
        steps.press(page, steps.SAVE)

        # A form is led to the choice of a role, which says that there is none.
        steps.expect_heading(page, "You have no role here")
        answer = page.goto("/referrals/")
        assert answer is not None
        assert answer.status == 403
        expect(page.get_by_text("Working as")).to_have_count(0)
    finally:
        site.manage("shell", "-c", GIVE_ROLE_BACK.format(email=person.email))


def test_two_tabs_send_one_referral(site, teacher):
    draft = steps.write_all(teacher, STORY)
    other = teacher.context.new_page()
    other.goto(teacher.url)
    steps.press(teacher, steps.SEND)
    teacher.wait_for_url("**/sent/")

    steps.press(other, steps.SEND)

    other.wait_for_url("**/sent/")
    assert steps.reference_on(other) == steps.reference_on(teacher)
    assert referrals_from(site, draft) == 1


def test_what_is_written_in_another_tab_after_sending_is_given_back(site, teacher):
    draft = steps.write_all(teacher, STORY)
    other = teacher.context.new_page()
    other.goto(f"{draft}concern/")
    other.locator("[name=told]").fill("Her brother has seen the same car twice.")
    steps.press(teacher, steps.SEND)
    teacher.wait_for_url("**/sent/")

    steps.press(other, steps.SAVE)

    steps.expect_heading(other, "This cannot be done now")
    expect(other.locator("main")).to_contain_text(re.compile(r"This was sent as R-"))
    expect(other.locator("main")).to_contain_text("Her brother has seen the same car twice.")


def test_signing_out_in_one_tab_ends_the_other(teacher):
    steps.begin(teacher)
    other = teacher.context.new_page()
    other.goto("/help/")
    steps.sign_out(other)
    steps.expect_heading(other, "You have signed out")

    steps.say_no_danger(teacher)

    steps.expect_heading(teacher, "Sign in")
