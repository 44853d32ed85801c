"""Walking through the portal with hostile text in each box, and looking at what comes back."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.policy import default as readable
from typing import Any

from django import forms
from django.core import mail
from django.db import transaction
from django.test import Client
from lxml import html

from portal.notifications import services as notices
from tests.payloads import PAYLOADS

ROUNDS = 4
HARMLESS = [f"word{n}" for n in range(len(PAYLOADS) - 1)]
TYPED_IN = {"text", "email", "url", "search", "tel", "number"}
LEADERS = {*"=+-@\u2212"}
READS_ONLY = {"age_estimate", "postcode", "needed_time", "nhs_number", "upn"}
"""The boxes that take a number, a time or a postcode: they refuse words, and give them back."""
PICKS: dict[str, Any] = {
    "danger": "no",
    "child_told": "yes",
    "parents_told": "agree",
    "kinds": ["address", "source", "police", "health", "legal", "me", "quiet"],
    "which": ["saw"],
    "known_how": "saw",
    "sure": "fairly",
    "name": "yes",
    "protect": "no",
    "needs_answer": "yes",
    "outcome": "early_help",
    "urgency": "soon",
    "result": "stands",
    "verdict": "rejected",
    "means": "vehicle",
}
"""What is picked where the boxes beside it ask for a choice, by the first part of its name."""


class Dealer:
    """Deals payloads in turn, each to the next box that has room for it."""

    def __init__(self, words: list[str], turn: int = 0) -> None:
        self.lines, self.narratives = ([*words[turn:], *words[:turn]] for _ in range(2))
        self.told: set[str] = set()

    def to(self, form: forms.BaseForm) -> dict[str, str]:
        """A payload for each box of the form in which words are typed."""
        return {name: self._next(field) for name, field in boxes(form)}

    def _next(self, field: forms.Field) -> str:
        is_narrative = isinstance(field.widget, forms.Textarea)
        waiting = self.narratives if is_narrative else self.lines
        most = getattr(field, "max_length", None) or getattr(field, "longest", None) or 200
        found = next(each for each in waiting if len(each) <= most)
        waiting.remove(found)
        waiting.append(found)
        if is_narrative:
            self.told.add(found)
        return found


def boxes(form: forms.BaseForm | type[forms.BaseForm]) -> Iterator[tuple[str, forms.Field]]:
    """The boxes of a form in which words are typed."""
    for name, field in getattr(form, "fields", form.base_fields).items():
        kind = getattr(field.widget, "input_type", "")
        if isinstance(field.widget, forms.Textarea) or kind in TYPED_IN:
            yield name, field


def picked(form: forms.BaseForm) -> dict[str, Any]:
    """What is chosen beside the words; and what a form brings along unseen."""
    typed, found = dict(boxes(form)), {}
    for name, field in form.fields.items():
        pick = PICKS.get(name) or PICKS.get(name.split("_")[0])
        if isinstance(field.widget, forms.HiddenInput):
            found[name] = str(form[name].value() or "")
        elif pick and name not in typed:
            found[name] = pick
        elif field.required and name not in typed:
            found[name] = next(code for code, _ in field.choices if code)
    return found


# --- What stands on a page ----------------------------------------------------------------------

# What differs from one walk to the next though both are harmless.
_NUMBER = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}|[A-Z]-[0-9A-Z]{4}-[0-9A-Z]{3}")
_COMPARED = {"action", "class", "form", "formaction", "href", "id", "name", "rel", "src", "type"}


def structure(page: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """Each element of a page and its attributes, in order; without what is said in it."""
    return [
        (
            str(element.tag),
            sorted(
                (name, _NUMBER.sub("#", value) if name in _COMPARED else "")
                for name, value in element.attrib.items()
            ),
        )
        for element in html.fromstring(page).iter()
    ]


def bare(words: str) -> str:
    """Words without what a parser of pages may drop or change: spaces and control characters."""
    return "".join(
        sign
        for sign in words
        if not sign.isspace() and unicodedata.category(sign) not in ("Cc", "Cn", "Co")
    )


def said_on(page: str) -> str:
    """All that a person can read on a page, its boxes included."""
    tree = html.fromstring(page)
    return bare(" ".join([tree.text_content(), *tree.xpath("//input/@value")]))


def raw(page: str) -> list[str]:
    """The payloads that stand on a page as they were typed, of those that must not."""
    return [each for each in PAYLOADS if set(each) & set("<>\"'") and each in page]


class Walk:
    """One person after another at the pages; what each page was, by the name of its step."""

    def __init__(self, dealer: Dealer) -> None:
        self.dealer = dealer
        self.pages: dict[str, str] = {}
        self.typed: dict[tuple[str, str], str] = {}
        self.refused: set[str] = set()

    def look(self, step: str, client: Client, address: str, **options: Any) -> Any:
        """Open a page and keep it."""
        return self.keep(step, client.get(address, **options), 200)

    def press(
        self, step: str, client: Client, address: str, form: forms.BaseForm | None = None
    ) -> Any:
        """Fill in each box of a page's form and press its button. What cannot be is said."""
        form = form or client.get(address).context["form"]
        typed = self.dealer.to(form)
        answer = client.post(address, posted := {**picked(form), **typed})
        if answer.status_code == 422:
            errors = self.keep(f"{step} refused", answer, 422).context["form"].errors
            for name, words in typed.items():
                assert bare(words) in said_on(answer.text), (step, name)
            assert set(errors) <= READS_ONLY, (step, errors)
            self.refused |= {*errors}
            typed = {name: words for name, words in typed.items() if name not in errors}
            answer = client.post(address, posted := {**picked(form), **typed})
        assert answer.status_code in (200, 302), (step, answer.status_code)
        self.typed |= {(step, name): words for name, words in typed.items()}
        return answer, posted

    def keep(self, step: str, answer: Any, status: int) -> Any:
        assert answer.status_code == status, (step, answer.status_code)
        self.pages[step] = answer.text
        return answer


