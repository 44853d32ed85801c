"""A reading: one of seven outcomes for each answer, in the same words through every door."""

import re
from collections import Counter
from datetime import timedelta

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from portal.common.clock import LONDON
from portal.common.errors import NotVisible, Refused
from portal.common.moments import day
from portal.notifications.models import Notice
from referrals import policies
from referrals import services as casework
from referrals.models import Case, Decision, Grant, Referral, Statement
from referrals.reading import STANDING_LINE, read, summaries
from referrals.triage import services as triage
from referrals.vocabulary import Answer, Extent, KnownHow, Outcome, Protect, State
from sharing.rules.vocabulary import Category, Purpose
from tests.cast import (
    CHILD_SAID,
    FAMILY,
    GIVEN,
    SAW,
    TOLD,
    Cast,
    concern,
    events,
    membership,
    shown_on,
    signed_in,
)

KNOWS = ("teacher", "lead", "coordinator", "second_coordinator", "manager")
PANEL = ("panel_officer", "panel_nurse", "panel_chair")
PROTECTS = [purpose for purpose in Purpose if purpose.protects_a_child]
# Early help opens one's own record and nothing else: rules 0a to 0c.
OPENS_NOTHING = [p for p in Purpose if p not in {*PROTECTS, Purpose.EARLY_HELP}]


@pytest.fixture
def decided(cast: Cast, sent: Case) -> Case:
    """The case after the coordinator has put it before the panel."""
    triage.decide(
        actor=cast.coordinator,
        case=sent,
        outcome=Outcome.PANEL,
        reason="Three signs in one week.",
        told_referrer="The panel will consider it.",
    )
    sent.refresh_from_db()
    return sent


def add(case: Case, author, **changes) -> Statement:
    """Put one more piece of information on the case, as the author's agency would."""
    given = {
        "question": "told",
        "category": Category.IC4,
        "answer": Answer.GIVEN,
        "text": "A van was seen near the school.",
        "known_how": KnownHow.TOLD,
        "stated_at": timezone.now(),
    }
    person = membership(author)
    return Statement.objects.create(
        case=case,
        referral=Referral.objects.filter(case=case).latest("sent_at"),
        agency=person.team.agency,
        author=person,
        **{**given, **changes},
    )


def items(who, case: Case, key: str, purpose: Purpose = Purpose.SCREEN):
    """What the items of one question become for this principal, as (state, text)."""
    found = read(who, case, purpose)
    return [(item.state, item.text) for item in found.items if item.key == key]


# --- The seven outcomes -------------------------------------------------------------------------


def test_what_is_shared_is_shown_with_who_said_it_and_how_it_is_known(cast: Cast, sent):
    found = read(cast.coordinator, sent, Purpose.SCREEN)

    item = next(item for item in found.items if item.key == "child_said")
    assert (item.state, item.text, item.value) == (State.SHOWN, CHILD_SAID, CHILD_SAID)
    assert (item.source, item.by, item.owner) == (
        "Said by the child",
        "Practitioner",
        "School or college",
    )


@pytest.mark.parametrize("reason", [p for p in Protect if p and p is not Protect.EXISTENCE])
def test_what_is_protected_is_withheld_with_its_reason_and_nothing_else(cast: Cast, sent, reason):
    add(sent, cast.teacher, protect=reason)

    found = read(cast.coordinator, sent, Purpose.SCREEN)

    item = next(item for item in found.items if item.state == State.WITHHELD)
    assert item.text == f"Withheld: {reason.label}"
    assert (item.value, item.source, item.by, item.at) == (None, "", "", None)
    assert found.withheld == 1
    assert found.withheld_words == "1 answer on this page is withheld from your role."


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([[4, 7]], "The [1 word withheld: identifies a source] was seen at noon by Ms Example."),
        ([[0, 7]], "[2 words withheld: identifies a source] was seen at noon by Ms Example."),
        (
            [[28, 38], [4, 7]],
            "The [1 word withheld: identifies a source] was seen at noon by"
            " [2 words withheld: identifies a source].",
        ),
    ],
)
def test_what_is_protected_in_part_says_how_many_words_are_missing(
    cast: Cast, sent, spans, expected
):
    text = "The van was seen at noon by Ms Example."
    add(sent, cast.teacher, text=text, protect=Protect.SOURCE, protect_spans=spans)

    assert (State.PARTLY_WITHHELD, expected) in items(cast.coordinator, sent, "told")
    assert read(cast.coordinator, sent, Purpose.SCREEN).withheld == 1


