"""The played journey: one referral from a school to a signed-for audit PDF, as browsers see it."""

import re
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import TypeVar

import yaml

from portal.accounts.vocabulary import Role
from tools import pdf
from tools.browser import Browser, Page, Surprise, spaced
from tools.machine import ROOT
from tools.progress import step
from tools.stage import PYTHON, Stage

DEMO = ROOT / "portal" / "governance" / "management" / "demo.yaml"
PATIENCE = 90.0
Found = TypeVar("Found")

# The child, and what the teacher types on each page.
GIVEN, FAMILY = "Linnet", "Paperboat"
PAGES: tuple[tuple[str, dict[str, str]], ...] = (
    ("Save and continue", {"danger": "no"}),
    ("Save and continue", {"given_name": GIVEN, "family_name": FAMILY, "age_estimate": "14"}),
    ("Save and continue", {}),  # where
    ("Save and continue", {}),  # needs
    (
        "Save and continue",
        {
            "saw": "A man in a grey car waits for Linnet at the bus stop. She walks the long way.",
            "child_said": "He knows my name and I never told him.",
            "told": "Her friend says that he gave Linnet a phone and asked her to keep it secret.",
        },
    ),
    ("Save and continue", {}),  # when and signs
    ("Save and continue", {}),  # what else
    (
        "Save and continue",
        {"child_told": "yes", "child_wants": "Linnet wants him to stop waiting there."},
    ),
    ("Save and continue", {"parents_told": "agree", "parents_why": "Her mum came to school."}),
    ("Save and continue", {}),  # what must be protected
    ("Save and continue", {"phone": "01632 960105"}),
    ("Send referral", {}),
)
DECISION = {
    "outcome": "panel",
    "reason": "An adult is seeking a child out, and has given her a phone. The panel can plan.",
    "told_referrer": "Agencies will plan together how to keep the child safe. Thank you.",
}
REVIEW = "I have read the whole trail. The decision was in time, and each share has its rule."

# Who is asked what they see, once the panel has been told. The board sees no case at all.
TEACHER, COORDINATOR, PANEL, CHAIR = "ada", "hana", "anneke", "eleanor"
OUTSIDER = "ewan"
SEES = (TEACHER, "kwame", COORDINATOR, "marta", "callum", PANEL, "farah", "sofia")
TOLD = (TEACHER, COORDINATOR, "joseph", "marta")
# What there is nothing to do about comes in one email a day: the sender's receipt.
AT_ONCE = TOLD[1:]
STATES_SHOWN = {"shown", "partly_withheld"}


@dataclass(frozen=True)
class SignIn:
    """One person of the demo, as the demo's file enrols them."""

    name: str
    email: str
    role: str
    agency: str

    @property
    def hat(self) -> str:
        """Their role and agency, as the head of each page says it."""
        return f"{self.role}, {self.agency}"


def play(base_url: str, stage: Stage) -> bool:
    """Play the journey through the running site and tell whether every step held.

    base_url: where the site answers. stage: what it runs on; its mail is read, its folder takes
    the PDF, and the ledger is checked in its environment. Each run sends a new referral.
    """
    journey = _Journey(base_url, stage)
    try:
        reference = journey.report()
        journey.tell(reference)
        journey.triage(reference)
        journey.look(reference)
        journey.explain(reference)
        called = journey.publish(reference)
        journey.review(reference, called)
        journey.verify()
    except Surprise as surprise:
        print(f"\nThe journey ends here. {surprise}", flush=True)
        return False
    return True


def sign_ins() -> list[str]:
    """Return the demo's sign-ins, one line for each role, and the password of them all."""
    people, password = _people()
    first = {person.role: person for person in reversed(people)}
    lines = [(person.role, person.email) for person in people if person is first[person.role]]
    hats = Counter(person.email for person in people)
    lines += [("Two roles, one at a time", email) for email, count in hats.items() if count > 1]
    wide = max(len(role) for role, _ in lines) + 2
    return [
        "Sign in as:",
        *(f"  {role:{wide}}{email}" for role, email in lines),
        f"  The password of all of them: {password}",
    ]


