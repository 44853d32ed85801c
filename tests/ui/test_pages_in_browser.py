"""Every page of the portal in a real browser, for the people who use it, wide and narrow.

Each is looked at by axe and for what `tests.browser` watches on every page. The last test holds
the list against the resolver, so that a new page is either listed here or named as none.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes
from urllib.parse import urlsplit

import pytest
from django.template.loader import render_to_string
from django.urls import reverse
from playwright.sync_api import Page, expect

from portal.accounts.vocabulary import Role
from portal.documents.vocabulary import Failure
from referrals.intake.forms import ORDER
from tests.architecture.doors import doors
from tests.browser import TITLE, accessibility_faults, named_in, scrolls_sideways
from tests.journeys import steps
from tools import databases

pytestmark = pytest.mark.browser

WIDTHS = (1280, 320)

TEACHER, LEAD = Role.PRACTITIONER, Role.AGENCY_LEAD
COORDINATOR, MANAGER = Role.COORDINATOR, Role.MANAGER
PANEL, CHAIR = Role.PANEL_MEMBER, Role.BOARD_CHAIR


@dataclass(frozen=True)
class View:
    """A page as one person meets it.

    `at` maps what varies in its address to the name of a place, or to the word itself.
    """

    route: str
    who: Role | None = None
    state: str = ""
    at: tuple[tuple[str, str], ...] = ()
    status: int = 200

    def __str__(self) -> str:
        who = self.who.value if self.who else "stranger"
        return "-".join(filter(None, (self.route, who, self.state))).replace(":", ".")

    def address(self, places: dict[str, str]) -> str:
        """Where it is, on this run's data."""
        filled = {name: places.get(word, word) for name, word in self.at}
        return reverse(self.route, kwargs=filled)


def of_case(route: str, who: Role, place: str, **more: str) -> View:
    """A page about the case at this place."""
    return View(route, who, place, (("reference", place), *more.items()))


def question(page: str, draft: str = "draft") -> View:
    """A question page of a draft."""
    return View("intake:page", TEACHER, f"{page}-{draft}", (("pk", draft), ("page", page)))


def report(route: str, who: Role, place: str) -> View:
    """A page about an audit report."""
    return View(route, who, place, (("pk", place),))


# How a PDF can stand: the failure, the bytes and their fingerprint.
COPIES = {
    "asked": ("", None, ""),
    "ready": ("", b"%PDF-", "0" * 64),
    "failed": (Failure.TOO_SLOW, None, ""),
}