@pytest.mark.parametrize(
    "spans",
    [
        [[0, 30], [5, 8]],
        [[5, 8], [0, 30]],
        [[0, 20], [10, 30]],
        [[0, 10], [10, 30]],
        [[0, 30], [0, 3]],
        [[0, 30], [27, 30]],
    ],
)
def test_protected_parts_that_overlap_let_no_word_through(cast: Cast, sent, spans):
    text = "secret secret secret secret se then open words."
    add(sent, cast.teacher, text=text, protect=Protect.SOURCE, protect_spans=spans)

    found = [
        words
        for state, words in items(cast.coordinator, sent, "told")
        if state == State.PARTLY_WITHHELD
    ]
    assert len(found) == 1
    assert "secret" not in found[0].replace("identifies a source", "")
    assert found[0].endswith("withheld: identifies a source] then open words.")


@pytest.mark.parametrize("name", PANEL)
def test_what_is_not_shared_says_with_whom_it_is_not(cast: Cast, decided, name):
    who = cast.everyone()[name]

    kind = who.agency_kind.label
    assert items(who, decided, "sender") == [(State.NOT_SHARED, f"Not shared with {kind}")]
    assert items(who, decided, "phone") == [(State.NOT_SHARED, f"Not shared with {kind}")]
    assert items(who, decided, "saw") == [(State.SHOWN, SAW)]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Answer.NOT_PROVIDED, (State.NOT_PROVIDED, "Not provided")),
        (Answer.NOT_KNOWN, (State.NOT_KNOWN, "Not known")),
        (Answer.NOT_ASKED, (State.NOT_KNOWN, "Not asked")),
        (Answer.DECLINED, (State.NOT_KNOWN, "Declined to say")),
    ],
)
def test_an_answer_that_was_not_given_is_never_blank(cast: Cast, sent, answer, expected):
    add(sent, cast.teacher, answer=answer, text="")

    assert expected in items(cast.coordinator, sent, "told")


def test_what_was_removed_says_when_and_why_and_not_what(cast: Cast, sent):
    now = timezone.now()
    row = add(sent, cast.teacher, removed_at=now, removed_why="corrected record")

    expected = f"Removed on {day(now)}: corrected record"
    for name in KNOWS:
        found = items(cast.everyone()[name], sent, "told")
        assert (State.REMOVED, expected) in found
        assert row.text not in {text for _, text in found}


def test_what_is_concealed_is_shown_to_its_owner_alone(cast: Cast, decided):
    row = add(decided, cast.panel_officer, protect=Protect.EXISTENCE)
    _all_may_see_what_is_held_by(row.agency, cast, decided)

    sees = {
        name
        for name in (*KNOWS, *PANEL)
        if row.text
        in {item.text for item in read(cast.everyone()[name], decided, Purpose.SCREEN).items}
    }
    assert sees == {"panel_officer"}


def _all_may_see_what_is_held_by(holder, cast: Cast, case: Case) -> None:
    for name in ("coordinator", "manager", "panel_nurse", "panel_chair", "lead"):
        grant_to(case, cast.everyone()[name], holder=holder)


def test_every_answer_has_exactly_one_outcome_and_words(cast: Cast, decided):
    """Over every person who knows of it, with one piece of information of each kind."""
    for reason in Protect:
        for author in (cast.teacher, cast.panel_nurse):
            add(decided, author, protect=reason)
            if reason:
                add(decided, author, protect=reason, protect_spans=[[2, 5]])
    for answer in set(Answer) - {Answer.GIVEN}:
        add(decided, cast.teacher, answer=answer, text="")
    add(decided, cast.teacher, removed_at=timezone.now(), removed_why="retention")

    for name in (*KNOWS, *PANEL):
        for item in read(cast.everyone()[name], decided, Purpose.SCREEN).items:
            assert item.state in State
            assert item.text
            assert item.owner
            has_value = item.state in {State.SHOWN, State.PARTLY_WITHHELD}
            assert (item.value is not None) is has_value
            assert item.value in {None, item.text}


