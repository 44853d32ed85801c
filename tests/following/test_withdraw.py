"""Withdrawing before checking begins; afterwards, asking for a correction."""

from uuid import uuid4

import pytest
from django.urls import reverse

from portal.common.errors import DomainError, NotVisible, Refused
from referrals import policies
from referrals.following.models import Message
from referrals.models import Case, Move
from referrals.triage import services as triage
from referrals.vocabulary import Priority
from referrals.workflow import Action, Status
from tests.cast import Cast, signed_in


def page(case):
    return reverse("following:withdraw", args=[case.reference])


def test_before_anybody_checks_it_is_withdrawn_with_a_reason(cast: Cast, sent):
    client = signed_in(cast.teacher)
    assert client.post(page(sent), {"reason": ""}).status_code == 422

    answer = client.post(page(sent), {"reason": "I wrote about the wrong child."})

    assert answer.url == reverse("referrals:case", args=[sent.reference])
    assert Case.objects.get().status == Status.WITHDRAWN
    assert Move.objects.get(action=Action.WITHDRAW).reason == "I wrote about the wrong child."
    assert "Withdrawn." in client.get(answer.url).text


def test_afterwards_a_correction_is_asked_for(cast: Cast, sent):
    triage.acknowledge(actor=cast.coordinator, case=sent)
    client = signed_in(cast.teacher)
    assert "can no longer be withdrawn" in client.get(page(sent)).text

    client.post(page(sent), {"key": str(uuid4()), "text": "It was Monday, not Tuesday."})

    assert Case.objects.get().status == Status.CHECKING
    assert Message.objects.get().text == "It was Monday, not Tuesday."


def test_a_withdrawal_that_comes_too_late_is_not_lost(cast: Cast, sent):
    client = signed_in(cast.teacher)
    triage.acknowledge(actor=cast.coordinator, case=sent)

    answer = client.post(page(sent), {"reason": "I wrote about the wrong child."})

    assert answer.status_code == 409
    assert "was not withdrawn" in answer.text
    assert "I wrote about the wrong child." in answer.text
    assert (Case.objects.get().status, Message.objects.count()) == (Status.CHECKING, 0)


def test_pressed_twice_it_is_withdrawn_once(cast: Cast, sent):
    client, said = signed_in(cast.teacher), {"reason": "I wrote about the wrong child."}

    assert client.post(page(sent), said).url == client.post(page(sent), said).url
    assert Move.objects.filter(action=Action.WITHDRAW).count() == 1


def test_a_correction_that_was_typed_is_asked_for_whatever_can_be_withdrawn(cast: Cast, sent):
    said = {"key": str(uuid4()), "text": "It was Monday, not Tuesday."}

    signed_in(cast.teacher).post(page(sent), said)

    assert Case.objects.get().status == Status.RECEIVED
    assert Message.objects.get().text == "It was Monday, not Tuesday."


def test_what_one_person_alone_may_not_end_is_not_offered_to_be_withdrawn(cast: Cast, sent):
    Case.objects.filter(pk=sent.pk).update(priority=Priority.URGENT)
    client = signed_in(cast.teacher)

    offered = client.get(page(sent)).text
    answer = client.post(page(sent), {"reason": "I wrote about the wrong child."})

    assert "cannot withdraw this referral by yourself" in offered
    assert "Ask for a correction" in offered
    assert (answer.status_code, Case.objects.get().status) == (409, Status.RECEIVED)
    assert "I wrote about the wrong child." in answer.text


@pytest.mark.parametrize("priority", Priority)
@pytest.mark.parametrize("name", ["teacher", "lead", "coordinator", "colleague"])
def test_the_service_takes_back_what_the_policy_says_and_nothing_else(
    cast: Cast, sent, name, priority
):
    Case.objects.filter(pk=sent.pk).update(priority=priority)
    sent.refresh_from_db()
    actor = cast.everyone()[name]
    may = policies.may(actor, Action.WITHDRAW, sent)

    try:
        triage.move(actor=actor, case=sent, action=Action.WITHDRAW, reason="A mistake.")
    except (DomainError, NotVisible, Refused):
        taken = False
    else:
        taken = True

    assert taken is may is (name == "teacher" and priority == Priority.STANDARD)


@pytest.mark.parametrize(("name", "status"), [("coordinator", 403), ("colleague", 404)])
def test_nobody_else_withdraws(cast: Cast, sent, name, status):
    assert signed_in(cast.everyone()[name]).get(page(sent)).status_code == status


def test_the_lead_asks_for_a_correction(cast: Cast, sent):
    assert "Ask for a correction" in signed_in(cast.lead).get(page(sent)).text