OPEN_TO_ALL = [
    *map(View, ("home:start", "home:help", "home:labels", "home:accessibility", "home:privacy")),
    *map(View, ("home:cookies", "accounts:signed_out", "accounts:timed_out", "account_login")),
    View("account_reset_password"),
    View("account_reset_password_done"),
    View("account_reset_password_from_key", at=(("uidb36", "1"), ("key", "x-y")), state="used"),
    View("account_reset_password_from_key_done"),
]
VIEWS = [
    *OPEN_TO_ALL,
    *(View("home:home", role) for role in (TEACHER, COORDINATOR, PANEL, CHAIR, Role.IG_LEAD)),
    View("account_logout", TEACHER),
    View("account_reauthenticate", TEACHER),
    View("accounts:role", TEACHER),
    View("notifications:list", TEACHER),
    View("notifications:list", COORDINATOR),
    View("rules:rules", Role.IG_LEAD),
    View("intake:new", TEACHER),
    View("intake:draft", TEACHER, "draft", (("pk", "draft"),)),
    *map(question, ORDER),
    View("intake:danger_now", TEACHER, "in danger", (("pk", "in danger"),)),
    View("intake:danger_now", TEACHER, "not sure", (("pk", "not sure"),)),
    of_case("intake:sent", TEACHER, "waiting"),
    View("referrals:mine", TEACHER),
    View("referrals:mine", Role.AUDITOR, "empty"),
    View("referrals:cases", COORDINATOR),
    View("referrals:cases", PANEL),
    View("referrals:cases", Role.AUDITOR, "empty"),
    View("referrals:search", COORDINATOR),
    *(report("referrals:copy", COORDINATOR, f"{state} copy") for state in COPIES),
    of_case("referrals:case", TEACHER, "waiting"),
    of_case("referrals:case", TEACHER, "answered"),
    of_case("referrals:case", LEAD, "of my agency"),
    of_case("referrals:case", COORDINATOR, "received"),
    of_case("referrals:case", COORDINATOR, "open"),
    of_case("referrals:case", MANAGER, "closed"),
    of_case("referrals:case", PANEL, "before the panel"),
    of_case("disclosures:why", TEACHER, "waiting"),
    of_case("disclosures:why", COORDINATOR, "received"),
    of_case("disclosures:why", PANEL, "before the panel"),
    View("triage:board", COORDINATOR),
    View("triage:board", MANAGER),
    of_case("triage:workspace", COORDINATOR, "overdue"),
    of_case("triage:workspace", COORDINATOR, "immediate"),
    of_case("triage:workspace", COORDINATOR, "checking"),
    of_case("triage:workspace", COORDINATOR, "open"),
    of_case("triage:move", COORDINATOR, "received", action="return"),
    of_case("governance:trail", COORDINATOR, "open"),
    report("governance:report", COORDINATOR, "waiting report"),
    report("governance:report", COORDINATOR, "failed report"),
    report("governance:report", COORDINATOR, "ready report"),
    report("governance:report", COORDINATOR, "published report"),
    View("governance:reports", CHAIR),
    report("governance:review", CHAIR, "published report"),
    # Refusals.
    View("referrals:case", COORDINATOR, "missing", (("reference", "R-0000-000"),), 404),
    View("triage:board", TEACHER, "refused", status=403),
    View("referrals:case", CHAIR, "refused", (("reference", "received"),), 403),
    View("intake:new", CHAIR, "refused", status=403),
]
# Each with the button that is pressed while nothing, or nonsense, has been answered.
FORMS = [
    (View("account_login"), "Sign in"),
    (View("account_reset_password"), "Send the link"),
    (View("account_reauthenticate", TEACHER), "Continue"),
    *((question(page, "empty"), steps.SAVE) for page in ORDER[:-1]),
    (question("check", "empty"), steps.SEND),
    (of_case("triage:workspace", COORDINATOR, "overdue"), "Record decision"),
    (
        of_case("triage:move", COORDINATOR, "received", action="return"),
        "Return for more information",
    ),
    (of_case("governance:trail", COORDINATOR, "open"), "Make PDF"),
    (View("referrals:search", COORDINATOR), "Find a case"),
    (report("governance:review", CHAIR, "published report"), "Mark as reviewed"),
]
NOT_PAGES = {
    "home:healthz": "a word for the supervisor",
    "governance:download": "the PDF itself: tests/journeys",
    "referrals:csv": "the spreadsheet itself",
    "referrals:pdf": "takes a press of a button only",
    "referrals:download": "the PDF itself",
    "intake:discard": "takes a press of a button only",
    "triage:acknowledge": "takes a press of a button only",
    "triage:decide": "takes the form of the workspace only",
    "governance:publish": "takes a press of a button only",
    "notifications:mark_read": "takes a press of a button only",
    "notifications:mark_all_read": "takes a press of a button only",
}


@pytest.fixture
def open_view(page_at, sessions) -> Callable[..., Page]:
    """Open a window in which somebody has signed in, or nobody."""

    def opened(who: Role | None, width: int = 1280, *, javascript: bool = True) -> Page:
        state = sessions(who) if who else None
        return page_at(width, javascript=javascript, state=state)

    return opened


