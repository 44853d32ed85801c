"""The pages of changing the law: a second person can decide from them; nobody else sees them."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from lxml import html

from portal.accounts.vocabulary import Principal
from sharing.disclosures.services import review
from sharing.rules.models import Agreement, Change, Examination
from sharing.rules.services import agreements, changes
from sharing.rules.vocabulary import Category, ChangeKind, Purpose
from sharing.rules.workflow import Action, Status
from tests.cast import Cast, events, signed_in
from tests.sharing.rules.people import asking, drafted, leads_of, live, submitted


@pytest.fixture
def leads(cast: Cast) -> tuple[Principal, Principal]:
    return leads_of(cast)


def at(name: str, *args: object) -> str:
    return reverse(name, args=args)


def text(answer) -> str:
    return " ".join(html.fromstring(answer.content.decode()).text_content().split())


def form_of(like: str, **said: object) -> dict[str, object]:
    """What the form holds when it is opened on a rule, with these answers changed."""
    line = changes.line_now(like)
    day = timezone.localdate()
    return {
        **{name: line[name] for name in ("title", "outcome", "categories", "holders", "purposes")},
        **{name: line[name] for name in ("gateway", "because", "instead", "remains")},
        **{name: line["recipients"][name] for name in ("kinds", "roles", "relation")},
        "reason": "The protocol was reviewed.",
        "starts_on-day": day.day,
        "starts_on-month": day.month,
        "starts_on-year": day.year,
        **said,
    }


def test_from_the_list_of_rules_to_a_live_change_by_pages_alone(cast: Cast, leads, sent):
    ida, ivo = map(signed_in, leads)
    new = f"{at('rules:propose')}?rule=7a"

    assert "Change this rule" in text(ida.get(at("rules:rule", "7a")))
    opened = ida.get(new)
    assert opened.status_code == 200
    saved = ida.post(new, form_of("7a", outcome="ask", instead="Ask the front door."))
    change = Change.objects.get()
    assert saved.url == at("rules:change", change.pk)
    shown = text(ida.get(saved.url))
    assert "must ask for" in shown
    assert "The rule before" in shown

    ida.post(at("rules:step", change.pk, "submit"), {})
    assert "We are counting" in text(ida.get(at("disclosures:impact", change.pk)))
    early = ivo.post(at("rules:step", change.pk, "approve"), {"why": ""})
    assert early.status_code == 409
    assert "still being counted" in text(early)
    review.sweep()
    assert "Nobody gains or loses sight of anything" in text(
        ivo.get(at("disclosures:impact", change.pk))
    )
    assert ida.get(at("rules:step", change.pk, "approve")).status_code == 403
    ivo.post(at("rules:step", change.pk, "approve"), {"why": ""})
    changes.sweep()

    change.refresh_from_db()
    assert change.status == Status.LIVE
    review.sweep()
    done = Examination.objects.get()
    assert "Kept as they were" in text(ivo.get(at("disclosures:examination", done.pk)))
    ida.post(at("rules:step", change.pk, "roll_back"), {"why": "It was wrong."})
    history = text(ida.get(at("rules:rule", "7a")))
    assert "It was wrong." in history
    assert "In force on no day" in history


def test_the_loaders_sentences_stand_on_the_form_and_the_words_come_back(cast: Cast, leads):
    client = signed_in(leads[0])

    answer = client.post(
        f"{at('rules:propose')}?rule=7b", form_of("7b", kinds=["charity"], reason="Because.")
    )

    assert answer.status_code == 409
    assert "does not lead that way" in text(answer)
    assert "Because." in answer.content.decode()
    assert not Change.objects.exists()


def test_what_is_missing_is_said_beside_the_field(cast: Cast, leads):
    answer = signed_in(leads[0]).post(at("rules:propose"), {})

    assert answer.status_code == 422
    for words in ("Choose what they may see", "Write why the law should change", "Enter a number"):
        assert words in text(answer)


def test_a_rule_is_added_and_ended_by_pages(cast: Cast, leads):
    client = signed_in(leads[0])
    client.post(at("rules:propose"), form_of("7a", number="99", obligations=["expires"]))
    client.post(f"{at('rules:propose')}?rule=8a&do=end", {"reason": "Not used."})

    added, ended = Change.objects.order_by("created_at")
    assert (added.kind, added.number, added.line["obligations"]) == (
        ChangeKind.ADD,
        "99",
        ["expires"],
    )
    assert (ended.kind, ended.number, ended.line) == (ChangeKind.END, "8a", None)
    assert client.get(at("rules:edit", added.pk)).status_code == 200
    assert client.get(at("rules:edit", ended.pk)).status_code == 200


def test_an_amendment_keeps_what_the_former_version_asks_of_people(cast: Cast, leads):
    signed_in(leads[0]).post(f"{at('rules:propose')}?rule=7a", form_of("7a", title="Another"))

    before, after = changes.line_now("7a"), Change.objects.get().line or {}
    assert {**after, "title": before["title"]} == before


def test_what_breaks_is_said_before_and_after_the_approval(cast: Cast, leads):
    change = submitted(leads[0], number="6b", line=asking("6b"))
    client = signed_in(leads[1])

    assert "A school reports a concern to the front door" in text(
        client.get(at("rules:change", change.pk))
    )
    refused = client.post(at("rules:step", change.pk, "approve"), {"why": ""})
    assert refused.status_code == 409
    client.post(at("rules:step", change.pk, "approve"), {"why": "The board said so."})
    shown = text(client.get(at("rules:change", change.pk)))
    assert "What it breaks, as approved" in shown
    assert "The board said so." in shown


def test_the_impact_names_a_case_only_to_who_can_open_it(cast: Cast, leads, sent):
    change = submitted(leads[0], number="6b", line=asking("6b"))

    shown = text(signed_in(leads[0]).get(at("disclosures:impact", change.pk)))

    assert "3 people lose sight of “The child's own words” in 1 case." in shown
    assert "A case that you cannot open" in shown
    assert sent.reference not in shown


def test_nothing_is_chosen_for_whoever_tries_a_question(leads):
    change = drafted(leads[0])
    client = signed_in(leads[1])

    opened = client.get(at("disclosures:simulate", change.pk))
    empty = client.post(at("disclosures:simulate", change.pk), {})

    chosen = re.findall(r'<option value="([^"]*)" selected', opened.content.decode())
    assert chosen == ["", "", "", ""]
    assert empty.status_code == 422
    for label in ("Select the role of whoever asks", "Select what it is for"):
        assert label in text(empty)


def test_a_question_is_tried_side_by_side(cast: Cast, leads, sent):
    change = drafted(leads[0])
    client = signed_in(leads[1])
    asked = {"role": "practitioner", "kind": "police", "holder": "council", "purpose": "ENQUIRY"}

    shown = client.post(at("disclosures:simulate", change.pk), asked)
    hidden = client.post(
        at("disclosures:simulate", change.pk), asked | {"reference": sent.reference}
    )
    missing = client.post(
        at("disclosures:simulate", change.pk), asked | {"reference": "R-0000-000"}
    )

    assert "Differs" in text(shown)
    assert "Rule 7a, version 2, applies" in text(shown)
    for answer in (hidden, missing):
        assert answer.status_code == 422
        assert "You cannot open a case with this reference" in text(answer)


def test_an_agreement_is_added_renewed_and_ended_by_pages(cast: Cast, leads):
    client = signed_in(leads[0])
    today = timezone.localdate()
    days = {
        f"{name}-{part}": value
        for name, year in (("signed_on", 0), ("review_on", 1), ("ends_on", 2))
        for part, value in (("day", 1), ("month", 1), ("year", today.year + year))
    }
    said = {
        "title": "Between two",
        "parties": [cast.council.pk, cast.school.pk],
        "purposes": ["PANEL"],
        "categories": ["IC4"],
    }

    assert client.post(at("rules:sign"), {}).status_code == 422
    client.post(at("rules:sign"), {**said, **days})
    row = Agreement.objects.get(title="Between two")
    assert "Between two" in text(client.get(at("rules:agreements")))
    client.post(at("rules:renew", row.pk), days)
    assert Agreement.objects.filter(renews=row).exists()
    assert client.post(at("rules:end", row.pk), {"why": " "}).status_code == 422
    client.post(at("rules:end", row.pk), {"why": "Over."})
    assert "Ended: nothing is shared because of it" in text(
        client.get(at("rules:agreement", row.pk))
    )


def test_a_review_that_is_due_is_warned_of(cast: Cast, leads):
    row = Agreement.objects.get(parties=cast.school)
    agreements.end(actor=leads[0], pk=row.pk, why="Over.")
    today = timezone.localdate()
    agreements.sign(
        actor=leads[0],
        title="Old",
        parties=[cast.council, cast.school],
        purposes=[Purpose.PANEL],
        categories=[Category.IC4],
        signed_on=today.replace(year=today.year - 2, day=1),
        review_on=today.replace(year=today.year - 1, day=1),
        ends_on=today.replace(year=today.year + 1, day=1),
    )

    assert "In force, and its review is due" in text(
        signed_in(leads[0]).get(at("rules:agreements"))
    )


def everything(cast: Cast, leads) -> list[str]:
    change = live(leads)
    work = Examination.objects.get()
    row = Agreement.objects.get(parties=cast.school)
    return [
        *(at(f"rules:{name}") for name in ("changes", "propose", "agreements", "sign")),
        *(at(f"rules:{name}", change.pk) for name in ("change", "edit")),
        *(at("rules:step", change.pk, action) for action in Action if action != "go_live"),
        *(at(f"rules:{name}", row.pk) for name in ("agreement", "renew", "end")),
        *(at(f"disclosures:{name}", change.pk) for name in ("simulate", "impact")),
        at("disclosures:examination", work.pk),
    ]


def test_nobody_else_opens_them(cast: Cast, leads):
    found = everything(cast, leads)

    # One of each role; each person of the cast is tried by the door matrix.
    for who in {each.role: each for each in cast.everyone().values()}.values():
        client = signed_in(who)
        for address in found:
            assert client.get(address).status_code == 403, address
            assert client.post(address).status_code in {403, 405}, address
        assert client.get(at("rules:rule", "7a")).status_code == 200


def test_to_look_writes_the_ledger_once_and_nothing_else(cast: Cast, leads):
    change = live(leads)
    client = signed_in(leads[0])
    client.get(at("rules:changes"))
    before = len(events())

    for address in (
        at("rules:rule", "7a"),
        at("rules:changes"),
        at("rules:change", change.pk),
        at("rules:agreements"),
        at("disclosures:impact", change.pk),
    ):
        assert client.get(address).status_code == 200
    listed = events()[before:]
    assert [event["act"] for event in listed] == ["rules.listed"] * 5


def test_a_rule_or_change_that_is_not_there_is_not_found(cast: Cast, leads):
    client: Client = signed_in(leads[0])
    nobody = "00000000-0000-4000-8000-000000000000"

    assert client.get("/rules/77z/").status_code == 404
    assert client.get(f"{at('rules:propose')}?rule=77z").status_code == 404
    assert client.get(at("rules:change", nobody)).status_code == 404
    assert client.get(at("rules:agreement", nobody)).status_code == 404
    assert client.get(at("disclosures:examination", nobody)).status_code == 404
    change = drafted(leads[0])
    assert client.get(at("rules:step", change.pk, "go_live")).status_code == 404
