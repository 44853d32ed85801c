"""The principal of a request: set anew each time, one hat at a time, gone at once when revoked."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from portal.accounts import services
from portal.accounts.models import User
from portal.accounts.vocabulary import Role
from tests.accounts.probe import EMAIL, PASSWORD

pytestmark = pytest.mark.urls("tests.accounts.probe")

HOME = "/home/"
CHOICE = "/account/role/"


@pytest.fixture
def signed_in(client, teacher):
    client.force_login(teacher.user)
    return client


def choose(client, membership, *, after=""):
    return client.post(f"{CHOICE}{after}", {"membership": membership.pk})


def test_the_only_role_is_used_without_asking(signed_in, teacher):
    page = signed_in.get(HOME)

    assert page.content.decode() == f"Practitioner, Example School|{teacher.pk}"


def test_with_two_roles_none_is_used_until_one_is_chosen(signed_in, second_hat):
    asked = signed_in.get(f"{HOME}?filter=mine")
    assert asked.url == f"{CHOICE}?next=%2Fhome%2F%3Ffilter%3Dmine"

    form = signed_in.get(asked.url)
    assert b"Work as MASE coordinator, Example Council" in form.content
    assert b"Work as Practitioner, Example School" in form.content
    assert b" checked" not in form.content

    chosen = choose(signed_in, second_hat, after="?next=%2Fhome%2F%3Ffilter%3Dmine")
    assert chosen.url == "/home/?filter=mine"
    assert b"MASE coordinator" in signed_in.get(HOME).content


def test_a_press_of_a_button_without_a_role_is_not_repeated_after_choosing(signed_in, second_hat):
    assert signed_in.post(HOME).url == CHOICE


def test_one_changes_hats_and_never_wears_both(signed_in, teacher, second_hat):
    choose(signed_in, second_hat)
    choose(signed_in, teacher)

    assert signed_in.get(HOME).content.decode().startswith("Practitioner, Example School|")


def test_nothing_chosen_is_said_in_words(signed_in, second_hat):
    page = signed_in.post(CHOICE, {})

    assert page.status_code == 200
    assert b"Select the role you want to work in" in page.content


def test_the_role_of_another_person_cannot_be_chosen(signed_in, second_hat, council):
    other = services.enrol(
        email="other@council.example.org", name="O", agency=council, role=Role.MANAGER
    )

    assert choose(signed_in, other).status_code == 200
    assert signed_in.get(HOME).url.startswith(CHOICE)


def test_choosing_a_role_gives_the_session_a_new_key_and_the_old_one_is_dead(
    signed_in, client, second_hat
):
    signed_in.get(CHOICE)
    old = signed_in.session.session_key

    choose(signed_in, second_hat)

    assert signed_in.session.session_key != old
    assert not signed_in.session.exists(old)


def test_an_ended_role_counts_from_the_next_request(signed_in, teacher):
    assert signed_in.get(HOME).status_code == 200

    services.end_membership(membership=teacher)

    refused = signed_in.get(HOME)
    assert refused.status_code == 403
    assert b"You have no role here" in refused.content
    assert b"ask your agency administrator" in refused.content.lower()
    assert signed_in.get(CHOICE).status_code == 403


def test_no_other_hat_slips_on_unasked_when_the_chosen_one_ends(signed_in, second_hat):
    choose(signed_in, second_hat)
    services.end_membership(membership=second_hat)

    assert signed_in.post(HOME).url == CHOICE


def test_a_new_second_role_does_not_interrupt_the_work_in_the_first(signed_in, teacher, council):
    signed_in.get(HOME)
    services.enrol(email=EMAIL, name="T", agency=council, role=Role.COORDINATOR)

    assert b"Practitioner" in signed_in.get(HOME).content


def test_a_closed_account_counts_from_the_next_request(signed_in):
    signed_in.get(HOME)
    User.objects.update(is_active=False)

    assert signed_in.get(HOME).url.startswith(reverse("account_login"))


def test_a_new_password_ends_every_session(signed_in, teacher):
    signed_in.get(HOME)
    teacher.user.set_password(f"{PASSWORD} and longer")
    teacher.user.save()

    assert signed_in.get(HOME).url.startswith(reverse("account_login"))


def test_somebody_without_a_role_reaches_sign_out_and_nothing_else(client, teacher):
    services.end_membership(membership=teacher)
    client.force_login(teacher.user)

    assert client.get(HOME).status_code == 403
    assert client.get("/help/").status_code == 200
    assert client.post(reverse("account_logout")).url == reverse("accounts:signed_out")
    assert client.get(HOME).url.startswith(reverse("account_login"))


def test_a_program_without_a_role_is_told_so(signed_in, second_hat):
    answer = signed_in.get("/api/v1/cases/")

    assert answer.status_code == 403
    assert answer.json() == {"detail": "Choose a role first."}


def test_a_session_ends_after_ten_hours_however_busy(teacher, client):
    start = timezone.now()
    with time_machine.travel(start, tick=False) as clock:
        client.force_login(teacher.user)
        for press in range(32):
            clock.move_to(start + press * timedelta(minutes=19))
            assert client.get(HOME).status_code == 200

        # Eleven minutes after the last press: not idle, only old.
        clock.move_to(start + timedelta(hours=10, seconds=1))

        assert client.get(HOME).url.startswith(reverse("account_login"))


def test_an_idle_session_ends_after_twenty_minutes_at_the_server(teacher, client):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        client.force_login(teacher.user)
        client.get(HOME)
        stolen = client.cookies.copy()
        clock.shift(timedelta(minutes=20, seconds=1))
        client.cookies = stolen

        assert client.get(HOME).url.startswith(reverse("account_login"))


def test_a_page_costs_two_queries_to_know_who_asks(
    signed_in, teacher, django_assert_max_num_queries
):
    signed_in.get(HOME)

    # The session; the person, the membership and its partnerships at once. Then it is saved.
    with django_assert_max_num_queries(2 + 2):
        signed_in.get(HOME)


def test_the_signed_out_page_lets_the_browser_forget(client):
    for name in ("signed_out", "timed_out"):
        page = client.get(reverse(f"accounts:{name}"))

        assert page.status_code == 200
        assert page["Clear-Site-Data"] == '"cache", "storage"'


def test_a_stranger_has_no_principal(client, db):
    assert client.get("/help/").wsgi_request.principal is None
