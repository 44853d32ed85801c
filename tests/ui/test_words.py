"""The words that stand in Python: labels, hints, errors, notices, messages; and those of mails.

`test_templates.py` looks at the pages. Here the sources are parsed, so that every sentence is
looked at, whether or not a test ever makes the portal say it.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from statistics import median

import pytest

from portal.accounts.vocabulary import default_language
from portal.common.language import prompts, read
from portal.notifications.vocabulary import MEANINGS, Kind
from tests.ui.test_templates import ALL, AVOID, bare, grade

ROOT = Path(__file__).parents[2]
# Where a person may read what stands in the source; programs, logs and setting up are elsewhere.
OF_PEOPLE = re.compile(r"/(forms|views|services|policies|reading|reports|vocabulary|workflow)\b")
SOURCES = sorted(
    str(path.relative_to(ROOT))
    for top in ("portal", "referrals", "sharing")
    for path in (ROOT / top).rglob("*.py")
    if OF_PEOPLE.search(f"/{path.relative_to(ROOT)}") or path.name in {"errors.py", "moments.py"}
)
MAILS = sorted((ROOT / "templates").glob("emails/*")) + sorted(
    (ROOT / "templates/account/email").glob("*")
)
PHRASES = read(default_language())
# What guidance calls it when it is about somebody who works with children, and not about a child.
OF_A_WORKER = {"An allegation about them is being looked into"}


def spoken(name: str) -> list[str]:
    """The strings of a source that are sentences or labels, with variables as one short word."""
    return list(_strings(ast.parse((ROOT / name).read_text())))


def _strings(tree: ast.AST) -> Iterator[str]:
    """Strings in the order of the source: no documentation, and each f-string as one."""
    if isinstance(tree, ast.Expr) and isinstance(tree.value, ast.Constant):
        return
    if isinstance(tree, ast.JoinedStr):
        parts = [
            str(part.value) if isinstance(part, ast.Constant) else "this" for part in tree.values
        ]
        yield from _if_spoken("".join(parts))
        return
    if isinstance(tree, ast.Constant) and isinstance(tree.value, str):
        yield from _if_spoken(tree.value)
    for child in ast.iter_child_nodes(tree):
        yield from _strings(child)


def _if_spoken(text: str) -> Iterator[str]:
    """What begins with a capital or has several words; codes and queries have neither."""
    text = re.sub(r"%\(\w+\)s", "this", " ".join(text.split()))
    if re.match(r"(SELECT|INSERT|UPDATE|DELETE|WITH|EXISTS|SET|LOCK|CREATE)\b", text):
        return
    if re.match(r"[A-Z“]", text) or len(text.split()) > 3:
        yield text


@cache
def said(name: str) -> tuple[str, ...]:
    return tuple(spoken(name))


def sentences(text: str) -> list[str]:
    return [part for part in re.split(r"(?<=[.?!:;])\s+", text) if len(part.split()) > 2]


def blamed(text: str) -> list[str]:
    return [each.phrase for each in prompts([("", "", text)], PHRASES)]


def test_there_are_words_to_look_at():
    everything = [text for name in SOURCES for text in said(name)]

    assert len(everything) > 500
    assert "Select yes if a child is in immediate danger" in everything
    assert any(text.startswith("This was changed in another window") for text in everything)
    assert set(map(str, (kind.label for kind in Kind))) <= set(everything)
    assert {meaning.why for meaning in MEANINGS.values()} <= set(everything)
    assert len(MAILS) > 3


@pytest.mark.parametrize("name", SOURCES)
def test_words_in_python_are_those_of_the_field(name):
    for text in set(said(name)) - OF_A_WORKER:
        assert not AVOID.search(text), text
        assert not blamed(text), text


@pytest.mark.parametrize("name", SOURCES)
def test_sentences_in_python_are_short(name):
    long = [each for text in said(name) for each in sentences(text) if len(each.split()) > 25]
    assert not long


def test_sentences_in_python_are_easy_to_read():
    every = [each for name in SOURCES for text in said(name) for each in sentences(text)]
    longer = [grade([each]) for each in every if len(each.split()) >= 6]

    assert median(longer) <= 8


@pytest.mark.parametrize("mail", MAILS, ids=lambda path: path.name)
def test_mails_are_short_plain_and_in_the_words_of_the_field(mail):
    text = re.sub(r"{%.*?%}|<[^>]*>", " ", re.sub(r"{{.*?}}", "this", mail.read_text()), flags=re.S)
    text = re.sub(r"{#.*?#}", " ", text, flags=re.S)

    assert not AVOID.search(text)
    assert not blamed(text)
    said_in_mail = [each for line in text.splitlines() for each in sentences(line.strip())]
    assert not [each for each in said_in_mail if len(each.split()) > 25]
    assert not said_in_mail or grade(said_in_mail) <= 8


@pytest.mark.parametrize("name", ALL)
def test_pages_hold_no_phrase_that_we_ask_others_to_look_at_again(name):
    text = re.sub(r"{[%{].*?[%}]}|<[^>]*>", " ", bare(name), flags=re.S)
    assert not blamed(text)
