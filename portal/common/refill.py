"""Puts words back into the boxes of a page's form, as if they had just been typed.

It works on the page as it was rendered, so it serves every form of the product and none has to
know of it. What is put in is escaped; everything else of the page stays as it is.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

Pairs = Sequence[tuple[str, str]]
Attributes = list[tuple[str, str | None]]

# What is pressed or chosen from a disk is never put back.
_LEFT_ALONE = frozenset({"submit", "button", "image", "reset", "file", "password"})


@dataclass(frozen=True, repr=False)
class Refilled:
    """A page with the words in their boxes, and the words that found none."""

    page: str
    left_over: list[str]


def refill(
    page: str, words: Pairs, *, here: str, action: str, hidden: Pairs = (), above: str = ""
) -> Refilled | None:
    """Fill the form of `page` that posts to the path `action`; None when there is no such form.

    `here` is the page's own address. `hidden` are fields to add to the form, never to replace
    by what was typed; `above` is HTML of ours for the top of the main part, in which `{left}`
    is for the caller to fill.
    """
    forms = _Forms(here)
    forms.feed(page)
    names = {name for name, _ in words}
    fitting = [
        (len(names & found), -place)
        for place, (path, found) in enumerate(forms.found)
        if path == action
    ]
    if not fitting:
        return None
    most, place = max(fitting)
    if not most:
        return None
    own = {name for name, _ in hidden}
    filling = _Filling(-place, [pair for pair in words if pair[0] not in own], hidden)
    filling.feed(page)
    filling.close()
    written = "".join(filling.out).replace(_TOP, above, 1)
    return Refilled(written, filling.left_over())


class _Forms(HTMLParser):
    """Where each form of the page posts to, and the names of its boxes."""

    def __init__(self, here: str) -> None:
        super().__init__()
        self._here = here
        self._inside = False
        self.found: list[tuple[str, set[str]]] = []

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        given = dict(attrs)
        if tag == "form":
            posts = (given.get("method") or "").lower() == "post"
            path = urlsplit(urljoin(self._here, given.get("action") or "")).path
            self.found.append((path if posts else "", set()))
            self._inside = True
        elif self._inside and tag in {"input", "textarea", "select", "button"}:
            self.found[-1][1].add(given.get("name") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False


_TOP = "\x00top\x00"


@dataclass(repr=False)
class _Held:
    """What is still to be put back, by the name of its box."""

    values: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    used: set[tuple[str, str]] = field(default_factory=set)

    def next(self, name: str) -> str | None:
        if not self.values.get(name):
            return None
        value = self.values[name].pop(0)
        self.used.add((name, value))
        return value


class _Filling(HTMLParser):
    """Writes the page again, byte for byte but for the boxes of one form."""

    def __init__(self, place: int, words: Pairs, hidden: Pairs) -> None:
        super().__init__(convert_charrefs=False)
        self._place, self._number, self._inside = place, -1, False
        self._hidden = hidden
        self._words = list(words)
        self._chosen = set(words)
        self._held = _Held()
        for name, value in words:
            self._held.values[name].append(value)
        self._text: str | None = None
        self._select = ""
        self.out: list[str] = []

    def left_over(self) -> list[str]:
        """The words that found no box."""
        return [value for name, value in self._words if (name, value) not in self._held.used]

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        raw = self.get_starttag_text() or ""
        if tag == "form":
            self._number += 1
            self._inside = self._number == self._place
            self.out.append(raw)
            if self._inside:
                self.out += [
                    f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
                    for name, value in self._hidden
                ]
            return
        fill = _FILL.get(tag)
        self.out.append(fill(self, raw, dict(attrs)) if self._inside and fill else raw)
        if tag == "main":
            self.out.append(_TOP)

    def handle_startendtag(self, tag: str, attrs: Attributes) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        if tag == "textarea" and self._text is not None:
            # The parser of a browser drops one line end at the start.
            self.out.append("\n" + escape(self._text))
            self._text = None
        self.out.append(f"</{tag}>")

    def _put(self, text: str) -> None:
        if self._text is None:
            self.out.append(text)

    def handle_data(self, data: str) -> None:
        self._put(data)

    def handle_entityref(self, name: str) -> None:
        self._put(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self._put(f"&#{name};")

    def handle_comment(self, data: str) -> None:
        self.out.append(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self.out.append(f"<!{decl}>")

    def _input(self, raw: str, given: dict[str, str | None]) -> str:
        name, kind = given.get("name") or "", (given.get("type") or "text").lower()
        if not name or kind in _LEFT_ALONE or name in {own for own, _ in self._hidden}:
            return raw
        if kind in {"checkbox", "radio"}:
            pair = (name, given.get("value") or "on")
            here = pair in self._chosen
            if here:
                self._held.used.add(pair)
            return _tag("input", {**given, "checked": None}, {"checked"} if not here else set())
        value = self._held.next(name)
        return raw if value is None else _tag("input", {**given, "value": value})

    def _textarea(self, raw: str, given: dict[str, str | None]) -> str:
        self._text = self._held.next(given.get("name") or "")
        return raw

    def _opening_select(self, raw: str, given: dict[str, str | None]) -> str:
        self._select = given.get("name") or ""
        return raw

    def _option(self, raw: str, given: dict[str, str | None]) -> str:
        pair = (self._select, given.get("value") or "")
        if self._select not in self._held.values:
            return raw
        here = pair in self._chosen
        if here:
            self._held.used.add(pair)
        return _tag("option", {**given, "selected": None}, {"selected"} if not here else set())


_FILL: dict[str, Callable[[_Filling, str, dict[str, str | None]], str]] = {
    "input": _Filling._input,
    "textarea": _Filling._textarea,
    "select": _Filling._opening_select,
    "option": _Filling._option,
}


def _tag(
    name: str, attributes: dict[str, str | None], without: frozenset[str] | set[str] = frozenset()
) -> str:
    written = [
        key if value is None else f'{key}="{escape(value)}"'
        for key, value in attributes.items()
        if key not in without
    ]
    return f"<{' '.join((name, *written))}>"
