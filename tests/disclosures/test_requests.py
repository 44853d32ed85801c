"""Asking an agency, and its answer: what it learns, who reads the answer, what is on the record."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from portal.accounts import services as accounts
from portal.accounts.models import Agency
from portal.accounts.vocabulary import AgencyKind, PartnerUnder, Principal
from portal.common.errors import DomainError, NotVisible, Refused
from portal.notifications.models import Notice
from portal.notifications.vocabulary import Kind
from referrals import policies as casework
from referrals.models import Case, Grant, Statement, Wall
from referrals.reading import read
from referrals.services import correct, end_grants
from referrals.vocabulary import Conflict, Emergency, Extent, KnownHow, Protect, State
from sharing.disclosures.models import Disclosure, Request
from sharing.disclosures.policies import requests as policies
from sharing.disclosures.reading.requests import requests_on
from sharing.disclosures.services import emergency, received, replies, requests, stop
from sharing.disclosures.services.replies import Part, reply_to
from sharing.disclosures.services.requests import Record
from sharing.disclosures.vocabulary import Reply, Result, Told
from sharing.rules import policies as law
from sharing.rules.decision import Inputs
from sharing.rules.vocabulary import Category, ConsentLimb, Purpose
from tests.architecture.asking import Asked, same
from tests.cast import (
    CHILD_SAID,
    CHILD_WANTS,
    FAMILY,
    GIVEN,
    PHONE,
    SAW,
    TOLD,
    Cast,
    at_once,
    events,
    membership,
    send,
    signed_in,
)
from tests.disclosures.conftest import QUESTION, SAID, WHY, a_question, ask, lead_of, team_of
from tests.disclosures.steps import add

CLINIC = "She has come to the clinic since May."
SCHOOL = "The school nurse sees her each week."
HARM = "She would stop coming if she knew."


def told(category: Category = Category.IC2, text: str = CLINIC, **changes: object) -> Part:
    return Part(**{"category": category, "text": text, "known_how": KnownHow.RECORD, **changes})  # type: ignore[arg-type]


def wall(principal, case, by) -> Wall:
    return Wall.objects.create(
        case=case,
        user_id=principal.user_id,
        why=Conflict.RELATIVE,
        raised_by=membership(by),
    )


def notices(kind: Kind) -> set[object]:
    return set(Notice.objects.filter(kind=kind).values_list("recipient__user_id", flat=True))


def answers(reader, case) -> list[tuple[str, State, str]]:
    found = read(reader, case, Purpose.SCREEN).items
    return [(i.key, i.state, i.text) for i in found if i.key.startswith("answer_")]


@pytest.fixture
def long_ago(time_machine) -> Callable[[], None]:
    """Everything happens 40 days ago, until this is called. The database's clock stands now."""
    now = timezone.now()
    time_machine.move_to(now - timedelta(days=40))
    return lambda: time_machine.move_to(now)


# --- Asking -----------------------------------------------------------------------------------
def test_asking_opens_who_the_child_is_to_the_asked_team_on_the_record(cast, sent, asked):
    (disclosure,) = Disclosure.objects.filter(request=asked)
    (grant,) = disclosure.grants.all()

    assert disclosure.recipient == asked.team
    assert disclosure.holder == cast.school
    assert disclosure.decider_id == cast.coordinator.membership_id
    assert disclosure.result == Result.SHARED
    assert disclosure.necessity == WHY
    assert disclosure.proportionality == SAID.proportionality
    assert disclosure.consent_limb == ConsentLimb.NOT_REASONABLE
    assert len(disclosure.preview) == 64
    assert (grant.group_id, grant.holder, grant.categories) == (
        asked.team_id,
        cast.school,
        ["IC1"],
    )
    assert grant.until_at == disclosure.until_at
    assert asked.due_at < grant.until_at < asked.due_at + timedelta(days=20)


def test_what_the_law_said_to_the_asking_can_be_asked_again(cast, sent, asked):
    (disclosure,) = Disclosure.objects.filter(request=asked)
    kept = disclosure.rulings["IC1"]

    again = law.replay(Inputs.from_json(kept["inputs"]))

    assert (again.outcome, again.rule, again.version) == (
        kept["outcome"],
        kept["rule"],
        kept["version"],
    )


def test_the_ledger_names_the_team_that_is_asked(cast, sent, asked):
    (event,) = events("request.sent")
    assert event["rcpt"] == {"kind": "team", "id": asked.team.name}
    assert event["basis"] == "CA04_S11/2"
    assert event["fields"] == ["IC1"]
    assert event["subj"] == [str(sent.child_id)]
    assert [e["why"] for e in events("grant.given") if e["rcpt"]["id"] == asked.team.name] == [
        "rule:default/1"
    ]


