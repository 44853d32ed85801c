"""What is written about a child goes to the database and to those who may read it, nowhere else.

One child who is nobody is told of on every page of the question flow, followed, and reported to
the police, while every press first fails. Then everything that the portal, its servers and its
browsers have written is read to the end.
"""

import re
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from urllib.parse import quote
from zlib import compress

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from portal.accounts.vocabulary import Role
from referrals.intake.forms import LISTS, PAGES
from tests.browser import People, SignIn
from tests.journeys import sinks
from tests.journeys.canary import BORN, FAMILY, GIVEN, MARK, SCHOOL, STREET, found_in
from tests.journeys.whole_flow import Flow, Left
from tests.site import FOLDER, FROM_THE_START, Site
from tools import databases, pdf

pytestmark = pytest.mark.browser

# Where a word may run to, and what shows that the story has been there.
SINKS = {
    "the web server's log": (
        r"/<slug:page>/ 500",
        r"django\.db\.utils\.DataError",
        r"broker is silent",
    ),
    "the worker's log": (r"raised unexpected: DataError", r"notifications\.deliver"),
    "the clock's log": (r"celery\.beat",),
    "the log of commands": (r"Document [0-9a-f-]{36}: failed",),
    "PostgreSQL's log": (r"ERROR:  This row is refused on purpose",),
    "Valkey's file": (r"referrals\.check_file", r"notifications\.deliver"),
    "Valkey's keys": (r"referrals\.check_file", r"notifications\.deliver"),
    "the mail": (r"(?m)^Subject: ", r"(?m)^Message-ID: <notice\."),
    "the addresses": (r"POST \S+/concern/", r"POST \S+/save/", r"/withdraw/"),
    "the headers": (r"referer: \S+/concern/", r"content-disposition: attachment", r"location: "),
    "the titles": (r"Check and send", r"Error: ", r"Something has gone wrong"),
    "the device": (r"session: \w{20}", r"/concern/"),
    "the file names": (r"R-\w{4}-\w{3}\.pdf", r"R-\w{4}-\w{3}-\w{8}\.txt", r"R-\w{4}-\w{3}\.csv"),
    "the PDF about itself": (r"Case R-\w{4}-\w{3}",),
    "what is kept for its author": (r"/parents/",),
    "the ledger": (r'"referral\.\w+"', r'"file\.opened"', r'"case\.exported"'),
    "the outbox": (r"R-\w{4}-\w{3}",),
    "the sessions": (r"\w{30}",),
    "the sealed files": (r"(?s).{60}",),
    "other files": (r"(?s).{100}",),
}
# Where the database says what was told, for those who may read it.
MAY_SAY = {
    "documents_upload.label",
    *(f"following_challenge.{column}" for column in ("reason", "wanted")),
    "following_answer.words",
    "following_escalation.why",
    "following_message.text",
    *(f"information_report.{column}" for column in ("told_by", "what")),
    "information_thing.details",
    "information_link.reason",
    *(f"referrals_child.{column}" for column in ("given_name", "family_name", "known_as")),
    *(f"referrals_child.{column}" for column in ("date_of_birth", "description")),
    *(f"referrals_decision.{column}" for column in ("reason", "told_referrer", "late_reason")),
    "referrals_move.reason",
    *(f"referrals_particulars.{column}" for column in ("given", "family", "also", "born")),
    *(f"referrals_particulars.{column}" for column in ("nhs_number", "upn", "postcode", "door")),
    "referrals_particulars.school",
    *(f"referrals_statement.{column}" for column in ("details", "text")),
}
PAGES_OF_THE_FLOW = {
    *(f"/referrals/draft/…/{page}/" for page in PAGES),
    *(f"/referrals/draft/…/also/{kind}/" for kind in LISTS),
    *(f"/referrals/draft/…/also/{kind}/…/" for kind in LISTS),
    "/referrals/draft/…/also/people/…/remove/",
    *(f"/referrals/draft/…/{page}/" for page in ("danger/now", "danger/other-ways", "files")),
    *(f"/referrals/draft/…/child/{page}/" for page in ("over-18", "seen-before")),
    *(f"/referrals/…/{page}/" for page in ("sent", "add", "messages", "withdraw", "disagree")),
    *("/referrals/new/", "/referrals/draft/…/", "/referrals/", "/referrals/…/", "/copies/…/"),
    *("/information/mine/", "/information/new/", "/information/sent/…/", "/information/…/"),
    *(f"/information/draft/…/{page}/" for page in ("what", "things", "check")),
}
SETTINGS = {
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
}