def _people() -> tuple[list[SignIn], str]:
    raw = yaml.safe_load(DEMO.read_text())
    people = [
        SignIn(
            each["name"], each["email"], Role(role).label, raw["agencies"][each["agency"]]["name"]
        )
        for each in raw["people"]
        for role in each["roles"]
    ]
    return people, raw["password"]


class _Journey:
    """The steps of the journey, each with the browsers of those who take it."""

    def __init__(self, base_url: str, stage: Stage) -> None:
        self.base_url = base_url
        self.stage = stage
        people, self.password = _people()
        self.people = {person.email.partition(".")[0]: person for person in people}
        self._browsers: dict[str, Browser] = {}

    def report(self) -> str:
        """A teacher reports a concern; the reference that the site answers."""
        with step("A teacher signs in and reports a concern, page by page"):
            browser = self._as(TEACHER)
            page = browser.press(browser.open("/referrals/new/"), "Start now")
            for button, typed in PAGES:
                page = _new_concern(browser, browser.press(page, button, typed))
            reference = _only(r"R-\w{4}-\w{3}", page.text, "the reference")
        _say(f"The reference is {reference}.")
        return reference

    def tell(self, reference: str) -> None:
        """Everybody who must know has a notice; who has to act, an e-mail that names nobody."""
        with step("The sender and the front door are told, by a worker, over SMTP"):
            for who in TOLD:
                self._was_told(who, reference)
        for who in TOLD:
            _say(f"Told: {self.people[who].hat}")
        _say(f"{len(AT_ONCE)} e-mails were caught; none of them names the child or the reference.")

    def triage(self, reference: str) -> None:
        """A coordinator finds it on the board, acknowledges it and decides for the panel."""
        address = f"/api/v1/cases/{reference}/"
        with step("Before the decision the panel cannot know that the case exists"):
            self._expect(PANEL, address, 404)
        with step("A MASE coordinator acknowledges it and decides for the panel"):
            browser = self._as(COORDINATOR)
            page = browser.open(self._on_board(reference))
            page = browser.press(page, "Acknowledge")
            page = browser.press(page, "Check decision", DECISION)
            page = browser.press(page, "Confirm decision")
            _insist(
                f"Decision recorded for {reference}" in page.text,
                "The board does not say that the decision is recorded.",
            )
        with step("The teacher reads what was decided"):
            page = self._as(TEACHER).open(f"/referrals/{reference}/")
            _insist("MASE panel agenda" in page.text, "The teacher is not told the outcome.")

    def look(self, reference: str) -> None:
        """Each role opens the same case; page and API must say the same, word for word."""
        rows = []
        with step("Each role opens the same case, on the page and through the API"):
            for who in SEES:
                items = self._same_on_both(who, reference)
                shown = sum(item["state"] in STATES_SHOWN for item in items)
                held = sum(bool(item["withheld"]) for item in items)
                rows.append((self.people[who].hat, f"{shown:6}{held:10}"))
            for who, status in ((OUTSIDER, 404), (CHAIR, 403)):
                for address in (f"/referrals/{reference}/", f"/api/v1/cases/{reference}/"):
                    self._expect(who, address, status)
                rows.append((self.people[who].hat, f"  {status}: {_REFUSED[status]}"))
        wide = max(len(hat) for hat, _ in rows) + 2
        _say(f"{'Who':{wide}}{'Shown':>6}{'Withheld':>10}")
        for hat, sees in rows:
            _say(f"{hat:{wide}}{sees}")

    def explain(self, reference: str) -> None:
        """A panel member asks why they can see it."""
        with step("A panel member asks: Why can I see this?"):
            page = self._as(PANEL).open(f"/referrals/{reference}/why/")
            chain = dict(reversed(page.answers))
            for part in ("The rule", "The reason in law", "Until"):
                _insist(bool(chain.get(part)), f"The explanation lacks “{part}”.")
        _say(f"{chain['The rule']}: {chain['The reason in law']}. Until {chain['Until']}.")

    def publish(self, reference: str) -> str:
        """The coordinator has the audit trail made, reads it and publishes it to the board."""
        with step("The coordinator has the audit trail made for the board, by a worker"):
            browser = self._as(COORDINATOR)
            trail = browser.open(f"/referrals/{reference}/history/")
            asked = browser.press(trail, "Make PDF", {"audience": "board"})
            page = _wait_for(lambda: _made(browser.open(asked.url)), "The PDF was not made.")
            _insist("could not make" not in page.text, "The worker could not make the PDF.")
            called = _only(r"Case \d+", page.near("The same words", "h2"), "the board's number")
            _insist(
                "Published to the board on" in browser.press(page, "Publish to the board").text,
                "The report does not say that it is published.",
            )
        _say(f"The board knows it as {called}.")
        return called

    def review(self, reference: str, called: str) -> None:
        """The board's chair reads the report, keeps the PDF and signs for it."""
        path = self.stage.folder / f"audit-trail-{reference}.pdf"
        with step("The board's chair reads it, downloads it and signs for it"):
            browser = self._as(CHAIR)
            page = browser.open(browser.open("/board/audits/").link(f"Audit trail of {called}"))
            _insist("Complete and unaltered" in page.text, "The chain of the trail is not whole.")
            self._names_nobody(lambda words: words in page.text, reference, "The report")
            path.write_bytes(browser.open(page.link("Download PDF")).body)
            self._read_pdf(path, reference, called)
            page = browser.press(page, "Mark as reviewed", {"comment": REVIEW})
            _insist(REVIEW in page.text, "The report does not show the chair's signature.")
        _say(f"The PDF is {path}")

    def verify(self) -> None:
        """The ledger of the whole installation is complete and unaltered."""
        with step("The ledger is checked from its stored bytes"):
            done = subprocess.run(
                [PYTHON, "manage.py", "audit_verify"],
                cwd=ROOT,
                env=self.stage.environment,
                capture_output=True,
                text=True,
                check=False,
            )
            said = (done.stdout.splitlines() or ["It said nothing."])[0]
            _insist(done.returncode == 0, f"The ledger does not verify. {said}")
        _say(said)

    def _as(self, who: str) -> Browser:
        """The browser in which this person is signed in."""
        if who not in self._browsers:
            browser, person = Browser(self.base_url), self.people[who]
            typed = {"login": person.email, "password": self.password}
            page = browser.press(browser.open("/account/sign-in/"), "Sign in", typed)
            _insist(person.hat in page.text, f"{person.email} could not sign in.")
            self._browsers[who] = browser
        return self._browsers[who]

    def _was_told(self, who: str, reference: str) -> None:
        """Insist that this person has the notice, and where it cannot wait, an e-mail of it."""
        notice = self._as(who).open("/notifications/").near(reference, "li")
        if who not in AT_ONCE:
            return
        short = _only(r"N-\w{4}-\w{4}", notice, "the notice's own reference")
        said = _wait_for(lambda: self._mail_with(short), f"No e-mail came as {short}.")
        _insist(self.people[who].email in said, f"The e-mail {short} went to somebody else.")
        _names_nobody(lambda words: words in said, reference, f"The e-mail {short}")

    def _mail_with(self, short: str) -> str:
        """All that the e-mail with this short reference says, heads included; "" until it comes."""
        for path in sorted(self.stage.mail.glob("*.eml"), reverse=True):
            said = _said(path)
            if short in said:
                return said
        return ""

    def _on_board(self, reference: str) -> str:
        """The address that the triage board gives for the case, on whichever of its pages."""
        browser, before = self._as(COORDINATOR), ""
        for number in range(1, 100):
            page = browser.open(f"/triage/?page={number}")
            if reference in page.text:
                return page.link(reference)
            if page.text == before:
                break
            before = page.text
        raise Surprise(f"The triage board does not show {reference}.")

    def _same_on_both(self, who: str, reference: str) -> list[dict[str, str]]:
        """The case's items as the API gives them, after comparing each with the page."""
        browser, hat = self._as(who), self.people[who].hat
        page = browser.open(f"/referrals/{reference}/")
        status, case = browser.ask_api(f"/api/v1/cases/{reference}/")
        _insist(
            (page.status, status) == (200, 200),
            f"{hat} should see the case: the page answers {page.status}, the API {status}.",
        )
        items = [item for section in case["sections"] for item in section["items"]]
        _insist(len(items) == len(page.answers), f"{hat}: page and API differ in number.")
        for item, (label, text) in zip(items, page.answers, strict=True):
            same = label == item["label"] and text.startswith(spaced(item["text"]))
            _insist(same, f"{hat}: page and API differ in “{item['label']}”.")
        return items

    def _expect(self, who: str, address: str, status: int) -> None:
        found = self._as(who).open(address).status
        _insist(
            found == status,
            f"{self.people[who].hat} should be answered {status} at {address}, not {found}.",
        )

    def _names_nobody(self, says: Callable[[str], bool], reference: str, what: str) -> None:
        """Insist on it: no child, no reference, no person and no agency that took part."""
        _names_nobody(says, reference, what)
        took_part = [self.people[who] for who in (*SEES, "joseph")]
        for words in {word for person in took_part for word in (person.name, person.agency)}:
            _insist(not says(words), f"{what} names {words}.")

    def _read_pdf(self, path: Path, reference: str, called: str) -> None:
        _insist(path.read_bytes().startswith(b"%PDF-"), "The download is not a PDF.")
        paper = pdf.read(path)
        _insist(
            paper.tagged and paper.language == "en-GB" and called in paper.title,
            "The PDF is not tagged, or lacks its language or its title.",
        )
        # What must be in it is found: so what is not found is not in it.
        for words in ("Audit trail", called, "Who opened it", "Referral sent"):
            _insist(paper.says(words), f"The PDF does not say “{words}”.")
        self._names_nobody(paper.says, reference, "The PDF")


