"""Files of the law, right and wrong, and the newest one loaded."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection

from sharing.rules import models, services
from tools import databases

FIRST = services.DATA / "rules-1.yaml"
NEWEST = services.newest()
NEXT = int(NEWEST.stem.removeprefix("rules-")) + 1


Writer = Callable[..., Path]


def load(path: Path) -> models.RuleSet:
    """Load a file as a release does: its owner allows it, and the site's role loads it."""
    name = connection.settings_dict["NAME"]
    databases.ask(
        databases.renamed(os.environ["OWNER_DATABASE_URL"], name),
        "INSERT INTO rules_allowedfile (id, created_at, sha256, name)"
        " VALUES (gen_random_uuid(), now(), %s, %s) ON CONFLICT DO NOTHING",
        hashlib.sha256(path.read_bytes()).hexdigest(),
        path.name,
    )
    return services.load(path)


def copies_of(original: Path, copy: Path) -> Writer:
    """What writes copies with passages replaced, each of which must be there."""

    def write(*changes: tuple[str, str]) -> Path:
        text = original.read_text()
        for old, new in changes:
            assert old in text
            text = text.replace(old, new, 1)
        copy.write_text(text)
        return copy

    return write


@pytest.fixture
def written(tmp_path) -> Writer:
    """A copy of the newest file, to be loaded after it."""
    return copies_of(NEWEST, tmp_path / f"rules-{NEXT}.yaml")


@pytest.fixture
def short(tmp_path) -> Writer:
    """A copy of the first file, which is short: for what can be wrong with any file."""
    return copies_of(FIRST, tmp_path / "rules-1.yaml")


@pytest.fixture
def law(db) -> models.RuleSet:
    """The newest rules, loaded."""
    return services.load(NEWEST)