def test_the_line_counts_each_way_of_not_seeing_by_its_own_name(cast: Cast, sent):
    add(sent, cast.teacher, protect=Protect.SOURCE)
    add(sent, cast.teacher, protect=Protect.POLICE, protect_spans=[[0, 3]])
    found = read(cast.coordinator, sent, Purpose.SCREEN)

    assert found.withheld_words == (
        "1 answer on this page is withheld from your role."
        " 1 answer on this page is partly withheld."
    )


def test_the_front_door_is_told_why_it_sees_what_its_own_council_decided(cast: Cast, decided):
    found = read(cast.second_coordinator, decided, Purpose.SCREEN)

    [reason] = [trace for trace in found.traces if trace.rule.startswith("Rule 0c")]
    assert reason.says.startswith("You can see this because your own agency holds it")
    assert Category.OUTCOME.label in reason.categories
    assert reason.decided_at == Decision.objects.get(case=decided).decided_at
    assert {item.own.number for item in found.items if item.own} == {"0c"}


def test_the_page_counts_what_it_withholds(cast: Cast, decided):
    found = read(cast.panel_officer, decided, Purpose.SCREEN)

    states = Counter(item.state for item in found.items)
    held = (State.WITHHELD, State.PARTLY_WITHHELD, State.NOT_SHARED)
    assert found.withheld == sum(states[state] for state in held) > 1
    page = signed_in(cast.panel_officer).get(reverse("referrals:case", args=[decided.reference]))
    never = states[State.NOT_SHARED]
    assert f"{never} answers on this page are not shared with Police." in page.text
    assert STANDING_LINE in page.text


# --- The same words through every door ----------------------------------------------------------


@pytest.fixture
def mixed(cast: Cast, decided: Case) -> Case:
    """A case with something of everything."""
    for author in (cast.teacher, cast.panel_officer):
        add(decided, author, protect=Protect.POLICE)
        add(decided, author, protect=Protect.SOURCE, protect_spans=[[2, 5]])
    add(decided, cast.panel_nurse, category=Category.IC6, text="<b>A cough</b> & a cold.")
    add(decided, cast.teacher, answer=Answer.NOT_KNOWN, text="")
    add(decided, cast.teacher, removed_at=timezone.now(), removed_why="retention")
    add(decided, cast.panel_nurse, protect=Protect.EXISTENCE, text="Concealed words.")
    return decided


@pytest.mark.parametrize("name", [*KNOWS, *PANEL])
def test_the_page_and_the_api_say_what_the_reading_says(cast: Cast, mixed, name):
    who = cast.everyone()[name]
    client = signed_in(who)

    resolved = [
        (item.label, item.text) for item in read(who, mixed, policies.purpose_of(who)).items
    ]
    page = client.get(reverse("referrals:case", args=[mixed.reference]))
    body = client.get(f"/api/v1/cases/{mixed.reference}/").json()

    assert shown_on(page.content) == resolved
    assert [(i["label"], i["text"]) for s in body["sections"] for i in s["items"]] == resolved
    assert len(resolved) > 15


@pytest.mark.parametrize("name", ["coordinator", "manager"])
def test_the_workspace_says_what_the_case_page_says(cast: Cast, mixed, name):
    client = signed_in(cast.everyone()[name])

    pages = [
        client.get(reverse(view, args=[mixed.reference])).content
        for view in ("referrals:case", "triage:workspace")
    ]

    # The workspace has the child's words first.
    assert sorted(shown_on(pages[0])) == sorted(shown_on(pages[1]))