_REFUSED = {404: "as if there were no such case", 403: "the board sees totals, not children"}


def _new_concern(browser: Browser, page: Page) -> Page:
    """Go past the question that the site asks where the agency has reported such a child before."""
    if not page.url.endswith("/seen-before/"):
        return page
    new = next(value for value in page.choices("same") if value.startswith("new "))
    return browser.press(page, "Save and continue", {"same": new})


def _made(page: Page) -> Page | None:
    return None if "We are making your PDF" in page.text else page


def _said(path: Path) -> str:
    message = message_from_bytes(path.read_bytes(), EmailMessage, policy=policy.default)
    parts = [str(part.get_content()) for part in message.walk() if not part.is_multipart()]
    return "\n".join([*(f"{name}: {value}" for name, value in message.items()), *parts])


def _names_nobody(says: Callable[[str], bool], reference: str, what: str) -> None:
    for words in (GIVEN, FAMILY, reference, reference.removeprefix("R-")):
        _insist(not says(words), f"{what} holds {words}.")


def _only(pattern: str, text: str, what: str) -> str:
    found = re.search(pattern, text)
    if found is None:
        raise Surprise(f"The page does not show {what}.")
    return found[0]


def _wait_for(ask: Callable[[], Found | None], otherwise: str) -> Found:
    """Ask until there is something, which is returned; Surprise when nothing comes in time."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if found := ask():
            return found
        time.sleep(0.3)
    raise Surprise(otherwise)


def _insist(holds: bool, otherwise: str) -> None:  # noqa: FBT001 - what holds is the subject
    if not holds:
        raise Surprise(otherwise)


def _say(line: str) -> None:
    print(f"          {line}", flush=True)
