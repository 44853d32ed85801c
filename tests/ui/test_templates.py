"""What can be held about every page without a browser: structure, safety, words.

The templates are parsed and walked, not rendered, so every branch of every page is looked at.
"""

import re
from collections.abc import Iterator
from functools import cache
from itertools import product
from pathlib import Path
from statistics import median
from typing import Any

import pyphen
import pytest
from django.template.base import Node, NodeList, TextNode, VariableNode
from django.template.defaulttags import IfNode
from django.template.loader import get_template
from django.template.loader_tags import BlockNode, ExtendsNode, IncludeNode
from lxml import html as lxml

ROOT = Path(__file__).parents[2] / "templates"
ALL = sorted(str(path.relative_to(ROOT)) for path in ROOT.rglob("*.html"))
# Printed pages have their own style sheet and no frame.
SCREEN = [name for name in ALL if not name.startswith("pdf/")]
CONTROLS = ("govuk_forms/", "components/")
# Tags of ours that give the page its first heading.
HEADINGS = {"panel", "interruption"}


def source(name: str) -> str:
    return (ROOT / name).read_text()


def bare(name: str) -> str:
    """The source without its comments."""
    return re.sub(r"{% comment %}.*?{% endcomment %}|{#.*?#}", "", source(name), flags=re.S)


@cache
def parsed(name: str) -> Any:
    found: Any = get_template(name)
    return found.template


def literal(expression: Any) -> str:
    """The name of a template as it stands between quotation marks."""
    return str(expression.token).strip("'\"")


def parent(name: str) -> str | None:
    extends = parsed(name).nodelist.get_nodes_by_type(ExtendsNode)
    return literal(extends[0].parent_name) if extends else None


def chain(name: str) -> list[str]:
    """The template and those that it extends, up to the frame."""
    above = parent(name)
    return [name, *chain(above)] if above else [name]


FRAMES = {"base.html", "errors/alone.html"}
PAGES = [n for n in SCREEN if n not in FRAMES and chain(n)[-1] in FRAMES and "/_" not in n]


def blocks(name: str) -> dict[str, NodeList]:
    """The blocks of a page, each as its nearest template says it."""
    found: dict[str, NodeList] = {}
    for template in chain(name):
        for block in parsed(template).nodelist.get_nodes_by_type(BlockNode):
            found.setdefault(block.name, block.nodelist)
    return found


def headings(nodes: Any, inside: dict[str, NodeList]) -> set[int]:
    """How many first headings the nodes may give, over all branches."""
    totals = {0}
    for node in nodes:
        totals = {a + b for a, b in product(totals, _headings(node, inside))}
    return totals


def _headings(node: Node, inside: dict[str, NodeList]) -> set[int]:  # noqa: PLR0911
    if isinstance(node, TextNode):
        return {node.s.count("<h1")}
    if isinstance(node, BlockNode):
        return headings(inside[node.name], inside)
    if isinstance(node, IncludeNode):
        return headings(parsed(literal(node.template)).nodelist, inside)
    if isinstance(node, IfNode):
        branches = [headings(nodelist, inside) for _, nodelist in node.conditions_nodelists]
        has_else = any(condition is None for condition, _ in node.conditions_nodelists)
        return set().union(*branches, set() if has_else else {0})
    if isinstance(node, VariableNode):
        # A form may say the heading: `heading_field`.
        return {0, 1} if str(node.filter_expression) == "form" else {0}
    if getattr(getattr(node, "func", None), "__name__", "") in HEADINGS:
        return {1}
    children = [getattr(node, child, None) for child in node.child_nodelists]
    return headings([n for nodes in children if nodes for n in nodes], inside)


def test_the_frame_alone_says_error_of_the_form_of_a_page():
    """A title that says it too says it twice."""
    twice = [name for name in SCREEN if re.search(r"block title %}{% if form", bare(name))]

    assert not twice


@pytest.mark.parametrize("name", ALL)
def test_template_can_be_parsed(name):
    assert parsed(name)


@pytest.mark.parametrize("name", PAGES)
def test_page_has_one_first_heading(name):
    counts = headings(parsed(chain(name)[-1]).nodelist, blocks(name))
    assert 1 in counts
    says_it_in_a_form = "{{ form }}" in "".join(map(bare, chain(name)))
    assert says_it_in_a_form or counts == {1}


@pytest.mark.parametrize("name", PAGES)
def test_page_has_a_title_that_names_nobody(name):
    sources = (bare(one) for one in chain(name) if one not in FRAMES)
    titles = (re.search(r"{% block title %}(.+?){% endblock", text) for text in sources)
    title = next(filter(None, titles), None)
    assert title, "the block `title` is missing"
    assert "safeguarding referrals" not in title[1].lower(), "the frame adds the service's name"
    for variable in re.findall(r"{{\s*([\w.]+)", title[1]):
        assert not re.search(r"name|initials|title|child|person", variable), variable