@pytest.fixture(scope="module")
def places(site, people, browser, sessions) -> dict[str, str]:
    """What varies in the addresses: cases, drafts and reports in every state that pages show."""
    teacher, lead, panel = (people.one(role).email for role in (TEACHER, LEAD, PANEL))
    coordinator = people.one(COORDINATOR).email
    context = browser.new_context(base_url=site.base_url, storage_state=sessions(TEACHER))
    page = context.new_page()
    drafts = {
        "empty": _draft(page),
        "in danger": _draft(page, "Yes"),
        "not sure": _draft(page, "I am not sure"),
    }
    context.close()

    def one(query: str, *values: object) -> str:
        rows = databases.ask(site.database_url, query, *values)
        assert rows, f"the demo data has none: {query} {values}"
        return str(rows[0][0])

    def case(where: str, *values: object) -> str:
        return one(_CASE.format(where), *values)

    return drafts | {
        "draft": one(_DRAFT, teacher),
        "waiting": case(f"status = 'received' AND {_SENT}", teacher),
        "answered": case(f"decided_at IS NOT NULL AND {_SENT}", teacher),
        "of my agency": case(_GRANTED, lead),
        "before the panel": case(_GRANTED, panel),
        "received": case("status = 'received' AND decision_due_at > now()"),
        "overdue": case("status = 'received' AND decision_due_at < now()"),
        "immediate": case("status = 'received' AND priority = 'immediate'"),
        "checking": case("status = 'checking'"),
        "open": case("status = 'open'"),
        "closed": case("status = 'closed'"),
        "ready report": one(_REPORT.format("published_at IS NULL")),
        "published report": one(_REPORT.format("published_at IS NOT NULL AND reviewed_at IS NULL")),
        **{f"{state} copy": one(_COPY, state, *COPIES[state], coordinator) for state in COPIES},
        "waiting report": one(_UNMADE, "asked", ""),
        "failed report": one(_UNMADE, "failed", Failure.TOO_SLOW),
    }


_CASE = "SELECT reference FROM referrals_case c WHERE {} ORDER BY received_at LIMIT 1"
_SENT = """
    EXISTS (SELECT FROM referrals_referral r JOIN accounts_membership m ON m.id = r.author_id
      JOIN accounts_user u ON u.id = m.user_id WHERE r.case_id = c.id AND u.email = %s)
"""
_GRANTED = """
    EXISTS (SELECT FROM referrals_grant g JOIN accounts_membership m ON m.team_id = g.group_id
      JOIN accounts_user u ON u.id = m.user_id
      WHERE g.content_object_id = c.id AND g.ended_at IS NULL AND u.email = %s)
"""
_DRAFT = """
    SELECT d.id FROM intake_draft d JOIN accounts_membership m ON m.id = d.author_id
      JOIN accounts_user u ON u.id = m.user_id
    WHERE u.email = %s AND sent_at IS NULL ORDER BY d.created_at LIMIT 1
"""
# A PDF of a case that a coordinator has asked for, in each of its states.
_COPY = """
    INSERT INTO documents_document
      (id, created_at, kind, title, owner_id, parameters, status, attempts, failure, asked_at,
       content, sha256, pages, bytes, ready_at, expires_at)
    SELECT gen_random_uuid(), now(), 'case_copy', 'Copy of a case', m.id,
      jsonb_build_object('reference', c.reference), %s, 0, %s, now(), %s::bytea, %s, 1, 1, now(),
      now() + interval '1 day'
    FROM accounts_membership m JOIN accounts_user u ON u.id = m.user_id, referrals_case c
    WHERE u.email = %s AND c.status = 'open' AND EXISTS (
      SELECT FROM referrals_grant g WHERE g.content_object_id = c.id AND g.group_id = m.team_id)
    LIMIT 1 RETURNING id
"""
_REPORT = """
    SELECT t.id FROM governance_audittrail t JOIN documents_document d ON d.id = t.document_id
    WHERE d.status = 'ready' AND {} ORDER BY t.created_at LIMIT 1
"""
# A report like one that is there, as it is before it is made or when it could not be.
_UNMADE = """
    WITH made AS (SELECT * FROM governance_audittrail ORDER BY created_at LIMIT 1),
    document AS (
      INSERT INTO documents_document
        (id, created_at, kind, title, owner_id, parameters, status, attempts, failure, asked_at,
         sha256)
      SELECT gen_random_uuid(), now(), d.kind, d.title, d.owner_id, '{}', %s, 0, %s, now(), ''
      FROM documents_document d JOIN made ON made.document_id = d.id RETURNING id)
    INSERT INTO governance_audittrail
      (id, created_at, partnership_id, case_id, audience, number, document_id, requested_by_id,
       comment)
    SELECT gen_random_uuid(), now(), made.partnership_id, made.case_id, made.audience, made.number,
      document.id, made.requested_by_id, ''
    FROM made, document RETURNING id
"""


