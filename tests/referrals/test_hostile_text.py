"""Whatever is typed into a box comes out of every door as words: page, PDF, spreadsheet, program.

The boxes are those that the real pages show, so that a new one is walked through without a line
here. A walk is made twice over: with `PAYLOADS`, and with a harmless word in every box. Its
pages must be the same pages, element for element and attribute for attribute.
"""

import csv
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from io import BytesIO, StringIO
from uuid import uuid4

import pikepdf
import pytest
from django.test import Client
from django.urls import get_resolver, reverse

from portal.accounts import services as accounts
from portal.accounts.models import Agency
from portal.accounts.vocabulary import Role
from portal.common.forms import PageForm, without_nul
from referrals.following.models import Challenge, Message
from referrals.information import services as information
from referrals.information.forms import THINGS
from referrals.information.models import Report
from referrals.intake import services as intake
from referrals.intake.forms import LISTS, PAGES, line
from referrals.intake.forms.telling import ConcernForm
from referrals.intake.models import Draft
from referrals.models import Case, Statement
from referrals.services.items import ItemKind
from referrals.triage.forms import HandOverForm
from referrals.vocabulary import CHOSEN, FREE_ANSWERS, QUESTIONS
from tests.cast import Cast, carried, send, signed_in
from tests.following.conftest import add, late
from tests.information.conftest import car
from tests.payloads import PAYLOADS
from tests.pdf import text_of
from tests.referrals.hostile import (
    HARMLESS,
    LEADERS,
    READS_ONLY,
    Dealer,
    Walk,
    bare,
    boxes,
    insist,
    raw,
    said_on,
    structure,
)
from tests.referrals.test_renderers import printed
from tests.referrals.test_submit import BODY, post_json

# --- A referral, from the first page to the case ------------------------------------------------


def write(walk: Walk, teacher: Client, draft: Draft) -> None:
    """Every page of a draft and one of each list, and each page on which they come back."""
    for page in PAGES:
        address = reverse("intake:page", args=[draft.pk, page])
        if page in line(Draft.objects.get(pk=draft.pk)) and page != "check":
            walk.press(page, teacher, address)
            walk.look(f"{page} again", teacher, address)
    stale = {**walk.dealer.to(ConcernForm()), "told": "", "version": "of another window"}
    address = reverse("intake:page", args=[draft.pk, "concern"])
    walk.keep("two windows", teacher.post(address, stale), 409)
    for kind in LISTS:
        place = [draft.pk, kind]
        walk.press(kind, teacher, reverse("intake:also_item", args=[*place, 1]))
        walk.look(f"{kind} again", teacher, reverse("intake:also_item", args=[*place, 1]))
        walk.look(f"{kind} to remove", teacher, reverse("intake:also_remove", args=[*place, 1]))
        walk.look(f"{kind} all", teacher, reverse("intake:also", args=place))
    walk.look("hub", teacher, reverse("intake:draft", args=[draft.pk]))
    walk.look("check", teacher, reverse("intake:page", args=[draft.pk, "check"]))


def read(walk: Walk, cast: Cast, case: Case) -> None:
    """Every page that shows the case, to whoever sent it and to whoever checks it."""
    for name in ("teacher", "coordinator", "lead"):
        client = signed_in(getattr(cast, name))
        walk.look(f"case, {name}", client, reverse("referrals:case", args=[case.reference]))
        walk.look(f"mine, {name}", client, reverse("following:mine"))
    walk.look("workspace", client := signed_in(cast.coordinator), at("triage:workspace", case))
    walk.look("board", client, reverse("triage:board"))
    walk.look("cases", client, reverse("referrals:cases"))
    walk.look("notices", client, reverse("notifications:list"))
    name = walk.typed.get(("child", "family_name"), HARMLESS[0])
    walk.keep("found", client.post(reverse("matching:search"), {"words": name, "why": "work"}), 200)


def at(name: str, case: Case) -> str:
    return reverse(name, args=[case.reference])


def test_a_referral_is_words_on_every_page_from_the_first_to_the_case(cast: Cast):
    def walk_all(walk: Walk) -> None:
        teacher = signed_in(cast.teacher)
        draft = intake.start(actor=cast.teacher)
        write(walk, teacher, draft)
        check = reverse("intake:page", args=[draft.pk, "check"])
        assert teacher.post(check, carried(teacher, check)).status_code == 302
        case = Case.objects.get()
        walk.look("sent", teacher, reverse("intake:sent", args=[case.reference]))
        read(walk, cast, case)
        assert walk.refused == READS_ONLY
        assert_no_answer_passed_for_another(walk, case)

    insist(walk_all)


