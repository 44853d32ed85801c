"""Chasing: one press when a promised time has passed, once a working day; and My referrals."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from portal.common.errors import DomainError, NotVisible, Refused
from portal.notifications.models import Notice
from portal.notifications.vocabulary import Class, Kind
from referrals.following import services
from referrals.following.models import Chase
from referrals.following.services.chased import working_day
from referrals.triage import services as triage
from referrals.workflow import Action
from tests.cast import Cast, at_once, events, membership, send, signed_in
from tests.following.conftest import late


def told(kind=Kind.CHASED):
    return set(Notice.objects.filter(kind=kind).values_list("recipient_id", flat=True))


def test_when_a_time_has_passed_those_who_look_after_it_must_act(cast: Cast, sent):
    late(sent)

    services.chase(actor=cast.teacher, case=sent)

    front = (cast.coordinator, cast.second_coordinator, cast.manager)
    assert told() == {who.membership_id for who in front}
    assert Notice.objects.filter(kind=Kind.CHASED).first().meaning.asks == Class.ACT_NOW
    assert [body["act"] for body in events("referral.chased")] == ["referral.chased"]


def test_its_coordinator_alone_is_told_once_there_is_one(cast: Cast, sent):
    triage.acknowledge(actor=cast.coordinator, case=sent)
    late(sent)

    services.chase(actor=cast.lead, case=sent)

    assert told() == {cast.coordinator.membership_id}


def test_before_the_time_there_is_nothing_to_chase(cast: Cast, sent):
    with pytest.raises(DomainError, match="promised news by"):
        services.chase(actor=cast.teacher, case=sent)

    assert not told()


def test_once_a_working_day_for_each_team(cast: Cast, sent):
    late(sent)
    services.chase(actor=cast.teacher, case=sent)

    with pytest.raises(DomainError, match="have chased this today"):
        services.chase(actor=cast.teacher, case=sent)

    services.chase(actor=cast.lead, case=sent)
    assert Chase.objects.count() == 2


def test_the_database_holds_one_a_day(cast: Cast, sent):
    late(sent)
    made = services.chase(actor=cast.teacher, case=sent)

    with pytest.raises(IntegrityError, match="chase_once_a_working_day"), transaction.atomic():
        Chase.objects.create(
            case=sent,
            team_id=made.team_id,
            by=membership(cast.teacher),
            working_day=made.working_day,
        )


def test_two_presses_at_once_and_one_counts(committed, cast: Cast, sent):
    late(sent)

    def press():
        return services.chase(actor=cast.teacher, case=sent)

    found = at_once(press, press)

    assert sorted(type(each).__name__ for each in found) == ["Chase", "DomainError"]


def test_a_weekend_belongs_to_the_next_working_day(cast: Cast):
    saturday = timezone.datetime(2026, 11, 21, 12, tzinfo=timezone.get_current_timezone())

    assert working_day(cast.partnership, saturday).isoformat() == "2026-11-23"


@pytest.mark.parametrize(
    ("name", "error"), [("coordinator", Refused), ("colleague", NotVisible), ("chair", NotVisible)]
)
def test_nobody_else_chases(cast: Cast, sent, name, error):
    late(sent)

    with pytest.raises(error):
        services.chase(actor=cast.everyone()[name], case=sent)


def test_after_the_decision_nothing_is_late(cast: Cast, sent, decided):
    late(sent)

    with pytest.raises(DomainError, match="nothing to chase"):
        services.chase(actor=cast.teacher, case=sent)


# --- My referrals ---------------------------------------------------------------------------------


def listed(who, **asked):
    return signed_in(who).get(reverse("following:mine"), asked).text


def test_a_late_referral_can_be_chased_from_the_list_once(cast: Cast, sent):
    late(sent)
    client, name = signed_in(cast.teacher), reverse("following:chase", args=[sent.reference])
    assert name in client.get(reverse("following:mine")).text

    answer = client.post(reverse("following:chase", args=[sent.reference]))

    page = client.get(answer.url).text
    assert "have been told" in page
    assert "You chased this today" in page
    assert name not in page


def test_the_list_says_what_is_due_and_unread(cast: Cast, sent):
    page = listed(cast.teacher)

    assert sent.reference in page
    assert "W.S." in page
    assert "1 unread" in page
    assert "Due" in page
    assert "Chase" not in page


def test_what_is_over_is_listed_apart(cast: Cast, sent):
    triage.move(actor=cast.teacher, case=sent, action=Action.WITHDRAW, reason="A mistake.")
    other = send(cast.teacher)

    is_open, closed = listed(cast.teacher), listed(cast.teacher, state="closed")

    assert (sent.reference in is_open, other.reference in is_open) == (False, True)
    assert (sent.reference in closed, other.reference in closed) == (True, False)


def test_a_lead_sees_their_agencys_and_their_own(cast: Cast, sent):
    own = send(cast.lead)

    agency, mine = listed(cast.lead), listed(cast.lead, whose="mine")

    assert (sent.reference in agency, own.reference in agency) == (True, True)
    assert (sent.reference in mine, own.reference in mine) == (False, True)


def test_a_practitioner_never_lists_their_agencys(cast: Cast, sent):
    assert sent.reference not in listed(cast.colleague, whose="agency")
