"""Referrals of the board get another priority: all that were selected or none, with a reason."""

from datetime import timedelta
from threading import Thread
from time import sleep

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from lxml import html

from portal.common.errors import DomainError, Refused
from portal.notifications.models import Notice
from portal.notifications.vocabulary import Kind
from referrals.models import Case, Clock, Decision, Grant, PriorityChange, Proposal
from referrals.policies import visible
from referrals.services import end_grants
from referrals.triage import services
from referrals.triage.policies import may_prioritise
from referrals.vocabulary import ClockKind, Danger, Outcome, Priority
from tests.cast import Cast, at_once, events, send, signed_in
from tests.matching.test_judge import wall
from tests.referrals.test_board import rows

WHY = "The school rang: she has gone out of sight."
URGENT, STANDARD, IMMEDIATE = Priority.URGENT, Priority.STANDARD, Priority.IMMEDIATE


def change(who, *cases: Case, to: Priority = URGENT, reason: str = WHY, was: str = ""):
    seen = {case.reference: was or case.priority for case in cases}
    return services.prioritise(actor=who, seen=seen, to=to, reason=reason)


def priorities() -> list[str]:
    return sorted(Case.objects.values_list("priority", flat=True))


def first_look(case: Case) -> Clock:
    return case.clocks.get(kind=ClockKind.FIRST_LOOK, stopped_at=None)


def test_several_at_once_each_on_record_with_the_reason(cast: Cast):
    cases = [send(cast.teacher) for _ in range(3)]
    already = send(cast.teacher, danger=Danger.UNSURE)

    done = change(cast.coordinator, *cases, already)

    assert done == tuple(sorted(case.reference for case in cases))
    assert priorities() == [URGENT] * 4
    said = events("referral.prioritised")
    assert sorted(each["obj"]["id"] for each in said) == sorted(str(case.pk) for case in cases)
    assert {each["why"] for each in said} == {"standard, urgent"}
    kept = PriorityChange.objects.all()
    assert {(each.was, each.now, each.reason) for each in kept} == {("standard", "urgent", WHY)}
    assert WHY not in str(said)
    told = Notice.objects.filter(kind=Kind.CHANGED).values_list("recipient__user__name", flat=True)
    assert sorted(told) == sorted(["Second Dinator", "Manny Ager"] * 3)


def test_the_board_orders_by_it_and_the_case_says_why(cast: Cast):
    first, second = send(cast.teacher), send(cast.teacher)
    now = timezone.now()
    Case.objects.filter(pk=first.pk).update(decision_due_at=now + timedelta(hours=1))
    change(cast.coordinator, second, to=IMMEDIATE)

    client = signed_in(cast.coordinator)
    assert rows(client) == [second.reference, first.reference]
    page = client.get(f"/referrals/{second.reference}/").text
    assert "Priority: Standard to immediate" in page
    assert WHY in page
    # Who sent it reads its priority, and not what the front door wrote about it.
    assert WHY not in signed_in(cast.teacher).get(f"/referrals/{second.reference}/").text


def test_what_is_more_pressing_is_read_sooner_and_no_promise_is_put_off(cast: Cast):
    case = send(cast.teacher)
    promised = first_look(case)
    change(cast.coordinator, case, to=IMMEDIATE)

    sooner = first_look(case)
    assert sooner.due_at - sooner.started_at == timedelta(hours=1)
    assert sooner.due_at <= promised.due_at
    promised.refresh_from_db()
    assert promised.stopped_at is not None

    case.refresh_from_db()
    due = case.decision_due_at
    change(cast.manager, case, to=STANDARD)
    assert first_look(case) == sooner
    case.refresh_from_db()
    assert case.decision_due_at == due


def test_what_somebody_has_read_already_starts_no_clock(cast: Cast):
    case = send(cast.teacher)
    services.acknowledge(actor=cast.coordinator, case=case)
    change(cast.second_coordinator, case, to=IMMEDIATE)

    assert not case.clocks.filter(kind=ClockKind.FIRST_LOOK, stopped_at=None).exists()
    told = Notice.objects.filter(kind=Kind.CHANGED).values_list("recipient__user__name", flat=True)
    assert list(told) == ["Coral Dinator"]


