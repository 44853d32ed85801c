"""The stage on which demo and tests play: servers, addresses, a prepared database, processes."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg2

from tools import databases
from tools.databases import APP, OWNER
from tools.machine import ROOT, VAR, VENV
from tools.progress import Failure, run, step
from tools.servers import Postgres, secret, valkey
from tools.supervise import Process, stop_leftovers

PYTHON = VENV / "bin" / "python"
# From what a migrated database is made: when any of it changes, it is made or migrated again.
SCHEMA = (
    "portal/**/migrations/*.py",
    "referrals/**/migrations/*.py",
    "sharing/**/migrations/*.py",
    "portal/audit/sql/*",
    "portal/common/management/commands/prepare_database.py",
    "portal/settings.py",
    "requirements.txt",
    "sharing/rules/**/*",
    "referrals/assessments/**/*",
)
# What no process of the site may know.
TOO_MUCH = {"ADMIN_DATABASE_URL", "OWNER_DATABASE_URL"}
STATIC = ("static/**/*", "requirements.txt")
ACCESS_LOG = "%(t)s %(m)s %({portal_route}e)s %(s)s %(M)s ms"


@dataclass(frozen=True)
class Addresses:
    """Who reaches the database: its administrator, its owner, and the site."""

    admin: str
    owner: str
    app: str

    def of(self, name: str) -> "Addresses":
        """Return the addresses of another database on the same server."""
        owner, app = databases.renamed(self.owner, name), databases.renamed(self.app, name)
        return Addresses(self.admin, owner, app)


@dataclass(frozen=True)
class Stage:
    """A folder below var/ with servers, secrets and logs of its own, and what runs on them."""

    folder: Path
    addresses: Addresses
    environment: dict[str, str]

    @property
    def log(self) -> Path:
        """Where the set-up commands write."""
        return self.folder / "log" / "setup.log"

    @property
    def mail(self) -> Path:
        """Where the mail catcher writes."""
        return self.folder / "mail"

    def manage(
        self, *arguments: str, doing: str, as_owner: bool = False, whole: bool = False
    ) -> None:
        """Run a management command as the site's role; Failure when it fails.

        as_owner: as the role that owns the tables. whole: with all three addresses.
        """
        env = dict(self.environment)
        if as_owner:
            env["DATABASE_URL"] = self.addresses.owner
        if whole:
            env["ADMIN_DATABASE_URL"] = self.addresses.admin
            env["OWNER_DATABASE_URL"] = self.addresses.owner
        run([PYTHON, "manage.py", *arguments], self.log, doing, env)


@contextmanager
def servers(folder: Path, *, forgetful: bool = False) -> Iterator[str]:
    """Have PostgreSQL while the block lasts; yield its administrator's address.

    ADMIN_DATABASE_URL or DATABASE_URL in the environment replaces it; then nothing is started.
    """
    given = os.environ.get("ADMIN_DATABASE_URL") or os.environ.get("DATABASE_URL")
    if given:
        yield given
        return
    postgres = Postgres(folder, forgetful=forgetful)
    if postgres.is_up:
        yield postgres.admin_url
        return
    try:
        with step("PostgreSQL"):
            postgres.start()
        yield postgres.admin_url
    finally:
        postgres.stop()


def addresses(admin: str, name: str) -> Addresses:
    """Work out the three addresses, generating passwords for the roles the first time.

    admin: what `servers` yielded. name: the database, when the environment names none.
    Raises Failure when the address leads to no role that may prepare the database.
    """
    app, owner = os.environ.get("DATABASE_URL", ""), os.environ.get("OWNER_DATABASE_URL", "")
    if app and admin == app:
        if owner:
            # Somebody has prepared this database for us; we migrate it and use it.
            return Addresses("", owner, app)
        # One address for everything: it has to be an administrator's.
        name, app = databases.name_of(app) or name, ""
        name, admin = "portal" if name == "postgres" else name, databases.renamed(admin, "postgres")
    elif app:
        name = databases.name_of(app)
    _check_administrator(admin)
    return Addresses(
        admin=admin,
        owner=owner or databases.as_role(admin, OWNER, secret(VAR, OWNER), name),
        app=app or databases.as_role(admin, APP, secret(VAR, APP), name),
    )


def _check_administrator(admin: str) -> None:
    query = (
        "SELECT rolsuper OR (rolcreatedb AND rolcreaterole) FROM pg_roles"
        " WHERE rolname = current_user"
    )
    try:
        may = databases.ask(admin, query)[0][0]
    except psycopg2.OperationalError as error:
        raise Failure(
            f"PostgreSQL does not let us in: {str(error).splitlines()[0]}",
            "correct DATABASE_URL or ADMIN_DATABASE_URL, or unset both for the embedded server",
        ) from error
    if not may:
        raise Failure(
            "The role in DATABASE_URL may not create roles and databases.",
            "set ADMIN_DATABASE_URL to a role that may, or unset both for the embedded server",
        )


def environment(folder: Path, found: Addresses, redis: str, mail: int, web: int) -> dict[str, str]:
    """Return the variables with which every process of the stage runs."""
    inherited = {name: value for name, value in os.environ.items() if name not in TOO_MUCH}
    return {
        **inherited,
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "SECRET_KEY": secret(folder, "secret.key"),
        "DATABASE_URL": found.app,
        "REDIS_URL": redis,
        "EMAIL_URL": f"smtp://127.0.0.1:{mail}",
        "DEFAULT_FROM_EMAIL": "notices@portal.example.org",
        "ALLOWED_HOSTS": "localhost,127.0.0.1",
        "HTTPS_ONLY": "false",
        "SITE_URL": f"http://localhost:{web}",
        # The same server under another name: a browser takes no cookie there.
        "FILES_URL": f"http://127.0.0.1:{web}",
        "STATIC_ROOT": str(VAR / "static"),
        "BEAT_SCHEDULE": str(folder / "beat"),
        "PYTHONUNBUFFERED": "1",
    }


def prepare(stage: Stage, *, afresh: bool = False) -> None:
    """Make or migrate the database, unless it is as this checkout would make it.

    afresh: make it again rather than migrate it, so that an edited migration counts.
    """
    admin, name = stage.addresses.admin, databases.name_of(stage.addresses.app)
    made_from = databases.fingerprint(ROOT, *SCHEMA)
    if admin:
        if databases.noted(admin, name) == made_from:
            return
        if afresh:
            databases.drop(admin, name)
        with step("Database: roles, privileges and the ledger"):
            stage.manage("prepare_database", doing="Preparing the database", whole=True)
    with step("Database: tables, as their owner"):
        stage.manage("migrate", "--no-input", doing="Migrating", as_owner=True)
        stage.manage("createcachetable", doing="Making the cache table", as_owner=True)
    with step("Database: the sharing rules"):
        stage.manage("allow_rules", doing="Allowing the sharing rules", as_owner=True)
        stage.manage("load_rules", doing="Loading the sharing rules")
    with step("Database: the risk tools"):
        stage.manage("load_tools", doing="Loading the risk tools")
    if admin:
        databases.note(admin, name, made_from)


def is_empty(found: Addresses) -> bool:
    """Tell whether the database holds no agency yet, and so wants its demo data."""
    return not databases.ask(found.app, "SELECT 1 FROM accounts_agency LIMIT 1")


def collect_static(stage: Stage) -> None:
    """Gather the style sheets and scripts when any has changed."""
    stamp = VAR / "static.from"
    made_from = databases.fingerprint(ROOT, *STATIC)
    if stamp.exists() and stamp.read_text() == made_from:
        return
    with step("Style sheets and scripts"):
        stage.manage("collectstatic", "--no-input", "--clear", doing="Collecting static files")
    stamp.write_text(made_from)


def broker(folder: Path, env: dict[str, str]) -> tuple[Process | None, str]:
    """Return the Valkey to start and its address; REDIS_URL in the environment replaces it."""
    if given := os.environ.get("REDIS_URL"):
        return None, given
    command, url = valkey(folder)
    return Process("valkey", command, env, folder), url


def processes(stage: Stage, web_port: int, mail_port: int) -> dict[str, Process]:
    """Return the processes of a running site by name, in the order in which they start."""
    celery = [PYTHON, "-m", "celery", "-A", "portal"]
    commands: dict[str, list[object]] = {
        "mail": [PYTHON, "-m", "tools.mail", str(mail_port), stage.mail],
        "web": [
            *(PYTHON, "-m", "gunicorn", "portal.wsgi", "--no-control-socket"),
            *("--bind", f"127.0.0.1:{web_port}", "--workers", "4", "--threads", "2"),
            "--preload",
            # The pattern of the address, not the address: no log holds what a person typed.
            *("--access-logfile", "-", "--access-logformat", ACCESS_LOG),
        ],
        "worker": [
            *(*celery, "worker", "--concurrency", "2"),
            *("--without-gossip", "--without-mingle", "--without-heartbeat"),
        ],
        "beat": [*celery, "beat", "--pidfile="],
        "sweep": [PYTHON, "manage.py", "sweep", "--forever"],
    }
    return {
        name: Process(name, command, stage.environment, stage.folder)
        for name, command in commands.items()
    }


def clear(folder: Path) -> int:
    """End what an earlier run left behind in `folder`, its sites and servers included."""
    found = sum(map(stop_leftovers, (folder, *folder.glob("site-*"))))
    if (folder / "postgres").exists():
        Postgres(folder).stop()
    return found
