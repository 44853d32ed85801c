"""The documents are true: what they quote is in the code, what they name and link to exists.

A decision record is never edited, so what it names may be gone; its form and links are held.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from referrals.management.commands.workflow_table import table

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
TOUR = DOCS / "tour.md"
TOP = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")
EVERY = sorted([*(ROOT / name for name in TOP), *DOCS.rglob("*.md")])
DECISIONS = sorted((DOCS / "decisions").glob("[0-9]*.md"))
HOW_TO = sorted((DOCS / "how-to").glob("*.md"))
LIVING = [path for path in EVERY if path.parent != DOCS / "decisions"]

OURS = ("portal", "referrals", "sharing", "tests", "tools")
SOURCE = re.compile(r"^In `(?P<path>[^`]+)`.*:$")
CODE_SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
# What a run makes, so that it is not in the repository.
MADE = ("var/", ".venv/", ".env")
# Programs of others that a document names.
OUTSIDE = {"hadolint"}


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


@dataclass(frozen=True)
class Excerpt:
    """A fenced block, and the file that the line before it names ("" if it names none)."""

    source: str
    language: str
    body: str


def excerpts(text: str) -> Iterator[Excerpt]:
    lines = text.split("\n")
    place = 0
    while place < len(lines):
        if not lines[place].startswith("```"):
            place += 1
            continue
        end = lines.index("```", place + 1)
        before = next((line for line in reversed(lines[:place]) if line.strip()), "")
        found = SOURCE.match(before)
        body = "\n".join(lines[place + 1 : end])
        yield Excerpt(found["path"] if found else "", lines[place].removeprefix("```"), body)
        place = end + 1


def prose(text: str) -> str:
    """The text without its fenced blocks."""
    return re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)


@cache
def tracked() -> tuple[str, ...]:
    """Every file of the checkout that somebody wrote; git may not be on the machine."""
    skipped = {".venv", "var", ".git", "__pycache__", ".mypy_cache", ".ruff_cache", ".hypothesis"}
    return tuple(
        named(path)
        for path in ROOT.rglob("*")
        if path.is_file() and not skipped & set(path.relative_to(ROOT).parts)
    )


def exists(path: str) -> bool:
    """Tell whether a path, or the end of one, is that of a file or a folder of ours."""
    wanted = path.rstrip("/")
    if (ROOT / wanted).exists() or any(ROOT.glob(wanted)):
        return True
    return any(
        each.endswith(f"/{wanted}") or f"/{wanted}/" in each or each.startswith(f"{wanted}/")
        for each in tracked()
    )


def defines(module: Path, name: str) -> bool:
    """Tell whether the module says this name at its top, or in a class or function of its own."""
    return re.search(rf"\b{re.escape(name)}\b", module.read_text()) is not None


def module_exists(dotted: str) -> bool:
    """Tell whether `portal.common.later.later` leads from a package to a name in it."""
    parts = dotted.split(".")
    for length in range(len(parts), 0, -1):
        here = ROOT.joinpath(*parts[:length])
        for module in (here.with_suffix(".py"), here / "__init__.py"):
            if module.exists():
                return all(defines(module, name) for name in parts[length:])
        if here.is_dir():
            return length == len(parts)
    return False


def spans() -> list[tuple[str, str]]:
    """Each piece of code in the prose of a document that must be true today: (document, code)."""
    return [
        (named(path), code)
        for path in LIVING
        for code in dict.fromkeys(CODE_SPAN.findall(prose(path.read_text())))
    ]


def is_path(code: str) -> bool:
    """Tell a path in the repository from an address, a command or a citation."""
    if "/" not in code or re.search(r"[\s<{…:]", code) or code.startswith(("/", *MADE)):
        return False
    first, _, rest = code.partition("/")
    return code.endswith("/") or "." in rest or (ROOT / first).is_dir()


def test_the_tour_shows_the_code_as_it_is():
    shown = list(excerpts(TOUR.read_text()))
    wrong = [
        f"{excerpt.source or '(no file named)'}:\n{excerpt.body}"
        for excerpt in shown
        if not (excerpt.source and _is_in(excerpt.body, ROOT / excerpt.source))
    ]

    assert len(shown) > 20
    assert not wrong, "Not in the file that the tour names:\n\n" + "\n\n".join(wrong)


@pytest.mark.parametrize("path", LIVING, ids=named)
def test_a_quotation_is_in_the_file_that_it_names(path):
    for excerpt in excerpts(path.read_text()):
        if excerpt.source:
            assert _is_in(excerpt.body, ROOT / excerpt.source), excerpt


def _is_in(body: str, path: Path) -> bool:
    return path.is_file() and f"\n{body}\n" in f"\n{path.read_text()}\n"


def test_an_excerpt_of_the_tour_is_short():
    long = [each.body for each in excerpts(TOUR.read_text()) if each.body.count("\n") >= 12]

    assert not long


def test_every_path_that_is_named_exists():
    lost = [f"{doc}: {code}" for doc, code in spans() if is_path(code) and not exists(code)]

    assert not lost, "\n".join(lost)


def test_every_module_that_is_named_exists():
    dotted = re.compile(rf"(?:{'|'.join(OURS)})(?:\.\w+)+(?:\(\))?")
    lost = [
        f"{doc}: {code}"
        for doc, code in spans()
        if dotted.fullmatch(code) and not module_exists(code.removesuffix("()"))
    ]

    assert not lost, "\n".join(lost)


def test_every_test_that_is_named_exists():
    written = {
        node.name
        for path in (ROOT / "tests").rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef)
    }
    lost = [
        f"{doc}: {code}"
        for doc, code in spans()
        if re.fullmatch(r"test_\w+", code) and code not in written
    ]

    assert not lost, "\n".join(lost)


def test_every_name_that_is_named_is_in_the_code():
    """`Case`, `decide()`, `SECRET_KEY`: a name of ours that nobody uses any more is a lie."""
    kinds = (".py", ".sql", ".toml", ".html", ".txt", ".css", ".js", ".in", ".yaml", "Makefile")
    written = {
        word
        for name in tracked()
        if name.endswith(kinds) and (ROOT / name).is_file() and name != named(Path(__file__))
        for word in re.findall(r"[A-Za-z_]\w*", (ROOT / name).read_text(errors="ignore"))
    }
    name = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*(?:\(\))?")
    lost = [
        f"{doc}: {code}"
        for doc, code in spans()
        if name.fullmatch(code)
        and not code.startswith("test_")
        and code not in OUTSIDE
        and not (set(code.removesuffix("()").split(".")) <= written or exists(code))
    ]

    assert not lost, "\n".join(lost)


def test_the_workflow_page_is_the_transition_table():
    assert (DOCS / "workflow.md").read_text() == table(), (
        "To mend it: see docs/how-to/add-an-action.md, step 6"
    )


@pytest.mark.parametrize("path", EVERY, ids=named)
def test_every_link_leads_somewhere(path):
    lost = []
    for target in LINK.findall(prose(path.read_text())):
        if re.match(r"[a-z]+:", target):
            continue
        place, _, fragment = target.partition("#")
        file = (path.parent / place).resolve() if place else path
        if not file.exists() or (fragment and fragment not in _headings(file)):
            lost.append(target)

    assert not lost, f"{named(path)}: {', '.join(lost)}"


def _headings(path: Path) -> set[str]:
    found = re.findall(r"^#+ (.+)$", prose(path.read_text()), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in found}


def test_the_readme_is_read_in_one_sitting():
    assert len((ROOT / "README.md").read_text().splitlines()) <= 120


@pytest.mark.parametrize("path", HOW_TO, ids=named)
def test_a_how_to_is_one_page(path):
    assert len(path.read_text().splitlines()) <= 40


def test_decisions_are_numbered_without_a_gap():
    numbers = [int(path.name[:4]) for path in DECISIONS]

    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("path", DECISIONS, ids=named)
def test_a_decision_has_its_form(path):
    lines = path.read_text().splitlines()
    headings = [line for line in lines if line.startswith("## ")]

    assert lines[0].startswith(f"# {int(path.name[:4])}. ")
    assert headings == ["## Status", "## Context", "## Decision", "## Consequences"]
    assert re.match(r"(Accepted|Superseded by .+), \d{4}-\d{2}-\d{2}\.", lines[4])
    assert len(lines) <= 40
