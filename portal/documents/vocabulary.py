"""The words for the life of a document and of an uploaded file, and for what goes wrong."""

from django.db.models import TextChoices


class Status(TextChoices):
    """Where a document has got to. Asked and making may be taken up again; ready and failed end."""

    ASKED = "asked", "Waiting to be made"
    MAKING = "making", "Being made"
    READY = "ready", "Ready"
    FAILED = "failed", "Could not be made"


class Failure(TextChoices):
    """Why a document could not be made, as a sentence for the person who asked."""

    TOO_SLOW = "too_slow", "It took too long to make."
    TOO_LARGE = "too_large", "It is too large to make in one piece."
    REFUSED = "refused", "It holds something that a document of this portal may not hold."
    CRASHED = "crashed", "The program that makes documents stopped."
    NOT_ALLOWED = "no_right", "The person who asked may no longer see it."
    GAVE_UP = "gave_up", "It was tried several times without success."


class FileKind(TextChoices):
    """What an uploaded file is, by its content. Nothing else is kept."""

    PDF = "pdf", "PDF"
    WORD = "docx", "Word document"
    SHEET = "xlsx", "Spreadsheet"
    TEXT = "txt", "Text"
    JPEG = "jpg", "Picture (JPEG)"
    PNG = "png", "Picture (PNG)"

    @property
    def content_type(self) -> str:
        """The type under which it is served: always this one, whatever its name once was."""
        return _CONTENT_TYPES[self]


_OFFICE = "application/vnd.openxmlformats-officedocument."
_CONTENT_TYPES = {
    FileKind.PDF: "application/pdf",
    FileKind.WORD: f"{_OFFICE}wordprocessingml.document",
    FileKind.SHEET: f"{_OFFICE}spreadsheetml.sheet",
    FileKind.TEXT: "text/plain; charset=utf-8",
    FileKind.JPEG: "image/jpeg",
    FileKind.PNG: "image/png",
}


class Checked(TextChoices):
    """How far the virus check of an uploaded file has got. Only a ready file can be opened."""

    CHECKING = "checking", "Being checked for viruses"
    HELD = "held", "Waiting: the virus check is not working now"
    READY = "ready", "Ready"
    REFUSED = "refused", "Could not be used"


class Refusal(TextChoices):
    """Why a file is not kept, as a sentence for the person who chose it."""

    EMPTY = "empty", "This file is empty. Choose another file"
    TOO_BIG = "too_big", "This file is too big. Make it smaller, or add it in parts"
    KIND = (
        "kind",
        "This kind of file cannot be added. Add a PDF, Word, text or spreadsheet file, or"
        " describe it in words",
    )
    PICTURE = "picture", "Pictures cannot be added here. Describe in words what it shows"
    OLD_FORMAT = (
        "old_format",
        "This was saved in an old format. Save it again as a .docx or .xlsx file, and add that",
    )
    PASSWORD = "password", "This file has a password. Save a copy without one, and add the copy"
    MACROS = "macros", "This file has macros in it. Save a copy without macros, and add the copy"
    ACTIVE = (
        "active",
        "This file has a script, a form or another file inside it. Print it to a PDF, and add that",
    )
    MIXED = (
        "mixed",
        "This file is more than one kind of file at once. Print it to a PDF, and add that",
    )
    TOO_LONG = "too_long", "This file has too many pages. Add the pages that matter"
    TOO_MANY_PIXELS = "too_many_pixels", "This picture is too large. Save a smaller copy of it"
    BOMB = (
        "bomb",
        "This file unpacks to far more than it should. Save a fresh copy of it, and add that",
    )
    DAMAGED = (
        "damaged",
        "We could not read this file. It may be damaged. Open it, save it again and add that copy",
    )
    VIRUS = "virus", "A virus was found in this file. We have not kept it"
    TOO_MANY = "too_many", "You have added as many files as one referral can hold"
    TODAY = "today", "You have added as much as one person can in a day. Add the rest tomorrow"
