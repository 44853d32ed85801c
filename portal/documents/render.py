"""The program that turns HTML into a PDF, in a process of its own that can do nothing else.

HTML comes on standard input and the PDF goes to standard output. The program is run by its path:
it imports nothing of the portal and so knows no setting, no secret and no database. It limits its
own time and memory and leaves the network before it reads a byte. Three walls stand one behind
the other, so that text which a template forgot to escape reads nothing and sends nothing: only
the elements in VOCABULARY may occur; only the names in ASSETS can be fetched; and a finished PDF
that holds an attachment, a script or an outside link is thrown away.
"""

import ctypes
import gc
import os
import resource
import sys
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import NoReturn
from xml.etree.ElementTree import Element

import pikepdf
from weasyprint import HTML
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

REFUSED, OUT_OF_MEMORY = 3, 4

HERE = Path(__file__).parent
ASSETS = {"asset:print.css": ("text/css", (HERE / "print.css").read_bytes())}

# Every element that a document of ours uses, and what it may say beside COMMON. A chart will come
# as an `img` of our own making; until then there is none.
COMMON = frozenset({"class", "id", "lang"})
VOCABULARY = {
    **dict.fromkeys(("html", "head", "title", "body", "header", "main", "section"), COMMON),
    **dict.fromkeys(("h1", "h2", "h3", "p", "ul", "ol", "li", "div"), COMMON),
    **dict.fromkeys(("span", "strong", "em", "br"), COMMON),
    **dict.fromkeys(("table", "caption", "colgroup", "col", "thead", "tbody", "tr"), COMMON),
    **dict.fromkeys(("th", "td"), COMMON | {"scope", "colspan", "rowspan"}),
    "a": COMMON | {"href"},
    "link": frozenset({"rel", "href"}),
    "meta": frozenset({"charset"}),
    "time": COMMON | {"datetime"},
}
FORBIDDEN_IN_PDF = frozenset(
    {"/EmbeddedFile", "/EmbeddedFiles", "/Filespec", "/JavaScript", "/JS", "/Launch", "/GoToR"}
    | {"/URI", "/SubmitForm", "/ImportData", "/RichMedia", "/OpenAction", "/AA"}
)


class Refusal(Exception):
    """The document holds what no document of ours may hold."""


class Assets(URLFetcher):  # type: ignore[misc]
    """Fetches the names in ASSETS and ends the rendering for every other address."""

    def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:  # noqa: ARG002
        if url not in ASSETS:
            # WeasyPrint logs and goes on after any error but this one.
            raise FatalURLFetchingError("Only the portal's own assets can be fetched")
        content_type, body = ASSETS[url]
        return URLFetcherResponse(url, body, {"Content-Type": content_type})


def confine(seconds: int, megabytes: int) -> None:
    """Give up, for this process, what rendering does not need."""
    memory = megabytes * 1024 * 1024
    for limit, soft, hard in (
        (resource.RLIMIT_CPU, seconds, seconds + 1),  # a signal that says so, then the end
        (resource.RLIMIT_AS, memory, memory),
        (resource.RLIMIT_FSIZE, 0, 0),  # no file can be written
        (resource.RLIMIT_CORE, 0, 0),  # a crash leaves no image of what was in memory
    ):
        resource.setrlimit(limit, (soft, hard))
    if sys.platform == "linux":
        # An empty network of its own, where the kernel lets an ordinary process have one. Where
        # it does not, the three walls stand alone.
        new_user, new_network = 0x10000000, 0x40000000
        ctypes.CDLL(None, use_errno=True).unshare(new_user | new_network)


def check_vocabulary(root: Element) -> None:
    """Raise Refusal when an element, an attribute or an address is not of our own words."""
    for element in root.iter():
        allowed = VOCABULARY.get(element.tag)
        if allowed is None or not allowed.issuperset(element.attrib):
            raise Refusal("An element or attribute that is not in the vocabulary")
        address = element.get("href", "#")
        if element.tag == "link" and (address not in ASSETS or element.get("rel") != "stylesheet"):
            raise Refusal("A link that is not our stylesheet")
        if element.tag == "a" and not address.startswith("#"):
            raise Refusal("A link that leaves the document")


def parse(html: str) -> HTML:
    """Return `html` as a document that can fetch nothing but ASSETS."""
    return HTML(string=html, url_fetcher=Assets())


def lay_out(document: HTML) -> bytes:
    """Return `document` as a tagged PDF, which bears no date: equal input gives equal bytes."""
    return bytes(document.write_pdf(pdf_variant="pdf/ua-1"))


def cure(pdf: pikepdf.Pdf) -> None:
    """Add what WeasyPrint's tagging lacks for PDF/UA-1 (ISO 14289-1): scopes and print flags."""
    _scope_headers(pdf.Root.StructTreeRoot.K, pikepdf.Name.Row)
    for page in pdf.pages:
        for annotation in page.get("/Annots", []):
            annotation.F = int(annotation.get("/F", 0)) | 4
        page.Tabs = pikepdf.Name.S


def _scope_headers(node: pikepdf.Object, scope: pikepdf.Name) -> None:
    """Give each TH below `node` its scope: Column inside THead, Row elsewhere."""
    if isinstance(node, pikepdf.Array):
        for child in node:
            _scope_headers(child, scope)
    elif isinstance(node, pikepdf.Dictionary) and "/S" in node:
        kind = str(node.S)
        if kind == "/THead":
            scope = pikepdf.Name.Column
        if kind == "/TH":
            attributes = node.get("/A", pikepdf.Dictionary(O=pikepdf.Name.Table))
            attributes.Scope = scope
            node.A = attributes
        if "/K" in node:
            _scope_headers(node.K, scope)


def check_pdf(pdf: pikepdf.Pdf) -> None:
    """Raise Refusal when the finished file holds an attachment, a script or an outside link."""
    for found in pdf.objects:
        if not FORBIDDEN_IN_PDF.isdisjoint(_names(found)):
            raise Refusal("An attachment, a script or an outside link")


def _names(found: object) -> Iterator[str]:
    """Give every key and name of an object and of what lies in it, following no reference."""
    if isinstance(found, pikepdf.Name):
        yield str(found)
    inside: Iterable[object] = ()
    if isinstance(found, (pikepdf.Dictionary, pikepdf.Stream)):
        yield from found.keys()
        inside = (value for _, value in found.items())
    elif isinstance(found, pikepdf.Array):
        inside = found
    for value in inside:
        if not getattr(value, "is_indirect", False):
            yield from _names(value)


def make(html: str) -> bytes:
    """Return `html` as a finished PDF: the same bytes for the same input.

    Raises Refusal, or FatalURLFetchingError (not an Exception), when a wall was touched.
    """
    document = parse(html)
    check_vocabulary(document.etree_element)
    finished = BytesIO()
    with pikepdf.open(BytesIO(lay_out(document))) as pdf:
        cure(pdf)
        check_pdf(pdf)
        pdf.save(finished, deterministic_id=True)
    return finished.getvalue()


def main(seconds: str, megabytes: str) -> NoReturn:
    """Read HTML, write a PDF, and tell by the exit status what went wrong."""
    confine(int(seconds), int(megabytes))
    # One document and then the end: to look again and again for the little that is thrown away
    # meanwhile takes a quarter of the time. A very long document still gives its memory back.
    gc.freeze()
    gc.set_threshold(200_000, 50, 1000)
    try:
        finished = make(sys.stdin.buffer.read().decode())
    except (Refusal, FatalURLFetchingError):
        os._exit(REFUSED)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    sys.stdout.buffer.write(finished)
    sys.exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