@contextmanager
def undone() -> Iterator[None]:
    """What happens here is taken back, so that the next walk finds the same portal."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def walked(
    walk_all: Callable[[Walk], None], rounds: int = ROUNDS
) -> tuple[Walk, list[Walk], list[Any]]:
    """Walk harmlessly, then with payloads; the walks, and the mail that each caused."""
    dealers = [Dealer([*PAYLOADS], n * len(PAYLOADS) // rounds) for n in range(rounds)]
    walks, sent = [], []
    for dealer in (Dealer(HARMLESS), *dealers):
        walk = Walk(dealer)
        with undone():
            walk_all(walk)
            notices.sweep()
        walks.append(walk)
        sent.append(mail.outbox[:])
        mail.outbox.clear()
    return walks[0], walks[1:], sent


def insist(
    walk_all: Callable[[Walk], None],
    rounds: int = ROUNDS,
    *,
    all_narratives: bool = True,
) -> None:
    """Walk with payloads, and let the pages and the mail be those of the harmless walk.

    Each box is read on one of the pages.
    """
    harmless, hostile, sent = walked(walk_all, rounds)
    for walk in hostile:
        assert walk.pages.keys() == harmless.pages.keys()
        assert walk.typed.keys() == harmless.typed.keys()
        for step, page in walk.pages.items():
            assert raw(page) == [], step
            assert structure(page) == structure(harmless.pages[step]), step
        words = bare(" ".join(said_on(page) for page in walk.pages.values()))
        missing = {box for box, typed in walk.typed.items() if bare(typed) not in words}
        assert missing == set()
    assert sent[0]
    for letters in sent:
        assert [told_by(letter) for letter in letters] == [told_by(letter) for letter in sent[0]]
    if all_narratives:
        assert set(PAYLOADS) == set.union(*(walk.dealer.told for walk in hostile))


def told_by(letter: Any) -> tuple[list[str], str, str, str]:
    """What a mail says, and its heads, but for the number that is its own."""
    read = message_from_bytes(letter.message().as_bytes(), policy=readable)
    parts = [part.get_content() for part in read.walk() if not part.is_multipart()]
    body = re.sub(r"(#|\bN-)[\w-]+", "#", "\n".join(parts))
    return sorted(read.keys()), str(read["To"]), str(read["Subject"]), body