@pytest.mark.parametrize("name", [*KNOWS, *PANEL])
def test_the_api_gives_each_item_field_for_field(cast: Cast, mixed, name):
    who = cast.everyone()[name]

    body = signed_in(who).get(f"/api/v1/cases/{mixed.reference}/").json()

    given = [item for section in body["sections"] for item in section["items"]]
    resolved = read(who, mixed, policies.purpose_of(who))
    for item, found in zip(given, resolved.items, strict=True):
        assert (item.pop("at") is None) is (found.at is None)
        held = found.state in {
            State.WITHHELD,
            State.PARTLY_WITHHELD,
            State.NOT_SHARED,
            State.REMOVED,
        }
        expected = {"state": found.state, "reason": found.reason, "owner": found.owner}
        assert item.pop("withheld") == (expected if held else None)
        assert item == {key: getattr(found, key) for key in item}
        assert set(item) == {
            "key",
            "label",
            "category",
            "state",
            "text",
            "value",
            "source",
            "owner",
            "by",
        }
    assert body["withheld"] == resolved.withheld
    assert body["title"] == resolved.title


@pytest.mark.parametrize("name", [*KNOWS, *PANEL])
def test_no_withheld_word_is_anywhere_in_the_answer(cast: Cast, mixed, name):
    """Not in an attribute, a comment or a field either."""
    who = cast.everyone()[name]
    client = signed_in(who)
    visible = " ".join(item.text for item in read(who, mixed, Purpose.SCREEN).items)
    words = Statement.objects.filter(case=mixed).exclude(text="").values_list("text", flat=True)
    hidden = {text for text in words if text not in visible and len(text) > 12}

    raw = "".join(
        client.get(address).text
        for address in (
            reverse("referrals:case", args=[mixed.reference]),
            reverse("disclosures:why", args=[mixed.reference]),
            f"/api/v1/cases/{mixed.reference}/",
        )
    )

    assert hidden
    assert not {text for text in hidden if text in raw}


@pytest.mark.parametrize("name", [*KNOWS, *PANEL])
def test_opening_a_case_is_one_event_with_what_was_shown(cast: Cast, mixed, name):
    who = cast.everyone()[name]
    client = signed_in(who)
    resolved = read(who, mixed, Purpose.SCREEN)
    before = len(events())

    client.get(reverse("referrals:case", args=[mixed.reference]))
    client.get(f"/api/v1/cases/{mixed.reference}/")

    kept = [body for body in events()[before:] if body["act"] == "case.read"]
    assert len(kept) == 2
    for body in kept:
        assert body["actor"]["member"] == str(who.membership_id)
        assert body["fields"] == list(resolved.shown)
        assert body["withheld"] == resolved.withheld
        assert body["subj"] == [str(mixed.child_id)]
        assert body["why"]


# --- Concealed: two worlds ----------------------------------------------------------------------

_VARIES = (
    re.compile(rb'name="(?:csrfmiddlewaretoken|author)" value="[^"]*"'),
    re.compile(rb'nonce="[^"]*"'),
)


def everything(who, case: Case) -> dict[str, bytes]:
    """Every page and answer about the case that this person can ask for, as bytes."""
    client = signed_in(who)
    reference = case.reference
    addresses = [
        reverse("home:home"),
        reverse("following:mine"),
        reverse("referrals:cases"),
        reverse("triage:board"),
        reverse("notifications:list"),
        reverse("referrals:case", args=[reference]),
        reverse("triage:workspace", args=[reference]),
        reverse("disclosures:why", args=[reference]),
        reverse("intake:sent", args=[reference]),
        "/api/v1/cases/",
        f"/api/v1/cases/{reference}/",
    ]
    found = {}
    for address in addresses:
        answer = client.get(address)
        body = answer.content
        for varies in _VARIES:
            body = varies.sub(b"", body)
        found[address] = b"%d %s" % (answer.status_code, body)
    return found


@pytest.mark.parametrize("name", [*KNOWS, "panel_officer", "panel_chair", "outsider_lead"])
def test_a_concealed_piece_of_information_changes_no_byte(cast: Cast, decided, name, time_machine):
    """The world with it and the world without it: the same pages, lists, counts and answers.

    What may differ by construction is left out: the form's token and the policy's nonce.
    """
    who = cast.everyone()[name]
    time_machine.move_to(timezone.now(), tick=False)

    without = everything(who, decided)
    # Held by an agency whose other words are open to most of them, where they do not own it.
    holder = cast.panel_nurse if name in {"teacher", "lead"} else cast.teacher
    for category in (Category.IC4, Category.IC6, Category.IC9):
        add(decided, holder, protect=Protect.EXISTENCE, category=category, text="Concealed words.")
    with_it = everything(who, decided)

    assert with_it == without
    assert b"Concealed words." in b"".join(everything(holder, decided).values())


