"""Changing the law: drafted by one person, approved by another, live on its day, rolled back.

A change becomes law as a file does: a rule set, the next version of the rule, and an end for the
version before it. No row is rewritten, so every past decision can be given again.
"""

from sharing.rules.services.changes.proposal import (
    broken_by,
    digest,
    drafted,
    first_day,
    line_now,
    propose,
)
from sharing.rules.services.changes.steps import (
    approve,
    count,
    draft,
    go_live,
    reject,
    revise,
    roll_back,
    submit,
    sweep,
)

__all__ = [
    "approve",
    "broken_by",
    "count",
    "digest",
    "draft",
    "drafted",
    "first_day",
    "go_live",
    "line_now",
    "propose",
    "reject",
    "revise",
    "roll_back",
    "submit",
    "sweep",
]
