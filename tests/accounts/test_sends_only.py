"""A practitioner who sends referrals, follows their own, and is given nothing else."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from portal.accounts import policies as people
from portal.accounts import services as accounts
from portal.accounts.models import Team
from portal.accounts.vocabulary import Principal, Role
from portal.common.errors import DomainError
from referrals import policies
from referrals.intake import services as intake
from referrals.models import EmergencyAccess, Grant
from sharing.disclosures import policies as sharing
from sharing.disclosures.policies import oversight
from tests.cast import Cast, cast, membership, send, signed_in

__all__ = ["cast"]
WORKER = "senda@charity.example.org"


@pytest.fixture
def sender(cast: Cast) -> Principal:
    agency = membership(cast.charity_worker).team.agency
    return accounts.enrol(
        email=WORKER, name="Senda", agency=agency, role=Role.PRACTITIONER, sends_only=True
    ).principal()


def given_to(team: int, case, holder) -> Grant:
    return Grant.objects.create(
        content_object=case,
        group_id=team,
        permission=Permission.objects.get(codename="view_case"),
        holder=holder,
        categories=["IC1", "IC4"],
        purpose="PLAN",
        gateway="CA04_S10",
        rule="12",
        rule_version=1,
        reason="So that they can help.",
        necessity="They cannot help without it.",
        proportionality="Two kinds of information.",
        granted_by_service="sent",
        from_at=timezone.now(),
    )


def test_they_send_and_follow_their_own(cast: Cast, sender: Principal):
    case = send(sender)

    assert list(policies.visible(sender)) == [case]
    page = signed_in(sender).get(reverse("referrals:case", args=[case.reference]))
    assert page.status_code == 200
    assert "Wrenna" in page.content.decode()


def test_a_share_with_the_practitioners_beside_them_opens_nothing_to_them(cast: Cast, sender):
    case = send(cast.teacher)
    given_to(cast.charity_worker.team_id, case, cast.school)

    assert policies.visible(cast.charity_worker).filter(pk=case.pk).exists()
    assert not policies.visible(sender).exists()
    team = Team.objects.filter(pk=cast.charity_worker.team_id)
    assert sender.membership_id not in {each.pk for each in people.live_memberships(team)}


def test_their_team_is_offered_to_nobody_and_counted_nowhere(cast: Cast, sender: Principal):
    case = send(cast.teacher)
    offered = {team.pk: team.people for team in sharing.recipients(case, cast.coordinator)}

    assert sender.team_id not in offered
    assert offered[cast.charity_worker.team_id] == 1


def test_the_database_gives_them_nothing(cast: Cast, sender: Principal):
    case = send(cast.teacher)
    with pytest.raises(IntegrityError), transaction.atomic():
        given_to(sender.team_id, case, cast.school)
    now = timezone.now()
    with pytest.raises(IntegrityError), transaction.atomic():
        EmergencyAccess.objects.create(
            case=case,
            membership_id=sender.membership_id,
            why="life",
            next_step="I go there now and stay with the child.",
            from_at=now,
            until_at=now + timedelta(hours=1),
            review_due_at=now + timedelta(days=2),
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        Team.objects.filter(pk=sender.team_id).update(sends_only=False)
    with pytest.raises(IntegrityError), transaction.atomic():
        Team.objects.create(agency=cast.school, role=Role.MANAGER, sends_only=True, name="x")


def test_they_use_no_emergency_access_and_send_for_nobody_else(cast: Cast, sender: Principal):
    assert not oversight.may_use_emergency(sender)
    assert oversight.may_use_emergency(cast.charity_worker)
    draft = intake.start(actor=cast.charity_worker)
    with pytest.raises(DomainError):
        intake.delegate(actor=cast.charity_worker, draft=draft, email=WORKER)


def test_only_a_practitioner_only_sends(cast: Cast):
    with pytest.raises(DomainError):
        accounts.enrol(
            email=WORKER, name="S", agency=cast.school, role=Role.AGENCY_LEAD, sends_only=True
        )