@pytest.mark.parametrize("name", [*KNOWS, "panel_officer", "panel_chair"])
def test_a_word_concealed_before_the_panel_is_asked_changes_no_byte(
    cast: Cast, sent, name, time_machine
):
    """Not even a grant tells that an agency holds something on the case."""
    time_machine.move_to(timezone.now(), tick=False)

    def world(*, concealed: bool) -> dict[str, object]:
        point = transaction.savepoint()
        if concealed:
            add(sent, cast.charity_worker, protect=Protect.EXISTENCE)
        made = triage.decide(
            actor=cast.coordinator,
            case=sent,
            outcome=Outcome.PANEL,
            reason="Three signs in one week.",
            told_referrer="The panel will consider it.",
        )
        own = str(made.pk).encode()  # the form that changes the decision says which
        pages = everything(cast.everyone()[name], sent)
        found = {at: page.replace(own, b"") for at, page in pages.items()}
        # Its notices have numbers of their own.
        found.pop(reverse("notifications:list"))
        trail = [(body["act"], body["why"], body["fields"]) for body in events()]
        transaction.savepoint_rollback(point)
        return {**found, "trail": trail}

    assert world(concealed=True) == world(concealed=False)


def test_the_events_of_the_two_worlds_are_the_same_too(cast: Cast, decided):
    def opened() -> dict[str, object]:
        casework.read_case(actor=cast.coordinator, reference=decided.reference)
        body = events("case.read")[-1]
        return {key: body[key] for key in ("fields", "withheld", "why", "n")}

    without = opened()
    add(decided, cast.teacher, protect=Protect.EXISTENCE, category=Category.IC4)

    assert opened() == without


# --- Grants: part, ended, expired, and for what --------------------------------------------------


def grant_to(case: Case, who, **changes) -> Grant:
    """Give this person's team a grant as a past decision would have."""
    given = {
        "categories": [Category.IC4],
        "purpose": Purpose.PLAN,
        "gateway": "CA04_S10",
        "rule": "12",
        "rule_version": 1,
        "reason": "Asked for and agreed.",
        "necessity": "To plan what keeps the child safe.",
        "proportionality": "The concern alone.",
        "granted_by_service": "sent",
        "holder": Referral.objects.filter(case=case).latest("sent_at").agency,
    }
    return Grant.objects.create(
        content_object=case,
        group_id=who.team_id,
        permission=Grant.objects.filter(content_object=case).latest("from_at").permission,
        **{**given, **changes},
    )


def test_a_grant_of_a_part_shows_the_named_pieces_and_no_others(cast: Cast, sent):
    named = Statement.objects.get(case=sent, question="told")
    grant_to(sent, cast.charity_worker, extent=Extent.PART, statements=[named.pk])

    found = {item.key: item.state for item in read(cast.charity_worker, sent, Purpose.SCREEN).items}

    assert {key for key, state in found.items() if state == State.SHOWN} == {"told"}
    assert {state for key, state in found.items() if key != "told"} == {State.NOT_SHARED}


def test_what_the_law_leaves_of_what_it_holds_back_is_said_and_nothing_more(cast: Cast, decided):
    """Rule 11: the panel learns that health is engaged. Somebody without a share learns nothing."""
    add(decided, cast.panel_nurse, category=Category.IC6, text="A cough and a cold.")

    said = items(cast.panel_officer, decided, "told", Purpose.PANEL)
    of_the_sender = items(cast.teacher, decided, "told")

    assert (State.PARTLY_WITHHELD, "Health is engaged.") in said
    assert (State.NOT_SHARED, "Not shared with School or college") in of_the_sender
    found = read(cast.panel_officer, decided, Purpose.PANEL)
    assert [item.value for item in found.items if item.text == "Health is engaged."] == [None]


def test_a_grant_of_a_part_does_not_lift_a_protection(cast: Cast, sent):
    row = add(sent, cast.teacher, protect=Protect.POLICE)
    grant_to(sent, cast.charity_worker, extent=Extent.PART, statements=[row.pk])

    shown = read(cast.charity_worker, sent, Purpose.SCREEN)

    assert row.text not in {item.text for item in shown.items}
    assert (State.WITHHELD, "Withheld: police-sensitive") in items(
        cast.charity_worker, sent, "told"
    )


