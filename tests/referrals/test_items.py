"""What is named one by one: a statement each, whose words and details agree, and what becomes of a
list for each reader. What is not shared is not counted, and what is concealed leaves no gap."""

import csv
import json
import random
from dataclasses import replace
from datetime import date, timedelta
from io import StringIO
from uuid import uuid4

import pytest
from django.db import IntegrityError, InternalError, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.common.errors import DomainError, Refused
from referrals import services as casework
from referrals.models import Case, Grant, Statement
from referrals.reading import read
from referrals.services import Item, ItemKind, submit
from referrals.services.items import ESSENTIAL, FIELDS, MOST, details, words
from referrals.triage import services as triage
from referrals.vocabulary import (
    LISTED,
    QUESTIONS,
    Answer,
    Extent,
    KnownHow,
    Mark,
    Outcome,
    Protect,
    State,
)
from sharing.disclosures.reading.preview import viewed_by
from sharing.rules.vocabulary import Category, Purpose
from tests.cast import Cast, concern, events, membership, send, shown_on, signed_in
from tests.pdf import text_of

ADULT = Item(
    ItemKind.PEOPLE,
    {"name": "Zzadult", "works": "yes", "works_where": "A youth club", "sure": "fairly"},
    KnownHow.SAW,
)
YOUNG = Item(ItemKind.PEOPLE, {"nicknames": "Zzyoung", "may_be_child": "yes", "sure": "unsure"})
PLACE = Item(ItemKind.PLACES, {"name": "Zzplace", "sure": "sure"}, KnownHow.CHILD_SAID)
CAR = Item(ItemKind.ONLINE, {"means": "vehicle", "name": "ZZ12"}, KnownHow.WORKED_OUT)
OTHER = Item(ItemKind.CHILDREN, {"name": "Zzother"})
OTHER_TOO = Item(ItemKind.CHILDREN, {"name": "Zzsecond"})
GONE = Item(ItemKind.MISSING, {"day": "2026-03-07", "reported": "yes", "interview": "declined"})
ALL = (ADULT, YOUNG, PLACE, CAR, OTHER, OTHER_TOO, GONE)


@pytest.fixture
def case(cast: Cast) -> Case:
    """A referral that names one or two of every kind."""
    return send(cast.teacher, items=ALL)


def before_the_panel(cast: Cast, case: Case) -> Case:
    triage.decide(
        actor=cast.coordinator,
        case=case,
        outcome=Outcome.PANEL,
        reason="Three signs in one week.",
        told_referrer="The panel will consider it.",
    )
    case.refresh_from_db()
    return case


def lists(who, case: Case, purpose: Purpose = Purpose.SCREEN):
    """What the lists become for this reader: (question, state, words)."""
    found = read(who, case, purpose).items
    return [(i.question, i.state, i.text) for i in found if i.question in LISTED]


def of(who, case: Case, question: str, purpose: Purpose = Purpose.SCREEN):
    return [(state, text) for key, state, text in lists(who, case, purpose) if key == question]


def row(case: Case, word: str) -> Statement:
    return Statement.objects.get(case=case, text__contains=word, removed_at=None)


# --- Words and details --------------------------------------------------------------------------


def test_the_words_say_all_that_is_given_and_what_is_not():
    assert words(ItemKind.PLACES, {"name": "A flat", "licence": "not_known", "sure": "sure"}) == (
        "What it is: A flat\n"
        "Needs a licence to do business: Not known\n"
        "How sure: Sure\n"
        "Not provided: Where it is; When the child is there; What happens there"
    )


def _values(kind: ItemKind):
    texts = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00"))
    for_each = {}
    for name, field in FIELDS[kind].items():
        labels = st.sampled_from([one.label for one in FIELDS[kind].values()])
        forged = st.builds("{}\n{}: {}".format, texts, labels, texts)
        if field.codes:
            for_each[name] = st.sampled_from(field.codes.values)
        elif field.is_day:
            for_each[name] = st.dates(date(1990, 1, 1)).map(lambda day: day.isoformat())
        else:
            for_each[name] = st.one_of(texts, forged)
    return st.fixed_dictionaries({}, optional=for_each)


