"""The clocks of a case: stored as worked out, never silently still, told of once for each step."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from portal.common.clock import add_working_time, working_time
from portal.common.errors import DomainError, NotVisible, Refused
from portal.notifications.models import Notice
from portal.notifications.vocabulary import Kind
from referrals.models import Case, Clock, Pause
from referrals.services import clocks
from referrals.triage import services
from referrals.vocabulary import ClockKind, Danger, Outcome, Priority
from referrals.workflow import Action, Status
from tests.cast import Cast, at_once, events, put_off, send, signed_in

WHY = "The child is in hospital, and nobody can ask her yet."


def clock(case: Case, kind: ClockKind = ClockKind.DECISION) -> Clock:
    return Clock.objects.get(case=case, kind=kind)


def due_since(case: Case, ago: timedelta) -> None:
    """Let the clock of the decision have run out so long ago."""
    now = timezone.now()
    Case.objects.filter(pk=case.pk).update(
        received_at=now - timedelta(days=3), decision_due_at=now - ago
    )


def told(kind: Kind) -> list[str]:
    found = Notice.objects.filter(kind=kind).values_list("recipient__user__name", flat=True)
    return sorted(found)


def test_a_referral_has_its_clocks_as_the_settings_were_then(cast: Cast, sent):
    decision, first = clock(sent), clock(sent, ClockKind.FIRST_LOOK)

    assert (decision.started_at, decision.due_at) == (sent.received_at, sent.decision_due_at)
    assert decision.settings == {"working_days": 1, "opens": "09:00", "closes": "17:00"}
    assert first.due_at <= decision.due_at

    cast.partnership.decision_working_days = 5
    cast.partnership.save()

    assert clock(sent).due_at == sent.decision_due_at


@pytest.mark.parametrize(
    ("danger", "hours", "by_night"), [(Danger.YES, 2, True), (Danger.UNSURE, 3, False)]
)
def test_the_hours_of_a_band_are_the_partnerships(cast: Cast, danger, hours, by_night):
    cast.partnership.immediate_hours, cast.partnership.urgent_hours = 2, 3
    cast.partnership.save()

    case = send(cast.teacher, danger=danger)

    office = (cast.partnership.office_opens, cast.partnership.office_closes)
    wanted = case.received_at + timedelta(hours=hours)
    if not by_night:
        wanted = add_working_time(case.received_at, timedelta(hours=hours), *office)
    assert clock(case, ClockKind.FIRST_LOOK).due_at == wanted


def test_a_clock_that_stops_says_how_long_it_took(cast: Cast, sent):
    services.acknowledge(actor=cast.coordinator, case=sent)
    first = clock(sent, ClockKind.FIRST_LOOK)
    services.decide(
        actor=cast.coordinator,
        case=sent,
        outcome=Outcome.ASSESSMENT,
        reason="Why.",
        told_referrer="What.",
    )
    decision = clock(sent)

    assert first.stopped_at
    assert decision.stopped_at == Case.objects.get().decided_at
    assert decision.elapsed == clocks.elapsed(decision, decision.stopped_at)


def test_how_long_it_took_is_working_time_without_its_pauses(cast: Cast, sent):
    friday = datetime(2026, 11, 27, 16, tzinfo=UTC)
    made = Clock(
        case=sent,
        started_at=friday,
        settings={"working_days": 1, "opens": "09:00", "closes": "17:00"},
    )

    assert clocks.elapsed(made, friday + timedelta(days=3)) == timedelta(hours=8)

    running = clock(sent)
    pause = Pause.objects.create(
        clock=running,
        reason=WHY,
        paused_by_id=cast.manager.membership_id,
        from_at=running.started_at,
    )
    Pause.objects.filter(pk=pause.pk).update(until_at=running.started_at + timedelta(days=2))
    assert clocks.elapsed(running, running.started_at + timedelta(days=2)) == timedelta(0)


def test_a_manager_lets_it_stand_still_with_a_reason_and_it_is_due_later_by_just_that(
    cast: Cast, sent
):
    before = sent.decision_due_at
    pause = clocks.pause(actor=cast.manager, case=sent, reason=WHY)
    Pause.objects.filter(pk=pause.pk).update(until_at=None)

    due = clocks.resume(actor=cast.manager, case=sent)

    pause.refresh_from_db()
    office = (cast.partnership.office_opens, cast.partnership.office_closes)
    lasted = working_time(pause.from_at, pause.until_at, *office)
    assert working_time(before, due, *office) == lasted
    assert (clock(sent).due_at, Case.objects.get().decision_due_at) == (due, due)
    assert (pause.reason, pause.paused_by_id) == (WHY, cast.manager.membership_id)
    kept = events("clock.paused", "clock.resumed")
    assert [body["act"] for body in kept] == ["clock.paused", "clock.resumed"]
    assert WHY not in str(kept)


def test_no_clock_stands_still_that_a_time_of_the_child_brought_forward(cast: Cast):
    before = timezone.now() + timedelta(hours=3)
    case = send(cast.teacher, needed_by=before, time_matters="She goes home.")

    with pytest.raises(DomainError, match="a time that matters"):
        clocks.pause(actor=cast.manager, case=case, reason=WHY)


def test_what_is_due_by_night_is_not_due_the_day_after_because_of_ten_minutes(cast: Cast, sent):
    night = datetime(2036, 11, 27, 19, 30, tzinfo=UTC)
    put_off(sent, cast.manager, night)
    pause = clocks.pause(actor=cast.manager, case=sent, reason=WHY)

    due = clocks.resume(actor=cast.manager, case=sent)

    pause.refresh_from_db()
    office = (cast.partnership.office_opens, cast.partnership.office_closes)
    assert due == night + working_time(pause.from_at, pause.until_at, *office)


def test_a_decision_ends_the_time_in_which_its_clock_stood_still(cast: Cast, sent):
    clocks.pause(actor=cast.manager, case=sent, reason=WHY)
    now = timezone.now()
    Case.objects.filter(pk=sent.pk).update(
        received_at=now - timedelta(days=9), decision_due_at=now + timedelta(seconds=30)
    )

    made = services.decide(
        actor=cast.coordinator,
        case=sent,
        outcome=Outcome.ASSESSMENT,
        reason="Why.",
        told_referrer="What.",
    )

    pause = Pause.objects.get()
    assert (pause.until_at, pause.ended_by_id) == (made.decided_at, cast.coordinator.membership_id)
    assert made.late_reason == ""
    assert [body["act"] for body in events("clock.resumed")] == ["clock.resumed"]


def test_what_stands_still_is_not_called_overdue(cast: Cast, sent):
    due_since(sent, timedelta(hours=1))
    board = signed_in(cast.coordinator)
    assert "Overdue</a>: 1" in board.get(reverse("triage:board")).text
    clocks.pause(actor=cast.manager, case=sent, reason=WHY)

    page = board.get(reverse("triage:board")).text

    assert "Overdue</a>: 0" in page
    assert "The clock stands still" in page
    assert sent.reference not in board.get(reverse("triage:board"), {"due": "overdue"}).text


def test_a_withdrawn_referral_still_has_its_clock_and_is_told_of(cast: Cast, sent):
    services.move(actor=cast.teacher, case=sent, action=Action.WITHDRAW, reason="A mistake.")
    due_since(sent, timedelta(minutes=1))

    assert clock(sent, ClockKind.FIRST_LOOK).stopped_at
    clocks.sweep()

    assert "Manny Ager" in told(Kind.CLOCK_PASSED)
    late = {"actor": cast.coordinator, "case": sent, "outcome": Outcome.WITHDRAWN}
    with pytest.raises(DomainError, match="late"):
        services.decide(**late, reason="Why.", told_referrer="What.", withdrawn=True)


def test_whoever_returns_a_referral_has_read_it(cast: Cast, sent):
    services.move(actor=cast.coordinator, case=sent, action=Action.RETURN, reason="No name.")

    assert clock(sent, ClockKind.FIRST_LOOK).stopped_at


def test_no_clock_stands_still_in_silence(cast: Cast, sent):
    with pytest.raises(DomainError, match="Write why"):
        clocks.pause(actor=cast.manager, case=sent, reason="  ")
    with pytest.raises(Refused):
        clocks.pause(actor=cast.coordinator, case=sent, reason=WHY)
    with pytest.raises(NotVisible):
        clocks.pause(actor=cast.other_coordinator, case=sent, reason=WHY)
    with pytest.raises(DomainError, match="does not stand still"):
        clocks.resume(actor=cast.manager, case=sent)
    clocks.pause(actor=cast.manager, case=sent, reason=WHY)
    with pytest.raises(DomainError, match="does not run"):
        clocks.pause(actor=cast.manager, case=sent, reason=WHY)


def test_asking_the_sender_does_not_stop_the_clock_of_the_decision(cast: Cast, sent):
    services.move(actor=cast.coordinator, case=sent, action=Action.RETURN, reason="No name.")

    assert clock(sent) in Clock.objects.running()
    assert clock(sent).due_at == sent.decision_due_at
    assert clock(sent, ClockKind.CURE) in Clock.objects.running()


def test_when_nothing_is_heard_checking_carries_on(cast: Cast, sent):
    services.move(actor=cast.coordinator, case=sent, action=Action.RETURN, reason="No name.")
    now = timezone.now()
    Clock.objects.filter(kind=ClockKind.CURE).update(
        near_at=now - timedelta(hours=2), due_at=now - timedelta(hours=1)
    )

    clocks.sweep()

    assert Case.objects.get().status == Status.CHECKING
    assert clock(sent, ClockKind.CURE).stopped_at
    assert events("referral.resumed")[0]["actor"]["kind"] == "system"


def test_close_is_told_to_those_who_check_and_passed_to_the_managers_too(cast: Cast, sent):
    now = timezone.now()
    Clock.objects.filter(kind=ClockKind.DECISION).update(near_at=now)
    Clock.objects.filter(kind=ClockKind.FIRST_LOOK).update(near_told_at=now, passed_told_at=now)

    assert clocks.sweep() == 1
    assert told(Kind.CLOCK_NEAR) == ["Coral Dinator", "Second Dinator"]
    assert told(Kind.CLOCK_PASSED) == []

    due_since(sent, timedelta(minutes=1))
    assert clocks.sweep() == 1
    assert told(Kind.CLOCK_PASSED) == ["Coral Dinator", "Manny Ager", "Second Dinator"]
    assert clocks.sweep() == 0


def test_whoever_has_it_is_told_and_no_other_coordinator(cast: Cast, sent):
    services.acknowledge(actor=cast.coordinator, case=sent)
    due_since(sent, timedelta(minutes=1))

    clocks.sweep()

    assert told(Kind.CLOCK_PASSED) == ["Coral Dinator", "Manny Ager"]


def test_what_stands_still_or_has_stopped_is_told_of_to_nobody(cast: Cast, sent):
    other = send(cast.teacher)
    Clock.objects.filter(kind=ClockKind.FIRST_LOOK).update(
        near_told_at=timezone.now(), passed_told_at=timezone.now()
    )
    clocks.pause(actor=cast.manager, case=sent, reason=WHY)
    services.move(actor=cast.teacher, case=other, action=Action.WITHDRAW, reason="A mistake.")
    Clock.objects.filter(case=sent).update(near_at=timezone.now())

    assert clocks.sweep() == 0


def test_two_sweeps_at_once_tell_everybody_once(committed, cast: Cast, sent):
    due_since(sent, timedelta(minutes=1))

    found = at_once(clocks.sweep, clocks.sweep)

    assert not [each for each in found if isinstance(each, Exception)], found
    assert told(Kind.CLOCK_PASSED).count("Manny Ager") == 1
    decision = [body for body in events("clock.passed") if body["why"] == "decision"]
    assert len(decision) == 1


def test_the_database_keeps_what_was_promised(cast: Cast, sent):
    running = clock(sent)
    for change in (
        {"started_at": timezone.now()},
        {"settings": {}},
        {"kind": ClockKind.CURE},
        {"stopped_at": timezone.now()},
        {"near_at": running.due_at + timedelta(hours=1)},
    ):
        with pytest.raises((IntegrityError, DatabaseError)), transaction.atomic():
            Clock.objects.filter(pk=running.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        Pause.objects.create(
            clock=clock(sent, ClockKind.FIRST_LOOK),
            reason=WHY,
            paused_by_id=cast.manager.membership_id,
            from_at=timezone.now(),
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        clocks.start(sent, ClockKind.DECISION, timezone.now())
    with pytest.raises(DatabaseError), transaction.atomic():
        Clock.objects.filter(pk=running.pk).delete()
    clocks.stop(sent, ClockKind, timezone.now())
    with pytest.raises(DatabaseError), transaction.atomic():
        Clock.objects.filter(pk=running.pk).update(due_at=timezone.now())


@pytest.mark.parametrize("column", ["due_at", "near_at"])
def test_no_clock_is_put_off_by_hand(cast: Cast, sent, column):
    """Sooner it may be, and then it stays so: there is no way back to later."""
    running = clock(sent, ClockKind.FIRST_LOOK)
    before = getattr(running, column)
    rows = Clock.objects.filter(pk=running.pk)

    def refused(at: datetime) -> None:
        with pytest.raises(DatabaseError, match="clock_is_never_put_off"), transaction.atomic():
            rows.update(**{column: at})

    refused(before + timedelta(microseconds=1))
    refused(before + timedelta(days=30))
    rows.update(near_at=running.near_at - timedelta(minutes=2))
    rows.update(due_at=running.due_at - timedelta(minutes=1))
    refused(before)


@pytest.mark.parametrize("by", [timedelta(minutes=1), timedelta(minutes=-1)])
def test_the_clock_of_a_decision_never_says_another_time_than_the_case(cast: Cast, sent, by):
    running = Clock.objects.filter(case=sent, kind=ClockKind.DECISION)

    with pytest.raises(DatabaseError, match="says_what_the_case_says"), transaction.atomic():
        running.update(due_at=sent.decision_due_at + by)
    with pytest.raises(DatabaseError, match="clock_is_never_put_off"), transaction.atomic():
        running.update(near_at=sent.decision_due_at)


def test_a_decision_is_put_off_to_what_a_pause_says_and_to_nothing_else(cast: Cast, sent):
    due = sent.decision_due_at
    rows = Case.objects.filter(pk=sent.pk)

    def refused(until: datetime) -> None:
        with pytest.raises(DatabaseError, match="put_off_by_a_pause_only"), transaction.atomic():
            rows.update(decision_due_at=until)

    refused(due + timedelta(minutes=1))
    put_off(sent, cast.manager, due + timedelta(hours=1))
    assert clock(sent).due_at == due + timedelta(hours=1)
    refused(due + timedelta(hours=2))
    # What the pause of another case says is nothing to this one.
    other = send(cast.teacher)
    put_off(other, cast.manager, due + timedelta(days=9))
    refused(due + timedelta(days=9))


PAUSED = """
    INSERT INTO referrals_pause
        (id, created_at, clock_id, reason, paused_by_id, from_at, until_at, ended_by_id, due_after)
    SELECT gen_random_uuid(), now(), id, 'Nobody can ask her yet.', %(by)s, now(), {}
    FROM referrals_clock WHERE kind = 'decision'
