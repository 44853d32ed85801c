"""What nobody acknowledges in time: the next people who may know of the case are told, once."""

import json
import threading
from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from portal.accounts import services as accounts
from portal.accounts.models import Agency, Membership, Partnership
from portal.accounts.vocabulary import Role
from portal.audit.models import Event
from portal.common.clock import LONDON
from portal.notifications import services
from portal.notifications.models import Notice
from portal.notifications.vocabulary import NEXT, Kind, Status
from referrals import policies
from referrals.models import Case, Clock, Wall
from referrals.services import clocks
from referrals.triage.services import acknowledge, answer, decide
from referrals.vocabulary import Conflict, Outcome
from tests.cast import Cast, gathered, membership, send

TUESDAY = datetime(2026, 11, 24, 11, tzinfo=LONDON)


def time_passes() -> None:
    """The time in which somebody should have acknowledged what is still to be, is over."""
    Notice.objects.exclude(escalate_at=None).update(escalate_at=timezone.now())


def told_next(kind: Kind = Kind.TO_TRIAGE) -> dict[Membership, Notice]:
    """Who was told because nobody else acted, and by which notice."""
    rows = Notice.objects.filter(kind=kind, escalates__isnull=False)
    return {row.recipient: row for row in rows.select_related("recipient__user", "escalates")}


def recorded() -> list[dict]:
    bodies = (json.loads(bytes(event.body)) for event in Event.objects.order_by("at"))
    return [body for body in bodies if body["act"] == "notice.escalated"]


def test_in_time_nobody_else_is_told_and_then_the_managers_are_of_the_same_thing(cast: Cast):
    case = send(cast.teacher)
    manager = membership(cast.manager)
    first = set(Notice.objects.filter(kind=Kind.TO_TRIAGE))

    assert services.escalate() == 0
    time_passes()
    assert services.escalate() == 1

    assert set(told_next()) == {manager}
    notice = told_next()[manager]
    assert (notice.case, notice.reference) == (case.pk, case.reference)
    assert notice.status == Status.PENDING
    assert notice.escalates in first
    assert notice.why == NEXT
    (event,) = recorded()
    assert event["ids"] == [str(manager.pk)]
    assert event["obj"] == {"kind": "notice", "id": str(notice.escalates_id)}


def test_it_is_done_once_however_often_it_is_asked(cast: Cast):
    send(cast.teacher)
    time_passes()

    services.escalate()
    after = Notice.objects.count()
    services.escalate()
    time_passes()
    services.escalate()

    assert Notice.objects.count() == after
    assert len(recorded()) == 1


def test_where_one_has_acknowledged_it_nobody_else_is_told(cast: Cast):
    send(cast.teacher)
    notice = Notice.objects.get(recipient=cast.coordinator.membership_id)
    services.mark_read(principal=cast.coordinator, pk=notice.pk)
    time_passes()

    assert services.escalate() == 0

    assert not told_next()
    assert not recorded()


def test_where_the_work_is_done_nobody_else_is_told(cast: Cast):
    case = send(cast.teacher)
    acknowledge(actor=cast.coordinator, case=case)
    time_passes()

    assert services.escalate() == 0

    assert not told_next()


@pytest.mark.parametrize(
    ("sent", "due"),
    [
        (TUESDAY, TUESDAY + timedelta(hours=1)),
        # A Friday: half an hour is left of the day, and half belongs to Monday.
        (TUESDAY.replace(day=27, hour=16, minute=30), TUESDAY.replace(day=30, hour=9, minute=30)),
        (TUESDAY.replace(hour=23), TUESDAY.replace(day=25, hour=10)),
    ],
)
def test_only_working_time_counts_and_it_stays_as_it_was_worked_out(cast: Cast, sent, due):
    with time_machine.travel(sent, tick=False):
        send(cast.teacher)
    Partnership.objects.update(act_now_minutes=15)

    assert {notice.escalate_at for notice in Notice.objects.filter(kind=Kind.TO_TRIAGE)} == {due}


