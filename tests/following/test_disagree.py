"""Disagreeing: raised, answered, taken further; each step a row, with a clock and names."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

from portal.accounts import services as accounts
from portal.accounts.models import Partnership
from portal.accounts.vocabulary import Role
from portal.common.errors import DomainError, NotVisible, Refused
from portal.notifications.models import Notice
from portal.notifications.vocabulary import Kind
from referrals.following import services
from referrals.following.models import Answer, Challenge, Escalation
from referrals.following.services import Disagreement
from referrals.following.vocabulary import Result, Urgency
from referrals.triage import services as triage
from referrals.vocabulary import Outcome
from tests.cast import Cast, events, membership, send, signed_in


def disagree(actor, case, urgency=Urgency.SOON, key=None, **changes):
    said = {"reason": "She is not safe.", "wanted": "A strategy discussion.", **changes}
    return services.disagree(
        actor=actor, case=case, said=Disagreement(urgency=urgency, **said), key=key or uuid4()
    )


def answer(actor, challenge, result=Result.STANDS, words="We have looked again.", stage=None):
    return services.answer_challenge(
        actor=actor,
        case=challenge.case,
        pk=challenge.pk,
        stage=stage or challenge.steps.order_by("-stage")[0].stage,
        result=result,
        words=words,
    )


def further(actor, case, why="I still worry."):
    return services.escalate(actor=actor, case=case, why=why)


def told(kind):
    return set(Notice.objects.filter(kind=kind).values_list("recipient_id", flat=True))


def test_managers_and_the_senders_lead_are_told_and_the_clock_runs(cast: Cast, decided):
    made = disagree(cast.teacher, decided)

    assert told(Kind.DISAGREED) == {cast.manager.membership_id, cast.lead.membership_id}
    (step,) = made.steps.all()
    assert (step.stage, step.who) == (1, "The front door manager and your agency lead")
    assert step.due_at > timezone.now() + timedelta(hours=8)
    assert len(events("decision.challenged")) == 1
    assert "safe" not in str(events("decision.challenged"))


def test_when_a_child_could_come_to_harm_the_first_steps_are_skipped(cast: Cast, decided):
    made = disagree(cast.teacher, decided, Urgency.NOW)

    step = made.steps.get()
    assert step.stage == 3
    assert step.due_at - step.taken_at == timedelta(hours=4)


def test_the_ladder_is_the_partnerships_and_what_was_taken_stays(cast: Cast, decided):
    steps = [{"who": "The duty head", "roles": ["manager"], "working_days": 2}]
    Partnership.objects.filter(pk=cast.partnership.pk).update(escalation=steps)

    made = disagree(cast.teacher, decided)

    Partnership.objects.filter(pk=cast.partnership.pk).update(
        escalation=[{**steps[0], "who": "Somebody else"}]
    )
    assert made.steps.get().who == "The duty head"


def test_an_answer_is_recorded_and_told(cast: Cast, decided):
    made = disagree(cast.teacher, decided)

    answer(cast.manager, made, Result.CHANGES, "We hold a discussion today.")

    assert told(Kind.DISAGREE_ANSWERED) == {cast.teacher.membership_id, cast.lead.membership_id}
    assert len(events("decision.answered")) == 1
    with pytest.raises(DomainError, match="answered this step already"):
        answer(cast.manager, made)


def test_nobody_answers_for_their_own_decision_at_the_first_step(cast: Cast, sent):
    triage.decide(
        actor=cast.manager, case=sent, outcome=Outcome.EARLY_HELP, reason="R.", told_referrer="T."
    )
    sent.refresh_from_db()
    made = disagree(cast.teacher, sent)

    with pytest.raises(Refused, match="somebody else answers"):
        answer(cast.manager, made)


def test_nor_at_a_later_step_while_another_manager_can(cast: Cast, sent):
    other = accounts.enrol(
        email="mona.ager@council.example.org",
        name="Mona Ager",
        agency=cast.council,
        role=Role.MANAGER,
    )
    triage.decide(
        actor=cast.manager, case=sent, outcome=Outcome.ASSESSMENT, reason="R.", told_referrer="T."
    )
    sent.refresh_from_db()
    made = disagree(cast.teacher, sent)
    answer(other.principal(), made)
    further(cast.teacher, sent)

    with pytest.raises(Refused, match="somebody else answers"):
        answer(cast.manager, made)
    accounts.end_membership(membership=other)
    assert answer(cast.manager, made).step.stage == 2, "nobody else is left to write it down"


@pytest.mark.parametrize(
    ("name", "error"),
    [("coordinator", Refused), ("teacher", Refused), ("panel_officer", NotVisible)],
)
def test_only_a_manager_answers(cast: Cast, decided, name, error):
    made = disagree(cast.teacher, decided)

    with pytest.raises(error):
        answer(cast.everyone()[name], made)


def test_each_step_up_is_a_row_with_its_reason(cast: Cast, decided):
    made = disagree(cast.teacher, decided)
    with pytest.raises(DomainError, match="still have time"):
        further(cast.teacher, decided)
    answer(cast.manager, made)

    for stage in range(2, 6):
        assert further(cast.lead, decided).stage == stage
        answer(cast.manager, made)

    with pytest.raises(DomainError, match="last step"):
        further(cast.lead, decided)
    assert Escalation.objects.count() == Answer.objects.count() == 5
    assert len(events("decision.escalated")) == 4


def test_an_answer_that_is_late_can_be_taken_further(cast: Cast, decided, monkeypatch):
    disagree(cast.teacher, decided)
    then = timezone.now() + timedelta(days=5)
    monkeypatch.setattr(timezone, "now", lambda: then)

    assert further(cast.teacher, decided).stage == 2


@pytest.mark.parametrize("urgency", Urgency)
def test_after_the_last_step_for_it_nothing_further_is_offered(cast: Cast, decided, urgency):
    steps = [
        {"who": "A", "roles": ["manager"], "working_days": 1, "immediate_hours": 4},
        {"who": "B", "roles": ["manager"], "working_days": 1, "immediate_hours": None},
    ]
    Partnership.objects.filter(pk=cast.partnership.pk).update(escalation=steps)
    answer(cast.manager, disagree(cast.teacher, decided, urgency))

    page = reverse("following:disagree", args=[decided.reference])
    offered = "Then it goes to: B." in signed_in(cast.teacher).get(page).text
    assert offered is (urgency is Urgency.SOON)


def test_before_a_decision_there_is_nothing_to_disagree_with(cast: Cast, sent):
    with pytest.raises(DomainError, match="Nothing has been decided"):
        disagree(cast.teacher, sent)


def test_one_disagreement_of_an_agency_waits_at_a_time(cast: Cast, decided):
    key = uuid4()
    made = disagree(cast.teacher, decided, key=key)

    assert disagree(cast.teacher, decided, key=key).pk == made.pk
    with pytest.raises(DomainError, match="waits for its answer"):
        disagree(cast.lead, decided)

    answer(cast.manager, made)
    assert disagree(cast.lead, decided)


def test_other_words_with_the_same_key_are_refused_and_come_back(cast: Cast, decided):
    page = reverse("following:disagree", args=[decided.reference])
    said = {"key": str(uuid4()), "reason": "She is not safe.", "wanted": "A talk."}
    client = signed_in(cast.teacher)
    assert client.post(page, {**said, "urgency": "soon"}).status_code == 302

    assert client.post(page, {**said, "urgency": "soon"}).status_code == 302
    again = client.post(page, {**said, "urgency": "soon", "reason": "She is in danger."})
    anothers = signed_in(cast.lead).post(page, {**said, "urgency": "soon"})

    for refused in (again, anothers):
        assert refused.status_code == 409
        assert "was not sent" in refused.text
    assert "She is in danger." in again.text
    assert Challenge.objects.get().reason == "She is not safe."


def test_an_answer_or_a_step_pressed_twice_is_recorded_once(cast: Cast, decided):
    made = disagree(cast.teacher, decided)

    assert answer(cast.manager, made).pk == answer(cast.manager, made).pk
    with pytest.raises(DomainError, match="You have answered this step already"):
        answer(cast.manager, made, words="Something else.")

    assert further(cast.lead, decided).pk == further(cast.lead, decided).pk
    with pytest.raises(DomainError, match="still have time"):
        further(cast.lead, decided, why="Something else.")
    assert len(events("decision.answered")) == len(events("decision.escalated")) == 1


@pytest.mark.parametrize(
    ("name", "error"), [("coordinator", Refused), ("colleague", NotVisible), ("chair", NotVisible)]
)
def test_nobody_else_disagrees(cast: Cast, decided, name, error):
    with pytest.raises(error):
        disagree(cast.everyone()[name], decided)


def test_what_was_said_is_never_changed_or_deleted(cast: Cast, decided):
    made = disagree(cast.teacher, decided)
    answer(cast.manager, made)

    for rows, change in (
        (Challenge, {"reason": "Other."}),
        (Escalation, {"who": "Other"}),
        (Answer, {"words": "Other."}),
    ):
        with pytest.raises(DatabaseError, match="immutable"), transaction.atomic():
            rows.objects.update(**change)
        with pytest.raises(DatabaseError, match="never deleted"), transaction.atomic():
            rows.objects.all()._raw_delete("default")


def test_only_the_disagreement_of_ones_own_agency_is_waited_for(cast: Cast):
    case = send(cast.coordinator)
    triage.decide(
        actor=cast.manager, case=case, outcome=Outcome.EARLY_HELP, reason="R.", told_referrer="T."
    )
    case.refresh_from_db()
    ours = disagree(cast.coordinator, case)
    Answer.objects.create(
        step=ours.steps.get(), result=Result.STANDS, words="No.", by=membership(cast.manager)
    )
    theirs = Challenge.objects.create(
        case=case,
        agency=cast.school,
        by=membership(cast.teacher),
        reason="R.",
        wanted="W.",
        urgency="soon",
    )
    now = timezone.now()
    Escalation.objects.create(
        challenge=theirs,
        stage=1,
        who="A manager",
        by=membership(cast.teacher),
        due_at=now + timedelta(days=1),
    )

    found = services.read_challenges(actor=cast.coordinator, reference=case.reference)

    assert [one.agency for one in found.raised] == [cast.school.name, cast.council.name]
    assert found.may_raise


def test_the_page_raises_answers_and_takes_further(cast: Cast, decided):
    page = reverse("following:disagree", args=[decided.reference])
    teacher, manager = signed_in(cast.teacher), signed_in(cast.manager)
    first = teacher.get(page).text
    assert "Say why you disagree" in first
    assert "checked" not in first
    said = {"reason": "She is not safe.", "wanted": "A discussion."}

    wrong = teacher.post(page, {"key": str(uuid4()), **said})
    assert (wrong.status_code, "She is not safe." in wrong.text) == (422, True)
    teacher.post(page, {"key": str(uuid4()), "urgency": "soon", **said})

    read = manager.get(page).text
    assert "She is not safe." in read
    made = Challenge.objects.get()
    reply = {"stage": "1", "result": "stands", "words": "We looked again."}
    manager.post(reverse("following:answer", args=[decided.reference, made.pk]), reply)
    after = teacher.get(page).text
    assert "We looked again." in after
    assert "Then it goes to: Service managers of both agencies." in after
    assert "Say why you disagree" not in after
    teacher.post(reverse("following:escalate", args=[decided.reference]), {"why": "No."})
    assert made.steps.count() == 2
    assert "Service managers of both agencies" in teacher.get(page).text
