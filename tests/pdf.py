"""The words of a PDF of ours, read from its bytes: what a person who gets the file can copy."""

import re
from io import BytesIO

import pikepdf


def text_of(pdf: bytes) -> str:
    """All words in the order in which they are drawn, without the breaks of lines and pages.

    Fonts are embedded with a table from glyphs to letters, so that copying and reading aloud
    work; this reads that table. White space is left out: where a line breaks, it is not drawn.
    """
    with pikepdf.open(BytesIO(pdf)) as opened:
        return "".join(_drawn(page) for page in opened.pages)


def _drawn(page: pikepdf.Page) -> str:
    fonts = {
        name: _letters(font.ToUnicode.read_bytes().decode("latin-1"))
        for name, font in page.resources.get("/Font", pikepdf.Dictionary()).items()
    }
    letters: dict[int, str] = {}
    found = []
    for operands, operator in pikepdf.parse_content_stream(page):
        if str(operator) == "Tf":
            letters = fonts[str(operands[0])]
        elif str(operator) in {"Tj", "TJ"}:
            drawn = operands[0] if str(operator) == "TJ" else operands
            for part in drawn:
                if isinstance(part, pikepdf.String):
                    found.append(_words(bytes(part), letters))
    return "".join("".join(found).split())


def _words(glyphs: bytes, letters: dict[int, str]) -> str:
    codes = (int.from_bytes(glyphs[at : at + 2]) for at in range(0, len(glyphs), 2))
    return "".join(letters[code] for code in codes)


def _letters(table: str) -> dict[int, str]:
    """Read a ToUnicode table of single glyphs and of ranges."""
    found = {}
    for block in re.findall(r"beginbfchar(.*?)endbfchar", table, re.DOTALL):
        for code, letter in re.findall(r"<(\w+)>\s*<(\w*)>", block):
            found[int(code, 16)] = _unicode(letter)
    for block in re.findall(r"beginbfrange(.*?)endbfrange", table, re.DOTALL):
        for first, last, letter in re.findall(r"<(\w+)>\s*<(\w+)>\s*<(\w+)>", block):
            for place in range(int(last, 16) - int(first, 16) + 1):
                found[int(first, 16) + place] = chr(int(letter, 16) + place)
    return found


def _unicode(letter: str) -> str:
    return bytes.fromhex(letter).decode("utf-16-be")