@pytest.mark.parametrize("kind", ItemKind)
@settings(deadline=None)
@given(data=st.data())
def test_the_details_read_back_from_the_words_are_the_fields(kind, data):
    """Whatever was typed: no answer passes for the answer to another question."""
    fields = data.draw(_values(kind))
    text = words(kind, fields)

    found = details(kind, text)

    assert set(found) == {name for name, value in fields.items() if value.strip()}
    assert words(kind, found) == text


def test_a_line_that_names_no_field_goes_with_the_one_before():
    text = "Hello.\nName: Kit\nwho is tall\nAbout how old: 30\nNot provided: Description"

    assert details(ItemKind.PEOPLE, text) == {"name": "Kit\nwho is tall", "age": "30"}


# --- Statements ---------------------------------------------------------------------------------


def test_each_one_is_a_statement_with_its_kind_of_information(cast: Cast, case):
    rows = Statement.objects.filter(case=case, item__isnull=False).order_by("created_at")

    assert [(r.question, r.category, r.known_how) for r in rows] == [
        ("person", "IC4", "saw"),
        ("young_person", "IC11", "told"),
        ("place", "IC4", "child_said"),
        ("online", "IC4", "worked_out"),
        ("other_child", "IC11", "told"),
        ("other_child", "IC11", "told"),
        ("missing", "IC4", "told"),
    ]
    assert [r.details for r in rows] == [dict(item.fields) for item in ALL]
    assert len({r.item for r in rows}) == len(ALL)
    assert {r.agency for r in rows} == {cast.school}


def test_every_list_has_a_line_whether_or_not_anything_is_named(cast: Cast, case):
    none = send(cast.teacher, items=(Item(ItemKind.PEOPLE, answer=Answer.NOT_KNOWN),))

    def lines(sent: Case):
        found = Statement.objects.filter(case=sent, question__in=LISTED, item=None)
        return dict(found.values_list("question", "answer"))

    assert lines(case) == dict.fromkeys(LISTED, Answer.NOT_PROVIDED)
    assert lines(none) == {
        key: Answer.NOT_KNOWN if key.endswith("person") else Answer.NOT_PROVIDED for key in LISTED
    }


@pytest.mark.parametrize(
    ("item", "says"),
    [
        (Item(ItemKind.PEOPLE, {"age": "30"}), "Enter a name or a description"),
        (Item(ItemKind.PEOPLE, {"name": "  \n"}), "Enter a name or a description"),
        (Item(ItemKind.PLACES, {"name": "x", "role": "harms"}), "not asked here: role"),
        (Item(ItemKind.PLACES, {"name": "x" * 201}), "200 characters"),
        (Item(ItemKind.PLACES, {"name": "x", "happens": "x" * 1001}), "1,000 characters"),
        (Item(ItemKind.PEOPLE, {"name": "x", "works": "perhaps"}), "none of its answers"),
        (Item(ItemKind.MISSING, {"day": "last week"}), "none of its answers"),
        (Item(ItemKind.MISSING, {"day": "2999-01-01"}), "today or in the past"),
    ],
)
def test_what_is_no_item_is_refused_by_the_service(cast: Cast, item, says):
    with pytest.raises(DomainError, match=says):
        submit(actor=cast.teacher, concern=concern(items=(item,)), key=uuid4())
    assert not Case.objects.exists()


def test_fifty_of_a_kind_are_sent_and_one_more_is_not(cast: Cast):
    fifty = (PLACE,) * MOST

    with pytest.raises(DomainError, match="50 is the most"):
        send(cast.teacher, items=(*fifty, PLACE))

    found = send(cast.teacher, items=(*fifty, *((ADULT,) * MOST)))
    assert len(of(cast.coordinator, found, "place")) == MOST
    keys = [item.key for item in read(cast.coordinator, found, Purpose.SCREEN).items]
    assert len({key for key in keys if key.startswith("place-")}) == MOST


def test_the_same_key_with_another_person_named_is_another_concern(cast: Cast):
    key = uuid4()
    send(cast.teacher, key, items=(ADULT,))

    with pytest.raises(DomainError, match="with other words"):
        send(cast.teacher, key, items=(YOUNG,))


