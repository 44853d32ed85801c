"""Everywhere that a word could run to from a page of the portal, read to the end."""

import json
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pikepdf
import redis
from playwright.sync_api import BrowserContext, Error, Page, Request, Response
from psycopg2 import sql

from tests.journeys.canary import FAMILY, GIVEN, MARK
from tests.site import NEUTRAL, Site
from tools import databases
from tools.commands import TESTS
from tools.servers import Postgres

# Written to at their end only: what stood in them before is another test's.
_GROWING = (".log", ".aof")
_ONE = re.compile(r"[0-9a-f-]{36}|[RP]-\w{4}-\w{3}|(?<=/)\d+(?=/)")
_LOOK = """() => [
    document.title, location.href, document.referrer, document.cookie, window.name,
    JSON.stringify(history.state),
    ...Object.entries(localStorage).flat(), ...Object.entries(sessionStorage).flat(),
].map(String)"""


@dataclass
class Seen:
    """What the browsers of a test have asked for, been told and kept, but for the pages' words."""

    addresses: list[str] = field(default_factory=list)
    headers: list[str] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)
    device: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    _answered: set[str] = field(default_factory=set)
    _looked_at: set[str] = field(default_factory=set)

    def over(self, context: BrowserContext) -> None:
        """Listen to every page that will be opened in the context."""
        context.on("request", self._ask)
        context.on("response", self._answer)
        context.on("page", self._open)

    def look(self, page: Page) -> None:
        """Read what the page that is there is called, and what it has kept on the device."""
        with suppress(Error):  # the page may have gone on meanwhile
            title, *kept = page.evaluate(_LOOK)
            self.titles.append(title)
            self.device += kept
            cookies = page.context.cookies()
            self.device += [f"{one.get('name')}: {one.get('value')}" for one in cookies]
            self._looked_at.add(_kind_of(page.url))

    @property
    def missed(self) -> set[str]:
        """The kinds of page that were answered with and never looked at."""
        return self._answered - self._looked_at

    @property
    def kinds(self) -> set[str]:
        """The kinds of page that were looked at, each a path without what is one case's."""
        return set(self._looked_at)

    def _open(self, page: Page) -> None:
        page.on("load", self.look)
        page.on("download", lambda file: self.names.append(file.suggested_filename))

    def _ask(self, request: Request) -> None:
        self.addresses.append(f"{request.method} {unquote(request.url)}")
        self.headers += [f"{name}: {value}" for name, value in request.headers.items()]

    def _answer(self, response: Response) -> None:
        told = response.headers
        self.headers += [f"{name}: {value}" for name, value in told.items()]
        is_page = response.request.resource_type == "document"
        if (
            is_page
            and not response.url.startswith(NEUTRAL)
            and not 300 <= response.status < 400
            and "content-disposition" not in told
        ):
            self._answered.add(_kind_of(response.url))


def _kind_of(address: str) -> str:
    return _ONE.sub("…", urlsplit(address).path)


# --- A cage -------------------------------------------------------------------------------------
_TABLES = """
    SELECT oid::regclass::text FROM pg_class
     WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
       AND relname NOT IN ('django_migrations', 'django_session', 'django_cache')
"""
_CAGE = """
    CREATE TABLE cage (shut boolean NOT NULL);
    INSERT INTO cage VALUES (false);
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF (SELECT shut FROM cage) AND NEW::text ~* TG_ARGV[0] THEN
            RAISE EXCEPTION USING ERRCODE = 'data_exception',
                MESSAGE = 'This row is refused on purpose', DETAIL = NEW::text;
        END IF;
        RETURN NEW;
    END $$;
"""
_BAR = f"""
    CREATE TRIGGER cage BEFORE INSERT OR UPDATE ON {{}}
       FOR EACH ROW EXECUTE FUNCTION refuse('{MARK}|{GIVEN}|{FAMILY}')
"""


@dataclass(frozen=True)
class Cage:
    """A database that, while it is shut, takes no row that names the child, and says which."""

    owner: str

    @contextmanager
    def shut(self) -> Iterator[None]:
        """Shut it for as long as the block lasts."""
        databases.ask(self.owner, "UPDATE cage SET shut = true")
        try:
            yield
        finally:
            databases.ask(self.owner, "UPDATE cage SET shut = false")


@contextmanager
def cage(site: Site) -> Iterator[Cage]:
    """Put a cage, which is open, around every table of the site."""
    owner = site.stage.addresses.owner
    databases.ask(owner, _CAGE)
    try:
        for (table,) in databases.ask(owner, _TABLES):
            databases.ask(owner, _BAR.format(table))
        yield Cage(owner)
    finally:
        databases.ask(owner, "DROP FUNCTION refuse() CASCADE; DROP TABLE cage")


