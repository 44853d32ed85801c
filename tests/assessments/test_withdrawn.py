"""A level that waits for a signature and is withdrawn: listed for ever, and no way round a "no"."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

from portal.accounts import services as accounts
from portal.common.errors import DomainError, Refused
from portal.notifications.models import Notice
from portal.notifications.vocabulary import Kind
from referrals.assessments import services
from referrals.assessments.models import Agreement, Assessment, Signature
from referrals.assessments.vocabulary import Capacity, Level, View
from referrals.assessments.workflow import Status
from referrals.triage import services as triage
from referrals.vocabulary import Outcome, State
from referrals.workflow import Action
from tests.assessments.conftest import agency, agree, answer, given, start, tool_version
from tests.cast import Cast, at_once, events, membership, signed_in
from tests.closing import ending, open_case

WHY = "Zzthe school has told us more since."


@pytest.fixture
def put_up(cast: Cast, opened) -> Agreement:
    """A level below a floor: it waits for the chair and a second agency."""
    return agree(cast.coordinator, opened, Level.MODERATE)


def withdraw(actor, agreement, why=WHY):
    return services.withdraw(actor=actor, agreement=agreement, why=why)


def sign(actor, agreement, words=""):
    return services.sign(actor=actor, agreement=agreement, signs=not words, words=words)


def look(actor, agreement):
    return services.look(actor=actor, reference=agreement.assessment.case.reference)


def page_of(agreement, name="withdraw"):
    reference = agreement.assessment.case.reference
    args = [reference] if name == "risk" else [reference, agreement.pk]
    return reverse(f"assessments:{name}", args=args)


def told(kind):
    return set(Notice.objects.filter(kind=kind).values_list("recipient_id", flat=True))


def test_what_was_withdrawn_stays_listed_with_who_when_why_and_who_had_signed(cast: Cast, put_up):
    sign(cast.panel_officer, put_up)

    gone = withdraw(cast.coordinator, put_up)

    assert Assessment.objects.get(pk=put_up.assessment_id).status == Status.OPENED
    for who in (cast.coordinator, cast.manager, cast.panel_officer, cast.panel_chair):
        found = look(who, put_up)
        (line,) = found.withdrawn
        assert (line.level, line.at) == ("Moderate concern", gone.withdrawn_at)
        assert line.who == "Coral Dinator, Exampleshire Council"
        assert line.signed == ("Orla Ficer, a second agency",)
        assert (line.why.state, line.why.text) == (State.SHOWN, WHY)
        assert (found.waiting, found.declined, found.now) == (None, (), None)
    outside = look(cast.teacher, put_up)
    assert (outside.withdrawn, outside.hidden) == ((), 1)
    body = signed_in(cast.coordinator).get(page_of(put_up, "risk")).content.decode()
    assert "Levels that were withdrawn" in body
    assert WHY in body
    assert WHY not in signed_in(cast.teacher).get(page_of(put_up, "risk")).content.decode()
    (event,) = events("risk.withdrawn")
    assert WHY not in str(event)


def test_those_who_were_asked_to_sign_are_told_and_nobody_is_chased_any_more(cast: Cast, put_up):
    sign(cast.panel_officer, put_up)
    asked = told(Kind.RISK_SIGN)
    assert Notice.objects.filter(kind=Kind.RISK_SIGN, escalate_at__isnull=False).exists()

    withdraw(cast.coordinator, put_up)

    assert cast.panel_officer.membership_id in asked
    assert told(Kind.RISK_WITHDRAWN) == asked
    assert cast.coordinator.membership_id not in asked
    assert not Notice.objects.filter(kind=Kind.RISK_SIGN, escalate_at__isnull=False).exists()
    body = signed_in(cast.panel_chair).get(reverse("notifications:list")).content.decode()
    assert "A level of concern that waited for a signature is withdrawn" in body
    assert WHY not in body


def test_what_agencies_had_said_of_it_stays_on_the_page_and_those_who_said_it_are_told(
    cast: Cast, put_up
):
    says = {"view": View.DISSENTS, "words": "Zzwe see more harm than this."}
    services.confirm(actor=cast.panel_nurse, agreement=put_up, **says)

    withdraw(cast.coordinator, put_up)

    for who in (cast.coordinator, cast.panel_officer, cast.panel_nurse):
        (line,) = look(who, put_up).withdrawn
        (voice,) = line.voices
        assert (voice.agency, voice.is_dissent) == ("Exampleshire Health", True)
        assert voice.words.text == says["words"]
    assert says["words"] in _risk(cast.coordinator, put_up)
    assert says["words"] not in _risk(cast.teacher, put_up)
    assert cast.panel_nurse.membership_id in told(Kind.RISK_WITHDRAWN)


def test_the_form_of_what_was_withdrawn_or_declined_agrees_nothing(cast: Cast, put_up):
    """A stale page said that the level was put up, and it was not."""

    def again() -> None:
        made = Agreement.objects.latest("agreed_at")
        services.agree(
            actor=cast.coordinator,
            assessment=made.assessment,
            judgement=made.judgement_id,
            agreeing=services.Agreeing(Level.MODERATE, made.review_on, "Why."),
        )

    again()
    withdraw(cast.coordinator, put_up)
    with pytest.raises(DomainError, match="Write your judgement first"):
        again()
    other = agree(cast.coordinator, put_up.assessment, Level.MODERATE)
    sign(cast.panel_chair, other, "Zzno.")
    with pytest.raises(DomainError, match="Write your judgement first"):
        again()


def test_the_page_that_withdraws_opens_for_a_level_that_waits_alone(cast: Cast, put_up):
    client = signed_in(cast.coordinator)
    assert client.get(page_of(put_up)).status_code == 200
    sign(cast.panel_officer, put_up)
    sign(cast.panel_chair, put_up)

    late = client.get(page_of(put_up))

    assert late.status_code == 409
    assert "no level of this assessment waits for a signature" in late.content.decode()


def test_a_signature_of_what_was_withdrawn_does_not_count_for_the_next(cast: Cast, put_up):
    sign(cast.panel_officer, put_up)
    sign_of_the_first = Signature.objects.get()
    withdraw(cast.coordinator, put_up)

    again = agree(cast.coordinator, put_up.assessment, Level.MODERATE)

    # The floor is where it was, and so it takes the same.
    assert (again.takes, again.floor, again.in_force_at) == (put_up.takes, put_up.floor, None)
    assert look(cast.manager, put_up).waiting.still == (
        Capacity.CHAIR.label,
        Capacity.AGENCY.label,
    )
    sign(cast.panel_chair, again)
    assert Agreement.objects.get(pk=again.pk).in_force_at is None
    sign(cast.panel_officer, again)
    assert Agreement.objects.get(pk=again.pk).in_force_at
    assert sign_of_the_first in Signature.objects.filter(agreement=put_up)
    assert [each.level for each in look(cast.manager, put_up).withdrawn] == ["Moderate concern"]


def test_to_withdraw_a_level_lets_nobody_close_the_case_without_one(cast: Cast, put_up):
    case = put_up.assessment.case
    triage.move(actor=cast.second_coordinator, case=case, action=Action.STEP_DOWN, reason="R.")
    withdraw(cast.coordinator, put_up)
    case.refresh_from_db()

    with pytest.raises(DomainError, match=r"Its answers are open\. Agree a level"):
        triage.close(actor=cast.manager, case=case, ending=ending())


def test_a_no_is_not_taken_back_by_withdrawing_what_it_was_said_to(cast: Cast, put_up):
    sign(cast.panel_chair, put_up, "Zzthe harm is too near.")

    with pytest.raises(DomainError, match="The panel's chair did not sign this level"):
        withdraw(cast.coordinator, put_up)

    assert look(cast.manager, put_up).withdrawn == ()
    assert len(look(cast.manager, put_up).declined) == 1


def test_nobody_withdraws_what_is_in_force(cast: Cast, opened):
    made = agree(cast.coordinator, opened, Level.SIGNIFICANT, differs="")

    with pytest.raises(DomainError, match="no level of this assessment waits for a signature"):
        withdraw(cast.coordinator, made)

    assert signed_in(cast.coordinator).post(page_of(made), {"why": WHY}).status_code == 409


def test_nobody_but_who_put_it_up_withdraws_it_and_not_without_a_reason(cast: Cast, put_up):
    for who in (cast.manager, cast.second_coordinator, cast.panel_chair, cast.panel_officer):
        with pytest.raises(Refused, match="Whoever put this level up withdraws it"):
            withdraw(who, put_up)
        if who is cast.manager:
            assert "Withdraw this level" not in _risk(who, put_up)
    with pytest.raises(DomainError, match="Write why it is withdrawn"):
        withdraw(cast.coordinator, put_up, "  ")

    assert Agreement.objects.get(pk=put_up.pk).stands
    assert "Withdraw this level" in _risk(cast.coordinator, put_up)


def _risk(who, agreement):
    return signed_in(who).get(page_of(agreement, "risk")).content.decode()


def test_when_they_have_left_whoever_oversees_the_case_withdraws_it(cast: Cast, put_up):
    accounts.end_membership(membership=membership(cast.coordinator))
    with pytest.raises(Refused):
        withdraw(cast.panel_chair, put_up)
    assert "Withdraw this level" in _risk(cast.manager, put_up)

    gone = withdraw(cast.manager, put_up)

    assert gone.withdrawn_by == membership(cast.manager)
    assert cast.manager.membership_id not in told(Kind.RISK_WITHDRAWN)


def test_the_page_takes_a_reason_and_the_next_signer_meets_what_happened(cast: Cast, put_up):
    client = signed_in(cast.coordinator)
    assert client.get(page_of(put_up)).status_code == 200
    assert client.post(page_of(put_up), {"why": " "}).status_code == 422
    assert client.post(page_of(put_up), {"why": WHY}).status_code == 302
    # A second press changes nothing, and other words are not lost in silence.
    assert client.post(page_of(put_up), {"why": WHY}).status_code == 302
    assert client.post(page_of(put_up), {"why": "Zzother words."}).status_code == 409
    assert len(events("risk.withdrawn")) == 1

    late = signed_in(cast.panel_officer).post(
        page_of(put_up, "sign"), {"signs": "no", "words": "Zzmine."}
    )

    assert late.status_code == 409
    body = late.content.decode()
    assert "Coral Dinator withdrew this level, on " in body
    assert "Zzmine." in body
    with pytest.raises(DomainError, match="withdrew this level"):
        services.confirm(actor=cast.panel_nurse, agreement=put_up, view=View.AGREES)
    assert not Signature.objects.exists()


def test_of_a_signature_and_a_withdrawal_at_once_one_wins(committed, cast: Cast):
    """Without the lock of the case the level was in force and withdrawn at once."""
    tool_version()
    case = open_case(cast, Outcome.PANEL)
    two = (cast.panel_officer, cast.panel_nurse)
    made = start(cast.coordinator, case, *(agency(each) for each in two))
    answer(cast.panel_officer, made, H4=given("confirmed"))
    answer(cast.panel_nurse, made)
    made = services.reveal(actor=cast.coordinator, assessment=made)
    level = agree(cast.coordinator, made, Level.MODERATE)
    sign(cast.panel_officer, level)

    found = at_once(
        lambda: sign(cast.panel_chair, level), lambda: withdraw(cast.coordinator, level)
    )

    lost = [each for each in found if isinstance(each, DomainError)]
    assert len(lost) == 1, found
    level.refresh_from_db()
    made.refresh_from_db()
    assert (level.in_force_at is None) != (level.withdrawn_at is None)
    assert made.status == (Status.AGREED if level.in_force_at else Status.OPENED)


def test_the_database_keeps_what_was_withdrawn_as_it_was(cast: Cast, put_up):
    rows = Agreement.objects.filter(pk=put_up.pk)
    gone = {
        "withdrawn_at": timezone.now(),
        "withdrawn_by": cast.coordinator.membership_id,
        "withdrawn_why": put_up.differs_id,
    }
    Assessment.objects.filter(pk=put_up.assessment_id).update(status=Status.OPENED)
    with pytest.raises(DatabaseError, match="withdrawn_while_it_waits"), transaction.atomic():
        rows.update(**gone)
    Assessment.objects.filter(pk=put_up.assessment_id).update(status=Status.WAITING)
    withdraw(cast.coordinator, put_up)
    changes = (
        {"withdrawn_at": timezone.now() + timedelta(days=1)},
        {"review_told_at": timezone.now()},
    )
    for change in changes:
        with pytest.raises(DatabaseError, match="stays_withdrawn"), transaction.atomic():
            rows.update(**change)
    with pytest.raises(DatabaseError, match="said_of_what_stands"), transaction.atomic():
        Signature.objects.create(
            agreement=put_up,
            capacity=Capacity.CHAIR,
            by_id=cast.panel_chair.membership_id,
            signs=True,
        )