def test_the_asked_agency_reads_who_the_child_is_and_the_question_and_nothing_else(
    cast, sent, nurse_lead, asked
):
    page = signed_in(nurse_lead).get(reverse("disclosures:request", args=[asked.pk])).content
    words = page.decode()

    for given in (GIVEN, FAMILY, QUESTION, WHY):
        assert given in words
    held = (SAW, TOLD, CHILD_SAID, CHILD_WANTS, PHONE, "Tess Eacher", cast.school.name)
    for other in held:
        assert other not in words
    assert "School or college" not in words  # who told us
    whole = signed_in(nurse_lead).get(reverse("referrals:case", args=[sent.reference])).content
    for other in held:
        assert other not in whole.decode()


def test_the_preview_is_what_the_asked_agency_then_reads(cast, sent, nurse_lead):
    seen = requests.preview(
        actor=cast.coordinator, reference=sent.reference, question=a_question(nurse_lead)
    )
    assert not Request.objects.exists()
    assert not Grant.objects.filter(group_id=nurse_lead.team_id).exists()
    assert events("share.previewed")

    found = received.open_request(actor=nurse_lead, pk=ask(cast.coordinator, sent, nurse_lead).pk)

    assert [(i.key, i.text) for i in seen.items] == [(i.key, i.text) for i in found.items]
    assert {i.category for i in seen.items} == {Category.IC1}


def test_a_question_shows_nobody_what_else_the_asked_team_reads(cast, sent, nurse_lead):
    add(sent, nurse_lead, "answer_IC2", CLINIC)

    seen = requests.preview(
        actor=cast.coordinator, reference=sent.reference, question=a_question(nurse_lead)
    )
    asked = ask(cast.coordinator, sent, nurse_lead)
    found = received.open_request(actor=nurse_lead, pk=asked.pk)

    for items in (seen.items, found.items):
        assert {(item.category, item.holder) for item in items} == {(Category.IC1, cast.school.pk)}


def test_after_its_end_the_asked_agency_sees_nothing(long_ago, cast, sent, nurse_lead):
    asked = ask(cast.coordinator, sent, nurse_lead)
    long_ago()
    client = signed_in(nurse_lead)

    assert client.get(reverse("disclosures:request", args=[asked.pk])).status_code == 404
    assert client.get(reverse("referrals:case", args=[sent.reference])).status_code == 404
    assert sent.reference not in client.get(reverse("disclosures:requests")).content.decode()
    mine = signed_in(cast.coordinator).get(reverse("disclosures:requests")).content.decode()
    assert sent.reference in mine


@pytest.fixture
def housing_lead(cast: Cast) -> Principal:
    """The lead of an agency to which the law does not let a plan say who the child is."""
    housing = accounts.join_agency(
        name="Exampleshire Homes",
        kind=AgencyKind.HOUSING,
        partner_under=[PartnerUnder.S11],
        partnerships=[cast.partnership],
    )
    return lead_of(housing.pk, "Hou Sing")


def ask_of_nobody(cast: Cast, case: Case, lead: Principal) -> Request:
    gateway = policies.gateways(team_of(lead).agency, team_of(cast.coordinator), timezone.now())[0]
    return ask(
        cast.coordinator,
        case,
        lead,
        purpose=Purpose.PLAN,
        gateway=gateway.value().cited_as,
        record=Record(),
    )


def test_where_the_law_does_not_let_it_the_request_names_nobody(cast, sent, housing_lead):
    lead = housing_lead
    asked = ask_of_nobody(cast, sent, lead)

    assert not Disclosure.objects.exists()
    assert not Grant.objects.filter(group_id=lead.team_id).exists()
    client = signed_in(lead)
    page = client.get(reverse("disclosures:request", args=[asked.pk])).content.decode()
    assert "names nobody" in page
    assert QUESTION in page
    assert FAMILY not in page
    assert client.get(reverse("referrals:case", args=[sent.reference])).status_code == 404
    (event,) = events("request.sent")
    assert event["fields"] == []


def test_a_wall_hides_a_request_that_names_nobody_too(cast, sent, housing_lead):
    asked = ask_of_nobody(cast, sent, housing_lead)
    assert received.open_request(actor=housing_lead, pk=asked.pk).items == ()
    wall(housing_lead, sent, cast.manager)

    with pytest.raises(NotVisible):
        received.open_request(actor=housing_lead, pk=asked.pk)


def test_a_lead_who_referred_may_ask_and_names_the_child_of_their_own_referral(
    cast, sent, nurse_lead
):
    gateways = policies.gateways(
        Agency.objects.get(pk=nurse_lead.agency_id), team_of(cast.lead), timezone.now()
    )
    asked = ask(cast.lead, sent, nurse_lead, gateway=gateways[0].value().cited_as)

    assert Disclosure.objects.get(request=asked).decider_id == cast.lead.membership_id


def test_who_only_reads_the_case_may_not_ask(cast, asked):
    with pytest.raises(Refused, match="can ask an agency"):
        ask(cast.teacher, asked.case, cast.lead)


def test_for_who_is_asked_there_is_no_case_to_ask_about(cast, asked, nurse_lead):
    with pytest.raises(NotVisible):
        ask(nurse_lead, asked.case, cast.lead)