"""
AGAIN = """
    INSERT INTO referrals_clock (id, created_at, case_id, kind, started_at, due_at, near_at,
        settings, stopped_at, elapsed, replaced)
    SELECT gen_random_uuid(), now(), case_id, kind, now(), due_at + %(later)s, near_at, settings,
        NULL, NULL, false
    FROM referrals_clock WHERE kind = %(kind)s
"""
STOP = """
    UPDATE referrals_clock SET stopped_at = now(), elapsed = interval '1 minute', replaced = {}
    WHERE kind = %(kind)s
"""


def by_sql(statement: str, **values: object) -> None:
    """Run it as the portal's own role; what waits for the end of the transaction is asked now."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


@pytest.mark.parametrize(
    "ended",
    ["now(), %(by)s, now() + interval '30 days'", "now(), %(by)s, NULL", "now(), NULL, NULL"],
)
def test_no_pause_begins_as_one_that_has_ended(cast: Cast, sent, ended):
    """Put off by a pause that never stood: the raw row is refused, and nothing is due later."""
    with pytest.raises(DatabaseError, match="pause_begins_open"):
        by_sql(PAUSED.format(ended), by=cast.manager.membership_id)

    by_sql(PAUSED.format("NULL, NULL, NULL"), by=cast.manager.membership_id)
    assert clock(sent) not in Clock.objects.running()


