"""A child who is nobody, told of in words that stand nowhere else, and a search for any of them.

Every box that the child's own facts do not fill gets words that begin with MARK and say which box
of which page it is, so that what leaks tells where it was typed.
"""

import re
import zlib
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from urllib.parse import unquote_plus, urlsplit

from playwright.sync_api import Page

GIVEN, FAMILY, KNOWN_AS = "Zyxwvina", "Qanarie", "Quillowby"
BORN = date(2012, 2, 29)
STREET, POSTCODE, SCHOOL = "7 Quibblewick Lane", "ZZ9 9QX", "Quavermere Academy"
PHONE, NHS, PUPIL = "01632 960777", "999 000 0018", "E801200990071"
HANDLE = "@qzxcanary_handle"
MARK = "qzxcanary"
FILE_NAME = f"{GIVEN} {FAMILY} {BORN:%d-%m-%Y}.txt"
IN_THE_FILE = f"{GIVEN} {FAMILY}, {MARK}-in-the-file, was away on three days."

FACTS = {
    "given_name": GIVEN,
    "family_name": FAMILY,
    "known_as": KNOWN_AS,
    "date_of_birth-day": str(BORN.day),
    "date_of_birth-month": str(BORN.month),
    "date_of_birth-year": str(BORN.year),
    "nhs_number": NHS,
    "upn": PUPIL,
    "address": STREET,
    "postcode": POSTCODE,
    "school": SCHOOL,
    "phone": PHONE,
}
# Boxes that take no words, and are left alone; of a day or a time the child's own is enough.
LEFT = re.compile(r"age_estimate|needed_time|\w+-(day|month|year)")

_DAYS = ("%Y-%m-%d", "%Y%m%d", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%d %m %Y", "%d %b")
_SOUGHT = re.compile(
    "|".join(
        [
            *(GIVEN, FAMILY, KNOWN_AS, "Quibblewick", r"ZZ9\s?9QX", "Quavermere", PUPIL),
            rf"{MARK}[-\w]*",
            r"1632\s?960\s?777",
            r"999\s?000\s?0018",
            *(re.escape(format(BORN, said)) for said in _DAYS),
            r"\b29/2/2012|\b29\.2\.2012|\b29 2 2012",
        ]
    ),
    re.IGNORECASE,
)
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{16,}")


def found_in(said: str | bytes) -> set[str]:
    """What of the child stands in it, wrapped up or not. Nothing is the empty set."""
    raw = said.encode() if isinstance(said, str) else said
    return {match for layer in _layers(raw) for match in _SOUGHT.findall(layer)}


def _layers(raw: bytes) -> Iterator[str]:
    """The words as they stand, without the percent signs of an address, and out of base64.

    A task's message and a session are in base64, a long session deflated too.
    """
    # A log says the same many times: each of its lines is read once.
    raw = b"\n".join(set(raw.splitlines()))
    text = raw.decode(errors="replace")
    yield text
    yield unquote_plus(text)
    for run in set(_BASE64.findall(raw)):
        with suppress(NotBase64, ValueError):
            opened = b64decode(run + b"=" * (-len(run) % 4), altchars=_altchars(run))
            yield opened.decode(errors="replace")
            with suppress(zlib.error):
                yield zlib.decompress(opened).decode(errors="replace")


def _altchars(run: bytes) -> bytes:
    return b"-_" if re.search(rb"[-_]", run) else b"+/"


def place_of(address: str) -> str:
    """The word by which a page is called: the last of its path that is not a number or a code."""
    parts = re.findall(r"[a-z0-9-]+", urlsplit(address).path)
    return next((part for part in reversed(parts) if re.fullmatch(r"[a-z]+(-[a-z]+)*", part)), "")


def fill_in(page: Page, **given: str) -> None:
    """Write of the child into every box of the page, and choose where something is to be chosen.

    `given`: what else to write into a box, or to choose, by its name. Of a choice that nobody
    names it is the first.
    """
    boxes = page.locator(
        "main form :is(textarea, input[type=text], input[type=tel], input:not([type])):visible"
    )
    for name in boxes.evaluate_all("all => all.map(one => one.name)"):
        words = given.get(name) or FACTS.get(name)
        if words is None and not LEFT.fullmatch(name):
            words = f"{MARK}-{place_of(page.url)}-{name} by a lorry"
        if words is not None:
            page.locator(f'main form [name="{name}"]').first.fill(words)
    choices = page.locator("main form input[type=radio]")
    for name in dict.fromkeys(choices.evaluate_all("all => all.map(one => one.name)")):
        if not name.endswith("-none"):
            value = f'[value="{given[name]}"]' if name in given else ""
            page.locator(f'main form [name="{name}"]{value}').first.check()