def _draft(page: Page, danger: str = "") -> str:
    """Begin a draft and answer its first question, or nothing. Returns its id."""
    draft = steps.begin(page)
    if danger:
        steps.choose(page, "Is a child in immediate danger", danger)
        steps.press(page, steps.SAVE)
        page.wait_for_url("**/danger/now/")
    return draft.rstrip("/").rpartition("/")[2]


def check(page: Page) -> None:
    """What holds for every page, in whatever state, wide and narrow."""
    check_words(page)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert not scrolls_sideways(page), width
        assert not accessibility_faults(page), width


def check_words(page: Page) -> None:
    """What holds for every page, however it is drawn."""
    assert TITLE.fullmatch(page.title()), page.title()
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    expect(page.locator("footer, main").get_by_text("020 7946 0011").first).to_be_visible()


@pytest.mark.parametrize("view", VIEWS, ids=str)
def test_page(open_view, places, view):
    page = open_view(view.who)

    answer = page.goto(view.address(places))

    assert answer is not None
    assert answer.status == view.status
    assert urlsplit(page.url).path == view.address(places), "led somewhere else"
    check(page)


@pytest.mark.parametrize("view", VIEWS, ids=str)
def test_page_without_javascript(open_view, places, view):
    page = open_view(view.who, 320, javascript=False)

    page.goto(view.address(places))

    check_words(page)
    assert not scrolls_sideways(page)
    # On a narrow screen the numbers between the first page and the last stand back.
    pressed = "a:not(.govuk-pagination__list a), button:not([hidden])"
    hidden = page.locator("nav, main").locator(pressed).locator("visible=false")
    assert not hidden.count(), hidden.all_inner_texts()


@pytest.mark.parametrize(("view", "button"), FORMS, ids=lambda part: str(part).replace(" ", "_"))
def test_form_that_lacks_an_answer(open_view, places, view, button):
    page = open_view(view.who)
    page.goto(view.address(places))

    steps.press(page, button)

    expect(page).to_have_title(re.compile(r"^Error: "))
    summary = page.locator(".govuk-error-summary")
    expect(summary).to_be_focused()
    for link in summary.get_by_role("link").all():
        target = page.locator(link.get_attribute("href") or "nothing")
        expect(target).to_be_visible()
    summary.get_by_role("link").first.click()
    assert page.evaluate("() => document.activeElement.matches('input, textarea, select')")
    check(page)


def test_choosing_one_of_two_roles(page_at, people, sign_in):
    page = page_at()
    sign_in(page, people.with_two_roles())
    steps.expect_heading(page, "Choose your role")
    check(page)
    expect(page.locator("input:checked")).to_have_count(0)

    steps.press(page, "Work in this role")
    steps.expect_error(page, "Select the role you want to work in")
    check(page)

    page.get_by_label("Work as Panel member").check()
    steps.press(page, "Work in this role")
    steps.expect_heading(page, "Home")
    expect(page.get_by_text("Working as: Panel member")).to_be_visible()