@pytest.mark.parametrize("later", [timedelta(0), timedelta(minutes=1), timedelta(days=30)])
@pytest.mark.parametrize("replaced", ["true", "false"])
def test_no_first_look_begins_once_more_to_end_later(cast: Cast, sent, replaced, later):
    first = {"kind": ClockKind.FIRST_LOOK}

    with pytest.raises(DatabaseError, match="begins_anew_only_to_end_sooner"):
        by_sql(f"{STOP.format(replaced)}; {AGAIN}", later=later, **first)


def test_what_somebody_has_read_begins_no_more_by_sql_either(cast: Cast, sent):
    """Sooner is no excuse: a promise that was kept is over, and a new one would hide that."""
    services.acknowledge(actor=cast.coordinator, case=sent)

    with pytest.raises(DatabaseError, match="begins_anew_only_to_end_sooner"):
        by_sql(AGAIN, kind=ClockKind.FIRST_LOOK, later=timedelta(0))


def test_a_first_look_that_ended_sooner_once_never_begins_in_between(cast: Cast, sent):
    """Two steps back are none: it ends sooner than every one before it, not than the first."""
    first = clock(sent, ClockKind.FIRST_LOOK)
    with transaction.atomic():
        clocks.stop(sent, [ClockKind.FIRST_LOOK], first.started_at, replaced=True)
        _begin(sent, first.due_at - timedelta(hours=2))
        clocks.stop(sent, [ClockKind.FIRST_LOOK], first.started_at, replaced=True)
        with pytest.raises(DatabaseError, match="only_to_end_sooner"), transaction.atomic():
            _begin(sent, first.due_at - timedelta(hours=1))
        _begin(sent, first.due_at - timedelta(hours=3))


