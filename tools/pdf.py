"""What a reader finds in a PDF: its text, and what it says about itself."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pikepdf

_GLYPHS = re.compile(rb"<([0-9a-fA-F]{4})>\s*<([0-9a-fA-F]+)>")


@dataclass(frozen=True)
class Paper:
    """A PDF as read: `text` has the words of every page, without the blanks between them."""

    text: str
    title: str
    language: str
    tagged: bool
    pages: int
    about: str

    def says(self, words: str) -> bool:
        """Tell whether these words stand on a page, or in what the file says about itself."""
        return packed(words) in self.text or words in self.about


def packed(words: str) -> str:
    """Return the words without blanks: how a PDF breaks its lines does not matter."""
    return "".join(words.split())


def read(path: Path) -> Paper:
    """Read the file at `path`, whose fonts say which letter each glyph is."""
    with pikepdf.open(path) as pdf, pdf.open_metadata() as metadata:
        marked = pdf.Root.get("/MarkInfo")
        return Paper(
            text=packed("".join(_text(page) for page in pdf.pages)),
            title=str(pdf.docinfo.get("/Title", "")),
            language=str(pdf.Root.get("/Lang", "")),
            tagged=marked is not None and bool(marked.get("/Marked")),
            pages=len(pdf.pages),
            about=" ".join([*map(str, pdf.docinfo.values()), *map(str, metadata.values())]),
        )


def _text(page: pikepdf.Page) -> str:
    fonts = {name: _letters(font) for name, font in page.resources.get("/Font", {}).items()}
    letters: dict[bytes, str] = {}
    text = []
    for instruction in pikepdf.parse_content_stream(page):
        operator, operands = str(instruction.operator), instruction.operands
        if operator == "Tf":
            letters = fonts[str(operands[0])]
        elif operator in ("TJ", "Tj"):
            shown: Any = operands[0] if operator == "TJ" else operands
            text += [_decoded(bytes(part), letters) for part in shown if _is_string(part)]
    return "".join(text)


def _is_string(part: Any) -> bool:
    return isinstance(part, pikepdf.String | bytes)


def _letters(font: Any) -> dict[bytes, str]:
    table = font["/ToUnicode"].read_bytes()
    return {
        bytes.fromhex(glyph.decode()): bytes.fromhex(letter.decode()).decode("utf-16-be")
        for glyph, letter in _GLYPHS.findall(table.partition(b"endcodespacerange")[2])
    }


def _decoded(shown: bytes, letters: dict[bytes, str]) -> str:
    return "".join(letters.get(shown[at : at + 2], "") for at in range(0, len(shown), 2))
