"""The files' own host: what people added leaves from a place where no cookie of the portal goes."""

import logging
import re
from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.http.response import HttpResponseBase

from portal.common.errors import NotVisible
from portal.documents.http import as_attachment, files_host
from portal.documents.services.sealing import Broken
from referrals.services import files

log = logging.getLogger(__name__)

TICKET: Final = re.compile(r"/([A-Za-z0-9_-]{43})", re.ASCII)
GONE: Final = "Nothing is here now. Go back to the case, and open the file again.\n"


class FilesHostMiddleware:
    """Answers for the files' own host: a file for its ticket, and the same words to all else.

    It stands above sessions and addresses, so there is none of either on that host: no cookie is
    read or set, and no page of the portal answers.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        own = files_host()
        if not own or split_domain_port(request.get_host())[0] != own:
            return self.get_response(request)
        response = _handed_over(request)
        response["Content-Security-Policy"] = "default-src 'none'; sandbox"
        response["Referrer-Policy"] = "no-referrer"
        return response


def _handed_over(request: HttpRequest) -> HttpResponse:
    # A HEAD would use the ticket up and give nothing for it.
    asked = TICKET.fullmatch(request.path_info) if request.method == "GET" else None
    try:
        if asked:
            given = files.collect(ticket=asked[1])
            return as_attachment(given.content, given.name, given.content_type)
    except NotVisible:
        pass
    except Broken as error:
        # The person learns no more of a file that does not open; whoever keeps the server does.
        log.error("A file that was handed over does not open (%s)", type(error).__name__)  # noqa: TRY400
    return HttpResponse(GONE, status=404, content_type="text/plain; charset=utf-8")