@pytest.mark.parametrize("name", [n for n in ALL if n.startswith(CONTROLS) or "/_" in n])
def test_piece_names_its_variables_first(name):
    start = source(name).removeprefix("{% load govuk %}\n")
    assert re.match(r"(\s*{% (extends|load) [^%]*%}\s*)*{% comment %}\s*\S", start)


FORBIDDEN = {
    "unescaped output": r"\|\s*safe\b|autoescape off|safeseq",
    "a style in the page": r"\sstyle=|<style\b",
    "a script in the page": r"\son[a-z]+=\"|javascript:|<script(?![^>]*\ssrc=)",
    "something from elsewhere": r"(src|srcset|action)=\"(https?:)?//|<(iframe|object|embed)\b",
    "the browser's own checks": r"<(input|select|textarea)[^>]*\s(required|pattern)\b",
    "a changed tab order": r"tabindex=\"[1-9]",
    "focus that moves by itself": r"\sautofocus\b",
    "a window that opens by itself": r"target=\"_blank\"",
    "a link that says nothing": r">\s*(click here|here|read more|more|link)\s*</a>",
    "a button that says nothing": r"(<button[^>]*>|{% button \")\s*(submit|ok|process|yes|no)\b",
    "a preselected answer": r"<(input|option)[^>{]*\s(checked|selected)\b",
}


@pytest.mark.parametrize("what", FORBIDDEN)
@pytest.mark.parametrize("name", SCREEN)
def test_template_is_free_of(name, what):
    found = re.search(FORBIDDEN[what], bare(name), re.IGNORECASE)
    assert not found, found and found[0]


@pytest.mark.parametrize("name", [n for n in SCREEN if not n.startswith(CONTROLS)])
def test_nobody_writes_a_control_by_hand(name):
    assert not re.search(r"<(input|select|textarea)\b", bare(name))


# What could not be taken is sent again with the token that it came with.
AS_IT_CAME = {"components/again.html"}


@pytest.mark.parametrize(
    "name", [n for n in SCREEN if "<form" in source(n) and n not in AS_IT_CAME]
)
def test_form_carries_its_token_and_leaves_the_checks_to_the_server(name):
    for form in re.findall(r"<form\b.*?</form>", bare(name), re.S):
        assert "csrf_token" in form or 'method="get"' in form
        assert "{{ form }}" not in form or re.match(r"<form[^>]*\snovalidate", form)


# --- Words ------------------------------------------------------------------------------------
# What the field's guides ask not to write (see docs/glossary.md), and what plain English avoids.
AVOID = re.compile(
    r"""\b(
    promiscuous | streetwise | lifestyle\ choice | risky\ behaviour | older\ boyfriend
    | puts?(ting)?\ (him|her|them)sel(f|ves)\ at\ risk | child\ prostitut\w* | child\ porn\w*
    | (engag|involv)\w+\ in\ (CSE|exploitation) | absconded | ran\ off | hard\ to\ reach
    | (refuses\ to|won.t|did\ not)\ engage | alleg(ed|es|ation\w*) | claims\ that
    | attention.seeking | drug\ runner | money\ mule | perpetrator\w* | low\ risk
    | indecent\ selfies | please | oops | invalid | utilise | in\ order\ to | whilst
    )\b""",
    re.IGNORECASE | re.VERBOSE,
)
SYLLABLES = pyphen.Pyphen(lang="en_GB")


def sentences(name: str) -> Iterator[str]:
    """What a page says, sentence by sentence; a variable counts as one short word."""
    text = re.sub(r"{%.*?%}", " ", re.sub(r"{{.*?}}", "this", bare(name)), flags=re.S)
    for element in lxml.fragment_fromstring(text, create_parent="div").iter("p", "li", "dd", "td"):
        words = " ".join(element.text_content().split())
        yield from re.findall(r"[^.:;?!]+[.?!](?=\s|$)", words)


def grade(text: list[str]) -> float:
    """The school grade of Flesch and Kincaid; a British reading age is five years more."""
    words = re.findall(r"[\w'\u2019-]+", " ".join(text))
    syllables = sum(len(SYLLABLES.positions(word)) + 1 for word in words)
    return 0.39 * len(words) / len(text) + 11.8 * syllables / len(words) - 15.59


@pytest.mark.parametrize("name", ALL)
def test_words_are_those_of_the_field(name):
    text = re.sub(r"{[%{].*?[%}]}|<[^>]*>", " ", bare(name), flags=re.S)
    found = AVOID.search(text)
    assert not found, found and found[0]


@pytest.mark.parametrize("name", SCREEN)
def test_sentences_are_short(name):
    long = [s for s in sentences(name) if len(s.split()) > 25]
    assert not long


def test_reading_grade_is_at_most_eight():
    grades = {name: grade(said) for name in PAGES if (said := list(sentences(name)))}
    assert len(grades) > 5
    assert median(grades.values()) <= 8
    hard = {name: round(value, 1) for name, value in grades.items() if value > 10}
    assert not hard
