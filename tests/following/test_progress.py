"""Where a referral has got to, for those who sent it: five steps in sentences, and what is told."""

import pytest
from django.urls import reverse

from referrals.models import Move
from referrals.services import read_case
from referrals.triage import services as triage
from referrals.workflow import STEPS, Action
from tests.cast import Cast, signed_in


def steps(actor, case):
    return read_case(actor=actor, reference=case.reference).progress


def words(actor, case):
    return [step.word for step in steps(actor, case)]


def page(who, case):
    return signed_in(who).get(reverse("referrals:case", args=[case.reference])).text


def test_what_was_sent_waits_to_be_acknowledged_by_a_time(cast: Cast, sent):
    found = steps(cast.teacher, sent)

    assert [step.label for step in found] == list(STEPS)
    assert [step.word for step in found] == ["Done", "Now", "Next", "Next", "Next"]
    assert found[1].due <= sent.decision_due_at
    assert found[3].due == sent.decision_due_at


def test_once_acknowledged_it_is_being_checked(cast: Cast, sent):
    triage.acknowledge(actor=cast.coordinator, case=sent, words="Thank you. I am reading it.")

    assert words(cast.teacher, sent) == ["Done", "Done", "Now", "Next", "Next"]
    assert "Thank you. I am reading it." in page(cast.teacher, sent)


def test_the_decision_is_told_in_its_own_words(cast: Cast, decided):
    assert words(cast.teacher, decided) == ["Done", "Done", "Done", "Now", "Next"]
    shown = page(cast.teacher, decided)
    assert shown.index("What we can tell you") < shown.index("We have asked early help")


def test_what_is_withdrawn_goes_no_further(cast: Cast, sent):
    triage.move(actor=cast.teacher, case=sent, action=Action.WITHDRAW, reason="A mistake.")

    (only,) = steps(cast.teacher, sent)
    assert (only.word, only.sentence) == ("Now", "Withdrawn.")


def test_the_lead_of_the_agency_follows_it_too(cast: Cast, sent):
    assert words(cast.lead, sent) == words(cast.teacher, sent)


@pytest.mark.parametrize("name", ["coordinator", "manager"])
def test_others_are_not_shown_a_senders_progress(cast: Cast, sent, name):
    assert steps(cast.everyone()[name], sent) == ()
    assert "Add information" not in page(cast.everyone()[name], sent)


def test_one_press_acknowledges_with_a_sentence_that_can_be_changed(cast: Cast, sent):
    client = signed_in(cast.coordinator)
    workspace = client.get(reverse("triage:workspace", args=[sent.reference])).text
    assert "I am reading your referral now." in workspace
    assert "Coral Dinator" in workspace

    client.post(
        reverse("triage:acknowledge", args=[sent.reference]), {"words": "I ring you at two."}
    )

    assert Move.objects.get(case=sent).reason == "I ring you at two."
    assert "I ring you at two." in page(cast.teacher, sent)


def test_the_sender_takes_a_pdf_of_what_they_sent(cast: Cast, sent):
    client = signed_in(cast.teacher)
    copy = reverse("referrals:pdf", args=[sent.reference])

    assert copy in client.get(reverse("intake:sent", args=[sent.reference])).text
    assert copy in page(cast.teacher, sent)
    assert client.post(copy).status_code == 302
