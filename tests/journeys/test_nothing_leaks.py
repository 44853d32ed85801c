"""What a teacher writes about a child goes to the database and to those who may read it."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from portal.accounts.vocabulary import Role
from tests.browser import named_in
from tests.journeys import steps
from tests.journeys.steps import Story

pytestmark = pytest.mark.browser

STORY = Story(saw="A heron-grey lorry waited for her.", phone="01632 960987")
REASON = "The lorry was seen at two schools in one week."


def kept_beside_the_database(site) -> dict[Path, str]:
    """Every file that the running portal has written: logs, the broker's queue, mail."""
    files = [path for path in site.stage.folder.rglob("*") if path.is_file()]
    return {path: path.read_bytes().decode(errors="replace") for path in files}


def test_no_log_no_queue_and_no_mail_holds_a_word_of_it(site, page_at, sign_in):
    teacher, coordinator = page_at(), page_at()
    sign_in(teacher, Role.PRACTITIONER)
    sign_in(coordinator, Role.COORDINATOR)
    reference = steps.refer(teacher, STORY)
    teacher.goto(f"/referrals/{reference}/why/")
    _decide_in_two_windows(coordinator, reference)
    site.manage("sweep")

    files = kept_beside_the_database(site)

    written = "".join(files.values())
    assert f"/referrals/{reference}/why/" in written, "the web server's log is among them"
    assert "notifications.deliver" in written, "the worker's log is among them"
    assert "Subject:" in written, "the mail is among them"
    ours = [STORY.given_name, STORY.family_name]
    told = (STORY.saw, STORY.child_said, STORY.child_wants, STORY.phone)
    secret = (*told, steps.TOLD_REFERRER, REASON)
    for path, text in files.items():
        assert not named_in(text, ours), path
        assert not [words for words in secret if words in text], path


def _decide_in_two_windows(page: Page, reference: str) -> None:
    """Decide, and be refused in another window, with everything that was written."""
    late = page.context.new_page()
    for window in (page, late):
        window.goto(f"/triage/{reference}/")
    steps.decide(page)
    steps.choose(late, "What should happen next?", "Early help")
    late.get_by_label("Why?", exact=True).fill(REASON)
    late.get_by_label("What can we tell the person who referred?").fill(STORY.child_said)
    steps.press(late, "Record decision")
    expect(late).to_have_title(re.compile(r"^Error: "))
    expect(late.get_by_label("Why?", exact=True)).to_have_value(REASON)