@pytest.mark.parametrize("now", Priority)
@pytest.mark.parametrize("to", Priority)
def test_only_a_manager_makes_one_less_pressing(cast: Cast, now: Priority, to: Priority):
    order = [STANDARD, URGENT, IMMEDIATE]
    case = Case(priority=now)

    assert may_prioritise(cast.manager, case, to)
    assert may_prioritise(cast.coordinator, case, to) is (order.index(to) >= order.index(now))


def test_one_that_would_be_less_pressing_stops_them_all(cast: Cast):
    danger, other = send(cast.teacher, danger=Danger.YES), send(cast.teacher)

    with pytest.raises(DomainError, match=f"makes a referral less pressing: {danger.reference}"):
        change(cast.coordinator, danger, other)

    assert priorities() == [IMMEDIATE, STANDARD]
    assert change(cast.manager, danger, other) == tuple(sorted((danger.reference, other.reference)))


def test_one_that_changed_meanwhile_stops_them_all(cast: Cast):
    changed, decided, other, hidden = (send(cast.teacher) for _ in range(4))
    change(cast.manager, changed)
    services.decide(
        actor=cast.manager,
        case=decided,
        outcome=Outcome.PANEL,
        reason="Why.",
        told_referrer="What.",
    )
    wall(cast, hidden)

    with pytest.raises(DomainError) as refusal:
        change(cast.coordinator, changed, decided, other, hidden, to=IMMEDIATE, was="standard")

    said = str(refusal.value)
    assert f"{changed.reference} has another priority now" in said
    assert f"{decided.reference} has been decided" in said
    assert "1 could not be found" in said
    assert hidden.reference not in said
    assert other.reference not in said
    assert IMMEDIATE not in priorities()
    assert PriorityChange.objects.count() == 1


def test_without_a_reason_for_nobody_else_and_not_for_nothing(cast: Cast, sent: Case):
    for words, call in (
        ("Write why", lambda: change(cast.coordinator, sent, reason=" ")),
        ("already", lambda: change(cast.coordinator, sent, to=STANDARD)),
        ("Select at least one", lambda: change(cast.coordinator)),
        (
            "at most 25",
            lambda: services.prioritise(
                actor=cast.coordinator,
                seen={f"R-{n}": "" for n in range(26)},
                to=URGENT,
                reason=WHY,
            ),
        ),
        ("could not be found", lambda: change(cast.other_coordinator, sent)),
    ):
        with pytest.raises(DomainError, match=words):
            call()
    with pytest.raises(Refused):
        change(cast.teacher, sent)
    assert priorities() == [STANDARD]


def only_sent(cast: Cast) -> Case:
    """A case that the coordinator sent and knows of, and does not coordinate."""
    case = send(cast.coordinator)
    live = Grant.objects.live().filter(content_object=case, group_id=cast.coordinator.team_id)
    end_grants(cast.manager, case, live, "Nothing to do with it.")
    assert visible(cast.coordinator).filter(pk=case.pk).exists()
    return case


def test_of_what_somebody_knows_in_another_way_they_change_nothing(cast: Cast, sent: Case):
    known = only_sent(cast)

    with pytest.raises(DomainError, match="1 could not be found"):
        change(cast.coordinator, known, sent)

    given = services.assign(
        actor=cast.coordinator,
        seen={case.reference: "" for case in (known, sent)},
        to=cast.coordinator.membership_id,
    )
    assert (given.done, given.not_done) == ((sent.reference,), ("1 could not be found.",))
    assert priorities() == [STANDARD] * 2


def test_who_is_kept_from_a_case_while_they_wait_for_it_changes_nothing(committed, cast: Cast):
    case = send(cast.teacher)
    with transaction.atomic():
        Case.objects.select_for_update().get(pk=case.pk)
        found: list[object] = []
        waits = Thread(target=lambda: found.extend(at_once(lambda: change(cast.coordinator, case))))
        waits.start()
        waits_for_a_lock()
        wall(cast, case)
    waits.join()

    assert "could not be found" in str(found[0])
    assert priorities() == [STANDARD]


