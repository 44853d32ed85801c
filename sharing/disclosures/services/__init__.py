"""Deciding to share, advising on it and explaining it; each is itself on the record."""

from sharing.disclosures.services.advice import advise, ask_advice, list_advice, read_question
from sharing.disclosures.services.ends import acknowledge, renew, stop
from sharing.disclosures.services.explain import Explanation, explain, explain_item
from sharing.disclosures.services.look import Unfinished, look, read_danger, read_draft
from sharing.disclosures.services.records import (
    export_register,
    read_chronology,
    read_done,
    read_record,
    read_register,
    read_sharing,
    view_as,
)
from sharing.disclosures.services.share import DECIDED, begin, discard, save, share

__all__ = [
    "DECIDED",
    "Explanation",
    "Unfinished",
    "acknowledge",
    "advise",
    "ask_advice",
    "begin",
    "discard",
    "explain",
    "explain_item",
    "export_register",
    "list_advice",
    "look",
    "read_chronology",
    "read_danger",
    "read_done",
    "read_draft",
    "read_question",
    "read_record",
    "read_register",
    "read_sharing",
    "renew",
    "save",
    "share",
    "stop",
    "view_as",
]
