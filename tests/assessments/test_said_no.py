"""A level that somebody does not sign: who said no and why is on the page for all who sign."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

from portal.common.errors import DomainError
from portal.notifications.models import Notice
from portal.notifications.vocabulary import Kind
from referrals.assessments import services
from referrals.assessments.models import Agreement, Signature
from referrals.assessments.vocabulary import Level, View
from referrals.vocabulary import State
from tests.assessments.conftest import agree, answer, given
from tests.cast import Cast, membership, signed_in

WHY = "Zzthe harm is too near."


@pytest.fixture
def put_up(cast: Cast, opened) -> Agreement:
    """A level below a floor: it waits for the chair and a second agency."""
    return agree(cast.coordinator, opened, Level.MODERATE)


def no(actor, agreement, words=WHY):
    return services.sign(actor=actor, agreement=agreement, signs=False, words=words)


def look(actor, agreement):
    return services.look(actor=actor, reference=agreement.assessment.case.reference)


def page_of(agreement):
    return reverse("assessments:risk", args=[agreement.assessment.case.reference])


def test_who_said_no_when_and_why_is_listed_for_those_who_may_see_it(cast: Cast, put_up):
    services.sign(actor=cast.panel_officer, agreement=put_up, signs=True)

    said = no(cast.panel_chair, put_up)

    assert Signature.objects.get(pk=said.pk).signs is False
    for who in (cast.coordinator, cast.manager, cast.panel_officer, cast.panel_nurse):
        (line,) = look(who, put_up).declined
        assert (line.level, line.at) == ("Moderate concern", said.signed_at)
        assert (line.who, line.capacity) == ("Pat Chair, Exampleshire Council", "The panel's chair")
        assert (line.why.state, line.why.text) == (State.SHOWN, WHY)
    found = look(cast.teacher, put_up)
    assert found.declined == ()
    assert found.hidden == 1
    body = signed_in(cast.coordinator).get(page_of(put_up)).content.decode()
    assert "Levels that somebody did not sign" in body
    assert WHY in body
    assert WHY not in signed_in(cast.teacher).get(page_of(put_up)).content.decode()


def test_the_proposer_is_told_and_reads_nothing_of_it_in_the_notice(cast: Cast, put_up):
    no(cast.panel_chair, put_up)

    notice = Notice.objects.get(kind=Kind.RISK_SIGNED)
    assert notice.recipient == membership(cast.coordinator)
    body = signed_in(cast.coordinator).get(reverse("notifications:list")).content.decode()
    assert "A level of concern that you put up has been answered" in body
    assert WHY not in body


def test_the_words_of_an_agency_that_had_not_answered_reach_whoever_put_it_up(
    cast: Cast, asked, monkeypatch
):
    answer(cast.panel_officer, asked, H4=given("confirmed"))
    with monkeypatch.context() as over:
        over.setattr(timezone, "now", lambda: asked.due_at + timedelta(minutes=1))
        services.reveal(actor=cast.coordinator, assessment=asked)
    made = agree(cast.coordinator, asked, Level.MODERATE)

    no(cast.panel_nurse, made)

    (line,) = look(cast.coordinator, made).declined
    assert line.who.endswith("Exampleshire Health")
    assert line.capacity == "A second agency"
    assert (line.why.state, line.why.text) == (State.SHOWN, WHY)


def test_the_next_signer_meets_what_happened_and_keeps_the_words(cast: Cast, put_up):
    no(cast.panel_chair, put_up)
    officer = signed_in(cast.panel_officer)
    body = officer.get(page_of(put_up)).content.decode()
    assert "The panel&#x27;s chair did not sign" in body
    assert "Record your signature" not in body
    sign = reverse("assessments:sign", args=[put_up.assessment.case.reference, put_up.pk])

    answered = officer.post(sign, {"signs": "no", "words": "Zzmine too."})

    assert answered.status_code == 409
    text = answered.content.decode()
    assert "It is no longer put up, and the level before stays" in text
    assert "What you wrote was not sent" in text
    assert "Zzmine too." in text
    assert Signature.objects.count() == 1
    confirm = reverse("assessments:confirm", args=[put_up.assessment.case.reference, put_up.pk])
    answered = officer.post(confirm, {"view": "dissents", "words": "Zznor this."})
    assert answered.status_code == 409
    assert "Zznor this." in answered.content.decode()


def test_nobody_signs_or_answers_what_somebody_said_no_to(cast: Cast, put_up):
    first = no(cast.panel_chair, put_up)
    assert no(cast.panel_chair, put_up) == first
    said = r"The panel's chair did not sign this level, on .* The|the level before stays"
    with pytest.raises(DomainError, match=said):
        services.sign(actor=cast.panel_officer, agreement=put_up, signs=True)
    with pytest.raises(DomainError, match=said):
        services.confirm(actor=cast.panel_nurse, agreement=put_up, view=View.AGREES)

    again = agree(cast.coordinator, put_up.assessment, Level.SIGNIFICANT, differs="")

    assert again.in_force_at
    assert [each.level for each in look(cast.coordinator, put_up).declined] == ["Moderate concern"]
    assert look(cast.coordinator, put_up).now.level == "Significant concern"


def test_the_database_takes_no_no_without_the_row_of_who_said_it(cast: Cast, put_up):
    rows = Agreement.objects.filter(pk=put_up.pk)
    with pytest.raises(DatabaseError, match="declined_by_somebody"), transaction.atomic():
        rows.update(declined_at=timezone.now())
    no(cast.panel_chair, put_up)
    with pytest.raises(DatabaseError, match="stays_declined"), transaction.atomic():
        rows.update(declined_at=None)
