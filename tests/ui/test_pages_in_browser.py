"""Every page of the portal in a real browser, for the people who use it, wide and narrow.

Each is looked at by axe and for what `tests.browser` watches on every page. The last test holds
the list against the resolver, so that a new page is either listed here or named as none.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes

import pytest
from django.template.loader import render_to_string
from django.urls import reverse
from playwright.sync_api import Page, expect

from portal.accounts.vocabulary import Role
from portal.documents.vocabulary import Failure
from referrals.intake.forms import ORDER
from referrals.services import ItemKind
from referrals.vocabulary import Outcome, Side
from sharing.disclosures.vocabulary import Reply
from tests.architecture.doors import doors
from tests.browser import TITLE, accessibility_faults, named_in, scrolls_sideways
from tests.journeys import steps
from tests.keyboard import lost_stops
from tools import databases

pytestmark = pytest.mark.browser

WIDTHS = (1280, 320)

TEACHER, LEAD = Role.PRACTITIONER, Role.AGENCY_LEAD
COORDINATOR, MANAGER = Role.COORDINATOR, Role.MANAGER
PANEL, CHAIR, LADO = Role.PANEL_MEMBER, Role.BOARD_CHAIR, Role.LADO


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
    query: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        who = self.who.value if self.who else "stranger"
        return "-".join(filter(None, (self.route, who, self.state))).replace(":", ".")

    def address(self, places: dict[str, str]) -> str:
        """Where it is, on this run's data."""
        filled = {name: places.get(word, word) for name, word in self.at}
        asked = "&".join(f"{name}={places.get(word, word)}" for name, word in self.query)
        return reverse(self.route, kwargs=filled) + (f"?{asked}" if asked else "")


def of_case(route: str, who: Role, place: str, **more: str) -> View:
    """A page about the case at this place."""
    return View(route, who, place, (("reference", place), *more.items()))


def question(page: str, draft: str = "draft") -> View:
    """A question page of a draft."""
    return View("intake:page", TEACHER, f"{page}-{draft}", (("pk", draft), ("page", page)))


def listing(route: str, kind: str, **more: str) -> View:
    """A page about a list of a draft that names one of each kind."""
    at = (("pk", "lists"), ("kind", kind), *more.items())
    return View(route, TEACHER, f"{route}-{kind}", at)


def report(route: str, who: Role, place: str) -> View:
    """A page about an audit report."""
    return View(route, who, place, (("pk", place),))


def of_draft(route: str, place: str = "report draft", **more: str) -> View:
    """A page of a draft of an information report, by default one that is finished but not sent."""
    return View(route, TEACHER, "-".join((place, *more.values())), (("pk", place), *more.items()))


def of_request(route: str, who: Role, **more: str) -> View:
    """A page about the request that waits for an answer."""
    state = "-".join(("request", *more.values()))
    return View(route, who, state, (("pk", "request"), *more.items()))


def of_meeting(route: str, who: Role, **more: str) -> View:
    """A page about the meeting whose papers are out."""
    return View(route, who, "-".join(("out", *more)), (("pk", "meeting"), *more.items()))


def of_room(route: str, who: Role, place: str = "held meeting", **more: str) -> View:
    """A page about a meeting that is being held, or about the minutes of one that is over."""
    return View(route, who, "-".join((place, *more)), (("pk", place), *more.items()))


FRONT_DOOR = (COORDINATOR, MANAGER)
MUST_BE_ANSWERED = ("danger", "child", "concern", "child-view", "parents", "you")
OF_AN_ANSWER = ("disclosures:mark", "disclosures:correct", "disclosures:remove")
# The page of the question comes after the choice of whom to ask, which its address holds.
QUESTION = View(
    "disclosures:ask",
    COORDINATOR,
    "question",
    (("reference", "received"),),
    query=(("team", "lead team"), ("purpose", "SCREEN")),
)


# Two children of other names and birth dates: a page comes first, and says so.
JOIN = View(
    "triage:join",
    COORDINATOR,
    "sure",
    (("reference", "received"), ("other", "open")),
    query=(("sure", "yes"),),
)


