"""Files of the law, right and wrong, and the first one loaded."""

from collections.abc import Callable
from pathlib import Path

import pytest

from sharing.rules import models, services

FIRST = services.DATA / "rules-1.yaml"


@pytest.fixture
def written(tmp_path) -> Callable[..., Path]:
    """A copy of the first file with passages replaced, each of which must be there."""

    def write(*changes: tuple[str, str]) -> Path:
        text = FIRST.read_text()
        for old, new in changes:
            assert old in text
            text = text.replace(old, new, 1)
        path: Path = tmp_path / "rules-2.yaml"
        path.write_text(text)
        return path

    return write


@pytest.fixture
def law(db) -> models.RuleSet:
    """The first rules, loaded."""
    return services.load(FIRST)
