"""No role that the portal logs in as can do anything to the ledger but append."""

from collections.abc import Iterator
from uuid import uuid4

import psycopg2
import pytest
from django.db import connection
from psycopg2 import errors

from tests.audit.cast import Login, login

REFUSED = {
    "read the heads": "SELECT * FROM audit.head",
    "update": "UPDATE audit.event SET body = 'x'",
    "update head": "UPDATE audit.head SET seq = 0",
    "delete": "DELETE FROM audit.event",
    "delete head": "DELETE FROM audit.head",
    "truncate": "TRUNCATE audit.event",
    "truncate head": "TRUNCATE audit.head CASCADE",
    "insert": "INSERT INTO audit.event (id, stream, seq, at, prev, body, hash)"
    " VALUES (gen_random_uuid(), 'system', 1, now(), 'x', 'x', 'x')",
    "insert a chosen identity": "INSERT INTO audit.event (id, ins, stream, seq, at, prev, body,"
    " hash) OVERRIDING SYSTEM VALUE"
    " VALUES (gen_random_uuid(), 1, 'system', 1, now(), 'x', 'x', 'x')",
    "insert head": "INSERT INTO audit.head VALUES ('system', 0, 'x')",
    "upsert": "INSERT INTO audit.head VALUES ('system', 0, 'x')"
    " ON CONFLICT (stream) DO UPDATE SET seq = 0",
    "copy": "COPY audit.event (id, stream) FROM STDIN",
    "merge": "MERGE INTO audit.event e USING (SELECT 1 AS seq) s ON e.seq = s.seq"
    " WHEN MATCHED THEN DELETE",
    "lock": "LOCK TABLE audit.event IN ACCESS EXCLUSIVE MODE",
    "move the sequence": "SELECT setval('audit.event_ins_seq', 1)",
    "alter": "ALTER TABLE audit.event ADD COLUMN note text",
    "own": "ALTER TABLE audit.event OWNER TO CURRENT_USER",
    "disable a trigger": "ALTER TABLE audit.event DISABLE TRIGGER event_is_kept",
    "drop a trigger": "DROP TRIGGER event_is_kept ON audit.event",
    "add a trigger": "CREATE TRIGGER mine BEFORE INSERT ON audit.event"
    " FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "add a rule": "CREATE RULE mine AS ON INSERT TO audit.event DO INSTEAD NOTHING",
    "add an index": "CREATE INDEX ON audit.event (at)",
    "refer": "CREATE TABLE child (id uuid REFERENCES audit.event (id))",
    "inherit": "CREATE TABLE child () INHERITS (audit.event)",
    "row security": "ALTER TABLE audit.event ENABLE ROW LEVEL SECURITY",
    "drop": "DROP TABLE audit.event",
    "drop the schema": "DROP SCHEMA audit CASCADE",
    "make a table": "CREATE TABLE audit.other (id int)",
    "replace the function": "CREATE OR REPLACE FUNCTION audit.append(new_id uuid, new_stream text,"
    " new_body bytea, OUT seq bigint, OUT at timestamptz, OUT hash bytea)"
    " LANGUAGE sql AS 'SELECT 1::bigint, now(), ''x''::bytea'",
    "alter the function": "ALTER FUNCTION audit.append(uuid, text, bytea) SECURITY INVOKER",
    "drop the function": "DROP FUNCTION audit.append(uuid, text, bytea)",
    "sleep the triggers": "SET session_replication_role = replica",
    "become the owner": "SET ROLE audit_owner",
    "log in as the owner": "SET SESSION AUTHORIZATION audit_owner",
    "join the owner": "GRANT audit_owner TO CURRENT_USER",
    "take what the owner has": "REASSIGN OWNED BY audit_owner TO CURRENT_USER",
    "let the owner log in": "ALTER ROLE audit_owner LOGIN",
}


@pytest.fixture
def anyone(db: None, request: pytest.FixtureRequest) -> Iterator[Login]:
    """A connection as one of the two roles that log in; nothing it does is kept."""
    found = login(request.param)
    yield Login(found)
    found.close()


@pytest.mark.parametrize("statement", REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize("anyone", ["DATABASE_URL", "OWNER_DATABASE_URL"], indirect=True)
def test_everything_but_append_is_refused(anyone: Login, statement: str) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        anyone.run(statement)


@pytest.mark.parametrize("anyone", ["OWNER_DATABASE_URL"], indirect=True)
def test_the_owner_of_the_portals_tables_has_no_part_in_the_ledger(anyone: Login) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        anyone.run("SELECT audit.append(gen_random_uuid(), 'system', 'x')")


def test_the_tests_run_as_the_site_does(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT session_user, current_user")
        assert cursor.fetchone() == ("portal_app", "portal_app")


def test_what_the_site_may_do_is_read_and_append(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT has_table_privilege('audit.event', 'SELECT'),
                has_table_privilege('audit.event',
                    'INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER'),
                has_table_privilege('audit.head', 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE'),
                has_schema_privilege('audit', 'CREATE'),
                has_function_privilege('audit.append(uuid, text, bytea)', 'EXECUTE')
            """
        )
        assert cursor.fetchone() == (True, False, False, False, True)


def test_nothing_in_the_schema_is_open_to_everybody(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT nspname FROM pg_namespace, aclexplode(nspacl)
                WHERE nspname = 'audit' AND grantee = 0
            UNION ALL
            SELECT relname FROM pg_class, aclexplode(relacl)
                WHERE relnamespace = 'audit'::regnamespace AND grantee = 0
            UNION ALL
            SELECT proname FROM pg_proc, aclexplode(coalesce(proacl, acldefault('f', proowner)))
                WHERE pronamespace = 'audit'::regnamespace AND grantee = 0
            """
        )
        assert cursor.fetchall() == []


def test_functions_of_the_ledger_look_nowhere_else(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT proconfig FROM pg_proc WHERE pronamespace = 'audit'::regnamespace"
        )
        assert cursor.fetchall() == [(["search_path=pg_catalog, pg_temp"],)]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit.event SET seq = seq",
        "DELETE FROM audit.event",
        "TRUNCATE audit.event",
        "DELETE FROM audit.head",
        "TRUNCATE audit.head",
        "UPDATE audit.head SET seq = seq - 1",
        "UPDATE audit.head SET seq = seq + 1",
        "UPDATE audit.head SET hash = sha256('x')",
    ],
)
@pytest.mark.parametrize("replication_role", ["origin", "replica"])
def test_the_triggers_stop_a_superuser_too(db: None, statement: str, replication_role: str) -> None:
    admin = login("ADMIN_DATABASE_URL")
    try:
        cursor = admin.cursor()
        cursor.execute(f"SET session_replication_role = {replication_role}")
        event = str(uuid4())
        body = f'{{"id":"{event}","act":"rules.loaded","cat":"admin","out":"allowed","rcpt":null}}'
        cursor.execute("SELECT audit.append(%s, 'system', %s)", [event, body.encode()])
        with pytest.raises(psycopg2.errors.InsufficientPrivilege, match=r"append-only|head"):
            cursor.execute(statement)
    finally:
        admin.close()