def of_change(route: str, place: str, **more: str) -> View:
    """A page about a change of the rules, for whoever drafted it."""
    return View(
        route, Role.IG_LEAD, "-".join((place, *more.values())), (("pk", place), *more.items())
    )


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
    View("accounts:contacts", TEACHER),
    View("accounts:contacts", LEAD),
    View("accounts:contact", LEAD),
    View("accounts:partnership", MANAGER),
    View("accounts:hiding", TEACHER),
    View("notifications:list", TEACHER),
    View("notifications:list", COORDINATOR),
    View("notifications:preferences", TEACHER),
    View("notifications:mail", Role.PLATFORM_ADMIN),
    View("rules:rules", Role.IG_LEAD),
    View("rules:rule", Role.IG_LEAD, at=(("number", "7a"),)),
    View("rules:changes", Role.IG_LEAD),
    View("rules:propose", Role.IG_LEAD),
    View("rules:agreements", Role.IG_LEAD),
    View("rules:sign", Role.IG_LEAD),
    *(
        View(f"rules:{name}", Role.IG_LEAD, "agreement", (("pk", "agreement"),))
        for name in ("agreement", "renew", "end")
    ),
    of_change("rules:change", "change that waits"),
    of_change("rules:change", "draft of a change"),
    of_change("rules:edit", "draft of a change"),
    of_change("rules:step", "draft of a change", action="submit"),
    of_change("rules:step", "change that waits", action="reject"),
    of_change("disclosures:impact", "change that waits"),
    of_change("disclosures:impact", "draft of a change"),
    of_change("disclosures:simulate", "change that waits"),
    View("disclosures:examination", Role.IG_LEAD, at=(("pk", "examination"),)),
    View("intake:new", TEACHER),
    View("intake:draft", TEACHER, "draft", (("pk", "draft"),)),
    View("intake:delegate", TEACHER, "draft", (("pk", "draft"),)),
    View("intake:files", TEACHER, "none", (("pk", "empty"),)),
    View("intake:files", TEACHER, "some", (("pk", "draft with files"),)),
    of_case("referrals:documents", TEACHER, "waiting"),
    of_case("referrals:documents", TEACHER, "with a file"),
    of_case("referrals:document", TEACHER, "with a file", pk="file"),
    *map(question, ORDER),
    *(listing("intake:also", kind) for kind in ItemKind.values),
    *(listing("intake:also_item", kind, n="1") for kind in ItemKind.values),
    *(listing("intake:also_item", kind, n="2") for kind in ItemKind.values),
    listing("intake:also_remove", "people", n="1"),
    View("intake:also", TEACHER, "empty list", (("pk", "empty"), ("kind", "people"))),
    View("intake:danger_now", TEACHER, "in danger", (("pk", "in danger"),)),
    View("intake:danger_now", TEACHER, "not sure", (("pk", "not sure"),)),
    View("intake:other_ways", TEACHER, "in danger", (("pk", "in danger"),)),
    View("intake:over_18", TEACHER, "grown", (("pk", "grown"),)),
    View("intake:seen_before", TEACHER, "alike", (("pk", "alike"),)),
    question("protect-what", "protects"),
    question("check", "protects"),
    View("intake:draft", TEACHER, "protects", (("pk", "protects"),)),
    of_case("intake:sent", TEACHER, "waiting"),
    View("following:mine", TEACHER),
    View("following:mine", Role.AUDITOR, "empty"),
    View("following:mine", LEAD),
    of_case("following:add", TEACHER, "waiting"),
    of_case("following:add", LEAD, "of my agency"),
    of_case("following:add_file", TEACHER, "waiting"),
    of_case("following:withdraw", TEACHER, "waiting"),
    of_case("following:withdraw", LEAD, "of my agency"),
    of_case("following:messages", TEACHER, "waiting"),
    of_case("following:messages", COORDINATOR, "received"),
    of_case("following:disagree", TEACHER, "waiting"),
    of_case("following:disagree", TEACHER, "answered"),
    of_case("following:disagree", MANAGER, "closed"),
    View("referrals:cases", COORDINATOR),
    View("referrals:cases", PANEL),
    View("referrals:cases", Role.AUDITOR, "empty"),
    View("matching:search", COORDINATOR),
    *(report("referrals:copy", COORDINATOR, f"{state} copy") for state in COPIES),
    of_case("referrals:case", TEACHER, "waiting"),
    of_case("referrals:case", TEACHER, "answered"),
    of_case("referrals:case", LEAD, "of my agency"),
    of_case("referrals:case", COORDINATOR, "received"),
    of_case("referrals:case", COORDINATOR, "open"),
    of_case("referrals:case", MANAGER, "closed"),
    of_case("referrals:case", PANEL, "before the panel"),
    of_case("disclosures:chronology", COORDINATOR, "open"),
    of_case("disclosures:chronology", TEACHER, "answered"),
    of_case("referrals:note", COORDINATOR, "open"),
    of_case("disclosures:why", TEACHER, "waiting"),
    of_case("disclosures:why", COORDINATOR, "received"),
    of_case("disclosures:why", PANEL, "before the panel"),
    of_case("disclosures:conflict", TEACHER, "waiting"),
    of_case("disclosures:conflict", COORDINATOR, "received"),
    of_case("disclosures:impose", COORDINATOR, "received"),
    View("disclosures:walls", MANAGER),
    View("disclosures:walls", Role.IG_LEAD),
    View("disclosures:raise_for", Role.IG_LEAD),
    View("disclosures:lift", MANAGER, "wall", (("pk", "wall"),)),
    View("home:help", TEACHER),
    View("disclosures:emergency_find", TEACHER),
    of_case("disclosures:emergency", TEACHER, "before the panel"),
    of_case("disclosures:emergency", TEACHER, "waiting"),
    of_case("disclosures:emergency_why", TEACHER, "before the panel"),
    View("disclosures:emergencies", TEACHER),
    View("disclosures:emergencies", MANAGER),
    View("disclosures:emergencies", Role.IG_LEAD),
    View("disclosures:emergency_review", Role.IG_LEAD, "emergency", (("pk", "emergency"),)),
    View("disclosures:requests", COORDINATOR),
    View("disclosures:requests", LEAD),
    of_case("disclosures:ask", COORDINATOR, "received"),
    QUESTION,
    of_request("disclosures:request", COORDINATOR),
    of_request("disclosures:request", LEAD),
    of_request("disclosures:pass-on", LEAD),
    *(of_request("disclosures:answer", LEAD, reply=reply) for reply in Reply.values),
    *(of_case(route, TEACHER, "waiting", pk="my answer") for route in OF_AN_ANSWER),
    of_case("disclosures:why-item", PANEL, "before the panel", key="saw"),
    of_case("disclosures:share", COORDINATOR, "open"),
    of_case("disclosures:danger", COORDINATOR, "open"),
    of_case("disclosures:sharing", COORDINATOR, "open"),
    of_case("disclosures:sharing", TEACHER, "waiting"),
    of_case("disclosures:view-as", COORDINATOR, "open"),
    View("disclosures:register", COORDINATOR),
    View("disclosures:register", Role.IG_LEAD),
    View("disclosures:advice", Role.IG_LEAD),
    View("triage:board", COORDINATOR),
    View("triage:board", MANAGER),
    of_case("triage:workspace", COORDINATOR, "overdue"),
    of_case("triage:workspace", COORDINATOR, "immediate"),
    of_case("triage:workspace", COORDINATOR, "checking"),
    of_case("triage:workspace", COORDINATOR, "open"),
    of_case("matching:matches", COORDINATOR, "received"),
    of_case("matching:compare", COORDINATOR, "received", other="open"),
    *(of_case(f"links:{page}", COORDINATOR, "received") for page in ("index", "answers")),
    of_case("links:record", COORDINATOR, "received", statement="words"),
    of_case("links:take-off", COORDINATOR, "received", mine="van"),
    of_case("links:compare", COORDINATOR, "received", mine="van", other="van elsewhere"),
    of_case("triage:join", COORDINATOR, "received", other="open"),
    JOIN,
    of_case("triage:move", COORDINATOR, "received", action="return"),
    of_case("triage:clock", MANAGER, "received"),
    *(of_case("triage:proposal", who, "with a file", pk="proposal") for who in FRONT_DOOR),
    *(View("triage:handovers", who) for who in (*FRONT_DOOR, LEAD)),
    View("triage:handover", LEAD, at=(("pk", "handover"),)),
    of_case("triage:close", MANAGER, "stepping down"),
    of_case("triage:look-back", COORDINATOR, "closed"),
    View("assessments:asked", PANEL),
    of_case("assessments:risk", COORDINATOR, "with a level"),
    of_case("assessments:risk", PANEL, "with a level"),
    of_case("assessments:risk", COORDINATOR, "opened"),
    of_case("assessments:start", COORDINATOR, "with a level"),
    of_case("assessments:score", PANEL, "being assessed", pk="asked assessment"),
    of_case("assessments:part", PANEL, "being assessed", pk="asked assessment", page="harm"),
    of_case("assessments:compare", COORDINATOR, "opened", pk="opened assessment"),
    of_case("assessments:agree", COORDINATOR, "opened", pk="opened assessment"),
    of_case("assessments:call-off", COORDINATOR, "opened", pk="opened assessment"),
    of_case("triage:reopen", COORDINATOR, "closed"),
    View("triage:hand-over", COORDINATOR),
    View("triage:look-backs", COORDINATOR),
    View("triage:left", MANAGER),
    View("triage:left", LEAD),
    *(View("triage:tasks", who) for who in (COORDINATOR, LADO)),
    *(View("triage:task", who, "step", (("pk", "step"),)) for who in (COORDINATOR, MANAGER)),
    View("triage:task", LADO, "of the LADO", (("pk", "step of the LADO"),)),
    View("triage:hidden", LADO, at=(("pk", "hidden"),)),
    View("actions:actions", LEAD),
    View("actions:actions", COORDINATOR),
    View("actions:action", LEAD, "action", (("pk", "action"),)),
    View("actions:action", COORDINATOR, "action", (("pk", "action"),)),
    View("actions:check", COORDINATOR, "claimed action", (("pk", "claimed action"),)),
    View("actions:time", COORDINATOR, "action", (("pk", "action"),)),
    View("actions:give-up", COORDINATOR, "action", (("pk", "action"),)),
    View("actions:hand-over", LEAD, "action", (("pk", "action"),)),
    View("actions:take-on", PANEL, "action", (("pk", "action"),)),
    View("actions:effect", COORDINATOR, "done action", (("pk", "done action"),)),
    of_case("actions:of-case", COORDINATOR, "open"),
    of_case("actions:give", COORDINATOR, "open"),
    of_case("actions:plan", COORDINATOR, "open"),
    View("actions:reviews", MANAGER),
    View("actions:review", COORDINATOR, "review", (("pk", "review"),)),
    View("actions:departures", MANAGER),
    of_case("governance:trail", COORDINATOR, "open"),
    report("governance:report", COORDINATOR, "waiting report"),
    report("governance:report", COORDINATOR, "failed report"),
    report("governance:report", COORDINATOR, "ready report"),
    report("governance:report", COORDINATOR, "published report"),
    View("governance:reports", CHAIR),
    report("governance:review", CHAIR, "published report"),
    View("meetings:meetings", COORDINATOR),
    View("meetings:sift", COORDINATOR),
    of_case("meetings:nominate", COORDINATOR, "open"),
    View("meetings:nominate-other", COORDINATOR),
    View("meetings:nomination", MANAGER, at=(("pk", "nomination"),)),
    View("meetings:new-series", COORDINATOR),
    View("meetings:new", COORDINATOR, at=(("pk", "panel"),)),
    *(of_meeting(f"meetings:{page}", COORDINATOR) for page in ("agenda", "people", "attendance")),
    *(of_meeting("meetings:pack", who) for who in (COORDINATOR, PANEL)),
    of_meeting("meetings:item", PANEL, item="item"),
    of_meeting("meetings:leave-out", COORDINATOR, item="item"),
    View("meetings:series", COORDINATOR, at=(("pk", "panel"),)),
    *(of_room("meetings:discussion", who, item="held item") for who in (COORDINATOR, PANEL)),
    of_room("meetings:decision", COORDINATOR, item="held item"),
    *(of_room("meetings:screen", who) for who in (COORDINATOR, PANEL)),
    *(of_room("meetings:minutes", who, "ended meeting") for who in (COORDINATOR, PANEL)),
    of_room("meetings:comment", PANEL, "ended meeting"),
    of_room("meetings:approve", Role.PANEL_CHAIR, "ended meeting"),
    View("information:new", TEACHER),
    View("information:mine", TEACHER),
    *(of_draft(f"information:{page}") for page in ("what", "things", "check")),
    *(of_draft(f"information:{page}", "empty report") for page in ("what", "things")),
    *(of_draft("information:thing", kind=kind, n="2") for kind in ("people", "places", "online")),
    View("information:sent", TEACHER, at=(("report", "report"),)),
    View("information:reports", COORDINATOR),
    View("information:report", COORDINATOR, at=(("report", "report"),)),
    # Refusals.
    View("information:reports", TEACHER, "refused", status=403),
    View("referrals:case", COORDINATOR, "missing", (("reference", "R-0000-000"),), 404),
    View("triage:board", TEACHER, "refused", status=403),
    View("referrals:case", CHAIR, "refused", (("reference", "received"),), 403),
    View("intake:new", CHAIR, "refused", status=403),
]
# Each with the button that is pressed while nothing, or nonsense, has been answered.
FORMS = [
    (View("account_login"), "Sign in"),
    (View("notifications:mail", Role.PLATFORM_ADMIN), "Stop all outgoing mail"),
    (View("account_reset_password"), "Send the link"),
    (View("account_reauthenticate", TEACHER), "Continue"),
    (View("intake:delegate", TEACHER, "draft", (("pk", "draft"),)), "Ask this colleague"),
    *((question(page, "empty"), steps.SAVE) for page in MUST_BE_ANSWERED),
    (question("protect-what", "protects"), steps.SAVE),
    (View("intake:seen_before", TEACHER, "alike", (("pk", "alike"),)), steps.SAVE),
    (of_case("triage:workspace", COORDINATOR, "overdue"), "Check decision"),
    (
        of_case("triage:move", COORDINATOR, "received", action="return"),
        "Return for more information",
    ),
    (of_case("triage:proposal", MANAGER, "with a file", pk="proposal"), "Record the answer"),
    (View("triage:handover", LEAD, at=(("pk", "handover"),)), "Send the answer"),
    (View("triage:task", COORDINATOR, "step", (("pk", "step"),)), "Mark as done"),
    (View("triage:hidden", LADO, at=(("pk", "hidden"),)), "Send the answer"),
    (of_case("following:add", TEACHER, "waiting"), "Check what you add"),
    (of_case("following:add_file", TEACHER, "waiting"), "Add this file"),
    (of_case("following:withdraw", TEACHER, "waiting"), "Withdraw this referral"),
    (of_case("following:withdraw", LEAD, "of my agency"), "Ask for a correction"),
    (of_case("following:messages", TEACHER, "waiting"), "Send message"),
    (of_case("disclosures:ask", COORDINATOR, "received"), "Continue"),
    (QUESTION, "Check what they will learn"),
    (of_request("disclosures:request", LEAD), "Continue"),
    (of_request("disclosures:pass-on", LEAD), "Pass it on"),
    (of_request("disclosures:answer", LEAD, reply="share"), "Check your answer"),
    (of_request("disclosures:answer", LEAD, reply="not_us"), "Send answer"),
    *(
        (of_case(route, TEACHER, "waiting", pk="my answer"), button)
        for route, button in zip(
            OF_AN_ANSWER, ("Save protection", "Correct answer", "Remove answer"), strict=True
        )
    ),
    (of_draft("information:thing", kind="people", n="2"), "Save and continue"),
    (of_draft("information:things"), "Save and continue"),
    (of_draft("information:what", "empty report"), "Save and continue"),
    (of_case("governance:trail", COORDINATOR, "open"), "Make PDF"),
    (of_case("disclosures:conflict", TEACHER, "waiting"), "Record my conflict of interest"),
    (of_case("disclosures:impose", COORDINATOR, "received"), "Record their conflict of interest"),
    (View("disclosures:raise_for", Role.IG_LEAD), "Record their conflict of interest"),
    (View("disclosures:lift", MANAGER, "wall", (("pk", "wall"),)), "End this conflict of interest"),
    (View("disclosures:emergency_find", TEACHER), "Go on to emergency access"),
    (
        of_case("disclosures:emergency_why", TEACHER, "before the panel"),
        "Continue to the last page",
    ),
    (
        View("disclosures:emergency_review", Role.IG_LEAD, "emergency", (("pk", "emergency"),)),
        "Record my review",
    ),
    (View("actions:action", LEAD, "action", (("pk", "action"),)), "Save update"),
    (of_case("actions:give", COORDINATOR, "open"), "Give this action"),
    (View("actions:review", COORDINATOR, "review", (("pk", "review"),)), "Save this review"),
    (
        View("actions:check", COORDINATOR, "claimed", (("pk", "claimed action"),)),
        "Save your answer",
    ),
    (
        View("actions:give-up", COORDINATOR, "action", (("pk", "action"),)),
        "Save why it cannot be done",
    ),
    (View("actions:hand-over", LEAD, "action", (("pk", "action"),)), "Ask them to take it on"),
    (View("actions:effect", COORDINATOR, "done", (("pk", "done action"),)), "Save what it changed"),
    (of_case("actions:plan", COORDINATOR, "open"), "Plan this review"),
    (of_case("assessments:start", COORDINATOR, "with a level"), "Ask the agencies"),
    (
        of_case("assessments:agree", COORDINATOR, "opened", pk="opened assessment"),
        "Record the judgement",
    ),
    (of_case("disclosures:share", COORDINATOR, "open"), "Save and continue"),
    (of_case("disclosures:danger", COORDINATOR, "open"), "Preview what they will see"),
    (View("matching:search", COORDINATOR), "Find a case"),
    (of_case("referrals:note", COORDINATOR, "open"), "Check the note"),
    (of_case("meetings:nominate", COORDINATOR, "open"), "Nominate for the panel"),
    (View("meetings:nominate-other", COORDINATOR), "Nominate for the panel"),
    (View("meetings:new-series", COORDINATOR), "Keep these settings"),
    (View("meetings:new", COORDINATOR, at=(("pk", "panel"),)), "Plan the meeting"),
    (View("meetings:nomination", MANAGER, at=(("pk", "nomination"),)), "Record the answer"),
    (of_meeting("meetings:people", COORDINATOR), "Invite them"),
    (of_meeting("meetings:item", PANEL, item="item"), "Add to the papers"),
    (
        of_room("meetings:decision", COORDINATOR, "held meeting", item="held item"),
        "Record decision",
    ),
    (of_room("meetings:comment", PANEL, "ended meeting"), "Send comment"),
    (of_case("links:record", COORDINATOR, "received", statement="words"), "Record it"),
    (of_case("links:take-off", COORDINATOR, "received", mine="van"), "Take it off"),
    (
        of_case("links:compare", COORDINATOR, "received", mine="van", other="van elsewhere"),
        "Record your decision",
    ),
    (listing("intake:also", "people"), "Save and continue"),
    *((listing("intake:also_item", kind, n="2"), "Save and continue") for kind in ItemKind.values),
    (report("governance:review", CHAIR, "published report"), "Mark as reviewed"),
    (View("rules:propose", Role.IG_LEAD), "Save the draft"),
    (View("rules:sign", Role.IG_LEAD), "Add the agreement"),
    (
        of_change("rules:step", "change that waits", action="reject"),
        "Take the change no further",
    ),
]
NOT_PAGES = {
    "meetings:take-pen": "takes a press of a button only",
    "meetings:hand-pen": "takes a press of a button only",
    "meetings:present": "takes a press of a button only",
    "meetings:clear-screen": "takes a press of a button only",
    "meetings:draft-minutes": "takes a press of a button only",
    "meetings:approve-item": "takes a press of a button only",
    "meetings:minutes-pdf": "takes a press of a button only",
    "meetings:minutes-printed": "of a PDF that somebody asked for: tests/meetings",
    "meetings:minutes-download": "the PDF itself: tests/meetings",
    "meetings:publish": "takes a press of a button only",
    "meetings:take-back": "takes a press of a button only",
    "meetings:tick": "takes a press of a button only",
    "meetings:pdf": "takes a press of a button only",
    "meetings:download": "the PDF itself: tests/meetings",
    "meetings:hold": "takes a press of a button only",
    "meetings:end": "takes a press of a button only",
    "meetings:room": "takes a press of a button only",
    "intake:take_back": "takes a press of a button only",
    "home:healthz": "a word for the supervisor",
    "home:live": "a word for the supervisor",
    "home:deep": "numbers for whoever has the word for it",
    "governance:download": "the PDF itself: tests/journeys",
    "referrals:csv": "the spreadsheet itself",
    "referrals:pdf": "takes a press of a button only",
    "referrals:download": "the PDF itself",
    "accounts:session": "how many seconds are left, for the script",
    "accounts:kept": "leads on: tests/drills",
    "accounts:unlock": "only while a page is hidden: tests/journeys",
    "away:hide": "takes a press of a button only: tests/journeys",
    "intake:autosave": "takes what is typed, from the script: tests/journeys",
    "information:link": "of a link that is proposed: tests/information",
    "information:remove": "takes a press of a button only",
    "information:discard": "takes a press of a button only",
    "information:mark_read": "takes a press of a button only",
    "intake:discard": "takes a press of a button only",
    "intake:remove_file": "takes a press of a button only",
    "disclosures:step": "of a draft: a share is walked page by page below",
    "disclosures:done": "of a draft: below",
    "disclosures:shared": "of a decision: below",
    "disclosures:stop": "of a decision: below",
    "disclosures:renew": "of a decision: below",
    "disclosures:advise": "of a question: below",
    "disclosures:danger-again": "the danger form, filled in again: tests/disclosures",
    "disclosures:register-file": "takes a press of a button only",
    "disclosures:discard": "takes a press of a button only",
    "disclosures:acknowledge": "takes a press of a button only",
    "following:chase": "takes a press of a button only",
    "following:escalate": "takes the form of the page of disagreements only",
    "following:answer": "takes the form of the page of disagreements only",
    "assessments:reveal": "takes a press of a button only",
    "assessments:confirm": "takes the form of the risk page only",
    "assessments:sign": "takes the form of the risk page only",
    "assessments:withdraw": "for a level that waits, and none does here: tests/assessments",
    "actions:remind": "takes the form of the list only: tests/actions",
    "actions:departures-file": "the spreadsheet itself",
    "triage:undo": "takes the form of the page that compares only",
    "links:settle": "takes a press of a button only",
    "links:take-back": "takes the form of the page that compares only",
    "matching:take-back": "takes the form of the page that compares only",
    "triage:acknowledge": "takes a press of a button only",
    "triage:decide": "takes the form of the page before only: below",
    "disclosures:chase": "a press on the list of questions",
    "triage:next": "takes a press of a button only",
    "triage:assign": "takes the form of the board only: below",
    "triage:keep-view": "takes a press of a button only",
    "triage:forget-view": "takes a press of a button only",
    "triage:priority": "takes the form of the board only: below",
    "triage:check": "takes the form of the workspace only: below",
    "governance:publish": "takes a press of a button only",
    "disclosures:emergency_open": "takes the answers of the page before only",
    "disclosures:emergency_end": "takes a press of a button only",
    "notifications:mark_read": "takes a press of a button only",
    "notifications:mark_all_read": "takes a press of a button only",
    "notifications:stop_mail": "takes the form of the page of outgoing mail only",
    "notifications:resume_mail": "takes a press of a button only",
    "notifications:try_again": "takes a press of a button only",
    "notifications:try_all_again": "takes a press of a button only",
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
        "lists": _draft(page),
        "grown": _draft(page, "No", age="23"),
        "alike": _draft(page, "No"),
        "protects": _protects(page),
        "draft with files": _draft(page),
        "empty report": _report_draft(page),
        "report draft": _report(page, send=False),
        "report": _report(page, send=True),
    }
    _name_one_of_each(page, drafts["lists"])
    steps.add_file(page, drafts["draft with files"])
    reference, file = _sent_with_a_file(page)
    context.close()

    def one(query: str, *values: object) -> str:
        rows = databases.ask(site.database_url, query, *values)
        assert rows, f"the demo data has none: {query} {values}"
        return str(rows[0][0])

    def case(where: str, *values: object) -> str:
        return one(_CASE.format(where), *values)

    team = one(_TEAM, lead)
    received = case(f"status = 'received' AND decision_due_at > now() AND {_TELLS}")
    waiting = case(f"status = 'received' AND {_SENT}", teacher)
    context = browser.new_context(base_url=site.base_url, storage_state=sessions(COORDINATOR))
    page = context.new_page()
    request = _request(page, received, team)
    _end_it_all(page, reference, people.demo.agencies["fernmarrow"].name)
    context.close()
    handed = one(_NEWEST, received, waiting, reference)
    context = browser.new_context(base_url=site.base_url, storage_state=sessions(MANAGER))
    _hand_over(context.new_page(), handed, lead)
    context.close()
    return drafts | {
        "with a file": reference,
        "file": file,
        "proposal": one(_WAITS, reference),
        "handover": one(_WAITS, handed),
        "step": one(_STEP.format("s.side <> 'lado'"), reference),
        "step of the LADO": one(_STEP.format("s.side = 'lado'"), reference),
        "hidden": one(_HIDDEN, reference),
        "lead team": team,
        "request": request,
        "my answer": one(_ANSWER, waiting),
        "draft": one(_DRAFT, teacher),
        "waiting": waiting,
        "answered": case(f"decided_at IS NOT NULL AND {_SENT}", teacher),
        "of my agency": case(_GRANTED, lead),
        "before the panel": case(_GRANTED, panel),
        "received": received,
        "words": one(_ANSWER, received),
        "van": one(_VAN, coordinator, received),
        "van elsewhere": one(_VAN, coordinator, case(f"status = 'open' AND {_TELLS}")),
        "overdue": case("status = 'received' AND decision_due_at < now()"),
        "immediate": case("status = 'received' AND priority = 'immediate'"),
        "checking": case("status = 'checking'"),
        "open": case("status = 'open'"),
        "closed": case("status = 'closed'"),
        "stepping down": case("status = 'stepping_down'"),
        **{name: one(_ASSESSED.format("c.reference", status)) for name, status in ASSESSED.items()},
        "opened assessment": one(_ASSESSED.format("a.id", "opened")),
        "asked assessment": one(_ASSESSED.format("a.id", "asked")),
        "ready report": one(_REPORT.format("published_at IS NULL")),
        "published report": one(_REPORT.format("published_at IS NOT NULL AND reviewed_at IS NULL")),
        **{f"{state} copy": one(_COPY, state, *COPIES[state], coordinator) for state in COPIES},
        "waiting report": one(_UNMADE, "asked", ""),
        "failed report": one(_UNMADE, "failed", Failure.TOO_SLOW),
        "action": one("SELECT id FROM actions_action WHERE status = 'in_progress'"),
        "claimed action": one("SELECT id FROM actions_action WHERE status = 'done_claimed'"),
        "done action": one("SELECT id FROM actions_action WHERE status = 'verified'"),
        "review": one('SELECT id FROM actions_review ORDER BY "on" LIMIT 1'),
        "held meeting": one("SELECT id FROM meetings_meeting WHERE status = 'held'"),
        "ended meeting": one("SELECT id FROM meetings_meeting WHERE status = 'ended'"),
        "held item": one(_ITEM.format("held")),
        "panel": one("SELECT id FROM meetings_series"),
        "meeting": one("SELECT id FROM meetings_meeting WHERE status = 'published'"),
        "item": one(_ITEM.format("published")),
        "nomination": one("SELECT id FROM meetings_nomination WHERE status = 'nominated'"),
        "wall": one(_WALL, people.one(Role.AUDITOR).email, people.one(MANAGER).email),
        "emergency": one(_EMERGENCY, people.one(LEAD).email),
        "change that waits": one("SELECT id FROM rules_change WHERE status = 'submitted'"),
        "draft of a change": one("SELECT id FROM rules_change WHERE status = 'draft'"),
        "agreement": one("SELECT id FROM rules_agreement ORDER BY ends_on DESC LIMIT 1"),
        "examination": one("SELECT id FROM rules_examination LIMIT 1"),
    }


