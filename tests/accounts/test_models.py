"""What the database itself refuses to hold about people."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from portal.accounts.models import Agency, Membership, Team, User


def refused(constraint):
    return pytest.raises(IntegrityError, match=constraint)


@pytest.mark.parametrize(
    ("constraint", "email"),
    [
        ("user_email_lower_case", "Someone@example.org"),
        ("user_email_plain_letters", "s\u043emeone@example.org"),
        ("user_email_plain_letters", "some one@example.org"),
        ("user_email_plain_letters", ""),
        ("accounts_user_email", "t.eacher@school.example.org"),
    ],
)
def test_an_address_is_plain_lower_case_and_one_persons(teacher, constraint, email):
    with refused(constraint):
        User.objects.create(email=email, name="N")


def test_a_membership_is_open_once_and_ends_after_it_starts(teacher):
    with refused("membership_once_at_a_time"), transaction.atomic():
        Membership.objects.create(user=teacher.user, team=teacher.team)
    with refused("membership_ends_after_it_starts"), transaction.atomic():
        Membership.objects.update(until_at=timezone.now() - timedelta(days=1))


def test_a_membership_is_not_given_to_another_person(teacher):
    other = User.objects.create(email="other@example.org", name="N")
    with refused("not given to another person"):
        Membership.objects.filter(pk=teacher.pk).update(user=other)


def test_agencies_and_teams_use_the_words_of_the_field(teacher, school):
    with refused("agency_kind_known"), transaction.atomic():
        Agency.objects.filter(pk=school.pk).update(kind="gang")
    with refused("agency_partner_under_known"), transaction.atomic():
        Agency.objects.filter(pk=school.pk).update(partner_under=[])
    with refused("team_role_known"), transaction.atomic():
        Team.objects.update(role="king")
    with refused("team_is_agency_and_role"), transaction.atomic():
        Team.objects.create(agency=school, role="practitioner", name="again")


def test_nobody_is_staff_or_a_superuser_and_nothing_shows_a_name(teacher):
    assert not teacher.user.is_staff
    assert not teacher.user.is_superuser
    for thing in (teacher, teacher.user, teacher.team, teacher.team.agency):
        assert "Eacher" not in f"{thing!r} {thing}"
        assert "eacher" not in f"{thing!r} {thing}"