def test_a_first_look_is_replaced_by_another_one_or_it_runs(cast: Cast, sent):
    with pytest.raises(DatabaseError, match="replaced_by_a_sooner_one"):
        by_sql(STOP.format("true"), kind=ClockKind.FIRST_LOOK)


@pytest.mark.parametrize("later", [timedelta(minutes=1), timedelta(days=30)])
def test_the_clock_of_a_decision_begins_with_what_the_case_says(cast: Cast, sent, later):
    decision = {"kind": ClockKind.DECISION}

    with pytest.raises(DatabaseError, match="says_what_the_case_says"):
        by_sql(f"{STOP.format('false')}; {AGAIN}", later=later, **decision)

    # The way of an undone join stays open: to the time that was promised at first.
    by_sql(f"{STOP.format('false')}; {AGAIN}", later=timedelta(0), **decision)


def _begin(case: Case, due_at: datetime) -> Clock:
    return Clock.objects.create(
        case=case,
        kind=ClockKind.FIRST_LOOK,
        started_at=due_at - timedelta(days=1),
        due_at=due_at,
        near_at=due_at - timedelta(hours=1),
        settings={"hours": 1},
    )


def test_a_clock_that_ran_on_says_when_the_decision_was_due_then(cast: Cast, sent):
    pause = clocks.pause(actor=cast.manager, case=sent, reason=WHY)

    due = clocks.resume(actor=cast.manager, case=sent)

    pause.refresh_from_db()
    assert pause.due_after == due
    with pytest.raises(DatabaseError), transaction.atomic():
        Pause.objects.filter(pk=pause.pk).update(due_after=due + timedelta(days=1))