@pytest.mark.parametrize("column", ["item", "details"])
def test_the_database_keeps_them_as_they_were_sent(cast: Cast, case, column):
    changed = uuid4() if column == "item" else {"name": "Another"}

    with pytest.raises((InternalError, IntegrityError)), transaction.atomic():
        Statement.objects.filter(pk=row(case, "Zzadult").pk).update(**{column: changed})


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("statement_item_is_given", {"item": uuid4(), "answer": Answer.NOT_KNOWN, "text": ""}),
        ("statement_details_are_of_an_item", {"details": {"name": "Kit"}}),
    ],
)
def test_the_database_refuses_what_is_no_item(cast: Cast, sent, name, values):
    like = Statement.objects.get(case=sent, question="saw")
    given_row = {
        f.name: getattr(like, f.name)
        for f in Statement._meta.concrete_fields
        if f.name not in ("id", "corrects")
    }

    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Statement.objects.create(**{**given_row, **values})


# --- For each reader ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["teacher", "lead", "coordinator", "second_coordinator", "manager"]
)
def test_author_lead_and_front_door_read_each_one_by_itself(cast: Cast, case, name):
    found = lists(cast.everyone()[name], case)

    assert [text.partition("\n")[0] for _, _, text in found] == [
        "Name: Zzadult",
        "Other names: Zzyoung",
        "What it is: Zzplace",
        "What it is: Vehicle",
        "Name: Zzother",
        "Name: Zzsecond",
        "Day: 7 March 2026",
    ]
    assert {state for _, state, _ in found} == {State.SHOWN}


@pytest.mark.parametrize("name", ["panel_officer", "panel_nurse", "panel_chair"])
def test_the_panel_reads_of_adults_and_places_and_no_child_by_rule(cast: Cast, case, name):
    who = cast.everyone()[name]
    found = lists(who, before_the_panel(cast, case), Purpose.PANEL)

    shown = {key for key, state, _ in found if state is State.SHOWN}
    assert shown == {"person", "place", "online", "missing"}
    closed = [(key, state) for key, state, _ in found if key not in shown]
    assert closed == [
        ("young_person", State.NOT_SHARED),
        ("other_child", State.NOT_SHARED),
    ]


@pytest.mark.parametrize("name", ["panel_officer", "panel_nurse", "panel_chair"])
def test_whether_other_children_are_named_and_how_many_changes_no_byte(cast: Cast, name):
    """The same case with two other children, and with none, to whom they are not shared."""
    pages = []
    for items in ((ADULT,), (ADULT, OTHER, OTHER_TOO, YOUNG)):
        found = before_the_panel(cast, send(cast.teacher, items=items))
        pages.append(_bytes(read(cast.everyone()[name], found, Purpose.PANEL), found))

    assert pages[0] == pages[1]


def _bytes(reading, case: Case) -> str:
    """The case on a page, without what differs between any two cases."""
    numbers = {item.key: f"{item.question}-X" for item in reading.items if item.is_listed}
    at = timezone.now()
    same = replace(
        reading,
        reference="R-0000-000",
        sections=tuple(
            replace(
                section,
                items=tuple(
                    replace(item, key=numbers.get(item.key, item.key), at=at, statement=None)
                    for item in section.items
                ),
            )
            for section in reading.sections
        ),
    )
    return render_to_string("referrals/_case.html", {"reading": same})


STRANGERS = (
    "colleague",
    "outsider_lead",
    "charity_worker",
    "auditor",
    "chair",
    "other_coordinator",
)


@pytest.mark.parametrize("name", STRANGERS)
def test_whom_the_case_is_not_open_to_reads_of_nobody(cast: Cast, case, name):
    found = lists(cast.everyone()[name], case)

    assert len(found) == len(LISTED)
    assert {state for _, state, _ in found} == {State.NOT_SHARED}


def test_random_lists_are_read_as_the_law_says(cast: Cast):
    """Random kinds and numbers, for each reader, against the law said once more by hand."""
    chance = random.Random(7)  # noqa: S311 - which cases are tried
    for _ in range(6):
        items = tuple(chance.choices(ALL, k=chance.randint(0, 8)))
        case = before_the_panel(cast, send(cast.teacher, items=items))
        for name, closed in (
            ("teacher", set()),
            ("coordinator", set()),
            ("lead", set()),
            ("panel_nurse", {"young_person", "other_child"}),
            ("outsider_lead", set(LISTED)),
        ):
            purpose = Purpose.PANEL if "panel" in name else Purpose.SCREEN
            expected = []
            for key in (q for q in QUESTIONS if q in LISTED):
                named = sorted(words(i.kind, i.fields) for i in items if _question(i) == key)
                if key in closed:
                    expected.append((key, State.NOT_SHARED, None))
                elif named:
                    expected += [(key, State.SHOWN, text) for text in named]
                else:
                    expected.append((key, State.NOT_PROVIDED, None))
            found = [
                (key, state, text if state is State.SHOWN else None)
                for key, state, text in lists(cast.everyone()[name], case, purpose)
            ]
            assert sorted(found, key=str) == sorted(expected, key=str), (name, items)