def waits_for_a_lock() -> None:
    """Come back once somebody waits for a row of this database."""
    with connection.cursor() as cursor:
        for _ in range(200):
            cursor.execute(
                "SELECT count(*) FROM pg_locks l JOIN pg_database d"
                " ON d.datname = current_database() WHERE NOT l.granted AND l.pid IN"
                " (SELECT pid FROM pg_locks WHERE database = d.oid)"
            )
            if cursor.fetchone()[0]:
                return
            sleep(0.05)
    raise AssertionError("nobody waits")


@pytest.mark.parametrize("outcome", [Outcome.EARLY_HELP, Outcome.WITHDRAWN])
def test_danger_that_was_reported_counts_on_when_it_is_less_pressing(cast: Cast, outcome: Outcome):
    case = send(cast.teacher, danger=Danger.YES)
    change(cast.manager, case, to=STANDARD)
    withdrawn = outcome is Outcome.WITHDRAWN
    if withdrawn:
        Case.objects.update(status="withdrawn")
    case.refresh_from_db()

    made = services.decide(
        actor=cast.manager,
        case=case,
        outcome=outcome,
        reason="Why.",
        told_referrer="What.",
        withdrawn=withdrawn,
    )

    assert isinstance(made, Proposal)
    with pytest.raises(DatabaseError, match="takes_the_yes_of_another"), transaction.atomic():
        Decision.objects.create(
            case=case,
            outcome=outcome,
            reason="Why.",
            told_referrer="What.",
            decided_by_id=cast.manager.membership_id,
            decided_at=timezone.now(),
        )


def test_on_one_screen_and_one_confirm(cast: Cast):
    cases = [send(cast.teacher) for _ in range(2)]
    client = signed_in(cast.coordinator)
    board = html.fromstring(client.get("/triage/").content.decode())
    assert board.xpath("//button[@formaction='/triage/priority/']")
    chosen = {"case": [case.reference for case in cases]}

    confirm = client.post("/triage/priority/", chosen)
    page = html.fromstring(confirm.content.decode())
    form = page.xpath("//main//form[@action='/triage/priority/']")[0]
    assert not form.xpath(".//input[@checked]")
    carried = {box.get("name"): box.get("value") for box in form.xpath(".//input[@type='hidden']")}
    assert priorities() == [STANDARD] * 2
    nothing = client.post("/triage/priority/", {**carried, **chosen})
    assert (nothing.status_code, "Select which priority" in nothing.text) == (422, True)
    assert "Write why the priority changes" in nothing.text
    typed = {**carried, **chosen, "to": ["", "urgent"], "reason": WHY}
    answer = client.post("/triage/priority/", typed)

    assert answer.url == "/triage/"
    assert "2 with another priority now:" in client.get("/triage/").text
    assert priorities() == [URGENT] * 2


def test_a_conflict_keeps_the_words_and_shows_what_is_so_now(cast: Cast):
    case, gone = send(cast.teacher), send(cast.teacher)
    client = signed_in(cast.coordinator)
    chosen = {"case": [case.reference, gone.reference]}
    seen = {f"had-{each.reference}": "standard" for each in (case, gone)}
    change(cast.manager, case)
    services.decide(
        actor=cast.manager, case=gone, outcome=Outcome.PANEL, reason="Why.", told_referrer="What."
    )

    answer = client.post("/triage/priority/", {**chosen, **seen, "to": "immediate", "reason": WHY})

    assert answer.status_code == 409
    assert "something changed" in answer.text
    assert WHY in answer.text
    form = html.fromstring(answer.content.decode()).xpath("//main//form")[0]
    assert form.xpath(".//input[@name='case']/@value") == [case.reference]
    assert form.xpath(f".//input[@name='had-{case.reference}']/@value") == ["urgent"]
    again = {"case": [case.reference], f"had-{case.reference}": "urgent"}
    client.post("/triage/priority/", {**again, "to": "immediate", "reason": WHY})
    assert Case.objects.get(pk=case.pk).priority == IMMEDIATE