@contextmanager
def no_database(site: Site) -> Iterator[None]:
    """Let nobody connect to the site's database for as long as the block lasts."""
    addresses = site.stage.addresses
    elsewhere, name = (
        databases.renamed(addresses.admin, "postgres"),
        databases.name_of(addresses.app),
    )
    allow = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
    end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
    databases.ask(elsewhere, allow.format(sql.Identifier(name), sql.Literal(False)))
    databases.ask(elsewhere, end, name)
    try:
        yield
    finally:
        databases.ask(elsewhere, allow.format(sql.Identifier(name), sql.Literal(True)))


# --- What was written ---------------------------------------------------------------------------
def lengths(folder: Path) -> dict[Path, int]:
    """How long each file below the folder is now."""
    return {path: path.stat().st_size for path in folder.rglob("*") if path.is_file()}


def written_since(folder: Path, before: dict[Path, int]) -> dict[str, bytes]:
    """What stands in each file below the folder, of logs what was added, by its name."""
    found = {}
    for path in folder.rglob("*"):
        if path.is_file():
            start = before.get(path, 0) if path.suffix in _GROWING else 0
            found[str(path.relative_to(folder))] = path.read_bytes()[start:]
    return found


def wait_for(log: Path, words: bytes, since: int) -> None:
    """Return when what was added to a log says this."""
    deadline = time.monotonic() + 60
    while words not in log.read_bytes()[since:]:
        assert time.monotonic() < deadline, words
        time.sleep(0.1)


def postgres_log() -> Path | None:
    """The log of the tests' own PostgreSQL; None where the server is somebody else's."""
    server = Postgres(TESTS, forgetful=True)
    given = urlsplit(os.environ["ADMIN_DATABASE_URL"]).port
    if not server.is_up or urlsplit(server.admin_url).port != given:
        return None
    return server.log


def mail_in(folder: Path) -> str:
    """Every message in the folder: its headers and each of its parts, decoded."""
    said = []
    for path in folder.glob("*.eml"):
        message = message_from_bytes(path.read_bytes(), policy=policy.default)
        said += [f"{name}: {value}" for name, value in message.items()]
        said += [str(part.get_content()) for part in message.walk() if not part.is_multipart()]
    return "\n".join(said)


def queue_of(address: str) -> str:
    """Every key that Valkey holds now, with all that is in it."""
    client: Any = redis.Redis.from_url(address, decode_responses=True)
    read = {
        "string": client.get,
        "list": lambda key: client.lrange(key, 0, -1),
        "set": client.smembers,
        "zset": lambda key: client.zrange(key, 0, -1, withscores=True),
        "hash": client.hgetall,
    }
    with client:
        return "\n".join(f"{key}: {read[client.type(key)](key)}" for key in client.scan_iter())


def columns(address: str) -> dict[str, bytes]:
    """Every column of every table of the database, as "table.column", with all that is in it."""
    found: dict[str, bytes] = {}
    tables = """
        SELECT table_schema, table_name FROM information_schema.tables
         WHERE table_type = 'BASE TABLE' AND table_schema IN ('public', 'audit')
    """
    names = """
        SELECT column_name FROM information_schema.columns
         WHERE table_schema = %s AND table_name = %s ORDER BY ordinal_position
    """
    for schema, table in databases.ask(address, tables):
        heads = [name for (name,) in databases.ask(address, names, schema, table)]
        one = sql.Identifier(schema, table)
        picked = sql.SQL(", ").join(map(sql.Identifier, heads))
        rows = databases.ask(address, sql.SQL("SELECT {} FROM {}").format(picked, one))
        for name, values in zip(heads, zip(*rows, strict=True), strict=False):
            found[f"{table}.{name}"] = b"\n".join(map(_raw, values))
    return found


def _raw(value: object) -> bytes:
    if isinstance(value, memoryview | bytes):
        return bytes(value)
    if isinstance(value, date):
        return value.isoformat().encode()
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str).encode()
    return str(value).encode()


def about(path: Path) -> str:
    """What a PDF says about itself beside its pages: both kinds of metadata, and its outline."""
    with pikepdf.open(path) as pdf, pdf.open_outline() as outline:
        said = [f"{name}: {value}" for name, value in pdf.docinfo.items()]
        said.append(pdf.Root.Metadata.read_bytes().decode(errors="replace"))
        left = list(outline.root)
        while left:
            said.append(left[0].title)
            left = [*left[0].children, *left[1:]]
    return "\n".join(said)