def assert_no_answer_passed_for_another(walk: Walk, case: Case) -> None:
    """What was typed into each box of a list is read back as what that box holds."""
    typed = [
        {name: bare(words) for (step, name), words in walk.typed.items() if step == kind}
        for kind in LISTS
    ]
    for row in Statement.objects.filter(case=case, item__isnull=False):
        kept = {name: bare(words) for name, words in row.details.items()}
        assert kept.pop("sure") == "fairly"
        kept.pop("means", "")
        assert kept in typed
        typed.remove(kept)
    assert not typed


# --- What follows it ----------------------------------------------------------------------------


def follow(walk: Walk, cast: Cast, case: Case) -> None:
    """All that can be typed about a case that was sent, by each who may."""
    teacher, coordinator, manager = map(signed_in, (cast.teacher, cast.coordinator, cast.manager))
    workspace, messages = at("triage:workspace", case), at("following:messages", case)
    disagree, adding = at("following:disagree", case), at("following:add", case)

    first = coordinator.get(workspace).context["first"]
    walk.press("acknowledge", coordinator, at("triage:acknowledge", case), first)
    answer, posted = walk.press("add", teacher, adding)
    walk.keep("add, check", answer, 200)
    assert teacher.post(adding, {**posted, "send": "send"}).status_code == 302
    walk.press("message", teacher, messages)
    asked = f"{messages}?answers={Message.objects.get().pk}"
    walk.look("messages, to answer", coordinator, asked)
    walk.press("message, answered", coordinator, asked)
    walk.press("correction", teacher, at("following:withdraw", case))
    typed = form_on(coordinator, workspace)
    answer, posted = walk.press("decision", coordinator, at("triage:check", case), typed)
    walk.keep("decision, check", answer, 200)
    posted |= {"checked": "yes", "next_on-day": "1", "next_on-month": "1", "next_on-year": "2099"}
    assert coordinator.post(at("triage:decide", case), posted).status_code == 302
    walk.press("disagree", teacher, disagree, form_on(teacher, disagree, "raising"))
    raised = Challenge.objects.get().pk
    reply = reverse("following:answer", args=[case.reference, raised])
    walk.press("answer", manager, reply, form_on(manager, disagree, "reply"))
    further = at("following:escalate", case)
    walk.press("further", teacher, further, form_on(teacher, disagree, "further"))
    for step in ("open", "step-down"):
        walk.press(step, coordinator, reverse("triage:move", args=[case.reference, step]))
    case.refresh_from_db()
    whose = {
        "case": case.reference,
        f"had-{case.reference}": str(case.coordinator_id),
        "to": str(cast.second_coordinator.membership_id),
    }
    note = walk.dealer.to(HandOverForm(people=[]))
    assert coordinator.post(reverse("triage:hand-over"), whose | note).status_code == 302
    walk.look("handed over", manager, workspace)
    walk.press("close", manager, at("triage:close", case))
    walk.look("closed", manager, at("triage:look-back", case))
    for name, client in (("teacher", teacher), ("manager", manager)):
        walk.look(f"messages, {name}", client, messages)
        walk.look(f"disagreements, {name}", client, disagree)


def form_on(client: Client, address: str, name: str = "form") -> PageForm:
    """One of the forms of a page."""
    found: PageForm = client.get(address).context[name]
    return found


def test_what_follows_is_words_to_each_who_reads_it(cast: Cast):
    def walk_all(walk: Walk) -> None:
        case, withdrawn = late(send(cast.teacher)), send(cast.teacher)
        follow(walk, cast, case)
        read(walk, cast, case)
        walk.press("withdraw", signed_in(cast.teacher), at("following:withdraw", withdrawn))
        for name, each in (("decided", case), ("withdrawn", withdrawn)):
            walk.look(f"steps, {name}", signed_in(cast.coordinator), at("triage:workspace", each))

    insist(walk_all, rounds=3, all_narratives=False)


# --- An information report ----------------------------------------------------------------------