def _question(item: Item) -> str:
    if item.kind is ItemKind.PEOPLE:
        return "young_person" if item.fields.get("may_be_child") == "yes" else "person"
    return {"places": "place", "online": "online", "children": "other_child", "missing": "missing"}[
        item.kind
    ]


def test_they_stand_in_the_order_in_which_they_were_named(cast: Cast):
    names = [f"Place {n}" for n in range(20)]
    sent = send(cast.teacher, items=tuple(Item(ItemKind.PLACES, {"name": n}) for n in names))

    found = [text.partition("\n")[0] for _, text in of(cast.coordinator, sent, "place")]
    assert found == [f"What it is: {name}" for name in names]


def test_a_person_who_works_with_children_or_may_be_one_is_marked(cast: Cast, case):
    found = {item.text.partition("\n")[0]: item.marks for item in _items(cast.coordinator, case)}

    assert found["Name: Zzadult"] == (Mark.WORKS_WITH_CHILDREN,)
    assert found["Other names: Zzyoung"] == (Mark.MAY_BE_A_CHILD,)
    assert found["Name: Zzother"] == ()
    page = signed_in(cast.coordinator).get(reverse("referrals:case", args=[case.reference])).text
    assert page.count('govuk-tag--orange">Works or volunteers with children') == 1


def _items(who, case: Case):
    return [i for i in read(who, case, Purpose.SCREEN).items if i.is_listed]


# --- What is shared by itself -------------------------------------------------------------------


def share_part(case: Case, who, *rows: Statement) -> Grant:
    team = membership(who).team
    like = Grant.objects.filter(
        content_object=case, categories__contains=[rows[0].category]
    ).first()
    assert like
    return Grant.objects.create(
        content_object=case,
        group=team,
        permission=like.permission,
        holder=like.holder,
        categories=[rows[0].category],
        extent=Extent.PART,
        statements=[each.pk for each in rows],
        purpose=Purpose.SCREEN,
        gateway=like.gateway,
        rule=like.rule,
        rule_version=like.rule_version,
        reason="Shared by hand.",
        necessity="Needed.",
        proportionality="No less would do.",
        granted_by_service="sent",
        from_at=timezone.now() - timedelta(minutes=1),
    )


def test_one_that_is_shared_by_itself_brings_no_other_along(cast: Cast, case):
    share_part(case, cast.charity_worker, row(case, "Zzother"))

    found = of(cast.charity_worker, case, "other_child")

    assert [state for state, _ in found] == [State.SHOWN, State.NOT_SHARED]
    assert "Zzsecond" not in str(found)


def test_one_that_is_shared_by_itself_looks_the_same_where_there_are_more(cast: Cast):
    pages = []
    for items in ((OTHER,), (OTHER, OTHER_TOO)):
        sent = send(cast.teacher, items=items)
        share_part(sent, cast.charity_worker, row(sent, "Zzother"))
        pages.append(_bytes(read(cast.charity_worker, sent, Purpose.SCREEN), sent))

    assert pages[0] == pages[1]


def test_a_line_that_is_shared_opens_nobody_who_is_named(cast: Cast, case):
    """The line says that nobody was named only where that is so."""
    line = Statement.objects.get(case=case, question="other_child", item=None)
    share_part(case, cast.charity_worker, line)

    found = of(cast.charity_worker, case, "other_child")
    assert [state for state, _ in found] == [State.NOT_SHARED]


def test_one_that_is_concealed_later_is_taken_from_whom_it_was_shared_with(cast: Cast, case):
    one, two = row(case, "Zzother"), row(case, "Zzsecond")
    share_part(case, cast.charity_worker, one)

    casework.protect(actor=cast.teacher, statement=one, protect=Protect.EXISTENCE)

    found = of(cast.charity_worker, case, "other_child")
    assert [state for state, _ in found] == [State.NOT_SHARED]
    assert two.text not in str(found)


