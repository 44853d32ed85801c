"""Files as people have them, and files that somebody made to do harm. All are made here.

`FINE` are kept as what they are. `HOSTILE` maps what it is to the file, the code of the sentence
that refuses it where pictures are off, and the one where they are on.
"""

import struct
import zipfile
import zlib
from collections.abc import Callable
from functools import cache
from io import BytesIO

import pikepdf
from PIL import Image

# In two parts, so that no scanner takes this program for the test virus.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EIC" + rb"AR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
MACRO_WORD = "application/vnd.ms-word.document.macroEnabled.main+xml"
MACRO_SHEET = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def zipped(parts: dict[str, bytes], comment: bytes = b"") -> bytes:
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.comment = comment
        for name, part in parts.items():
            packed.writestr(name, part)
    return made.getvalue()


def types(main: str, part: str) -> bytes:
    return (
        '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/'
        f'content-types"><Override PartName="/{part}" ContentType="{main}"/></Types>'
    ).encode()


def relations(kind: str, target: str) -> bytes:
    return (
        '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006'
        f'/relationships"><Relationship Id="r1" Type="{RELATION}/{kind}" Target="{target}"'
        ' TargetMode="External"/></Relationships>'
    ).encode()


def docx(main: str = WORD, **more: bytes) -> bytes:
    body = b"<w:document xmlns:w='w'><w:body><w:p>What was agreed.</w:p></w:body></w:document>"
    parts = {"[Content_Types].xml": types(main, "word/document.xml"), "word/document.xml": body}
    return zipped(parts | {name.replace("__", "/"): part for name, part in more.items()})


def word_with(name: str, part: bytes) -> bytes:
    return docx(**{name.replace("/", "__"): part})


def xlsx(main: str = SHEET, **more: bytes) -> bytes:
    parts = {"[Content_Types].xml": types(main, "xl/workbook.xml"), "xl/workbook.xml": b"<w/>"}
    return zipped(parts | {name.replace("__", "/"): part for name, part in more.items()})


def pdf(change: Callable[[pikepdf.Pdf], None] | None = None, pages: int = 2, **save) -> bytes:
    made, made_of = BytesIO(), pikepdf.new()
    for _ in range(pages):
        made_of.add_blank_page()
    if change:
        change(made_of)
    made_of.save(made, **save)
    return made.getvalue()


def _script(of: pikepdf.Pdf) -> None:
    of.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")


def _attached(of: pikepdf.Pdf) -> None:
    of.attachments["inside.txt"] = b"carried"


def _launch(of: pikepdf.Pdf) -> None:
    note = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot,
        Subtype=pikepdf.Name.Link,
        Rect=[0, 0, 9, 9],
        A=pikepdf.Dictionary(S=pikepdf.Name.Launch, F="calc.exe"),
    )
    of.pages[0].Annots = of.make_indirect(pikepdf.Array([note]))


def linked(of: pikepdf.Pdf) -> None:
    """What an ordinary report has: a link, a first page to open at, and who wrote it."""
    note = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot,
        Subtype=pikepdf.Name.Link,
        Rect=[0, 0, 9, 9],
        A=pikepdf.Dictionary(S=pikepdf.Name.URI, URI="https://tracker.example.org/"),
    )
    of.pages[0].Annots = of.make_indirect(pikepdf.Array([note]))
    of.Root.OpenAction = pikepdf.Array([of.pages[0].obj, pikepdf.Name.Fit])
    of.docinfo["/Author"] = "Wrenna Sparrowhawk"


LOCKED = pikepdf.Encryption(user="secret", owner="secret")


@cache
def picture(form: str = "JPEG", size: tuple[int, int] = (64, 48), *, gps: bool = False) -> bytes:
    made, drawn = BytesIO(), Image.new("RGB", size, "teal")
    exif = Image.Exif()
    if gps:
        exif[0x010F] = "Canary camera"
        exif.get_ifd(0x8825)[1], exif.get_ifd(0x8825)[2] = "N", (51.0, 30.0, 26.0)
    drawn.save(made, form, exif=exif) if gps else drawn.save(made, form)
    return made.getvalue()


