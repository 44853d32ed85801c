"""Deciding a referral: with reasons, once, in time, and shared as the law says."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from portal.accounts import services as accounts
from portal.accounts.vocabulary import AgencyKind, PartnerUnder, Role
from portal.common.errors import DomainError, NotVisible, Refused
from portal.notifications.models import Notice
from portal.notifications.vocabulary import Kind
from referrals import policies
from referrals.models import Case, Decision, Grant
from referrals.reading import read
from referrals.triage import services
from referrals.vocabulary import Danger, Outcome
from referrals.workflow import Action, Status
from sharing.rules.vocabulary import Purpose
from tests.cast import SAW, Cast, agreed, at_once, events, send, signed_in

WORDS = {"reason": "Three signs in one week.", "told_referrer": "The panel will consider it."}
TYPED = {"outcome": "panel", **WORDS}
CHECKED = {"checked": "yes", "next_on-day": "1", "next_on-month": "1", "next_on-year": "2099"}
BLANK = ["", "   ", "\n\t"]


def decide(who, case, outcome=Outcome.PANEL, **words):
    return services.decide(actor=who, case=case, outcome=outcome, **{**WORDS, **words})


def page(client, case, **typed):
    given = {**TYPED, **CHECKED, **typed}
    return client.post(reverse("triage:decide", args=[case.reference]), given)


def api(client, case, **typed):
    return client.post(
        f"/api/v1/cases/{case.reference}/decide/",
        json.dumps({**TYPED, **typed}),
        content_type="application/json",
    )


def make_late(case):
    """Let the clock of this case have run out an hour ago."""
    now = timezone.now()
    Case.objects.filter(pk=case.pk).update(
        received_at=now - timedelta(days=3), decision_due_at=now - timedelta(hours=1)
    )
    case.refresh_from_db()


def test_a_decision_is_kept_with_who_when_and_why(cast: Cast, sent):
    decide(cast.coordinator, sent)

    kept = Decision.objects.get()
    assert (kept.outcome, kept.reason, kept.told_referrer) == ("panel", *WORDS.values())
    assert kept.decided_by_id == cast.coordinator.membership_id
    case = Case.objects.get()
    assert case.status == Status.DECIDED
    assert case.decided_at == kept.decided_at
    assert case.coordinator_id == cast.coordinator.membership_id


def test_it_is_one_decision_and_one_disclosure_for_each_grant_in_the_ledger(cast: Cast, sent):
    before = len(events(stream=f"case:{sent.pk}"))

    decide(cast.coordinator, sent)

    kept = events(stream=f"case:{sent.pk}")[before:]
    grants = Grant.objects.filter(content_object=sent, purpose=Purpose.PANEL)
    acts = [body["act"] for body in kept]
    assert acts == ["referral.decided"] + ["grant.given"] * len(grants)
    assert {body["actor"]["member"] for body in kept} == {str(cast.coordinator.membership_id)}
    assert {(body["rcpt"]["id"], body["basis"]) for body in kept[1:]} == {
        (grant.group.name, grant.gateway) for grant in grants
    }
    assert not [body for body in kept if "Three signs" in json.dumps(body)]


def test_the_sender_hears_what_was_decided_in_the_words_for_them(cast: Cast, sent):
    decide(cast.coordinator, sent)

    told = Notice.objects.get(kind=Kind.DECIDED)
    assert told.recipient_id == cast.teacher.membership_id
    shown = signed_in(cast.teacher).get(reverse("referrals:case", args=[sent.reference])).text
    assert WORDS["told_referrer"] in shown
    assert WORDS["reason"] not in shown


@pytest.mark.parametrize("outcome", [Outcome.STRATEGY, Outcome.ASSESSMENT, Outcome.EARLY_HELP])
def test_an_outcome_other_than_the_panel_shares_with_nobody(cast: Cast, sent, outcome):
    before = Grant.objects.count()

    decide(cast.coordinator, sent, outcome)

    assert Grant.objects.count() == before
    assert not Notice.objects.filter(kind=Kind.SHARED).exists()


def test_the_panel_is_exactly_the_panels_teams_by_rule_12_until_its_end(cast: Cast, sent):
    cast.partnership.panel_access_days = 10
    cast.partnership.save()

    decision = decide(cast.coordinator, sent)

    given = Grant.objects.filter(content_object=sent, purpose=Purpose.PANEL)
    assert {grant.group_id for grant in given} == {
        cast.panel_officer.team_id,
        cast.panel_nurse.team_id,
        cast.panel_chair.team_id,
    }
    for grant in given:
        assert (grant.rule, grant.rule_version, grant.gateway) == ("12", 1, "CA04_S10")
        assert set(grant.categories) == {"IC1", "IC2", "IC4", "IC5", "IC7", "IC10", "OUTCOME"}
        assert grant.granted_by_id == cast.coordinator.membership_id
        assert grant.from_at == decision.decided_at
        assert grant.until_at == decision.decided_at + timedelta(days=10)
        assert grant.holder in {cast.school, cast.council}
    told = Notice.objects.filter(kind=Kind.SHARED).values_list("recipient__user__name", flat=True)
    assert sorted(told) == ["Nora Urse", "Orla Ficer", "Pat Chair"]


def test_the_panel_of_another_partnership_gets_nothing(cast: Cast, sent):
    decide(cast.coordinator, sent)

    assert not policies.visible(cast.other_panel_officer).exists()
    assert not Grant.objects.filter(group_id=cast.other_panel_officer.team_id).exists()
    assert not Notice.objects.filter(recipient_id=cast.other_panel_officer.membership_id).exists()


def test_an_agency_of_both_partnerships_sees_only_what_its_teams_were_given(cast: Cast, sent):
    both = accounts.join_agency(
        name="Two Areas Probation",
        kind=AgencyKind.PROBATION,
        partner_under=[PartnerUnder.S11],
        partnerships=[cast.partnership, cast.other_area],
    )
    agreed(both, cast.council)
    panel, other = (
        accounts.enrol(
            email=f"{role}@probation.example.org", name=role, agency=both, role=role
        ).principal()
        for role in (Role.PANEL_MEMBER, Role.PRACTITIONER)
    )

    decide(cast.coordinator, sent)

    assert sent in policies.visible(panel)
    assert sent not in policies.visible(other)


def test_a_person_who_joins_the_panel_later_comes_with_the_team(cast: Cast, sent):
    decide(cast.coordinator, sent)
    team = Grant.objects.filter(group_id=cast.panel_officer.team_id)[0].group.team

    late = accounts.enrol(
        email="late.comer@police.example.org",
        name="Late Comer",
        agency=team.agency,
        role=Role.PANEL_MEMBER,
    ).principal()

    assert SAW in {item.text for item in read(late, sent, Purpose.PANEL).items}


@pytest.mark.parametrize("missing", ["reason", "told_referrer"])
@pytest.mark.parametrize("blank", BLANK)
def test_no_decision_without_a_reason_and_words_for_the_sender(cast: Cast, sent, missing, blank):
    client = signed_in(cast.coordinator)

    with pytest.raises(DomainError, match="Write "):
        decide(cast.coordinator, sent, **{missing: blank})
    shown = page(client, sent, **{missing: blank})
    told = api(client, sent, **{missing: blank})

    assert shown.status_code == 422
    assert "Write w" in shown.text
    assert told.status_code == 400
    assert missing in told.json()
    assert Case.objects.get().status == Status.RECEIVED
    assert not Decision.objects.exists()


def test_what_was_typed_comes_back_when_it_cannot_be_recorded(cast: Cast, sent):
    shown = page(signed_in(cast.coordinator), sent, told_referrer="")

    assert WORDS["reason"] in shown.text


@pytest.mark.parametrize("outcome", ["", "nonsense", "PANEL"])
def test_no_decision_without_an_outcome_that_we_know(cast: Cast, sent, outcome):
    client = signed_in(cast.coordinator)

    assert page(client, sent, outcome=outcome).status_code == 422
    assert api(client, sent, outcome=outcome).status_code == 400
    assert not Decision.objects.exists()


def test_a_late_decision_says_why_it_is_late(cast: Cast, sent):
    make_late(sent)
    client = signed_in(cast.coordinator)

    with pytest.raises(DomainError, match="late"):
        decide(cast.coordinator, sent)
    assert page(client, sent).status_code == 422
    assert api(client, sent).status_code == 409
    assert not Decision.objects.exists()

    assert page(client, sent, late_reason="Waited for the police.").status_code == 302
    assert Decision.objects.get().late_reason == "Waited for the police."


def test_a_decision_on_time_is_not_asked_why_it_is_late(cast: Cast, sent):
    page_shown = signed_in(cast.coordinator).get(reverse("triage:workspace", args=[sent.reference]))

    assert "late_reason" not in page_shown.text


ALONE = [Outcome.STRATEGY, Outcome.PANEL, Outcome.ASSESSMENT]


@pytest.mark.parametrize("outcome", [*ALONE, Outcome.EARLY_HELP])
def test_what_goes_on_is_decided_by_one_person(cast: Cast, outcome):
    assert isinstance(decide(cast.coordinator, send(cast.teacher), outcome), Decision)


@pytest.mark.parametrize("outcome", ALONE)
def test_with_danger_a_coordinator_may_decide_what_goes_on(cast: Cast, outcome):
    case = send(cast.teacher, danger=Danger.YES)

    assert isinstance(decide(cast.coordinator, case, outcome), Decision)


@pytest.mark.parametrize("door", [page, api])
@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("teacher", 403),
        ("lead", 403),
        ("colleague", 404),
        ("panel_chair", 404),
        ("panel_officer", 404),
        ("other_coordinator", 404),
        ("auditor", 404),
        ("chair", 403),
    ],
)
def test_nobody_else_decides_and_nobody_else_learns_who_did(cast: Cast, sent, door, name, status):
    who = cast.everyone()[name]
    client = signed_in(who)

    early = door(client, sent)
    decide(cast.coordinator, sent, Outcome.EARLY_HELP)
    late = door(client, sent)

    assert early.status_code == late.status_code == status
    assert "Coral" not in late.text
    with pytest.raises((NotVisible, Refused)):
        decide(who, sent)


def test_the_second_to_decide_is_told_who_was_first_and_keeps_their_words(cast: Cast, sent):
    client = signed_in(cast.second_coordinator)
    decide(cast.coordinator, sent)

    shown = page(client, sent, reason="My own reason.")
    told = api(client, sent)

    assert shown.status_code == told.status_code == 409
    assert "Coral Dinator, MASE coordinator, decided this on" in shown.text
    assert "Coral Dinator, MASE coordinator, decided this on" in told.json()["detail"]
    assert Decision.objects.count() == 1


@pytest.mark.parametrize("attempt", range(3))
def test_two_coordinators_at_once_and_exactly_one_wins(committed, cast: Cast, sent, attempt):
    """Tried without the lock (select_for_update taken out of `decide` and `begin`): both pass
    the check, and the second dies on the constraint decision_one_current_per_case, with a
    traceback in place of the winner's name.
    """
    found = at_once(
        lambda: decide(cast.coordinator, sent),
        lambda: decide(cast.second_coordinator, sent, Outcome.EARLY_HELP),
    )

    won = [each for each in found if isinstance(each, Decision)]
    lost = [each for each in found if isinstance(each, DomainError)]
    assert (len(won), len(lost)) == (1, 1), found
    winner = "Coral Dinator" if won[0].outcome == Outcome.PANEL else "Second Dinator"
    assert str(lost[0]).startswith(f"{winner}, MASE coordinator, decided this on")
    assert Decision.objects.get() == won[0]
    assert len(events("referral.decided")) == 1
    assert Notice.objects.filter(kind=Kind.DECIDED).count() == 1
    panel = Grant.objects.filter(purpose=Purpose.PANEL).exists()
    assert panel is (won[0].outcome == Outcome.PANEL)


def test_a_decision_and_a_withdrawal_at_once_and_one_of_them_counts(committed, cast: Cast, sent):
    found = at_once(
        lambda: decide(cast.coordinator, sent, Outcome.EARLY_HELP),
        lambda: services.move(
            actor=cast.teacher, case=sent, action=Action.WITHDRAW, reason="Sent by mistake."
        ),
    )

    withdrawn = Case.objects.get().status == Status.WITHDRAWN
    assert sum(isinstance(each, DomainError) for each in found) == 1, found
    assert Decision.objects.exists() is not withdrawn
    assert len(events("referral.withdrawn")) == int(withdrawn)