ASSESSED = {"with a level": "agreed", "opened": "opened", "being assessed": "asked"}
_ASSESSED = """
    SELECT {} FROM assessments_assessment a JOIN referrals_case c ON c.id = a.case_id
    WHERE a.status = '{}' LIMIT 1
"""
_ITEM = """
    SELECT i.id FROM meetings_agendaitem i JOIN meetings_meeting m ON m.id = i.meeting_id
    WHERE m.status = '{}' ORDER BY i.position LIMIT 1
"""
_CASE = "SELECT reference FROM referrals_case c WHERE {} ORDER BY received_at LIMIT 1"
_TELLS = """
    EXISTS (SELECT FROM referrals_statement s WHERE s.case_id = c.id AND s.question = 'saw'
      AND s.answer = 'given' AND s.removed_at IS NULL AND s.protect = '')
"""
# Of those that wait, the one that came last: no page of the others changes by what is done to it.
_NEWEST = """
    SELECT reference FROM referrals_case WHERE status = 'received' AND decision_due_at > now()
      AND reference NOT IN (%s, %s, %s) ORDER BY received_at DESC LIMIT 1
"""
_WAITS = """
    SELECT p.id FROM referrals_proposal p JOIN referrals_case c ON c.id = p.case_id
    WHERE c.reference = %s AND p.answered_at IS NULL
"""
_STEP = """
    SELECT s.id FROM referrals_sideroute s JOIN referrals_case c ON c.id = s.case_id
    WHERE c.reference = %s AND {}
"""
_HIDDEN = """
    SELECT w.id FROM referrals_wall w JOIN referrals_case c ON c.id = w.case_id
    WHERE c.reference = %s AND w.agency_id IS NOT NULL
"""
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
_TEAM = """
    SELECT m.team_id FROM accounts_membership m JOIN accounts_user u ON u.id = m.user_id
    WHERE u.email = %s
"""
_ANSWER = """
    SELECT s.id FROM referrals_statement s JOIN referrals_case c ON c.id = s.case_id
    WHERE c.reference = %s AND s.question IN ('saw', 'told', 'child_said') AND s.answer = 'given'
    ORDER BY s.question LIMIT 1
"""
# One van, as two cases name it.
_VAN = """
    INSERT INTO links_mention (id, created_at, kind, called, also, "where", description, keys,
      recorded_at, ended_why, by_id, statement_id)
    SELECT gen_random_uuid(), now(), 'vehicle', 'AB12 CDE', '', '', 'White, with a dent.',
      '{mark AB12CDE}', now(), '', m.id, s.id
    FROM accounts_user u JOIN accounts_membership m ON m.user_id = u.id, referrals_statement s
      JOIN referrals_case c ON c.id = s.case_id
    WHERE u.email = %s AND c.reference = %s AND s.question = 'saw' AND s.answer = 'given'
      AND s.removed_at IS NULL AND s.protect = ''
    LIMIT 1 RETURNING id
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


# Against somebody who opens no other page of these.
_WALL = """
    INSERT INTO referrals_wall (id, created_at, why, words, raised_at, lifted_why, case_id, user_id,
      raised_by_id)
    SELECT gen_random_uuid(), now(), 'relative', 'A cousin of the child.', now(), '',
      (SELECT id FROM referrals_case WHERE status = 'received' ORDER BY received_at LIMIT 1),
      walled.id, m.id
    FROM accounts_user walled, accounts_user u JOIN accounts_membership m ON m.user_id = u.id
    WHERE walled.email = %s AND u.email = %s LIMIT 1 RETURNING id
