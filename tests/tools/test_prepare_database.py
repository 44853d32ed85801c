"""`prepare_database` on a server of its own, by an administrator who is no superuser."""

import shutil
from collections.abc import Iterator

import psycopg2
import pytest
from django.core.management import CommandError, call_command

from tools.databases import as_role, ask
from tools.machine import VAR
from tools.servers import Postgres


@pytest.fixture(scope="module")
def server(worker_id) -> Iterator[str]:
    """A second PostgreSQL, empty; its superuser's address."""
    folder = VAR / "test" / f"other-{worker_id}"
    postgres = Postgres(folder, forgetful=True)
    postgres.start()
    yield postgres.admin_url
    postgres.stop()
    shutil.rmtree(postgres.home)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def administrator(server) -> str:
    """The address of a role that may make roles and databases, and no more."""
    ask(server, "CREATE ROLE caretaker LOGIN CREATEROLE CREATEDB PASSWORD 'caretaker'")
    return as_role(server, "caretaker", "caretaker", "postgres")


@pytest.fixture
def addresses(administrator, monkeypatch) -> dict[str, str]:
    """The three addresses, as the command reads them."""
    found = {
        "ADMIN_DATABASE_URL": administrator,
        "OWNER_DATABASE_URL": as_role(administrator, "portal_owner", "owner", "portal"),
        "DATABASE_URL": as_role(administrator, "portal_app", "app", "portal"),
    }
    for name, value in found.items():
        monkeypatch.setenv(name, value)
    return found


def test_it_may_be_repeated(addresses, capsys):
    call_command("prepare_database")
    call_command("prepare_database")

    assert capsys.readouterr().out.count("The database portal is ready") == 2


def test_the_roles_get_what_they_need_and_no_more(addresses):
    call_command("prepare_database")
    owner, app = addresses["OWNER_DATABASE_URL"], addresses["DATABASE_URL"]
    ask(owner, "CREATE TABLE made_by_owner (id int GENERATED ALWAYS AS IDENTITY, word text)")

    assert ask(app, "INSERT INTO made_by_owner (word) VALUES ('a') RETURNING id") == [(1,)]
    for refused in ("TRUNCATE made_by_owner", "CREATE TABLE mine ()", "SELECT audit.refuse()"):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            ask(app, refused)
    for refused in ("SELECT FROM audit.event", "CREATE SCHEMA mine", "SET ROLE audit_owner"):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            ask(owner, refused)


def test_the_administrator_does_not_stay_a_member_of_the_owning_roles(addresses):
    call_command("prepare_database")

    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        ask(addresses["ADMIN_DATABASE_URL"], "SET ROLE audit_owner")


def test_nobody_logs_in_as_the_ledger_s_owner(addresses, server):
    call_command("prepare_database")

    query = "SELECT rolcanlogin, rolpassword FROM pg_authid WHERE rolname = 'audit_owner'"
    assert ask(server, query) == [(False, None)]


def test_a_role_that_may_do_too_much_is_refused(addresses, server):
    call_command("prepare_database")
    ask(server, "ALTER ROLE portal_app BYPASSRLS")
    try:
        with pytest.raises(CommandError, match="may do more than it needs"):
            call_command("prepare_database")
    finally:
        ask(server, "ALTER ROLE portal_app NOBYPASSRLS")


def test_a_member_of_another_role_is_refused(addresses, server):
    call_command("prepare_database")
    ask(server, "GRANT portal_owner TO portal_app")
    try:
        with pytest.raises(CommandError, match="REVOKE portal_owner FROM portal_app"):
            call_command("prepare_database")
    finally:
        ask(server, "REVOKE portal_owner FROM portal_app")


def test_an_address_for_another_role_is_refused(addresses, administrator, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", as_role(administrator, "somebody", "x", "portal"))

    with pytest.raises(CommandError, match="must name that role"):
        call_command("prepare_database")
