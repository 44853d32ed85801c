"""Naming people, places and times in a draft: every press saves, and the words come back."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from lxml import html

from referrals.intake import services as intake
from referrals.intake.forms import LISTS, listed, read_items, unfinished_lists
from referrals.intake.models import Draft
from referrals.models import Case, Statement
from referrals.services import ItemKind
from referrals.services.items import FIELDS, MOST
from referrals.vocabulary import Answer, KnownHow
from tests.cast import Cast, events, signed_in
from tests.referrals.test_submit import BODY, draft_of, post_json, send_by_button

KNOWN = {"known_how": "saw", "sure": "fairly"}
TYPED: dict[ItemKind, dict[str, str]] = {
    ItemKind.PEOPLE: {"name": "Zzadult", "role": "harms", "works": "yes"},
    ItemKind.PLACES: {"name": "Zzplace", "licence": "not_known"},
    ItemKind.ONLINE: {"name": "ZZ12", "means": "vehicle", "taxi": "yes"},
    ItemKind.CHILDREN: {"description": "Zzother, in a red coat", "reported": "no"},
    ItemKind.MISSING: {"day-day": "7", "day-month": "march", "day-year": "2026"},
}
UNNAMED: dict[ItemKind, tuple[dict[str, str], str]] = {
    ItemKind.PEOPLE: ({"age": "30"}, "Enter a name or a description"),
    ItemKind.PLACES: ({"times": "Fridays"}, "Enter what the place is, or where it is"),
    ItemKind.ONLINE: ({"who": "a man"}, "Enter a name, a number or a description"),
    ItemKind.CHILDREN: ({"worry": "late"}, "Enter a name or a description"),
    ItemKind.MISSING: ({"found": "a flat"}, "Enter a day, or about when it was"),
}
KINDS = pytest.mark.parametrize("kind", ItemKind)


@pytest.fixture
def draft(cast: Cast) -> Draft:
    return draft_of(cast.teacher)


@pytest.fixture
def client(cast: Cast):
    return signed_in(cast.teacher)


def at(draft: Draft, kind: str, n: int | None = None, *, remove: bool = False) -> str:
    if n is None:
        return reverse("intake:also", args=[draft.pk, kind])
    return reverse("intake:also_remove" if remove else "intake:also_item", args=[draft.pk, kind, n])


def add(client, draft: Draft, kind: ItemKind, n: int = 1, **typed: str) -> Any:
    """Open the page of the n-th one, fill it in, and press the button."""
    number = boxes(client.get(at(draft, kind, n)))["item"]
    return client.post(at(draft, kind, n), {**TYPED[kind], **KNOWN, "item": number, **typed})


def boxes(answer) -> dict[str, str]:
    """What stands in the boxes of a page."""
    form = html.fromstring(answer.content.decode()).xpath("//main//form")[0]
    # A browser leaves out the line end with which a box for words begins.
    return {
        name: value.removeprefix("\n")
        for name, value in form.form_values()
        if name != "csrfmiddlewaretoken"
    }


def kept(draft: Draft, kind: ItemKind) -> list[dict[str, str]]:
    draft.refresh_from_db()
    return [
        {name: words for name, words in each.items() if name != "item"}
        for each in intake.items_of(draft, kind)
    ]


@KINDS
def test_the_form_asks_what_the_service_takes(kind):
    names = [*LISTS[kind].form().fields]

    assert [name for name in names if name not in ("item", "known_how")] == [*FIELDS[kind]]


@KINDS
def test_no_answer_is_selected_for_anybody(cast: Cast, client, draft, kind):
    page = client.get(at(draft, kind, 1)).text

    assert "checked" not in page
    assert "checked" not in client.get(at(draft, kind)).text


@KINDS
def test_one_that_is_named_is_in_the_draft_and_on_the_list(cast: Cast, client, draft, kind):
    answer = add(client, draft, kind)

    assert (answer.status_code, answer.url) == (302, at(draft, kind))
    assert (
        kept(draft, kind) == [{**TYPED[kind], **KNOWN}]
        or kept(draft, kind)[0].items()
        >= {
            **TYPED[kind],
            **KNOWN,
        }.items()
    )
    page = client.get(at(draft, kind)).text
    assert "another" in page
    assert f"{LISTS[kind].one.capitalize()} 1" in page


@KINDS
def test_what_is_not_finished_is_saved_and_comes_back(cast: Cast, client, draft, kind):
    typed, says = UNNAMED[kind]
    number = uuid4().hex

    answer = client.post(at(draft, kind, 1), {**typed, "item": number})

    assert answer.status_code == 422
    assert says in answer.text
    assert "Select how you know this" in answer.text
    assert "Select how sure you are" in answer.text
    assert boxes(answer).items() >= typed.items()
    assert kept(draft, kind) == [typed]
    assert boxes(client.get(at(draft, kind, 1))).items() >= {**typed, "item": number}.items()
    assert "Not finished" in client.get(at(draft, kind)).text
    assert unfinished_lists(draft) == [kind]


@KINDS
def test_a_page_with_nothing_on_it_adds_nothing(cast: Cast, client, draft, kind):
    answer = client.post(at(draft, kind, 1), {"item": uuid4().hex})

    assert answer.status_code == 422
    assert kept(draft, kind) == []


def test_save_and_come_back_later_saves_and_asks_for_nothing(cast: Cast, client, draft):
    answer = client.post(at(draft, "people", 1), {"age": "30", "item": uuid4().hex, "later": "1"})

    assert answer.url == reverse("intake:draft", args=[draft.pk])
    assert kept(draft, ItemKind.PEOPLE) == [{"age": "30"}]


def test_two_presses_of_the_button_name_one_person(cast: Cast, client, draft):
    typed = {**TYPED[ItemKind.PEOPLE], **KNOWN, "item": uuid4().hex}

    for _ in range(2):
        client.post(at(draft, "people", 1), typed)

    assert len(kept(draft, ItemKind.PEOPLE)) == 1


def test_two_windows_that_each_name_one_name_two(cast: Cast, client, draft):
    first, second = (boxes(client.get(at(draft, "people", 1)))["item"] for _ in range(2))

    for number, name in ((first, "One"), (second, "Two")):
        client.post(at(draft, "people", 1), {"name": name, **KNOWN, "item": number})

    assert [each["name"] for each in kept(draft, ItemKind.PEOPLE)] == ["One", "Two"]


def test_what_was_removed_in_another_window_comes_back_rather_than_being_lost(
    cast: Cast, client, draft
):
    add(client, draft, ItemKind.PEOPLE, 1, name="One")
    add(client, draft, ItemKind.PEOPLE, 2, name="Two")
    first = boxes(client.get(at(draft, "people", 1)))
    client.post(at(draft, "people", 1, remove=True), {"item": first["item"]})

    client.post(at(draft, "people", 1), {**first, "age": "30"})

    assert [each["name"] for each in kept(draft, ItemKind.PEOPLE)] == ["Two", "One"]


def test_what_another_window_saved_of_one_is_never_lost_in_silence(cast: Cast, client, draft):
    typed = {**TYPED[ItemKind.PEOPLE], **KNOWN}
    add(client, draft, ItemKind.PEOPLE, name="Zzadult")
    first, second = (boxes(client.get(at(draft, "people", 1))) for _ in range(2))
    client.post(at(draft, "people", 1), {**typed, **first, "name": "The first window"})

    late = client.post(at(draft, "people", 1), {**typed, **second, "name": "The second window"})

    assert late.status_code == 409
    assert "saved in another window" in late.text
    assert "The first window" in late.text
    assert boxes(late)["name"] == "The second window"
    assert [each["name"] for each in kept(draft, ItemKind.PEOPLE)] == ["The first window"]

    # Who has seen both chooses.
    assert client.post(at(draft, "people", 1), {**typed, **boxes(late)}).status_code == 302
    assert [each["name"] for each in kept(draft, ItemKind.PEOPLE)] == ["The second window"]


def test_a_page_that_came_back_with_errors_saves_over_what_it_saved(cast: Cast, client, draft):
    opened = boxes(client.get(at(draft, "people", 1)))
    wrong = client.post(at(draft, "people", 1), {**opened, "age": "30"})

    assert wrong.status_code == 422
    assert client.post(at(draft, "people", 1), {**boxes(wrong), "age": "31"}).status_code == 422
    assert kept(draft, ItemKind.PEOPLE)[0]["age"] == "31"


def test_one_is_changed_in_its_place(cast: Cast, client, draft):
    for n, name in enumerate(("One", "Two", "Three"), start=1):
        add(client, draft, ItemKind.PEOPLE, n, name=name)

    add(client, draft, ItemKind.PEOPLE, 2, name="Second")

    assert [each["name"] for each in kept(draft, ItemKind.PEOPLE)] == ["One", "Second", "Three"]


def test_one_is_removed_after_a_look_at_it(cast: Cast, client, draft):
    for n, name in enumerate(("One", "Two"), start=1):
        add(client, draft, ItemKind.PEOPLE, n, name=name)

    page = client.get(at(draft, "people", 1, remove=True))
    number = boxes(page)["item"]
    for _ in range(2):
        client.post(at(draft, "people", 1, remove=True), {"item": number})

    assert "One" in page.text
    assert [each["name"] for each in kept(draft, ItemKind.PEOPLE)] == ["Two"]


@pytest.mark.parametrize("n", [0, 3, 99])
def test_a_place_that_nobody_stands_in_leads_to_the_list(cast: Cast, client, draft, n):
    add(client, draft, ItemKind.PEOPLE)

    assert client.get(at(draft, "people", n)).url == at(draft, "people")
    assert client.get(at(draft, "people", n, remove=True)).url == at(draft, "people")


@pytest.mark.parametrize("number", ["", "x", "../..", "0" * 400])
def test_a_number_that_is_none_is_given_one(cast: Cast, client, draft, number):
    answer = client.post(at(draft, "people", 1), {"age": "30", "item": number})

    assert (
        boxes(answer)["item"]
        == intake.items_of(Draft.objects.get(pk=draft.pk), "people")[0]["item"]
    )
    client.post(at(draft, "people", 1), {**boxes(answer), "age": "31"})
    assert kept(draft, ItemKind.PEOPLE)[0]["age"] == "31"
    assert len(kept(draft, ItemKind.PEOPLE)) == 1


# --- Another one? -------------------------------------------------------------------------------


@KINDS
def test_whether_there_is_one_must_be_answered(cast: Cast, client, draft, kind):
    empty = client.post(at(draft, kind), {})
    add(client, draft, kind)
    more = client.post(at(draft, kind), {"more": "perhaps"})

    assert (empty.status_code, more.status_code) == (422, 422)
    assert f"Select yes if you want to add {LISTS[kind].a} {LISTS[kind].one}" in empty.text
    assert f"Select yes if you want to add another {LISTS[kind].one}" in more.text


def test_yes_leads_to_the_next_one_and_no_leads_on(cast: Cast, client, draft):
    assert client.post(at(draft, "people"), {"more": "yes"}).url == at(draft, "people", 1)
    add(client, draft, ItemKind.PEOPLE)
    assert client.post(at(draft, "people"), {"more": "yes"}).url == at(draft, "people", 2)
    assert client.post(at(draft, "people"), {"more": "no"}).status_code == 302


def test_no_leads_to_the_next_list_that_was_ticked(cast: Cast, client, draft):
    Draft.objects.filter(pk=draft.pk).update(
        answers={"also": {"also": ["people", "online", "missing"]}}
    )

    assert client.post(at(draft, "people"), {"more": "no"}).url == at(draft, "online")
    assert client.post(at(draft, "online"), {"more": "no"}).url == at(draft, "missing")


def test_a_list_that_is_said_to_be_empty_is_sent_as_not_known(cast: Cast, client, draft):
    client.post(at(draft, "people"), {"more": "no"})
    draft.refresh_from_db()

    assert [(item.kind, item.answer) for item in read_items(draft)] == [
        (ItemKind.PEOPLE, Answer.NOT_KNOWN)
    ]
    send_by_button(client, draft)
    lines = Statement.objects.filter(item=None, question__endswith="person")
    assert set(lines.values_list("answer", flat=True)) == {Answer.NOT_KNOWN}


def test_at_fifty_the_list_says_so_and_the_words_of_one_more_come_back(cast: Cast, client, draft):
    full = [{"name": f"P{n}", **KNOWN, "item": uuid4().hex} for n in range(MOST)]
    draft.answers["people"] = {"items": full}
    draft.save(update_fields=["answers"])

    page = client.get(at(draft, "people"))
    over = client.post(
        at(draft, "people", MOST + 1), {"name": "Zzover", **KNOWN, "item": uuid4().hex}
    )
    changed = client.post(at(draft, "people", 1), {**full[0], "name": "Changed"})

    assert "You have named 50" in page.text
    assert "another" not in page.text
    assert client.post(at(draft, "people"), {}).status_code == 302
    assert over.status_code == 409
    assert boxes(over)["name"] == "Zzover"
    assert "You have named 50" in over.text
    assert changed.status_code == 302
    assert len(kept(draft, ItemKind.PEOPLE)) == MOST
    assert kept(draft, ItemKind.PEOPLE)[0]["name"] == "Changed"


# --- What is typed ------------------------------------------------------------------------------


def test_boxes_that_the_form_does_not_have_are_not_kept(cast: Cast, client, draft):
    add(client, draft, ItemKind.PEOPLE, 1, category="IC1", protect="existence")

    assert not {"category", "protect"} & set(kept(draft, ItemKind.PEOPLE)[0])


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"day-day": "31", "day-month": "2", "day-year": "2026"}, "must be a real date"),
        ({"day-day": "1", "day-month": "3", "day-year": ""}, "must include a year"),
        ({"day-day": "1", "day-month": "3", "day-year": "2126"}, "today or in the past"),
        ({"day-day": "1", "day-month": "3", "day-year": "26"}, "include a year, like 2026"),
    ],
)
def test_a_day_that_cannot_be_is_said_to_be_so(cast: Cast, client, draft, typed, says):
    answer = client.post(
        at(draft, "missing", 1), {**typed, **KNOWN, "about": "spring", "item": uuid4().hex}
    )

    assert answer.status_code == 422
    assert says in answer.text
    assert kept(draft, ItemKind.MISSING)[0].items() >= typed.items()


def test_an_answer_that_is_too_long_is_kept_and_says_by_how_much(cast: Cast, client, draft):
    answer = client.post(at(draft, "people", 1), {"name": "x" * 201, **KNOWN, "item": uuid4().hex})

    assert answer.status_code == 422
    assert "must be 200 characters or less. It has 201" in answer.text
    assert len(kept(draft, ItemKind.PEOPLE)[0]["name"]) == 201


# --- From the list to the case ------------------------------------------------------------------


def test_everything_that_is_named_is_on_the_check_page_and_is_sent(cast: Cast, client, draft):
    for kind in ItemKind:
        add(client, draft, kind)
    check = client.get(reverse("intake:page", args=[draft.pk, "check"])).text

    send_by_button(client, draft)

    for word in ("Zzadult", "Zzplace", "ZZ12", "Zzother", "7 March 2026"):
        assert word in check
    rows = Statement.objects.filter(item__isnull=False)
    assert {row.question for row in rows} == {"person", "place", "online", "other_child", "missing"}
    assert {row.known_how for row in rows} == {KnownHow.SAW}
    assert {row.details["sure"] for row in rows} == {"fairly"}


def test_the_page_and_the_api_store_the_same_of_each(cast: Cast, client, draft):
    for kind in ItemKind:
        add(client, draft, kind)
    draft.refresh_from_db()
    named = [
        {"kind": item.kind, "known_how": item.known_how, "details": dict(item.fields)}
        for item in read_items(draft)
    ]
    send_by_button(client, draft)

    answer = post_json(client, "/api/v1/referrals/", BODY | {"key": str(uuid4()), "items": named})

    assert answer.status_code == 201
    columns = ("question", "category", "known_how", "text", "details")
    by_page, by_api = (
        [
            *Statement.objects.filter(case=case, item__isnull=False)
            .order_by("created_at")
            .values_list(*columns)
        ]
        for case in Case.objects.order_by("received_at")
    )
    assert by_page == by_api
    assert len(by_page) == len(ItemKind)


@pytest.mark.parametrize(
    ("item", "status"),
    [
        ({"kind": "pets"}, 400),
        ({"details": {}}, 400),
        ({"category": "IC1"}, 400),
        ({"protect": "existence"}, 400),
        ({"details": {"age": "30"}}, 409),
        ({"details": {"name": "x", "colour": "red"}}, 409),
        ({"details": {"name": "x", "works": "perhaps"}}, 409),
    ],
)
def test_a_program_that_sends_what_is_no_item_is_told_so(cast: Cast, client, item, status):
    whole = {"kind": "people", "known_how": "saw", "details": {"name": "x"}, **item}

    answer = post_json(client, "/api/v1/referrals/", BODY | {"key": str(uuid4()), "items": [whole]})

    assert answer.status_code == status
    assert not Case.objects.exists()


def test_one_that_is_not_finished_is_not_sent_without_a_word(cast: Cast, client, draft):
    client.post(at(draft, "children", 1), {"worry": "late", "item": uuid4().hex})

    answer = send_by_button(client, draft)

    assert answer.status_code == 422
    assert "You need to answer a question before you can send" in answer.text
    assert reverse("intake:also", args=[draft.pk, "children"]) in answer.text
    assert not Case.objects.exists()


def test_after_it_is_sent_the_lists_lead_to_the_receipt_and_take_nothing(cast: Cast, client, draft):
    add(client, draft, ItemKind.PEOPLE)
    item = boxes(client.get(at(draft, "people", 1)))
    send_by_button(client, draft)
    case = Case.objects.get()
    receipt = reverse("intake:sent", args=[case.reference])

    for address in (
        at(draft, "people"),
        at(draft, "people", 1),
        at(draft, "people", 1, remove=True),
    ):
        assert client.get(address).url == receipt
        answer = client.post(address, {**item, "name": "Another", "more": "no"})
        assert answer.status_code == 409
        assert case.reference in answer.text
    draft.refresh_from_db()
    assert draft.answers == {}


# --- Whose it is --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["colleague", "lead", "coordinator", "chair", "other_coordinator"])
def test_nobody_else_finds_the_lists_of_a_draft(cast: Cast, draft, name):
    other = signed_in(cast.everyone()[name])

    for address in (
        at(draft, "people"),
        at(draft, "people", 1),
        at(draft, "people", 1, remove=True),
    ):
        assert other.get(address).status_code == 404
        assert other.post(address, {"name": "x", "more": "no"}).status_code == 404
    assert kept(draft, ItemKind.PEOPLE) == []


@pytest.mark.parametrize("kind", ["person", "pets", "parents"])
def test_a_list_that_there_is_not_is_not_found(cast: Cast, client, draft, kind):
    assert client.get(at(draft, kind)).status_code == 404
    assert client.post(at(draft, kind, 1), {"name": "x"}).status_code == 404


def test_the_ledger_learns_which_list_and_no_word_of_it(cast: Cast, client, draft):
    add(client, draft, ItemKind.PEOPLE)

    saved = events("draft.saved")
    assert saved[-1]["fields"] == ["people"]
    assert "Zzadult" not in str(events())


def test_a_long_list_costs_no_more_queries_than_a_short_one(cast: Cast, client, draft):
    def costs() -> list[int]:
        found = []
        for address in (at(draft, "people"), at(draft, "people", 1)):
            client.get(address)
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address).status_code == 200
            found.append(len(queries))
        return found

    add(client, draft, ItemKind.PEOPLE)
    short = costs()
    full = [{"name": f"P{n}", **KNOWN, "item": uuid4().hex} for n in range(40)]
    draft.refresh_from_db()
    draft.answers["people"] = {"items": full}
    draft.save(update_fields=["answers"])

    assert costs() == short
    assert max(short) <= 15


def test_the_names_on_a_list_are_in_no_title_and_no_address(cast: Cast, client, draft):
    add(client, draft, ItemKind.PEOPLE)

    for address in (
        at(draft, "people"),
        at(draft, "people", 1),
        at(draft, "people", 1, remove=True),
    ):
        page = html.fromstring(client.get(address).text)
        assert "Zzadult" not in page.findtext(".//title")
        assert all("Zzadult" not in href for href in page.xpath("//@href"))


def test_what_the_draft_names_is_what_its_author_sees(cast: Cast, client, draft):
    add(client, draft, ItemKind.PEOPLE)
    draft.refresh_from_db()

    (one,) = listed(draft, ItemKind.PEOPLE)
    assert one.rows == (
        ("Name", "Zzadult"),
        ("What they may be doing", "May cause harm"),
        ("Works or volunteers with children", "Yes"),
        ("How it is known", "I saw or heard it myself"),
        ("How sure", "Fairly sure"),
    )
