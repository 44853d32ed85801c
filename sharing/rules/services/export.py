"""Writing the law down as a file: what the loader reads, row for row."""

from typing import Any, Final

import yaml

from sharing.rules import models
from sharing.rules.services.file import NOT_IN_THE_FILE, line_of

_HEAD: Final = """\
# The law of information sharing, as this service applies it. England.
#
# Written by `manage.py export_rules` from what is in force and what was. How to read this file,
# and how to change it: docs/sharing.md. Every row that has been loaded stays for ever.
#
# NOT LEGAL ADVICE. Each row says in verified_by whether a lawyer has reviewed it.

"""


def written(version: int, title: str) -> str:
    """The whole law as YAML, with this number and title."""
    gateways = models.Gateway.objects.order_by("code", "version")
    rules = models.Rule.objects.select_related("gateway").order_by("number", "version")
    bases = models.Basis.objects.order_by("code", "version")
    return _HEAD + yaml.dump(
        {
            "version": version,
            "title": title,
            "lists": {},
            "gateways": [_gateway(row) for row in gateways],
            "rules": [line_of(row) for row in rules],
            "bases": [_columns(row) for row in bases],
        },
        Dumper=_Plain,
        sort_keys=False,
        allow_unicode=True,
        width=100,
    )


class _Plain(yaml.SafeDumper):
    """Every list is written out where it stands, without YAML's anchors."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True


def _columns(row: models.Line) -> dict[str, Any]:
    names = [field.name for field in row._meta.concrete_fields if field.name not in NOT_IN_THE_FILE]
    return {name: getattr(row, name) for name in names}


def _gateway(row: models.Gateway) -> dict[str, Any]:
    said = _columns(row)
    leads = {name: said.pop(f"leads_{name}") for name in ("from", "to", "outside")}
    return {**said, "leads": leads} if leads["from"] else said
