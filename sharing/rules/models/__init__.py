"""The law as rows, the agreements that bind it, and the changes of it."""

from sharing.rules.models.agreement import Agreement
from sharing.rules.models.change import Change, Examination, Impact, Work
from sharing.rules.models.law import Basis, Gateway, Rule
from sharing.rules.models.line import AllowedFile, Line, RuleSet

__all__ = [
    "Agreement",
    "AllowedFile",
    "Basis",
    "Change",
    "Examination",
    "Gateway",
    "Impact",
    "Line",
    "Rule",
    "RuleSet",
    "Work",
]