def test_two_grants_to_a_team_add_up_and_two_hats_do_not(cast: Cast, sent):
    grant_to(sent, cast.charity_worker, categories=[Category.IC4])
    grant_to(sent, cast.charity_worker, categories=[Category.IC10])

    assert items(cast.charity_worker, sent, "saw") == [(State.SHOWN, SAW)]
    assert items(cast.charity_worker, sent, "child_said") == [(State.SHOWN, CHILD_SAID)]
    assert items(cast.charity_worker, sent, "phone")[0][0] == State.NOT_SHARED


@pytest.mark.parametrize("way", ["expired", "ended", "not begun"])
def test_a_grant_that_is_not_live_closes_page_and_api_at_once(cast: Cast, sent, way):
    grant_to(sent, cast.charity_worker, until_at=timezone.now() + timedelta(days=1))
    client = signed_in(cast.charity_worker)
    addresses = [
        reverse("referrals:case", args=[sent.reference]),
        reverse("disclosures:why", args=[sent.reference]),
        f"/api/v1/cases/{sent.reference}/",
    ]
    assert {client.get(address).status_code for address in addresses} == {200}

    now = timezone.now()
    if way == "ended":
        grant = Grant.objects.get(group_id=cast.charity_worker.team_id)
        casework.end_grants(cast.coordinator, grant.content_object, [grant], "No longer needed.")
    else:
        _replaced(cast.charity_worker, sent, way, now)

    assert {client.get(address).status_code for address in addresses} == {404}
    assert sent.reference not in client.get(reverse("referrals:cases")).text
    assert client.get("/api/v1/cases/").json()["results"] == []


def _replaced(who, case: Case, way: str, now) -> None:
    """End what there is, and put in its place a grant of other times: grants never change."""
    Grant.objects.filter(group_id=who.team_id).update(ended_at=now, ended_why="Replaced.")
    times = {
        "expired": {"from_at": now - timedelta(days=2), "until_at": now - timedelta(seconds=1)},
        "not begun": {"from_at": now + timedelta(hours=1)},
    }
    grant_to(case, who, **times[way])


def test_a_live_grant_in_the_same_place_would_open_it(cast: Cast, sent):
    """The control of the test above: with times that are live the replacement does open."""
    now = timezone.now()
    grant_to(
        sent,
        cast.charity_worker,
        from_at=now - timedelta(days=2),
        until_at=now + timedelta(minutes=1),
    )

    answer = signed_in(cast.charity_worker).get(f"/api/v1/cases/{sent.reference}/")

    assert answer.status_code == 200


@pytest.mark.parametrize("purpose", OPENS_NOTHING)
@pytest.mark.parametrize("name", [*KNOWS, *PANEL])
def test_a_purpose_that_does_not_protect_a_child_opens_nothing(cast: Cast, decided, name, purpose):
    found = read(cast.everyone()[name], decided, purpose)

    assert found.shown == ()
    assert {item.value for item in found.items} == {None}
    assert (found.title, found.initials, found.age) == ("Child", "", "")
    text = " ".join([found.title, *(item.text for item in found.items)])
    assert GIVEN not in text
    assert FAMILY not in text


@pytest.mark.parametrize("purpose", PROTECTS)
def test_a_purpose_that_protects_a_child_opens_what_the_grants_say(cast: Cast, decided, purpose):
    assert items(cast.coordinator, decided, "saw", purpose) == [(State.SHOWN, SAW)]


# --- Authorship ---------------------------------------------------------------------------------


def test_the_author_hears_the_outcome_and_not_the_reasons(cast: Cast, decided):
    assert items(cast.teacher, decided, "outcome") == [(State.SHOWN, Outcome.PANEL.label)]
    assert items(cast.teacher, decided, "told_referrer") == [
        (State.SHOWN, "The panel will consider it.")
    ]
    assert items(cast.teacher, decided, "reason")[0][0] == State.NOT_SHARED