def test_what_became_of_each_promise_is_read_as_it_was_worked_out(cast: Cast):
    case = send(cast.teacher)
    promised = clock(case, ClockKind.FIRST_LOOK)
    services.prioritise(
        actor=cast.coordinator,
        seen={case.reference: Priority.STANDARD},
        to=Priority.IMMEDIATE,
        reason="He was seen with her.",
    )
    services.acknowledge(actor=cast.coordinator, case=case)
    clocks.pause(actor=cast.manager, case=case, reason=WHY)
    cast.partnership.immediate_hours = 9
    cast.partnership.save()

    past = clocks.history(actor=cast.manager, case=case)

    assert [each.became.partition(" at ")[0].partition(" on ")[0] for each in past] == [
        "Stopped in time,",
        "Stands still",
        "Not kept: started anew",
    ]
    kept, still, anew = past
    assert kept.due_at - kept.started_at == timedelta(hours=1)
    assert (anew.due_at, anew.kind) == (promised.due_at, kept.kind)
    assert [(by, why) for _, _, by, why in still.pauses] == [("Manny Ager", WHY)]
    page = signed_in(cast.manager).get(reverse("triage:clock", args=[case.reference])).text
    assert all(each.became in page for each in past)
    # That it was read in time is said of no clock that another one took the place of.
    assert list(Clock.objects.filter(replaced=True)) == [promised]


