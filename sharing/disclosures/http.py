"""What the doors of the practice of sharing do alike with what somebody pressed."""

from collections.abc import Callable
from typing import Any

from portal.accounts.http import Request
from portal.common.errors import DomainError
from portal.common.forms import PageForm


def posted(request: Request) -> Any:
    """What was typed, for a form; None when the page is only looked at."""
    return request.POST if request.method == "POST" else None


def done(form: PageForm, act: Callable[[], object]) -> int | None:
    """Do what a form asks. None when it is done; else the status of its page.

    What is wrong stands on top of the form, beside the words that were typed.
    """
    if not form.is_bound:
        return 200
    if not form.is_valid():
        return 422
    try:
        act()
    except DomainError as refusal:
        form.add_error(None, str(refusal))
        return 409
    return None