"""
_EMERGENCY = """
    INSERT INTO referrals_emergencyaccess (id, created_at, why, next_step, authorised_by, from_at,
      until_at, review_due_at, found, found_words, case_id, membership_id)
    SELECT gen_random_uuid(), now(), 'life', 'I will go to the house with an officer.', '',
      now() - interval '2 hours', now() - interval '1 hour', now() + interval '1 day', '', '',
      (SELECT id FROM referrals_case WHERE status = 'open' ORDER BY received_at LIMIT 1), m.id
    FROM accounts_user u JOIN accounts_membership m ON m.user_id = u.id
    WHERE u.email = %s LIMIT 1 RETURNING id
"""


def _draft(page: Page, danger: str = "", age: str = "14") -> str:
    """Begin a draft and answer its first question, or nothing. Returns its id.

    Where there is no danger, it names a child, whom the teacher's other drafts name too.
    """
    draft = steps.begin(page)
    if danger:
        steps.choose(page, "Is a child in immediate danger", danger)
        steps.press(page, steps.SAVE)
        page.wait_for_url("**/child/" if danger == "No" else "**/danger/now/")
    if danger == "No":
        page.get_by_label("First name").fill("Wrenna")
        page.get_by_label("Last name").fill("Sparrowhawk")
        page.get_by_label("Or about how old?").fill(age)
        steps.press(page, steps.SAVE)
        page.wait_for_url(re.compile("(seen-before|over-18|where)/$"))
    return draft.rstrip("/").rpartition("/")[2]


def _name_one_of_each(page: Page, draft: str) -> None:
    """Name a person, a place, ... in a draft, each with a long answer, and look at each page."""
    first = {
        "people": "Name",
        "places": "What is the place?",
        "online": "Account name, phone number or registration",
        "children": "Name",
        "missing": "Or about when?",
    }
    for kind, label in first.items():
        page.goto(reverse("intake:also_item", args=[draft, kind, 1]))
        page.get_by_label(label, exact=True).fill("zz" * 90)
        steps.choose(page, "How do you know this?", "Somebody else told me")
        steps.choose(page, "How sure are you?", "Not sure")
        steps.press(page, steps.SAVE)
        page.wait_for_url(f"**/also/{kind}/")


def _report_draft(page: Page) -> str:
    """Begin an information report and write nothing. Returns its draft's id."""
    page.goto(reverse("information:new"))
    steps.press(page, "Start now")
    page.wait_for_url("**/what/")
    return page.url.split("/")[-3]


