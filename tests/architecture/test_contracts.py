"""The import contracts hold the house up only if they fail when somebody breaks them."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINT = str(Path(sys.executable).with_name("lint-imports"))

BREAKS = {
    "the floor imports the casework": (
        "portal/accounts/policies.py",
        "from referrals import models as upstairs",
        "Floors look down",
    ),
    "the floor imports the casework inside a function": (
        "portal/notifications/policies.py",
        "def sly() -> None:\n    import referrals.models",
        "Floors look down",
    ),
    "the law imports the practice": (
        "sharing/rules/decision/answer.py",
        "import sharing.disclosures.services",
        "Floors look down",
    ),
    "a model imports a service": (
        "referrals/models/case.py",
        "import referrals.services",
        "Inside an app",
    ),
    "a service imports a door": (
        "referrals/triage/services/steps.py",
        "import referrals.triage.views",
        "Inside an app",
    ),
    "what compares two cases imports what decides": (
        "referrals/matching/services.py",
        "import referrals.triage.services",
        "Inside an app",
    ),
    "a page imports the program's door": (
        "referrals/views.py",
        "import referrals.api",
        "Inside an app",
    ),
    "the pure decision reads the database": (
        "sharing/rules/decision/answer.py",
        "import sharing.rules.models",
        "Inside an app",
    ),
    "a service reads the ledger's tables": (
        "portal/governance/services.py",
        "import portal.audit.models",
        "Only the ledger",
    ),
    "a service uses guardian": (
        "referrals/services/grants.py",
        "from guardian.shortcuts import assign_perm",
        "Only models, policies and readings know guardian",
    ),
}


def _lint(tree: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LINT, "--no-cache"], cwd=tree, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def tree(tmp_path_factory) -> Path:
    copy = tmp_path_factory.mktemp("house")
    for name in ("portal", "referrals", "sharing"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", copy)
    return copy


def test_the_house_as_it_stands_keeps_every_contract(tree):
    assert _lint(tree).returncode == 0


@pytest.mark.parametrize(("path", "line", "contract"), BREAKS.values(), ids=BREAKS.keys())
def test_a_broken_contract_fails(tree, path, line, contract):
    broken = tree / path
    whole = broken.read_text()
    broken.write_text(f"{whole}\n\n{line}\n")
    try:
        told = _lint(tree)
    finally:
        broken.write_text(whole)

    assert told.returncode == 1
    assert any(contract in row and "BROKEN" in row for row in told.stdout.splitlines())


def test_a_module_outside_the_vocabulary_fails(tree):
    stray = tree / "referrals" / "helpers.py"
    stray.write_text('"""A drawer for everything."""\n')
    try:
        told = _lint(tree)
    finally:
        stray.unlink()

    assert told.returncode == 1
    assert "helpers" in told.stdout