def test_a_new_password_by_the_link_in_the_mail(site, people, page_at):
    person, before = people.one(Role.PLATFORM_ADMIN), set(site.mail.glob("*.eml"))
    page = page_at()
    page.goto(reverse("account_reset_password"))
    page.get_by_label("Work email address").fill(person.email)
    steps.press(page, "Send the link")
    steps.expect_heading(page, "Check your email")

    page.goto(_link_in_new_mail(site, before))
    steps.expect_heading(page, "Choose a new password")
    check(page)
    _type_twice(page, "short")
    expect(page).to_have_title(re.compile(r"^Error: "))
    check(page)
    _type_twice(page, "seven-lanterns-on-the-water")
    steps.expect_heading(page, "Your password has been changed")


def _link_in_new_mail(site, before) -> str:
    (mail,) = set(site.mail.glob("*.eml")) - before
    part = message_from_bytes(mail.read_bytes()).get_payload(decode=True)
    assert isinstance(part, bytes)
    found = re.search(r"https?://\S+", part.decode())
    assert found
    return found[0]


def _type_twice(page: Page, password: str) -> None:
    page.get_by_label("New password", exact=True).fill(password)
    page.get_by_label("New password again", exact=True).fill(password)
    steps.press(page, "Save the new password")


def test_a_report_that_has_been_signed_for(open_view, places):
    page = open_view(CHAIR)
    page.goto(report("governance:review", CHAIR, "published report").address(places))
    page.get_by_label("What did you review").fill("I have read it.")
    steps.press(page, "Mark as reviewed")

    expect(page.get_by_role("heading", name="Signed for")).to_be_visible()
    check(page)


def test_a_rule_that_forbids_it_now_says_so_and_keeps_the_words(open_view, places):
    address = of_case("triage:workspace", COORDINATOR, "checking").address(places)
    page = open_view(COORDINATOR)
    page.goto(of_case("triage:workspace", COORDINATOR, "received").address(places))
    form = page.locator("form[action$='/acknowledge/']")
    form.evaluate("(form, address) => { form.action = address }", f"{address}acknowledge/")

    steps.press(page, "Acknowledge")

    steps.expect_heading(page, "This cannot be done now")
    check(page)


def test_a_request_that_cannot_be_read(open_view):
    page = open_view(None)
    page.goto(reverse("account_login"))
    page.evaluate(
        "() => { for (let i = 0; i < 400; i++) {"
        " const box = document.createElement('input'); box.name = `b${i}`;"
        " document.querySelector('main form').append(box); } }"
    )

    steps.press(page, "Sign in")

    steps.expect_heading(page, "We could not read that request")
    check(page)


def test_a_form_whose_token_is_gone(open_view):
    page = open_view(TEACHER)
    page.goto(reverse("intake:new"))
    page.context.clear_cookies(name="csrf")

    steps.press(page, "Start now")

    steps.expect_heading(page, "We could not save that page")
    check(page)


@pytest.mark.parametrize("name", ["500", "503"])
def test_pages_that_stand_alone(open_view, name):
    page = open_view(None)
    page.route(
        "**/broken/",
        lambda route: route.fulfill(
            body=render_to_string(f"errors/{name}.html"), content_type="text/html; charset=utf-8"
        ),
    )

    page.goto("/broken/")

    check(page)


def test_the_page_that_a_stranger_does_not_find(open_view):
    page = open_view(None)

    answer = page.goto("/nothing/here/")

    assert answer is not None
    assert answer.status == 404
    check(page)


def test_nobody_is_named_on_the_boards_pages(open_view, people, places):
    page = open_view(CHAIR)
    for view in (v for v in VIEWS if v.who is CHAIR):
        page.goto(view.address(places))
        shown = page.locator("body").inner_text()
        assert not named_in(shown, people.children), view


def test_every_page_is_in_the_list():
    pages = {door.name for door in doors() if not door.path.startswith("/api/")}

    assert {view.route for view in VIEWS} | set(NOT_PAGES) == pages
    assert not {view.route for view in VIEWS} & set(NOT_PAGES)