def test_what_asking_would_mean_is_said_to_nobody_who_may_not_ask(cast, sent, nurse_lead):
    team = team_of(nurse_lead)
    wanted = {"reference": sent.reference, "team": team, "purpose": Purpose.SCREEN}

    with pytest.raises(NotVisible):
        requests.prospect(actor=cast.other_coordinator, **wanted)
    with pytest.raises(Refused):
        requests.prospect(actor=cast.teacher, **wanted)


def test_while_an_emergency_is_open_nobody_is_led_to_ask(cast, sent):
    address = reverse("disclosures:ask", args=[sent.reference])
    why = reverse("disclosures:why-item", args=[sent.reference, "saw"])
    client = signed_in(cast.coordinator)
    assert address in client.get(why).content.decode()

    emergency.open_in_emergency(
        actor=cast.coordinator,
        reference=sent.reference,
        why=Emergency.LIFE,
        next_step="I ring her now and fetch her from the station.",
    )

    assert address not in client.get(why).content.decode()
    assert client.get(address).status_code == 403


def test_a_stranger_to_the_case_cannot_ask(cast, sent, nurse_lead):
    with pytest.raises(NotVisible):
        ask(cast.outsider_lead, sent, nurse_lead)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"question": " "}, "Write what you need to know and why"),
        ({"why": ""}, "Write what you need to know and why"),
        ({"categories": ()}, "kinds of information"),
        ({"categories": (Category.OUTCOME,)}, "kinds of information"),
        ({"purpose": Purpose.TRAINING}, "help or protect a child"),
        ({"gateway": "CA04_16LA"}, "reason in law"),
        ({"gateway": ""}, "reason in law"),
        ({"record": Record()}, "less would not do"),
        (
            {"record": Record(proportionality="x", consent_limb=ConsentLimb.NOT_REASONABLE)},
            "are not told",
        ),
        (
            {"record": Record("x", Told.YES, Told.YES)},
            "why consent is not relied on",
        ),
    ],
)
def test_a_request_that_lacks_something_is_not_sent(cast, sent, nurse_lead, changes, says):
    with pytest.raises(DomainError, match=says):
        ask(cast.coordinator, sent, nurse_lead, **changes)
    assert not Request.objects.exists()


def test_a_team_in_which_nobody_works_is_not_asked(cast, sent, nurse_lead):
    accounts.end_membership(membership=membership(nurse_lead))
    with pytest.raises(DomainError, match="Nobody would read this"):
        ask(cast.coordinator, sent, nurse_lead)


def test_to_ask_twice_makes_one_request(cast, sent, nurse_lead, asked):
    assert ask(cast.coordinator, sent, nurse_lead) == asked
    assert Request.objects.count() == 1
    assert len(events("request.sent")) == 1


def test_two_presses_at_once_ask_once(committed, cast, sent, nurse_lead):
    again = at_once(*[lambda: ask(cast.coordinator, sent, nurse_lead).pk] * 2)

    assert Request.objects.count() == 1
    assert set(again) == {Request.objects.get().pk}


def test_those_who_are_asked_are_told_but_not_who_has_a_conflict(cast, sent, nurse_lead):
    other = lead_of(nurse_lead.agency_id, "Rel Ative")
    wall(other, sent, cast.manager)

    ask(cast.coordinator, sent, nurse_lead)

    assert notices(Kind.REQUESTED) == {nurse_lead.user_id}


# --- The clock --------------------------------------------------------------------------------
def test_asked_on_friday_at_four_it_is_due_on_tuesday_at_four(cast, sent, nurse_lead, time_machine):
    time_machine.move_to(datetime(2030, 11, 22, 16, tzinfo=UTC), tick=False)
    asked = ask(cast.coordinator, sent, nurse_lead)

    assert asked.due_at == datetime(2030, 11, 26, 16, tzinfo=UTC)


def test_what_is_immediate_is_due_in_two_hours(cast, sent, nurse_lead, time_machine):
    time_machine.move_to(datetime(2030, 11, 23, 23, tzinfo=UTC), tick=False)
    asked = ask(cast.coordinator, sent, nurse_lead, immediate=True)

    assert asked.due_at == datetime(2030, 11, 24, 1, tzinfo=UTC)


def test_the_list_says_in_words_that_an_answer_is_late(time_machine, cast, sent, nurse_lead):
    ask(cast.coordinator, sent, nurse_lead, immediate=True)
    time_machine.move_to(timezone.now() + timedelta(hours=4, minutes=5))

    page = signed_in(nurse_lead).get(reverse("disclosures:requests")).content.decode()

    assert "Overdue by 2 hours" in page


def test_the_time_to_answer_is_the_partnerships_setting(cast, sent, nurse_lead, time_machine):
    cast.partnership.request_working_days = 5
    cast.partnership.request_immediate_hours = 1
    cast.partnership.save()
    time_machine.move_to(datetime(2030, 11, 22, 16, tzinfo=UTC), tick=False)
    assert ask(cast.coordinator, sent, nurse_lead).due_at == datetime(2030, 11, 29, 16, tzinfo=UTC)
    assert ask(
        cast.coordinator, sent, nurse_lead, immediate=True, question="And now?"
    ).due_at == datetime(2030, 11, 22, 17, tzinfo=UTC)


