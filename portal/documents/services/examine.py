"""The program that finds out what an uploaded file is, in a process that can do nothing else.

The file comes on standard input. What goes to standard output is one line of JSON, and after it
the bytes to keep: for a document of parts only the parts that were looked at, for a picture a new
picture. It is run by its path: it imports nothing of the portal and so knows no setting, no
secret and no database. What a file is called is never told to it. It ends with 0 and a verdict;
any other end means that the file could not be read.
"""

import ctypes
import json
import re
import resource
import sys
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Any, Final, NoReturn
from xml.etree import ElementTree as ET

MEMBERS: Final = 2_000
UNPACKED: Final = 60 * 1024 * 1024
RATIO: Final = 400
SMALL: Final = 1024 * 1024
PIECE: Final = 64 * 1024

PICTURES: Final = {
    b"\xff\xd8\xff": "jpg",
    b"\x89PNG\r\n\x1a\n": "png",
    b"GIF87a": "",
    b"GIF89a": "",
    b"II*\0": "",
    b"MM\0*": "",
    b"8BPS": "",
}
# The first words of what a browser would run or draw.
MARKUP = re.compile(
    rb"\s*(<!doctype|<html|<head|<body|<script|<svg|<\?xml|<\?php|<iframe|<img|#!|\{\\rtf)", re.I
)
# What makes a PDF act, carry something, or ask for something.
ACTIVE_IN_PDF = frozenset(
    {"/JavaScript", "/JS", "/Launch", "/EmbeddedFile", "/EmbeddedFiles", "/RichMedia", "/XFA"}
    | {"/SubmitForm", "/ImportData", "/GoToR", "/GoToE", "/Movie", "/Sound", "/Rendition", "/3D"}
    | {"/EF", "/FileAttachment", "/Collection"}
)
# What is taken out of one: it acts without carrying anything.
TAKEN_OUT_OF_PDF = ("/OpenAction", "/AA", "/A", "/PieceInfo", "/Metadata")

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
MAIN = {WORD.lower(): "docx", SHEET.lower(): "xlsx"}
# A program that is started, in the letters in which a part may be written.
STARTS = [
    word.encode(letters)
    for word in ("ddeauto", "ddelink")
    for letters in ("ascii", "utf-16-le", "utf-16-be")
]
IN_LETTERS = (".xml", ".rels", ".vml")
ENCODING = re.compile(rb"""(?:\xef\xbb\xbf)?<\?xml[^>]*?\sencoding\s*=\s*["']([^"']*)""")
MACROS = re.compile(r"(?i)vbaproject|vbadata|macrosheets|/macros?/|\.bin\.rels$|customui")
CARRIED = re.compile(r"(?i)embeddings/|activex/|oleobject|ctrlprops/|\.(exe|dll|js|vbs|hta|swf)$")


class Refusal(Exception):
    """The file is not kept; the message is one of the codes of vocabulary.Refusal."""