def test_a_report_without_a_child_is_words_to_the_police_too(cast: Cast):
    police = Agency.objects.get(pk=cast.panel_officer.agency_id)
    officer = accounts.enrol(
        email="con@police.example.org", name="Con", agency=police, role=Role.PRACTITIONER
    ).principal()

    def walk_all(walk: Walk) -> None:
        send(cast.teacher, items=(car(),))
        teacher, coordinator = signed_in(cast.teacher), signed_in(cast.coordinator)
        draft = information.start(actor=cast.teacher)
        walk.press("what", teacher, reverse("information:what", args=[draft.pk]))
        walk.look("what again", teacher, reverse("information:what", args=[draft.pk]))
        for n, kind in enumerate(THINGS, start=1):
            address = reverse("information:thing", args=[draft.pk, kind, n])
            walk.press(kind, teacher, address)
            walk.look(f"{kind} again", teacher, address)
        known = {**car().fields, "known_how": "saw"}
        address = reverse("information:thing", args=[draft.pk, ItemKind.ONLINE, len(THINGS) + 1])
        assert teacher.post(address, known).status_code == 302
        walk.look("things", teacher, reverse("information:things", args=[draft.pk]))
        walk.look("check", teacher, check := reverse("information:check", args=[draft.pk]))
        assert teacher.post(check, carried(teacher, check)).status_code == 302
        report = Report.objects.get().reference
        walk.look("sent", teacher, reverse("information:sent", args=[report]))
        walk.look("mine", teacher, reverse("information:mine"))
        read_by = reverse("information:report", args=[report])
        (proposed,) = walk.look("proposed", coordinator, read_by).context["reading"].proposals
        pair = [report, proposed.thing, proposed.statement]
        walk.press("link", coordinator, reverse("information:link", args=pair))
        walk.look("reports", signed_in(officer), reverse("information:reports"))
        walk.look("report, officer", signed_in(officer), read_by)
        walk.look("report, coordinator", coordinator, read_by)

    insist(walk_all, rounds=3, all_narratives=False)


# --- Every payload at once ----------------------------------------------------------------------


def shape(words: str) -> str:
    """Harmless words with the same spaces and lines."""
    return re.sub(r"\S", "w", words)


def told(cast: Cast, words: list[str]) -> Case:
    """A case to which each of these was added."""
    case = send(cast.teacher)
    for one, two in zip(words, [*words[1:], words[0]], strict=True):
        add(cast.teacher, case, what=without_nul(one), when=without_nul(two))
    return case


@pytest.fixture
def cases(cast: Cast) -> tuple[Case, Case]:
    """One with all the payloads, and one with harmless words of the same shape."""
    return told(cast, [*PAYLOADS]), told(cast, [shape(each) for each in PAYLOADS])


def test_all_of_them_at_once_come_out_of_page_program_spreadsheet_and_pdf(cast: Cast, cases):
    client = signed_in(cast.coordinator)
    hostile, _ = cases
    added = [
        f"{without_nul(one).strip()}\n\nWhen: {without_nul(two).strip()}"
        for one, two in zip(PAYLOADS, [*PAYLOADS[1:], PAYLOADS[0]], strict=True)
    ]

    found = client.get(reverse("api-case", args=[hostile.reference])).json()
    items = [item for section in found["sections"] for item in section["items"]]
    assert [each for each in added if each not in [item["text"] for item in items]] == []

    for door in ("referrals:case", "triage:workspace"):
        pages = [client.get(at(door, case)).text for case in cases]
        assert raw(pages[0]) == []
        assert structure(pages[0]) == structure(pages[1])
        words = said_on(pages[0])
        assert [each for each in PAYLOADS if bare(each) not in words] == []

    content = client.post(at("referrals:csv", hostile)).content.decode("utf-8-sig")
    _, *rows = csv.reader(StringIO(content, newline=""), strict=True)
    answers = [row for row in rows if row[0] != "Note"]
    assert [(row[1], row[2].removeprefix("'")) for row in answers] == [
        (item["label"], item["text"].removeprefix("'")) for item in items
    ]
    assert {len(row) for row in rows} == {8}
    assert [cell for row in rows for cell in row if is_formula(cell)] == []

    pdfs = [printed(client, case) for case in cases]
    assert skeleton(pdfs[0]) == skeleton(pdfs[1])
    drawn = text_of(pdfs[0])
    plain = [words for each in PAYLOADS if (words := "".join(each.split())).isascii()]
    assert [each for each in plain if each.isprintable() and each not in drawn] == []


def is_formula(cell: str) -> bool:
    """Whether some spreadsheet may take a cell for more than words."""
    seen = cell.strip("\ufeff\u200b \t\r\n\0")
    return cell != cell.lstrip("\t\r\n\0") or unicodedata.normalize("NFKC", seen[:1]) in LEADERS


def skeleton(pdf: bytes) -> tuple[set[str], int]:
    """Which kinds of thing there are in a PDF, and how many cells of a table."""
    with pikepdf.open(BytesIO(pdf)) as opened:
        things = [one for one in opened.objects if isinstance(one, pikepdf.Dictionary)]
        kinds = Counter(str(one.get("/S", one.get("/Subtype", ""))) for one in things)
        names = {str(key) for one in things for key in one}
    assert not names & {"/Annots", "/URI", "/JS", "/JavaScript", "/OpenAction", "/AA"}
    return {*kinds}, kinds["/TD"]


