"""The databases that tests get: whose they are, and that nothing of one test reaches another."""

import threading

import pytest
from django.contrib.auth.models import Group
from django.db import connection, connections, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.db.utils import ProgrammingError


@pytest.mark.parametrize("_time", ["first", "second"])
def test_a_test_sees_nothing_of_the_test_before_it(db, _time):
    assert not Group.objects.filter(name="left behind").exists()

    Group.objects.create(name="left behind")


def test_tests_run_as_the_role_that_runs_the_site(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, session_user")

        assert cursor.fetchone() == ("portal_app", "portal_app")


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (id int)",
        "CREATE TEMPORARY TABLE mine (id int)",
        "CREATE SCHEMA mine",
        "ALTER TABLE accounts_agency ADD COLUMN mine int",
        "DROP TABLE accounts_agency",
        "TRUNCATE django_session",
        "DELETE FROM django_migrations",
        "UPDATE django_migrations SET app = 'mine'",
        "SET ROLE portal_owner",
        "SET ROLE audit_owner",
        "SET session_replication_role = replica",
        "CREATE ROLE mine",
    ],
)
def test_the_site_may_change_rows_and_nothing_else(db, statement):
    with (
        pytest.raises(ProgrammingError, match=r"permission denied|must be owner"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_the_site_may_read_which_migrations_were_applied(db):
    assert ("accounts", "0001_initial") in MigrationRecorder(connection).applied_migrations()


def test_commits_are_real_in_a_database_of_the_test_s_own(committed):
    def write() -> None:
        Group.objects.create(name="from a thread")
        connections.close_all()

    thread = threading.Thread(target=write)
    thread.start()
    thread.join()

    assert connection.settings_dict["NAME"] == committed.name
    assert Group.objects.filter(name="from a thread").exists()


def test_what_was_committed_is_gone_with_its_database(db):
    assert not Group.objects.filter(name="from a thread").exists()