def _report(page: Page, *, send: bool) -> str:
    """Write an information report with one car in it. Returns its draft's id, or its reference."""
    _report_draft(page)
    page.get_by_label("What do you want to tell us?").fill("A car waits at the gate.")
    steps.choose(page, "How do you know this?", "I saw or heard it myself")
    steps.choose(page, "How sure are you?", "Sure")
    steps.choose(page, "May the police read who you are?", "Yes")
    steps.press(page, "Save and continue")
    steps.choose(page, "Do you want to add", "An online account, a phone or a vehicle")
    steps.press(page, "Save and continue")
    page.get_by_label("Account name, phone number or registration").fill("AB12 XYZ")
    steps.choose(page, "How do you know this?", "I saw or heard it myself")
    steps.choose(page, "How sure are you?", "Sure")
    steps.press(page, "Save and continue")
    steps.choose(page, "Do you want to add", "No, I have finished")
    steps.press(page, "Save and continue")
    steps.expect_heading(page, "Check what you tell us")
    if not send:
        return page.url.split("/")[-3]
    steps.press(page, "Send report")
    steps.expect_heading(page, "Report sent")
    return page.url.split("/")[-2]


def _protects(page: Page) -> str:
    """A draft with long answers, of which one has to be protected. Returns its id."""
    draft = _draft(page, "No")
    page.goto(f"/referrals/draft/{draft}/concern/")
    page.locator("[name=told]").fill("Her cousin told me what he has seen. " * 40)
    steps.press(page, steps.SAVE)
    page.goto(f"/referrals/draft/{draft}/protect/")
    page.get_by_label("Who told you", exact=True).check()
    page.get_by_label("That this referral exists", exact=True).check()
    steps.press(page, steps.SAVE)
    page.wait_for_url("**/protect-what/")
    return draft


