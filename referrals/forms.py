"""What people type to find a case, what lists are narrowed to, what they open a document for."""

from typing import Final
from uuid import uuid4

from django import forms

from portal.common.forms import Choices, PageForm, Words
from referrals.services import NOTE_LENGTH, NOTED_HOW
from referrals.vocabulary import KnownHow, OpenedFor
from referrals.workflow import Status


class SearchForm(PageForm):
    """One box for a reference or a name. It travels in the body, never in an address."""

    words = forms.CharField(
        label="Find a case",
        help_text="Enter the reference of a case, or a child\u2019s name.",
        max_length=100,
        error_messages={"max_length": "What you look for must be 100 characters or less"},
    )


class OpenForm(PageForm):
    """What a document is opened for. It is kept with who opened it, and when."""

    opened_for = forms.ChoiceField(
        label="What do you need it for?",
        choices=OpenedFor.choices,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Select what you need it for",
            "invalid_choice": "Select what you need it for",
        },
    )


WHOSE: Final = (
    ("mine", "My work"),
    ("agency", "My agency\u2019s work"),
    ("all", "All that I may see"),
)
"""Whose cases a list holds, by the code in its address."""


class CasesForm(PageForm):
    """What a list of cases is narrowed to, and its order. Its address holds these codes only."""

    status = forms.ChoiceField(
        label="Status", required=False, choices=[("", "Any"), *Status.choices]
    )
    due = forms.ChoiceField(
        label="Decision",
        required=False,
        choices=[
            ("", "Any"),
            ("owed", "Still owed"),
            ("overdue", "Overdue"),
            ("today", "Due today"),
            ("later", "Due later"),
        ],
    )
    whose = forms.ChoiceField(required=False, choices=WHOSE, widget=forms.HiddenInput)
    sort = forms.ChoiceField(
        required=False,
        choices=[(code, code) for code in ("newest", "oldest", "due")],
        widget=forms.HiddenInput,
    )

    def chosen(self) -> dict[str, str]:
        """The codes that were chosen; one that nobody knows is passed over.

        Time left has an order only where a decision is owed, so to sort by it narrows the list.
        """
        self.is_valid()
        typed = getattr(self, "cleaned_data", {})
        found = {name: typed[name] for name in self.fields if typed.get(name)}
        if found.get("sort") == "due":
            found.setdefault("due", "owed")
        return found


class NoteForm(PageForm):
    """A working note. Its number makes that pressing twice writes it once."""

    text = forms.CharField(
        label="What do you want to note?",
        help_text="Why something is done, or what you heard on the telephone, and from whom.",
        max_length=NOTE_LENGTH,
        widget=Words(attrs={"rows": 6}),
        error_messages={
            "required": "Write the note. A sentence is enough",
            "max_length": "Your note must be 4,000 characters or less. It has %(show_value)s",
        },
    )
    known_how = forms.ChoiceField(
        label="How do you know this?",
        choices=[(each.value, each.label) for each in NOTED_HOW],
        widget=Choices,
        error_messages={
            "required": "Select how you know this",
            "invalid_choice": "Select how you know this",
        },
    )
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    @property
    def how(self) -> KnownHow:
        """How it is known, once that was chosen."""
        return KnownHow(self.cleaned_data["known_how"])
