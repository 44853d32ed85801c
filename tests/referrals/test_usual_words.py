"""What whoever referred is told of a usual decision: shown before it is recorded."""

import pytest
from django.urls import reverse

from portal.accounts.models import Partnership
from portal.accounts.vocabulary import default_decided, read_decided
from referrals.models import Case, Decision
from referrals.vocabulary import Outcome
from tests.cast import Cast, signed_in

WHY = "Three signs in one week."
USUAL = read_decided(default_decided())[Outcome.PANEL.label.casefold()]
NEEDED = "Write what we can tell the person who referred"


def check(client, case: Case, outcome: Outcome = Outcome.PANEL, **more: str):
    typed = {"outcome": outcome, "reason": WHY, "told_referrer": "", **more}
    return client.post(reverse("triage:check", args=[case.reference]), typed)


def test_the_usual_words_are_shown_and_said_to_be_so(cast: Cast, sent):
    client = signed_in(cast.coordinator)

    page = check(client, sent).text
    assert USUAL in page
    assert "These are the usual words." in page
    own = check(client, sent, told_referrer="I rang you.").text
    assert "I rang you." in own
    assert "usual words" not in own
    assert not Decision.objects.exists()


def test_to_change_them_they_stand_in_the_box(cast: Cast, sent):
    client = signed_in(cast.coordinator)
    to_change = dict(check(client, sent).context["carried"])

    page = check(client, sent, told_referrer=to_change["told_referrer"], changes="yes")

    assert page.context["form"]["told_referrer"].value() == USUAL


@pytest.mark.parametrize("to", [Outcome.NFA, Outcome.ADVICE, Outcome.TRANSFER])
def test_changed_back_they_do_not_go_out_with_another_decision(cast: Cast, sent, to):
    """Shown for the panel, carried back into the box, and then another decision is selected."""
    answer = check(signed_in(cast.manager), sent, to, told_referrer=USUAL)

    assert answer.status_code == 422
    assert f"These are the usual words of another decision. {NEEDED}" in answer.text


def test_changed_back_to_another_usual_decision_its_own_words_stand(cast: Cast, sent):
    words = read_decided(default_decided())[Outcome.STRATEGY.label.casefold()]

    page = check(signed_in(cast.coordinator), sent, Outcome.STRATEGY, told_referrer=USUAL)

    assert dict(page.context["carried"])["told_referrer"] == words


def test_what_nobody_has_read_is_not_recorded(cast: Cast, sent):
    """A press that goes past the page that checks."""
    answer = signed_in(cast.coordinator).post(
        reverse("triage:decide", args=[sent.reference]),
        {"outcome": Outcome.PANEL, "reason": WHY, "told_referrer": "", "checked": "yes"},
    )

    assert answer.status_code == 422
    assert NEEDED in answer.text
    assert not Decision.objects.exists()


@pytest.mark.parametrize("outcome", [Outcome.NFA, Outcome.ADVICE])
def test_of_the_end_of_the_work_the_words_are_always_written(cast: Cast, sent, outcome):
    Partnership.objects.update(decided_words=f"{outcome.label} | We do no more.")

    answer = check(signed_in(cast.coordinator), sent, outcome)

    assert (answer.status_code, NEEDED in answer.text) == (422, True)
    assert "We do no more." not in answer.text


@pytest.mark.parametrize("kept", ["", "Early help | We help.", "no line of ours"])
def test_where_there_are_none_they_are_written(cast: Cast, sent, kept, caplog):
    Partnership.objects.update(decided_words=kept)

    answer = check(signed_in(cast.coordinator), sent)

    assert (answer.status_code, NEEDED in answer.text) == (422, True)
    assert ("cannot be read" in caplog.text) is (kept == "no line of ours")
    assert "no line of ours" not in caplog.text


def test_each_partnership_has_its_own(cast: Cast, sent):
    Partnership.objects.filter(pk=cast.partnership.pk).update(
        decided_words="mase panel agenda | The panel meets on Tuesday."
    )

    assert "The panel meets on Tuesday." in check(signed_in(cast.coordinator), sent).text
