"""What this principal may be shown of a case: resolved items, and nothing else.

`read` turns rows into items whose words are final. Pages, the API, PDFs, lists and previews are
renderers of the same reading; none of them is handed a row of case content. A concealed piece
of information leaves no item, no count and no gap.
"""

from referrals.reading.chronology import Entry, events
from referrals.reading.files import as_csv, fingerprint
from referrals.reading.pieces import is_whole, pieces, pieces_and_gone
from referrals.reading.progress import Step, next_due
from referrals.reading.resolve import read, summaries, summaries_by_child
from referrals.reading.shape import File, Item, Reading, Section, Summary, Trace

STANDING_LINE = "Other agencies may hold information that this page does not show."
"""Said to everyone on every case page: were it said only when true, it would be the leak."""

__all__ = [
    "STANDING_LINE",
    "Entry",
    "File",
    "Item",
    "Reading",
    "Section",
    "Step",
    "Summary",
    "Trace",
    "as_csv",
    "events",
    "fingerprint",
    "is_whole",
    "next_due",
    "pieces",
    "pieces_and_gone",
    "read",
    "summaries",
    "summaries_by_child",
]
