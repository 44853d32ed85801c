"""What a dataclass holds is in no log and no traceback: it does not say what it holds."""

from collections.abc import Iterator
from dataclasses import is_dataclass
from importlib import import_module
from pkgutil import walk_packages

import portal
import referrals
import sharing

# Words of the field, the law and fictional people, which anybody may read.
SAYS = ("vocabulary", "sharing.rules", "portal.common.workflow", "portal.governance.management")


def dataclasses() -> Iterator[type]:
    for package in (portal, referrals, sharing):
        for found in walk_packages(package.__path__, f"{package.__name__}."):
            if "migrations" in found.name or any(word in found.name for word in SAYS):
                continue
            for each in vars(import_module(found.name)).values():
                if isinstance(each, type) and is_dataclass(each) and each.__module__ == found.name:
                    yield each


def test_no_dataclass_says_what_it_holds():
    found = list(dataclasses())

    assert len(found) > 80
    says = [
        f"{each.__module__}.{each.__qualname__}"
        for each in found
        if "__repr__" in vars(each) and each.__dataclass_params__.repr
    ]
    assert says == [], "Write @dataclass(repr=False), or a __repr__ that names nobody"
