"""Possible matches on the page on which a case is decided: `{% load matching %}`."""

from typing import Any
from uuid import UUID

from django import template
from django.template import Context

from referrals.matching import services

register = template.Library()


@register.inclusion_tag("matching/_summary.html", takes_context=True)
def possible_matches(context: Context, case_id: UUID) -> dict[str, Any]:
    """What may be, or is, the same child; nothing for a reader who does not oversee the case."""
    principal = context["request"].principal
    return {"found": services.look_beside(actor=principal, case_id=case_id)}