# --- Answering --------------------------------------------------------------------------------
def test_an_answer_becomes_words_that_the_team_that_asked_reads(cast, sent, nurse_lead, asked):
    assert answers(cast.coordinator, sent) == []

    reply_to(
        actor=nurse_lead,
        pk=asked.pk,
        reply=Reply.SHARE,
        parts=[told(), told(Category.IC5, SCHOOL, known_how=KnownHow.OPINION)],
        said=SAID,
    )

    assert answers(cast.coordinator, sent) == [
        ("answer_IC2", State.SHOWN, CLINIC),
        ("answer_IC5", State.SHOWN, SCHOOL),
    ]
    asked.refresh_from_db()
    assert (asked.reply, asked.answered_by_id) == (Reply.SHARE, nurse_lead.membership_id)
    answered = Disclosure.objects.get(request=asked, holder_id=nurse_lead.agency_id)
    assert answered.result == Result.SHARED
    assert answered.recipient_id == cast.coordinator.team_id
    assert set(answered.rulings) == {"IC2", "IC5"}
    assert answered.accuracy == {"record": 1, "opinion": 1}
    assert {str(pk) for pk in answered.statements} == {
        str(pk) for pk in asked.statements.values_list("pk", flat=True)
    }
    for row in asked.statements.all():
        assert (row.referral_id, row.agency_id, row.author_id) == (
            None,
            nurse_lead.agency_id,
            nurse_lead.membership_id,
        )
    assert notices(Kind.ANSWERED) == {cast.coordinator.user_id}
    (event,) = events("request.answered")
    assert event["fields"] == ["IC2", "IC5"]


def test_an_answer_opens_itself_and_nothing_else_that_the_agency_holds(
    cast, sent, nurse_lead, asked
):
    reply_to(actor=nurse_lead, pk=asked.pk, reply=Reply.PART, parts=[told()], said=SAID)
    row = asked.statements.get(category="IC2")
    other = Statement.objects.create(
        case=sent,
        question="answer_IC2",
        category="IC2",
        answer="given",
        text="Something that nobody asked for.",
        known_how=KnownHow.RECORD,
        agency_id=nurse_lead.agency_id,
        author=membership(nurse_lead),
        stated_at=timezone.now(),
    )

    shown = answers(cast.coordinator, sent)

    assert ("answer_IC2", State.SHOWN, row.text) in shown
    assert not any(other.text in text for _, _, text in shown)
    for grant in Grant.objects.filter(
        group_id=cast.coordinator.team_id, holder_id=nurse_lead.agency_id
    ):
        assert grant.extent == Extent.PART


def test_the_front_door_reads_it_where_the_law_alone_says_yes(cast, sent, nurse_lead):
    asked = ask(cast.coordinator, sent, nurse_lead, categories=(Category.IC2, Category.IC3))
    reply_to(
        actor=nurse_lead,
        pk=asked.pk,
        reply=Reply.SHARE,
        parts=[told(), told(Category.IC3, SCHOOL)],
        said=SAID,
    )

    states = {key: state for key, state, _ in answers(cast.manager, sent)}
    assert states["answer_IC2"] is State.SHOWN
    assert states["answer_IC3"] is not State.SHOWN  # the law says: ask
    assert {key: s for key, s, _ in answers(cast.coordinator, sent)}["answer_IC3"] is State.SHOWN


def test_stopping_an_answer_stops_it_for_the_front_door_and_not_for_who_wrote_it(
    cast, sent, nurse_lead, asked
):
    reply_to(actor=nurse_lead, pk=asked.pk, reply=Reply.PART, parts=[told()], said=SAID)
    answered = Disclosure.objects.get(request=asked, holder_id=nurse_lead.agency_id)
    assert CLINIC in {text for _, _, text in answers(cast.manager, sent)}

    stop(actor=cast.coordinator, disclosure=answered, why="It is about another child.")

    for reader in (cast.coordinator, cast.manager):
        assert CLINIC not in {text for _, _, text in answers(reader, sent)}
    assert CLINIC in {text for _, _, text in answers(nurse_lead, sent)}
    told_of = Notice.objects.filter(kind=Kind.STOPPED)
    assert {row.recipient.team_id for row in told_of} == {
        cast.coordinator.team_id,
        cast.manager.team_id,
    }
    with pytest.raises(DomainError, match="already ended"):
        stop(actor=cast.coordinator, disclosure=answered, why="Again.")


