"""What people type about a conflict of interest."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from portal.common.forms import PageForm
from referrals.models import tidy_reference
from referrals.vocabulary import Conflict

WHICH = "Select what the conflict of interest is"
# The same reasons, as somebody says them of themselves.
OWN = {
    Conflict.RELATIVE: "Somebody in this case is my relative or close friend",
    Conflict.NAMED: "I am named in this case myself",
    Conflict.ALLEGATION: "A concern about me is being looked into",
    Conflict.OWN_FILE: "I, or my own child, had support in a case linked to this one",
    Conflict.OTHER: "Another reason",
}
OF_OTHERS = {
    Conflict.RELATIVE: "Somebody in the case is their relative or close friend",
    Conflict.NAMED: "They are named in the case themselves",
    Conflict.ALLEGATION: "A concern about them is being looked into",
    Conflict.OWN_FILE: "They, or their own child, had support in a case linked to this one",
    Conflict.OTHER: "Another reason",
}


class _ConflictForm(PageForm):
    why = forms.ChoiceField(
        label="What is the conflict of interest?",
        widget=forms.RadioSelect,
        error_messages={"required": WHICH, "invalid_choice": WHICH},
    )
    words = forms.CharField(
        label="What should we know about it? (optional)",
        help_text="Managers and information-governance leads read this.",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=1000,
    )

    def clean(self) -> dict[str, Any]:
        """Another reason needs words."""
        given: dict[str, Any] = super().clean() or {}
        if given.get("why") == Conflict.OTHER and not given.get("words", "").strip():
            self.add_error("words", "Write what the reason is. A sentence is enough")
        return given


class DeclareForm(_ConflictForm):
    """My own conflict of interest."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["why"].choices = [(str(why), words) for why, words in OWN.items()]  # type: ignore[attr-defined]


class ImposeForm(_ConflictForm):
    """Somebody else's conflict of interest."""

    reference = forms.CharField(
        label="Reference of the case",
        help_text="For example, R-4KD7-92Q",
        max_length=20,
        error_messages={"required": "Enter the reference of the case"},
    )
    email = forms.EmailField(
        label="Their work email address",
        max_length=254,
        error_messages={
            "required": "Enter their work email address",
            "invalid": "Enter an email address in the right format, like name@example.org",
        },
    )
    field_order = ("reference", "email", "why", "words")

    def __init__(self, *args: Any, knows_case: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["why"].choices = [(str(why), words) for why, words in OF_OTHERS.items()]  # type: ignore[attr-defined]
        if knows_case:
            del self.fields["reference"]

    def clean_reference(self) -> str:
        """The reference that was meant."""
        return meant(self.cleaned_data["reference"])


class LiftForm(PageForm):
    """Why a conflict of interest has ended."""

    why = forms.CharField(
        label="Why has it ended?",
        help_text="It stays on record that there was one, and what you write here.",
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=1000,
        error_messages={"required": "Write why it has ended. A sentence is enough"},
    )


def meant(typed: str) -> str:
    """The reference that a person meant. Raises ValidationError when a character is wrong."""
    reference = tidy_reference(typed)
    if not reference:
        raise ValidationError("Check the reference: it looks like R-4KD7-92Q")
    return reference
