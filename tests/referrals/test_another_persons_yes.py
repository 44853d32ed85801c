"""Decisions that take another's yes, what a decision sets going, and a decision that is changed."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from portal.accounts import services as accounts
from portal.accounts.vocabulary import Principal, Role
from portal.common.errors import DomainError, NotVisible, Refused
from portal.notifications.models import Notice
from portal.notifications.vocabulary import Kind
from referrals import policies
from referrals import services as casework
from referrals.models import Case, Decision, Grant, Proposal, SideRoute, Wall
from referrals.reading import read
from referrals.services import Told, chosen
from referrals.triage import services
from referrals.triage.services import Then
from referrals.vocabulary import Answer, Danger, KnownHow, Outcome, Protect, Side, Sign, State
from referrals.workflow import Action, Status
from sharing.rules.vocabulary import Category, Purpose
from tests.cast import SAW, Cast, at_once, events, membership, send, signed_in

WORDS = {"reason": "No sign of harm.", "told_referrer": "We talked it through."}
ENDS = [Outcome.ADVICE, Outcome.NFA]
IN_DANGER = [*ENDS, Outcome.EARLY_HELP]


def decide(who, case, outcome=Outcome.NFA, **more):
    return services.decide(actor=who, case=case, outcome=outcome, **{**WORDS, **more})


def answer(who, made, *, accepts=True, words=""):
    return services.answer(actor=who, pk=made.pk, accepts=accepts, words=words)


def told(kind: Kind) -> set[str]:
    found = Notice.objects.filter(kind=kind).exclude(status="suppressed")
    return set(found.values_list("recipient__user__name", flat=True))


@pytest.fixture
def lado(cast: Cast) -> Principal:
    return accounts.enrol(
        email="la.do@council.example.org", name="La Do", agency=cast.council, role=Role.LADO
    ).principal()


# --- A second person ------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", ENDS)
def test_nobody_ends_the_work_alone(cast: Cast, sent, outcome):
    made = decide(cast.manager, sent, outcome)

    assert isinstance(made, Proposal)
    assert Case.objects.get().status == Status.RECEIVED
    assert not Decision.objects.exists()
    assert told(Kind.SECOND_ASKED) == {"Coral Dinator", "Second Dinator"}
    assert Case.objects.get().clocks.running().filter(kind="decision").exists()
    with pytest.raises(Refused):
        answer(cast.manager, made)

    decision = answer(cast.coordinator, made)

    assert isinstance(decision, Decision)
    assert decision.decided_by_id == cast.manager.membership_id
    assert decision.confirmed_by_id == cast.coordinator.membership_id
    assert Case.objects.get().status == Status.DECIDED
    assert told(Kind.DECIDED) == {"Tess Eacher"}
    acts = [body["act"] for body in events("decision.proposed", "decision.confirmed")]
    assert acts == ["decision.proposed", "decision.confirmed"]


@pytest.mark.parametrize("danger", [Danger.YES, Danger.UNSURE])
@pytest.mark.parametrize("outcome", IN_DANGER)
def test_for_a_child_who_may_be_in_danger_one_of_the_two_manages(cast: Cast, danger, outcome):
    made = decide(cast.coordinator, send(cast.teacher, danger=danger), outcome)

    assert isinstance(made, Proposal)
    assert told(Kind.SECOND_ASKED) == {"Manny Ager"}
    with pytest.raises(Refused):
        answer(cast.second_coordinator, made)
    assert isinstance(answer(cast.manager, made), Decision)


@pytest.mark.parametrize("who", ["coordinator", "manager"])
@pytest.mark.parametrize("outcome", [*IN_DANGER, Outcome.WITHDRAWN])
def test_whoever_decides_no_child_who_may_be_harmed_is_one_persons_to_end(cast: Cast, outcome, who):
    case = send(cast.teacher, danger=Danger.YES)
    if outcome is Outcome.WITHDRAWN:
        Case.objects.update(status=Status.WITHDRAWN)

    made = decide(cast.everyone()[who], case, outcome, withdrawn=outcome is Outcome.WITHDRAWN)

    assert isinstance(made, Proposal)
    assert made.asks == "second"


def told_of(sign: Sign, **more) -> dict[str, Told]:
    return {"saw": Told(SAW), "signs": replace(chosen("signs", [sign]), **more)}


@pytest.mark.parametrize("sign", [Sign.THREATS, Sign.IMAGES, Sign.SEXUAL_HEALTH])
def test_a_sign_of_harm_counts_as_danger_does(cast: Cast, sign):
    case = send(cast.teacher, answers=told_of(sign))

    assert policies.may_be_harmed(case)
    assert isinstance(decide(cast.manager, case, Outcome.EARLY_HELP), Proposal)
    with pytest.raises(DomainError, match="manager"):
        decide(cast.coordinator, case, Outcome.OPEN_CASE, then=Then(to_words="Their worker"))
    made = decide(cast.coordinator, case, Outcome.NFA)
    with pytest.raises(Refused):
        answer(cast.second_coordinator, made)
    with pytest.raises(DomainError, match="not returned"):
        services.move(actor=cast.manager, case=case, action=Action.RETURN, reason="No name.")
    with pytest.raises(DomainError, match="in danger"):
        services.move(actor=cast.teacher, case=case, action=Action.WITHDRAW, reason="Mistake.")


def test_a_sign_of_harm_that_was_told_stays_told_and_a_concealed_one_was_not(cast: Cast):
    open_, hidden, mild = (
        send(cast.teacher, answers=each)
        for each in (
            told_of(Sign.DEBT),
            told_of(Sign.DEBT, protect=Protect.EXISTENCE),
            told_of(Sign.ABSENCE),
        )
    )
    statements = {
        case.pk: case.statements.get(question="signs", answer="given")
        for case in (open_, hidden, mild)
    }
    assert [policies.may_be_harmed(case) for case in (open_, hidden, mild)] == [True, False, False]

    casework.remove(actor=cast.teacher, statement=statements[open_.pk], why="No longer needed")
    casework.protect(actor=cast.teacher, statement=statements[hidden.pk], protect=Protect.NONE)
    casework.correct(
        actor=cast.teacher,
        statement=statements[mild.pk],
        text=Sign.IMAGES.label,
        known_how=KnownHow.SAW,
        why="The wrong box",
    )

    assert all(policies.may_be_harmed(case) for case in Case.objects.all())


def test_nobody_is_asked_who_may_not_know_of_the_case(cast: Cast, sent):
    def wall(who: Principal) -> None:
        Wall.objects.create(
            case=sent,
            user_id=who.user_id,
            why="relative",
            raised_by_id=cast.coordinator.membership_id,
        )

    wall(cast.manager)
    decide(cast.coordinator, sent)
    assert Notice.objects.filter(kind=Kind.SECOND_ASKED).count() == 1
    wall(cast.second_coordinator)

    with pytest.raises(DomainError, match="nobody else at the front door"):
        decide(cast.coordinator, sent, Outcome.ADVICE)


def test_the_check_says_what_each_will_newly_see_and_nothing_else(cast: Cast):
    answers = {
        "saw": Told(SAW),
        "school_life": Told("She is away.", protect=Protect.EXISTENCE),
        "gp": Told(answer=Answer.NOT_KNOWN),
    }
    case = send(cast.teacher, answers=answers)

    found = services.check(actor=cast.coordinator, case=case, outcome=Outcome.PANEL, sides=())
    decide(cast.coordinator, case, Outcome.PANEL)

    sees = {who: set(what.split("; ")) for who, what in found.sees}
    readers = (cast.panel_officer, cast.panel_nurse, cast.panel_chair)
    assert len(sees) == len(readers)
    for who in readers:
        items = read(who, case, Purpose.PANEL).items
        shown = {i.category.label for i in items if i.state in (State.SHOWN, State.NOT_KNOWN)}
        team = membership(who).team
        assert sees[f"{Role(team.role).label}, {team.agency.name}"] == shown
    assert not any(Category.IC5.label in each for each in sees.values())
    again = services.check(actor=cast.coordinator, case=case, outcome=Outcome.PANEL, sides=())
    assert again.sees == ()


def test_no_says_why_and_the_referral_stays_where_it_is(cast: Cast, sent):
    made = decide(cast.coordinator, sent)

    with pytest.raises(DomainError, match="why not"):
        answer(cast.manager, made, accepts=False)
    answer(cast.manager, made, accepts=False, words="Her aunt rang. Look again.")

    assert Case.objects.get().status == Status.RECEIVED
    assert told(Kind.SECOND_ANSWERED) == {"Coral Dinator"}
    assert isinstance(decide(cast.coordinator, sent, Outcome.ASSESSMENT), Decision)


def test_another_decision_ends_one_that_only_waits(cast: Cast, sent):
    made = decide(cast.coordinator, sent)

    decide(cast.second_coordinator, sent, Outcome.STRATEGY)

    made.refresh_from_db()
    assert made.accepted is False
    with pytest.raises(DomainError, match="answered this already"):
        answer(cast.manager, made)
    assert Decision.objects.get().outcome == Outcome.STRATEGY


def test_who_confirms_too_late_says_why(cast: Cast, sent):
    made = decide(cast.coordinator, sent)
    now = timezone.now()
    Case.objects.filter(pk=sent.pk).update(
        received_at=now - timedelta(days=3), decision_due_at=now - timedelta(hours=1)
    )

    with pytest.raises(DomainError, match="late"):
        answer(cast.manager, made)
    services.answer(actor=cast.manager, pk=made.pk, accepts=True, late_reason="Nobody was in.")

    assert Decision.objects.get().late_reason == "Nobody was in."


@pytest.mark.parametrize("name", ["teacher", "lead", "colleague", "other_coordinator", "chair"])
def test_nobody_else_answers_and_nobody_else_learns_of_it(cast: Cast, sent, name):
    made = decide(cast.coordinator, sent)

    with pytest.raises((NotVisible, Refused)):
        answer(cast.everyone()[name], made)
    assert services.waits_for(actor=cast.everyone()[name], case=sent) is None


def test_two_who_answer_at_once_and_one_answer_counts(committed, cast: Cast, sent):
    made = decide(cast.coordinator, sent)

    found = at_once(
        lambda: answer(cast.manager, made),
        lambda: answer(cast.second_coordinator, made, accepts=False, words="No."),
    )

    assert sum(isinstance(each, DomainError) for each in found) == 1, found
    made.refresh_from_db()
    assert Decision.objects.exists() is made.accepted


def test_the_database_refuses_what_one_person_ends(cast: Cast, sent):
    me, other = cast.coordinator.membership_id, cast.manager.membership_id
    like = {
        **WORDS,
        "case": sent,
        "decided_by_id": me,
        "decided_at": timezone.now(),
        "owner_id": me,
        "next_on": date(2099, 1, 1),
    }
    ends = (("nfa", None), ("nfa", me), ("nfa", other), ("advice", me), ("transfer", other))
    for outcome, confirmed in ends:
        with pytest.raises(DatabaseError), transaction.atomic():
            Decision.objects.create(outcome=outcome, confirmed_by_id=confirmed, **like)
    with pytest.raises(IntegrityError), transaction.atomic():
        Decision.objects.create(outcome="panel", **{**like, "owner_id": None})
    with pytest.raises(IntegrityError), transaction.atomic():
        Decision.objects.create(outcome="panel", **{**like, "next_on": None})
    made = decide(cast.coordinator, sent)
    now = {"answered_at": timezone.now(), "accepted": True}
    with pytest.raises(DatabaseError), transaction.atomic():
        Proposal.objects.filter(pk=made.pk).update(answered_by_id=me, **now)
    with pytest.raises(DatabaseError), transaction.atomic():
        Proposal.objects.filter(pk=made.pk).update(outcome="panel")


# --- Handed on ------------------------------------------------------------------------------------


def test_the_allocated_worker_accepts_before_the_referral_leaves_the_board(cast: Cast, sent):
    worker = accounts.enrol(
        email="wor.ker@council.example.org",
        name="Wor Ker",
        agency=cast.council,
        role=Role.PRACTITIONER,
    ).principal()
    then = Then(owner=worker.membership_id)
    made = decide(cast.coordinator, sent, Outcome.OPEN_CASE, then=then)

    assert Case.objects.get().status == Status.RECEIVED
    assert told(Kind.HANDED_OVER) == {"Wor Ker"}
    client = signed_in(worker)
    assert "Coral Dinator" in client.get(reverse("triage:handovers")).text
    page = client.post(reverse("triage:handover", args=[made.pk]), {"accepts": "yes"})

    assert page.status_code == 302
    assert Case.objects.get().status == Status.ROUTED
    assert Decision.objects.get().owner_id == worker.membership_id
    assert "nobody asks" in client.get(reverse("triage:handovers")).text.lower()
    assert not policies.visible(worker).exists()


def test_another_area_accepts_and_nobody_there_reads_the_case_for_that(cast: Cast, sent):
    then = Then(to_area=cast.other_area.pk)
    with pytest.raises(Refused):
        decide(cast.coordinator, sent, Outcome.TRANSFER, then=then)
    made = decide(cast.manager, sent, Outcome.TRANSFER, then=then)

    assert told(Kind.HANDED_OVER) == {"Elsa Wherry"}
    with pytest.raises(NotVisible):
        answer(cast.other_panel_officer, made)
    answer(cast.other_coordinator, made)

    decision = Decision.objects.get()
    assert (decision.owner_words, decision.outcome) == ("Elsewhere", "transfer")
    assert Case.objects.get().status == Status.TRANSFERRED
    assert not policies.visible(cast.other_coordinator).exists()


def test_what_an_authority_outside_says_is_written_down_by_hand(cast: Cast, sent):
    then = Then(to_words="The front door of a far county")
    made = decide(cast.manager, sent, Outcome.TRANSFER, then=then)

    with pytest.raises(DomainError, match="who said yes"):
        answer(cast.coordinator, made)
    answer(cast.coordinator, made, words="Their duty manager, by telephone at 3pm.")

    assert Decision.objects.get().owner_words == "The front door of a far county"


def handed(cast: Cast) -> dict[str, tuple[Outcome, Then]]:
    """Every way of handing a child on: to somebody outside, and to a worker or an area in here."""
    worker = Then(owner=cast.second_coordinator.membership_id)
    return {
        "a worker outside": (Outcome.OPEN_CASE, Then(to_words="Their worker")),
        "a worker": (Outcome.OPEN_CASE, worker),
        "an area outside": (Outcome.TRANSFER, Then(to_words="A far county")),
        "an area": (Outcome.TRANSFER, Then(to_area=cast.other_area.pk)),
    }


WAYS = ["a worker outside", "a worker", "an area outside", "an area"]


@pytest.mark.parametrize("serves_both", [False, True])
@pytest.mark.parametrize("way", WAYS)
def test_nobody_says_yes_to_what_they_proposed(cast: Cast, sent, way, serves_both):
    if serves_both:
        cast.council.partnerships.add(cast.other_area)
    me = membership(cast.manager).principal()
    outcome, then = handed(cast)[way]
    made = decide(me, sent, outcome, then=then)

    with pytest.raises(Refused, match="another person"):
        answer(me, made, words="They said yes to me.")
    assert str(made.pk) not in str(services.handovers(actor=me))
    assert Case.objects.get().status == Status.RECEIVED

    answer(me, made, accepts=False, words="I take it back.")
    assert not Decision.objects.exists()


@pytest.mark.parametrize("way", WAYS)
def test_nobody_speaks_for_a_worker_or_an_area_that_answers_in_here(cast: Cast, sent, way):
    outcome, then = handed(cast)[way]
    made = decide(cast.manager, sent, outcome, then=then)

    if way.endswith("outside"):
        answer(cast.coordinator, made, words="They told me at 3pm.")
        assert Decision.objects.get().confirmed_by_id == cast.coordinator.membership_id
        return
    for accepts in (True, False):
        with pytest.raises(Refused, match="asked to take the child on"):
            answer(cast.coordinator, made, accepts=accepts, words="They told me at 3pm.")
    asked = cast.second_coordinator if way == "a worker" else cast.other_coordinator
    answer(asked, made)
    assert Decision.objects.get().confirmed_by_id == asked.membership_id


def test_nobody_hands_a_child_to_themselves(cast: Cast, sent):
    with pytest.raises(DomainError, match="another person"):
        decide(cast.manager, sent, Outcome.OPEN_CASE, then=Then(owner=cast.manager.membership_id))


@pytest.mark.parametrize("way", ["a worker", "an area"])
def test_who_takes_a_child_on_late_is_not_asked_why_it_is_late(cast: Cast, sent, way):
    outcome, then = handed(cast)[way]
    made = decide(cast.manager, sent, outcome, then=then)
    now = timezone.now()
    Case.objects.update(received_at=now - timedelta(days=3), decision_due_at=now)
    client = signed_in(cast.second_coordinator if way == "a worker" else cast.other_coordinator)

    page = client.post(reverse("triage:handover", args=[made.pk]), {"accepts": "yes"})

    assert page.status_code == 302
    assert "after the decision was due" in Decision.objects.get().late_reason


def test_who_writes_a_yes_down_late_says_why_it_is_late(cast: Cast, sent):
    made = decide(
        cast.manager, sent, *(handed(cast)["an area outside"][:1]), then=Then(to_words="A")
    )
    now = timezone.now()
    Case.objects.update(received_at=now - timedelta(days=3), decision_due_at=now)

    with pytest.raises(DomainError, match="late"):
        answer(cast.coordinator, made, words="They told me.")


@pytest.mark.parametrize("outcome", [Outcome.OPEN_CASE, Outcome.TRANSFER])
def test_nobody_is_handed_to_nobody(cast: Cast, sent, outcome):
    with pytest.raises(DomainError, match="Name the"):
        decide(cast.manager, sent, outcome)


# --- A withdrawal ---------------------------------------------------------------------------------


def test_a_withdrawal_stays_on_the_board_until_somebody_has_decided(cast: Cast, sent):
    services.move(actor=cast.teacher, case=sent, action=Action.WITHDRAW, reason="A mistake.")

    assert policies.sights(cast.coordinator).waiting().count() == 1
    with pytest.raises(DomainError, match="withdrawn it meanwhile"):
        decide(cast.coordinator, sent, Outcome.STRATEGY)
    decide(cast.coordinator, sent, Outcome.WITHDRAWN, withdrawn=True)
    assert policies.sights(cast.coordinator).waiting().count() == 0
    assert Case.objects.get().status == Status.DECIDED


def test_a_withdrawal_ends_what_was_only_proposed_and_says_so_to_who_did(cast: Cast, sent):
    made = decide(cast.coordinator, sent)

    services.move(actor=cast.teacher, case=sent, action=Action.WITHDRAW, reason="A mistake.")

    made.refresh_from_db()
    assert (made.accepted, made.answer_words) == (False, "The referral was withdrawn.")
    assert told(Kind.SECOND_ANSWERED) == {"Coral Dinator"}
    with pytest.raises(DomainError, match="sent this withdrew it on"):
        answer(cast.manager, made)
    assert Case.objects.get().status == Status.WITHDRAWN
    assert policies.sights(cast.coordinator).waiting().count() == 1
    said = [body for body in events("decision.declined") if body["obj"]["id"] == str(made.pk)]
    assert [body["actor"]["kind"] for body in said] == ["system"]


def test_who_says_yes_too_late_is_told_who_was_first(cast: Cast, sent):
    made = decide(cast.coordinator, sent)
    answer(cast.second_coordinator, made)

    with pytest.raises(DomainError, match="Second Dinator answered this already, on"):
        answer(cast.manager, made)


def test_what_was_not_withdrawn_is_not_decided_as_if_it_were(cast: Cast, sent):
    with pytest.raises(DomainError, match="has not withdrawn"):
        decide(cast.coordinator, sent, Outcome.WITHDRAWN)


# --- A change -------------------------------------------------------------------------------------


def test_a_changed_decision_keeps_the_old_one_and_takes_back_what_it_shared(cast: Cast, sent):
    first = decide(cast.coordinator, sent, Outcome.PANEL)
    changed = decide(cast.second_coordinator, sent, Outcome.ASSESSMENT, instead_of=first.pk)

    first.refresh_from_db()
    assert first.superseded_at == changed.decided_at
    assert first.reason == WORDS["reason"]
    assert not Grant.objects.live().filter(purpose=Purpose.PANEL).exists()
    assert len(events("decision.changed")) == 1
    with pytest.raises(DomainError, match="Second Dinator"):
        decide(cast.coordinator, sent, Outcome.PANEL, instead_of=first.pk)


# --- Side routes ----------------------------------------------------------------------------------


def test_each_side_route_is_a_row_with_an_owner_and_a_time(cast: Cast, sent):
    sides = tuple(side for side in Side if side is not Side.LADO)
    decide(cast.coordinator, sent, Outcome.STRATEGY, then=Then(sides=sides))

    rows = SideRoute.objects.all()
    assert {row.side for row in rows} == set(sides)
    assert all(row.due_at > row.raised_at for row in rows)
    assert {row.owner_id for row in rows} == {cast.coordinator.membership_id}
    row = rows[0]
    with pytest.raises(DomainError, match="what came of it"):
        services.finish_side(actor=cast.coordinator, pk=row.pk, words=" ")
    services.finish_side(actor=cast.coordinator, pk=row.pk, words="Told them at 4pm.")
    with pytest.raises(DomainError, match="done already"):
        services.finish_side(actor=cast.coordinator, pk=row.pk, words="Again.")
    with pytest.raises(NotVisible):
        services.finish_side(actor=cast.outsider_lead, pk=rows[1].pk, words="Mine.")


def test_side_routes_do_not_wait_for_the_second_person(cast: Cast, sent):
    decide(cast.coordinator, sent, Outcome.NFA, then=Then(sides=(Side.HEALTH,)))

    assert SideRoute.objects.get().side == Side.HEALTH


def test_the_lado_hides_the_case_from_the_agency_until_they_end_it(cast: Cast, lado, sent):
    case = send(cast.teacher)
    then = Then(sides=(Side.LADO,), hidden_from=cast.school.pk)
    decide(cast.coordinator, case, Outcome.STRATEGY, then=then)

    hidden = (cast.teacher, cast.lead)
    for who in hidden:
        assert case not in policies.visible(who)
        assert policies.relations(who, case) == frozenset()
        assert signed_in(who).get(reverse("referrals:case", args=[case.reference])).status_code == (
            404
        )
    assert sent in policies.visible(cast.teacher)
    assert case in policies.visible(cast.manager)
    assert "Tess Eacher" not in told(Kind.DECIDED)
    assert told(Kind.SIDE_ROUTE) == {"La Do"}
    side = SideRoute.objects.get()
    with pytest.raises(Refused):
        services.finish_side(actor=cast.manager, pk=side.pk, words="Fine.")

    services.show_again(actor=lado, pk=Wall.objects.get().pk, why="Looked into.")

    assert case in policies.visible(cast.teacher)


def test_nobody_is_told_by_the_ledger_of_the_case_that_it_is_hidden(cast: Cast, sent):
    then = Then(sides=(Side.LADO,), hidden_from=cast.school.pk)
    decide(cast.coordinator, sent, Outcome.STRATEGY, then=then)

    assert not [b for b in events(stream=f"case:{sent.pk}") if b["act"] == "wall.raised"]
    assert len(events("wall.raised")) == 1


def test_the_front_doors_own_agency_is_not_kept_out_whole(cast: Cast, sent):
    then = Then(sides=(Side.LADO,), hidden_from=cast.council.pk)

    with pytest.raises(DomainError, match="each person"):
        decide(cast.coordinator, sent, Outcome.STRATEGY, then=then)
    with pytest.raises(DomainError, match="Only with the LADO"):
        decide(cast.coordinator, sent, Outcome.STRATEGY, then=Then(hidden_from=cast.school.pk))
    assert not Decision.objects.exists()
    assert not Wall.objects.exists()


def test_a_wall_is_against_a_person_or_an_agency_and_never_both(cast: Cast, sent):
    like = {"case": sent, "why": "allegation", "raised_by_id": cast.manager.membership_id}
    both = {"user_id": cast.teacher.user_id, "agency_id": cast.school.pk}
    for whom in ({}, both):
        with pytest.raises(IntegrityError), transaction.atomic():
            Wall.objects.create(**like, **whom)


# --- The pages ------------------------------------------------------------------------------------


def test_from_the_page_that_checks_a_decision_its_words_come_back_to_be_changed(cast: Cast, sent):
    client = signed_in(cast.coordinator)
    address = reverse("triage:check", args=[sent.reference])
    checked = client.post(address, {"outcome": "panel", **WORDS, "sides": ["missing"]})
    (form,) = _page(checked).xpath(f"//form[@action='{address}']")
    carried = {box.get("name"): box.get("value") for box in form.xpath(".//input[@name]")}

    again = client.post(address, carried)

    assert again.status_code == 200
    typed = _page(again)
    assert typed.xpath("//input[@name='outcome'][@checked]/@value") == ["panel"]
    assert typed.xpath("//input[@name='sides'][@checked]/@value") == ["missing"]
    assert typed.xpath("string(//textarea[@name='reason'])").strip() == WORDS["reason"]
    assert not Decision.objects.exists()


def test_board_workspace_check_confirm_is_three_page_loads_and_four_presses(cast: Cast, sent):
    client = signed_in(cast.coordinator)
    other = send(cast.teacher)
    board = client.get(reverse("triage:board"))
    presses = loads = 0

    workspace = client.get(reverse("triage:workspace", args=[sent.reference]))  # press: open it
    presses, loads = presses + 1, loads + 1
    assert reverse("triage:check", args=[sent.reference]) in workspace.text
    typed = {"outcome": "panel", **WORDS, "sides": ["missing"]}
    checked = client.post(reverse("triage:check", args=[sent.reference]), typed)  # press: check
    presses, loads = presses + 1, loads + 1
    assert checked.status_code == 200
    assert "Exampleshire Police" in checked.text
    assert not Decision.objects.exists()
    carried = {
        box.get("name"): box.get("value")
        for box in _form(checked).xpath(".//input[@type='hidden']")
        if box.get("name") != "csrfmiddlewaretoken"
    }
    day = {box.get("name"): box.get("value") for box in _form(checked).xpath(".//input[@value]")}
    owner = _form(checked).xpath(".//select[@name='owner']/option")[0].get("value")
    confirmed = client.post(
        reverse("triage:decide", args=[sent.reference]), {**day, **carried, "owner": owner}
    )  # press: confirm
    assert confirmed.status_code == 302
    after = client.get(confirmed.url)
    presses, loads = presses + 1, loads + 1
    assert "Decision recorded" in after.text
    assert board.status_code == 200
    following = _page(after).xpath("//a[normalize-space()='Next referral']/@href")
    assert following == [reverse("triage:workspace", args=[other.reference])]
    presses += 1  # press: next referral

    assert (loads, presses) == (3, 4)
    decision = Decision.objects.get()
    assert decision.owner_id == cast.coordinator.membership_id
    assert SideRoute.objects.get().side == Side.MISSING


def _page(answer):
    from lxml import html

    return html.fromstring(answer.content.decode())


def _form(answer):
    return _page(answer).xpath("//main//form")[0]


def test_a_proposal_is_answered_on_its_page(cast: Cast, sent):
    made = decide(cast.coordinator, sent)
    address = reverse("triage:proposal", args=[sent.reference, made.pk])
    client = signed_in(cast.manager)

    assert WORDS["reason"] in client.get(address).text
    assert client.post(address, {}).status_code == 422
    assert client.post(address, {"accepts": "no"}).status_code == 409
    assert client.post(address, {"accepts": "yes"}).status_code == 302
    assert client.get(address).status_code == 404
    assert client.get(reverse("triage:proposal", args=[sent.reference, uuid4()])).status_code == 404
