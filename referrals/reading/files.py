"""A reading as a file: the same words as on the page, in rows that a spreadsheet takes as text."""

import csv
import hashlib
import json
import unicodedata
from io import StringIO
from typing import Final

from portal.common.moments import london
from referrals.reading.shape import Item, Reading
from referrals.vocabulary import State

HEAD: Final = (
    "Section",
    "Question",
    "Answer",
    "State",
    "How it is known",
    "Said by",
    "Held by",
    "When",
)

# What each outcome is called where there is no room for a box around it.
STATES: Final = {
    State.SHOWN: "Shown",
    State.PARTLY_WITHHELD: "Partly withheld",
    State.WITHHELD: "Withheld",
    State.NOT_SHARED: "Not shared",
    State.NOT_PROVIDED: "Not provided",
    State.NOT_KNOWN: "Not known",
    State.REMOVED: "Removed",
}

_BEGINS_A_FORMULA: Final = frozenset("=+-@\u2212")


def as_csv(reading: Reading, *notes: str) -> bytes:
    """The reading as CSV (RFC 4180, UTF-8 with its mark): a row for each item in page order.

    `notes` follow the items, each in a row of its own. No cell is read as a formula.
    """
    written = StringIO()
    rows = csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    rows.writerow(HEAD)
    for section in reading.sections:
        for item in section.items:
            rows.writerow(as_text(cell) for cell in (section.title, *_cells(item)))
    for note in notes:
        rows.writerow(("Note", "", as_text(note), "", "", "", "", ""))
    return written.getvalue().encode("utf-8-sig")


def _cells(item: Item) -> tuple[str, ...]:
    state = STATES[item.state]
    return item.label, item.text, state, item.source, item.by, item.owner, london(item.at)


def as_text(cell: str) -> str:
    """The cell with an apostrophe before it where a spreadsheet might take it for a formula.

    What cannot be seen at its beginning is looked through, and a full-width sign is a sign.
    """
    for sign in cell:
        if unicodedata.category(sign)[0] in "CZ":
            if sign != " ":
                return f"'{cell}"
            continue
        meant = unicodedata.normalize("NFKC", sign)
        return f"'{cell}" if meant in _BEGINS_A_FORMULA else cell
    return cell


def fingerprint(reading: Reading) -> str:
    """A SHA-256 of every word that a file of this reading holds of the case.

    Two readings with the same one are the same to their reader. It tells whether a file that was
    made a while ago is still what its owner may see.
    """
    items = [_cells(item) for item in reading.items]
    whole = [reading.reference, reading.title, reading.withheld_words, items]
    return hashlib.sha256(json.dumps(whole).encode()).hexdigest()
