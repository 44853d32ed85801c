"""No way round a floor: opened answers are agreed on, and nobody hands a child on under them."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

from portal.accounts.models import Team
from portal.common.errors import DomainError
from referrals.assessments import policies, services
from referrals.assessments.models import Assessment
from referrals.assessments.vocabulary import Level
from referrals.assessments.workflow import Status
from referrals.models import Case, Grant
from referrals.services import share_by_rule
from referrals.triage import services as triage
from referrals.vocabulary import KnownHow, Outcome
from referrals.workflow import Action
from sharing.disclosures import services as practice
from sharing.rules.vocabulary import Purpose
from tests.assessments.conftest import agency, agree, answer, start
from tests.assessments.test_database_refuses import refused
from tests.assessments.test_flow import cells
from tests.cast import Cast, events, send, signed_in
from tests.disclosures.steps import WHY, add, prepared

GONE = ("closed", "transferred", "routed")


def hand_on(cast: Cast, case: Case, outcome=Outcome.TRANSFER, **then):
    """Propose to hand a child on: it takes the receiver's yes."""
    return triage.decide(
        actor=cast.manager,
        case=case,
        outcome=outcome,
        reason="She has moved.",
        told_referrer="Others go on.",
        then=triage.Then(**then),
        instead_of=case.decisions.get(superseded_at__isnull=True).pk,
    )


@pytest.fixture
def decided(cast: Cast, tool) -> Case:
    """A case that was put to the panel, and that nobody has opened a plan for."""
    found = send(cast.teacher)
    triage.decide(
        actor=cast.coordinator,
        case=found,
        outcome=Outcome.PANEL,
        reason="Why.",
        told_referrer="What.",
    )
    found.refresh_from_db()
    return found


def test_once_the_answers_are_open_it_is_not_called_off(cast: Cast, opened):
    for who in (cast.coordinator, cast.manager):
        with pytest.raises(DomainError, match="answers were opened"):
            services.call_off(actor=who, assessment=opened, why="We ask others.")
    with pytest.raises(DomainError, match="under way already"):
        start(cast.coordinator, opened.case, agency(cast.panel_nurse), agency(cast.teacher))
    client = signed_in(cast.coordinator)
    risk = reverse("assessments:risk", args=[opened.case.reference])
    assert "Call this assessment off" not in client.get(risk).content.decode()
    page = reverse("assessments:call-off", args=[opened.case.reference, opened.pk])
    assert client.post(page, {"why": "We ask others."}).status_code == 409
    opened.refresh_from_db()
    assert opened.status == Status.OPENED


def test_nor_once_somebody_said_no_to_a_level_of_it(cast: Cast, opened):
    made = agree(cast.coordinator, opened, Level.MODERATE)
    services.sign(actor=cast.panel_chair, agreement=made, signs=False, words="Too near.")
    with pytest.raises(DomainError, match="answers were opened"):
        services.call_off(actor=cast.manager, assessment=opened, why="We ask others.")


def test_the_database_calls_off_nothing_that_was_opened(cast: Cast, opened):
    off = {"status": "called_off", "ended_at": opened.revealed_at, "ended_why": "Why."}
    rows = Assessment.objects.filter(pk=opened.pk)
    with pytest.raises(DatabaseError, match="goes_forward"), transaction.atomic():
        rows.update(**off)
    with pytest.raises(DatabaseError, match="opened_by_somebody"), transaction.atomic():
        Assessment.objects.create(
            case=opened.case,
            tool=opened.tool,
            look_at="Look.",
            started_by=opened.started_by,
            due_at=opened.due_at,
            revealed_at=opened.revealed_at,
            revealed_by=opened.revealed_by,
            **off,
        )


def test_no_child_is_transferred_while_agencies_assess_the_risk(cast: Cast, case):
    area = {"to_area": cast.other_area.pk}
    made = hand_on(cast, case, **area)
    going = start(cast.coordinator, case, agency(cast.panel_officer), agency(cast.panel_nurse))
    with pytest.raises(DomainError, match="is under way"):
        hand_on(cast, case, **area)
    # Whoever takes the child on there is not told what is done here.
    with pytest.raises(DomainError, match="is not finished yet") as found:
        triage.answer(actor=cast.other_coordinator, pk=made.pk, accepts=True)
    assert "risk" not in str(found.value)

    services.call_off(actor=cast.coordinator, assessment=going, why="She has moved.")
    triage.answer(actor=cast.other_coordinator, pk=made.pk, accepts=True)

    case.refresh_from_db()
    assert case.status == "transferred"
    assert len(events("risk.called_off")) == 1