@dataclass
class Told:
    """What the whole story has left behind, everywhere."""

    site: Site
    before: dict[Path, int]
    server_before: int
    left: Left = field(default_factory=Left)

    @cached_property
    def columns(self) -> dict[str, bytes]:
        """All that the database holds."""
        return sinks.columns(self.site.stage.addresses.admin)

    @cached_property
    def sinks(self) -> dict[str, str | bytes]:
        """All that was written beside what the database holds of the case, by where it stands."""
        files, seen = sinks.written_since(FOLDER, self.before), self.left.seen
        names = [*files, *seen.names]
        log = sinks.postgres_log()
        outbox = [said for at, said in self.columns.items() if at.startswith("notifications_")]
        return {
            "the web server's log": files.pop("log/web.log"),
            "the worker's log": files.pop("log/worker.log"),
            "the clock's log": files.pop("log/beat.log"),
            "the log of commands": files.pop("log/setup.log"),
            "PostgreSQL's log": log.read_bytes()[self.server_before :] if log else b"",
            "Valkey's file": b"".join(said for at, said in files.items() if at.endswith(".aof")),
            "Valkey's keys": self.left.queue,
            "the mail": sinks.mail_in(self.site.mail),
            "the addresses": "\n".join(seen.addresses),
            "the headers": "\n".join(seen.headers),
            "the titles": "\n".join(seen.titles),
            "the device": "\n".join(seen.device),
            "the file names": "\n".join(names),
            "the PDF about itself": sinks.about(self.left.paper),
            "what is kept for its author": self.left.kept,
            "the ledger": self.columns["event.body"],
            "the outbox": b"\n".join(outbox),
            "the sessions": self.columns["django_session.session_data"],
            "the sealed files": self.columns["documents_upload.content"],
            "other files": b"\n".join(files.values()),
        }


@pytest.fixture(scope="module")
def told(site: Site, browser: Browser, people: People, sign_in: SignIn) -> Iterator[Told]:
    """Tell the whole story once."""
    log = sinks.postgres_log()
    found = Told(site, sinks.lengths(FOLDER), log.stat().st_size if log else 0)
    contexts: list[BrowserContext] = []

    def window(role: Role, *, javascript: bool = False) -> Page:
        context = browser.new_context(
            base_url=site.base_url, java_script_enabled=javascript, locale="en-GB"
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        found.left.seen.over(context)
        context.on("response", lambda answer: found.left.statuses.add(answer.status))
        page = context.new_page()
        sign_in(page, role)
        return page

    site.processes["beat"].start()
    try:
        with sinks.cage(site) as cage:
            Flow(site, cage, window, sign_in, people.demo.password, found.left).tell()
        yield found
    finally:
        site.processes["beat"].stop()
        for context in contexts:
            context.close()
        for name in FROM_THE_START:
            if not site.processes[name].alive:
                site.processes[name].start()


def test_the_story_is_found_where_it_must_be(told):
    ours = {GIVEN, FAMILY, format(BORN, "%d %b")}
    boxes = {f"{MARK}-concern-{box}" for box in ("saw", "child_said", "told")}
    named = {f"{MARK}-{kind}-name" for kind in ("people", "places")}

    assert ours | boxes | named <= found_in(told.left.case_page)
    for words in (STREET, SCHOOL):
        assert words in told.left.case_page
    assert pdf.read(told.left.paper).says(GIVEN)


def test_it_was_told_on_every_page_and_every_error_was_forced(told):
    assert told.left.seen.kinds >= PAGES_OF_THE_FLOW
    # The page behind "Hide this page" is left before anybody can look at it.
    assert told.left.seen.missed <= {"/hide/"}
    assert {400, 403, 404, 409, 422, 500, 503} <= told.left.statuses


@pytest.mark.parametrize("sink", SINKS)
def test_no_word_of_it_stands_in(told, sink):
    if sink == "PostgreSQL's log" and sinks.postgres_log() is None:
        pytest.skip("These tests have a database server whose log is not theirs to read.")
    said = told.sinks[sink]
    text = said.decode(errors="replace") if isinstance(said, bytes) else said

    for proof in SINKS[sink]:
        assert re.search(proof, text), f"the story has not been in {sink}: no {proof}"
    assert not found_in(said)


def test_every_place_that_was_written_to_is_read(told):
    assert set(told.sinks) == set(SINKS)


def test_the_database_says_it_only_where_it_is_read_by_those_who_may(told):
    said = {at for at, held in told.columns.items() if found_in(held)}

    assert sorted(said) == sorted(MAY_SAY)


@pytest.mark.parametrize("setting", SETTINGS)
def test_postgresql_writes_no_statement_and_no_parameter(site, setting):
    shown = databases.ask(site.stage.addresses.admin, f"SHOW {setting}")

    assert shown == [(SETTINGS[setting],)]


@pytest.mark.parametrize(
    "wrapped",
    [
        b"a " + FAMILY.upper().encode(),
        quote(f"/find/?words={BORN:%d/%m/%Y}").encode(),
        b'{"body": "' + b64encode(f"[[{GIVEN}]]".encode()) + b'"}',
        b64encode(compress(f"{MARK}-saw, {MARK}-saw, {MARK}-told".encode())),
    ],
    ids=["in capitals", "in an address", "in a task's message", "in a session"],
)
def test_a_word_is_found_even_if_it_is_wrapped_up(wrapped):
    assert found_in(wrapped)
    assert not found_in(b64encode(b"nothing of the kind, " * 9))
