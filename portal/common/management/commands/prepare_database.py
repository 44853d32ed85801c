"""Make the database, its three roles and their privileges, and the ledger's schema."""

from contextlib import closing
from typing import Any

import environ
import psycopg2
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db.migrations.recorder import MigrationRecorder
from django.db.utils import ConnectionHandler
from psycopg2 import sql
from psycopg2.extensions import connection as Connection  # noqa: N812 - a class with a small name
from psycopg2.extensions import cursor as Cursor  # noqa: N812 - a class with a small name
from psycopg2.extensions import encrypt_password, parse_dsn

OWNER, APP, LEDGER = "portal_owner", "portal_app", "audit_owner"
EXTENSIONS = ("pg_trgm", "unaccent", "btree_gist")
OLDEST = 150000
LEDGER_SQL = settings.BASE_DIR / "portal" / "audit" / "sql" / "ledger.sql"
TOO_MUCH = ("rolsuper", "rolcreatedb", "rolcreaterole", "rolreplication", "rolbypassrls")


class Command(BaseCommand):
    """Prepare an empty or a running database. Safe to repeat: before every migration, say.

    Reads ADMIN_DATABASE_URL (a superuser, or a role with CREATEDB and CREATEROLE),
    OWNER_DATABASE_URL and DATABASE_URL. The passwords in the last two are set on the roles.
    """

    help = "Create the database, its roles, their privileges and the ledger's schema."
    requires_system_checks = []

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Refuse with one sentence when the server, the addresses or the roles are not right."""
        admin, owner, app = (
            _address(name) for name in ("ADMIN_DATABASE_URL", "OWNER_DATABASE_URL", "DATABASE_URL")
        )
        database = _check_addresses(owner, app)
        try:
            with closing(psycopg2.connect(admin)) as connection:
                connection.autocommit = True
                _check_server(connection)
                _make_roles(connection, owner, app)
                _make_database(connection, database)
            with (
                closing(psycopg2.connect(admin, dbname=database)) as connection,
                connection,
                connection.cursor() as cursor,
            ):
                _fill(cursor, database)
            _migration_history(owner)
        except psycopg2.Error as error:
            raise CommandError(f"PostgreSQL refused: {str(error).strip()}") from error
        self.stdout.write(f"The database {database} is ready for its migrations.")


def _address(name: str) -> str:
    env = environ.FileAwareEnv()
    if not (found := env.str(name, default="")):
        raise CommandError(f"{name} is not set; .env.example explains it.")
    return str(found).strip()


def _check_addresses(owner: str, app: str) -> str:
    """Return the name of the database to which both addresses lead."""
    parsed = {OWNER: parse_dsn(owner), APP: parse_dsn(app)}
    for role, address in parsed.items():
        if address.get("user") != role or not address.get("password"):
            raise CommandError(f"The address for {role} must name that role and its password.")
    names = {address.get("dbname") for address in parsed.values()}
    if len(names) != 1 or not (name := names.pop()):
        raise CommandError("OWNER_DATABASE_URL and DATABASE_URL must name the same database.")
    return str(name)


def _check_server(connection: Connection) -> None:
    if connection.server_version < OLDEST:
        raise CommandError(
            f"PostgreSQL 15 or later is needed; this is {connection.server_version // 10000}."
        )


def _make_roles(connection: Connection, owner: str, app: str) -> None:
    """Create what is missing, set the two passwords, and refuse roles that may do too much."""
    passwords = {OWNER: parse_dsn(owner)["password"], APP: parse_dsn(app)["password"], LEDGER: ""}
    with connection.cursor() as cursor:
        for role, password in passwords.items():
            name = sql.Identifier(role)
            cursor.execute("SELECT FROM pg_roles WHERE rolname = %s", [role])
            if not cursor.rowcount:
                cursor.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(name))
            if password:
                # Hashed here, so that the password itself is in no statement and in no log.
                hashed = encrypt_password(password, role, connection, "scram-sha-256")
                login = sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}")
                cursor.execute(login.format(name, sql.Literal(hashed)))
        _check_roles(cursor)


def _check_roles(cursor: Cursor) -> None:
    powers = sql.SQL(" OR ").join(map(sql.Identifier, TOO_MUCH))
    roles = [OWNER, APP, LEDGER]
    cursor.execute(
        sql.SQL("SELECT rolname FROM pg_roles WHERE rolname = ANY(%s) AND ({})").format(powers),
        [roles],
    )
    if found := cursor.fetchone():
        raise CommandError(
            f"The role {found[0]} may do more than it needs. To mend it, as a superuser: ALTER"
            f" ROLE {found[0]} NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;"
        )
    cursor.execute(
        "SELECT member::regrole::text, roleid::regrole::text FROM pg_auth_members"
        " WHERE member::regrole::text = ANY(%s)",
        [roles],
    )
    if pair := cursor.fetchone():
        raise CommandError(
            f"The role {pair[0]} is a member of {pair[1]}, so it may do what that role may do."
            f" To mend it: REVOKE {pair[1]} FROM {pair[0]};"
        )


def _make_database(connection: Connection, database: str) -> None:
    name = sql.Identifier(database)
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM pg_database WHERE datname = %s", [database])
        if not cursor.rowcount:
            create = sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'")
            cursor.execute(create.format(name))
        cursor.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
        roles = sql.SQL(", ").join(map(sql.Identifier, (OWNER, APP)))
        cursor.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(name, roles))


def _fill(cursor: Cursor, database: str) -> None:
    """Extensions, the schema `public`, default privileges and the ledger, in one transaction.

    An administrator who is no superuser is a member of the two owning roles only inside it.
    """
    cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    row = cursor.fetchone()
    is_superuser = bool(row and row[0])
    if not is_superuser:
        cursor.execute(f"GRANT {OWNER}, {LEDGER} TO CURRENT_USER")
    for extension in EXTENSIONS:
        cursor.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
    _own_public(cursor, database)
    _own_ledger(cursor)
    if not is_superuser:
        cursor.execute(f"REVOKE {OWNER}, {LEDGER} FROM CURRENT_USER")


def _own_public(cursor: Cursor, database: str) -> None:
    """Give the schema to the owner, and the site the use of the rows that lie in it."""
    cursor.execute("SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = 'public'")
    row = cursor.fetchone()
    if row is None or row[0] != OWNER:
        # PostgreSQL asks that whoever takes a schema might have made it.
        names = sql.Identifier(database), sql.Identifier(OWNER)
        cursor.execute(sql.SQL("GRANT CREATE ON DATABASE {} TO {}").format(*names))
        cursor.execute(f"ALTER SCHEMA public OWNER TO {OWNER}")
        cursor.execute(sql.SQL("REVOKE CREATE ON DATABASE {} FROM {}").format(*names))
    cursor.execute(
        f"""
        SET LOCAL ROLE {OWNER};
        REVOKE ALL ON SCHEMA public FROM PUBLIC;
        GRANT USAGE ON SCHEMA public TO {APP};
        ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} IN SCHEMA public
            GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {APP};
        ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} IN SCHEMA public
            GRANT USAGE ON SEQUENCES TO {APP};
        RESET ROLE
        """
    )


def _own_ledger(cursor: Cursor) -> None:
    """Run the ledger's own file as the role that owns it; nobody can log in as that role."""
    cursor.execute(f"CREATE SCHEMA IF NOT EXISTS audit AUTHORIZATION {LEDGER}")
    cursor.execute(f"SET LOCAL ROLE {LEDGER}")
    cursor.execute(LEDGER_SQL.read_text())
    cursor.execute("RESET ROLE")


def _migration_history(owner: str) -> None:
    """Make the table of applied migrations, which the site may read and never write."""
    address = environ.Env.db_url_config(owner)
    connections = ConnectionHandler({"default": address})
    connection = connections["default"]
    try:
        MigrationRecorder(connection).ensure_schema()
        with connection.cursor() as cursor:
            cursor.execute(f"REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {APP}")
    finally:
        connection.close()
