"""The library that the tags are put in, and what they share."""

from collections.abc import Mapping
from typing import Any

from django import template

register = template.Library()

Context = dict[str, Any]


def of(thing: object, name: str) -> Any:
    """Read `name` from a mapping or an object; empty when it has none."""
    return thing.get(name, "") if isinstance(thing, Mapping) else getattr(thing, name, "")
