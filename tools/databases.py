"""Databases: clone one from a template, drop one, remember from what it was made."""

import hashlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import parse_dsn

APP, OWNER = "portal_app", "portal_owner"


def name_of(url: str) -> str:
    """Return the name of the database that `url` leads to."""
    return str(parse_dsn(url).get("dbname", ""))


def renamed(url: str, name: str) -> str:
    """Return `url` leading to the database `name` on the same server."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def as_role(url: str, role: str, password: str, name: str) -> str:
    """Return `url` for another role and database on the same server."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{role}:{password}@{host}", path=f"/{name}"))


def ask(url: str, query: str | sql.Composed, *values: object) -> list[tuple[Any, ...]]:
    """Run one statement outside a transaction and return its rows."""
    with closing(psycopg2.connect(url, connect_timeout=5)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(query, values or None)
            return cursor.fetchall() if cursor.description else []


def clone(admin: str, template: str, name: str) -> None:
    """Make the database `name` as a copy of `template`; one of that name is replaced."""
    drop(admin, name)
    copy, original = sql.Identifier(name), sql.Identifier(template)
    ask(admin, sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(copy, original))
    # A copy does not inherit the privileges on its template.
    ask(admin, sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(copy))
    roles = sql.SQL(", ").join([sql.Identifier(APP), sql.Identifier(OWNER)])
    ask(admin, sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(copy, roles))


def drop(admin: str, name: str) -> None:
    """Drop the database `name` if it is there; sessions that are open on it are ended."""
    ask(admin, sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def cloned(admin: str, template: str, name: str) -> Iterator[None]:
    """Have a copy of `template` for as long as the block lasts."""
    clone(admin, template, name)
    try:
        yield
    finally:
        drop(admin, name)


def noted(admin: str, name: str) -> str:
    """Return what `note` wrote on the database, or nothing."""
    query = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s"
    rows = ask(admin, query, name)
    return str(rows[0][0] or "") if rows else ""


def note(admin: str, name: str, text: str) -> None:
    """Write on the database from what it was made."""
    statement = sql.SQL("COMMENT ON DATABASE {} IS {}")
    ask(admin, statement.format(sql.Identifier(name), sql.Literal(text)))


def fingerprint(root: Path, *patterns: str) -> str:
    """Return a hash of every file below `root` that matches one of the patterns."""
    found = {path for pattern in patterns for path in root.glob(pattern) if path.is_file()}
    digest = hashlib.sha256()
    for path in sorted(path for path in found if "__pycache__" not in path.parts):
        digest.update(f"{path.relative_to(root)}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
