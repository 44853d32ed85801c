"""Who may act now, and who is in a team now."""

from datetime import timedelta

import pytest
from django.utils import timezone

from portal.accounts import policies, services
from portal.accounts.models import Membership, User
from portal.accounts.vocabulary import AgencyKind, PartnerUnder, Role


def test_a_live_membership_makes_its_principal_in_one_query(
    teacher, partnership, school, django_assert_num_queries
):
    with django_assert_num_queries(1):
        principal = policies.principal_for(teacher.user, teacher.pk)

    assert principal is not None
    assert principal.user_id == teacher.user.pk
    assert principal.agency_id == school.pk
    assert principal.agency_kind == AgencyKind.SCHOOL
    assert principal.partnership_ids == (partnership.pk,)
    assert principal.working_as == "Practitioner, Example School"


@pytest.mark.parametrize(
    ("from_days", "until_days"), [(-9, -1), (1, None)], ids=["ended", "not begun"]
)
def test_a_membership_counts_only_between_its_days(teacher, from_days, until_days):
    now = timezone.now()
    until_at = until_days and now + timedelta(days=until_days)
    Membership.objects.update(from_at=now + timedelta(days=from_days), until_at=until_at)

    assert policies.principal_for(teacher.user, teacher.pk) is None
    assert not policies.memberships(teacher.user)
    assert not policies.team_members(teacher.team)


def test_a_closed_account_is_nobody(teacher):
    User.objects.update(is_active=False)

    assert policies.principal_for(teacher.user, teacher.pk) is None
    assert not policies.team_members(teacher.team)


def test_two_hats_never_add_up(teacher, second_hat):
    one = policies.principal_for(teacher.user, teacher.pk)
    two = policies.principal_for(teacher.user, second_hat.pk)

    assert one is not None
    assert two is not None
    assert (one.role, one.team_id) == (Role.PRACTITIONER, teacher.team_id)
    assert (two.role, two.team_id) == (Role.COORDINATOR, second_hat.team_id)
    assert one.agency_id != two.agency_id


def test_nobody_is_a_principal_in_anothers_membership(teacher, school):
    other = services.enrol(
        email="other@school.example.org", name="O", agency=school, role=Role.AGENCY_LEAD
    )

    assert policies.principal_for(other.user, teacher.pk) is None


def test_an_agency_may_serve_two_partnerships(teacher, partnership):
    second = services.found_partnership(
        name="Otherborough",
        slug="otherborough",
        front_door_phone="020 7946 0001",
        out_of_hours_phone="020 7946 0012",
    )
    police = services.join_agency(
        name="Example Police",
        kind=AgencyKind.POLICE,
        partner_under=[PartnerUnder.S16E],
        partnerships=[partnership, second],
    )
    officer = services.enrol(
        email="officer@police.example.org", name="O", agency=police, role=Role.PANEL_MEMBER
    )

    assert set(officer.principal().partnership_ids) == {partnership.pk, second.pk}
    # As each request finds it, and as everything else does.
    assert policies.principal_for(officer.user, officer.pk) == officer.principal()
    second.agencies.remove(police)
    partnership.agencies.remove(police)
    alone = policies.principal_for(officer.user, officer.pk)
    assert alone is not None
    assert alone.partnership_ids == ()
    assert alone == Membership.objects.get(pk=officer.pk).principal()
    police.partnerships.set([partnership, second])
    assert list(policies.teams_in(second, Role.PANEL_MEMBER)) == [officer.team]
    assert list(policies.teams_in(partnership.pk, Role.PANEL_MEMBER, Role.PRACTITIONER)) == [
        officer.team,
        teacher.team,
    ]
    assert policies.only_partnership() is None


def test_members_of_many_teams_cost_two_queries(teacher, second_hat, django_assert_num_queries):
    with django_assert_num_queries(2):
        found = [m.principal() for m in policies.live_memberships([teacher.team, second_hat.team])]

    assert {principal.membership_id for principal in found} == {teacher.pk, second_hat.pk}


def test_an_installation_with_one_partnership_knows_it(partnership):
    assert policies.only_partnership() == partnership
