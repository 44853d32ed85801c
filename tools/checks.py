"""Every check and test that `make test` runs, in order."""

import difflib
import os
import re
import secrets
import shlex
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from tools.machine import ROOT, VENV

BIN = VENV / "bin"
PYTHON = str(BIN / "python")
COUNTED = re.compile(r"(\d+) (passed|failed|errors?|skipped)")


@dataclass(frozen=True)
class Check:
    """One heading of `make test`, and what it runs."""

    name: str
    heading: str
    run: Callable[[dict[str, str]], Counter[str]]


def _call(argv: list[str], env: dict[str, str]) -> int:
    return subprocess.run(argv, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, check=False).returncode


def _outcome(*, held: bool) -> Counter[str]:
    return Counter(passed=int(held), failed=int(not held))


def _command(*argv: str) -> Callable[[dict[str, str]], Counter[str]]:
    """A check that holds when the command ends with 0."""
    return lambda env: _outcome(held=_call([str(BIN / argv[0]), *argv[1:]], env) == 0)


def _deploy(env: dict[str, str]) -> Counter[str]:
    """Django's own check of the settings, under variables as production would set them."""
    production = {
        **env,
        "HTTPS_ONLY": "true",
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "SECRET_KEY": secrets.token_urlsafe(60),
        "ALLOWED_HOSTS": "portal.example.org",
        "SITE_URL": "https://portal.example.org",
        "FILES_URL": "https://files.example.org",
    }
    check = [PYTHON, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    return _outcome(held=_call(check, production) == 0)


def _migrations(env: dict[str, str]) -> Counter[str]:
    command = [PYTHON, "manage.py", "makemigrations", "--check", "--dry-run"]
    return _outcome(held=_call(command, env) == 0)


def _schema(env: dict[str, str]) -> Counter[str]:
    """The API's schema is the one that is committed, so that a change of it is seen in review."""
    committed = ROOT / "docs" / "openapi.yaml"
    made = subprocess.run(
        [PYTHON, "manage.py", "spectacular", "--validate", "--fail-on-warn"],
        cwd=ROOT,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    old = committed.read_text() if committed.exists() else ""
    if made.returncode == 0 and made.stdout == old:
        return _outcome(held=True)
    print(made.stderr[-3000:])
    if made.returncode == 0:
        lines = old.splitlines(), made.stdout.splitlines()
        print("\n".join(difflib.unified_diff(*lines, "docs/openapi.yaml", "now", lineterm="")))
        print('To mend it: make manage ARGS="spectacular --file docs/openapi.yaml"')
    return _outcome(held=False)


def _pytest(*selection: str) -> Callable[[dict[str, str]], Counter[str]]:
    def run(env: dict[str, str]) -> Counter[str]:
        wanted = shlex.split(os.environ.get("ARGS", ""))
        counts, status = _told([PYTHON, "-m", "pytest", *selection, *wanted], env)
        # 5: no test was selected, which is right only when somebody asked for a few.
        if status and not counts["failed"] and not (status == 5 and wanted):
            counts["failed"] = 1
        return counts

    return run


def _told(argv: list[str], env: dict[str, str]) -> tuple[Counter[str], int]:
    """Show what a command says as it says it, and count by its last line."""
    last = ""
    with subprocess.Popen(
        argv, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None  # noqa: S101 - asked for above
        for line in running.stdout:
            sys.stdout.write(line)
            sys.stdout.flush()
            last = line if line.strip() else last
    counts: Counter[str] = Counter()
    for number, word in COUNTED.findall(last):
        counts["failed" if word.startswith("error") else word] += int(number)
    return counts, running.returncode


PACKAGES = ("portal", "referrals", "sharing", "tests", "tools")
CHECKS = (
    Check("format", "Format (ruff format)", _command("ruff", "format", "--check", ".")),
    Check("lint", "Lint (ruff check)", _command("ruff", "check", ".")),
    Check("types", "Types (mypy, strict)", _command("mypy", *PACKAGES)),
    Check("templates", "Templates (djlint)", _command("djlint", "--lint", "--quiet", "templates")),
    Check("imports", "Import direction (import-linter)", _command("lint-imports")),
    Check("deploy", "Settings as in production (check --deploy)", _deploy),
    Check("migrations", "No migration is missing (makemigrations --check)", _migrations),
    Check("schema", "The API's schema is the committed one (drf-spectacular)", _schema),
    Check(
        "pytest",
        "Tests as portal_app (pytest)",
        _pytest("-n", "3", "--durations", "20", "-m", "not browser and not drill"),
    ),
    Check(
        "browser",
        "Tests in Chromium (pytest)",
        # A file's tests go on in one portal; each process has its own.
        _pytest("-n", "2", "--dist", "loadfile", "-m", "browser and not drill"),
    ),
    # Alone: one of them restarts the database server.
    Check("drill", "Drills (pytest)", _pytest("-m", "drill")),
)
TESTS = {"pytest", "browser", "drill"}


def run(names: set[str], env: dict[str, str]) -> int:
    """Run the checks of those names and return 0 when all held."""
    total: Counter[str] = Counter()
    failed = []
    for check in CHECKS:
        if check.name not in names:
            continue
        print(f"\n=== {check.heading}", flush=True)
        counts = check.run(env)
        total += counts
        if counts["failed"]:
            failed.append(check)
    print()
    for check in failed:
        print(f"Failed: {check.heading}. Again: make test ONLY={check.name}")
    skipped = f", {total['skipped']} skipped" if total["skipped"] else ""
    print(f"{total['passed']} passed, {total['failed']} failed{skipped}", flush=True)
    return 1 if failed or not total["passed"] else 0


def known(only: str) -> set[str]:
    """Return the names of the checks that `only` asks for: all when it is empty."""
    names = {check.name for check in CHECKS}
    return set(only.split(",")) & names if only else names