# --- Protect, correct, remove -------------------------------------------------------------------


@pytest.mark.parametrize("item", [ADULT, YOUNG, PLACE, CAR, OTHER, GONE])
def test_one_that_is_concealed_changes_no_byte_for_anybody_else(cast: Cast, item):
    """A case that conceals the only one of a list, and one in which it was never named."""
    rest = tuple(each for each in (PLACE, OTHER_TOO, ADULT) if each.kind is not item.kind)
    without = send(cast.teacher, items=rest)
    hidden = send(cast.teacher, items=(*rest, item))
    text = words(item.kind, item.fields)
    statement = Statement.objects.get(case=hidden, text=text)

    casework.protect(actor=cast.teacher, statement=statement, protect=Protect.EXISTENCE)

    for name in ("coordinator", "manager", "lead"):
        who = cast.everyone()[name]
        with_it = _bytes(read(who, hidden, Purpose.SCREEN), hidden)
        assert with_it == _bytes(read(who, without, Purpose.SCREEN), without), name
    assert text in {found for _, _, found in lists(cast.teacher, hidden)}


def test_one_of_two_that_is_concealed_leaves_the_other_alone(cast: Cast, case):
    casework.protect(actor=cast.teacher, statement=row(case, "Zzother"), protect=Protect.EXISTENCE)

    found = of(cast.coordinator, case, "other_child")
    assert [state for state, _ in found] == [State.SHOWN]
    assert "Zzsecond" in found[0][1]


def test_one_is_protected_by_itself_and_its_marks_with_it(cast: Cast, case):
    casework.protect(actor=cast.teacher, statement=row(case, "Zzadult"), protect=Protect.SOURCE)

    found = [i for i in _items(cast.coordinator, case) if i.question == "person"]
    assert [(i.state, i.text, i.marks) for i in found] == [
        (State.WITHHELD, "Withheld: identifies a source", ())
    ]


def test_a_part_of_one_is_protected_and_marks_are_not_told_beside_it(cast: Cast, case):
    statement = row(case, "Zzadult")
    at = statement.text.index("Zzadult")
    casework.protect(
        actor=cast.teacher,
        statement=statement,
        protect=Protect.SOURCE,
        spans=[(at, at + len("Zzadult"))],
    )

    found = next(i for i in _items(cast.coordinator, case) if i.question == "person")
    assert found.text.startswith("Name: [1 word withheld: identifies a source]\n")
    assert found.marks == ()


def test_a_correction_is_the_same_one_with_details_from_its_new_words(cast: Cast, case):
    old = row(case, "ZZ12")

    new = casework.correct(
        actor=cast.teacher,
        statement=old,
        text=old.text.replace("ZZ12", "ZZ21"),
        known_how=KnownHow.SAW,
        why="two digits swapped",
    )

    assert (new.item, new.details["name"], new.question) == (old.item, "ZZ21", "online")
    states = [state for state, _ in of(cast.coordinator, case, "online")]
    assert states == [State.REMOVED, State.SHOWN]


def test_a_person_who_turns_out_to_be_a_child_is_kept_as_a_child_from_then_on(cast: Cast, case):
    before_the_panel(cast, case)
    old = row(case, "Zzadult")
    share_part(case, cast.charity_worker, old)

    casework.correct(
        actor=cast.teacher,
        statement=old,
        text="Name: Zzadult\nMay be a child: Yes",
        known_how=KnownHow.TOLD,
        why="they are 17",
    )

    assert of(cast.panel_nurse, case, "person", Purpose.PANEL)[0][0] is State.REMOVED
    assert {s for s, _ in of(cast.panel_nurse, case, "young_person", Purpose.PANEL)} == {
        State.NOT_SHARED
    }
    assert "Zzadult" not in str(lists(cast.charity_worker, case))
    assert "Zzadult" in str(of(cast.coordinator, case, "young_person"))


def test_words_that_say_nothing_of_age_leave_a_child_a_child(cast: Cast, case):
    new = casework.correct(
        actor=cast.teacher,
        statement=row(case, "Zzyoung"),
        text="Known as Zzyoung, near the station.",
        known_how=KnownHow.TOLD,
        why="misheard",
    )

    assert (new.question, new.category, new.details) == ("young_person", "IC11", {})