def test_a_corrected_answer_is_stopped_for_the_front_door_too(cast, sent, nurse_lead, asked):
    reply_to(actor=nurse_lead, pk=asked.pk, reply=Reply.PART, parts=[told()], said=SAID)
    row = asked.statements.get(category="IC2", answer="given")
    right = "She attends another clinic."
    correct(actor=nurse_lead, statement=row, text=right, known_how=KnownHow.RECORD, why="Wrong.")
    assert right in {text for _, _, text in answers(cast.manager, sent)}

    answered = Disclosure.objects.get(request=asked, holder_id=nurse_lead.agency_id)
    stop(actor=cast.coordinator, disclosure=answered, why="It is about another child.")

    assert right not in {text for _, _, text in answers(cast.manager, sent)}


def test_what_the_front_door_was_given_beside_another_answer_stays(cast, sent, nurse_lead, asked):
    reply_to(actor=nurse_lead, pk=asked.pk, reply=Reply.PART, parts=[told()], said=SAID)
    question = Disclosure.objects.get(request=asked, recipient=asked.team)

    stop(actor=cast.coordinator, disclosure=question, why="It is answered.")

    assert CLINIC in {text for _, _, text in answers(cast.manager, sent)}


def test_who_has_all_of_a_kind_already_is_named_before_the_answer(
    cast, sent, nurse_lead, others, asked
):
    add(sent, nurse_lead, "answer_IC2", SCHOOL)
    row = Grant.objects.filter(content_object=sent, group_id=cast.coordinator.team_id)[0]
    row.pk, row.group_id, row.holder = uuid4(), others.officer.team_id, asked.team.agency
    row.categories, row.granted_by_service = ["IC2"], "answered"
    row.save(force_insert=True)

    found = received.open_request(actor=nurse_lead, pk=asked.pk)

    assert "Practitioner, Exampleshire Police" in found.readers
    reply_to(actor=nurse_lead, pk=asked.pk, reply=Reply.PART, parts=[told()], said=SAID)
    assert CLINIC in {text for _, _, text in answers(others.officer, sent)}


def test_part_leaves_what_was_not_said_as_not_provided(cast, sent, nurse_lead, asked):
    reply_to(actor=nurse_lead, pk=asked.pk, reply=Reply.PART, parts=[told()], said=SAID)

    assert ("answer_IC5", State.NOT_PROVIDED, "Not provided") in answers(cast.coordinator, sent)
    assert (
        Disclosure.objects.get(holder_id=nurse_lead.agency_id, request=asked).result == Result.PART
    )


def test_a_decline_leaves_the_same_record_and_its_reason_is_read(cast, sent, nurse_lead, asked):
    reply_to(
        actor=nurse_lead,
        pk=asked.pk,
        reply=Reply.DECLINE,
        words=HARM,
        said=Record(consent_limb=ConsentLimb.WOULD_PREJUDICE),
    )

    refused = Disclosure.objects.get(request=asked, holder_id=nurse_lead.agency_id)
    shared = Disclosure.objects.get(request=asked, holder=cast.school)
    assert refused.result == Result.REFUSED
    assert refused.detriment == HARM
    for name in [
        "number",
        "decider_id",
        "recipient_id",
        "purpose",
        "categories",
        "rulings",
        "rule",
        "rule_version",
        "gateway",
        "article_6",
        "article_9",
        "condition",
        "consent_limb",
        "necessity",
        "proportionality",
        "child_told",
        "parents_told",
        "not_told_why",
    ]:
        assert getattr(refused, name) not in ("", None), name
        assert getattr(shared, name) not in ("", None), name
    assert not refused.grants.exists()
    assert answers(cast.coordinator, sent) == []
    address = reverse("disclosures:request", args=[asked.pk])
    assert HARM in signed_in(cast.coordinator).get(address).content.decode()
    (event,) = events("request.declined")
    assert event["obj"] == {"kind": "request", "id": str(asked.pk)}
    assert notices(Kind.ANSWERED) == {cast.coordinator.user_id}


@pytest.mark.parametrize(("reply", "words"), [(Reply.NOTHING, ""), (Reply.NOT_US, "Ask Ends.")])
def test_nothing_and_not_us_are_answers_and_disclose_nothing(nurse_lead, cast, asked, reply, words):
    reply_to(actor=nurse_lead, pk=asked.pk, reply=reply, words=words)

    asked.refresh_from_db()
    assert (asked.reply, asked.reply_words) == (reply, words)
    assert Disclosure.objects.filter(request=asked).count() == 1  # the asking
    assert notices(Kind.ANSWERED) == {cast.coordinator.user_id}


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"reply": Reply.SHARE}, "Write an answer"),
        ({"reply": Reply.DECLINE}, "Write why you will not share"),
        ({"reply": Reply.DECLINE, "words": HARM}, "consent is not relied on"),
        ({"reply": Reply.NOT_US, "words": " "}, "who to ask instead"),
        ({"reply": Reply.SHARE, "parts": [told()]}, "less would not do"),
        ({"reply": Reply.SHARE, "parts": [told(Category.IC6)], "said": SAID}, "do not let"),
        (
            {"reply": Reply.PART, "parts": [told(protect=Protect.EXISTENCE)], "said": SAID},
            "conceal all",
        ),
    ],
)
def test_an_answer_that_lacks_something_is_not_given(sent, nurse_lead, asked, given, says):
    with pytest.raises(DomainError, match=says):
        reply_to(actor=nurse_lead, pk=asked.pk, **given)

    asked.refresh_from_db()
    assert asked.reply == ""
    assert not asked.statements.exists()