def _sent_with_a_file(page: Page) -> tuple[str, str]:
    """Send a referral with a file that is clean. Returns its reference, and the file's id."""
    address = steps.write_all(page, steps.Story())
    steps.add_file(page, address.rstrip("/").rpartition("/")[2])
    expect(page.get_by_text("Ready", exact=True)).to_be_visible()
    page.goto(f"{address}check/")
    steps.press(page, steps.SEND)
    page.wait_for_url("**/sent/")
    reference = steps.reference_on(page)
    page.goto(reverse("referrals:documents", args=[reference]))
    page.get_by_role("link", name=f"Open {steps.FILE}").click()
    steps.expect_heading(page, "Open a document")
    return reference, page.url.rstrip("/").rpartition("/")[2]


def _request(page: Page, reference: str, team: str) -> str:
    """Ask a team about a case, and look at each page on the way. Returns the request's id."""
    address = reverse("disclosures:ask", args=[reference])
    page.goto(f"{address}?team={team}&purpose=SCREEN")
    page.get_by_label("Education", exact=True).check()
    page.get_by_label("What do you want to know?").fill("Was she at school today?")
    page.get_by_label("Why do you need it?").fill("We check whether she is safe.")
    steps.choose(page, "How soon do you need an answer?", "In 2 working days")
    page.get_by_role("group", name="Which law lets them answer you?").get_by_role(
        "radio"
    ).first.check()
    page.get_by_label("Why would less not do?").fill("They need a name to look it up.")
    steps.choose(page, "Has the child been told?", "Yes")
    steps.choose(page, "Have the parents or carers been told?", "Yes")
    steps.choose(page, "Why do you not rely on consent?", "Consent cannot be given")
    steps.press(page, "Check what they will learn")
    steps.expect_heading(page, "Check what they will learn")
    check(page)
    steps.press(page, "Send question")
    steps.expect_heading(page, "Request for information")
    return page.url.rstrip("/").rpartition("/")[2]


