"""Founding, joining, enrolling, ending and choosing."""

from datetime import time, timedelta

import pytest
from django.db import IntegrityError, connection
from django.utils import timezone

from portal.accounts import policies, services
from portal.accounts.models import Membership, Team, User
from portal.accounts.vocabulary import AgencyKind, PartnerUnder, Role
from portal.common.errors import DomainError, NotVisible, Refused
from tests.accounts.probe import EMAIL, PASSWORD


@pytest.fixture
def told():
    """What the services told the ledger, and whether a transaction was open."""
    heard = []

    def listen(signal, sender, **given):
        heard.append((given["act"], given["actor"], given["obj"], connection.in_atomic_block))

    services.acted.connect(listen, weak=False)
    yield heard
    services.acted.disconnect(listen)


def test_a_person_is_one_address_in_lower_case(teacher, second_hat):
    assert teacher.user == second_hat.user
    assert teacher.user.email == EMAIL
    assert teacher.user.name == "Tess Eacher"
    assert teacher.user.check_password(PASSWORD)


def test_a_team_is_an_agency_and_a_role_and_a_group(teacher, school):
    colleague = services.enrol(
        email="colleague@school.example.org", name="C", agency=school, role=Role.PRACTITIONER
    )

    assert colleague.team == teacher.team
    assert teacher.team.name == f"{school.pk}:practitioner"
    assert Team.objects.count() == 1


def test_enrolling_again_gives_the_same_membership(teacher, school):
    again = services.enrol(email=EMAIL, name="T", agency=school, role=Role.PRACTITIONER)

    assert again == teacher


def test_who_is_enrolled_without_a_password_cannot_sign_in_until_they_set_one(school):
    new = services.enrol(
        email="new@school.example.org", name="N", agency=school, role=Role.AGENCY_LEAD
    )

    assert not new.user.has_usable_password()


def test_a_short_password_is_refused_and_nobody_is_made(school):
    with pytest.raises(DomainError, match="at least 14 characters"):
        services.enrol(
            email="new@school.example.org",
            name="N",
            agency=school,
            role=Role.PRACTITIONER,
            password="too short",
        )

    assert not User.objects.exists()


@pytest.mark.parametrize(
    "email", ["", "nobody", "t\u0435acher@example.org", "\u0131@example.org", "a b@c.d"]
)
def test_an_address_that_is_none_or_looks_like_another_is_refused(school, email):
    with pytest.raises(DomainError, match="right format"):
        services.enrol(email=email, name="N", agency=school, role=Role.PRACTITIONER)


def test_a_closed_account_is_not_enrolled_again(teacher, council):
    User.objects.update(is_active=False)

    with pytest.raises(DomainError, match="closed"):
        services.enrol(email=EMAIL, name="T", agency=council, role=Role.COORDINATOR)


def test_an_ended_membership_is_not_live_and_a_new_one_can_begin(teacher, school):
    services.end_membership(membership=teacher)
    assert policies.principal_for(teacher.user, teacher.pk) is None
    with pytest.raises(DomainError, match="already ended"):
        services.end_membership(membership=teacher)

    back = services.enrol(email=EMAIL, name="T", agency=school, role=Role.PRACTITIONER)

    assert back.pk != teacher.pk
    assert policies.principal_for(back.user, back.pk) is not None


def test_a_membership_that_has_not_begun_ends_before_it_begins(teacher):
    Membership.objects.update(from_at=timezone.now() + timedelta(days=2))

    ended = services.end_membership(membership=teacher)

    assert ended.until_at == ended.from_at


def test_only_an_administrator_of_the_agency_says_who_works_for_it(teacher, second_hat, school):
    administrator = services.enrol(
        email="admin@school.example.org", name="A", agency=school, role=Role.AGENCY_ADMIN
    ).principal()

    services.end_membership(membership=teacher, actor=administrator)
    with pytest.raises(Refused):
        services.end_membership(membership=second_hat, actor=administrator)
    with pytest.raises(Refused):
        services.enrol(
            email="friend@school.example.org",
            name="F",
            agency=school,
            role=Role.COORDINATOR,
            actor=second_hat.principal(),
        )


def test_choosing_a_role_gives_that_principal_only(teacher, second_hat):
    principal = services.choose_role(user=teacher.user, membership_pk=second_hat.pk)

    assert principal.role == Role.COORDINATOR
    assert principal.team_id == second_hat.team_id
    assert principal.working_as == "MASE coordinator, Example Council"


def test_nobody_chooses_the_role_of_another_or_one_that_has_ended(teacher, second_hat, school):
    other = services.enrol(
        email="other@school.example.org", name="O", agency=school, role=Role.AGENCY_LEAD
    )
    services.end_membership(membership=second_hat)

    for membership in (other, second_hat):
        with pytest.raises(NotVisible):
            services.choose_role(user=teacher.user, membership_pk=membership.pk)


def test_each_act_is_told_to_the_ledger_inside_its_transaction(told, teacher, second_hat):
    principal = services.choose_role(user=teacher.user, membership_pk=teacher.pk)
    services.end_membership(membership=teacher)

    assert [act for act, *_ in told] == [
        "admin.partnership_founded",
        "admin.agency_joined",
        "admin.enrolled",
        "admin.agency_joined",
        "admin.enrolled",
        "auth.role_chosen",
        "admin.membership_ended",
    ]
    assert told[-2] == ("auth.role_chosen", principal, ("membership", teacher.pk), True)
    assert all(inside for *_, inside in told)


def test_an_act_that_cannot_be_recorded_does_not_happen(teacher):
    def refuse(signal, sender, **given):
        raise RuntimeError("no ledger")

    services.acted.connect(refuse, weak=False)
    try:
        with pytest.raises(RuntimeError):
            services.end_membership(membership=teacher)
    finally:
        services.acted.disconnect(refuse)

    assert policies.principal_for(teacher.user, teacher.pk) is not None


def test_an_agency_joins_at_least_one_partnership(db):
    with pytest.raises(DomainError):
        services.join_agency(
            name="Nowhere",
            kind=AgencyKind.CHARITY,
            partner_under=[PartnerUnder.INVITED],
            partnerships=[],
        )


@pytest.mark.parametrize(
    ("constraint", "change"),
    [
        ("partnership_opens_before_it_closes", {"office_opens": time(18)}),
        ("partnership_decides_within_days", {"decision_working_days": 0}),
    ],
)
def test_the_database_refuses_an_impossible_partnership(db, constraint, change):
    settings = {
        "name": "P",
        "slug": "p",
        "front_door_phone": "020 7946 0000",
        "out_of_hours_phone": "020 7946 0011",
    }

    with pytest.raises(IntegrityError, match=constraint):
        services.found_partnership(**settings, **change)
