"""Ways to say it that are kinder to the child: phrases that writers are asked to look at again.

Pure functions. They never block and never rewrite, and nobody counts how often who was asked.
The list is a partnership's own, as text: one entry a line, of three parts.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from django import forms

MOST_ENTRIES: Final = 200
LONGEST_PART: Final = 200
LONGEST_SHOWN: Final = 60
_PARTS: Final = "|"
_FORMS: Final = "/"
# Letters and what joins them; a star stands for any ending, or for one whole word.
_FORM: Final = re.compile(r"[^\W\d_][\w' -]*(\*[\w' -]+)*\*?")
# What stands in quotation marks is somebody's own words. Nothing here can be matched in two ways,
# so a long text takes no longer than its length.
_QUOTED: Final = re.compile(
    r"""
      "[^"]*+"
    | “[^“”]*+”
    | \u2018 (?: [^\u2018\u2019\n] | (?<=\w)\u2019(?=\w) )++ \u2019 (?!\w)
    | (?<!\w) ' (?: [^'\n] | (?<=\w)'(?=\w) )++ ' (?!\w)
    """,
    re.VERBOSE,
)
_STAR: Final = r"\w*+"


@dataclass(frozen=True, repr=False)
class Entry:
    """One entry of the list: the phrase in all its forms, why not, and another way to say it."""

    forms: tuple[str, ...]
    why: str
    instead: str


@dataclass(frozen=True, repr=False)
class Prompt:
    """One phrase that was found, as it was written.

    `where` is the question in words, `href` the address at which its answer can be changed.
    """

    phrase: str
    where: str
    why: str
    instead: str
    href: str


def read(text: str) -> list[Entry]:
    """Read a list of entries. Raises ValueError with a sentence that says which line to mend."""
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) > MOST_ENTRIES:
        raise ValueError(f"The list must have {MOST_ENTRIES} lines or fewer")
    return [_entry(number, line) for number, line in enumerate(lines, start=1)]


def _entry(number: int, line: str) -> Entry:
    parts = [part.strip() for part in line.split(_PARTS)]
    if len(parts) != 3 or not all(parts):
        raise ValueError(
            f"Line {number} must have a phrase, a reason and another way to say it,"
            " with a | between them"
        )
    if any(len(part) > LONGEST_PART for part in parts):
        raise ValueError(f"Each part of line {number} must be {LONGEST_PART} characters or less")
    forms = tuple(_plain(form) for form in parts[0].split(_FORMS))
    if not all(_FORM.fullmatch(form) for form in forms):
        raise ValueError(
            f"The phrase in line {number} must be words. A star may stand for the end of a word"
        )
    return Entry(forms, parts[1], parts[2])


def prompts(answers: Iterable[tuple[str, str, str]], entries: Iterable[Entry]) -> list[Prompt]:
    """Return what a writer may want to say in another way, each phrase once for each answer.

    `answers` gives for each where it can be changed, the words of the question and the answer.
    Leave out the answers that hold the child's own words; what stands in quotation marks is left
    alone. Letters large or small, and kinds of apostrophe, are the same.
    """
    listed = list(entries)
    return [
        Prompt(phrase, where, entry.why, entry.instead, href)
        for href, where, text in answers
        for phrase, entry in _found(_plain(_QUOTED.sub(" … ", text)), listed)
    ]


def written(form: forms.BaseForm) -> list[tuple[str, str, str]]:
    """What was typed into the larger boxes of a form, as `prompts` takes it; the place is the box.

    Nothing of a form that nobody has sent.
    """
    if not form.is_bound:
        return []
    return [
        (f"#{box.id_for_label}", str(box.label), str(box.value() or ""))
        for box in form
        if isinstance(box.field.widget, forms.Textarea)
    ]


def _found(text: str, entries: Iterable[Entry]) -> Iterator[tuple[str, Entry]]:
    for entry in entries:
        match = _pattern(entry.forms).search(text)
        if match:
            yield match[0][:LONGEST_SHOWN], entry


@lru_cache(maxsize=2 * MOST_ENTRIES)
def _pattern(forms: tuple[str, ...]) -> re.Pattern[str]:
    """One expression for all forms. Every character of the list is escaped but the star."""
    either = "|".join(_STAR.join(map(re.escape, form.split("*"))) for form in forms)
    return re.compile(rf"\b(?:{either})(?!\w)", re.IGNORECASE)


def _plain(text: str) -> str:
    """The text with single spaces and straight apostrophes."""
    return " ".join(text.replace("\u2019", "'").split())
