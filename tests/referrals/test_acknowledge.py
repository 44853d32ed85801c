"""Acknowledging: the person who referred hears that somebody is reading, once."""

import pytest
from django.urls import reverse

from portal.common.errors import DomainError, NotVisible, Refused
from portal.notifications.models import Notice
from portal.notifications.vocabulary import Kind
from referrals.models import Case
from referrals.triage import services
from referrals.workflow import Status
from tests.cast import Cast, at_once, events, signed_in


def page(client, case):
    return client.post(reverse("triage:acknowledge", args=[case.reference]))


def api(client, case):
    return client.post(f"/api/v1/cases/{case.reference}/acknowledge/")


def test_whoever_acknowledges_takes_it_on_and_the_sender_is_told(cast: Cast, sent):
    case = services.acknowledge(actor=cast.coordinator, case=sent)

    case.refresh_from_db()
    assert case.status == Status.CHECKING
    assert case.coordinator_id == cast.coordinator.membership_id
    assert case.acknowledged_at
    told = Notice.objects.get(kind=Kind.ACKNOWLEDGED)
    assert told.recipient_id == cast.teacher.membership_id


def test_it_is_one_event_of_the_case(cast: Cast, sent):
    before = len(events(stream=f"case:{sent.pk}"))

    services.acknowledge(actor=cast.coordinator, case=sent)

    kept = events(stream=f"case:{sent.pk}")[before:]
    assert [body["act"] for body in kept] == ["referral.acknowledged"]
    assert kept[0]["actor"]["member"] == str(cast.coordinator.membership_id)


def test_the_page_leads_back_to_the_workspace(cast: Cast, sent):
    client = signed_in(cast.coordinator)

    answer = page(client, sent)

    assert answer.url == reverse("triage:workspace", args=[sent.reference])
    assert "Acknowledged." in client.get(answer.url).text


def test_the_api_answers_where_the_case_is(cast: Cast, sent):
    answer = api(signed_in(cast.manager), sent)

    assert answer.status_code == 200
    assert answer.json() == {"reference": sent.reference, "status": "checking"}


@pytest.mark.parametrize("door", [page, api])
def test_a_second_time_is_409_and_tells_nobody_again(cast: Cast, sent, door):
    services.acknowledge(actor=cast.coordinator, case=sent)

    answer = door(signed_in(cast.second_coordinator), sent)

    assert answer.status_code == 409
    assert "nobody has acknowledged" in answer.text
    assert Notice.objects.filter(kind=Kind.ACKNOWLEDGED).count() == 1
    assert Case.objects.get().coordinator_id == cast.coordinator.membership_id


@pytest.mark.parametrize(
    ("name", "status", "error"),
    [
        ("teacher", 403, Refused),
        ("lead", 403, Refused),
        ("colleague", 404, NotVisible),
        ("panel_chair", 404, NotVisible),
        ("other_coordinator", 404, NotVisible),
        ("chair", 403, NotVisible),
    ],
)
def test_nobody_else_acknowledges(cast: Cast, sent, name, status, error):
    who = cast.everyone()[name]

    with pytest.raises(error):
        services.acknowledge(actor=who, case=sent)

    client = signed_in(who)
    assert {page(client, sent).status_code, api(client, sent).status_code} == {status}
    assert Case.objects.get().status == Status.RECEIVED


def test_two_coordinators_at_once_and_one_takes_it_on(committed, cast: Cast, sent):
    found = at_once(
        lambda: services.acknowledge(actor=cast.coordinator, case=sent),
        lambda: services.acknowledge(actor=cast.second_coordinator, case=sent),
    )

    assert sorted(type(each).__name__ for each in found) == ["Case", "DomainError"]
    assert len(events("referral.acknowledged")) == 1
    assert Notice.objects.filter(kind=Kind.ACKNOWLEDGED).count() == 1
    with pytest.raises(DomainError):
        services.acknowledge(actor=cast.manager, case=sent)