def test_nobody_is_told_who_may_not_know_of_the_case(cast: Cast):
    """The school's lead may not know of a case that is not the school's, nor a manager walled."""
    case = send(cast.teacher)
    Wall.objects.create(
        case=case,
        user_id=cast.manager.user_id,
        raised_by_id=cast.manager.membership_id,
        why=Conflict.RELATIVE,
    )
    with transaction.atomic():
        services.owe(
            recipient=membership(cast.charity_worker),
            kind=Kind.CORRECTED,
            reference="",
            case=case.pk,
            cause=case.pk,
        )
    charity = Agency.objects.get(pk=cast.charity_worker.agency_id)
    lead = accounts.enrol(
        email="l.ead@charity.example.org", name="Lea Der", agency=charity, role=Role.AGENCY_LEAD
    )
    time_passes()

    services.escalate()

    assert not Notice.objects.filter(recipient=lead).exists()
    assert not told_next()
    assert {event["out"] for event in recorded()} == {"failed"}
    assert len(recorded()) == 2, "once for each thing, not for each reader"


def test_a_yes_that_was_asked_for_rests_when_it_is_given(cast: Cast):
    case = send(cast.teacher)
    words = {"reason": "No sign of harm.", "told_referrer": "We talked it through."}
    made = decide(actor=cast.coordinator, case=case, outcome=Outcome.NFA, **words)
    waits = Notice.objects.exclude(escalate_at=None)
    assert {notice.kind for notice in waits} == {Kind.SECOND_ASKED, Kind.TO_TRIAGE}

    answer(actor=cast.manager, pk=made.pk, accepts=False, words="Look again.")

    # What only waited for a yes was not decided, so that it is owed was told of all the while.
    assert {notice.kind for notice in waits.all()} == {Kind.TO_TRIAGE}
    made = decide(actor=cast.coordinator, case=case, outcome=Outcome.NFA, **words)
    answer(actor=cast.manager, pk=made.pk, accepts=True)
    assert not waits.all().exists()


def test_a_no_after_the_decision_was_due_owes_it_to_everybody_again(cast: Cast):
    case = send(cast.teacher)
    words = {"reason": "No sign of harm.", "told_referrer": "We talked it through."}
    late = Notice.objects.filter(kind=Kind.CLOCK_PASSED)
    made = decide(actor=cast.coordinator, case=case, outcome=Outcome.NFA, **words)
    answer(actor=cast.manager, pk=made.pk, accepts=False, words="Look again.")
    assert not late.exists()
    made = decide(actor=cast.coordinator, case=case, outcome=Outcome.NFA, **words)
    then = timezone.now() - timedelta(hours=1)
    Case.objects.update(received_at=then - timedelta(days=1), decision_due_at=then)

    answer(actor=cast.manager, pk=made.pk, accepts=False, words="Look again.")

    told = set(late.exclude(escalate_at=None).values_list("recipient", flat=True))
    owed = (cast.coordinator, cast.second_coordinator, cast.manager)
    assert told == {who.membership_id for who in owed}


def test_when_it_is_decided_no_clock_is_told_of_further(cast: Cast):
    case = send(cast.teacher)
    Clock.objects.update(near_at=timezone.now())
    clocks.sweep()
    told = Notice.objects.filter(kind=Kind.CLOCK_NEAR)
    assert told.exclude(escalate_at=None).exists()

    decide(
        actor=cast.coordinator,
        case=case,
        outcome=Outcome.ASSESSMENT,
        reason="Why.",
        told_referrer="What.",
    )

    assert told.exists()
    assert not Notice.objects.exclude(escalate_at=None).exists()


def test_a_wall_against_an_agency_keeps_its_people_and_nobody_else_from_being_told(cast: Cast):
    case = send(cast.teacher)
    like = {"case": case, "why": Conflict.ALLEGATION, "raised_by_id": cast.manager.membership_id}
    Wall.objects.create(agency_id=cast.teacher.agency_id, **like)
    everybody = Membership.objects.all()

    told = set(policies.who_may_know(case.pk, everybody))

    assert membership(cast.manager) in told
    assert not any(each.team.agency_id == cast.teacher.agency_id for each in told)
    assert membership(cast.coordinator) in policies.on_duty(case)


