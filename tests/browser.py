"""A real browser on the running portal, watched for what no page may ever do.

Whatever a test is about, its pages must not say an error to the console, break their own content
policy, ask another site for anything, keep anything on the device, or have a name in an address
or a title.
"""

import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Frame,
    Page,
    Request,
    Response,
    StorageState,
    sync_playwright,
)

from portal.accounts.vocabulary import AgencyKind, Role
from portal.governance.management.demo import Demo, Person, load
from tests.site import NEUTRAL, Site
from tools import databases

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DASH = "\N{EN DASH}"
TITLE = re.compile(rf"(Error: )?(?!Error: )[A-Z].{{3,}} {DASH} Safeguarding referrals")
AXE = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
# Children whom the tests make up beside those of the demo.
OUR_CHILDREN = ("Wrenna", "Sparrowhawk")

PageAt = Callable[..., Page]
SignIn = Callable[[Page, Role | Person], None]


@dataclass(frozen=True)
class People:
    """The demo's people, one for each role, and every name that may stand in no address."""

    demo: Demo

    def one(self, role: Role) -> Person:
        """Who works in this role and in no other; a practitioner is a teacher."""
        found = [person for person in self.demo.people if person.roles == (role,)]
        if role is Role.PRACTITIONER:
            return next(p for p in found if self._kind(p) is AgencyKind.SCHOOL)
        return found[0]

    def another(self, role: Role) -> Person:
        """A second person in this role."""
        first = self.one(role)
        return next(p for p in self.demo.people if p.roles == (role,) and p != first)

    def with_two_roles(self) -> Person:
        """Somebody who has to choose a role."""
        return next(person for person in self.demo.people if len(person.roles) > 1)

    @property
    def children(self) -> set[str]:
        """The parts of the names of the demo's children, and of ours."""
        told = [story.concern for story in self.demo.stories]
        named = [name for c in told for name in (c.given_name, c.family_name, c.known_as)]
        for _, pages in self.demo.drafts:
            child = pages.get("child", {})
            named += [child.get(part, "") for part in ("given_name", "family_name", "known_as")]
        return {part for name in named for part in name.split()} | set(OUR_CHILDREN)

    @property
    def names(self) -> set[str]:
        """The parts of the names of all children and of all who work with them."""
        return self.children | {part for p in self.demo.people for part in p.name.split()}

    def _kind(self, person: Person) -> AgencyKind:
        return self.demo.agencies[person.agency].kind


def named_in(text: str, names: Iterable[str]) -> list[str]:
    """Which of the names stand in the text as words."""
    return sorted(set(re.findall(r"\w+", text.lower())) & {name.lower() for name in names})