def test_what_the_rules_hold_back_is_not_taken(cast, sent, nurse_lead):
    asked = ask(cast.coordinator, sent, nurse_lead, categories=(Category.IC2, Category.IC12))
    may = replies.sharable(asked)

    assert may.open == (Category.IC2,)
    assert [category for category, _ in may.closed] == [Category.IC12]
    with pytest.raises(DomainError, match="do not let"):
        reply_to(
            actor=nurse_lead,
            pk=asked.pk,
            reply=Reply.SHARE,
            parts=[told(), told(Category.IC12, "A street.")],
            said=SAID,
        )
    reply_to(actor=nurse_lead, pk=asked.pk, reply=Reply.SHARE, parts=[told()], said=SAID)
    kept = Disclosure.objects.get(request=asked, holder_id=nurse_lead.agency_id)
    assert kept.result == Result.PART
    assert kept.rulings["IC12"]["outcome"] == "deny"


def test_a_double_press_makes_one_answer(cast, sent, nurse_lead, asked):
    for _ in range(2):
        reply_to(actor=nurse_lead, pk=asked.pk, reply=Reply.PART, parts=[told()], said=SAID)

    assert asked.statements.count() == 2
    assert len(events("request.answered")) == 1
    with pytest.raises(DomainError, match="answered this already"):
        reply_to(actor=nurse_lead, pk=asked.pk, reply=Reply.NOTHING)


@pytest.mark.parametrize(
    "changes", [{"protect": Protect.SOURCE}, {"known_how": KnownHow.CHILD_SAID}]
)
def test_a_repeat_that_says_otherwise_is_never_told_that_it_was_sent(
    sent, nurse_lead, asked, changes
):
    reply_to(actor=nurse_lead, pk=asked.pk, reply=Reply.PART, parts=[told()], said=SAID)

    with pytest.raises(DomainError, match="Protect or correct the answer on the case page"):
        reply_to(
            actor=nurse_lead, pk=asked.pk, reply=Reply.PART, parts=[told(**changes)], said=SAID
        )

    kept = asked.statements.get(category=Category.IC2)
    assert (kept.protect, kept.known_how) == (Protect.NONE, KnownHow.RECORD)


def test_two_presses_at_once_answer_once(committed, cast, sent, nurse_lead, asked):
    def press() -> object:
        return reply_to(
            actor=nurse_lead, pk=asked.pk, reply=Reply.PART, parts=[told()], said=SAID
        ).pk

    assert set(at_once(press, press)) == {asked.pk}
    assert asked.statements.count() == 2
    assert Disclosure.objects.filter(request=asked).count() == 2


@pytest.mark.parametrize("who", ["lead", "outsider_lead", "police_lead", "teacher", "chair"])
def test_for_anybody_else_it_is_as_if_there_were_none(cast, asked, nurse_lead, police_lead, who):
    reader = police_lead if who == "police_lead" else getattr(cast, who)
    client = signed_in(reader)

    for name, more in (("request", ()), ("answer", ("share",))):
        hidden = Asked.of(client.get(reverse(f"disclosures:{name}", args=[asked.pk, *more])))
        missing = Asked.of(client.get(reverse(f"disclosures:{name}", args=[uuid4(), *more])))
        assert hidden.status == 404
        assert same(hidden, missing)


def test_who_asks_cannot_answer(cast, sent, asked):
    with pytest.raises(Refused, match="team that is asked"):
        reply_to(actor=cast.coordinator, pk=asked.pk, reply=Reply.NOTHING)


def test_the_team_that_answered_goes_on_reading_its_own_words(cast, sent, nurse_lead, asked):
    reply_to(actor=nurse_lead, pk=asked.pk, reply=Reply.PART, parts=[told()], said=SAID)
    (told_of,) = Disclosure.objects.get(request=asked, holder=cast.school).grants.all()
    end_grants(cast.coordinator, told_of.content_object, [told_of], "It is answered.")

    page = signed_in(nurse_lead).get(reverse("referrals:case", args=[sent.reference]))
    assert CLINIC in page.content.decode()
    assert FAMILY not in page.content.decode()


def test_an_answer_rests_the_notices_of_its_agency_only_when_nothing_else_is_asked_of_it(
    cast, sent, nurse_lead, police_lead, asked
):
    def waiting(lead: Principal) -> bool:
        told = Notice.objects.filter(kind=Kind.REQUESTED, recipient=lead.membership_id)
        return told.filter(escalate_at__isnull=False).exists()

    other = ask(cast.coordinator, sent, nurse_lead, categories=(Category.IC4,), question="School?")
    ask(cast.coordinator, sent, police_lead)

    reply_to(actor=nurse_lead, pk=asked.pk, reply=Reply.NOTHING)
    assert (waiting(nurse_lead), waiting(police_lead)) == (True, True)
    reply_to(actor=nurse_lead, pk=other.pk, reply=Reply.NOTHING)
    assert (waiting(nurse_lead), waiting(police_lead)) == (False, True)


