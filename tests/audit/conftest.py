"""The people and connections of the ledger's tests."""

from collections.abc import Callable, Iterator
from uuid import UUID, uuid4

import pytest

from portal.accounts.vocabulary import Principal
from portal.audit.services import record
from tests.audit.cast import Login, login, principal_without_rows, someone


@pytest.fixture
def superuser(committed: object) -> Iterator[Login]:
    """The administrator of the database, in this test's own copy of it."""
    found = login("ADMIN_DATABASE_URL")
    found.autocommit = True
    yield Login(found)
    found.close()


@pytest.fixture
def coordinator(db: None) -> Principal:
    return someone()


@pytest.fixture
def read_case() -> Callable[[UUID], UUID]:
    """Record one reading of a case, by somebody without rows of their own."""

    def read(case: UUID) -> UUID:
        return record(principal_without_rows(), "case.read", case=case, subjects=[uuid4()])

    return read
