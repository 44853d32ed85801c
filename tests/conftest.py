"""Databases for tests, each a copy of one prepared and migrated template; never a TRUNCATE.

`db` is pytest-django's: a transaction that is rolled back. `committed` is a database of the
test's own, for commits, threads and locks. `site` is the whole running portal.
"""

import gc
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from django.conf import settings
from django.db import connections

from tests.site import Site, running_site
from tools import databases

pytest_plugins = ("tests.cast", "tests.browser")

NEEDED = ("DATABASE_URL", "OWNER_DATABASE_URL", "ADMIN_DATABASE_URL")


@dataclass(frozen=True)
class Database:
    """A database of the test's own: its name, and its address for each who may use it."""

    name: str
    app: str
    owner: str
    admin: str


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse what would empty tables: nobody but their owner may, and tests are not their owner."""
    for item in items:
        marker = item.get_closest_marker("django_db")
        flushes = {"transactional_db", "live_server", "django_db_reset_sequences"}
        if (marker and marker.kwargs.get("transaction")) or flushes & set(
            getattr(item, "fixturenames", ())
        ):
            raise pytest.UsageError(
                f"{item.nodeid}: use `committed` or `site`; nothing is emptied."
            )


def pytest_collection_finish() -> None:
    """Take all that is loaded by now out of the rubbish collector's rounds.

    Thousands of tests and the whole of Django stay until the end. To walk through them again and
    again took a fifth of the time of a page.
    """
    gc.collect()
    gc.freeze()


def _copy(name: str) -> Database:
    app, owner, admin = (databases.renamed(os.environ[variable], name) for variable in NEEDED)
    return Database(name, app, owner, admin)


@contextmanager
def _connected_to(name: str) -> Iterator[None]:
    """Lead Django, in every thread, to another database on the same server."""
    before = settings.DATABASES["default"]["NAME"]
    connections.close_all()
    settings.DATABASES["default"]["NAME"] = name
    try:
        yield
    finally:
        connections.close_all()
        settings.DATABASES["default"]["NAME"] = before


@pytest.fixture(scope="session")
def template() -> str:
    """The name of the database of which every test's database is a copy."""
    if missing := [name for name in NEEDED if not os.environ.get(name)]:
        pytest.exit(f'{missing[0]} is not set. Use: make test ONLY=pytest ARGS="..."', 2)
    return databases.name_of(os.environ["DATABASE_URL"])


@pytest.fixture(scope="session")
def django_db_setup(template, worker_id, django_db_blocker) -> Iterator[None]:
    """Give this worker a copy of the template, in place of pytest-django's test database."""
    name, admin = f"{template}_{worker_id}", os.environ["ADMIN_DATABASE_URL"]
    with databases.cloned(admin, template, name), django_db_blocker.unblock(), _connected_to(name):
        yield


@pytest.fixture
def committed(template, worker_id, django_db_setup, django_db_blocker) -> Iterator[Database]:
    """A database for this test alone, in which commits are real and threads may connect."""
    name, admin = f"{template}_{worker_id}_own", os.environ["ADMIN_DATABASE_URL"]
    with databases.cloned(admin, template, name), django_db_blocker.unblock(), _connected_to(name):
        yield _copy(name)


@pytest.fixture(scope="session")
def site(template) -> Iterator[Site]:
    """The portal as it runs: web server, worker, broker and mail, on a database with demo data."""
    name, admin = f"{template}_{uuid.uuid4().hex[:8]}", os.environ["ADMIN_DATABASE_URL"]
    with databases.cloned(admin, template, name):
        found = _copy(name)
        with running_site(found.app, found.owner, found.admin) as running:
            yield running