@dataclass
class Watch:
    """What the pages of one test did that no page may do."""

    origin: str
    files: str
    names: set[str]
    faults: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext) -> None:
        """Listen to every page that will be opened in the context."""
        context.on("console", self._said)
        context.on("weberror", lambda error: self.faults.append(f"script: {error.error}"))
        context.on("request", self._asked)
        context.on("response", self._answered)
        context.on("page", lambda page: page.on("framenavigated", self._shown))

    def _said(self, message: ConsoleMessage) -> None:
        # The answers themselves are looked at in `_answered`.
        answer = message.text.startswith("Failed to load resource")
        if message.type in ("error", "warning") and not answer:
            self.faults.append(f"console: {message.text}")

    def _asked(self, request: Request) -> None:
        address = unquote(request.url)
        if address.startswith("data:"):
            return
        if not address.startswith((f"{self.origin}/", f"{self.files}/", NEUTRAL)):
            self.faults.append(f"asked another site: {address}")
        if found := named_in(urlsplit(address).path + urlsplit(address).query, self.names):
            self.faults.append(f"{', '.join(found)} in the address {address}")
        if "@" in address:
            self.faults.append(f"an e-mail address in {address}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400 and response.request.resource_type != "document":
            self.faults.append(f"{response.status} for {response.url}")

    def _shown(self, frame: Frame) -> None:
        with suppress(Error):  # the page may have gone on meanwhile
            if found := named_in(frame.title(), self.names):
                self.faults.append(f"{', '.join(found)} in the title of {frame.url}")


def keeps_on_the_device(page: Page) -> list[str]:
    """What the page has stored beside the two cookies that the service needs."""
    stored: list[str] = page.evaluate(
        "() => [...Object.keys(localStorage), ...Object.keys(sessionStorage)]"
    )
    cookies = {cookie.get("name", "") for cookie in page.context.cookies()}
    return stored + sorted(cookies - {"session", "csrf"})


def accessibility_faults(page: Page) -> list[str]:
    """What axe finds on the page as it stands."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(Axe().axe_script)
    found = page.evaluate("options => axe.run(options)", AXE)["violations"]
    return [
        f"{one['id']}: {one['help']}: {node['html'][:160]}"
        for one in found
        for node in one["nodes"]
    ]


def scrolls_sideways(page: Page) -> bool:
    """Whether something is wider than the window."""
    script = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"
    return bool(page.evaluate(script))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests."""
    # The driver keeps an event loop in this thread, which Django would take for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    program = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    with sync_playwright() as driver:
        started = driver.chromium.launch(
            executable_path=program,
            args=list(ARGUMENTS),
            # People's browsers keep whole pages for Back; the driver's would not.
            ignore_default_args=["--disable-back-forward-cache"],
        )
        yield started
        started.close()


@pytest.fixture(scope="session")
def people() -> People:
    """Who is in the demo data."""
    return People(load(timezone.now()))


@pytest.fixture
def page_at(browser: Browser, site: Site, people: People) -> Iterator[PageAt]:
    """Open a page in a window of this width that shares nothing with the others.

    What it did is looked at when the test ends.
    """
    watch = Watch(site.base_url, site.files_url, people.names)
    opened: list[BrowserContext] = []

    def open_page(
        width: int = 1280, *, javascript: bool = True, state: StorageState | None = None
    ) -> Page:
        context = browser.new_context(
            base_url=site.base_url,
            viewport={"width": width, "height": 900},
            java_script_enabled=javascript,
            storage_state=state,
            locale="en-GB",
            timezone_id="Europe/London",
        )
        context.set_default_timeout(15_000)
        opened.append(context)
        watch.over(context)
        return context.new_page()

    yield open_page

    for context in opened:
        for page in context.pages:
            if page.url.startswith(site.base_url) and (kept := keeps_on_the_device(page)):
                watch.faults.append(f"kept on the device: {kept}")
        context.close()
    assert not watch.faults, "\n".join(watch.faults)


@pytest.fixture(scope="session")
def sign_in(site: Site, people: People) -> SignIn:
    """Sign a person of the demo in, as they do it: with address and password."""

    def enter(page: Page, who: Role | Person) -> None:
        # More people sign in from this one address than the limit of tries would bear.
        databases.ask(site.database_url, "DELETE FROM django_cache")
        person = who if isinstance(who, Person) else people.one(who)
        if "/account/sign-in/" not in page.url:
            page.goto("/account/sign-in/")
        page.get_by_label("Work email address").fill(person.email)
        page.get_by_label("Password", exact=True).fill(people.demo.password)
        page.locator("main").get_by_role("button", name="Sign in").click()
        page.wait_for_url(lambda address: "/sign-in/" not in address)
        if "/account/hiding/" in page.url:
            page.get_by_role("button", name="Continue").click()
            page.wait_for_url(lambda address: "/account/hiding/" not in address)

    return enter


@pytest.fixture(scope="session")
def sessions(browser: Browser, site: Site, sign_in: SignIn) -> Callable[[Role], StorageState]:
    """The cookies of somebody who has signed in, for pages that are not about signing in."""
    kept: dict[Role, StorageState] = {}

    def signed_in_as(role: Role) -> StorageState:
        if role not in kept:
            context = browser.new_context(base_url=site.base_url)
            sign_in(context.new_page(), role)
            kept[role] = context.storage_state()
            context.close()
        return kept[role]

    return signed_in_as
