"""A disagreement that nobody answers in its time goes to the next step by itself."""

import time
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.urls import reverse
from lxml import html

from portal.accounts.models import Membership, Partnership
from portal.notifications.models import Notice
from portal.notifications.vocabulary import Kind
from referrals.following import services
from referrals.following.models import Answer, Challenge, Escalation
from referrals.following.services import challenges
from referrals.following.vocabulary import Urgency
from referrals.models import Case
from referrals.triage import services as triage
from referrals.vocabulary import Outcome
from tests.cast import Cast, at_once, events, send, signed_in
from tests.following.test_disagree import answer, disagree, further

# In November, London keeps universal time.
TUESDAY = datetime(2025, 11, 18, 11, tzinfo=UTC)
CHRISTMAS_EVE = datetime(2025, 12, 24, 11, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
STEPS = [
    {"who": "A", "roles": ["manager", "agency_lead"], "working_days": 1, "immediate_hours": 4},
    {"who": "B", "roles": ["manager"], "working_days": 1, "immediate_hours": 4},
]


def at(moment):
    return time_machine.travel(moment, tick=False)


@pytest.fixture
def decided(cast: Cast) -> Case:
    """A referral that a coordinator decided on the Monday."""
    Membership.objects.update(from_at=TUESDAY - DAY)
    with at(TUESDAY - DAY):
        case = send(cast.teacher)
        triage.decide(
            actor=cast.coordinator,
            case=case,
            outcome=Outcome.EARLY_HELP,
            reason="Help is there already.",
            told_referrer="We have asked early help to call you.",
        )
    case.refresh_from_db()
    return case


def stages(challenge) -> list[int]:
    return list(challenge.steps.order_by("stage").values_list("stage", flat=True))


def told(kind):
    return set(Notice.objects.filter(kind=kind).values_list("recipient_id", flat=True))


def test_what_nobody_answers_in_its_time_goes_one_step_up_and_no_further(cast: Cast, decided):
    with at(TUESDAY):
        made = disagree(cast.teacher, decided)
    Notice.objects.all().delete()

    with at(TUESDAY + DAY - HOUR):
        assert services.climb() == 0
    with at(TUESDAY + DAY):
        assert [services.climb() for _ in range(3)] == [1, 0, 0]

    step = made.steps.get(stage=2)
    assert stages(made) == [1, 2]
    assert (step.by, step.why, step.who) == (None, "", "Service managers of both agencies")
    assert step.due_at == TUESDAY + 2 * DAY
    assert told(Kind.DISAGREED) == {cast.manager.membership_id, cast.lead.membership_id}
    assert told(Kind.CLIMBED) == {cast.teacher.membership_id}
    (event,) = events("decision.escalated")
    assert event["actor"]["kind"] == "system"
    with at(TUESDAY + DAY):
        page = signed_in(cast.teacher).get(reverse("following:disagree", args=[decided.reference]))
    assert "Sent here by the portal, because the time to answer had passed" in page.text


def test_a_lead_who_sent_nothing_hears_of_their_agencys_disagreement_not_of_a_referral_of_theirs(
    cast: Cast, decided
):
    Partnership.objects.update(escalation=STEPS)
    with at(TUESDAY):
        disagree(cast.teacher, decided)
    Notice.objects.all().delete()

    with at(TUESDAY + DAY):
        services.climb()
        page = signed_in(cast.lead).get(reverse("notifications:list")).text

    assert told(Kind.CLIMBED) == {cast.teacher.membership_id, cast.lead.membership_id}
    assert Kind.CLIMBED.label in page
    assert reverse("following:disagree", args=[decided.reference]) in page
    assert "you sent" not in page.lower()
    assert "sent this referral" not in page


def test_two_sweeps_at_once_take_it_one_step_up(committed, cast: Cast, decided, monkeypatch):
    made = disagree(cast.teacher, decided)
    write = challenges.record

    def slowly(*said, **more):
        time.sleep(0.5)
        return write(*said, **more)

    monkeypatch.setattr(challenges, "record", slowly)
    Partnership.objects.update(escalation=STEPS)

    with at(made.steps.get().due_at):
        assert set(at_once(services.climb, services.climb)) == {0, 1}

    assert stages(made) == [1, 2]
    assert len(events("decision.escalated")) == 1


@pytest.mark.parametrize("by", ["answered", "taken further"])
def test_what_is_answered_or_taken_further_in_time_stays_there(cast: Cast, decided, by):
    with at(TUESDAY):
        made = disagree(cast.teacher, decided)
    with at(TUESDAY + DAY - HOUR):
        answer(cast.manager, made)
        if by == "taken further":
            further(cast.lead, decided)
    before = stages(made)

    with at(TUESDAY + DAY):
        assert services.climb() == 0

    assert stages(made) == before


@pytest.mark.parametrize("urgency", Urgency)
def test_at_the_top_who_answers_for_it_is_told_once_a_working_day(cast: Cast, decided, urgency):
    Partnership.objects.update(escalation=STEPS[:1])
    with at(TUESDAY):
        made = disagree(cast.teacher, decided, urgency)
    first = Notice.objects.filter(kind=Kind.DISAGREED, recipient=cast.manager.membership_id).count()

    days = []
    for day in range(1, 7):
        for hour in (0, 1, 5):
            with at(TUESDAY + day * DAY + hour * HOUR):
                if services.climb():
                    days.append((day, hour))

    # From Wednesday to Friday, not at the weekend, and on Monday again.
    weekend = [(4, 0)] if urgency is Urgency.NOW else [(6, 0)]
    assert days == [(1, 0), (2, 0), (3, 0), *weekend]
    assert stages(made) == [1]
    notices = Notice.objects.filter(kind=Kind.DISAGREED, recipient=cast.manager.membership_id)
    assert notices.count() == first + len(days)
    assert not events("decision.escalated")


def test_at_the_top_a_manager_hears_of_it_whoever_the_step_names(cast: Cast, decided):
    Partnership.objects.update(escalation=[{**STEPS[0], "roles": []}])
    with at(TUESDAY):
        disagree(cast.teacher, decided)
    assert told(Kind.DISAGREED) == set()

    with at(TUESDAY + DAY):
        services.climb()

    assert told(Kind.DISAGREED) == {cast.manager.membership_id}


def test_a_holiday_and_a_weekend_are_no_time_to_answer(cast: Cast, decided):
    # Two bank holidays and a weekend follow it.
    with at(CHRISTMAS_EVE):
        made = disagree(cast.teacher, decided)

    for day in range(1, 5):
        with at(CHRISTMAS_EVE + day * DAY + HOUR):
            assert services.climb() == 0
    with at(CHRISTMAS_EVE + 5 * DAY):
        assert services.climb() == 1

    assert made.steps.get(stage=2).due_at == CHRISTMAS_EVE + 6 * DAY


def test_where_a_child_could_come_to_harm_it_climbs_at_the_weekend_too(cast: Cast, decided):
    saturday = TUESDAY + 4 * DAY
    with at(saturday):
        made = disagree(cast.teacher, decided, Urgency.NOW)
    with at(saturday + 4 * HOUR):
        assert services.climb() == 1

    assert stages(made) == [3, 4]
    assert made.steps.get(stage=4).due_at == saturday + 8 * HOUR


def test_an_answer_to_a_step_that_has_climbed_is_told_so_and_comes_back(cast: Cast, decided):
    with at(TUESDAY):
        made = disagree(cast.teacher, decided)
        client = signed_in(cast.manager)
        page = reverse("following:disagree", args=[decided.reference])
        typed = {"stage": _stage_on(client.get(page)), "result": "stands", "words": "We looked."}
    with at(TUESDAY + DAY):
        services.climb()
        client = signed_in(cast.manager)
        address = reverse("following:answer", args=[decided.reference, made.pk])

        late = client.post(address, typed)
        assert not Answer.objects.exists()
        again = client.post(address, {**typed, "stage": _stage_on(late)})

    assert late.status_code == 409
    assert "gone on to step 2 since you opened the page" in late.text
    assert "We looked." in late.text
    assert again.status_code == 302
    assert Answer.objects.get().step.stage == 2


def test_words_for_one_disagreement_never_come_back_in_the_box_of_another(cast: Cast, decided):
    with at(TUESDAY):
        made = disagree(cast.teacher, decided)
        answer(cast.manager, made)
    with at(TUESDAY + HOUR):
        disagree(cast.lead, decided)
        address = reverse("following:answer", args=[decided.reference, made.pk])
        typed = {"stage": "1", "result": "changes", "words": "Words for the first."}
        given_back = signed_in(cast.manager).post(address, typed)

    assert given_back.status_code == 409
    assert "Words for the first." in given_back.text
    assert "Record your answer" not in given_back.text


def _stage_on(answer) -> str:
    (box,) = html.fromstring(answer.content).xpath("//input[@name='stage']")
    return box.get("value")


@pytest.mark.parametrize("wrong", [{"why": "I say so."}, {"stage": 1}])
def test_the_database_knows_no_step_of_nobody_but_a_climb(cast: Cast, decided, wrong):
    with at(TUESDAY):
        made = disagree(cast.teacher, decided)
        taken = {"stage": 2, "who": "B", "due_at": TUESDAY + DAY, **wrong}
        if wrong.get("stage"):
            made = Challenge.objects.create(
                case=decided,
                agency=made.agency,
                by=made.by,
                reason="R.",
                wanted="W.",
                urgency=made.urgency,
            )
        with pytest.raises(IntegrityError, match="escalation_by_nobody"), transaction.atomic():
            Escalation.objects.create(challenge=made, **taken)