def test_the_clocks_of_a_decided_case_are_read_on_record_and_stand_still_no_more(cast: Cast, sent):
    services.decide(
        actor=cast.coordinator,
        case=sent,
        outcome=Outcome.ASSESSMENT,
        reason="Why.",
        told_referrer="What.",
    )
    workspace = reverse("triage:workspace", args=[sent.reference])
    client, address = signed_in(cast.manager), reverse("triage:clock", args=[sent.reference])
    assert "The clocks of this case" in client.get(workspace).text
    assert "The clocks of this case" not in signed_in(cast.coordinator).get(workspace).text

    page = client.get(address).text

    assert "No decision is owed now." in page
    assert "Stopped in time" in page
    assert "Let the clock stand still" not in page
    [read] = events("clock.read", stream=f"case:{sent.pk}")
    assert read["subj"] == [str(sent.child_id)]


def test_only_who_oversees_a_case_reads_what_became_of_its_clocks(cast: Cast, sent):
    with pytest.raises(Refused):
        clocks.history(actor=cast.teacher, case=sent)


@pytest.mark.parametrize(
    ("then", "said"), [(30, "Stopped in time"), (90, "Stopped after its time")]
)
def test_what_stopped_after_its_time_says_so(cast: Cast, sent, then, said):
    running = clock(sent, ClockKind.FIRST_LOOK)
    Clock.objects.filter(pk=running.pk).update(
        near_at=running.started_at, due_at=running.started_at + timedelta(minutes=60)
    )

    clocks.stop(sent, [ClockKind.FIRST_LOOK], running.started_at + timedelta(minutes=then))

    first = next(
        each
        for each in clocks.history(actor=cast.manager, case=sent)
        if each.kind == ClockKind.FIRST_LOOK.label
    )
    assert first.became.startswith(said)


def test_a_manager_lets_it_stand_still_and_run_on_by_its_page(cast: Cast, sent):
    address = reverse("triage:clock", args=[sent.reference])
    client = signed_in(cast.manager)

    assert client.post(address, {"reason": ""}).status_code == 422
    assert client.post(address, {"reason": WHY}).status_code == 302
    workspace = reverse("triage:workspace", args=[sent.reference])
    assert WHY in signed_in(cast.coordinator).get(workspace).text
    assert WHY in client.get(address).text
    twice = client.post(address, {"reason": "Pressed again."})
    assert (twice.status_code, "Pressed again." in twice.text) == (409, True)
    assert not Clock.objects.running().filter(case=sent, kind="decision").exists()
    assert client.post(address, {"run_on": "yes"}).status_code == 302
    assert Clock.objects.running().filter(case=sent, kind="decision").exists()
    assert signed_in(cast.coordinator).get(address).status_code == 403