def test_with_open_answers_a_level_is_agreed_before_a_transfer(cast: Cast, opened):
    area = {"to_area": cast.other_area.pk}
    with pytest.raises(DomainError, match="Its answers are open"):
        hand_on(cast, opened.case, **area)
    agree(cast.coordinator, opened, Level.SIGNIFICANT, differs="")
    assert hand_on(cast, opened.case, **area).answered_at is None


def test_with_a_level_that_waits_it_is_signed_or_not_before_a_transfer(cast: Cast, opened):
    agree(cast.coordinator, opened, Level.MODERATE)
    with pytest.raises(DomainError, match="Somebody signs it, or says why not"):
        hand_on(cast, opened.case, to_area=cast.other_area.pk)


def test_nor_is_one_routed_to_another_worker(cast: Cast, decided):
    two = (agency(cast.panel_officer), agency(cast.panel_nurse))
    going = start(cast.coordinator, decided, *two)
    with pytest.raises(DomainError, match="is under way"):
        hand_on(cast, decided, Outcome.OPEN_CASE, to_words="Their worker")
    services.call_off(actor=cast.coordinator, assessment=going, why="Their worker does.")
    made = hand_on(cast, decided, Outcome.OPEN_CASE, to_words="Their worker")
    triage.answer(
        actor=cast.second_coordinator,
        pk=made.pk,
        accepts=True,
        words="Wanda Orker, by telephone, today.",
    )
    decided.refresh_from_db()
    assert decided.status == "routed"

    # Where another worker goes on, nobody assesses the risk here.
    with pytest.raises(DomainError, match="is over"):
        start(cast.coordinator, decided, *two)
    assert not services.look(actor=cast.coordinator, reference=decided.reference).may_start


def test_nor_is_a_case_closed(cast: Cast, case, asked):
    triage.move(actor=cast.coordinator, case=case, action=Action.STEP_DOWN, reason="Better.")
    with pytest.raises(DomainError, match="risk assessment of this child is under way"):
        triage.insist_may_close(cast.manager, Case.objects.get(pk=case.pk))


def test_the_database_hands_no_case_on_under_one(cast: Cast, case, opened):
    for status in GONE:
        with refused("leaves_no_assessment_behind"), transaction.atomic():
            Case.objects.filter(pk=case.pk).update(status=status)
    agree(cast.coordinator, opened, Level.SIGNIFICANT, differs="")
    with transaction.atomic():
        assert Case.objects.filter(pk=case.pk).update(status="routed") == 1


def test_what_runs_on_a_case_that_was_withdrawn_can_be_called_off(cast: Cast, asked):
    assert policies.to_answer(cast.teacher).exists()
    Case.objects.filter(pk=asked.case_id).update(status="withdrawn")
    assert not policies.to_answer(cast.teacher).exists()
    with pytest.raises(DomainError, match="is over"):
        services.reveal(actor=cast.coordinator, assessment=asked)

    services.call_off(actor=cast.coordinator, assessment=asked, why="It was withdrawn.")

    asked.refresh_from_db()
    assert asked.status == Status.CALLED_OFF


def test_what_somebody_stopped_sharing_is_not_opened_again_by_the_opening(cast: Cast, asked):
    add(asked.case, cast.panel_officer, "note_risk_seen", "A silver car.", known_how=KnownHow.SAW)
    police = agency(cast.panel_officer)
    share_by_rule(
        case=asked.case,
        team=Team.objects.get(pk=cast.coordinator.team_id),
        holder=police,
        purpose=Purpose.SCREEN,
        at=timezone.now(),
        service="sent",
    )
    until = (timezone.localdate() + timedelta(days=9)).isoformat()
    said = {**WHY, "detriment": "", "until": until}
    draft = prepared(cast.coordinator, asked.case, cast.panel_nurse, "PANEL", "IC4", why=said)
    made = practice.share(actor=cast.coordinator, draft=draft)
    (shared,) = (each for each in made if each.holder == police)
    practice.stop(actor=cast.coordinator, disclosure=shared, why="It is about another child.")
    for who in (cast.panel_officer, cast.panel_nurse, cast.teacher):
        answer(who, asked)

    services.reveal(actor=cast.coordinator, assessment=asked)

    by_rule = Grant.objects.filter(granted_by_service="assessed together", holder=police)
    teams = set(by_rule.values_list("group_id", flat=True))
    assert cast.panel_nurse.team_id not in teams
    assert cast.panel_chair.team_id in teams
    page = {"actor": cast.panel_nurse, "reference": asked.case.reference, "pk": asked.pk}
    found = cells(services.compare(**page), "H4")
    assert found["Exampleshire Police"].says == "Not shared with Health"
    assert found["Example High School"].is_shown