def test_one_that_is_removed_leaves_its_line_and_the_others(cast: Cast, case):
    casework.remove(actor=cast.teacher, statement=row(case, "Zzother"), why="named by mistake")

    found = of(cast.coordinator, case, "other_child")
    assert [state for state, _ in found] == [State.REMOVED, State.SHOWN]
    assert "Zzother" not in str(found)


# --- Every door ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["teacher", "coordinator", "panel_nurse"])
def test_page_program_spreadsheet_and_pdf_say_the_same_of_each(cast: Cast, case, name):
    who = cast.everyone()[name]
    client = signed_in(who)
    before_the_panel(cast, case)
    purpose = Purpose.PANEL if "panel" in name else Purpose.SCREEN
    expected = [(i.label, i.text) for i in read(who, case, purpose).items]

    page = client.get(reverse("referrals:case", args=[case.reference]))
    told = client.get(reverse("api-case", args=[case.reference])).json()
    sheet = client.post(reverse("referrals:csv", args=[case.reference])).content
    address = client.post(reverse("referrals:pdf", args=[case.reference])).url
    casework.sweep()
    pdf = text_of(client.post(f"{address}download/").content)

    assert shown_on(page.content) == expected
    assert [(i["label"], i["text"]) for s in told["sections"] for i in s["items"]] == expected
    rows = list(csv.DictReader(StringIO(sheet.decode("utf-8-sig"), newline="")))
    assert [(r["Question"], r["Answer"]) for r in rows if r["Section"] != "Note"] == expected
    for _, text in expected:
        assert "".join(text.split()) in "".join(pdf.split())
    if name == "panel_nurse":
        for word in ("Zzyoung", "Zzother", "Zzsecond"):
            assert word not in page.text + json.dumps(told) + sheet.decode() + pdf


def test_why_is_asked_of_each_one_by_itself(cast: Cast, case):
    client = signed_in(cast.coordinator)
    one, two = (i for i in _items(cast.coordinator, case) if i.question == "other_child")

    page = client.get(reverse("disclosures:why-item", args=[case.reference, one.key]))

    assert page.status_code == 200
    assert "Zzother" in page.text
    assert "Zzsecond" not in page.text
    assert one.key != two.key


def test_why_is_not_asked_of_one_that_is_not_there(cast: Cast, case):
    casework.protect(actor=cast.teacher, statement=row(case, "Zzother"), protect=Protect.EXISTENCE)
    key = next(i.key for i in _items(cast.teacher, case) if "Zzother" in i.text)

    answers = [
        signed_in(cast.coordinator).get(reverse("disclosures:why-item", args=[case.reference, k]))
        for k in (key, "other_child-000000000000")
    ]

    assert [a.status_code for a in answers] == [404, 404]


def test_viewed_as_a_team_the_page_is_the_teams_own(cast: Cast, case):
    before_the_panel(cast, case)
    theirs = read(cast.panel_nurse, case, Purpose.PANEL)

    found = viewed_by(cast.coordinator, case, theirs)

    assert [(i.key, i.text) for i in found.items if i.question in LISTED] == [
        (i.key, i.text) for i in theirs.items if i.question in LISTED
    ]


def test_the_ledger_holds_no_word_and_no_number_of_them(cast: Cast, case):
    signed_in(cast.coordinator).get(reverse("referrals:case", args=[case.reference]))

    written = json.dumps(events())
    for word in ("Zzadult", "Zzyoung", "Zzplace", "ZZ12", "Zzother", "youth club"):
        assert word not in written
    assert {"IC4", "IC11"} <= set(events("case.read")[0]["fields"])


def test_the_essential_fields_are_fields():
    for kind, (names, _) in ESSENTIAL.items():
        assert set(names) <= set(FIELDS[kind])


def test_nothing_of_a_list_is_of_a_kind_that_the_front_door_may_not_read():
    kinds = {QUESTIONS[key].category for key in LISTED}

    assert kinds <= {Category.IC1, Category.IC4, Category.IC11}


@pytest.mark.parametrize("name", ["coordinator", "manager"])
def test_whoever_only_reads_of_one_does_not_remove_it(cast: Cast, case, name):
    with pytest.raises(Refused):
        casework.remove(
            actor=cast.everyone()[name], statement=row(case, "Zzother"), why="not for them"
        )
