"""The pure function that decides: no database, no clock, no input or output.

Rules are asked in four steps and the first step that has an answer gives it: hard stops, danger,
specific rules, defaults. Within a step a silent rule goes before one that would say something, then
the most specific rule wins; where none of those left is more specific than another, the narrowest
answer wins. So adding a rule beside another one can only narrow what people see, and the order in
which rules are written never matters.

A decision carries its trace: which steps were asked, which rules spoke, which of them answered and
why. `Inputs` keeps a question as it was put, so that the answer can be given again years later.
"""

from sharing.rules.decision.answer import (
    DEFAULT,
    INSTEAD,
    NARROWEST_FIRST,
    articles,
    decide,
    decide_all,
)
from sharing.rules.decision.kept import Inputs
from sharing.rules.decision.law import (
    ArticlePair,
    Basis,
    Considered,
    Decision,
    Facts,
    Gateway,
    Recipient,
    Rule,
    TeamRecipient,
    citation,
)

__all__ = [
    "DEFAULT",
    "INSTEAD",
    "NARROWEST_FIRST",
    "ArticlePair",
    "Basis",
    "Considered",
    "Decision",
    "Facts",
    "Gateway",
    "Inputs",
    "Recipient",
    "Rule",
    "TeamRecipient",
    "articles",
    "citation",
    "decide",
    "decide_all",
]
