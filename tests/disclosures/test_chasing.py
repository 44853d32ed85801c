"""An answer that does not come: chased, passed on, listed; and on the board when it has come."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from portal.accounts import services as accounts
from portal.accounts.models import Partnership
from portal.common.clock import LONDON
from portal.common.errors import DomainError, NotVisible, Refused
from portal.notifications.models import Notice
from portal.notifications.services import mark_all_read
from portal.notifications.vocabulary import Kind
from referrals.models import Clock, Grant, Wall
from referrals.services import read_case
from referrals.triage import services as triage
from referrals.vocabulary import Conflict, Emergency, Outcome
from referrals.workflow import Action
from sharing.disclosures.forms.requests import QuestionForm
from sharing.disclosures.models import Chaser, Request
from sharing.disclosures.policies import requests as policies
from sharing.disclosures.services import chasing, emergency, passing, received
from sharing.disclosures.services.chasing import chase, sweep
from sharing.disclosures.services.replies import reply_to
from sharing.disclosures.vocabulary import ChaserKind, Reply
from sharing.rules.vocabulary import Category
from tests.cast import at_once, events, membership, send, signed_in
from tests.closing import ending
from tests.disclosures.conftest import ask, lead_of
from tests.referrals.test_board import rows as on_board
from tests.referrals.test_board import views as board_views
from tests.referrals.test_decide import WORDS

FRIDAY = datetime(2030, 11, 22, 16, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture
def second_lead(nurse_lead):
    """A colleague of the lead who is asked: of the same team, who may answer."""
    return lead_of(nurse_lead.agency_id, "Sec Ond")


def told(kind: Kind) -> list[object]:
    """Who has been told, once for each time."""
    return list(
        Notice.objects.filter(kind=kind)
        .order_by("created_at", "recipient__user__name")
        .values_list("recipient__user_id", flat=True)
    )


def wall(principal, case, by) -> Wall:
    return Wall.objects.create(
        case=case, user_id=principal.user_id, why=Conflict.RELATIVE, raised_by=membership(by)
    )


def kinds(request: Request) -> list[str]:
    return list(request.chasers.order_by("chased_at").values_list("kind", flat=True))


# --- The clock ---------------------------------------------------------------------------------


def test_it_is_chased_four_office_hours_before_it_is_due(cast, sent, nurse_lead, time_machine):
    time_machine.move_to(FRIDAY, tick=False)
    asked = ask(cast.coordinator, sent, nurse_lead)

    assert asked.due_at == datetime(2030, 11, 26, 16, tzinfo=UTC)
    assert asked.near_at == datetime(2030, 11, 26, 12, tzinfo=UTC)


def test_hours_before_it_is_due_are_hours_in_which_somebody_is_there(
    cast, sent, nurse_lead, time_machine
):
    cast.partnership.request_near_hours = 10
    cast.partnership.save()
    time_machine.move_to(FRIDAY, tick=False)

    # Two working days of eight hours: half of them are left on Monday at four, and no sooner.
    assert ask(cast.coordinator, sent, nurse_lead).near_at == datetime(2030, 11, 25, 16, tzinfo=UTC)


def test_what_cannot_wait_is_chased_when_half_of_its_time_is_over(
    cast, sent, nurse_lead, time_machine
):
    time_machine.move_to(datetime(2030, 11, 23, 23, tzinfo=UTC), tick=False)
    asked = ask(cast.coordinator, sent, nurse_lead, immediate=True)

    assert asked.near_at == datetime(2030, 11, 24, 0, tzinfo=UTC)


def test_a_setting_that_changes_later_moves_no_time_that_was_given(cast, sent, asked):
    due_at, near_at = asked.due_at, asked.near_at
    cast.partnership.request_working_days = 9
    cast.partnership.request_near_hours = 1
    cast.partnership.save()

    asked.refresh_from_db()

    assert (asked.due_at, asked.near_at) == (due_at, near_at)


def test_the_clock_of_the_decision_runs_on_while_agencies_are_asked_and_chased(
    cast, sent, nurse_lead, time_machine
):
    due_at = sent.decision_due_at
    asked = ask(cast.coordinator, sent, nurse_lead, immediate=True)
    time_machine.move_to(asked.due_at + SECOND)
    sweep()
    chase(actor=cast.coordinator, pk=asked.pk)

    sent.refresh_from_db()
    clock = Clock.objects.running().get(case=sent, kind="decision")
    assert (sent.decision_due_at, clock.due_at) == (due_at, due_at)
    assert not clock.pauses.exists()


# --- Chased by the clock ---


def test_who_answers_is_told_when_it_is_near_and_when_it_is_late_and_who_asked_then_too(
    cast, asked, nurse_lead, time_machine
):
    assert sweep() == 0
    time_machine.move_to(asked.near_at + SECOND)
    assert (sweep(), sweep()) == (1, 0)
    assert told(Kind.REQUEST_CHASED) == [nurse_lead.user_id]
    assert told(Kind.REQUEST_LATE) == []

    time_machine.move_to(asked.due_at + SECOND)
    assert (sweep(), sweep()) == (1, 0)

    assert told(Kind.REQUEST_CHASED) == [nurse_lead.user_id] * 2
    assert told(Kind.REQUEST_LATE) == [cast.coordinator.user_id]
    assert kinds(asked) == [ChaserKind.NEAR, ChaserKind.LATE]
    near, late = events("request.chased")
    assert (near["why"], late["why"]) == ("near", "late")
    assert near["actor"]["id"] is None
    assert near["ids"] == [str(nurse_lead.membership_id)]


def test_the_command_without_the_queue_chases_too(asked, time_machine):
    time_machine.move_to(asked.due_at + SECOND)

    call_command("sweep")

    assert kinds(asked) == [ChaserKind.LATE]


def test_when_nobody_was_at_work_in_time_it_is_only_late(asked, time_machine):
    time_machine.move_to(asked.due_at + timedelta(days=3))

    assert sweep() == 1
    assert kinds(asked) == [ChaserKind.LATE]


def test_what_is_answered_is_chased_no_more(asked, nurse_lead, time_machine):
    time_machine.move_to(asked.near_at + SECOND)
    sweep()
    assert Notice.objects.filter(kind=Kind.REQUEST_CHASED, escalate_at__isnull=False).exists()

    reply_to(actor=nurse_lead, pk=asked.pk, reply=Reply.NOTHING)

    # Nor are the next people told that nobody acts.
    assert not Notice.objects.filter(case=asked.case_id, escalate_at__isnull=False).filter(
        recipient__team=nurse_lead.team_id
    )
    time_machine.move_to(asked.due_at + SECOND)
    assert sweep() == 0


def test_an_agency_is_chased_after_the_decision_and_not_when_the_case_is_over(
    cast, sent, nurse_lead, time_machine
):
    asked = ask(cast.coordinator, sent, nurse_lead)
    triage.decide(actor=cast.coordinator, case=sent, outcome=Outcome.PANEL, **WORDS)
    time_machine.move_to(asked.near_at + SECOND)
    assert sweep() == 1

    for action in (Action.OPEN, Action.STEP_DOWN):
        triage.move(actor=cast.coordinator, case=sent, action=action, reason="Safe now.")
    triage.close(actor=cast.manager, case=sent, ending=ending())
    time_machine.move_to(asked.due_at + SECOND)

    assert sweep() == 0
    assert received.list_requests(actor=cast.coordinator).waited_for == ()


def test_what_was_asked_on_a_closed_case_asks_nobody_for_anything(
    cast, sent, nurse_lead, second_lead
):
    asked = ask(cast.coordinator, sent, nurse_lead)
    passing.pass_on(actor=nurse_lead, pk=asked.pk, to=second_lead.membership_id, had="")
    triage.decide(actor=cast.coordinator, case=sent, outcome=Outcome.PANEL, **WORDS)
    for action in (Action.OPEN, Action.STEP_DOWN):
        triage.move(actor=cast.coordinator, case=sent, action=action, reason="Safe now.")
    assert received.list_requests(actor=nurse_lead).to_answer
    triage.close(actor=cast.manager, case=sent, ending=ending())
    accounts.end_membership(membership=membership(second_lead))

    assert sweep() == 0
    assert received.list_requests(actor=nurse_lead).to_answer == ()
    assert not policies.chases(cast.coordinator).exists()
    with pytest.raises(DomainError, match="This case is closed"):
        chase(actor=cast.coordinator, pk=asked.pk)


def test_two_sweeps_at_once_chase_once(committed, cast, sent, nurse_lead, time_machine):
    asked = ask(cast.coordinator, sent, nurse_lead)
    time_machine.move_to(asked.due_at + SECOND)

    assert not [each for each in at_once(*[sweep] * 3) if isinstance(each, Exception)]

    assert kinds(asked) == [ChaserKind.LATE]
    assert told(Kind.REQUEST_LATE) == [cast.coordinator.user_id]
    assert len(events("request.chased")) == 1


def test_an_asker_who_left_does_not_hear_and_the_front_door_does(cast, sent, asked, time_machine):
    accounts.end_membership(membership=membership(cast.coordinator))
    time_machine.move_to(asked.due_at + SECOND)

    sweep()

    heard = set(told(Kind.REQUEST_LATE))
    assert cast.coordinator.user_id not in heard
    assert {cast.second_coordinator.user_id, cast.manager.user_id} <= heard


def test_when_nobody_can_answer_who_asked_hears_that_it_is_late_all_the_same(
    cast, asked, nurse_lead, time_machine
):
    accounts.end_membership(membership=membership(nurse_lead))
    time_machine.move_to(asked.due_at + SECOND)

    sweep()

    assert told(Kind.REQUEST_CHASED) == []
    assert told(Kind.REQUEST_LATE) == [cast.coordinator.user_id]
    (event,) = events("request.chased")
    assert event["out"] == "failed"


# --- Chased by hand ---


def test_one_press_tells_those_who_answer_and_is_on_the_record(cast, sent, asked, nurse_lead):
    made = chase(actor=cast.coordinator, pk=asked.pk)

    assert (made.kind, made.by_id) == (ChaserKind.HAND, cast.coordinator.membership_id)
    assert told(Kind.REQUEST_CHASED) == [nurse_lead.user_id]
    assert told(Kind.REQUEST_LATE) == []
    (event,) = events("request.chased")
    assert event["obj"] == {"kind": "request", "id": str(asked.pk)}
    assert event["actor"]["id"] == str(cast.coordinator.user_id)
    assert event["subj"] == [str(sent.child_id)]


def test_once_a_working_day_whoever_presses(cast, asked, time_machine):
    chase(actor=cast.coordinator, pk=asked.pk)
    with pytest.raises(DomainError, match="chased by hand today"):
        chase(actor=cast.manager, pk=asked.pk)

    time_machine.move_to(timezone.now() + timedelta(days=7))
    chase(actor=cast.manager, pk=asked.pk)

    assert len(told(Kind.REQUEST_CHASED)) == 2


def test_two_presses_at_once_chase_once(committed, cast, sent, nurse_lead):
    asked = ask(cast.coordinator, sent, nurse_lead)

    first, second = at_once(
        lambda: chase(actor=cast.coordinator, pk=asked.pk),
        lambda: chase(actor=cast.manager, pk=asked.pk),
    )

    assert {type(first), type(second)} == {Chaser, DomainError}
    assert len(told(Kind.REQUEST_CHASED)) == 1


def test_the_weekend_belongs_to_monday(cast):
    friday_night = datetime(2030, 11, 22, 20, tzinfo=UTC)
    days = {
        chasing.working_day(cast.partnership, friday_night + timedelta(hours=hours))
        for hours in (0, 24, 48, 66)
    }
    assert [f"{day:%A}" for day in days] == ["Monday"]


def test_who_is_asked_and_who_reads_in_an_emergency_cannot_chase(cast, sent, asked, nurse_lead):
    with pytest.raises(Refused, match="can chase"):
        chase(actor=nurse_lead, pk=asked.pk)
    emergency.open_in_emergency(
        actor=cast.coordinator,
        reference=sent.reference,
        why=Emergency.LIFE,
        next_step="I ring her now and fetch her from the station.",
    )
    with pytest.raises(Refused, match="can chase"):
        chase(actor=cast.coordinator, pk=asked.pk)
    assert not Chaser.objects.exists()


@pytest.mark.parametrize("who", ["teacher", "lead", "other_coordinator"])
def test_for_anybody_else_there_is_nothing_to_chase(cast, asked, who):
    with pytest.raises(NotVisible):
        chase(actor=getattr(cast, who), pk=asked.pk)


def test_what_is_answered_or_can_be_read_no_more_is_not_chased(cast, sent, nurse_lead, asked):
    other = ask(cast.coordinator, sent, nurse_lead, question="And now?")
    reply_to(actor=nurse_lead, pk=asked.pk, reply=Reply.NOTHING)
    with pytest.raises(DomainError, match="answered meanwhile"):
        chase(actor=cast.coordinator, pk=asked.pk)

    accounts.end_membership(membership=membership(nurse_lead))
    with pytest.raises(DomainError, match="Nobody at that agency"):
        chase(actor=cast.coordinator, pk=other.pk)


# --- Passed on to a colleague ---


def test_a_question_is_passed_on_and_both_are_told(
    cast, sent, nurse_lead, second_lead, time_machine
):
    asked = ask(cast.coordinator, sent, nurse_lead)
    third = lead_of(nurse_lead.agency_id, "Thi Rd")
    first, second = nurse_lead.membership_id, second_lead.membership_id

    passing.pass_on(actor=nurse_lead, pk=asked.pk, to=second, had="")
    assert told(Kind.REQUEST_GIVEN) == [second_lead.user_id]
    assert told(Kind.REQUEST_MOVED) == []

    passing.pass_on(actor=third, pk=asked.pk, to=first, had=str(second))
    assert told(Kind.REQUEST_GIVEN) == [second_lead.user_id, nurse_lead.user_id]
    assert told(Kind.REQUEST_MOVED) == [second_lead.user_id]
    assert [event["ids"] for event in events("request.reassigned")] == [[str(second)], [str(first)]]

    time_machine.move_to(asked.near_at + SECOND)
    sweep()
    assert told(Kind.REQUEST_CHASED) == [nurse_lead.user_id]


def test_it_can_go_back_to_the_whole_team(asked, nurse_lead, second_lead):
    had = second_lead.membership_id
    passing.pass_on(actor=nurse_lead, pk=asked.pk, to=had, had="")

    passing.pass_on(actor=nurse_lead, pk=asked.pk, to=None, had=str(had))

    asked.refresh_from_db()
    assert asked.given_to is None
    assert events("request.reassigned")[-1]["ids"] == []
    # Of those who may answer it now, each but who pressed; who had it is one of them.
    assert told(Kind.REQUEST_GIVEN) == [second_lead.user_id] * 2
    assert told(Kind.REQUEST_MOVED) == []


def test_who_chose_too_late_changes_nothing(asked, nurse_lead, second_lead):
    third = lead_of(nurse_lead.agency_id, "Thi Rd")
    passing.pass_on(actor=third, pk=asked.pk, to=third.membership_id, had="")

    with pytest.raises(DomainError, match="Thi Rd has it now"):
        passing.pass_on(actor=nurse_lead, pk=asked.pk, to=second_lead.membership_id, had="")

    asked.refresh_from_db()
    assert asked.given_to_id == third.membership_id


def test_it_goes_to_nobody_who_may_not_read_it(cast, sent, asked, nurse_lead, second_lead):
    wall(second_lead, sent, cast.manager)

    found = passing.read_to_pass_on(actor=nurse_lead, pk=asked.pk)
    assert [name for _, name in found.people] == ["Hattie Ealth"]
    for other in (second_lead, cast.panel_nurse, cast.coordinator):
        with pytest.raises(DomainError, match="Select who answers it"):
            passing.pass_on(actor=nurse_lead, pk=asked.pk, to=other.membership_id, had="")


def test_only_the_team_that_is_asked_passes_it_on_and_only_while_it_waits(
    cast, asked, nurse_lead, second_lead
):
    to = {"to": second_lead.membership_id, "had": ""}
    with pytest.raises(Refused):
        passing.pass_on(actor=cast.coordinator, pk=asked.pk, **to)
    with pytest.raises(NotVisible):
        passing.pass_on(actor=cast.teacher, pk=asked.pk, **to)
    reply_to(actor=nurse_lead, pk=asked.pk, reply=Reply.NOTHING)
    with pytest.raises(DomainError, match="answered this already"):
        passing.pass_on(actor=nurse_lead, pk=asked.pk, **to)


def _leaves(_cast, asked, who) -> None:
    accounts.end_membership(membership=membership(who))


def _is_walled(cast, asked, who) -> None:
    wall(who, asked.case, cast.manager)


@pytest.mark.parametrize("goes", [_leaves, _is_walled])
def test_what_somebody_had_who_cannot_answer_any_more_comes_back_to_the_lead(
    cast, asked, nurse_lead, second_lead, goes
):
    passing.pass_on(actor=nurse_lead, pk=asked.pk, to=second_lead.membership_id, had="")
    goes(cast, asked, second_lead)

    assert (sweep(), sweep()) == (1, 0)

    asked.refresh_from_db()
    assert asked.given_to is None
    assert told(Kind.REQUEST_GIVEN) == [second_lead.user_id, nurse_lead.user_id]
    assert events("request.reassigned")[-1]["actor"]["id"] is None


# --- The list ---


def references(rows) -> list[str]:
    return [row.reference for row in rows]


def test_the_front_door_lists_what_is_late_on_all_its_cases_least_time_first(
    cast, nurse_lead, time_machine
):
    one, two, three = (send(cast.teacher) for _ in range(3))
    soon = ask(cast.coordinator, one, nurse_lead)
    late = ask(cast.coordinator, two, nurse_lead, immediate=True)
    done = ask(cast.coordinator, three, nurse_lead, immediate=True)
    reply_to(actor=nurse_lead, pk=done.pk, reply=Reply.NOTHING)
    time_machine.move_to(late.due_at + SECOND)
    chase(actor=cast.coordinator, pk=late.pk)

    # A manager who asked nothing.
    every = received.list_requests(actor=cast.manager)
    assert references(every.waited_for) == [two.reference, one.reference]
    assert references(every.came) == [three.reference]
    assert {each.code: each.number for each in every.waits}["late"] == 1
    found = received.list_requests(actor=cast.manager, when="late")
    (row,) = found.waited_for
    assert (row.reference, row.team, row.chased) == (
        two.reference,
        "Agency lead, Exampleshire Health",
        1,
    )
    assert not row.may_chase  # today somebody has
    assert received.list_requests(actor=cast.manager).waited_for[1].may_chase
    assert received.list_requests(actor=cast.other_coordinator).waited_for == ()
    assert soon.due_at > late.due_at


def test_what_is_due_today_is_a_list_of_its_own(cast, sent, nurse_lead, time_machine):
    asked = ask(cast.coordinator, sent, nurse_lead)
    due = asked.due_at.astimezone(LONDON)
    midnight = due.replace(hour=0, minute=0, second=0, microsecond=0)

    def today(at: datetime) -> list[str]:
        time_machine.move_to(at)
        return references(received.list_requests(actor=cast.coordinator, when="today").waited_for)

    assert today(midnight - timedelta(minutes=1)) == []
    assert today(midnight + timedelta(minutes=1)) == [sent.reference]
    assert today(asked.due_at + SECOND) == []


def test_a_lead_lists_what_is_to_be_answered_by_who_has_it(cast, nurse_lead, second_lead):
    one, two = send(cast.teacher), send(cast.teacher)
    given = ask(cast.coordinator, one, nurse_lead)
    ask(cast.coordinator, two, nurse_lead)
    assert received.list_requests(actor=nurse_lead).people == ()
    passing.pass_on(actor=nurse_lead, pk=given.pk, to=second_lead.membership_id, had="")

    every = received.list_requests(actor=nurse_lead)
    theirs = received.list_requests(actor=nurse_lead, who=str(second_lead.membership_id))
    nobodys = received.list_requests(actor=nurse_lead, who=received.NOBODY)

    assert [(each.words, each.number) for each in every.people] == [
        ("All", 2),
        ("Sec Ond", 1),
        ("Nobody in particular", 1),
    ]
    assert references(theirs.to_answer) == [one.reference]
    assert theirs.to_answer[0].given_to == "Sec Ond"
    assert references(nobodys.to_answer) == [two.reference]


def test_codes_that_nobody_knows_narrow_nothing(nurse_lead, asked):
    page = signed_in(nurse_lead).get(reverse("disclosures:requests"), {"who": "x", "when": "%00"})

    assert asked.case.reference in page.content.decode()


# --- The pages ---


def test_chase_from_the_list_leads_back_to_it_and_from_the_page_to_the_page(
    cast, sent, nurse_lead, time_machine
):
    asked = ask(cast.coordinator, sent, nurse_lead, immediate=True)
    time_machine.move_to(asked.due_at + SECOND)
    client, press = signed_in(cast.coordinator), reverse("disclosures:chase", args=[asked.pk])
    late = f"{reverse('disclosures:requests')}?when=late"
    assert press in client.get(late).content.decode()

    gone = client.post(press, {"list": "late"})
    assert gone.url == late
    page = client.get(late).content.decode()
    assert "Chased once" in page
    assert press not in page
    again = client.post(press)
    assert again.status_code == 409
    assert "chased by hand today" in again.content.decode()

    time_machine.move_to(timezone.now() + timedelta(days=7))
    client, opened = signed_in(cast.coordinator), reverse("disclosures:request", args=[asked.pk])
    assert press in client.get(opened).content.decode()
    assert client.post(press).url == opened


def test_passing_on_in_pages(cast, asked, nurse_lead, second_lead):
    client = signed_in(nurse_lead)
    address = reverse("disclosures:pass-on", args=[asked.pk])
    opened = client.get(reverse("disclosures:request", args=[asked.pk])).content.decode()
    assert address in opened
    assert " checked" not in client.get(address).content.decode()
    assert client.post(address, {"had": ""}).status_code == 422

    gone = client.post(address, {"had": "", "to": str(second_lead.membership_id)})

    assert gone.url == reverse("disclosures:requests")
    assert "With Sec Ond" in client.get(gone.url).content.decode()
    late = client.post(address, {"had": "", "to": str(nurse_lead.membership_id)})
    assert late.status_code == 409
    assert "Sec Ond has it now" in late.content.decode()
    # The page that says so knows who has it: to press again is enough.
    again = {"had": str(second_lead.membership_id), "to": "everybody"}
    assert f'value="{again["had"]}"' in late.content.decode()
    assert client.post(address, again).status_code == 302


def test_home_says_what_is_to_be_answered_and_what_is_late(cast, sent, nurse_lead, time_machine):
    asked = ask(cast.coordinator, sent, nurse_lead, immediate=True)
    time_machine.move_to(asked.due_at + SECOND)

    lead, front = (
        signed_in(who).get(reverse("home:home")).content.decode()
        for who in (nurse_lead, cast.coordinator)
    )

    assert "1 question to your agency" in lead
    assert "1 answer from agencies is late" in front
    assert "1 answer" not in lead


# --- Answers on the board ---


def test_an_answer_is_on_the_board_until_the_case_is_opened_again(cast, nurse_lead):
    case, quiet = send(cast.teacher), send(cast.teacher)
    asked = ask(cast.coordinator, case, nurse_lead)
    read_case(actor=cast.coordinator, reference=case.reference)
    client = signed_in(cast.coordinator)
    assert board_views(client)["Replies in"] == 0

    reply_to(actor=nurse_lead, pk=asked.pk, reply=Reply.NOTHING)

    assert board_views(client)["Replies in"] == 1
    assert on_board(client, replies="in") == [case.reference]
    page = client.get(reverse("triage:board")).content.decode()
    assert page.count("An agency has answered") == 1
    read_case(actor=cast.manager, reference=case.reference)
    assert board_views(client)["Replies in"] == 1  # somebody else looked
    client.get(reverse("triage:workspace", args=[case.reference]))
    assert board_views(client)["Replies in"] == 0
    assert on_board(client, replies="in") == []
    assert quiet.reference in on_board(client)


def test_an_answer_counts_for_who_asked_and_for_who_checks_and_until_it_is_read(cast, nurse_lead):
    case = send(cast.teacher)
    triage.acknowledge(actor=cast.second_coordinator, case=case)
    asked = ask(cast.coordinator, case, nurse_lead)
    reply_to(actor=nurse_lead, pk=asked.pk, reply=Reply.NOTHING)

    assert set(told(Kind.ANSWERED)) == {
        cast.coordinator.user_id,
        cast.second_coordinator.user_id,
    }
    counts = [
        board_views(signed_in(who))["Replies in"]
        for who in (cast.coordinator, cast.second_coordinator, cast.manager)
    ]
    assert counts == [1, 1, 0]
    mark_all_read(principal=cast.second_coordinator)
    assert board_views(signed_in(cast.second_coordinator))["Replies in"] == 0


# --- Ready-made questions ---


READY = {each.words: each for each in policies.ready_questions(Partnership())}
AT_SCHOOL = "Has the child been at school, and what has changed?"
KNOWS_BEST = "Who at your agency knows the child best?"


def a_form(kept: str | None = None, **typed: object) -> QuestionForm:
    area = Partnership() if kept is None else Partnership(ready_questions=kept)
    given = {"why": "Why.", "how_soon": "soon", "gateway": "G", **typed}
    return QuestionForm(
        given,
        gateways=[("G", "G")],
        now="N",
        soon="S",
        ready=policies.ready_questions(area),
        records=False,
    )


def test_a_ready_made_question_asks_for_the_kind_of_information_it_is_about():
    asked = [READY[AT_SCHOOL].code, READY[KNOWS_BEST].code]
    form = a_form(ready=asked, question="And today?", categories=["IC11"])

    assert form.is_valid(), form.errors
    assert form.asked_for() == (Category.IC2, Category.IC5, Category.IC11)
    assert form.words().splitlines() == [KNOWS_BEST, AT_SCHOOL, "And today?"]


def test_one_ready_made_question_is_enough_and_none_at_all_is_not():
    assert a_form(ready=[READY[AT_SCHOOL].code]).is_valid()
    form = a_form()
    assert not form.is_valid()
    assert set(form.errors) == {"question", "categories"}
    assert not a_form(ready=["0" * 12]).is_valid()


def test_every_ready_made_question_that_a_partnership_begins_with_has_its_kind():
    assert len(READY) == 9
    assert all(each.category in policies.MAY_BE_ASKED for each in READY.values())


def test_a_partnership_keeps_questions_of_its_own_and_those_without_a_kind_ask_for_one():
    kept = "Where does the child sleep? | the CHILD's own words\nWho rang?"
    area = Partnership(ready_questions=kept)
    code = {each.words: each.code for each in policies.ready_questions(area)}
    sleeps, rang = code["Where does the child sleep?"], code["Who rang?"]

    assert a_form(kept, ready=[sleeps]).is_valid()
    assert set(a_form(kept, ready=[rang]).errors) == {"categories"}
    both = a_form(kept, ready=[rang], categories=["IC2"])
    assert both.is_valid()
    assert (both.words(), both.asked_for()) == ("Who rang?", (Category.IC2,))
    assert not a_form(kept, ready=[READY[AT_SCHOOL].code]).is_valid()


def test_without_ready_made_questions_the_page_asks_in_words_alone():
    form = a_form("", question="What?", categories=["IC2"])

    assert form.is_valid()
    assert "ready" not in form.fields


def test_a_ready_made_question_is_sent_in_a_page(cast, sent, nurse_lead):
    address = reverse("disclosures:ask", args=[sent.reference])
    query = f"?team={nurse_lead.team_id}&purpose=SCREEN"
    client = signed_in(cast.coordinator)
    said = {
        "ready": [READY[AT_SCHOOL].code],
        "why": "We check whether she is safe.",
        "how_soon": "soon",
        "gateway": "CA04_S11/2",
        "proportionality": "They need a name.",
        "child_told": "yes",
        "parents_told": "yes",
        "consent_limb": "not_reasonable",
    }
    assert AT_SCHOOL in client.post(address + query, said).content.decode()

    client.post(address + query, {**said, "send": "send"})

    asked = Request.objects.get()
    assert (asked.question, asked.categories) == (AT_SCHOOL, ["IC5"])
    assert Grant.objects.filter(group_id=nurse_lead.team_id).exists()
