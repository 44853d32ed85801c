"""A worry told on every page there is, followed and reported, while every press first fails."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from django.urls import reverse
from playwright.sync_api import Page, expect

from portal.accounts.vocabulary import Role
from tests.browser import SignIn
from tests.journeys import sinks, steps
from tests.journeys.canary import FAMILY, FILE_NAME, HANDLE, IN_THE_FILE, MARK, fill_in, place_of
from tests.journeys.sinks import Cage, Seen
from tests.site import FOLDER, NEUTRAL, Site
from tools import databases, servers

OVER = "UPDATE django_session SET expire_date = now() WHERE session_key = %s RETURNING 1"
LATE = """
    UPDATE referrals_case SET received_at = now() - interval '12 days',
           decision_due_at = now() - interval '3 days' WHERE reference = %s RETURNING id
"""
DUE = "UPDATE notifications_notice SET next_at = now() WHERE status = 'pending'"
KEPT = "SELECT encode(words, 'escape') || page || action FROM accounts_kept"
COPIES = "from referrals.services import sweep; sweep()"
TOO_LITTLE = {"DOCUMENT_MEGABYTES": "64"}
TOO_LONG = f"{MARK} and on. " * 60_000
TOO_BIG = IN_THE_FILE.encode() * 20_000
CHOSEN = {"danger": "no", "same": "other", "confidential": "no"}
Press = Callable[[Page, str], None]


@dataclass
class Left:
    """What the story has left in the hands of the test."""

    seen: Seen = field(default_factory=Seen)
    statuses: set[int] = field(default_factory=set)
    case_page: str = ""
    kept: str = ""
    queue: str = ""
    paper: Path = Path()


@dataclass
class Flow:
    """One teacher's worry, a coordinator who looks after it, and all that goes wrong."""

    site: Site
    cage: Cage
    window: Callable[..., Page]
    sign_in: SignIn
    password: str
    left: Left

    def tell(self) -> None:
        """Tell all of it."""
        teacher = self.window(Role.PRACTITIONER, javascript=True)
        mistaken = self.refer_in_danger(teacher)
        self.go(teacher, reverse("following:withdraw", args=[mistaken]))
        fill_in(teacher)
        self.hide(teacher)
        expect(teacher.locator("[name=reason]")).to_have_value(re.compile(MARK))
        self.press(teacher, "Withdraw this referral")
        expect(teacher.get_by_text(f"Withdrawn: {mistaken}")).to_be_visible()

        self.site.processes["worker"].stop()
        plain = self.window(Role.PRACTITIONER)
        reference = self.refer(plain)
        self.fail_in_the_background(plain)
        coordinator = self.window(Role.COORDINATOR)
        self.chase(plain, reference)
        self.decide(coordinator, reference)
        self.take_away(coordinator, reference)
        self.follow(plain, reference)
        self.take_it_further(plain, reference)
        self.take_a_copy(plain, reference)
        self.report(plain, coordinator)
        self.be_refused(plain, reference, mistaken)

    # --- The pages -------------------------------------------------------------------------------
    def refer_in_danger(self, page: Page) -> str:
        """With scripts: danger, an adult's age, two windows, and no broker when it is sent."""
        address = steps.begin(page)
        self.press(page, steps.SAVE)
        steps.expect_error(page, "Select yes if a child is in immediate danger")
        fill_in(page, danger="yes")
        self.press(page, steps.SAVE)
        self.open(page, "I cannot call")
        steps.expect_heading(page, "If you cannot call")
        self.go(page, f"{address}danger/now/")
        self.press(page, "I have called 999 – continue")  # noqa: RUF001
        self.go(page, f"{address}danger/")
        self.walk(page, self.press, "child")
        fill_in(page, **{"date_of_birth-year": "2000"})
        self.press(page, steps.SAVE)
        self.open(page, "Change the age")
        fill_in(page)
        self.press(page, steps.SAVE)
        self.walk(page, self.press, "concern", also="none")
        self.write_in_two_windows(page)
        self.walk(page, self.press, "check", also="none")
        self.site.broker.kill()
        try:
            self.press(page, steps.SEND)
            page.wait_for_url("**/sent/")
        finally:
            self.site.start_broker()
        return steps.reference_on(page)

    def hide(self, page: Page) -> None:
        """Hide a page that is being written, and unlock it again."""
        page.context.route(f"{NEUTRAL}**", lambda route: route.fulfill(body="Sunny spells"))
        page.get_by_role("button", name="Hide this page").click()
        page.wait_for_url(NEUTRAL)
        self.go(page, f"{self.site.base_url}{reverse('accounts:unlock')}")
        page.get_by_label("Password", exact=True).fill(self.password)
        self.press(page, "Unlock this page")

    def write_in_two_windows(self, page: Page) -> None:
        """Write a page in two windows, of which the second is asked which words count."""
        page.locator("[name=saw]").fill(f"{MARK}-while-one-writes")
        page.locator("[name=child_said]").focus()
        saved = page.get_by_role("status").filter(has_text="Saved at")
        expect(saved).to_be_visible(timeout=15_000)
        other = page.context.new_page()
        self.go(other, page.url)
        other.locator("[name=saw]").fill(f"{MARK}-in-the-other-window")
        self.press(other, steps.SAVE)
        other.close()
        page.locator("[name=saw]").fill(f"{MARK}-in-this-window")
        self.press(page, steps.SAVE)
        steps.expect_heading(page, "You wrote this in two windows")
        self.press(page, "Keep what is in this window")

    def refer(self, page: Page) -> str:
        """Without scripts: every page, and a file; every press fails first."""
        address = steps.begin(page)
        self.go(page, address)
        self.go(page, f"{address}danger/")
        self.walk(page, self.press, "child")
        fill_in(page, **{"date_of_birth-month": "13"})
        self.press(page, steps.SAVE)
        steps.expect_error(page, "Date of birth must be a real date")
        self.walk(page, self.press_twice, "concern")
        page.locator("[name=saw]").fill(TOO_LONG)
        self.press(page, steps.SAVE)
        steps.expect_heading(page, "We could not read that request")
        self.go(page, f"{address}concern/")
        self.walk(page, self.press_twice, "people")
        self.name_one_too_many(page)
        self.walk(page, self.press_twice, "parents")
        self.session_ends(page)
        self.walk(page, self.press_twice, "check")
        self.add_file(page, address)
        late = page.context.new_page()
        self.go(late, f"{address}concern/")
        self.go(page, f"{address}check/")
        self.press_twice(page, steps.SEND)
        page.wait_for_url("**/sent/")
        late.bring_to_front()
        fill_in(late)
        self.press(late, steps.SAVE)
        steps.expect_heading(late, "This cannot be done now")
        late.close()
        return steps.reference_on(page)

    def walk(self, page: Page, press: Press, to: str, *, also: str = "") -> None:
        """Answer every page until the one that is called `to`.

        `also`: the one list that is ticked; all of them, if it is not said.
        """
        ticked = f"[value={also}]" if also else ":not([value=none])"
        while place_of(page.url) != to:
            named = page.locator("main .govuk-summary-card").count()
            mine = {"name": HANDLE} if place_of(page.url) == "online" else {}
            fill_in(page, **CHOSEN, more="no" if named else "yes", **mine)
            for box in page.locator(f"[name=also]{ticked}, [name=kinds][value=source]").all():
                box.check()
            if place_of(page.url) == "protect-what":
                page.locator("[name=which_source]").first.check()
            press(page, steps.SAVE)

    def name_one_too_many(self, page: Page) -> None:
        """Name somebody, forget how it is known, and take them out again."""
        fill_in(page, more="yes")
        self.press(page, steps.SAVE)
        page.locator("[name=name]").fill(f"{FAMILY}, a driver")
        self.press(page, steps.SAVE)
        steps.expect_error(page, "Select how you know this")
        fill_in(page)
        self.press_twice(page, steps.SAVE)
        self.open(page, "^Remove")
        self.press(page, "Remove it")

    def session_ends(self, page: Page) -> None:
        """The session ends while a page is written; it comes back after signing in."""
        fill_in(page)
        assert databases.ask(self.site.database_url, OVER, steps.cookies_of(page)["session"])
        self.press(page, steps.SAVE)
        steps.expect_heading(page, "Sign in")
        kept = databases.ask(self.site.database_url, KEPT)
        self.left.kept = "\n".join(str(row[0]) for row in kept)
        self.sign_in(page, Role.PRACTITIONER)
        expect(page.locator("[name=parents_why]")).to_have_value(re.compile(MARK))

    def add_file(self, page: Page, address: str) -> None:
        """Add a file whose name is the child's: too big, refused by the database, and then kept."""
        allow = "UPDATE accounts_partnership SET file_megabytes = %s RETURNING id"
        assert databases.ask(self.site.database_url, allow, 1)
        self.choose_file(page, address, TOO_BIG)
        self.press(page, "Add this file")
        steps.expect_error(page, "This file must be smaller than 1MB")
        assert databases.ask(self.site.database_url, allow, 10)
        self.choose_file(page, address, IN_THE_FILE.encode())
        with self.cage.shut():
            self.press(page, "Add this file")
            steps.expect_heading(page, "Sorry, something has gone wrong")
        self.choose_file(page, address, IN_THE_FILE.encode())
        self.press(page, "Add this file")
        expect(page.get_by_text("The file is added.")).to_be_visible()

    def choose_file(self, page: Page, address: str, given: bytes) -> None:
        self.go(page, f"{address}files/")
        fill_in(page)
        steps.choose(page, "What is it mostly about?", "The concern and its signs")
        page.get_by_label("Choose a file").set_input_files(
            {"name": FILE_NAME, "mimeType": "text/plain", "buffer": given}
        )

    # --- Behind the pages ------------------------------------------------------------------------
    def fail_in_the_background(self, page: Page) -> None:
        """A PDF without enough memory, a task that the database refuses, and no mail server."""
        worker, mail = self.site.processes["worker"], self.site.processes["mail"]
        self.press(page, "Make a PDF of your referral")
        self.left.queue = sinks.queue_of(self.site.stage.environment["REDIS_URL"])
        starved = self.site.stage.environment | TOO_LITTLE
        replace(self.site.stage, environment=starved).manage("shell", "-c", COPIES, doing="copies")
        page.reload()
        expect(page.get_by_text("We could not make this PDF.")).to_be_visible()
        mail.stop()
        since = worker.log.stat().st_size
        with self.cage.shut():
            worker.start()
            sinks.wait_for(worker.log, b"raised unexpected", since)
        mail.start()
        servers.wait_for_port(servers.kept_port(FOLDER, "mail"), mail.log)
        databases.ask(self.site.database_url, DUE)
        self.site.manage("sweep")

    # --- What follows ----------------------------------------------------------------------------
    def chase(self, page: Page, reference: str) -> None:
        """Ask what has become of it, when a time has passed."""
        assert databases.ask(self.site.database_url, LATE, reference)
        self.go(page, reverse("following:mine"))
        self.press(page, f"Chase {reference}")

    def decide(self, page: Page, reference: str) -> None:
        """Find it by the child's name, read it, and decide in two windows."""
        self.go(page, reverse("matching:search"))
        page.get_by_label("Reference or name").fill(FAMILY)
        steps.choose(page, "What do you need it for?", "I work with this child, or am about to")
        self.press(page, "Find a case")
        expect(page.locator("main")).to_contain_text(reference)
        self.go(page, reverse("referrals:case", args=[reference]))
        self.left.case_page = page.locator("main").text_content() or ""
        workspace = reverse("triage:workspace", args=[reference])
        self.go(page, workspace)
        fill_in(page)
        self.press_twice(page, "Acknowledge")
        late = page.context.new_page()
        for window in (late, page):
            window.bring_to_front()
            self.go(window, workspace)
            fill_in(window)
            steps.choose(window, "What should happen next?", "MASE panel agenda")
            self.press(window, "Check decision")
        self.press_twice(page, "Confirm decision")
        self.press(late, "Confirm decision")
        expect(late).to_have_title(re.compile("^Error: "))
        late.close()

    def take_away(self, page: Page, reference: str) -> None:
        """Open the file, and take the case as a spreadsheet."""
        self.go(page, reverse("referrals:documents", args=[reference]))
        self.open(page, "^Open")
        fill_in(page)
        steps.download(page, "Save a copy to read")
        self.go(page, reverse("referrals:case", args=[reference]))
        steps.download(page, "Download a spreadsheet")

    def follow(self, page: Page, reference: str) -> None:
        """Add to it, write about it, correct it, and disagree while there is no database."""
        self.go(page, reverse("following:add", args=[reference]))
        self.press(page, "Check what you add")
        expect(page).to_have_title(re.compile("^Error: "))
        fill_in(page)
        self.press(page, "Check what you add")
        self.press_twice(page, "Add to the referral")
        self.go(page, reverse("following:messages", args=[reference]))
        fill_in(page)
        self.press_twice(page, "Send message")
        self.go(page, reverse("following:withdraw", args=[reference]))
        fill_in(page)
        self.press_twice(page, "Ask for a correction")
        self.go(page, reverse("following:disagree", args=[reference]))
        fill_in(page)
        with sinks.no_database(self.site):
            self.press(page, "Send your disagreement")
            steps.expect_heading(page, "Sorry, the service is not available")
        self.press_twice(page, "Try again")
        expect(page.locator("main")).to_contain_text(f"{MARK}-disagree-reason")

    def take_it_further(self, page: Page, reference: str) -> None:
        """The disagreement is answered, and goes on to the next step."""
        manager = self.window(Role.MANAGER)
        self.go(manager, reverse("following:disagree", args=[reference]))
        fill_in(manager)
        self.press_twice(manager, "Record your answer")
        self.go(page, reverse("following:disagree", args=[reference]))
        fill_in(page)
        self.press_twice(page, "Take it further")
        expect(page.locator("main")).to_contain_text(f"{MARK}-disagree-why")

    def take_a_copy(self, page: Page, reference: str) -> None:
        """Take it as a PDF, which the worker makes."""
        self.go(page, reverse("referrals:case", args=[reference]))
        self.press(page, "Make a PDF")
        for _ in range(120):
            if page.get_by_text(re.compile("^Ready: ")).is_visible():
                break
            page.wait_for_timeout(500)
            page.reload()
        self.left.paper = steps.download(page, "Download the PDF")

    def report(self, page: Page, reader: Page) -> None:
        """Tell the police of people and places, and have it read and linked."""
        self.go(page, reverse("information:mine"))
        self.go(page, reverse("information:new"))
        self.press(page, "Start now")
        self.press(page, steps.SAVE)
        expect(page).to_have_title(re.compile("^Error: "))
        fill_in(page)
        self.press_twice(page, steps.SAVE)
        for kind in ("people", "places", "online"):
            fill_in(page, more=kind)
            self.press(page, steps.SAVE)
            fill_in(page, name=HANDLE)
            self.press_twice(page, steps.SAVE)
        fill_in(page, more="no")
        self.press(page, steps.SAVE)
        self.press_twice(page, "Send report")
        report = page.url.rstrip("/").rpartition("/")[2]
        self.go(reader, reverse("information:reports"))
        self.go(reader, reverse("information:report", args=[report]))
        self.press(reader, "Mark this report as read")
        self.open(reader, "and case R-")
        fill_in(reader)
        self.press_twice(reader, "Record what you found")

    def be_refused(self, page: Page, reference: str, hidden: str) -> None:
        """Send words where they may not go: to another's page, and without the form's token."""
        said = {"reason": f"{MARK}-refused", "text": f"{MARK}-refused"}
        stranger = self.window(Role.PANEL_MEMBER)
        for sender, address in (
            (page, reverse("triage:decide", args=[reference])),
            (stranger, reverse("following:withdraw", args=[reference])),
            (stranger, reverse("following:withdraw", args=[hidden])),
        ):
            for form in (said, {**said, "csrfmiddlewaretoken": steps.cookies_of(sender)["csrf"]}):
                answer = sender.context.request.post(address, form=dict(form))
                self.left.statuses.add(answer.status)

    # --- Presses ---------------------------------------------------------------------------------
    def go(self, page: Page, address: str) -> None:
        """Open a page and look at it."""
        page.goto(address)
        self.left.seen.look(page)

    def press(self, page: Page, name: str) -> None:
        """Press a button and look at what comes."""
        with page.expect_navigation():
            steps.press(page, name)
        self.left.seen.look(page)

    def open(self, page: Page, name: str) -> None:
        """Follow the first link, or button, that is called so, and look at what comes."""
        link, button = (
            page.get_by_role(kind, name=re.compile(name)) for kind in ("link", "button")
        )
        with page.expect_navigation():
            page.locator("main").locator(link.or_(button)).first.click()
        self.left.seen.look(page)

    def press_twice(self, page: Page, name: str) -> None:
        """Press a button while the database refuses what was written; then, again, it takes it."""
        with self.cage.shut():
            self.press(page, name)
            steps.expect_heading(page, "Sorry, something has gone wrong")
        self.press(page, "Try again")
