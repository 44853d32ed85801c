"""Django's tag for the form token, which here says beside it for whom the page was made.

It stands among the built-in tags (settings.TEMPLATES), so no form can forget it.
"""

from collections.abc import Mapping
from typing import Any, cast

from django import template
from django.template.defaulttags import CsrfTokenNode
from django.utils.html import format_html
from django.utils.safestring import SafeString

from portal.accounts.http.kept import MARK, mark

register = template.Library()


@register.simple_tag(takes_context=True)
def csrf_token(context: Mapping[str, Any]) -> SafeString:
    """Write the form token and, for somebody who has signed in, the author's mark."""
    token = cast(SafeString, CsrfTokenNode().render(context))  # type: ignore[arg-type]
    request = context.get("request")
    said = mark(request) if token and request is not None else ""
    if not said:
        return token
    return format_html('{}<input type="hidden" name="{}" value="{}">', token, MARK, said)