def test_past_a_lead_who_may_not_know_of_the_case_the_managers_are_told(cast: Cast):
    case = send(cast.teacher)
    charity = Agency.objects.get(pk=cast.charity_worker.agency_id)
    lead = accounts.enrol(
        email="l.ead@charity.example.org", name="Lea Der", agency=charity, role=Role.AGENCY_LEAD
    )
    with transaction.atomic():
        services.owe(
            recipient=membership(cast.charity_worker),
            kind=Kind.CORRECTED,
            reference=case.reference,
            case=case.pk,
            cause=case.pk,
        )
    services.attended(case=case.pk, kinds=[Kind.TO_TRIAGE])
    time_passes()

    assert services.escalate() == 1

    assert set(told_next(Kind.CORRECTED)) == {membership(cast.manager)}
    assert not Notice.objects.filter(recipient=lead).exists()


def test_whoever_did_what_it_is_about_is_never_the_next(cast: Cast):
    """Of two leads one did it themselves: the other is told, and then the managers."""
    case = send(cast.teacher)
    second = accounts.enrol(
        email="s.econd@school.example.org",
        name="Sec Ond",
        agency=cast.school,
        role=Role.AGENCY_LEAD,
    )
    with transaction.atomic():
        services.owe(
            recipient=membership(cast.teacher),
            kind=Kind.EMERGENCY,
            reference=case.reference,
            case=case.pk,
            cause=case.pk,
            act_of=cast.lead.user_id,
        )
    services.attended(case=case.pk, kinds=[Kind.TO_TRIAGE])
    time_passes()
    services.escalate()
    assert set(told_next(Kind.EMERGENCY)) == {second}

    Membership.objects.filter(pk=second.pk).update(until_at=timezone.now())
    time_passes()
    services.escalate()
    assert set(told_next(Kind.EMERGENCY)) == {second, membership(cast.manager)}


def test_an_agencys_lead_is_next_where_their_own_people_were_told(cast: Cast):
    case = send(cast.teacher)
    with transaction.atomic():
        services.owe(
            recipient=membership(cast.teacher),
            kind=Kind.CORRECTED,
            reference=case.reference,
            case=case.pk,
            cause=case.pk,
        )
    services.attended(case=case.pk, kinds=[Kind.TO_TRIAGE])
    time_passes()
    services.escalate()
    assert set(told_next(Kind.CORRECTED)) == {membership(cast.lead)}

    time_passes()
    services.escalate()
    assert membership(cast.manager) in told_next(Kind.CORRECTED), "and when the lead is silent too"


def test_what_can_wait_is_never_escalated(cast: Cast):
    send(cast.teacher)

    assert {n.escalate_at for n in Notice.objects.exclude(kind=Kind.TO_TRIAGE)} == {None}


def test_two_at_once_tell_each_person_once(committed):
    cast = gathered()
    send(cast.teacher)
    send(cast.teacher)
    Notice.objects.exclude(escalate_at=None).update(escalate_at=timezone.now())
    start, counts = threading.Barrier(2), []

    def sweep() -> None:
        start.wait()
        counts.append(services.escalate())
        connection.close()

    both = [threading.Thread(target=sweep) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()

    told = Notice.objects.filter(recipient=cast.manager.membership_id)
    assert told.exclude(escalates=None).count() == Case.objects.count() == 2
    assert not Notice.objects.to_escalate(timezone.now()).exists()


def test_the_database_refuses_what_is_escalated_and_to_be_escalated(cast: Cast):
    send(cast.teacher)

    with pytest.raises(IntegrityError, match="notice_is_escalated_once"), transaction.atomic():
        Notice.objects.exclude(escalate_at=None).update(escalated_at=timezone.now())