def confine(seconds: int, megabytes: int) -> None:
    """Give up, for this process, what reading a file does not need.

    That is memory, time and writing to files; and the network, where the kernel lets an ordinary
    process have an empty one of its own. Where it does not, the process goes on without that.
    """
    memory = megabytes * 1024 * 1024
    for limit, soft, hard in (
        (resource.RLIMIT_CPU, seconds, seconds + 1),
        (resource.RLIMIT_AS, memory, memory),
        (resource.RLIMIT_FSIZE, 0, 0),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        resource.setrlimit(limit, (soft, hard))
    if sys.platform == "linux":
        new_user, new_network = 0x10000000, 0x40000000
        ctypes.CDLL(None, use_errno=True).unshare(new_user | new_network)


def examine(given: bytes, rules: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """Return what the file is ({"kind": …, "pages": …}) and the bytes to keep. Raises Refusal."""
    if given.startswith(b"%PDF-"):
        return _pdf(given, rules)
    if given.startswith(b"PK\x03\x04"):
        return _office(given)
    if given.startswith(b"\xd0\xcf\x11\xe0"):
        _refuse_old(given)
    if given.startswith((b"PK\x05\x06", b"7z\xbc\xaf", b"Rar!", b"\x1f\x8b")):
        raise Refusal("kind")
    for mark, kind in PICTURES.items():
        if given.startswith(mark):
            return _picture(given, kind, rules)
    if given[4:8] == b"ftyp" or given[8:12] == b"WEBP":  # HEIC, AVIF and films; WebP
        return _picture(given, "", rules)
    return _text(given)


def _refuse_old(given: bytes) -> NoReturn:
    # A locked .docx is such a file too, with its parts inside one that is encrypted.
    locked = "EncryptedPackage".encode("utf-16-le") in given
    raise Refusal("password" if locked else "old_format")


# --- PDF ----------------------------------------------------------------------------------------


def _pdf(given: bytes, rules: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    import pikepdf  # noqa: PLC0415 - a text needs none of it

    if zipfile.is_zipfile(BytesIO(given)):
        raise Refusal("mixed")
    try:
        with pikepdf.open(BytesIO(given), suppress_warnings=True) as pdf:
            pages = len(pdf.pages)
            if pages > rules["pages"]:
                raise Refusal("too_long")
            if not pages:
                raise Refusal("damaged")
            for found in pdf.objects:
                if not ACTIVE_IN_PDF.isdisjoint(_names(found)):
                    raise Refusal("active")
            _make_still(pdf)
            kept = BytesIO()
            # Only what the pages reach is written: nothing before, between or after them.
            pdf.save(kept, deterministic_id=True)
    except pikepdf.PasswordError:
        raise Refusal("password") from None
    except pikepdf.PdfError:
        raise Refusal("damaged") from None
    return {"kind": "pdf", "pages": pages}, kept.getvalue()


def _make_still(pdf: Any) -> None:
    """Take out what a reader would follow or start, and who wrote it."""
    _without(pdf.Root, (*TAKEN_OUT_OF_PDF, "/Outlines"))
    _without(pdf.trailer, ("/Info",))
    for page in pdf.pages:
        _without(page.obj, TAKEN_OUT_OF_PDF)
        for note in page.get("/Annots", []):
            _without(note, ("/A", "/AA", "/PA"))


def _without(holder: Any, names: Iterable[str]) -> None:
    for name in names:
        if name in holder:
            del holder[name]


def _names(found: Any) -> Iterator[str]:
    """Every key and name of an object and of what lies in it, following no reference."""
    import pikepdf  # noqa: PLC0415

    if isinstance(found, pikepdf.Name):
        yield str(found)
    inside: Any = ()
    if isinstance(found, pikepdf.Dictionary | pikepdf.Stream):
        yield from found.keys()
        inside = (value for _, value in found.items())
    elif isinstance(found, pikepdf.Array):
        inside = found
    for value in inside:
        if not getattr(value, "is_indirect", False):
            yield from _names(value)


# --- Word and spreadsheets ----------------------------------------------------------------------


def _office(given: bytes) -> tuple[dict[str, Any], bytes]:
    try:
        with zipfile.ZipFile(BytesIO(given)) as packed:
            parts = _unpacked(packed, given)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, RuntimeError):
        raise Refusal("damaged") from None
    kind = _kind_of(parts)
    _insist_nothing_is_carried(parts)
    kept = BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, part in parts.items():
            # A fixed day: equal parts give equal bytes, and nobody's clock is told.
            packed.writestr(zipfile.ZipInfo(name), part, zipfile.ZIP_DEFLATED)
    return {"kind": kind, "pages": None}, kept.getvalue()


def _unpacked(packed: zipfile.ZipFile, given: bytes) -> dict[str, bytes]:
    """Every part by its name, counted while it is unpacked and not as its header claims."""
    found = packed.infolist()
    # The end of its list is the end of the file: no comment, and nothing after it.
    if given.rfind(b"PK\x05\x06") + 22 != len(given):
        raise Refusal("mixed")
    if len(found) > MEMBERS:
        raise Refusal("bomb")
    parts: dict[str, bytes] = {}
    names: set[str] = set()
    left = UNPACKED
    for member in found:
        if member.flag_bits & 1:
            raise Refusal("password")
        # Office takes names that differ in large and small letters alone for one.
        if _leads_out(member.filename) or member.filename.lower() in names:
            raise Refusal("mixed")
        names.add(member.filename.lower())
        if not member.is_dir():
            parts[member.filename] = part = _part(packed, member, left)
            left -= len(part)
    return parts


def _part(packed: zipfile.ZipFile, member: zipfile.ZipInfo, left: int) -> bytes:
    part = bytearray()
    with packed.open(member) as source:
        while piece := source.read(PIECE):
            part += piece
            swells = len(part) > max(SMALL, RATIO * member.compress_size)
            if swells or len(part) > left:
                raise Refusal("bomb")
    return bytes(part)


def _leads_out(name: str) -> bool:
    return name.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", name) or ":" in name


def _kind_of(parts: dict[str, bytes]) -> str:
    """Which kind its own table of contents says it is. A zip of anything else is not kept."""
    named = {name.lower(): part for name, part in parts.items()}
    listed = named.get("[content_types].xml")
    if listed is None:
        raise Refusal("kind")
    types = [entry.get("ContentType", "").lower() for entry in _xml(listed)]
    if any("macroenabled" in each or "vbaproject" in each for each in types) or any(
        MACROS.search(name) for name in parts
    ):
        raise Refusal("macros")
    kinds = {MAIN[each] for each in types if each in MAIN}
    if len(kinds) != 1:
        raise Refusal("mixed" if kinds else "kind")
    kind = kinds.pop()
    if {"docx": "word/document.xml", "xlsx": "xl/workbook.xml"}[kind] not in named:
        raise Refusal("damaged")
    return kind


def _insist_nothing_is_carried(parts: dict[str, bytes]) -> None:
    for name, part in parts.items():
        # What a part is called tells nothing of what is in it: each is searched.
        small = part.lower()
        if CARRIED.search(name) or any(word in small for word in STARTS):
            raise Refusal("active")
        if name.lower().endswith(IN_LETTERS):
            _insist_on_plain_letters(part)
        if name.lower().endswith(".rels"):
            for link in _xml(part):
                # A link that a person clicks is theirs to follow; everything else would be fetched.
                outside = link.get("TargetMode", "").lower() == "external"
                if outside and not link.get("Type", "").endswith("/hyperlink"):
                    raise Refusal("active")


def _insist_on_plain_letters(part: bytes) -> None:
    """Refuse a part in letters in which we would not find what we look for."""
    said = ENCODING.match(part)
    known = said is None or said[1].lower() in {b"utf-8", b"utf8", b"us-ascii", b"ascii"}
    try:
        part.decode("utf-8")
    except UnicodeDecodeError:
        known = False
    if not known or b"\0" in part:
        raise Refusal("active")


def _xml(part: bytes) -> ET.Element:
    """Read a part that we look into. One that declares an entity is not an office document."""
    _insist_on_plain_letters(part)
    if b"<!" in part.replace(b"<!--", b""):
        raise Refusal("active")
    try:
        return ET.fromstring(part)  # noqa: S314
    except ET.ParseError:
        raise Refusal("damaged") from None


# --- Pictures -----------------------------------------------------------------------------------


def _picture(given: bytes, kind: str, rules: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    if not rules["pictures"]:
        raise Refusal("picture")
    if not kind:
        raise Refusal("kind")
    from PIL import Image, ImageOps  # noqa: PLC0415

    form = {"jpg": "JPEG", "png": "PNG"}[kind]
    Image.MAX_IMAGE_PIXELS = None  # counted here, before a pixel is unpacked
    try:
        with Image.open(BytesIO(given), formats=[form]) as found:
            width, height = found.size
            if width * height > rules["pixels"]:
                raise Refusal("too_many_pixels")
            # Turned as it is meant to be seen, then drawn anew: where, when and with what it was
            # taken is not in a pixel.
            upright = ImageOps.exif_transpose(found) or found
            drawn = Image.new("RGB", upright.size, "white")
            plain = upright.convert("RGBA")
            drawn.paste(plain, mask=plain.getchannel("A"))
    except (OSError, SyntaxError, ValueError, EOFError):
        raise Refusal("damaged") from None
    kept = BytesIO()
    drawn.save(kept, form, **({"quality": 88} if form == "JPEG" else {"optimize": False}))
    return {"kind": kind, "pages": None}, kept.getvalue()


# --- Text ---------------------------------------------------------------------------------------


def _text(given: bytes) -> tuple[dict[str, Any], bytes]:
    """Text is what reads as text from end to end, and would not be run or drawn by a browser."""
    if not given:
        raise Refusal("empty")
    words = _decoded(given)
    if any(sign < " " and sign not in "\t\n\r\f" for sign in words) or "\x7f" in words:
        raise Refusal("kind")
    if not words.strip():
        raise Refusal("empty")
    plain = words.encode("utf-8", "strict")
    if MARKUP.match(plain):
        raise Refusal("kind")
    return {"kind": "txt", "pages": None}, plain


def _decoded(given: bytes) -> str:
    if given.startswith((b"\xff\xfe", b"\xfe\xff")):
        codecs: tuple[str, ...] = ("utf-16",)
    else:
        codecs = ("utf-8-sig", "cp1252")
    for codec in codecs:
        try:
            return given.decode(codec)
        except UnicodeDecodeError:
            continue
    raise Refusal("kind")


def main(seconds: str, megabytes: str, rules: str) -> NoReturn:
    """Read a file, and write what it is and what to keep of it."""
    given = sys.stdin.buffer.read()
    confine(int(seconds), int(megabytes))
    kept = b""
    verdict: dict[str, Any]
    try:
        verdict, kept = examine(given, json.loads(rules))
    except Refusal as refusal:
        verdict = {"refused": str(refusal)}
    except MemoryError:
        verdict, kept = {"refused": "bomb"}, b""
    sys.stdout.buffer.write(json.dumps(verdict).encode() + b"\n" + kept)
    sys.stdout.buffer.flush()
    sys.exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