def _decide(page: Page, reference: str, outcome: str, *sides: str) -> None:
    """Write a decision in the workspace, and stop at the page that checks it."""
    page.goto(reverse("triage:workspace", args=[reference]))
    steps.choose(page, "What should happen next?", outcome)
    page.get_by_label("Why?", exact=True).fill("Nothing that we know points to harm.")
    page.get_by_label("What can we tell the person who referred?").fill("We looked at it.")
    for side in sides:
        steps.choose(page, "What else must happen?", side)
    steps.press(page, "Check decision")
    steps.expect_heading(page, f"Check your decision on {reference}")


def _end_it_all(page: Page, reference: str, employer: str) -> None:
    """Propose that nothing more is done but to look into somebody who works for this agency."""
    _decide(page, reference, "No further action", Side.LADO.label, Side.MISSING.label)
    check(page)
    steps.press(page, "Confirm decision")
    expect(page).to_have_title(re.compile(r"^Error: "))
    check(page)
    page.get_by_label("Which agency does the person work for?").select_option(label=employer)
    steps.press(page, "Confirm decision")
    expect(page.get_by_text("waits for a yes. It stays on the board")).to_be_visible()
    check(page)


def _hand_over(page: Page, reference: str, worker: str) -> None:
    """Ask somebody to take a child on."""
    _decide(page, reference, Outcome.OPEN_CASE.label)
    check(page)
    page.get_by_label("Work email of the allocated worker").fill(worker)
    steps.press(page, "Confirm decision")
    expect(page.get_by_text("waits for a yes. It stays on the board")).to_be_visible()


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
    assert page.url.endswith(view.address(places)), "led somewhere else"
    check(page)
    # It is narrow now: what hides on a narrow screen is the first that the Tab key loses.
    assert not lost_stops(page)


@pytest.mark.parametrize("view", VIEWS, ids=str)
def test_page_without_javascript(open_view, places, view):
    page = open_view(view.who, 320, javascript=False)

    page.goto(view.address(places))

    check_words(page)
    assert not scrolls_sideways(page)
    # On a narrow screen the numbers between the first page and the last stand back.
    # What a closed <details> holds opens without a script.
    pressed = "a:not(.govuk-pagination__list a, details a), button:not([hidden])"
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


# Each with a box of it, and what nobody can use there.
NONSENSE = [
    (View("accounts:contact", LEAD), "Their work phone", "ring me", "Save contacts"),
    (View("accounts:partnership", MANAGER), "Working days for a decision", "", "Save settings"),
    (
        View("accounts:partnership", MANAGER),
        "Steps of a disagreement with a decision",
        "The managers",
        "Save settings",
    ),
]


