"""What a press of a button beside a row says."""

from uuid import UUID

from django.http import HttpRequest

from portal.common.errors import NotVisible


def chosen(request: HttpRequest, name: str) -> UUID:
    """The row whose button was pressed. Raises NotVisible for what is no number of a row."""
    try:
        return UUID(request.POST.get(name, ""))
    except ValueError:
        raise NotVisible("row", name) from None
