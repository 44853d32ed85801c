"""What the clock asks: a chase, a word that it is late, another look; each once."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from portal.common.errors import DomainError
from portal.notifications.models import Notice
from portal.notifications.vocabulary import Kind
from referrals import services as casework
from referrals.assessments import services
from referrals.assessments.models import Invitation
from referrals.assessments.vocabulary import Level
from referrals.models import Case, Statement
from referrals.triage import services as triage
from referrals.vocabulary import HARM_SIGNS, KnownHow, Outcome
from referrals.workflow import Action
from tests.assessments.conftest import agency, agree, answer, given, start, tool_version
from tests.cast import Cast, at_once, events
from tests.closing import ending, open_case


def told(kind):
    return set(Notice.objects.filter(kind=kind).values_list("recipient_id", flat=True))


@pytest.fixture
def clock(monkeypatch):
    """Put the clock of the program at a moment."""

    def at(moment):
        monkeypatch.setattr(timezone, "now", lambda: moment)

    return at


def test_those_who_have_not_answered_are_chased_once(cast: Cast, asked, clock):
    answer(cast.panel_officer, asked)
    assert services.sweep() == 0
    half = max(Invitation.objects.values_list("chase_at", flat=True))
    assert timezone.now() < half < asked.due_at
    clock(half)

    assert services.sweep() == 2
    assert services.sweep() == 0

    assert told(Kind.RISK_LATE) == {
        cast.panel_nurse.membership_id,
        cast.teacher.membership_id,
        cast.lead.membership_id,
    }
    assert len(events("risk.chased")) == 2


def test_when_the_time_is_over_whoever_looks_after_the_case_is_told_once(cast: Cast, asked, clock):
    clock(asked.due_at)
    Invitation.objects.update(chased_at=timezone.now())

    assert services.sweep() == 1
    assert services.sweep() == 0
    assert told(Kind.RISK_LATE) == {cast.coordinator.membership_id}


def test_on_the_day_agencies_are_to_look_again(cast: Cast, opened, clock):
    made = agree(cast.coordinator, opened, Level.SIGNIFICANT, differs="")
    assert services.sweep() == 0
    clock(timezone.now() + timedelta(days=30))

    assert services.sweep() == 1
    assert services.sweep() == 0

    assert told(Kind.RISK_DUE) == {cast.coordinator.membership_id}
    made.refresh_from_db()
    assert made.review_told_at
    assert len(events("risk.due")) == 1


def test_a_new_sign_of_harm_is_a_reason_to_look_again_at_once(cast: Cast, opened, clock):
    agree(cast.coordinator, opened, Level.SIGNIFICANT, differs="")
    case = opened.case
    author = case.referrals.get().author
    sign = next(iter(HARM_SIGNS))
    Statement.objects.create(
        case=case,
        referral=case.referrals.get(),
        question="signs",
        category="IC4",
        answer="given",
        text=sign.label,
        known_how=KnownHow.SAW,
        agency=cast.school,
        author=author,
        stated_at=timezone.now(),
    )

    assert services.sweep() == 1
    assert services.sweep() == 0
    assert told(Kind.RISK_DUE) == {cast.coordinator.membership_id}

    # The sign was told of, and the day that was agreed is told of all the same.
    clock(timezone.now() + timedelta(days=30))
    assert services.sweep() == 1
    assert services.sweep() == 0
    later = start(cast.coordinator, case, agency(cast.panel_officer), agency(cast.panel_nurse))
    services.call_off(actor=cast.coordinator, assessment=later, why="She has moved.")

    # Both ask again when the assessment that they asked for came to nothing.
    assert services.sweep() == 2


def test_a_raised_level_is_looked_at_again_in_half_the_time(cast: Cast, opened):
    # Undone at the end: no agreement bears this level.
    with transaction.atomic():
        Case.objects.filter(pk=opened.case_id).update(
            level="emerging", level_by=cast.coordinator.membership_id, level_at=timezone.now()
        )
        with pytest.raises(DomainError, match="within 45 days"):
            agree(
                cast.coordinator,
                opened,
                Level.SIGNIFICANT,
                review_on=timezone.localdate() + timedelta(days=46),
            )
        transaction.set_rollback(True)


def test_two_sweeps_at_once_tell_once(committed, cast: Cast):
    tool_version()
    case = open_case(cast, Outcome.PANEL)
    made = start(cast.coordinator, case, agency(cast.panel_officer), agency(cast.panel_nurse))
    later = made.due_at + timedelta(minutes=1)
    before = timezone.now
    timezone.now = lambda: later
    try:
        found = at_once(services.sweep, services.sweep, services.sweep)
    finally:
        timezone.now = before

    assert sum(found) >= 3, found
    assert len(events("risk.chased")) == 2
    assert len(events("risk.late")) == 1


def test_a_case_is_not_closed_on_what_nobody_could_answer(cast: Cast, asked):
    answer(cast.panel_officer, asked, default="not_known", H4=given("suspected"))
    answer(cast.panel_nurse, asked, default="not_known")
    answer(cast.teacher, asked, default="not_known")
    case = asked.case
    triage.move(actor=cast.second_coordinator, case=case, action=Action.STEP_DOWN, reason="R.")
    case.refresh_from_db()
    with pytest.raises(DomainError, match="is under way"):
        triage.close(actor=cast.manager, case=case, ending=ending())

    services.reveal(actor=cast.coordinator, assessment=asked)
    made = agree(cast.coordinator, asked, Level.SIGNIFICANT)

    assert made.insufficient
    with pytest.raises(DomainError, match="Too little was known"):
        triage.close(actor=cast.manager, case=case, ending=ending())
    assert casework.read_case(actor=cast.manager, reference=case.reference).status != "closed"


def test_and_is_closed_when_enough_was_known(cast: Cast, opened):
    agree(cast.coordinator, opened, Level.SIGNIFICANT, differs="")
    case = opened.case
    triage.move(actor=cast.second_coordinator, case=case, action=Action.STEP_DOWN, reason="R.")
    case.refresh_from_db()

    assert triage.close(actor=cast.manager, case=case, ending=ending())