def test_where_nothing_is_left_to_change_the_words_stay_and_no_button(cast: Cast, sent: Case):
    services.decide(
        actor=cast.manager, case=sent, outcome=Outcome.PANEL, reason="Why.", told_referrer="What."
    )
    client = signed_in(cast.coordinator)
    chosen = {"case": sent.reference, f"had-{sent.reference}": "standard"}

    answer = client.post("/triage/priority/", {**chosen, "to": "immediate", "reason": WHY})

    assert answer.status_code == 409
    assert f"{sent.reference} has been decided" in answer.text
    assert WHY in answer.text
    assert "Change the priority</button>" not in answer.text
    assert not html.fromstring(answer.content.decode()).xpath("//main//form")


def test_what_is_hidden_meanwhile_is_missed_as_what_was_never_there(cast: Cast):
    hidden, other = send(cast.teacher), send(cast.teacher)
    wall(cast, hidden)
    client = signed_in(cast.coordinator)

    def answers(*references: str) -> tuple[int, str]:
        had = {f"had-{each}": "standard" for each in references}
        typed = {"case": references, **had, "to": "urgent", "reason": WHY}
        answer = client.post("/triage/priority/", typed)
        said = html.fromstring(answer.content.decode()).xpath("//main")[0].text_content()
        return answer.status_code, " ".join(said.split())

    for others in ((other.reference,), ()):
        status, said = answers(hidden.reference, *others)
        assert (status, "1 could not be found" in said, WHY in said) == (409, True, True)
        assert answers("R-22222222", *others) == (status, said)
    assert priorities() == [STANDARD] * 2

    to = str(cast.second_coordinator.membership_id)
    client.post("/triage/assign/", {"case": [hidden.reference, other.reference], "to": to})
    assert "1 assigned. 1 could not be found." in client.get("/triage/").text
    nothing = client.post("/triage/assign/", {"case": hidden.reference, "to": to})
    assert (nothing.status_code, "could not be found" in nothing.text) == (422, True)


def test_nothing_selected_is_told_beside_the_list(cast: Cast, sent: Case):
    answer = signed_in(cast.coordinator).post("/triage/priority/", {})

    assert (answer.status_code, "Select at least one referral" in answer.text) == (422, True)
    assert signed_in(cast.teacher).post("/triage/priority/", {}).status_code == 403


def test_two_at_once_over_the_same_leave_one_and_no_half(committed, cast: Cast):
    cases = [send(cast.teacher) for _ in range(3)]

    found = at_once(
        lambda: change(cast.coordinator, *cases),
        lambda: change(cast.second_coordinator, *cases[::-1], to=IMMEDIATE),
    )

    assert len([each for each in found if isinstance(each, tuple)]) == 1, found
    assert len([each for each in found if isinstance(each, DomainError)]) == 1, found
    assert len(set(priorities())) == 1
    assert PriorityChange.objects.count() == 3


def test_the_database_takes_no_old_reason_for_a_new_step(committed, cast: Cast):
    case = send(cast.teacher, danger=Danger.YES)
    change(cast.manager, case, to=STANDARD)
    Case.objects.update(priority=IMMEDIATE)

    with pytest.raises(DatabaseError, match="less_pressing_has_a_reason"):
        Case.objects.update(priority=STANDARD)

    case.refresh_from_db()
    change(cast.manager, case, to=STANDARD)
    assert priorities() == [STANDARD]


def test_the_database_makes_nothing_less_pressing_without_a_reason(cast: Cast):
    case = send(cast.teacher, danger=Danger.YES)

    def lowered(to: str) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            Case.objects.filter(pk=case.pk).update(priority=to)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    for to in (URGENT, STANDARD):
        with pytest.raises(DatabaseError, match="less_pressing_has_a_reason"):
            lowered(to)
    change(cast.manager, case)
    with pytest.raises(DatabaseError, match="less_pressing_has_a_reason"):
        lowered(STANDARD)
    lowered(IMMEDIATE)
