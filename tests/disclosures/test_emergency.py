"""Emergency access: one case, to read, for an hour; told at once, reviewed by somebody else."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
import time_machine
from django.core import mail
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from portal.accounts import services as accounts
from portal.accounts.models import User
from portal.accounts.vocabulary import Principal, Role
from portal.common.errors import DomainError, NotVisible, Refused
from portal.notifications import services as notices
from portal.notifications.models import Notice
from portal.notifications.vocabulary import Kind
from referrals import policies
from referrals import services as casework
from referrals.models import Case, EmergencyAccess, Grant, Statement, new_reference
from referrals.reading import read
from referrals.triage import services as triage
from referrals.vocabulary import (
    QUESTIONS,
    Answer,
    Conflict,
    Emergency,
    KnownHow,
    Outcome,
    Protect,
    Reviewed,
    State,
)
from referrals.workflow import Action, Relation
from sharing.disclosures.services import emergency, walls
from sharing.rules.vocabulary import Category, Purpose
from tests.architecture.asking import Asked, plain
from tests.cast import Cast, events, membership, send, signed_in
from tests.disclosures.conftest import ask, lead_of

WORDS = "I will go to the house with an officer."
PASSWORD = "three-random-words-here"  # noqa: S105
USES = ("charity_worker", "colleague", "outsider_lead")


@pytest.fixture
def governor(cast: Cast) -> Principal:
    return enrol(cast, "Ingrid Overn", Role.IG_LEAD)


def enrol(cast: Cast, name: str, role: Role) -> Principal:
    email = f"{name.lower().replace(' ', '.')}@council.example.org"
    return accounts.enrol(email=email, name=name, agency=cast.council, role=role).principal()


def opened(actor: Principal, case: Case, **changes) -> EmergencyAccess:
    given = {"reference": case.reference, "why": Emergency.LIFE, "next_step": WORDS}
    return emergency.open_in_emergency(actor=actor, **{**given, **changes})


def used(actor: Principal, case: Case, *, ago: timedelta, due: timedelta | None = None, **changes):
    """An access that was begun `ago`, whose review is due `due` from now."""
    now = timezone.now()
    given = {
        "case": case,
        "membership_id": actor.membership_id,
        "why": Emergency.LIFE,
        "next_step": WORDS,
        "from_at": now - ago,
        "until_at": now - ago + timedelta(hours=1),
        "review_due_at": now + (due or timedelta(days=1)),
    }
    return EmergencyAccess.objects.create(**{**given, **changes})


def with_password(principal: Principal):
    user = User.objects.get(pk=principal.user_id)
    user.set_password(PASSWORD)
    user.save()
    return signed_in(principal)


def press(client, reference: str, **changes):
    typed = {"why": "life", "next_step": WORDS, "authorised_by": "", "password": PASSWORD}
    return client.post(
        reverse("disclosures:emergency_open", args=[reference]), {**typed, **changes}
    )


# --- What it opens, and for how long ------------------------------------------------------------


@pytest.mark.parametrize("who", USES)
def test_it_opens_one_case_to_read(cast: Cast, sent, who):
    actor, other = getattr(cast, who), send(cast.teacher)
    assert not policies.visible(actor).exists()

    opened(actor, sent)

    assert list(policies.visible(actor)) == [sent]
    assert policies.relations(actor, sent) == {Relation.READER}
    assert policies.actions(actor, sent) == []
    client = signed_in(actor)
    assert client.get(reverse("referrals:case", args=[sent.reference])).status_code == 200
    assert client.get(reverse("referrals:case", args=[other.reference])).status_code == 404


def test_it_is_over_after_an_hour_to_the_second_by_the_databases_clock(cast: Cast, sent):
    minute = timedelta(minutes=1)
    used(cast.charity_worker, sent, ago=timedelta(hours=1, seconds=1))
    assert not policies.visible(cast.charity_worker).exists()

    used(cast.charity_worker, sent, ago=timedelta(hours=1) - minute)
    assert policies.visible(cast.charity_worker).exists()


def test_it_lasts_an_hour_and_is_reviewed_in_two_working_days(cast: Cast, sent):
    friday = datetime(2026, 11, 20, 22, 30, tzinfo=UTC)
    with time_machine.travel(friday, tick=False):
        access = opened(cast.charity_worker, sent)

    assert access.until_at - access.from_at == timedelta(hours=1)
    assert access.review_due_at == datetime(2026, 11, 25, 9, tzinfo=UTC)


def test_it_ends_by_the_button(cast: Cast, sent):
    opened(cast.charity_worker, sent)
    client = signed_in(cast.charity_worker)
    page = client.get(reverse("referrals:case", args=[sent.reference])).text
    assert "60 minutes left" in page
    assert "End emergency access" in page

    answer = client.post(reverse("disclosures:emergency_end", args=[sent.reference]))

    assert answer.status_code == 302
    assert not policies.visible(cast.charity_worker).exists()
    assert client.get(reverse("referrals:case", args=[sent.reference])).status_code == 404
    ended = events("emergency.ended")
    assert [body["obj"]["kind"] for body in ended] == ["emergency"]


def test_its_end_waits_its_turn_at_the_case_as_a_wall_does(cast: Cast, sent):
    opened(cast.charity_worker, sent)

    with CaptureQueriesContext(connection) as asked:
        emergency.end_emergency(actor=cast.charity_worker, reference=sent.reference)

    locks = [each["sql"] for each in asked if "FOR UPDATE" in each["sql"]]
    tables = [re.search(r'FROM "(\w+)"', sql)[1] for sql in locks]
    assert tables[:2] == ["referrals_case", "referrals_emergencyaccess"]


def test_the_banner_stands_on_every_page_of_the_case_while_it_is_open(cast: Cast, sent):
    opened(cast.charity_worker, sent)
    client = signed_in(cast.charity_worker)

    pages = ("referrals:case", "triage:workspace", "disclosures:why", "disclosures:conflict")
    for name in pages:
        assert "minutes left" in client.get(reverse(name, args=[sent.reference])).text, name
    shown = signed_in(cast.coordinator).get(reverse("referrals:case", args=[sent.reference])).text
    assert "minutes left" not in shown


def test_it_is_open_once_at_a_time_whatever_the_role(cast: Cast, sent):
    person = User.objects.get(pk=cast.charity_worker.user_id)
    other_hat = accounts.enrol(
        email=person.email, name=person.name, agency=cast.school, role=Role.PRACTITIONER
    ).principal()
    opened(cast.charity_worker, sent)

    for actor in (cast.charity_worker, other_hat):
        with pytest.raises(DomainError, match="minutes left"):
            opened(actor, sent)
    assert not policies.visible(other_hat).exists(), "two hats never add up"
    assert EmergencyAccess.objects.count() == 1


def test_every_reading_says_that_it_was_an_emergency(cast: Cast, sent):
    opened(cast.charity_worker, sent)

    casework.read_case(actor=cast.charity_worker, reference=sent.reference)

    (started,), (reading,) = events("emergency.started"), events("case.read")
    assert (started["cat"], started["why"]) == ("security", "life")
    assert started["subj"] == [str(sent.child_id)]
    assert reading["why"] == "emergency"


# --- It never widens what is protected, concealed or stopped ------------------------------------

HELD = [Category.IC4, Category.IC5, Category.IC12, Category.IC13]
MARKS = [Protect.NONE, Protect.POLICE, Protect.ADDRESS, Protect.EXISTENCE]


def add(case: Case, author: Principal, category: Category, protect: Protect, text: str, **more):
    member = membership(author)
    question = "told" if category == Category.IC4 else f"answer_{category}"
    return Statement.objects.create(
        case=case,
        referral=case.referrals.first(),
        question=question,
        category=category,
        answer=Answer.GIVEN,
        text=text,
        known_how=KnownHow.SAW,
        agency=member.team.agency,
        author=member,
        stated_at=timezone.now(),
        protect=protect,
        **more,
    )


@pytest.mark.parametrize("who", USES)
def test_what_is_protected_concealed_or_a_secret_place_stays_so(cast: Cast, sent, who):
    """Every kind of information with every mark, by every holder, against a table by hand."""
    actor = getattr(cast, who)
    holders = (cast.teacher, cast.panel_nurse, cast.panel_officer)
    places = [key for key in QUESTIONS if QUESTIONS[key].category == Category.IC12]
    assert places
    rows = {}
    for number, (category, mark, author) in enumerate(product(HELD, MARKS, holders)):
        words = f"Secret word {number} of a kind."
        rows[words] = (category, mark)
        add(sent, author, category, mark, words)
    partly = "The van is silver and white."
    add(sent, cast.panel_nurse, Category.IC5, Protect.HEALTH, partly, protect_spans=[[11, 17]])

    opened(actor, sent)
    found = {item.text: item for item in read(actor, sent, Purpose.SCREEN).items}

    for words, (category, mark) in rows.items():
        may = mark == Protect.NONE and category != Category.IC12
        assert (words in found) is may, (words, category, mark)
    assert partly not in found
    assert any("[1 word withheld" in text for text in found)
    page = signed_in(actor).get(reverse("referrals:case", args=[sent.reference])).text
    assert all((words in page) is (words in found) for words in rows)


def test_nothing_but_the_items_shown_and_why_changes(cast: Cast, sent):
    """Trap 13: for somebody who reads part of a case already, one axis changes and no other."""
    triage.decide(
        actor=cast.coordinator,
        case=sent,
        outcome=Outcome.PANEL,
        reason="Why.",
        told_referrer="What.",
    )
    sent.refresh_from_db()
    add(sent, cast.panel_nurse, Category.IC5, Protect.NONE, "Held by health.")
    before = read(cast.lead, sent, Purpose.SCREEN)
    relations = policies.relations(cast.lead, sent)
    actions = policies.actions(cast.lead, sent)
    rows = (Grant.objects.count(), Statement.objects.count(), list(Case.objects.values()))

    opened(cast.lead, sent)
    after = read(cast.lead, sent, Purpose.SCREEN)

    assert {item.key for item in after.items} == {item.key for item in before.items}
    wider = [
        (old.state, new.state)
        for old, new in zip(before.items, after.items, strict=True)
        if old != new
    ]
    assert wider
    assert {new for _, new in wider} == {State.SHOWN}
    changed = {"sections", "traces", "emergency_until", "title", "initials", "age"}
    same = {name: getattr(before, name) for name in changed}
    assert replace(after, **same) == before
    assert policies.relations(cast.lead, sent) == relations | {Relation.READER}
    assert policies.actions(cast.lead, sent) == actions
    assert rows == (Grant.objects.count(), Statement.objects.count(), list(Case.objects.values()))


def test_a_list_of_cases_names_the_case_and_not_the_child(cast: Cast, sent):
    opened(cast.charity_worker, sent)

    row = signed_in(cast.charity_worker).get("/cases/").text

    assert sent.reference in row
    assert "W.S." not in row


@pytest.mark.parametrize("who", USES)
def test_no_verb_no_change_no_trail(cast: Cast, sent, who):
    actor = getattr(cast, who)
    opened(actor, sent)
    client = signed_in(actor)

    for name, body in (
        ("triage:acknowledge", {}),
        ("triage:decide", {"outcome": "panel", "reason": "Why.", "told_referrer": "What."}),
        ("governance:trail", {"audience": "casework"}),
        ("disclosures:impose", {"email": "t@example.org", "why": "named"}),
    ):
        answer = client.post(reverse(name, args=[sent.reference]), body)
        assert answer.status_code == 403, name
    with pytest.raises(Refused):
        triage.move(actor=actor, case=sent, action=Action.WITHDRAW, reason="Why.")
    sent.refresh_from_db()
    assert sent.status == "received"


def test_a_lead_in_an_emergency_does_not_change_their_own_agencys_words(cast: Cast, sent):
    lead = lead_of(cast.panel_nurse.agency_id, "Hattie Ealth")
    own = add(sent, cast.panel_nurse, Category.IC5, Protect.NONE, "She came to the clinic.")
    opened(lead, sent)
    reads = {"actor": lead, "statement": own}

    for act in (
        lambda: casework.protect(**reads, protect=Protect.POLICE),
        lambda: casework.correct(**reads, text="No.", known_how=KnownHow.RECORD, why="Wrong."),
        lambda: casework.remove(**reads, why="Wrong."),
        lambda: policies.statement_for(lead, sent.reference, own.pk, to="correct"),
    ):
        with pytest.raises(Refused, match="to read this case, and nothing else"):
            act()


def test_a_lead_whose_share_has_ended_removes_nothing_in_an_emergency(cast: Cast, sent):
    Grant.objects.filter(group_id=cast.lead.team_id).update(
        ended_at=timezone.now(), ended_why="Stopped."
    )
    opened(cast.lead, sent)

    with pytest.raises(Refused, match="to read"):
        casework.remove(actor=cast.lead, statement=sent.statements.first(), why="wrong")


def test_a_lead_who_was_asked_changes_nothing_in_an_emergency(cast: Cast, sent, nurse_lead):
    own = add(sent, cast.panel_nurse, Category.IC5, Protect.NONE, "She came to the clinic.")
    ask(cast.coordinator, sent, nurse_lead)  # a live grant, to answer a question
    opened(nurse_lead, sent)

    assert policies.standing(nurse_lead, sent).only_reads
    with pytest.raises(Refused, match="to read this case, and nothing else"):
        casework.remove(actor=nurse_lead, statement=own, why="Wrong.")
    with pytest.raises(Refused, match="to read this case, and nothing else"):
        casework.protect(actor=nurse_lead, statement=own, protect=Protect.POLICE)


# --- Who may, and what is said before -----------------------------------------------------------


@pytest.mark.parametrize("who", ["panel_officer", "panel_chair", "auditor", "chair"])
def test_other_roles_are_refused_whether_there_is_a_case_or_not(cast: Cast, sent, who):
    client = with_password(getattr(cast, who))

    for name in ("emergency", "emergency_why"):
        answers = {
            client.get(reverse(f"disclosures:{name}", args=[reference])).status_code
            for reference in (sent.reference, new_reference())
        }
        assert answers == {403}
    assert press(client, sent.reference).status_code == 403
    assert press(client, new_reference()).status_code == 403
    assert not EmergencyAccess.objects.exists()


@pytest.mark.parametrize(
    ("who", "kind"),
    [
        ("charity_worker", "hidden"),
        ("outsider_lead", "hidden"),
        ("other_coordinator", "hidden"),
        ("charity_worker", "walled"),
        ("lead", "walled"),
    ],
)
def test_the_pages_before_the_press_are_the_same_bytes(cast: Cast, sent, who, kind):
    actor = getattr(cast, who)
    if kind == "walled":
        raise_wall(cast, sent, actor)
    client = with_password(actor)
    missing = new_reference()

    def shown(method: str, name: str, reference: str, body=None):
        answer = getattr(client, method)(reverse(f"disclosures:{name}", args=[reference]), body)
        status, content, headers = plain(Asked.of(answer))
        return status, content.replace(reference, "R"), headers

    asked: list[tuple[str, str, dict[str, str] | None]]
    asked = [("get", "emergency", None), ("get", "emergency_why", None)]
    asked += [("post", "emergency_why", body) for body in ({}, {"why": "life", "next_step": WORDS})]
    asked += [("post", "emergency_open", {"why": "life", "next_step": WORDS, "password": "wrong"})]
    statuses = []
    for method, name, body in asked:
        found = shown(method, name, sent.reference, body)
        assert found == shown(method, name, missing, body), name
        statuses.append(found[0])
    assert statuses == [200, 200, 422, 200, 422]


def raise_wall(cast: Cast, case: Case, actor: Principal) -> None:
    email = User.objects.get(pk=actor.user_id).email
    walls.raise_wall(
        actor=cast.manager, reference=case.reference, email=email, why=Conflict.RELATIVE
    )


def test_only_the_press_says_that_there_is_no_such_case(cast: Cast, sent):
    raise_wall(cast, sent, cast.charity_worker)
    client = with_password(cast.charity_worker)
    before = len(events())

    walled, missing = press(client, sent.reference), press(client, new_reference())
    elsewhere = press(client, send(cast.other_coordinator).reference)

    assert walled.status_code == missing.status_code == elsewhere.status_code == 404
    assert plain(Asked.of(walled)) == plain(Asked.of(missing)) == plain(Asked.of(elsewhere))
    kept = [body["act"] for body in events()[before:] if body["out"] == "denied"]
    assert kept == ["case.refused"] * 3
    assert not EmergencyAccess.objects.exists()


def test_a_wrong_password_opens_nothing_and_counts_as_at_sign_in(cast: Cast, sent):
    client = with_password(cast.charity_worker)

    answer = press(client, sent.reference, password="not-the-password-at-all")

    assert answer.status_code == 422
    assert WORDS in answer.text
    assert not EmergencyAccess.objects.exists()
    assert len(events("auth.failed")) == 1


def test_three_pages_open_it(cast: Cast, sent):
    client = with_password(cast.charity_worker)
    first = client.get(reverse("disclosures:emergency", args=[sent.reference]))
    assert "What it never opens" in first.text
    assert "999" in first.text
    second = client.get(reverse("disclosures:emergency_why", args=[sent.reference]))
    assert " checked" not in second.text
    third = client.post(
        reverse("disclosures:emergency_why", args=[sent.reference]),
        {"why": "life", "next_step": WORDS},
    )
    assert "Open this case for one hour" in third.text

    answer = press(client, sent.reference)

    assert answer.url == reverse("referrals:case", args=[sent.reference])
    assert client.get(answer.url).status_code == 200


@pytest.mark.parametrize("words", ["", "Help.", " " * 30])
def test_it_takes_a_sentence_about_what_happens_next(cast: Cast, sent, words):
    client = with_password(cast.charity_worker)

    page = client.post(
        reverse("disclosures:emergency_why", args=[sent.reference]),
        {"why": "life", "next_step": words},
    )

    assert page.status_code == 422
    assert "Tell us what you will do with the information" in page.text
    assert press(client, sent.reference, next_step=words).status_code == 422
    with pytest.raises(DomainError, match="Tell us what you will do"):
        opened(cast.charity_worker, sent, next_step=words)


def test_somebody_who_reads_the_case_already_is_told_so(cast: Cast, sent):
    address = reverse("disclosures:emergency", args=[sent.reference])

    assert "You can read this case already" in signed_in(cast.teacher).get(address).text
    assert "already" not in signed_in(cast.charity_worker).get(address).text
    opened(cast.charity_worker, sent)
    assert "60 minutes left" in signed_in(cast.charity_worker).get(address).text


def test_help_leads_there_for_who_may_use_it(cast: Cast, sent):
    client = signed_in(cast.charity_worker)
    assert reverse("disclosures:emergency_find") in client.get("/help/").text
    assert reverse("disclosures:emergency_find") not in signed_in(cast.chair).get("/help/").text

    typed = {"reference": sent.reference.lower().replace("-", " ")}
    answer = client.post(reverse("disclosures:emergency_find"), typed)

    assert answer.url == reverse("disclosures:emergency", args=[sent.reference])
    wrong = client.post(reverse("disclosures:emergency_find"), {"reference": "R-1111-112"})
    assert wrong.status_code == 422


# --- Walls beat it ------------------------------------------------------------------------------


def test_who_has_a_conflict_opens_nothing_in_any_role(cast: Cast, sent):
    person = User.objects.get(pk=cast.charity_worker.user_id)
    other_hat = accounts.enrol(
        email=person.email, name=person.name, agency=cast.school, role=Role.PRACTITIONER
    ).principal()
    raise_wall(cast, sent, cast.charity_worker)

    for actor in (cast.charity_worker, other_hat):
        with pytest.raises(NotVisible):
            opened(actor, sent)


def test_a_wall_ends_what_is_open_and_somebody_reading_may_declare_one(cast: Cast, sent):
    first, second = opened(cast.charity_worker, sent), opened(cast.colleague, sent)

    raise_wall(cast, sent, cast.charity_worker)
    walls.declare(actor=cast.colleague, reference=sent.reference, why=Conflict.RELATIVE)

    for access, actor in ((first, cast.charity_worker), (second, cast.colleague)):
        access.refresh_from_db()
        assert access.ended_at is not None
        assert not policies.visible(actor).exists()
    assert len(events("emergency.ended")) == 2
    (own,) = events("emergency.ended", stream=f"case:{sent.pk}")
    assert own["obj"]["id"] == str(second.pk)


# --- Who is told --------------------------------------------------------------------------------


def test_who_holds_the_information_and_who_looks_after_it_are_told_at_once(
    cast: Cast, sent, governor
):
    add(sent, cast.panel_nurse, Category.IC5, Protect.EXISTENCE, "Nobody may know of this.")
    health = accounts.enrol(
        email="hetty.lead@health.example.org",
        name="Hetty Lead",
        agency=membership(cast.panel_nurse).team.agency,
        role=Role.AGENCY_LEAD,
    ).principal()

    opened(cast.charity_worker, sent)

    told = Notice.objects.filter(kind=Kind.EMERGENCY)
    assert {(notice.recipient_id, notice.reference) for notice in told} == {
        (cast.lead.membership_id, sent.reference),
        (cast.manager.membership_id, sent.reference),
        (governor.membership_id, ""),
    }
    assert health.membership_id not in {notice.recipient_id for notice in told}
    notices.sweep()
    said = "\n".join(str(message.message()) for message in mail.outbox)
    assert len(mail.outbox) >= 3
    names = [*cast.charity_worker.name.split(), "Wrenna", "Sparrowhawk", "mergency", sent.reference]
    assert not [word for word in names if word in said]


def test_the_fourth_in_a_day_opens_and_raises_an_alarm(cast: Cast, sent, governor):
    cases = [send(cast.teacher) for _ in range(3)]
    for case in cases:
        opened(cast.charity_worker, case)
    used(cast.charity_worker, sent, ago=timedelta(hours=25))
    before = Notice.objects.filter(recipient=governor.membership_id).count()

    opened(cast.charity_worker, sent)

    assert policies.visible(cast.charity_worker).filter(pk=sent.pk).exists()
    started = events("emergency.started")
    assert [body["why"] for body in started] == ["life", "life", "life", "life, alarm"]
    # Once because it was used, once because it was the fourth.
    assert Notice.objects.filter(recipient=governor.membership_id).count() == before + 2
    assert "More than 3 in 24 hours" in signed_in(governor).get("/emergency-access/reviews/").text


def test_whoever_used_it_cannot_put_its_notice_to_rest_in_another_role(cast: Cast, sent, governor):
    person = User.objects.get(pk=cast.charity_worker.user_id)
    managing = accounts.enrol(
        email=person.email, name=person.name, agency=cast.council, role=Role.MANAGER
    )
    opened(cast.charity_worker, sent)
    own = Notice.objects.filter(kind=Kind.EMERGENCY, recipient__user=person)

    for _ in range(3):
        Notice.objects.exclude(escalate_at=None).update(escalate_at=timezone.now())
        notices.escalate()
    with time_machine.travel(timezone.now() + timedelta(days=9)):
        assert emergency.remind() == 1

    assert not own.exists()
    assert Notice.objects.filter(
        kind=Kind.EMERGENCY, recipient=cast.manager.membership_id, escalates__isnull=False
    ).exists()
    with pytest.raises(NotVisible):
        notices.mark_read(
            principal=managing.principal(), pk=Notice.objects.filter(kind=Kind.EMERGENCY)[0].pk
        )


# --- Review -------------------------------------------------------------------------------------


@pytest.mark.parametrize("found", Reviewed)
@pytest.mark.parametrize("by", ["manager", "governor"])
def test_a_second_person_reviews_it_and_the_first_is_told(cast: Cast, sent, governor, by, found):
    actor = governor if by == "governor" else cast.manager
    access = opened(cast.charity_worker, sent)
    casework.read_case(actor=cast.charity_worker, reference=sent.reference)
    casework.read_case(actor=cast.charity_worker, reference=sent.reference)
    with pytest.raises(DomainError, match="still open"):
        emergency.review(actor=actor, pk=access.pk, found=found, words="It was needed.")
    emergency.end_emergency(actor=cast.charity_worker, reference=sent.reference)
    client = signed_in(actor)
    address = reverse("disclosures:emergency_review", args=[access.pk])
    page = client.get(address).text
    assert "Case read, 2 times: " in page
    assert WORDS in page
    assert cast.charity_worker.name in page
    assert "Wrenna" not in page
    assert (sent.reference in page) is (by == "manager")
    assert client.post(address, {"found": found, "words": ""}).status_code == 422

    assert client.post(address, {"found": found, "words": "It was needed."}).status_code == 302

    access.refresh_from_db()
    assert (access.found, access.found_words) == (found, "It was needed.")
    assert access.reviewed_by_id == actor.membership_id
    (told,) = Notice.objects.filter(kind=Kind.EMERGENCY_REVIEWED)
    assert told.recipient_id == cast.charity_worker.membership_id
    mine = signed_in(cast.charity_worker).get(reverse("disclosures:emergencies")).text
    assert "It was needed." in mine
    with pytest.raises(DomainError, match="reviewed already"):
        emergency.review(actor=actor, pk=access.pk, found=found, words="Again.")


def test_a_review_rests_the_notices_only_when_no_other_access_waits_for_one(
    cast: Cast, sent, governor
):
    def waiting() -> bool:
        told = Notice.objects.filter(kind=Kind.EMERGENCY, case=sent.pk)
        return told.filter(escalate_at__isnull=False).exists()

    both = [opened(actor, sent) for actor in (cast.charity_worker, cast.outsider_lead)]
    for access in both:
        emergency.end_emergency(actor=access.membership.principal(), reference=sent.reference)
    for access, left in zip(both, (True, False), strict=True):
        assert waiting()
        emergency.review(actor=governor, pk=access.pk, found=Reviewed.RIGHT, words="Needed.")
        assert waiting() is left


def test_nobody_reviews_their_own_in_any_role(cast: Cast, sent):
    person = User.objects.get(pk=cast.charity_worker.user_id)
    governing = accounts.enrol(
        email=person.email, name=person.name, agency=cast.council, role=Role.IG_LEAD
    ).principal()
    access = used(cast.charity_worker, sent, ago=timedelta(hours=2))

    for actor in (governing, cast.charity_worker):
        with pytest.raises(Refused):
            emergency.review(actor=actor, pk=access.pk, found=Reviewed.RIGHT, words="Fine.")
        with pytest.raises(Refused):
            emergency.read_emergency(actor=actor, pk=access.pk)
    with pytest.raises(DatabaseError, match="another_person"), transaction.atomic():
        EmergencyAccess.objects.filter(pk=access.pk).update(
            reviewed_at=timezone.now(),
            reviewed_by=governing.membership_id,
            found="right",
            found_words="By SQL.",
        )


def test_who_may_not_review_or_may_not_know_of_the_case(cast: Cast, sent, governor):
    access = used(cast.charity_worker, sent, ago=timedelta(hours=2))
    walls.raise_wall(
        actor=cast.manager,
        reference=sent.reference,
        email=User.objects.get(pk=governor.user_id).email,
        why=Conflict.NAMED,
    )

    with pytest.raises(NotVisible):
        emergency.review(actor=governor, pk=access.pk, found=Reviewed.RIGHT, words="Fine.")
    assert emergency.list_emergencies(actor=governor) == []
    for actor in (cast.coordinator, cast.lead, cast.panel_officer):
        with pytest.raises(Refused):
            emergency.review(actor=actor, pk=access.pk, found=Reviewed.RIGHT, words="Fine.")


def test_an_owners_lead_reads_who_and_why_and_not_what_it_was_for(cast: Cast, sent):
    opened(cast.charity_worker, sent)

    page = signed_in(cast.lead).get(reverse("disclosures:emergencies")).text

    assert cast.charity_worker.name in page
    assert Emergency.LIFE.label.replace("'", "&#x27;") in page
    assert WORDS not in page
    elsewhere = signed_in(cast.outsider_lead).get(reverse("disclosures:emergencies")).text
    assert cast.charity_worker.name not in elsewhere


def test_an_overdue_review_suspends_the_right_in_every_role(cast: Cast, sent, governor):
    person = User.objects.get(pk=cast.charity_worker.user_id)
    other_hat = accounts.enrol(
        email=person.email, name=person.name, agency=cast.school, role=Role.PRACTITIONER
    ).principal()
    late = used(cast.charity_worker, sent, ago=timedelta(days=5), due=-timedelta(seconds=1))

    for actor in (cast.charity_worker, other_hat):
        with pytest.raises(Refused, match="999"):
            opened(actor, sent)
    client = with_password(cast.charity_worker)
    client.post(reverse("accounts:role"), {"membership": str(cast.charity_worker.membership_id)})
    page = client.get(reverse("disclosures:emergency", args=[sent.reference])).text
    assert "has not been reviewed in time" in page
    assert "why/" not in page
    assert press(client, sent.reference).status_code == press(client, new_reference()).status_code
    assert press(client, sent.reference).status_code == 403

    emergency.review(actor=governor, pk=late.pk, found=Reviewed.RIGHT, words="It was needed.")

    assert opened(cast.charity_worker, sent)


def test_a_review_that_is_not_due_yet_suspends_nothing(cast: Cast, sent):
    used(cast.charity_worker, sent, ago=timedelta(days=1), due=timedelta(minutes=1))

    assert opened(cast.charity_worker, sent)


def test_reviewers_are_reminded_once_when_it_is_overdue(cast: Cast, sent, governor):
    used(cast.charity_worker, sent, ago=timedelta(days=5), due=-timedelta(seconds=1))
    used(cast.colleague, sent, ago=timedelta(days=1), due=timedelta(minutes=1))

    assert [emergency.remind() for _ in range(3)] == [1, 0, 0]

    told = Notice.objects.filter(kind=Kind.EMERGENCY).values_list("recipient", flat=True)
    assert sorted(told) == sorted([cast.manager.membership_id, governor.membership_id])