# --- How it is known, and protection ----------------------------------------------------------
def test_how_it_is_known_goes_wherever_the_answer_goes(cast, sent, nurse_lead, asked):
    reply_to(
        actor=nurse_lead,
        pk=asked.pk,
        reply=Reply.PART,
        parts=[told(known_how=KnownHow.CHILD_SAID)],
        said=SAID,
    )
    client = signed_in(cast.coordinator)

    page = client.get(reverse("referrals:case", args=[sent.reference])).content.decode()
    sections = client.get(reverse("api-case", args=[sent.reference])).json()["sections"]
    item = next(item for section in sections for item in section["items"] if item["text"] == CLINIC)
    (text,) = [i for i in read(cast.coordinator, sent, Purpose.SCREEN).items if i.text == CLINIC]
    assert f"{KnownHow.CHILD_SAID.label} · Agency lead" in page
    assert item["source"] == KnownHow.CHILD_SAID.label
    assert text.source == KnownHow.CHILD_SAID.label


def test_a_protected_answer_is_withheld_with_its_reason(cast, sent, nurse_lead, asked):
    reply_to(
        actor=nurse_lead,
        pk=asked.pk,
        reply=Reply.SHARE,
        parts=[told(protect=Protect.HEALTH), told(Category.IC5, SCHOOL)],
        said=SAID,
    )

    assert ("answer_IC2", State.WITHHELD, "Withheld: health information") in answers(
        cast.coordinator, sent
    )
    kept = Disclosure.objects.get(request=asked, holder_id=nurse_lead.agency_id)
    assert (kept.result, kept.redactions) == (Result.PART, ["health"])


def test_a_concealed_answer_reads_as_one_that_was_not_given(cast, nurse_lead):
    def world(*, concealed: bool) -> tuple[object, ...]:
        sent = send(cast.teacher)
        asked = ask(cast.coordinator, sent, nurse_lead)
        hidden = [told(protect=Protect.EXISTENCE)] if concealed else []
        reply_to(
            actor=nurse_lead,
            pk=asked.pk,
            reply=Reply.SHARE,
            parts=[*hidden, told(Category.IC5, SCHOOL)],
            said=SAID,
        )
        kept = Disclosure.objects.get(request=asked, holder_id=nurse_lead.agency_id)
        trail = [
            (e["act"], e["fields"], e["withheld"], e["n"])
            for e in events()
            if (e["obj"] or {}).get("id") in {str(asked.pk), str(kept.pk)}
        ]
        return (
            answers(cast.coordinator, sent),
            answers(cast.manager, sent),
            kept.result,
            kept.accuracy,
            kept.redactions,
            len(kept.statements),
            sorted(len(grant.statements) for grant in kept.grants.all()),
            trail,
        )

    assert world(concealed=True) == world(concealed=False)


# --- The pages --------------------------------------------------------------------------------
ANSWERED = {
    "text_IC2": CLINIC,
    "how_IC2": "record",
    "protect_IC2": "none",
    "proportionality": "It is one line.",
    "child_told": "yes",
    "parents_told": "not_yet",
    "not_told_why": "Not safe to say yet.",
    "consent_limb": "not_reasonable",
}


def asking(lead) -> tuple[str, dict[str, object]]:
    return f"?team={lead.team_id}&purpose=SCREEN", {
        "categories": ["IC2", "IC5"],
        "question": QUESTION,
        "why": WHY,
        "how_soon": "soon",
        "gateway": "CA04_S11/2",
        "proportionality": "They need a name.",
        "child_told": "yes",
        "parents_told": "yes",
        "consent_limb": "not_reasonable",
    }


def test_the_whole_way_from_a_question_to_its_answer_in_pages(cast, sent, nurse_lead):
    client = signed_in(cast.coordinator)
    address = reverse("disclosures:ask", args=[sent.reference])
    assert address in client.get(reverse("referrals:case", args=[sent.reference])).content.decode()
    assert "Exampleshire Health" in client.get(address).content.decode()
    query, typed = asking(nurse_lead)
    form = client.get(address + query)
    assert form.status_code == 200
    assert " checked" not in form.content.decode()

    check = client.post(address + query, typed)
    assert check.status_code == 200
    assert GIVEN in check.content.decode()
    assert SAW not in check.content.decode()
    assert "does not let them open the case" in check.content.decode()
    assert not Request.objects.exists()
    again = client.post(address + query, {**typed, "change": "change"}).content.decode()
    assert QUESTION in again

    gone = client.post(address + query, {**typed, "send": "send"})
    asked = Request.objects.get()
    assert gone.url == reverse("disclosures:request", args=[asked.pk])
    assert client.get(gone.url).status_code == 200

    lead = signed_in(nurse_lead)
    mine = lead.get(reverse("disclosures:requests")).content.decode()
    assert reverse("disclosures:request", args=[asked.pk]) in mine
    page = reverse("disclosures:request", args=[asked.pk])
    assert " checked" not in lead.get(page).content.decode()
    assert lead.post(page, {}).status_code == 422
    answer = lead.post(page, {"reply": "part"}).url
    assert lead.get(answer).status_code == 200
    assert lead.post(answer, {}).status_code == 422
    checked = lead.post(answer, ANSWERED)
    assert CLINIC in checked.content.decode()
    assert "Your own team can then open the case." in checked.content.decode()
    assert not casework.visible(nurse_lead).exists()
    assert not Statement.objects.filter(text=CLINIC).exists()
    sent_off = lead.post(answer, {**ANSWERED, "send": "send"})
    assert sent_off.url == page
    assert "We hold some of it" in lead.get(page).content.decode()
    assert CLINIC in client.get(reverse("referrals:case", args=[sent.reference])).content.decode()