@cache
def enormous_png(side: int = 50_000) -> bytes:
    """A few hundred bytes that claim to be 2,500,000,000 pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"\0" * 100_000)
    whole = chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + whole


@cache
def bomb() -> bytes:
    """Five hundred megabytes of nothing, in half of one."""
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        packed.writestr("[Content_Types].xml", types(WORD, "word/document.xml"))
        with packed.open("word/document.xml", "w", force_zip64=True) as part:
            for _ in range(500):
                part.write(b"\0" * 1024 * 1024)
    return made.getvalue()


@cache
def layered_bomb() -> bytes:
    """A zip of zips of zips, as 42.zip is."""
    packed = b"\0" * 1024 * 1024
    for depth in range(4):
        packed = zipped({f"{depth}-{number}.zip": packed for number in range(16)})
    return packed


def many_parts() -> bytes:
    return docx(**{f"word__part{number}.xml": b"<x/>" for number in range(2_100)})


def claims_less() -> bytes:
    """A part whose header says that it is small."""
    made = bytearray(docx(word__big=b"\0" * (8 * 1024 * 1024)))
    listed = made.rfind(b"word/big") - 46
    made[listed + 24 : listed + 28] = struct.pack("<I", 10)
    return bytes(made)


OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
ENTITIES = (
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;&b;">]>'
    b'<Types xmlns="x"><Override ContentType="&c;"/></Types>'
)

FINE: dict[str, tuple[bytes, str]] = {
    "a PDF": (pdf(), "pdf"),
    "a PDF with links": (pdf(linked), "pdf"),
    "a PDF that may not be printed": (
        pdf(encryption=pikepdf.Encryption(user="", owner="secret")),
        "pdf",
    ),
    "a Word document": (docx(), "docx"),
    "a Word document with a web link": (
        word_with("word/_rels/document.xml.rels", relations("hyperlink", "https://example.org/")),
        "docx",
    ),
    "a Word document whose parts are named in large letters": (
        zipped(
            {
                "[CONTENT_TYPES].XML": types(WORD, "WORD/DOCUMENT.XML"),
                "WORD/DOCUMENT.XML": "\ufeff<a>\u00e9</a>".encode(),
            }
        ),
        "docx",
    ),
    "a spreadsheet": (xlsx(), "xlsx"),
    "a spreadsheet with printer settings": (xlsx(xl__printerSettings1=b"\0\1"), "xlsx"),
    "a text": ("She was away on 3 days \u2013 see below.\n".encode(), "txt"),
    "a text from an old program": ("It cost \u00a350.".encode("cp1252"), "txt"),
    "a text in UTF-16": ("away\n".encode("utf-16"), "txt"),
    "a list with commas": (b"day,away\n1,yes\n", "txt"),
    "a text that begins like a program": (b"MZ was away. BM too.", "txt"),
}

ALWAYS: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "empty"),
    "blanks": (b" \n\t ", "empty"),
    "GIF and JavaScript": (b"GIF89a/*\x00\x00*/=1;alert(1)//", "picture kind"),
    "PDF and zip": (pdf() + zipped({"a.html": b"<script>"}), "mixed"),
    "JPEG and PHAR": (
        picture() + b"<?php __HALT_COMPILER(); ?>" + zipped({"a.php": b"<?php"}),
        "picture jpg",
    ),
    "Word and a web page": (docx() + b"<html><script>alert(1)</script>", "mixed"),
    "Word with words after its end": (zipped({"a": b"a"}, comment=b"<script>"), "mixed"),
    "a web page": (b"<!DOCTYPE html><script>alert(1)</script>", "kind"),
    "SVG": (b'\n<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "kind"),
    "a web page in UTF-16": ("<html><script>".encode("utf-16"), "kind"),
    "XML": (b'<?xml version="1.0"?><a/>', "kind"),
    "RTF": (rb"{\rtf1\object}", "kind"),
    "a shell script": (b"#!/bin/sh\nrm -rf /\n", "kind"),
    "a program": (b"MZ\x90\0\3\0\0\0" + b"\0" * 90, "kind"),
    "a zip": (zipped({"a.txt": b"a"}), "kind"),
    "a layered bomb": (layered_bomb(), "kind"),
    "a bomb": (bomb(), "bomb"),
    "a bomb that claims to be small": (claims_less(), "bomb damaged"),
    "too many parts": (many_parts(), "bomb"),
    "EICAR in a zip": (zipped({"eicar.com": EICAR}), "kind"),
    "a part that leads out": (zipped({"../../etc/cron.d/x": b"a"}), "mixed"),
    "a part that leads to the root": (zipped({"/etc/passwd": b"a"}), "mixed"),
    "a part that leads to a drive": (zipped({"C:\\x.exe": b"a"}), "mixed"),
    "a name turned around": (zipped({"exe.\u202excod": b"MZ"}), "kind"),
    "a Word document with macros": (docx(MACRO_WORD), "macros"),
    "a spreadsheet with macros": (xlsx(MACRO_SHEET), "macros"),
    "macros under another name": (docx(word__vbaProject=b"\0"), "macros"),
    "old macros of a spreadsheet": (xlsx(xl__macrosheets__sheet1=b"<x/>"), "macros"),
    "a file in a Word document": (docx(word__embeddings__a=b"MZ"), "active"),
    "a Word document with a template elsewhere": (
        word_with(
            "word/_rels/settings.xml.rels", relations("attachedTemplate", "http://x.example.org/")
        ),
        "active",
    ),
    "a spreadsheet that starts a program": (
        xlsx(**{"xl__externalLinks__link1.xml": b"<x><ddeLink ddeService='cmd'/></x>"}),
        "active",
    ),
    "a template elsewhere, named in large letters": (
        word_with(
            "word/_rels/settings.xml.RELS", relations("attachedTemplate", "http://x.example.org/")
        ),
        "active",
    ),
    "a template elsewhere, in other letters": (
        word_with(
            "word/_rels/settings.xml.rels",
            relations("attachedTemplate", "http://x.example.org/").decode().encode("utf-16"),
        ),
        "active",
    ),
    "a part in letters that it names itself": (
        word_with("word/a.xml", b'<?xml version="1.0" encoding="utf-7"?><a/>'),
        "active",
    ),
    "a part in old letters": (word_with("word/a.XML", "<a>\u00e9</a>".encode("cp1252")), "active"),
    "a program that is started, in other letters": (
        word_with("word/other", "<a>DDEAUTO c:\\cmd</a>".encode("utf-16-be")),
        "active",
    ),
    "a program that is started from a part without an ending": (
        word_with("word/other", b"<w:instrText>ddeauto cmd</w:instrText>"),
        "active",
    ),
    "two parts of one name to the office": (
        docx(**{"word__a.xml": b"<a/>", "word__A.xml": b"<b/>"}),
        "mixed",
    ),
    "macros in small letters": (docx(MACRO_WORD.lower()), "macros"),
    "entities": (
        zipped({"[Content_Types].xml": ENTITIES, "word/document.xml": b"<a/>"}),
        "active",
    ),
    "Word and a spreadsheet": (
        zipped(
            {
                "[Content_Types].xml": types(WORD, "a").replace(
                    b"</Types>", f'<Override PartName="/b" ContentType="{SHEET}"/></Types>'.encode()
                ),
                "word/document.xml": b"<a/>",
            }
        ),
        "mixed",
    ),
    "a locked Word document": (OLD + "EncryptedPackage".encode("utf-16-le"), "password"),
    "an old Word document": (OLD, "old_format"),
    "a locked PDF": (pdf(encryption=LOCKED), "password"),
    "a PDF with a script": (pdf(_script), "active"),
    "a PDF with a file inside": (pdf(_attached), "active"),
    "a PDF that starts a program": (pdf(_launch), "active"),
    "a PDF with 301 pages": (pdf(pages=301), "too_long"),
    "a PDF that is none": (b"%PDF-1.7\nnothing\n%%EOF", "damaged"),
    "a document cut short": (docx()[:-30], "damaged mixed"),
    "a picture called a PDF": (picture(), "picture jpg"),
    "50,000 x 50,000 pixels": (enormous_png(), "picture too_many_pixels"),
    "a picture of a film": (b"\0\0\0\x20ftypheic" + b"\0" * 40, "picture kind"),
    "a broken picture": (picture()[:200], "picture damaged"),
}
