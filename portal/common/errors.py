"""The three ways in which the portal says no."""

from django.core.exceptions import PermissionDenied
from django.http import Http404


class DomainError(Exception):
    """A rule of the field forbids this, now. The message is a sentence for the person.

    The error surface answers 409 with the message; nothing has been changed.
    """


class SavedElsewhere(DomainError):
    """This was saved in another window since this one was opened. Nothing was changed."""

    def __init__(self) -> None:
        super().__init__("This was saved in another window. Choose which words to keep.")


class NotVisible(Http404):
    """The record does not exist, or this principal may not know that it does.

    The answer is the same bytes in both cases. `kind` and `asked` go to the ledger only.
    """

    def __init__(self, kind: str, asked: str) -> None:
        super().__init__("Not found")
        self.kind = kind
        self.asked = asked


class Refused(PermissionDenied):
    """The principal may see the record and may not do this with it.

    `kind` and `pk` name the record for the ledger; `why` is the rule that refused, in words for
    the person.
    """

    def __init__(self, why: str, *, kind: str = "", pk: str = "", action: str = "") -> None:
        super().__init__(why)
        self.why = why
        self.kind = kind
        self.pk = pk
        self.action = action
