"""A browser without a screen: cookies, forms and redirects, and what a person reads on a page."""

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from http.cookiejar import CookieJar
from typing import Any
from urllib.parse import urlencode, urljoin

from lxml import html

PATIENCE = 30.0


class Surprise(Exception):
    """Something on the site is not as it must be: a sentence."""


def spaced(text: str) -> str:
    """Return the text with every run of blanks as one."""
    return " ".join(text.split())


class Page:
    """One answer of the site."""

    def __init__(self, url: str, status: int, body: bytes) -> None:
        self.url = url
        self.status = status
        self.body = body

    @property
    def _tree(self) -> Any:
        return html.fromstring(self.body, base_url=self.url)

    @property
    def text(self) -> str:
        """What a person reads on it."""
        return spaced(str(self._tree.text_content()))

    @property
    def heading(self) -> str:
        """Its main heading."""
        return spaced(str(self._tree.xpath("string(//h1)")))

    @property
    def answers(self) -> list[tuple[str, str]]:
        """The answers of a case page, as (label, what stands beside it), in order."""
        rows = self._tree.xpath("//main//dl[contains(@class, 'govuk-summary-list')]/div")
        return [(spaced(row.xpath("string(dt)")), spaced(row.xpath("string(dd)"))) for row in rows]

    def link(self, words: str) -> str:
        """Return where the link with these words leads."""
        for link in self._tree.xpath("//a[@href]"):
            if words in spaced(link.text_content()):
                return urljoin(self.url, str(link.get("href")))
        raise Surprise(f"The page “{self.heading}” has no link “{words}”.")

    def near(self, words: str, element: str) -> str:
        """Return the text of the first `element` in which these words stand."""
        for found in self._tree.xpath(f"//main//{element}"):
            text = spaced(found.text_content())
            if words in text:
                return text
        raise Surprise(f"The page “{self.heading}” does not say “{words}”.")

    def choices(self, name: str) -> list[str]:
        """Return the values of the radio buttons of a question, in order."""
        return [str(each.get("value")) for each in self._tree.xpath("//input[@name=$n]", n=name)]

    def form(self, button: str) -> tuple[str, dict[str, str]]:
        """Return where the form with this button goes, and what stands in it."""
        for form in self._tree.forms:
            for press in form.xpath(".//button"):
                if spaced(press.text_content()) == button:
                    named = (
                        {press.get("name"): press.get("value") or ""} if press.get("name") else {}
                    )
                    filled = {name: value for name, value in form.fields.items() if value}
                    address = str(form.get("action") or self.url)
                    return urljoin(self.url, address), filled | named
        raise Surprise(f"The page “{self.heading}” has no button “{button}”.")


class Browser:
    """One person's browser: its own cookies, and nothing that the site did not give it."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        jar = urllib.request.HTTPCookieProcessor(CookieJar())
        # No proxy that the machine may name: the site is here.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), jar)

    def open(self, address: str) -> Page:
        """Open an address of the site; redirects are followed, refusals are answers too."""
        return self._ask(urllib.request.Request(urljoin(self.base_url, address)))

    def press(self, page: Page, button: str, typed: Mapping[str, str] | None = None) -> Page:
        """Fill in the form that has this button, press it, and return the page that follows.

        Raises Surprise when the site does not accept it.
        """
        address, filled = page.form(button)
        body = urlencode({**filled, **(typed or {})}).encode()
        answer = self._ask(urllib.request.Request(address, body, {"Origin": self.base_url}))
        if answer.status != 200:
            raise Surprise(
                f"“{button}” on the page “{page.heading}” was not accepted:"
                f" {answer.status}, {answer.heading}."
            )
        return answer

    def ask_api(self, address: str) -> tuple[int, dict[str, Any]]:
        """Return the status and the object that the API answers."""
        answer = self.open(address)
        found: dict[str, Any] = json.loads(answer.body)
        return answer.status, found

    def _ask(self, request: urllib.request.Request) -> Page:
        try:
            with self._opener.open(request, timeout=PATIENCE) as answer:
                return Page(answer.url, answer.status, answer.read())
        except urllib.error.HTTPError as refusal:
            with refusal:
                return Page(refusal.url or request.full_url, refusal.code, refusal.read())
        except OSError as error:
            raise Surprise(f"The site does not answer at {request.full_url}.") from error
