"""Nominations: answered by another person, with the reason and what happens instead; recorded."""

from uuid import uuid4

import pytest
from django.urls import reverse

from portal.common.errors import DomainError, NotVisible, Refused
from portal.notifications.models import Notice
from portal.notifications.vocabulary import Kind
from referrals.meetings import policies, services
from referrals.meetings.models import Nomination, Sift
from referrals.meetings.services import Put
from referrals.meetings.vocabulary import Origin
from referrals.meetings.workflow import NominationStatus, Sifting
from referrals.triage import services as triage
from referrals.vocabulary import Outcome
from referrals.workflow import Action
from tests.cast import carried, events, send, signed_in
from tests.meetings.conftest import WHY, decided, nominated


@pytest.fixture
def made(cast, panel):
    """A child whom the coordinator nominated."""
    return nominated(cast, panel, decided(cast))


def test_the_nominator_never_answers_their_own(cast, made):
    with pytest.raises(Refused, match="somebody else"):
        services.sift(actor=cast.coordinator, pk=made.pk, step=Sifting.ACCEPT)
    made.refresh_from_db()
    assert made.status == NominationStatus.NOMINATED


def test_another_person_accepts_it_and_the_nominator_is_told(cast, made):
    services.sift(actor=cast.second_coordinator, pk=made.pk, step=Sifting.ACCEPT)

    made.refresh_from_db()
    assert made.status == NominationStatus.ACCEPTED
    assert Notice.objects.filter(
        kind=Kind.SIFTED, recipient=cast.coordinator.membership_id
    ).exists()
    assert events("nomination.sifted")[-1]["why"] == "accept"


@pytest.mark.parametrize(
    ("step", "said", "lacks"),
    [
        (Sifting.DECLINE, {"alternative": "A plan."}, "Write why"),
        (Sifting.DECLINE, {"reason": "Not for us."}, "instead of the panel"),
        (Sifting.ASK, {}, "Write why"),
    ],
)
def test_an_answer_that_needs_words_has_them(cast, made, step, said, lacks):
    with pytest.raises(DomainError, match=lacks):
        services.sift(actor=cast.second_coordinator, pk=made.pk, step=step, **said)
    assert not Sift.objects.exists()


def test_what_is_declined_says_why_and_what_happens_instead(cast, made):
    services.sift(
        actor=cast.second_coordinator,
        pk=made.pk,
        step=Sifting.DECLINE,
        reason="One agency can act alone.",
        alternative="The school's plan goes on.",
    )

    line, _ = services.read_nomination(actor=cast.coordinator, pk=made.pk)
    assert line.said == (
        ("Decline", "One agency can act alone. Instead: The school's plan goes on."),
    )
    again = nominated(cast, made.series, made.case)
    assert again.pk != made.pk


def test_more_is_asked_for_and_answered_by_the_nominator_alone(cast, made):
    services.sift(actor=cast.second_coordinator, pk=made.pk, step=Sifting.ASK, reason="Since when?")
    with pytest.raises(NotVisible):
        services.sift(actor=cast.manager, pk=made.pk, step=Sifting.ANSWER, reason="May.")
    with pytest.raises(DomainError):
        services.sift(actor=cast.second_coordinator, pk=made.pk, step=Sifting.ACCEPT)

    services.sift(actor=cast.coordinator, pk=made.pk, step=Sifting.ANSWER, reason="Since May.")

    made.refresh_from_db()
    assert made.status == NominationStatus.NOMINATED
    assert policies.to_sift(cast.second_coordinator).get() == made
    assert not policies.to_sift(cast.coordinator).exists()


def test_two_who_answer_at_once_leave_one_answer(cast, made):
    services.sift(actor=cast.second_coordinator, pk=made.pk, step=Sifting.ACCEPT)
    with pytest.raises(DomainError):
        services.sift(
            actor=cast.manager, pk=made.pk, step=Sifting.DECLINE, reason="No.", alternative="Plan."
        )
    assert Sift.objects.count() == 1


def test_a_nurse_of_the_panel_nominates_and_reads_only_her_own(cast, panel):
    ours, others = decided(cast), decided(cast, given_name="Other")
    mine = nominated(cast, panel, ours, by=cast.panel_nurse)
    nominated(cast, panel, others)

    assert mine.origin == Origin.PARTNER
    page = services.read_sift(actor=cast.panel_nurse)
    assert [line.pk for line in page.waiting] == [mine.pk]
    with pytest.raises(NotVisible):
        services.sift(actor=cast.panel_officer, pk=mine.pk, step=Sifting.ACCEPT)


def test_who_may_not_nominate_is_refused_or_knows_of_nothing(cast, panel):
    waiting = send(cast.teacher)
    put = Put(series=panel.pk, why=WHY)
    with pytest.raises(Refused):
        services.nominate(actor=cast.coordinator, reference=waiting.reference, put=put, key=uuid4())
    case = decided(cast)
    with pytest.raises(Refused):
        services.nominate(actor=cast.teacher, reference=case.reference, put=put, key=uuid4())
    for outsider in (cast.charity_worker, cast.other_coordinator, cast.outsider_lead):
        with pytest.raises(NotVisible):
            services.nominate(actor=outsider, reference=case.reference, put=put, key=uuid4())


def test_where_it_came_from_is_kept(cast, panel):
    case = decided(cast, Outcome.ASSESSMENT)
    assert nominated(cast, panel, case).origin == Origin.TRIAGE
    other = decided(cast, given_name="Reviewed")
    triage.move(actor=cast.coordinator, case=other, action=Action.OPEN, reason="A plan is made.")

    assert nominated(cast, panel, other).origin == Origin.REVIEW


def test_the_whole_way_by_pages(cast, panel):
    case = decided(cast)
    page = signed_in(cast.coordinator).get(reverse("referrals:case", args=[case.reference]))
    address = reverse("meetings:nominate", args=[case.reference])
    assert address in page.content.decode()
    client = signed_in(cast.coordinator)
    typed = {**carried(client, address), "why": WHY, "minutes": "15"}
    assert client.post(address, typed).status_code == 302
    assert client.post(address, typed).status_code == 302
    made = Nomination.objects.get()
    assert (made.minutes, made.why) == (15, WHY)

    second = signed_in(cast.second_coordinator)
    answer = reverse("meetings:nomination", args=[made.pk])
    assert "Nominated: " in second.get(answer).content.decode()
    lacks = second.post(answer, {"step": "decline", "reason": "Kept words.", "alternative": ""})
    assert lacks.status_code == 409
    assert "Kept words." in lacks.content.decode()
    assert second.post(answer, {"step": "accept"}).status_code == 302
    made.refresh_from_db()
    assert made.status == NominationStatus.ACCEPTED


def test_a_practitioner_sees_no_way_to_nominate(cast, panel):
    case = decided(cast)
    page = signed_in(cast.teacher).get(reverse("referrals:case", args=[case.reference]))

    assert "Nominate for the panel" not in page.content.decode()