def test_what_was_typed_comes_back_with_what_is_missing(cast, sent, nurse_lead):
    query, typed = asking(nurse_lead)
    address = reverse("disclosures:ask", args=[sent.reference]) + query

    page = signed_in(cast.coordinator).post(address, {**typed, "why": "", "send": "send"})

    assert page.status_code == 422
    assert QUESTION in page.content.decode()
    assert page.content.decode().count("Write what you need to know and why") == 2


def test_an_answer_needs_to_say_how_it_is_known(cast, sent, nurse_lead, asked):
    page = reverse("disclosures:answer", args=[asked.pk, "share"])

    answer = signed_in(nurse_lead).post(page, {**ANSWERED, "how_IC2": ""})

    assert answer.status_code == 422
    assert CLINIC in answer.content.decode()
    assert "Select how you know this" in answer.content.decode()


def test_a_reply_that_is_none_is_not_found(nurse_lead, asked):
    page = reverse("disclosures:answer", args=[asked.pk, "perhaps"])
    assert signed_in(nurse_lead).get(page).status_code == 404


@pytest.mark.parametrize("reply", Reply.values)
def test_each_reply_has_its_page(nurse_lead, asked, reply):
    page = signed_in(nurse_lead).get(reverse("disclosures:answer", args=[asked.pk, reply]))
    assert page.status_code == 200


def test_the_page_says_when_it_is_too_late_and_gives_the_words_back(nurse_lead, asked):
    reply_to(actor=nurse_lead, pk=asked.pk, reply=Reply.NOTHING)
    page = reverse("disclosures:answer", args=[asked.pk, "part"])

    late = signed_in(nurse_lead).post(page, {**ANSWERED, "send": "send"})

    assert late.status_code == 409
    assert "answered this already" in late.content.decode()
    assert CLINIC in late.content.decode()


def test_reading_a_request_is_one_event(nurse_lead, sent, asked):
    signed_in(nurse_lead).get(reverse("disclosures:request", args=[asked.pk]))

    (event,) = events("request.read")
    assert event["fields"] == ["IC1"]
    assert event["subj"] == [str(sent.child_id)]
    assert not [e for e in events("case.read") if e["actor"]["id"] == str(nurse_lead.user_id)]


def test_the_list_is_one_event_and_is_not_for_everybody(cast, nurse_lead, asked):
    signed_in(nurse_lead).get(reverse("disclosures:requests"))

    (event,) = events("request.listed")
    assert event["ids"] == [str(asked.pk)]
    refused = signed_in(cast.teacher).get(reverse("disclosures:requests"))
    assert refused.status_code == 403


def test_the_sharing_page_gets_the_requests_of_a_case(cast, sent, nurse_lead, asked):
    (row,) = requests_on(sent, cast.coordinator)

    assert (row.pk, row.is_open, row.team) == (asked.pk, True, "Agency lead, Exampleshire Health")
    assert requests_on(sent, cast.teacher) == []
    assert [row.pk for row in requests_on(sent, cast.manager)] == [asked.pk]


def test_an_asker_who_left_does_not_hear_and_the_coordinator_does(cast, sent, nurse_lead, asked):
    sent.coordinator = membership(cast.second_coordinator)
    sent.save()
    accounts.end_membership(membership=membership(cast.coordinator))

    reply_to(actor=nurse_lead, pk=asked.pk, reply=Reply.NOTHING)

    assert notices(Kind.ANSWERED) == {cast.second_coordinator.user_id}


def test_a_question_opens_its_own_page_and_nothing_of_the_case(cast, sent, asked, nurse_lead):
    client = signed_in(nurse_lead)

    assert client.get(reverse("disclosures:request", args=[asked.pk])).status_code == 200
    for door in ("referrals:case", "disclosures:why", "disclosures:sharing", "api-case"):
        assert client.get(reverse(door, args=[sent.reference])).status_code == 404
    assert not casework.visible(nurse_lead).exists()
    assert casework.relations(nurse_lead, sent) == frozenset()