def test_the_author_does_not_see_what_others_added(cast: Cast, decided):
    add(decided, cast.panel_officer)
    add(decided, cast.colleague, text="What a colleague wrote.")

    states = {state for state, text in items(cast.teacher, decided, "told") if text != TOLD}

    assert states == {State.NOT_SHARED}


def test_a_date_of_birth_is_an_age_on_the_day_in_england(cast: Cast, sent):
    at = timezone.now().replace(year=2026, month=3, day=26, hour=23, minute=30)

    before = read(cast.teacher, sent, Purpose.SCREEN, at)
    after = read(cast.teacher, sent, Purpose.SCREEN, at + timedelta(hours=1))

    assert at.astimezone(LONDON).date().day == 26
    assert (before.age, after.age) == ("13", "14")


# --- Lists --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*KNOWS, *PANEL])
def test_a_list_shows_initials_and_age_and_never_a_name(cast: Cast, decided, name):
    client = signed_in(cast.everyone()[name])

    page = client.get(reverse("referrals:cases")).text
    row = client.get("/api/v1/cases/").json()["results"][0]

    assert decided.reference in page
    assert row["initials"] == "W.S."
    for text in (page, str(row)):
        assert GIVEN not in text
        assert FAMILY not in text
        assert SAW not in text


def test_a_list_gives_no_initials_to_whom_the_name_is_not_open(cast: Cast, sent):
    grant_to(sent, cast.charity_worker, categories=[Category.IC4])

    row = signed_in(cast.charity_worker).get("/api/v1/cases/").json()["results"][0]

    assert (row["initials"], row["age"]) == ("", "")


def test_a_list_says_no_more_of_who_the_child_is_than_the_page(cast: Cast, sent):
    """The grant opens who the child is as another agency holds it, not as the school does."""
    holder = membership(cast.panel_officer).team.agency
    grant_to(sent, cast.charity_worker, categories=[Category.IC1], holder=holder)
    client = signed_in(cast.charity_worker)

    row = client.get("/api/v1/cases/").json()["results"][0]
    page = client.get(f"/api/v1/cases/{sent.reference}/").json()

    assert [row[key] for key in ("initials", "age")] == [page[key] for key in ("initials", "age")]


def test_a_list_is_one_event_with_the_cases_on_it(cast: Cast, sent):
    signed_in(cast.coordinator).get(reverse("triage:board"))

    kept = events("case.listed")
    assert [body["ids"] for body in kept] == [[str(sent.pk)]]


def test_no_notice_tells_who_the_child_is(cast: Cast, decided):
    said = " ".join(f"{notice.reference} {notice.meaning}" for notice in Notice.objects.all())

    assert said
    assert GIVEN not in said
    assert FAMILY not in said


def test_a_reading_of_nobodys_case_is_nobodys(cast: Cast, sent):
    """Read by whom it is not open to, everything is held back, down to the name."""
    found = read(cast.outsider_lead, sent, Purpose.SCREEN)

    assert {item.state for item in found.items} == {State.NOT_SHARED}
    assert (found.title, found.initials, found.age, found.traces) == ("Child", "", "", ())


def test_what_a_child_said_is_in_no_repr(cast: Cast, sent):
    found = read(cast.teacher, sent, Purpose.SCREEN)
    told = Statement.objects.get(case=sent, question="told")
    own = casework.read_answer(actor=cast.teacher, statement=told)
    (row,) = summaries(cast.teacher, Case.objects.filter(pk=sent.pk).for_rows())

    held = (found, *found.sections, *found.items, *found.traces, own, row, concern())
    shown = " ".join(repr(each) for each in (*held, *concern().answers.values()))
    for words in (GIVEN, FAMILY, SAW, TOLD, CHILD_SAID, row.initials):
        assert words not in shown


def test_only_who_answers_for_an_answer_opens_it_by_itself(cast: Cast, sent):
    told = Statement.objects.get(case=sent, question="told")

    assert casework.read_answer(actor=cast.lead, statement=told).text == TOLD
    with pytest.raises(Refused, match="can read all of it"):
        casework.read_answer(actor=cast.coordinator, statement=told)
    with pytest.raises(NotVisible):
        casework.read_answer(actor=cast.colleague, statement=told)