@pytest.mark.parametrize("spoilt", NONSENSE, ids=lambda spoilt: f"{spoilt[0]}-{spoilt[1][:16]}")
def test_form_that_is_filled_already_and_then_spoilt(open_view, places, spoilt):
    view, label, words, button = spoilt
    page = open_view(view.who)
    page.goto(view.address(places))
    page.get_by_label(label, exact=True).fill(words)

    steps.press(page, button)

    expect(page).to_have_title(re.compile(r"^Error: "))
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    expect(page.get_by_label(label, exact=True)).to_have_value(words)
    check(page)


# What is pressed on the board, the page that follows, and what that page says to a hurried press.
OF_SEVERAL = [
    (
        "Assign the selected referrals",
        "Assign 2 referrals",
        "Assign them",
        "Select who checks them",
    ),
    (
        "Change their priority",
        "Change the priority of 2 referrals",
        "Change the priority",
        "Select which priority they get",
    ),
]


@pytest.mark.parametrize("asked", OF_SEVERAL, ids=lambda asked: asked[0].replace(" ", "_"))
def test_what_the_board_asks_before_it_changes_several(open_view, asked):
    button, heading, confirms, lacks = asked
    page = open_view(COORDINATOR)
    page.goto(reverse("triage:board"))
    for box in page.locator("main input[name=case]").all()[:2]:
        box.check()

    steps.press(page, button)
    steps.expect_heading(page, heading)
    expect(page.locator("main input:checked")).to_have_count(0)
    check(page)
    steps.press(page, confirms)

    steps.expect_error(page, lacks)
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


def test_an_answer_is_checked_before_it_is_sent(open_view, places):
    page = open_view(LEAD)
    page.goto(of_request("disclosures:answer", LEAD, reply="share").address(places))
    page.get_by_label("Education", exact=True).fill("She was at school today.")
    steps.choose(page, "How do you know this? (Education)", "From a record")
    steps.choose(page, "Should anybody be kept from reading it? (Education)", "No")
    page.get_by_label("Why would less not do?").fill("It is one line.")
    steps.choose(page, "Has the child been told?", "Yes")
    steps.choose(page, "Have the parents or carers been told?", "Yes")
    steps.choose(page, "Why do you not rely on consent?", "Consent cannot be given")

    steps.press(page, "Check your answer")

    steps.expect_heading(page, "Check your answer")
    expect(page.get_by_text("She was at school today.")).to_be_visible()
    check(page)


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


def test_emergency_access_from_help_to_its_end(open_view, places, people):
    page = open_view(TEACHER)
    page.goto(reverse("home:help"))
    page.get_by_label("Reference of the case").fill(places["open"])
    steps.press(page, "Go on to emergency access")
    steps.expect_heading(page, "Emergency access")
    steps.press(page, "Say why it cannot wait")
    steps.choose(page, "Why can it not wait?", "Somebody's life could be in danger")
    page.get_by_label("What will you do").fill("I will go to the house with an officer.")
    steps.press(page, "Continue to the last page")
    steps.expect_heading(page, "Open the case")
    check(page)

    page.get_by_label("Password", exact=True).fill("not-the-password-at-all")
    steps.press(page, "Open this case for one hour")
    expect(page).to_have_title(re.compile(r"^Error: "))
    check(page)
    page.get_by_label("Password", exact=True).fill(people.demo.password)
    steps.press(page, "Open this case for one hour")

    steps.expect_heading(page, f"Case {places['open']}")
    expect(page.get_by_text("minutes left, until")).to_be_visible()
    check(page)
    steps.press(page, "End emergency access")
    steps.expect_heading(page, "Emergency access: reviews")
    check(page)


def test_a_share_page_by_page(open_view, places):
    page = open_view(COORDINATOR)
    page.goto(of_case("disclosures:share", COORDINATOR, "open").address(places))
    page.get_by_label(re.compile("^Front door manager")).first.check()
    page.get_by_label("Check a new concern and decide what happens").check()
    for heading in ("What do they need?", "What is the reason in law?"):
        steps.press(page, steps.SAVE)
        steps.expect_heading(page, heading)
        check(page)
        page.locator("main input[type=checkbox], main input[type=radio]").first.check()
    steps.press(page, steps.SAVE)
    steps.expect_heading(page, "Why is it right to share?")
    check(page)
    for label in ("Share it", "Until somebody stops it"):
        page.get_by_label(label, exact=True).check()
    for name in ("child_told", "parents_told", "consent_limb"):
        page.locator(f"input[name={name}]").first.check()
    confidence = page.locator("input[name=confidence_limb]")
    if confidence.count():
        confidence.first.check()
    page.get_by_label("What will they do with it that they could not do otherwise?").fill("Act.")
    page.get_by_label("Is there a smaller amount that would do?").fill("No.")
    steps.press(page, steps.SAVE)
    steps.expect_heading(page, "Preview")
    check(page)
    page.get_by_label("No", exact=True).check()
    page.get_by_label("This is right").check()
    steps.press(page, steps.SAVE)
    steps.expect_heading(page, "Check your decision")
    check(page)
    steps.press(page, "Share now")
    steps.expect_heading(page, "Shared")
    check(page)
    page.get_by_role("link", name=re.compile("^Record S-")).first.click()
    expect(page.get_by_role("heading", name="What the law answered")).to_be_visible()
    check(page)
    for button, heading in (("Renew this share", "Renew S-"), ("Stop sharing", "Stop sharing S-")):
        page.get_by_role("button", name=button).click()
        expect(page.get_by_role("heading", name=heading)).to_be_visible()
        check(page)
        page.get_by_role("link", name="Back", exact=True).click()


def test_a_question_to_a_governance_lead(open_view, places):
    page = open_view(COORDINATOR)
    page.goto(of_case("disclosures:share", COORDINATOR, "open").address(places))
    page.locator("input[name=team]").first.check()
    page.get_by_label("Plan and give support or protection").check()
    steps.press(page, steps.SAVE)
    page.locator("main input[type=checkbox]").first.check()
    steps.press(page, steps.SAVE)
    page.get_by_label("I am not sure: ask the information-governance lead").check()
    page.get_by_label("What do you want to ask?").fill("May they have this?")
    steps.press(page, steps.SAVE)
    steps.expect_heading(page, "Sharing: who holds what")
    check(page)

    lead = open_view(Role.IG_LEAD)
    lead.goto(reverse("disclosures:advice"))
    check(lead)
    lead.get_by_role("link", name=re.compile("^Give advice")).first.click()
    steps.expect_heading(lead, "Give advice on a share")
    check(lead)


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
    form.locator("textarea").fill("I read it before noon.")

    steps.press(page, "Acknowledge")

    steps.expect_heading(page, "This cannot be done now")
    expect(page.locator("main")).to_contain_text("I read it before noon.")
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