# --- Where they come in -------------------------------------------------------------------------


def test_what_is_looked_for_comes_back_as_words(cast: Cast, settings):
    settings.ACCOUNT_RATE_LIMITS = {}
    client, address = signed_in(cast.coordinator), reverse("matching:search")
    harmless = structure(client.post(address, {"words": "zz"}).text)

    for each in PAYLOADS:
        page = client.post(address, {"words": each})
        if page.status_code == 200:
            assert structure(page.text) == harmless, each
        assert raw(page.text) == []
        assert bare(each) in said_on(page.text)


def test_a_program_gets_back_what_a_program_sent(cast: Cast):
    client = signed_in(cast.teacher)
    asked = [key for key in FREE_ANSWERS if key not in CHOSEN and key != "phone"]
    sendable = [each for each in PAYLOADS if "\0" not in each]

    for start in range(0, len(sendable), len(asked)):
        said = dict(zip(asked, sendable[start:], strict=False))
        made = post_json(client, "/api/v1/referrals/", {**BODY, **said, "key": str(uuid4())})
        address = reverse("api-case", args=[made.json()["reference"]])
        found = {
            item["label"]: item["text"]
            for section in client.get(address).json()["sections"]
            for item in section["items"]
        }
        for key, words in said.items():
            assert found[QUESTIONS[key].label] == words.strip()


@pytest.mark.parametrize("broken", ["x\0y", "x\ud800y", "\udfff"])
def test_a_program_is_told_of_what_no_text_can_hold_and_nothing_is_kept(cast: Cast, broken):
    client = signed_in(cast.teacher)
    bodies = (
        {"saw": broken},
        {"given_name": broken},
        {broken: "x"},
        {"protect": {broken: "police"}},
        {"items": [{"kind": "people", "known_how": "saw", "details": {"name": broken}}]},
        {"items": [{"kind": "people", "known_how": "saw", "details": {broken: "x"}}]},
        {"items": [{"kind": "people", "known_how": "saw", "details": {"name": "x"}, broken: "x"}]},
    )
    for body in bodies:
        answer = post_json(client, "/api/v1/referrals/", {**BODY, **body, "key": str(uuid4())})
        assert answer.status_code in (400, 409), body
        assert answer.json()
    assert not Case.objects.exists()


def test_what_no_text_can_hold_is_left_out_of_a_box(cast: Cast):
    """NUL goes, half a character is a sign that it was one; all else that was typed is kept."""
    client = signed_in(cast.teacher)
    draft = intake.start(actor=cast.teacher)
    address = reverse("intake:page", args=[draft.pk, "concern"])

    answer = client.post(
        address,
        b"saw=a%00b&told=c%ED%A0%80d%FFe",
        content_type="application/x-www-form-urlencoded",
    )

    assert answer.status_code == 302
    draft.refresh_from_db()
    kept = draft.answers["concern"]
    assert kept["saw"] == "ab"
    assert set(kept["told"]) == {*"cde\ufffd"}


# --- The boxes of the whole portal --------------------------------------------------------------


def forms_below(form: type[PageForm]) -> Iterator[type[PageForm]]:
    """Every form that is made of this one."""
    for each in form.__subclasses__():
        yield each
        yield from forms_below(each)


def boxes_of_the_portal() -> dict[str, type[PageForm]]:
    """The boxes of each form, as a form by themselves: what else it needs, its pages give it."""
    assert get_resolver().url_patterns, "each form is known once its page is"
    found = {}
    for form in forms_below(PageForm):
        typed_in = dict(boxes(form))
        if typed_in and form.__module__.split(".")[0] in ("portal", "referrals", "sharing"):
            name = f"{form.__module__}.{form.__name__}"
            found[name] = type("Boxes", (PageForm,), typed_in)
    return found


def test_every_box_of_the_portal_gives_its_words_back_as_words():
    known = boxes_of_the_portal()
    assert len(known) > 40
    dealers = [Dealer([*PAYLOADS], n) for n in range(len(PAYLOADS))]
    for name, form in known.items():
        for dealer in dealers:
            typed = dealer.to(form())
            page = str(form(typed))
            harmless = {box: shape(without_nul(words)) for box, words in typed.items()}
            assert structure(page) == structure(str(form(harmless))), (name, typed)
            assert raw(page) == [], name
            said = said_on(page)
            assert [words for words in typed.values() if bare(words) not in said] == [], name
